"""Flask-Mail over a connection of our own, which mends what loses or doubles mails in the original.

Flask-Mail 0.10 has no timeout, does not verify STARTTLS certificates, takes a failed QUIT for a failed mail, drops the
answers for refused recipients and lets line breaks into headers. This connection hands over finished bytes and reports
how far it came.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
import time
from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask, current_app
from flask_mail import BadHeaderError, Connection, Mail, Message, email_dispatched, sanitize_address

from app.base.characters import CONTROLS
from app.smtp.envelopes import Envelope, ReceiptRequest, Unsendable, can_be_named, write_envelope
from app.smtp.session import (
    CutShort,
    Patience,
    RelayUnavailable,
    ServerReply,
    SmtpSession,
    words_of,
)
from app.smtp.states import Trouble
from app.smtp.verdicts import SERVICE_CLOSES, RecipientAnswer, Verdict, concerns_us

__all__ = [
    "OutgoingMail", "RecipientAnswer", "RelayConnection", "RelayUnavailable", "Verdict", "init_connection",
    "server_name",
]  # fmt: skip

MAILS_PER_CONNECTION = 100
_CONTROLS = re.compile(f"[{CONTROLS}]")


class RelayConnection(Connection):
    """One SMTP session, reused for many mails. Not for several threads at once."""

    host: SmtpSession | None

    def __init__(self, mail: Any, patience: Patience) -> None:
        super().__init__(mail)
        self.patience = patience
        self.open_session: Callable[[Patience], SmtpSession] = SmtpSession

    @property
    def is_usable(self) -> bool:
        """Tell whether the session can take another mail."""
        return self.host is not None and self.host.is_open

    def configure_host(self) -> SmtpSession:
        """Open a session with timeouts and verified TLS, signed in where that is asked. Raises RelayUnavailable."""
        session = self.open_session(self.patience)
        try:
            session.open(self.mail.server, self.mail.port, _verifying_context() if self.mail.use_ssl else None)
            session.introduce()
            if self.mail.use_tls:
                session.start_tls(self.mail.server, _verifying_context())
            if self.mail.username and self.mail.password:
                session.sign_in(self.mail.username, self.mail.password)
        except RelayUnavailable:
            session.close()
            raise
        except (OSError, smtplib.SMTPException) as error:
            session.close()
            trouble = Trouble.NO_TLS if isinstance(error, ssl.SSLError) else Trouble.NO_CONNECTION
            raise RelayUnavailable(trouble, words_of(error)) from error
        return session

    def refresh(self) -> None:
        """Make sure that the session can take another mail; open a new one if not. Raises RelayUnavailable.

        A session that was idle is asked first, and after MAILS_PER_CONNECTION mails it has done its part.
        """
        if self.mail.suppress:
            return
        if self.is_usable and self.num_emails < MAILS_PER_CONNECTION and self._still_stands():
            return
        self.close()
        self.host, self.num_emails = self.configure_host(), 0

    def close(self) -> None:
        """Say goodbye; whether the server answers no longer matters."""
        if self.host is not None:
            self.host.say_goodbye()

    def __exit__(self, *_exception: object) -> None:
        """Say goodbye."""
        self.close()

    def hand_over(
        self,
        envelope_from: str,
        to: str,
        message: bytes,
        before_data: Callable[[], None] | None = None,
        *,
        also_to: Sequence[str] = (),
        envelope_id: str = "",
        wants_receipt: bool = False,
    ) -> Verdict:
        """Hand one message over to one recipient, and to `also_to` in the same transaction if `to` was accepted.

        `before_data` is called once the recipient was accepted, before DATA; what it raises ends the transaction. With
        none, the commands go in one packet where the server allows that (RFC 2920). `envelope_id` and `wants_receipt`
        ask for delivery reports (RFC 3461) where the server has them. Never raises for what server or network do.
        """
        host = self.host
        if host is None or not host.is_open:
            return Verdict(None, "No connection.", concerns_server=True)
        receipt, features = ReceiptRequest(envelope_id, wants_receipt), host.esmtp_features
        also_to = [each for each in also_to if can_be_named(features, each)]
        try:
            envelope = write_envelope(features, envelope_from, [to, *also_to], message, receipt)
        except Unsendable as refusal:
            return Verdict(refusal.code, str(refusal))
        self.num_emails += 1
        return _Transaction(host, envelope).run(message, before_data)

    def send(self, message: Message, envelope_from: str | tuple[str, str] | None = None) -> None:
        """Send a Flask-Mail message as Flask-Mail does; raises BadHeaderError, or smtplib's errors for a refusal."""
        if _has_unsafe_headers(message):
            raise BadHeaderError
        message.date = message.date or time.time()
        if self.host is not None:
            self.refresh()
            sender = _bare(envelope_from or message.sender)
            for recipient in sorted(_bare(each) for each in message.send_to):
                verdict = self.hand_over(sender, recipient, message.as_bytes())
                if not verdict.is_accepted:
                    refused = {recipient: (verdict.code or 0, verdict.answer.encode())}
                    raise smtplib.SMTPRecipientsRefused(refused)
        email_dispatched.send(current_app._get_current_object(), message=message)  # type: ignore[attr-defined]

    def _still_stands(self) -> bool:
        host = self.host
        if host is None or time.monotonic() - host.used_at < self.patience.idle:
            return host is not None
        try:
            return host.command(b"NOOP\r\n").is_positive
        except (OSError, smtplib.SMTPException):
            host.close()
            return False


