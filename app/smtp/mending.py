"""What an operator can do about a mail server that does not take our mails."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass

from app.smtp.session import RelayUnavailable, Unintelligible
from app.smtp.states import Trouble
from app.smtp.troubles import is_about_relaying, trouble_of
from app.smtp.verdicts import Verdict

# OpenSSL's numbers (X509_V_ERR_…) of what can be wrong with a certificate.
_NOT_YET_VALID, _EXPIRED = 9, 10
_SELF_SIGNED = frozenset({18, 19})
_OTHER_NAME = frozenset({62, 64})


@dataclass(frozen=True)
class Dialled:
    """How we spoke to the mail server, as UNDERSIGNED_MAIL_URL says."""

    host: str
    port: int
    implicit_tls: bool
    start_tls: bool
    username: str
    certificate_names: tuple[str, ...] = ()


def mend_connection(error: RelayUnavailable, dialled: Dialled) -> str:
    """Say what to do where no session could be opened."""
    if error.trouble is Trouble.NO_TLS:
        return _mend_tls(error, dialled)
    if error.trouble is Trouble.SIGN_IN:
        return _mend_sign_in(error)
    if error.trouble is Trouble.BUSY:
        return "The server is busy or closes connections from here for now. Wait some minutes and try again."
    if error.trouble is Trouble.BLOCKED:
        return (
            "The server does not want to talk to this machine. Ask its operator to let this machine's address in; "
            "a home or cloud address may be on a block list."
        )
    return _mend_reaching(error, dialled)


def mend_verdict(verdict: Verdict, sender: str, username: str) -> str:
    """Say what to do where the server did not take the mail; empty where it did."""
    code, answer = verdict.code, verdict.answer
    if verdict.is_accepted:
        return ""
    if not verdict.certain:
        return (
            "The connection broke after the whole mail was sent, so nobody knows whether it was taken. Look whether it "
            "arrived. Undersigned then sends a personal mail once more, and leaves an official one to a person."
        )
    if code is None:
        return "The server hung up in the middle. Try again; if it stays, the server's log says why."
    if is_about_relaying(answer):
        return "The server takes mail for its own addresses only from here. " + _mend_signed_in(username)
    trouble = trouble_of(code, answer)
    if trouble is Trouble.SIGN_IN:
        return _mend_signed_in(username)
    if trouble is Trouble.SENDER:
        return (
            f"The server does not let us send as {sender}. Allow that address for the account, or change "
            "UNDERSIGNED_MAIL_FROM and UNDERSIGNED_RETURN_PATH to addresses that the account may use."
        )
    return _mend_trouble(trouble, code)


def _mend_trouble(trouble: Trouble, code: int) -> str:
    later = "Undersigned comes again by itself; try this command again in some minutes."
    known = {
        Trouble.NO_SMTPUTF8: "The address holds letters beyond ASCII before the @, for which the mail server must "
        "offer SMTPUTF8. Switch it on there (Postfix: smtputf8_enable = yes), or use another address.",
        Trouble.GREYLISTED: f"The server makes unknown senders wait (greylisting). {later}",
        Trouble.MAILBOX_FULL: "The mailbox is full. Try another address.",
        Trouble.NO_SUCH_ADDRESS: "There is no such address. Is it spelled right?",
        Trouble.TOO_LARGE: "Even this small mail is too large for the server: raise its limit.",
        Trouble.BLOCKED: "The server takes the mail for unwanted. Check that SPF and DKIM for the sender's domain "
        "are published, and that this machine's address is on no block list.",
    }
    if trouble in known:
        return known[trouble]
    if code < 500:
        return f"The server asked to come back later; it may be greylisting or be busy. {later}"
    return "The server's answer above says why; its operator can say more."


def _mend_signed_in(username: str) -> str:
    if username:
        return f"Ask the server's operator whether {username} may send through it."
    return "Put a user name and a password into UNDERSIGNED_MAIL_URL: smtp://user:password@host:587."


def _mend_sign_in(error: RelayUnavailable) -> str:
    if error.code is None:
        return "Use a server or port that offers AUTH PLAIN or LOGIN under encryption, usually 587 or 465."
    if error.code < 500:
        return "The server can't check passwords just now. Try again later."
    return (
        "Check the user name and password in UNDERSIGNED_MAIL_URL. Characters such as @ : / and % must be written as "
        "%40 %3A %2F and %25 there. Some providers want a password made for one application."
    )


def _mend_reaching(error: RelayUnavailable, dialled: Dialled) -> str:
    cause = error.__cause__
    if isinstance(cause, socket.gaierror):
        return f"Check the spelling of {dialled.host} in UNDERSIGNED_MAIL_URL, and that this machine resolves names."
    if isinstance(cause, ConnectionRefusedError):
        return (
            f"Nothing listens on port {dialled.port} of {dialled.host}. Check both in UNDERSIGNED_MAIL_URL; for "
            "handing in mail it is usually smtp://…:587 or smtps://…:465."
        )
    if dialled.port == 465 and not dialled.implicit_tls:
        return "Port 465 is encrypted from the first byte: write smtps:// instead of smtp:// in UNDERSIGNED_MAIL_URL."
    if isinstance(cause, TimeoutError):
        blocked = " Providers often block port 25: use 587 or 465." if dialled.port == 25 else ""
        return (
            f"Port {dialled.port} of {dialled.host} gave no answer in time. A firewall may stand in between: open the "
            f"way out to that port.{blocked}"
        )
    if isinstance(cause, Unintelligible):
        return f"What answers on port {dialled.port} does not speak SMTP as it should. Check the port."
    if isinstance(cause, OSError) and cause.errno:
        return f"Check that this machine has a way to {dialled.host}."
    return (
        "The server hung up at once. It may know only certain machines, or want encryption from the start (smtps://)."
    )


def _mend_tls(error: RelayUnavailable, dialled: Dialled) -> str:
    cause = error.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _mend_certificate(cause.verify_code, dialled)
    if isinstance(cause, ssl.SSLError):
        if dialled.implicit_tls and "WRONG_VERSION_NUMBER" in (cause.reason or ""):
            return "That port begins in clear: write smtp:// (which demands STARTTLS) in UNDERSIGNED_MAIL_URL."
        return "The two sides found no encryption that both know. The server must offer TLS 1.2 or newer."
    if error.code is not None:
        return "The server does not encrypt just now; its operator must mend its certificate or settings."
    return (
        "The server does not offer encryption on this port, or something in between takes the offer away. Use port "
        "587, or smtps://…:465. Undersigned sends neither passwords nor mail in clear to another machine."
    )


def _mend_certificate(code: int, dialled: Dialled) -> str:
    if code in _OTHER_NAME:
        names = ", ".join(dialled.certificate_names) or "another name"
        return (
            f"The certificate is for {names}, not for {dialled.host}. If that is the right server, write the name that "
            "it is for in UNDERSIGNED_MAIL_URL."
        )
    if code == _EXPIRED:
        return "The server's certificate has expired: it must be renewed there. Is this machine's clock right?"
    if code == _NOT_YET_VALID:
        return "The server's certificate is not valid yet. Is this machine's clock right?"
    if code in _SELF_SIGNED:
        return (
            "The server made its certificate itself, so nobody vouches for it. Give it a certificate from an authority "
            "(Let's Encrypt is free), or name its file in SSL_CERT_FILE if you brought it here yourself."
        )
    return (
        "Nobody whom this machine trusts vouches for the certificate. The server may not send its whole chain; or "
        "install the package ca-certificates; or name your own authority's file in SSL_CERT_FILE."
    )
