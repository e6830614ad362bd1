"""The mail server's log, read as it grows, and what it settles; on both databases."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.base import clock
from app.base.parts import parts_of
from app.inbox import log_reading
from app.inbox.log_reading import Follower, read_log, sought_in_log
from app.mail.actions import Outgoing, enqueue
from app.mail.addresses import is_stopped
from app.mail.evidence import Evidence, evidence_of
from app.mail.models import Mail
from app.mail.queries import fates_of
from app.mail.registry import Frozen, MailKind, References, RenderedMail
from app.mail.states import MailClass, MailNotWanted, MailState, Proof
from app.smtp.states import Trouble
from tests.factories.parts import exchange
from tests.inbox.log_lines import BOUNCED, DEFERRED, OFFICE, OURS, POSTFIX, SENT


@pytest.fixture
def log_file(tmp_path: Path) -> Path:
    return tmp_path / "mail.log"


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def _found(follower: Follower, *wanted: str) -> list[str]:
    return [one.action for one in follower.look_for(set(wanted or (OURS,)))]


def test_log_is_read_on_from_where_it_ended(log_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _append(log_file, POSTFIX)
    follower = Follower(log_file)
    assert _found(follower) == []
    _append(log_file, DEFERRED[:40])
    assert _found(follower) == []
    _append(log_file, DEFERRED[40:])
    assert _found(follower) == ["deferred"]
    # What was read is not read again, even if it has changed meanwhile.
    log_file.write_text("x" * (len(POSTFIX) - 1) + "\n" + DEFERRED + SENT)
    assert _found(follower) == ["sent"]


def test_new_question_is_looked_for_in_all_of_it(log_file: Path) -> None:
    _append(log_file, POSTFIX + SENT)
    follower = Follower(log_file)
    assert _found(follower, "<other@example.org>") == []
    assert _found(follower, "<other@example.org>", OURS) == ["sent"]
    assert _found(follower, "<other@example.org>") == []


def test_rotated_log_is_read_with_the_one_before(log_file: Path) -> None:
    _append(log_file, POSTFIX)
    follower = Follower(log_file)
    assert _found(follower) == []
    log_file.rename(log_file.with_name("mail.log.1"))
    _append(log_file, SENT)
    assert _found(follower) == ["sent"]


def test_packed_neighbour_is_read(log_file: Path) -> None:
    log_file.with_name("mail.log.1.gz").write_bytes(gzip.compress(POSTFIX.encode()))
    _append(log_file, SENT)
    assert _found(Follower(log_file)) == ["sent"]


def test_cut_log_is_read_anew(log_file: Path) -> None:
    _append(log_file, "x" * 500 + "\n" + POSTFIX + SENT)
    follower = Follower(log_file)
    assert _found(follower) == ["sent"]
    log_file.write_text(POSTFIX + BOUNCED)
    assert _found(follower) == ["bounced"]


def test_only_the_end_of_a_huge_log_is_read(log_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_reading, "MOST_READ_BYTES", 2000)
    _append(log_file, POSTFIX + SENT + "x" * 1999 + "\n")
    assert _found(Follower(log_file)) == []
    _append(log_file, POSTFIX + SENT)
    assert _found(Follower(log_file)) == ["sent"]


def test_archive_that_unpacks_to_anything_is_left_alone(log_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_reading, "MOST_READ_BYTES", 10_000)
    bomb = b"\0" * 1_000_000 + b"\n" + POSTFIX.encode() + SENT.encode()
    log_file.with_name("mail.log.1.gz").write_bytes(gzip.compress(bomb))
    _append(log_file, "nothing\n")
    assert _found(Follower(log_file)) == []


def test_broken_archive_hides_nothing(log_file: Path) -> None:
    log_file.with_name("mail.log.1.gz").write_bytes(gzip.compress(POSTFIX.encode())[:-12])
    _append(log_file, POSTFIX + SENT)
    assert _found(Follower(log_file)) == ["sent"]


def test_pipe_is_no_log(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="plain file"):
        Follower(tmp_path / "pipe").look_for({OURS})


def _freeze(_session: Session, references: References) -> Frozen:
    return Frozen(references["to"], b"")


def _greet(_session: Session, references: References) -> RenderedMail:
    if references["to"] == "gone":
        raise MailNotWanted
    return RenderedMail("", references["to"], "", "", "")


OFFICIAL = MailKind("log official", MailClass.OFFICIAL, _freeze)
PERSONAL = MailKind("log personal", MailClass.PERSONAL, _greet)


@pytest.fixture
def logged_app(either_app: Flask, log_file: Path) -> Iterator[Flask]:
    exchange(either_app, settings=replace(parts_of(either_app).settings, relay_log=str(log_file)))
    registry = parts_of(either_app).mail_kinds
    known = dict(registry._kinds)
    registry.register([OFFICIAL, PERSONAL])
    yield either_app
    registry._kinds = known


def _mail(app: Flask, state: MailState, kind: MailKind = OFFICIAL, to: str = OFFICE, message_id: str = OURS) -> str:
    with parts_of(app).database.writing() as session:
        mail_id = enqueue(session, Outgoing(kind, to, message_id, {"to": to}, message_id, "0" * 64))
        session.execute(
            update(Mail).where(Mail.public_id == mail_id).values(state=state, handovers=1, finished_at=clock.now())
        )
    return mail_id


def _fate(app: Flask, mail_id: str) -> tuple[MailState, Trouble | None]:
    with parts_of(app).database.reading() as session:
        fate = fates_of(session, [mail_id])[mail_id]
    return fate.state, fate.trouble


def _evidence(app: Flask, mail_id: str) -> list[Evidence]:
    with parts_of(app).database.reading() as session:
        return evidence_of(session, mail_id)


@pytest.mark.parametrize("kind", [OFFICIAL, PERSONAL], ids=["official", "personal"])
def test_log_settles_what_is_uncertain(logged_app: Flask, log_file: Path, kind: MailKind) -> None:
    mail_id = _mail(logged_app, MailState.UNCERTAIN, kind)
    _append(log_file, POSTFIX)
    assert read_log(logged_app) == 0
    _append(log_file, SENT)
    assert read_log(logged_app) == 1
    assert _fate(logged_app, mail_id) == (MailState.ACCEPTED, None)
    (evidence,) = _evidence(logged_app, mail_id)
    assert (evidence.proof, evidence.status, evidence.is_from_log) == (Proof.LOGGED, "2.0.0", True)
    assert "queued as 9C0FFEE" in evidence.words
    assert read_log(logged_app) == 0
    assert len(_evidence(logged_app, mail_id)) == 1


def test_log_tells_that_an_accepted_letter_came_back(logged_app: Flask, log_file: Path) -> None:
    mail_id = _mail(logged_app, MailState.ACCEPTED)
    _append(log_file, POSTFIX + DEFERRED)
    assert read_log(logged_app) == 0
    assert _fate(logged_app, mail_id)[0] is MailState.ACCEPTED
    _append(log_file, BOUNCED)
    assert read_log(logged_app) == 1
    assert _fate(logged_app, mail_id) == (MailState.BOUNCED, Trouble.NO_SUCH_ADDRESS)
    assert [one.proof for one in _evidence(logged_app, mail_id)] == [Proof.DELAYED, Proof.BOUNCED_HARD]
    with parts_of(logged_app).database.reading() as session:
        assert is_stopped(session, OFFICE)
        assert sought_in_log(session) == []


@pytest.mark.parametrize(
    "to", ["archive@example.org", "attacker@evil.example.org", "minister@ministry.example.org.evil"]
)
def test_lines_about_anybody_else_say_nothing(logged_app: Flask, log_file: Path, to: str) -> None:
    mail_id = _mail(logged_app, MailState.UNCERTAIN)
    _append(log_file, POSTFIX + "".join(line.replace("Minister@Ministry.example.org", to) for line in (SENT, BOUNCED)))
    assert read_log(logged_app) == 0
    assert _fate(logged_app, mail_id)[0] is MailState.UNCERTAIN
    assert _evidence(logged_app, mail_id) == []


def test_mail_whose_reason_is_gone_stays_as_it_is(logged_app: Flask, log_file: Path) -> None:
    mail_id = _mail(logged_app, MailState.UNCERTAIN, PERSONAL, to="gone")
    _append(log_file, POSTFIX + SENT)
    assert read_log(logged_app) == 0
    assert _fate(logged_app, mail_id)[0] is MailState.UNCERTAIN


def test_each_copy_has_evidence_of_its_own(logged_app: Flask, log_file: Path) -> None:
    mail_id = _mail(logged_app, MailState.ACCEPTED)
    full = BOUNCED.replace("5.1.1", "4.2.2").replace("unknown user", "mailbox full")
    _append(log_file, POSTFIX + full)
    read_log(logged_app)
    assert _fate(logged_app, mail_id) == (MailState.BOUNCED, Trouble.MAILBOX_FULL)
    clock.advance(hours=1)
    with parts_of(logged_app).database.writing() as session:
        session.execute(update(Mail).values(state=MailState.UNCERTAIN, due_at=clock.now()))
    read_log(logged_app)
    assert _fate(logged_app, mail_id)[0] is MailState.UNCERTAIN
    _append(log_file, (POSTFIX + SENT).replace("4XyZ1k2Bv7z1", "4SECOND"))
    read_log(logged_app)
    assert _fate(logged_app, mail_id)[0] is MailState.ACCEPTED


def test_bulk_and_old_letters_are_not_sought(logged_app: Flask) -> None:
    _mail(logged_app, MailState.ACCEPTED, PERSONAL)
    _mail(logged_app, MailState.ACCEPTED, message_id="<old@example.org>")
    clock.advance(days=6)
    recent = _mail(logged_app, MailState.ACCEPTED, message_id="<new@example.org>")
    with parts_of(logged_app).database.reading() as session:
        assert [one.public_id for one in sought_in_log(session)] == [recent]


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir(), os.mkfifo])
def test_log_that_cannot_be_read_is_only_worth_a_warning(logged_app: Flask, log_file: Path, make) -> None:  # type: ignore[no-untyped-def]
    _mail(logged_app, MailState.UNCERTAIN)
    make(log_file)
    assert read_log(logged_app) == 0


def test_nothing_is_read_without_a_setting(logged_app: Flask, log_file: Path) -> None:
    exchange(logged_app, settings=replace(parts_of(logged_app).settings, relay_log=""))
    mail_id = _mail(logged_app, MailState.UNCERTAIN)
    _append(log_file, POSTFIX + SENT)
    assert read_log(logged_app) == 0
    assert _fate(logged_app, mail_id)[0] is MailState.UNCERTAIN
