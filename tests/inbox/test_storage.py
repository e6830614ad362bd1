"""Incoming mail is kept before anybody looks into it, once, and whatever it is, it ends somewhere."""

from __future__ import annotations

import logging
import os
import random
import sqlite3
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app import cli
from app.base import database as database_module
from app.base.database import Database
from app.base.parts import parts_of
from app.inbox import sorting, storage as inbound
from app.inbox.models import InboundMessage
from app.inbox.sorting import sort_new
from app.inbox.states import InboundKind, InboundSource, InboundState
from app.inbox.storage import (
    MessageTooLarge,
    count_in_state,
    file,
    in_state,
    raw_of,
    store,
    summaries_of,
)
from tests.inbox.messages import bombs, broken, message, names
from tests.inbox.test_reports import AUTOMATIC, REPORTS, UNREADABLE_REPORTS

LETTER = message("letter-attachments")


def _keep(
    app: Flask, raw: bytes, source: InboundSource = InboundSource.PIPE, envelope_to: str = ""
) -> tuple[str, bool]:
    database: Database = parts_of(app).database
    with database.writing() as session:
        return store(session, raw, source, envelope_to)


def _states(app: Flask) -> dict[str, tuple[InboundKind, InboundState]]:
    with parts_of(app).database.reading() as session:
        rows = session.execute(select(InboundMessage.public_id, InboundMessage.kind, InboundMessage.state)).all()
        return {row.public_id: (row.kind, row.state) for row in rows}


def test_keep_a_message_once_whichever_way_it_comes(either_app: Flask) -> None:
    public_id, is_new = _keep(either_app, LETTER)
    assert is_new
    over_imap = (
        b"Received: from elsewhere\r\nDelivered-To: x@example.org\r\n" + LETTER.replace(b"\n", b"\r\n") + b"\r\n"
    )
    folded = LETTER.replace(b"Subject: Decision", b"SUBJECT:   Decision ").replace(b"\n", b"\r")
    for raw in (over_imap, LETTER.rstrip(b"\n"), folded):
        assert _keep(either_app, raw, InboundSource.IMAP) == (public_id, False)
    with parts_of(either_app).database.reading() as session:
        assert raw_of(session, public_id, "test") == LETTER
        assert raw_of(session, "unknown", "test") is None


def test_keep_two_letters_that_claim_one_message_id(either_app: Flask) -> None:
    _keep(either_app, LETTER)
    for other in (
        LETTER.replace(b"our decision", b"their decision"),
        LETTER.replace(b"From: Registry", b"From: Attacker"),
        LETTER.replace(b"Subject: Decision", b"Subject: Another"),
        LETTER.replace(b"10:15:00", b"10:15:01"),
    ):
        assert _keep(either_app, other)[1]


def test_keep_both_of_two_without_marks_of_their_own(app: Flask) -> None:
    assert _keep(app, b"From: a@example.org\nSubject: x\n\nYes.\n")[1]
    assert _keep(app, b"Received: later\nFrom: a@example.org\nSubject: x\n\nYes.\n")[1]


