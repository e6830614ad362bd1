"""The mail server's log: what Postfix and Exim say of a mail, read as it grows, and what that settles."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given, settings as hypothesis_settings, strategies
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.base import clock
from app.mail import log_reading
from app.mail.actions import Outgoing, enqueue
from app.mail.addresses import is_stopped
from app.mail.evidence import Evidence, evidence_of
from app.mail.log_reading import Follower, read_log, sought_in_log
from app.mail.models import Mail
from app.mail.queries import fates_of
from app.mail.registry import Frozen, MailKind, References, Rendered
from app.mail.relay_log import Outcome, Tracker
from app.mail.states import MailClass, MailNotWanted, MailState, Proof, Trouble

OURS = "<k3j2h1g0@example.org>"
OFFICE = "minister@ministry.example.org"
POSTFIX = """\
Nov 23 10:00:00 relay postfix/smtpd[11]: 4XyZ1k2Bv7z1: client=app.example.org[192.0.2.1]
Nov 23 10:00:00 relay postfix/cleanup[12]: 4XyZ1k2Bv7z1: message-id=<k3j2h1g0@example.org>
Nov 23 10:00:00 relay postfix/qmgr[13]: 4XyZ1k2Bv7z1: from=<bounces+x@example.org>, size=999, nrcpt=2 (queue active)
"""
TO = "Nov 23 10:00:02 relay postfix/smtp[14]: 4XyZ1k2Bv7z1: to=<Minister@Ministry.example.org>, "
SENT = TO + (
    "relay=mx.ministry.example.org[198.51.100.7]:25, delay=1.2, delays=0.1/0/0.5/0.6, dsn=2.0.0, "
    "status=sent (250 2.0.0 Ok: queued as 9C0FFEE)\n"
)
BOUNCED = TO + "relay=mx[198.51.100.7]:25, delay=1, dsn=5.1.1, status=bounced (host mx said: 550 5.1.1 unknown user)\n"
DEFERRED = TO + "relay=none, delay=30, delays=0/0/30/0, dsn=4.4.1, status=deferred (connect to mx[198.51.100.7]:25)\n"
EXIM_IN = (
    "2026-11-23 10:00:00 1vABcd-00000001xYz-0Ab1 <= bounces+x@example.org H=app.example.org [192.0.2.1] P=esmtps "
    "X=TLS1.3 S=2048 id=k3j2h1g0@example.org\n"
)
EXIM = "2026-11-23 10:00:01 1vABcd-00000001xYz-0Ab1 "


def _outcomes(*parts: str | bytes, wanted: str = OURS) -> list[Outcome]:
    tracker = Tracker({wanted})
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        tracker.read(raw.splitlines(keepends=True))
    return list(tracker.outcomes())


def _said(*parts: str | bytes) -> list[tuple[str, str, str]]:
    return [(one.recipient, one.action, one.status) for one in _outcomes(*parts)]


@pytest.mark.parametrize(
    ("line", "action", "status"),
    [(SENT, "sent", "2.0.0"), (BOUNCED, "bounced", "5.1.1"), (DEFERRED, "deferred", "4.4.1")],
)
def test_postfix_tells_what_it_did(line: str, action: str, status: str) -> None:
    assert _said(POSTFIX, line) == [(OFFICE, action, status)]


def test_last_line_counts() -> None:
    assert _said(POSTFIX, DEFERRED, DEFERRED, SENT) == [(OFFICE, "sent", "2.0.0")]
    assert "queued as 9C0FFEE" in _outcomes(POSTFIX, DEFERRED, SENT)[0].words


def test_postfix_that_gives_up_returns_what_was_put_off() -> None:
    expired = "Nov 28 relay postfix/qmgr[13]: 4XyZ1k2Bv7z1: from=<b@example.org>, status=expired, returned to sender\n"
    assert _said(POSTFIX, DEFERRED, expired) == [(OFFICE, "bounced", "4.4.1")]
    assert _said(POSTFIX, SENT, expired) == [(OFFICE, "sent", "2.0.0")]


def test_mail_that_went_through_a_filter_is_followed() -> None:
    to_filter = TO + (
        "relay=127.0.0.1[127.0.0.1]:10024, delay=1, dsn=2.0.0, status=sent "
        "(250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 5FILTERED)\n"
    )
    second = POSTFIX.replace("4XyZ1k2Bv7z1", "5FILTERED")
    bounced = BOUNCED.replace("4XyZ1k2Bv7z1", "5FILTERED")
    assert _said(POSTFIX, to_filter, second) == []
    assert _said(POSTFIX, second, bounced, to_filter) == [(OFFICE, "bounced", "5.1.1")]


def test_alias_keeps_the_address_that_was_written_to() -> None:
    aliased = SENT.replace(">, relay", ">, orig_to=<Office@ministry.example.org>, relay")
    (one,) = _outcomes(POSTFIX, aliased)
    assert (one.recipient, one.asked) == (OFFICE, "office@ministry.example.org")


@pytest.mark.parametrize(
    "other",
    ["<k3j2h1g0@example.org.evil>", "<xk3j2h1g0@example.org>", "<k3j2h1g0@example.org> <a@b>", "k3j2h1g0@example.org"],
)
def test_only_exactly_this_message_id_counts(other: str) -> None:
    assert _said(POSTFIX.replace("<k3j2h1g0@example.org>", other), SENT) == []


def test_resent_message_id_is_another_mail() -> None:
    assert _said(POSTFIX.replace(" message-id=", " resent-message-id="), SENT) == []


def test_queue_id_that_is_used_again_is_another_mail() -> None:
    again = POSTFIX.replace(OURS, "<somebody@else.example.org>")
    assert _said(POSTFIX, SENT, again, BOUNCED.replace("Minister", "other")) == [(OFFICE, "sent", "2.0.0")]


def test_syslog_with_other_times_and_instances() -> None:
    prefix = "2026-11-23T10:00:00.123456+00:00 relay postfix-out/"
    lines = (
        POSTFIX.replace("Nov 23 10:00:00 relay postfix/", prefix),
        SENT.replace("Nov 23 10:00:02 relay postfix/", prefix),
    )
    assert _said(*lines) == [(OFFICE, "sent", "2.0.0")]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("=> minister@ministry.example.org R=dnslookup T=remote_smtp H=mx C=\"250 OK\"", ("sent", "2.0.0")),
        ("-> Minister@ministry.example.org R=dnslookup T=remote_smtp", ("sent", "2.0.0")),
        ("=> minister <minister@ministry.example.org> R=local_user T=maildir_home", ("sent", "2.0.0")),
        ("** minister@ministry.example.org R=dnslookup T=remote_smtp: SMTP error from remote mail server after RCPT TO:"
         "<minister@ministry.example.org>: 550 5.1.1 User unknown", ("bounced", "5.1.1")),
        ("** minister@ministry.example.org: 550 Requested action not taken", ("bounced", "5.0.0")),
        ("** minister@ministry.example.org: retry timeout exceeded", ("bounced", "")),
        ("== minister@ministry.example.org R=dnslookup defer (-53): retry time not reached", ("deferred", "")),
    ],
)  # fmt: skip
def test_exim_tells_what_it_did(line: str, expected: tuple[str, str]) -> None:
    assert _said(EXIM_IN, EXIM + line + "\n", EXIM + "Completed\n") == [(OFFICE, *expected)]


def test_exim_with_short_ids_zones_and_processes() -> None:
    line = "2026-11-23 10:00:01.123 +0000 [4711] 1vABcd-0003xY-Ab "
    arrival = EXIM_IN.replace("2026-11-23 10:00:00 1vABcd-00000001xYz-0Ab1 ", line)
    assert _said(arrival, f"{line}=> {OFFICE} R=smarthost T=remote_smtp\n") == [(OFFICE, "sent", "2.0.0")]


def test_exim_forged_id_elsewhere_in_the_line_is_none() -> None:
    forged = EXIM_IN.replace("id=k3j2h1g0@example.org", 'id=other@evil T="x id=k3j2h1g0@example.org"')
    assert _said(forged, f"{EXIM}** {OFFICE}: 550 5.1.1\n") == []


@given(strategies.lists(strategies.binary(max_size=200), max_size=20))
@hypothesis_settings(max_examples=300, deadline=None)
def test_any_bytes_are_taken(noise: list[bytes]) -> None:
    lines = [POSTFIX.encode(), *noise, b"\n", SENT.encode(), EXIM_IN.encode(), *noise]
    _outcomes(b"".join(lines))


def test_broken_lines_do_not_hide_sound_ones() -> None:
    noise = b"\xff\xfe\x00 postfix/smtp[1]: 4XyZ1k2Bv7z1: to=<\xff>, dsn=9, status=sent (\n" + b"x" * 100_000 + b"\n"
    assert _said(noise, POSTFIX, noise, SENT, noise) == [(OFFICE, "sent", "2.0.0")]


# As it grows


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


# What it settles


def _freeze(_session: Session, references: References) -> Frozen:
    return Frozen(references["to"], b"")


def _greet(_session: Session, references: References) -> Rendered:
    if references["to"] == "gone":
        raise MailNotWanted
    return Rendered("", references["to"], "", "", "")


OFFICIAL = MailKind("log official", MailClass.OFFICIAL, _freeze)
PERSONAL = MailKind("log personal", MailClass.PERSONAL, _greet)


@pytest.fixture
def logged_app(either_app: Flask, log_file: Path) -> Iterator[Flask]:
    either_app.extensions["settings"] = replace(either_app.extensions["settings"], relay_log=str(log_file))
    registry = either_app.extensions["mail_kinds"]
    known = dict(registry._kinds)
    registry.register([OFFICIAL, PERSONAL])
    yield either_app
    registry._kinds = known


def _mail(app: Flask, state: MailState, kind: MailKind = OFFICIAL, to: str = OFFICE, message_id: str = OURS) -> str:
    with app.extensions["database"].writing() as session:
        mail_id = enqueue(session, Outgoing(kind, to, message_id, {"to": to}, message_id, "0" * 64))
        session.execute(
            update(Mail).where(Mail.public_id == mail_id).values(state=state, handovers=1, finished_at=clock.now())
        )
    return mail_id


def _fate(app: Flask, mail_id: str) -> tuple[MailState, Trouble | None]:
    with app.extensions["database"].reading() as session:
        fate = fates_of(session, [mail_id])[mail_id]
    return fate.state, fate.trouble


def _evidence(app: Flask, mail_id: str) -> list[Evidence]:
    with app.extensions["database"].reading() as session:
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
    with logged_app.extensions["database"].reading() as session:
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
    with logged_app.extensions["database"].writing() as session:
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
    with logged_app.extensions["database"].reading() as session:
        assert [one.public_id for one in sought_in_log(session)] == [recent]


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir(), os.mkfifo])
def test_log_that_cannot_be_read_is_only_worth_a_warning(logged_app: Flask, log_file: Path, make) -> None:  # type: ignore[no-untyped-def]
    _mail(logged_app, MailState.UNCERTAIN)
    make(log_file)
    assert read_log(logged_app) == 0


def test_nothing_is_read_without_a_setting(logged_app: Flask, log_file: Path) -> None:
    logged_app.extensions["settings"] = replace(logged_app.extensions["settings"], relay_log="")
    mail_id = _mail(logged_app, MailState.UNCERTAIN)
    _append(log_file, POSTFIX + SENT)
    assert read_log(logged_app) == 0
    assert _fate(logged_app, mail_id)[0] is MailState.UNCERTAIN
