"""Flask-Mail over a connection of our own, which mends what loses or doubles mails in the original.

Flask-Mail 0.10 has no timeout, does not verify STARTTLS certificates, takes a failed QUIT for a failed mail, and
drops the answers for refused recipients. This connection hands over finished bytes and reports how far it came.
"""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask_mail import Connection, Mail

CONNECT_SECONDS = 30
DATA_SECONDS = 600  # RFC 5321 §4.5.3.2.6: an earlier timeout after the final dot makes doubles


@dataclass(frozen=True)
class Verdict:
    """What came of handing one mail over: no `code` where there was no answer, not `certain` after a silent DATA."""

    code: int | None
    answer: str
    certain: bool = True

    @property
    def is_accepted(self) -> bool:
        """The relay took responsibility."""
        return self.certain and self.code is not None and 200 <= self.code < 300

    @property
    def is_refused(self) -> bool:
        """The relay will never take it."""
        return self.certain and self.code is not None and self.code >= 500


class RelayConnection(Connection):
    """One SMTP session, reused for many mails."""

    host: smtplib.SMTP | None

    def configure_host(self) -> smtplib.SMTP:
        """Connect with timeouts and verified TLS."""
        context = ssl.create_default_context()
        if self.mail.use_ssl:
            host: smtplib.SMTP = smtplib.SMTP_SSL(
                self.mail.server, self.mail.port, timeout=CONNECT_SECONDS, context=context
            )
        else:
            host = smtplib.SMTP(self.mail.server, self.mail.port, timeout=CONNECT_SECONDS)
        if self.mail.use_tls:
            host.starttls(context=context)
        if self.mail.username and self.mail.password:
            host.login(self.mail.username, self.mail.password)
        return host

    def __exit__(self, *_exception: object) -> None:
        """Say goodbye; whether the server answers no longer matters."""
        if self.host is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self.host.quit()

    def hand_over(self, envelope_from: str, to: str, message: bytes, before_data: Callable[[], None]) -> Verdict:
        """Hand one message over to one recipient; call `before_data` once the recipient was accepted, before DATA.

        Never raises for what the server or the network does: the verdict tells.
        """
        host = self.host
        if host is None:
            return Verdict(None, "No connection.")
        try:
            verdict = self._introduce(host, envelope_from, to)
        except (OSError, smtplib.SMTPException) as error:
            return Verdict(None, _words(error))
        if verdict is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                host.rset()
            return verdict
        try:
            before_data()
        except BaseException:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                host.rset()
            raise
        return self._send_data(host, message)

    def _introduce(self, host: smtplib.SMTP, envelope_from: str, to: str) -> Verdict | None:
        """Say MAIL FROM and RCPT TO; return a verdict if either was not accepted."""
        host.ehlo_or_helo_if_needed()
        options: list[str] = []
        if not to.isascii() or not envelope_from.isascii():
            if not host.has_extn("smtputf8"):
                return Verdict(550, "This mail server can't handle international addresses (SMTPUTF8).")
            options = ["SMTPUTF8", "BODY=8BITMIME"]
            host.command_encoding = "utf-8"
        code, answer = host.mail(envelope_from, options)
        if code != 250:
            return Verdict(code, _text(answer))
        code, answer = host.rcpt(to)
        return None if code in {250, 251} else Verdict(code, _text(answer))

    def _send_data(self, host: smtplib.SMTP, message: bytes) -> Verdict:
        if host.sock is not None:
            host.sock.settimeout(DATA_SECONDS)
        try:
            code, answer = host.data(message)
        except smtplib.SMTPDataError as error:
            return Verdict(error.smtp_code, _text(error.smtp_error))
        except (OSError, smtplib.SMTPException) as error:
            # The dot may have arrived: nobody knows whether the mail was taken.
            return Verdict(None, _words(error), certain=False)
        finally:
            if host.sock is not None:
                host.sock.settimeout(CONNECT_SECONDS)
        return Verdict(code, _text(answer))


class OutgoingMail(Mail):
    """Flask-Mail with the connection above."""

    def connect(self) -> RelayConnection:
        """Return a connection, to be used in a `with` block."""
        return RelayConnection(self.state)  # type: ignore[arg-type]


def init_connection(app: Flask, relay: Any) -> None:
    """Configure Flask-Mail for a relay: host, port, credentials and encryption."""
    app.config.update(
        MAIL_SERVER=relay.host, MAIL_PORT=relay.port, MAIL_USERNAME=relay.username, MAIL_PASSWORD=relay.password,
        MAIL_USE_TLS=relay.start_tls, MAIL_USE_SSL=relay.implicit_tls, MAIL_SUPPRESS_SEND=False, MAIL_DEBUG=0,
    )  # fmt: skip
    app.extensions["outgoing_mail"] = OutgoingMail(app)


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
