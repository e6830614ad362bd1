"""`flask email test` as an operator runs it: the words for success, and the mend for each failure."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import dns.resolver
import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.cli import email
from app.mail.signing import Signer
from app.smtp.connection import OutgoingMail
from tests.servers.certificates import Authority
from tests.servers.names import NameServer
from tests.servers.relay import HANG_UP, RESET, SILENCE, Act, Relay
from tests.servers.smtp import SmtpServer
from tests.smtp.dialling import hasty

SECRET = "canary:p@ss/wörd"
WRITTEN = "canary%3Ap%40ss%2Fw%C3%B6rd"
Try = Callable[..., Result]


@pytest.fixture
def distant(relay: Relay) -> Relay:
    """Give a mail server that the settings take for another machine."""
    relay.listen("127.0.0.2")
    return relay


@pytest.fixture
def attempt(key_file: Path, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Try:
    """Give the command, run with a mail server's address and further settings."""
    monkeypatch.setattr(OutgoingMail, "patience", hasty(connect=2, command=2, data=1, goodbye=0.2))

    def run(mail_url: str, address: str = "ada@example.org", **settings: str) -> Result:
        environment: dict[str, str | None] = {name: None for name in os.environ if name.startswith("UNDERSIGNED_")}
        environment |= {
            "UNDERSIGNED_DATABASE_URL": sqlite_url,
            "UNDERSIGNED_KEY_FILE": str(key_file),
            "UNDERSIGNED_PUBLIC_URL": "https://appeals.example.org",
            "UNDERSIGNED_MAIL_URL": mail_url,
            "UNDERSIGNED_MAIL_FROM": "appeals@example.org",
            "UNDERSIGNED_STATE_DIRECTORY": str(tmp_path),
            **{f"UNDERSIGNED_{name.upper()}": value for name, value in settings.items()},
        }
        result = CliRunner().invoke(email, ["test", address], env=environment)
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert not any(secret in result.output for secret in (SECRET, WRITTEN, "canary"))
        assert "Traceback" not in result.output
        return result

    return run


def _refused(result: Result, *words: str) -> None:
    assert result.exit_code == 1, result.output
    assert "To mend it: " in result.output
    missing = [each for each in words if each not in result.output]
    assert not missing, result.output


def test_say_how_a_mail_left_over_tls(distant: Relay, trusted_authority: Authority, attempt: Try) -> None:
    distant.behaviour.context = trusted_authority.server_context(["127.0.0.2", "mail.example.org"])
    distant.behaviour.credentials = ("desk@example.org", SECRET)
    result = attempt(
        f"smtp://desk%40example.org:{WRITTEN}@127.0.0.2:{distant.port}", return_path="bounces+{}@example.org"
    )
    assert result.exit_code == 0, result.output
    (taken,) = distant.taken
    assert (taken.signed_in, taken.encrypted) == (True, True)
    for words in (
        f"Mail server: 127.0.0.2, port {distant.port}, encrypted by STARTTLS.",
        "Connected to 127.0.0.2.",
        "Encrypted with TLSv1.3. Its certificate was verified: for 127.0.0.2, mail.example.org, by Test Authority",
        "Signed in as desk@example.org.",
        "It offers SIZE 33554432",
        "It offers DSN",
        "  > (hidden)",
        "  > RCPT TO:<ada@example.org>",
        "  < 250 2.1.5 OK",
        "The mail server took the mail: 250 2.0.0 queued as 7F2A.",
        "DKIM: not signed here.",
    ):
        assert words in result.output, result.output
    return_path = taken.mail.split("<")[1].split(">")[0]
    assert return_path.startswith("bounces+")
    assert f"Return path: {return_path}" in result.output
    message_id = next(line for line in taken.content.decode().splitlines() if line.startswith("Message-ID: "))
    assert message_id in result.output
    assert message_id.endswith("@example.org>")
    assert b"Auto-Submitted: auto-generated" in taken.content


def test_say_how_a_mail_left_in_clear_on_this_machine(smtp_server: SmtpServer, attempt: Try) -> None:
    result = attempt(smtp_server.url)
    assert result.exit_code == 0, result.output
    assert "not encrypted, as it is on this machine" in result.output
    assert "It lacks DSN (delivery receipts" in result.output
    (received,) = smtp_server.received
    assert received.subject == "Test of outgoing mail"
    assert "https://appeals.example.org" in received.text
    assert received.sender == "appeals@example.org"


@pytest.mark.parametrize("auth", ["PLAIN", "LOGIN"])
def test_wrong_password(relay: Relay, attempt: Try, auth: str) -> None:
    relay.behaviour.credentials, relay.behaviour.auth = ("desk", "another"), auth
    result = attempt(f"smtp://desk:{WRITTEN}@127.0.0.1:{relay.port}")
    _refused(result, "535 5.7.8", "Check the user name and password in UNDERSIGNED_MAIL_URL", "%40")