class _Transaction:
    """One message on its way over a session."""

    def __init__(self, host: SmtpSession, envelope: Envelope) -> None:
        self._host = host
        self._envelope = envelope
        self._replies: list[ServerReply] = []
        self._is_pipelined = "pipelining" in host.esmtp_features

    def run(self, message: bytes, before_data: Callable[[], None] | None) -> Verdict:
        """Name sender and recipients, then send the content."""
        # A lone DATA can't be taken back once a further recipient was accepted, so it goes along for one only.
        takes_data_along = self._is_pipelined and before_data is None and len(self._envelope.rcpts) == 1
        try:
            self._introduce(takes_data_along)
            failure = self._failure()
            if failure is not None:
                self._call_off()
                return failure
            if before_data is not None:
                self._announce(before_data)
            data = self._replies[-1] if takes_data_along else self._host.command(b"DATA\r\n")
        except (OSError, smtplib.SMTPException) as error:
            self._host.close()
            return self._failure() or self._verdict(None, words_of(error), concerns_server=True)
        if data.code != 354:
            return self._without_data(data)
        return self._send(message)

    def _introduce(self, takes_data_along: bool) -> None:
        commands = [self._envelope.mail, *self._envelope.rcpts, *([b"DATA\r\n"] if takes_data_along else [])]
        if self._is_pipelined:
            self._host.write_commands(b"".join(commands))
        for number, command in enumerate(commands):
            if not self._is_pipelined:
                self._host.write_commands(command)
            reply = self._host.read_reply(self._host.patience.command)
            self._replies.append(reply)
            if reply.code == SERVICE_CLOSES:
                self._host.close()
                return
            if number < 2 and not reply.is_positive and not self._is_pipelined:
                return

    def _failure(self) -> Verdict | None:
        """Return the verdict if sender or first recipient were not accepted, or the service closes."""
        for reply in self._replies:
            if reply.code == SERVICE_CLOSES:
                return self._verdict(reply.code, reply.text, concerns_server=True)
        for number, reply in enumerate(self._replies[:2]):
            if not reply.is_positive:
                return self._verdict(reply.code, reply.text, concerns_server=concerns_us(reply, at_sender=not number))
        return None

    def _call_off(self) -> None:
        """Bring the session back to where another mail can begin, or drop it."""
        host = self._host
        if not host.is_open:
            return
        rcpts = self._replies[1 : 1 + len(self._envelope.rcpts)]
        if len(self._replies) > 1 + len(rcpts) and self._replies[-1].code == 354:
            if any(reply.is_positive for reply in rcpts):
                host.close()  # an end of the data would send an empty mail
                return
            host.write_commands(b".\r\n")  # RFC 2920 §3.1
            host.read_reply(host.patience.data)
        if not host.command(b"RSET\r\n").is_positive:
            host.close()

    def _announce(self, before_data: Callable[[], None]) -> None:
        try:
            before_data()
        except BaseException:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._call_off()
            raise

    def _without_data(self, data: ServerReply) -> Verdict:
        """Return the verdict where DATA was not taken."""
        if not data.is_refusal or data.code == SERVICE_CLOSES:
            self._host.close()
            return self._verdict(data.code if data.is_refusal else None, data.text, concerns_server=True)
        try:
            self._call_off()
        except (OSError, smtplib.SMTPException):
            self._host.close()
        return self._verdict(data.code, data.text, concerns_server=concerns_us(data))

    def _send(self, message: bytes) -> Verdict:
        host = self._host
        try:
            reply = host.write_message(message)
        except (OSError, smtplib.SMTPException) as error:
            host.close()
            cut_short = isinstance(error, CutShort)
            # After the end was written the message may have been taken: nobody knows.
            return self._verdict(None, words_of(error), certain=cut_short, concerns_server=cut_short)
        if reply.code == SERVICE_CLOSES or not (reply.is_positive or reply.is_refusal):
            host.close()
        if not (reply.is_positive or reply.is_refusal):
            return self._verdict(None, f"It answered {reply.code} {reply.text}", certain=False)
        return self._verdict(reply.code, reply.text, concerns_server=concerns_us(reply))

    def _verdict(
        self, code: int | None, answer: str, *, certain: bool = True, concerns_server: bool = False
    ) -> Verdict:
        rcpts = self._replies[1 : 1 + len(self._envelope.rcpts)]
        answers = tuple(
            RecipientAnswer(recipient, reply.code, reply.text)
            for recipient, reply in zip(self._envelope.recipients, rcpts, strict=False)
        )
        return Verdict(code, answer, certain, answers, concerns_server)


