"""Send one mail the way every mail goes, and say in plain words what happened: `flask email test`."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from cryptography import x509
from dkim import DKIMException
from dkim.dnsplug import get_txt
from flask import Flask
from markupsafe import escape

from app.base import clock
from app.base.identifiers import new_public_id
from app.base.parts import parts_of
from app.base.ports import ports_of
from app.mail.composing import Sender, compose
from app.mail.registry import RenderedMail
from app.mail.return_paths import envelope_sender
from app.mail.signing import Signer
from app.smtp.connection import OutgoingMail, RelayConnection, RelayUnavailable, Verdict
from app.smtp.mending import Dialled, mend_connection, mend_verdict
from app.smtp.session import Patience, ServerReply, SmtpSession

DNS_SECONDS = 5
_TELLING = (
    ("size", "how large a mail may be"),
    ("pipelining", "several commands at once, which is faster"),
    ("8bitmime", "letters beyond ASCII in the text"),
    ("smtputf8", "addresses with letters beyond ASCII"),
    ("dsn", "delivery receipts, which prove that an official mail arrived"),
)


@dataclass(frozen=True)
class Certificate:
    """What a server's certificate says of itself."""

    names: tuple[str, ...]
    issuer: str
    valid_until: str

    @classmethod
    def read(cls, der: bytes) -> Certificate:
        """Read a certificate."""
        certificate = x509.load_der_x509_certificate(der)
        names: list[str] = [str(each.value) for each in certificate.subject]
        with contextlib.suppress(x509.ExtensionNotFound):
            names = [
                str(each.value)
                for each in certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            ]
        issuer = ", ".join(str(each.value) for each in certificate.issuer)
        return cls(tuple(names), issuer, f"{certificate.not_valid_after_utc:%Y-%m-%d}")

    def __str__(self) -> str:
        return f"for {', '.join(self.names)}, by {self.issuer}, valid until {self.valid_until}"


class _HeardSession(SmtpSession):
    """A session that repeats aloud what is said, but for secrets."""

    hear: Callable[[str], None]
    _is_asked_for_secrets = False

    def write_commands(self, lines: bytes) -> None:
        """Send commands, and repeat them."""
        for line in lines.decode("utf-8", "replace").splitlines():
            is_secret = self._is_asked_for_secrets or line.startswith("AUTH")
            self.hear("  > (hidden)" if is_secret else f"  > {line}")
        super().write_commands(lines)

    def send(self, s: bytes | str) -> None:  # type: ignore[override]
        """Send a greeting, which the standard library words, and repeat it."""
        self.hear(f"  > {s if isinstance(s, str) else s.decode()}".rstrip())
        super().send(s)

    def read_reply(self, seconds: float) -> ServerReply:
        """Read an answer, and repeat it."""
        reply = super().read_reply(seconds)
        self._is_asked_for_secrets = reply.code == 334
        words = reply.text.replace("\n", " | ")
        self.hear(f"  < {reply.code} {words}")
        return reply