@pytest.mark.parametrize("size", [0, 1, inbound._CHUNK - 1, inbound._CHUNK, inbound._CHUNK + 1, 3 * inbound._CHUNK])
def test_know_a_message_again_across_chunks(app: Flask, size: int) -> None:
    head, body = b"Date: now\nMessage-ID: <a@example.org>\n\n", b"y" * size + b"\n\n" * 3 + b"z\r\n" + b"\n" * size
    public_id, _new = _keep(app, head + body)
    assert _keep(app, (head + body).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")) == (public_id, False)


def test_keep_one_of_what_two_bring_at_the_same_time(either_app: Flask) -> None:
    found: list[tuple[str, bool]] = []
    threads = [threading.Thread(target=lambda: found.append(_keep(either_app, LETTER))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len({public_id for public_id, _is_new in found}) == 1
    assert sorted(is_new for _public_id, is_new in found) == [False, False, False, True]


def test_seal_what_came_in(app: Flask) -> None:
    _keep(app, LETTER, envelope_to="secret-box@example.org")
    sort_new(app)
    parts_of(app).database.engine.dispose()
    raw = b"".join(
        path.read_bytes() for path in Path(parts_of(app).database.engine.url.database or "").parent.glob("*db*")
    )
    assert b"inbound_messages" in raw
    for canary in (b"Decision", b"registry@institution.example", b"secret-box", b"attach1"):
        assert canary not in raw


def test_end_every_message_of_the_corpus_where_it_belongs(
    either_app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = {name: _keep(either_app, message(name))[0] for name in names()}
    assert sort_new(either_app) == len(kept)
    states = _states(either_app)
    for name, public_id in kept.items():
        kind, state = states[public_id]
        if name in REPORTS or name in UNREADABLE_REPORTS:
            # None of these is about a mail that exists.
            assert (kind, state) == (InboundKind.REPORT, InboundState.HELD), name
        else:
            expected = InboundKind.AUTOMATIC if name in AUTOMATIC else InboundKind.LETTER
            assert (kind, state) == (expected, InboundState.WAITING), name
    assert sort_new(either_app) == 0
    said = capsys.readouterr()
    for word in ("@", "institution", "Decision", "Ada"):
        assert word not in said.out + said.err


def test_note_what_a_letter_says_of_itself(app: Flask) -> None:
    public_id, _is_new = _keep(app, LETTER, envelope_to="replies+1@example.org")
    sort_new(app)
    with parts_of(app).database.reading() as session:
        summary = summaries_of(session, [public_id], "test")[public_id]
        (row,) = in_state(session, InboundState.WAITING)
        assert count_in_state(session, InboundState.WAITING) == 1
    assert (row.public_id, row.kind, row.size) == (public_id, InboundKind.LETTER, len(LETTER))
    assert summary == {
        "from": "registry@institution.example",
        "from_name": "Registry",
        "to": ["appeals@example.org", "jo@institution.example", "berta@institution.example"],
        "subject": "Decision",
        "date": "2026-11-23T10:15:00+00:00",
        "message_id": "<attach1@institution.example>",
        "refers_to": ["<k7mq2v9xw4hd3tbn8rpc@example.org>"],
        "envelope_to": "replies+1@example.org",
        "delivered_to": [],
        "excerpt": "Please find our decision attached.",
        "is_automatic": False,
        "mail": "",
    }


def test_hold_what_can_not_be_read_and_go_on(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = _keep(app, LETTER, envelope_to="a@example.org")[0], _keep(app, message("letter-html-only"))[0]
    whole = sorting.look_into

    def fail_on_the_first(raw: bytes, envelope_to: str) -> sorting.Sorted:
        if raw == LETTER:
            raise RecursionError("too deep")
        return whole(raw, envelope_to)

    monkeypatch.setattr(sorting, "look_into", fail_on_the_first)
    assert sort_new(app) == 2
    assert _states(app) == {
        first: (InboundKind.UNREADABLE, InboundState.HELD),
        second: (InboundKind.LETTER, InboundState.WAITING),
    }
    with parts_of(app).database.reading() as session:
        assert summaries_of(session, [first], "test")[first]["envelope_to"] == "a@example.org"
        assert raw_of(session, first, "test") == LETTER


def test_hold_what_can_not_be_used_and_go_on(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = _keep(app, message("postfix-bounce"))[0], _keep(app, LETTER)[0]
    monkeypatch.setattr(sorting, "apply", lambda *_arguments: 1 // 0)
    assert sort_new(app) == 2
    assert _states(app) == {
        first: (InboundKind.REPORT, InboundState.HELD),
        second: (InboundKind.LETTER, InboundState.WAITING),
    }


def test_leave_for_later_what_the_database_refused(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    public_id, _is_new = _keep(app, LETTER)

    def locked(*_arguments: object) -> None:
        raise OperationalError("UPDATE", {}, sqlite3.OperationalError("database is locked"))

    with monkeypatch.context() as patch:
        patch.setattr(sorting, "marked_mail", locked)
        assert sort_new(app) == 0
    assert _states(app)[public_id][1] is InboundState.NEW
    assert sort_new(app) == 1
    assert _states(app)[public_id][1] is InboundState.WAITING


def test_file_only_what_waits_or_is_held(app: Flask) -> None:
    public_id, _is_new = _keep(app, LETTER)
    with parts_of(app).database.writing() as session:
        assert not file(session, public_id, InboundState.FILED, "system")
    sort_new(app)
    with parts_of(app).database.writing() as session:
        assert file(session, public_id, InboundState.HELD, "system")
        assert not file(session, public_id, InboundState.HELD, "system")
        assert file(session, public_id, InboundState.FILED, "organiser")
        assert not file(session, public_id, InboundState.DISCARDED, "organiser")
        with pytest.raises(ValueError, match="read"):
            file(session, public_id, InboundState.READ, "system")


def test_end_every_broken_message(app: Flask) -> None:
    rng, messages = random.Random(11), [message(name) for name in names()]
    wicked = [broken(rng, messages) for _ in range(500)]
    wicked += [bombs()[name] for name in ("nested ten thousand deep", "five megabytes of parameters", "many headers")]
    database: Database = parts_of(app).database
    with database.writing() as session:
        kept = {store(session, raw, InboundSource.PIPE)[0]: raw for raw in reversed(wicked)}
    assert sort_new(app) == len(kept)
    assert InboundState.NEW not in {state for _kind, state in _states(app).values()}
    with database.reading() as session:
        assert all(raw_of(session, public_id, "test") in wicked for public_id in list(kept)[:50])
    # Only what is alike but for line ends and traces may have become one.
    assert len(kept) >= len(set(wicked)) - 40


def test_keep_25_megabytes_in_bounded_memory(app: Flask) -> None:
    size = 25 * 1024 * 1024
    raw = message("letter-attachments").partition(b"--att--")[0] + (b"QUJDREVGR0hJSktM" * 4 + b"\r\n") * (size // 66)
    _keep(app, LETTER)  # what is loaded once does not count
    sort_new(app)
    tracemalloc.start()
    try:
        public_id, is_new = _keep(app, raw)
        stored_peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        sort_new(app)
        sorted_peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert is_new
    assert max(stored_peak, sorted_peak) < 5 * size  # beside the message itself
    assert _states(app)[public_id] == (InboundKind.LETTER, InboundState.WAITING)
    with parts_of(app).database.reading() as session:
        assert raw_of(session, public_id, "test") == raw


def test_refuse_what_is_larger_than_is_kept(app: Flask) -> None:
    with parts_of(app).database.writing() as session, pytest.raises(MessageTooLarge):
        store(session, b"x" * (inbound.LARGEST_BYTES + 1), InboundSource.PIPE)


@pytest.fixture
def pipe(app: Flask, key_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The environment that a mail server's pipe runs in; the logs that the command sets up are put back afterwards."""
    for name in list(os.environ):
        if name.startswith("UNDERSIGNED_"):
            monkeypatch.delenv(name)
    handlers, level, raising = logging.root.handlers[:], logging.root.level, logging.raiseExceptions
    yield {
        "UNDERSIGNED_DATABASE_URL": parts_of(app).settings.database_url,
        "UNDERSIGNED_KEY_FILE": str(key_file),
        "UNDERSIGNED_PUBLIC_URL": "https://appeals.example.org",
        "UNDERSIGNED_MAIL_URL": "smtp://127.0.0.1:1",
        "UNDERSIGNED_MAIL_FROM": "appeals@example.org",
    }
    logging.root.handlers[:], logging.root.level, logging.raiseExceptions = handlers, level, raising
    structlog.reset_defaults()


def _ingest(environment: dict[str, str], raw: bytes, *words: str) -> Result:
    return CliRunner().invoke(cli.mail, ["ingest", *words], input=raw, env=environment)


def test_take_a_message_from_a_pipe(app: Flask, pipe: dict[str, str]) -> None:
    for _time in range(2):
        assert _ingest(pipe, LETTER, "--envelope-to=-odd\udce9@example.org").exit_code == 0
    ((public_id, (_kind, state)),) = _states(app).items()
    assert state is InboundState.NEW
    with parts_of(app).database.reading() as session:
        assert summaries_of(session, [public_id], "test")[public_id] == {"envelope_to": "-odd?@example.org"}
        assert raw_of(session, public_id, "test") == LETTER


def test_let_the_mail_server_keep_what_can_not_be_kept_here(
    pipe: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert _ingest(pipe, b"From: ada@example.org\r\n\r\nThe first.\r\n").exit_code == 0
    monkeypatch.setattr(database_module, "SQLITE_BUSY_SECONDS", 0.05)
    locking = sqlite3.connect(pipe["UNDERSIGNED_DATABASE_URL"].removeprefix("sqlite:///"))
    locking.execute("BEGIN IMMEDIATE")
    answer = _ingest(pipe, LETTER)
    locking.close()
    assert answer.exit_code == 75
    assert "could not be kept" in answer.stderr
    assert "@" not in answer.output + answer.stderr
    without_tables = pipe | {"UNDERSIGNED_DATABASE_URL": f"sqlite:///{tmp_path / 'new.db'}"}
    assert _ingest(without_tables, LETTER).exit_code == 75
    assert _ingest(pipe | {"UNDERSIGNED_KEY_FILE": str(tmp_path / "none")}, LETTER).exit_code == 75
    assert _ingest({}, LETTER).exit_code == 75
    assert _ingest(pipe, LETTER).exit_code == 0


def test_say_what_the_mail_server_shall_not_try_again(pipe: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for empty in (b"", b"\r\n \n"):
        assert _ingest(pipe, empty).exit_code == 65
    monkeypatch.setattr(cli, "LARGEST_BYTES", len(LETTER) - 1)
    answer = _ingest(pipe, LETTER)
    assert answer.exit_code == 69
    assert "at most" in answer.stderr
