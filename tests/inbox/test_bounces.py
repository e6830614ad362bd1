"""What reports do to mails and addresses, and what forged ones don't."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.inbox.jobs import forget_used_reports
from app.inbox.models import InboundMessage
from app.inbox.sorting import sort_new
from app.inbox.states import InboundKind, InboundSource, InboundState
from app.inbox.storage import raw_of, store, summaries_of
from app.mail.actions import Outgoing, enqueue
from app.mail.addresses import is_stopped
from app.mail.evidence import evidence_of
from app.mail.models import Mail, MailEvidence
from app.mail.registry import Frozen, MailKind, References, RenderedMail
from app.mail.return_paths import envelope_sender
from app.mail.states import MailClass, MailNotWanted, MailState, Proof
from config import Settings
from tests.factories.ports import exchange_ports
from tests.inbox.messages import about, message, without_marks

ADA = "ada@institution.example"
WITNESS = "archive@example.org"


def _greet(_session: Session, references: References) -> RenderedMail:
    if references["to"] == "gone":
        raise MailNotWanted
    return RenderedMail("Ada", references["to"], "Hello", "Hello\n", "<p>Hello</p>")


GREETING = MailKind("test greeting", MailClass.PERSONAL, _greet)
LETTER = (
    f"From: appeals@example.org\r\nTo: {ADA}\r\nMessage-ID: <letter@example.org>\r\n\r\n"
    "We, the undersigned,\r\nask you.\r\n"
).encode()
OFFICIAL = MailKind("test letter", MailClass.OFFICIAL, lambda _session, _references: Frozen(ADA, LETTER))


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, return_path="bounces+{}@example.org", witness_address=WITNESS)


def _sent(app: Flask, state: MailState = MailState.ACCEPTED, to: str = ADA) -> tuple[str, str, str]:
    """Return public id, message id and return path of a mail that was handed over."""
    if GREETING.name not in parts_of(app).mail_kinds.names():
        parts_of(app).mail_kinds.register([GREETING])
    database: Database = parts_of(app).database
    with database.writing() as session:
        mail_id = enqueue(session, Outgoing(GREETING, to, "1", {"to": to}))
        session.execute(update(Mail).values(state=state))
        message_id = session.scalars(select(Mail.message_id).where(Mail.public_id == mail_id)).one()
        return mail_id, message_id, envelope_sender(session, mail_id)


def _sent_officially(app: Flask) -> str:
    """Return the public id of an official letter whose hand-over was interrupted."""
    parts_of(app).mail_kinds.register([OFFICIAL])
    with parts_of(app).database.writing() as session:
        outgoing = Outgoing(OFFICIAL, ADA, "1", {}, message_id="<letter@example.org>", frozen_sha256="0" * 64)
        mail_id = enqueue(session, outgoing)
        session.execute(update(Mail).values(state=MailState.UNCERTAIN))
        return mail_id


def _receive(app: Flask, raw: bytes, envelope_to: str = "") -> InboundMessage:
    database: Database = parts_of(app).database
    with database.writing() as session:
        public_id, _is_new = store(session, raw, InboundSource.PIPE, envelope_to)
    sort_new(app)
    with database.reading() as session:
        return session.scalars(select(InboundMessage).where(InboundMessage.public_id == public_id)).one()


def _state(app: Flask, mail_id: str) -> MailState:
    with parts_of(app).database.reading() as session:
        return session.scalars(select(Mail.state).where(Mail.public_id == mail_id)).one()


def _proofs(app: Flask, mail_id: str) -> list[Proof]:
    with parts_of(app).database.reading() as session:
        return [each.proof for each in evidence_of(session, mail_id)]


def _is_stopped(app: Flask, address: str = ADA) -> bool:
    with parts_of(app).database.reading() as session:
        return is_stopped(session, address)


def test_stop_an_address_that_does_not_exist(either_app: Flask) -> None:
    mail_id, message_id, return_path = _sent(either_app)
    kept = _receive(either_app, about(message("postfix-bounce"), mail_id, message_id, return_path))
    assert (kept.kind, kept.state) == (InboundKind.REPORT, InboundState.READ)
    assert _state(either_app, mail_id) is MailState.BOUNCED
    assert _proofs(either_app, mail_id) == [Proof.BOUNCED_HARD]
    assert _is_stopped(either_app)


@pytest.mark.parametrize("way", ["envelope", "delivered to", "envelope id", "message id"])
def test_know_the_mail_by_any_mark(app: Flask, way: str) -> None:
    mail_id, message_id, return_path = _sent(app)
    raw, envelope_to = without_marks(message("postfix-bounce")), ""
    if way == "envelope":
        envelope_to = return_path.upper()
    elif way == "delivered to":
        raw = b"X-Original-To: <" + return_path.encode() + b">\n" + raw
    elif way == "envelope id":
        raw = raw.replace(b"Reporting-MTA:", f"Original-Envelope-Id: {mail_id}\nReporting-MTA:".encode())
    else:
        raw = raw.replace(b"<guessed@example.org>", message_id.encode())
    assert _receive(app, raw, envelope_to).state is InboundState.READ
    assert _proofs(app, mail_id) == [Proof.BOUNCED_HARD]


@pytest.mark.parametrize("name", ["postfix-bounce", "exim-text", "gmail-bounce", "yahoo-bounce", "qmail-bounce"])
def test_let_nobody_stop_an_address_who_knows_only_the_address(app: Flask, name: str) -> None:
    mail_id, _message_id, return_path = _sent(app)
    cut, altered = return_path.replace("@", "", 1)[:-1], return_path.replace("-1-", "-2-")
    for envelope_to in ("", cut, altered, "bounces+@example.org", f"bounces+{mail_id}@example.org"):
        kept = _receive(app, without_marks(message(name)) + envelope_to.encode(), envelope_to)
        assert (kept.kind, kept.state) == (InboundKind.REPORT, InboundState.HELD)
    assert _state(app, mail_id) is MailState.ACCEPTED
    assert not _is_stopped(app)
    assert not _proofs(app, mail_id)


def test_let_nobody_stop_another_address_by_a_mark_of_their_own(app: Flask) -> None:
    mail_id, message_id, return_path = _sent(app, to="attacker@example.org")
    assert _receive(app, about(message("postfix-bounce"), mail_id, message_id, return_path)).state is InboundState.READ
    assert not _is_stopped(app, ADA)
    assert not _is_stopped(app, "attacker@example.org")  # nor their own at once: it may have been corrected meanwhile


def test_count_once_what_comes_twice(either_app: Flask) -> None:
    mail_id, message_id, return_path = _sent(either_app)
    raw = about(message("postfix-mailbox-full"), mail_id, message_id, return_path)
    first = _receive(either_app, raw)
    again = _receive(either_app, b"Received: from elsewhere\r\n" + raw.replace(b"\n", b"\r\n"), return_path)
    assert first.public_id == again.public_id
    assert _proofs(either_app, mail_id) == [Proof.BOUNCED_SOFT]
    assert not _is_stopped(either_app)


def test_forget_reports_that_were_used_long_ago(either_app: Flask) -> None:
    database: Database = parts_of(either_app).database
    mail_id, message_id, return_path = _sent(either_app)
    raw = about(message("postfix-bounce"), mail_id, message_id, return_path)
    used, waiting = _receive(either_app, raw), _receive(either_app, without_marks(message("letter-html-only")))
    held = _receive(either_app, without_marks(message("exim-text")))
    clock.advance(days=89)
    forget_used_reports(either_app)
    with database.reading() as session:
        assert raw_of(session, used.public_id, "test") == raw
    clock.advance(days=2)
    forget_used_reports(either_app)
    with database.reading() as session:
        assert raw_of(session, used.public_id, "test") is None
        assert summaries_of(session, [used.public_id], "test") == {}
        assert all(raw_of(session, one.public_id, "test") for one in (waiting, held))
    assert _receive(either_app, raw).public_id == used.public_id
    assert _proofs(either_app, mail_id) == [Proof.BOUNCED_HARD]


def test_sort_once_with_two_at_the_same_time(either_app: Flask) -> None:
    mail_id, message_id, return_path = _sent(either_app)
    raw = about(message("postfix-delay"), mail_id, message_id, return_path)
    with parts_of(either_app).database.writing() as session:
        for number in range(20):
            store(session, raw.replace(b"Message-Id: <", b"Message-Id: <%d" % number), InboundSource.IMAP)
    threads = [threading.Thread(target=sort_new, args=(either_app,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with parts_of(either_app).database.reading() as session:
        assert session.scalar(select(func.count(MailEvidence.id))) == 20
        assert set(session.scalars(select(InboundMessage.state))) == {InboundState.READ}


@pytest.mark.parametrize(
    ("name", "proof", "state"),
    [
        ("postfix-expired", Proof.BOUNCED_SOFT, MailState.BOUNCED),
        ("postfix-blocked", Proof.BOUNCED_HARD, MailState.BOUNCED),
        ("postfix-delay", Proof.DELAYED, MailState.ACCEPTED),
        ("exim-text-delay", Proof.DELAYED, MailState.ACCEPTED),
        ("postfix-success", Proof.RELAYED, MailState.ACCEPTED),
    ],
)
def test_stop_no_address_for_what_is_not_its_fault(app: Flask, name: str, proof: Proof, state: MailState) -> None:
    mail_id, message_id, return_path = _sent(app)
    _receive(app, about(message(name), mail_id, message_id, return_path))
    assert _proofs(app, mail_id) == [proof]
    assert _state(app, mail_id) is state
    assert not _is_stopped(app)


def test_settle_an_uncertain_mail_by_a_receipt(either_app: Flask) -> None:
    mail_id, message_id, return_path = _sent(either_app, MailState.UNCERTAIN)
    _receive(either_app, about(message("lmtp-delivered"), mail_id, message_id, return_path))
    assert _state(either_app, mail_id) is MailState.ACCEPTED


def test_settle_an_uncertain_letter_by_its_witness_copy(either_app: Flask) -> None:
    mail_id = _sent_officially(either_app)
    assert _receive(either_app, LETTER, "replies@example.org").state is InboundState.WAITING  # not in our archive
    # Another date, so that it is not the message that came before; servers on the way write lines above it.
    copy = b"Received: by relay.example.org\nDate: now\n" + LETTER.replace(b"\r\n", b"\n") + b"\n"
    kept = _receive(either_app, copy, WITNESS.upper())
    assert (kept.kind, kept.state) == (InboundKind.WITNESS, InboundState.READ)
    assert _state(either_app, mail_id) is MailState.ACCEPTED
    assert _proofs(either_app, mail_id) == [Proof.WITNESSED]


@pytest.mark.parametrize("change", ["words", "to alone", "none of ours"])
def test_let_nobody_forge_a_witness_copy(app: Flask, change: str) -> None:
    mail_id, envelope_to, copy = _sent_officially(app), WITNESS, LETTER
    if change == "words":
        copy = LETTER.replace(b"ask you", b"thank you")
    elif change == "to alone":
        # Anybody can write that into a header of their own; the archive's server did not.
        copy, envelope_to = LETTER.replace(b"To: ", f"To: {WITNESS}, ".encode()), "replies@example.org"
    else:
        copy = LETTER.replace(b"<letter@", b"<other@")
    assert _receive(app, copy, envelope_to).state is not InboundState.READ
    assert _state(app, mail_id) is MailState.UNCERTAIN
    assert not _proofs(app, mail_id)


def test_take_no_witness_copy_of_mail_that_has_none(app: Flask) -> None:
    """Only letters are copied to the archive: another mail that comes from there was given on by its recipient."""
    mail_id, message_id, _return_path = _sent(app, MailState.UNCERTAIN)
    copy = f"From: appeals@example.org\nTo: {ADA}\nMessage-ID: {message_id}\n\nHello\n".encode()
    assert _receive(app, copy, WITNESS).state is InboundState.WAITING
    assert _state(app, mail_id) is MailState.UNCERTAIN


@pytest.mark.parametrize("known", ["envelope id", "message id"])
def test_take_no_receipt_without_the_signed_mark(app: Flask, known: str) -> None:
    """Organisers see the ids on their pages; only servers, and the mail's reader, see the return path."""
    mail_id, message_id, _return_path = _sent(app, MailState.UNCERTAIN)
    raw = without_marks(message("lmtp-delivered"))
    if known == "envelope id":
        raw = raw.replace(b"Original-Envelope-Id: aaaaaaaaaaaaaaaaaaaa", f"Original-Envelope-Id: {mail_id}".encode())
    else:
        raw = raw.replace(b"<guessed@example.org>", message_id.encode())
    assert _receive(app, raw).state is InboundState.HELD
    assert _state(app, mail_id) is MailState.UNCERTAIN
    assert not _proofs(app, mail_id)