class OutgoingMail(Mail):
    """Flask-Mail with the connection above."""

    patience = Patience()

    def connect(self) -> RelayConnection:
        """Return a connection, to be used in a `with` block; entering it raises RelayUnavailable."""
        return RelayConnection(self.state, self.patience)


def init_connection(app: Flask, relay: Any) -> OutgoingMail:
    """Configure Flask-Mail for a relay: host, port, credentials and encryption; return what connects to it."""
    app.config.update(
        MAIL_SERVER=relay.host, MAIL_PORT=relay.port, MAIL_USERNAME=relay.username, MAIL_PASSWORD=relay.password,
        MAIL_USE_TLS=relay.start_tls, MAIL_USE_SSL=relay.implicit_tls, MAIL_SUPPRESS_SEND=False, MAIL_DEBUG=0,
    )  # fmt: skip
    return OutgoingMail(app)


def server_name(app: Flask) -> str:
    """Return the mail server in use, as attempts record it and as its lane is named."""
    return f"{app.config['MAIL_SERVER']}:{app.config['MAIL_PORT']}"


def _verifying_context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _has_unsafe_headers(message: Message) -> bool:
    values = [message.subject, message.sender, message.reply_to, *message.send_to]
    values += [each for pair in (message.extra_headers or {}).items() for each in pair]
    return any(_CONTROLS.search(part) for value in values if value for part in _parts(value))


def _parts(value: str | tuple[str, str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _bare(address: str | tuple[str, str]) -> str:
    """Return the address alone, without a display name."""
    return smtplib._addr_only(sanitize_address(address))  # type: ignore[attr-defined, no-any-return]