def test_password_that_is_echoed_is_hidden(relay: Relay, attempt: Try) -> None:
    relay.behaviour.credentials, relay.behaviour.auth = ("desk", SECRET), "LOGIN"
    result = attempt(f"smtp://desk:{WRITTEN}@127.0.0.1:{relay.port}")
    assert result.exit_code == 0, result.output
    assert result.output.count("> (hidden)") == 3


def test_no_way_to_sign_in(relay: Relay, attempt: Try) -> None:
    result = attempt(f"smtp://desk:{WRITTEN}@127.0.0.1:{relay.port}")
    _refused(result, "AUTH PLAIN or LOGIN")


def test_password_can_not_be_checked_now(relay: Relay, attempt: Try) -> None:
    relay.behaviour.credentials = ("desk", SECRET)
    relay.on("AUTH", "454 4.7.0 Temporary authentication failure")
    _refused(attempt(f"smtp://desk:{WRITTEN}@127.0.0.1:{relay.port}"), "can't check passwords just now")


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({"names": ["mail.example.org", "mx.example.org"]}, "for mail.example.org, mx.example.org, not for 127.0.0.2"),
        ({"days": -1}, "has expired"),
        ({"self_signed": True}, "made its certificate itself"),
    ],
)
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_certificate_that_is_not_accepted(
    distant: Relay, trusted_authority: Authority, attempt: Try, scheme: str, named: dict[str, object], words: str
) -> None:
    distant.behaviour.context = trusted_authority.server_context(**{"names": ["127.0.0.2"], **named})  # type: ignore[arg-type]
    distant.behaviour.implicit_tls = scheme == "smtps"
    result = attempt(f"{scheme}://desk:{WRITTEN}@127.0.0.2:{distant.port}")
    _refused(result, words, "Its certificate, which was not accepted, is for ")
    assert distant.connections == 2
    assert "AUTH" not in distant.verbs()


def test_certificate_of_an_unknown_authority(distant: Relay, authority: Authority, attempt: Try) -> None:
    distant.behaviour.context = authority.server_context(["127.0.0.2"])
    _refused(attempt(f"smtp://127.0.0.2:{distant.port}"), "SSL_CERT_FILE", "ca-certificates")


def test_starttls_missing(distant: Relay, attempt: Try) -> None:
    result = attempt(f"smtp://desk:{WRITTEN}@127.0.0.2:{distant.port}")
    _refused(result, "does not offer encryption", "takes the offer away", "smtps://")
    assert "AUTH" not in distant.verbs()


def test_starttls_refused(distant: Relay, trusted_authority: Authority, attempt: Try) -> None:
    distant.behaviour.context = trusted_authority.server_context(["127.0.0.2"])
    distant.on("STARTTLS", "454 4.7.0 TLS not available")
    _refused(attempt(f"smtp://127.0.0.2:{distant.port}"), "does not encrypt just now")


def test_encryption_that_is_too_old(distant: Relay, trusted_authority: Authority, attempt: Try) -> None:
    distant.behaviour.context = trusted_authority.server_context(["127.0.0.2"], oldest=True)
    _refused(attempt(f"smtp://127.0.0.2:{distant.port}"), "TLS 1.2 or newer")


def test_encrypted_where_the_server_begins_in_clear(relay: Relay, attempt: Try) -> None:
    _refused(attempt(f"smtps://127.0.0.1:{relay.port}"), "That port begins in clear: write smtp://")


def test_clear_where_the_server_begins_encrypted(
    relay: Relay, trusted_authority: Authority, attempt: Try, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OutgoingMail, "patience", hasty(connect=0.3))
    relay.behaviour.context, relay.behaviour.implicit_tls = trusted_authority.server_context(["127.0.0.1"]), True
    _refused(attempt(f"smtp://127.0.0.1:{relay.port}"), "no answer in time")


def test_refused_connection(closed_port: int, attempt: Try) -> None:
    result = attempt(f"smtp://127.0.0.1:{closed_port}")
    _refused(result, "It refused the connection.", f"Nothing listens on port {closed_port} of 127.0.0.1")


def test_port_that_never_answers(silent_server: tuple[str, int], attempt: Try, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OutgoingMail, "patience", hasty(connect=0.2))
    _refused(attempt(f"smtp://127.0.0.1:{silent_server[1]}"), "A firewall may stand in between")


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("421 4.7.0 too many connections", "Wait some minutes"),
        ("554 5.7.1 you are on a list", "may be on a block list"),
        (Act(b"SSH-2.0-OpenSSH_9.2\r\n"), "does not speak SMTP"),
        (HANG_UP, "hung up at once"),
    ],
)
def test_greetings_that_lead_nowhere(relay: Relay, attempt: Try, act: str | Act, words: str) -> None:
    relay.on("CONNECT", act)
    _refused(attempt(f"smtp://127.0.0.1:{relay.port}"), words)