def test_take_receipts_by_id_where_no_mark_can_come(app: Flask) -> None:
    mail_id, message_id, _return_path = _sent(app, MailState.UNCERTAIN)
    exchange_ports(parts_of(app).database, return_path="")
    raw = without_marks(message("lmtp-delivered")).replace(b"<guessed@example.org>", message_id.encode())
    assert _receive(app, raw).state is InboundState.READ
    assert _state(app, mail_id) is MailState.ACCEPTED


def test_let_the_archives_bounce_say_nothing_of_the_mail(app: Flask) -> None:
    mail_id, message_id, return_path = _sent(app)
    raw = about(message("postfix-bounce"), mail_id, message_id, return_path).replace(ADA.encode(), WITNESS.encode())
    assert _receive(app, raw).state is InboundState.READ
    assert _state(app, mail_id) is MailState.ACCEPTED
    assert not _proofs(app, mail_id)


def test_take_the_worst_of_two_recipients(app: Flask) -> None:
    mail_id, message_id, return_path = _sent(app)
    _receive(app, about(message("postfix-two-recipients"), mail_id, message_id, return_path))
    assert _proofs(app, mail_id) == [Proof.BOUNCED_HARD]
    assert _is_stopped(app)


def test_take_a_bounce_of_a_mail_whose_reason_is_gone(either_app: Flask) -> None:
    mail_id, message_id, return_path = _sent(either_app, to="gone")
    assert _receive(either_app, about(message("postfix-bounce"), mail_id, message_id, return_path)).state is (
        InboundState.READ
    )
    assert _state(either_app, mail_id) is MailState.BOUNCED


def test_tell_which_mail_an_absence_is_about(app: Flask) -> None:
    mail_id, message_id, return_path = _sent(app)
    # RFC 3834 sends such answers to the return path.
    by_mark = _receive(app, without_marks(message("away-outlook-en")), return_path)
    by_reference = _receive(app, about(message("away-ru"), mail_id, message_id, return_path))
    with parts_of(app).database.reading() as session:
        for kept in (by_mark, by_reference):
            assert (kept.kind, kept.state) == (InboundKind.AUTOMATIC, InboundState.WAITING)
            assert summaries_of(session, [kept.public_id], "test")[kept.public_id]["mail"] == mail_id
    assert _state(app, mail_id) is MailState.ACCEPTED