class Check:
    """One try at sending, reported line by line to `say`."""

    def __init__(self, app: Flask, say: Callable[[str], None]) -> None:
        self._app = app
        self._say = say
        self._mail: OutgoingMail = parts_of(app).outgoing_mail
        self._sender: Sender = parts_of(app).sender
        self._signer: Signer | None = parts_of(app).signer

    def run(self, address: str) -> bool:
        """Send one mail to an address by the connection, return path and signature that every mail has.

        It does not wait in the outbox, so that the answer is there at once. Tell whether the server took it.
        """
        self._tell_plan()
        connection = self._mail.connect()
        connection.open_session = self._heard
        dialled = _dialled(connection)
        try:
            connection.host = connection.configure_host()
        except RelayUnavailable as error:
            return self._give_up(error, dialled, connection)
        try:
            verdict, return_path = self._send(connection, address)
        finally:
            connection.close()
        return self._tell_verdict(verdict, return_path, dialled.username)

    def _tell_plan(self) -> None:
        state: Any = self._mail.state
        ways = {(True, False): "encrypted from the start", (False, True): "encrypted by STARTTLS"}
        way = ways.get((bool(state.use_ssl), bool(state.use_tls)), "not encrypted, as it is on this machine")
        self._say(f"Mail server: {state.server}, port {state.port}, {way}.")

    def _heard(self, patience: Patience) -> SmtpSession:
        session = _HeardSession(patience)
        session.hear = self._say
        return session

    def _give_up(self, error: RelayUnavailable, dialled: Dialled, connection: RelayConnection) -> bool:
        self._say(f"No connection could be opened: {error.words}")
        certificate = None
        if isinstance(error.__cause__, ssl.SSLCertVerificationError):
            certificate = _unverified_certificate(dialled, connection.patience)
        if certificate is not None:
            self._say(f"Its certificate, which was not accepted, is {certificate}.")
            dialled = replace(dialled, certificate_names=certificate.names)
        self._say(f"To mend it: {mend_connection(error, dialled)}")
        return False

    def _send(self, connection: RelayConnection, address: str) -> tuple[Verdict, str]:
        self._tell_session(connection)
        with parts_of(self._app).database.reading() as session:
            mail_id = new_public_id()
            return_path = envelope_sender(session, mail_id)
            message_id = f"<{mail_id}@{ports_of(session).mail_domain}>"
        message = compose(_test_message(self._app, address), self._sender, message_id, clock.now())
        self._say(f"Message-ID: {message_id}")
        self._say(f"Return path: {return_path}")
        message = self._signed(message)
        verdict = connection.hand_over(return_path, address, message, lambda: None, envelope_id=mail_id)
        return verdict, return_path

    def _tell_session(self, connection: RelayConnection) -> None:
        host = connection.host
        if host is None or host.sock is None:
            return
        self._say(f"Connected to {host.sock.getpeername()[0]}.")
        if isinstance(host.sock, ssl.SSLSocket):
            certificate = Certificate.read(host.sock.getpeercert(binary_form=True) or b"")
            self._say(f"Encrypted with {host.sock.version()}. Its certificate was verified: {certificate}.")
        if connection.mail.username:
            self._say(f"Signed in as {connection.mail.username}.")
        for name, meaning in _TELLING:
            offered = f"offers {name.upper()} {host.esmtp_features.get(name, '')}".rstrip()
            self._say(f"It {offered if host.has_extn(name) else f'lacks {name.upper()}'} ({meaning}).")

    def _signed(self, message: bytes) -> bytes:
        if self._signer is None:
            self._say("DKIM: not signed here. The mail server should do it.")
            return message
        for line in tell_key(self._signer):
            self._say(line)
        return self._signer.sign(message)

    def _tell_verdict(self, verdict: Verdict, sender: str, username: str) -> bool:
        if verdict.is_accepted:
            self._say(
                f"The mail server took the mail: {verdict.code} {verdict.answer}. That is not arrival yet: look into "
                "the mailbox, and among its unwanted mail."
            )
            return True
        answer = f"{verdict.code} {verdict.answer}" if verdict.code else verdict.answer
        self._say(f"The mail server did not take the mail: {answer}")
        self._say(f"To mend it: {mend_verdict(verdict, sender, username)}")
        return False


def tell_key(signer: Signer) -> Iterator[str]:
    """Say whether the published key is the one that signs, or what to publish."""
    yield f"DKIM: signed by {signer.domain} with the selector {signer.selector} ({signer.algorithm})."
    try:
        found: Any = get_txt(signer.record_name.encode() + b".", DNS_SECONDS)
    except (DKIMException, OSError, RuntimeError) as error:
        yield f"The published key could not be looked up ({type(error).__name__}). It should be:"
        yield f"  {signer.record_name} TXT {signer.record}"
        return
    if found is None:
        yield "No key is published, so receivers can't verify the signature. Publish:"
    elif _key_in(found.decode("utf-8", "replace")) == _key_in(signer.record):
        yield f"The key published at {signer.record_name} is the one that signs."
        return
    else:
        yield "Another key is published, so receivers will find the signature false. Publish instead:"
    yield f"  {signer.record_name} TXT {signer.record}"


def _key_in(record: str) -> str:
    """Return the key in a DKIM record, without the spaces that may stand in it."""
    tags = dict(each.partition("=")[::2] for each in "".join(record.split()).split(";"))
    return tags.get("p", "")


def _test_message(app: Flask, address: str) -> RenderedMail:
    public_url = str(parts_of(app).settings.public_url)
    text = (
        f"This is a test of outgoing mail from {public_url}.\n\n"
        "An operator sent it by hand. If you read it, mail leaves and arrives. There is nothing to do.\n"
    )
    html = "".join(f"<p>{escape(each)}</p>" for each in text.strip().split("\n\n"))
    return RenderedMail(
        "", address, "Test of outgoing mail", text, f"<!doctype html><html lang=en><body>{html}</body></html>"
    )


def _dialled(connection: RelayConnection) -> Dialled:
    mail = connection.mail
    return Dialled(mail.server, int(mail.port), bool(mail.use_ssl), bool(mail.use_tls), str(mail.username or ""))


def _unverified_certificate(dialled: Dialled, patience: Patience) -> Certificate | None:
    """Look at a certificate that was not accepted. The server that shows it hears nothing but our greeting."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    session = SmtpSession(patience)
    try:
        session.open(dialled.host, dialled.port, context if dialled.implicit_tls else None)
        if not dialled.implicit_tls:
            session.introduce()
            session.start_tls(dialled.host, context)
        shown = session.sock.getpeercert(binary_form=True) if isinstance(session.sock, ssl.SSLSocket) else None
        return Certificate.read(shown) if shown else None
    except (OSError, smtplib.SMTPException, ValueError):
        return None
    finally:
        session.close()