@pytest.mark.parametrize(
    ("stage", "act", "words"),
    [
        ("MAIL", "530 5.7.0 Authentication required", "Put a user name and a password into"),
        ("MAIL", "553 5.7.1 Sender address rejected: not owned by user", "does not let us send as appeals@example.org"),
        ("RCPT", "554 5.7.1 <ada@example.org>: Relay access denied", "takes mail for its own addresses only"),
        ("RCPT", "450 4.2.0 <ada@example.org>: Recipient address rejected: Greylisted", "(greylisting)"),
        ("RCPT", "451 4.7.1 come again", "asked to come back later"),
        ("RCPT", "550 5.1.1 User unknown", "There is no such address"),
        ("RCPT", "452 4.2.2 Mailbox full", "The mailbox is full"),
        ("DATA", "552 5.3.4 too big", "raise its limit"),
        ("CONTENT", "554 5.7.1 Message looks like spam", "SPF and DKIM"),
        ("CONTENT", "550 no", "its operator can say more"),
        ("CONTENT", RESET, "nobody knows whether it was taken"),
        ("CONTENT", SILENCE, "nobody knows whether it was taken"),
        ("RCPT", RESET, "hung up in the middle"),
    ],
)
def test_mail_that_is_not_taken(relay: Relay, attempt: Try, stage: str, act: str | Act, words: str) -> None:
    relay.on(stage, act)  # type: ignore[arg-type]
    result = attempt(f"smtp://127.0.0.1:{relay.port}")
    _refused(result, words)
    if isinstance(act, str):
        assert f"< {act}" in result.output


def test_international_address_without_smtputf8(relay: Relay, attempt: Try) -> None:
    relay.behaviour.features = ()
    _refused(attempt(f"smtp://127.0.0.1:{relay.port}", "почта@example.org"), "Switch it on there")


def test_address_that_is_none(relay: Relay, attempt: Try) -> None:
    result = attempt(f"smtp://127.0.0.1:{relay.port}", "ada")
    assert result.exit_code == 1
    assert "not a complete e-mail address" in result.output
    assert relay.connections == 0


def test_signing_key_of_no_use(relay: Relay, attempt: Try) -> None:
    result = attempt(f"smtp://127.0.0.1:{relay.port}", dkim_selector="mail", dkim_key="nonsense")
    assert result.exit_code == 1
    assert "UNDERSIGNED_DKIM_KEY: the DKIM key must be" in result.output


@pytest.fixture
def pem(name_server: NameServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give a signing key, on a machine that asks the test's name server."""
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], name_server.port
    monkeypatch.setattr(dns.resolver, "default_resolver", resolver)
    key = rsa.generate_private_key(65537, 2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def test_published_key_is_the_one_that_signs(relay: Relay, attempt: Try, pem: str, name_server: NameServer) -> None:
    signer = Signer("example.org", "mail", pem)
    name_server.texts[signer.record_name] = signer.record.replace("; ", ";").replace("p=MII", "p=MI I")
    result = attempt(f"smtp://127.0.0.1:{relay.port}", dkim_selector="mail", dkim_key=pem)
    assert result.exit_code == 0, result.output
    assert "DKIM: signed by example.org with the selector mail (rsa-sha256)." in result.output
    assert "The key published at mail._domainkey.example.org is the one that signs." in result.output
    assert relay.taken[0].content.startswith(b"DKIM-Signature: ")


@pytest.mark.parametrize(
    ("published", "words"), [("", "No key is published"), ("v=DKIM1; p=AAAA", "Another key is published")]
)
def test_say_which_key_to_publish(
    relay: Relay, attempt: Try, pem: str, name_server: NameServer, published: str, words: str
) -> None:
    signer = Signer("example.org", "mail", pem)
    if published:
        name_server.texts[signer.record_name] = published
    result = attempt(f"smtp://127.0.0.1:{relay.port}", dkim_selector="mail", dkim_key=pem)
    assert words in result.output
    assert f"mail._domainkey.example.org TXT {signer.record}" in result.output


def test_key_that_can_not_be_looked_up(
    relay: Relay, attempt: Try, pem: str, monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port, resolver.lifetime = ["127.0.0.1"], closed_port, 0.2
    monkeypatch.setattr(dns.resolver, "default_resolver", resolver)
    monkeypatch.setattr("app.mailroom.checking.DNS_SECONDS", 0.3)
    result = attempt(f"smtp://127.0.0.1:{relay.port}", dkim_selector="mail", dkim_key=pem)
    assert "could not be looked up" in result.output
    assert result.exit_code == 0
