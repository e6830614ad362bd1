"""Encryption that is taken away, or vouched for by nobody: neither password nor mail goes out."""

from __future__ import annotations

import pytest

from app.smtp.connection import RelayUnavailable
from app.smtp.states import Trouble
from tests.servers.certificates import Authority
from tests.servers.relay import Act, Relay, Stage
from tests.smtp.dialling import dial

SENDER, ADA = "desk@example.org", "ada@example.org"
TRICKLE = Act(b"2", every_seconds=0.05)
BEFORE_CONTENT: tuple[Stage, ...] = ("MAIL", "RCPT", "DATA")


def _trouble(port: int, **named: object) -> RelayUnavailable:
    with pytest.raises(RelayUnavailable) as raised, dial(port, **named):  # type: ignore[arg-type]
        pytest.fail("it opened a session")
    return raised.value


# 9. STARTTLS stripped


def test_stripped_starttls_sends_neither_password_nor_mail(relay: Relay) -> None:
    relay.behaviour.credentials = ("desk", "secret")
    trouble = _trouble(relay.port, start_tls=True, credentials=("desk", "secret"))
    assert (trouble.trouble, "STARTTLS" in trouble.words) == (Trouble.NO_TLS, True)
    assert set(relay.verbs()) <= {"EHLO", "QUIT"}


def test_refused_starttls_is_not_gone_without(relay: Relay, trusted_authority: Authority) -> None:
    relay.behaviour.context = trusted_authority.server_context(["127.0.0.1"])
    relay.on("STARTTLS", "454 4.7.0 TLS not available")
    trouble = _trouble(relay.port, start_tls=True)
    assert (trouble.trouble, trouble.code) == (Trouble.NO_TLS, 454)


def test_words_smuggled_in_before_encryption_are_refused(relay: Relay, trusted_authority: Authority) -> None:
    relay.behaviour.context = trusted_authority.server_context(["127.0.0.1"])
    relay.on("STARTTLS", Act(b"220 Go on\r\n250-relay\r\n250 AUTH LOGIN\r\n"))
    assert _trouble(relay.port, start_tls=True).trouble is Trouble.NO_TLS


# 10. Bad certificates


@pytest.mark.parametrize("implicit", [False, True])
@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({"self_signed": True}, "self-signed"),
        ({"names": ["mail.example.org"]}, "not valid for"),
        ({"days": -1}, "expired"),
    ],
)
def test_bad_certificate(
    relay: Relay, trusted_authority: Authority, named: dict[str, object], words: str, implicit: bool
) -> None:
    options = {"names": ["127.0.0.1"], **named}
    relay.behaviour.context = trusted_authority.server_context(**options)  # type: ignore[arg-type]
    relay.behaviour.implicit_tls = implicit
    trouble = _trouble(relay.port, tls=implicit, start_tls=not implicit, credentials=("desk", "secret"))
    assert trouble.trouble is Trouble.NO_TLS
    assert words in trouble.words
    assert "AUTH" not in relay.verbs()


def test_certificate_of_an_unknown_authority(relay: Relay, authority: Authority) -> None:
    relay.behaviour.context = authority.server_context(["127.0.0.1"])
    trouble = _trouble(relay.port, start_tls=True)
    assert trouble.trouble is Trouble.NO_TLS
    assert "issuer" in trouble.words


def test_tls_that_is_too_old(relay: Relay, trusted_authority: Authority) -> None:
    relay.behaviour.context = trusted_authority.server_context(["127.0.0.1"], oldest=True)
    assert _trouble(relay.port, start_tls=True).trouble is Trouble.NO_TLS


def test_tls_port_that_speaks_in_clear(relay: Relay) -> None:
    trouble = _trouble(relay.port, tls=True)
    assert (trouble.trouble, "Encryption failed" in trouble.words) == (Trouble.NO_TLS, True)
