"""Sessions: opened, signed in, kept for many mails, and replaced; and Flask-Mail's own face over them."""

from __future__ import annotations

import socket
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask_mail import BadHeaderError, Message

from app.mail.states import LEASE
from app.smtp.connection import MAILS_PER_CONNECTION, OutgoingMail, RelayUnavailable, Verdict, init_connection
from app.smtp.session import Patience, SmtpSession
from app.smtp.states import Trouble
from config import MailRelay
from tests.servers.certificates import Authority
from tests.servers.relay import HANG_UP, Relay
from tests.servers.smtp import SmtpServer
from tests.smtp.dialling import MESSAGE, dial, hasty

SENDER, ADA, WITNESS = "desk@example.org", "ada@example.org", "archive@example.org"


def test_many_mails_share_a_connection_until_it_has_done_its_part(relay: Relay) -> None:
    with dial(relay.port) as connection:
        for _ in range(MAILS_PER_CONNECTION + 1):
            connection.refresh()
            assert connection.hand_over(SENDER, ADA, MESSAGE).is_accepted
        assert relay.connections == 2
    assert relay.verbs().count("NOOP") == 0
    assert relay.verbs().count("QUIT") == 2


def test_idle_session_is_asked_and_kept(relay: Relay) -> None:
    with dial(relay.port, patience=hasty(idle=0)) as connection:
        connection.refresh()
        assert connection.hand_over(SENDER, ADA, MESSAGE).is_accepted
    assert relay.connections == 1
    assert relay.verbs()[:2] == ["EHLO", "NOOP"]


@pytest.mark.parametrize("parting", [HANG_UP, "421 4.4.2 idle too long", "502 5.5.2 no"])
def test_idle_session_that_is_over_is_replaced(relay: Relay, parting: str) -> None:
    relay.on("NOOP", parting)
    with dial(relay.port, patience=hasty(idle=0)) as connection:
        connection.refresh()
        assert connection.hand_over(SENDER, ADA, MESSAGE).is_accepted
    assert relay.connections == 2


def test_broken_session_says_so_and_is_replaced(relay: Relay) -> None:
    relay.on("RCPT", HANG_UP, times=1)
    with dial(relay.port) as connection:
        assert connection.hand_over(SENDER, ADA, MESSAGE) == Verdict(
            None, "The connection broke.", concerns_server=True
        )
        assert not connection.is_usable
        assert connection.hand_over(SENDER, ADA, MESSAGE).concerns_server
        connection.refresh()
        assert connection.hand_over(SENDER, ADA, MESSAGE).is_accepted


@pytest.mark.parametrize("parting", [HANG_UP, "500 what", "421 busy"])
def test_failed_goodbye_is_no_failure(relay: Relay, parting: str) -> None:
    relay.on("QUIT", parting)
    with dial(relay.port) as connection:
        assert connection.hand_over(SENDER, ADA, MESSAGE).is_accepted
    assert len(relay.taken) == 1
    connection.close()


def test_server_that_knows_helo_only(relay: Relay) -> None:
    relay.on("EHLO", "502 5.5.2 what")
    with dial(relay.port) as connection:
        assert connection.hand_over(SENDER, ADA, MESSAGE).is_accepted
    assert relay.verbs()[:2] == ["EHLO", "HELO"]


@pytest.mark.parametrize("auth", ["PLAIN LOGIN", "LOGIN", "XOAUTH2 PLAIN"])
def test_sign_in_over_verified_tls(relay: Relay, trusted_authority: Authority, auth: str) -> None:
    credentials = ("desk", "pässwörd")
    relay.behaviour.context = trusted_authority.server_context(["127.0.0.1"])
    relay.behaviour.credentials, relay.behaviour.auth = credentials, auth
    with dial(relay.port, start_tls=True, credentials=credentials) as connection:
        assert connection.hand_over(SENDER, ADA, MESSAGE).is_accepted
    assert relay.verbs()[:4] == ["EHLO", "STARTTLS", "EHLO", "AUTH"]
    assert (relay.taken[0].signed_in, relay.taken[0].encrypted) == (True, True)


@pytest.mark.parametrize(
    ("auth", "credentials", "words"),
    [("PLAIN", ("desk", "wrong"), "535 5.7.8"), ("LOGIN", ("desk", "wrong"), "535 5.7.8"),
     ("CRAM-MD5", ("desk", "right"), "PLAIN or LOGIN")],
)  # fmt: skip
def test_wrong_password_is_a_trouble_with_signing_in(
    relay: Relay, auth: str, credentials: tuple[str, str], words: str
) -> None:
    relay.behaviour.credentials, relay.behaviour.auth = ("desk", "right"), auth
    with pytest.raises(RelayUnavailable, match=words) as raised, dial(relay.port, credentials=credentials):
        pytest.fail("it let us in")
    assert raised.value.trouble is Trouble.SIGN_IN
    assert "wrong" not in raised.value.words


def test_implicit_tls(relay: Relay, trusted_authority: Authority) -> None:
    relay.behaviour.context = trusted_authority.server_context(["localhost"])
    relay.behaviour.implicit_tls = True
    with dial(relay.port, host="localhost", tls=True) as connection:
        assert connection.hand_over(SENDER, ADA, MESSAGE).is_accepted
    assert relay.taken[0].encrypted


def _flask_mail(port: int) -> tuple[Flask, OutgoingMail]:
    app = Flask("face")
    mail = init_connection(app, MailRelay("127.0.0.1", port))
    app.extensions["mail"].default_sender = "desk@example.org"
    return app, mail


def test_flask_mails_own_face_sends(smtp_server: SmtpServer) -> None:
    app, mail = _flask_mail(smtp_server.port)
    with app.app_context(), mail.record_messages() as recorded:
        mail.send(Message("Привіт", recipients=["Ada <ada@example.org>", WITNESS], body="Text"))
    assert [each.subject for each in recorded] == ["Привіт"]
    assert sorted(each.recipients for each in smtp_server.received) == [(ADA,), (WITNESS,)]


def test_flask_mails_own_face_sends_nothing_when_suppressed() -> None:
    app, mail = _flask_mail(1)
    app.extensions["mail"].suppress = True
    with app.app_context(), mail.record_messages() as recorded:
        mail.send(Message("Hello", recipients=[ADA], body="Text"))
    assert len(recorded) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"cc": ["x@example.org\r\nBcc: y@example.org"]},
        {"extra_headers": {"X-Mark": "a\r\nBcc: y@example.org"}},
        {"extra_headers": {"X-Mark\r\nBcc": "y@example.org"}},
        {"reply_to": ("Ada\nBcc: y@example.org", ADA)},
        {"subject": "a\rb"},
    ],
)
def test_flask_mails_own_face_refuses_line_breaks(smtp_server: SmtpServer, fields: dict[str, Any]) -> None:
    app, mail = _flask_mail(smtp_server.port)
    with app.app_context(), pytest.raises(BadHeaderError):
        mail.send(Message(**{"subject": "x", "recipients": [ADA], **fields}))
    assert smtp_server.count() == 0


def test_one_hand_over_is_over_before_its_lease() -> None:
    patience = Patience()
    assert timedelta(seconds=3 * patience.command + patience.writing + patience.data) < LEASE
    assert (patience.connect, patience.data) == (30, 600)


def test_machine_without_a_name_gives_its_address(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.smtp.session._own_name", lambda: "")
    relay.listen("127.0.0.2")
    with dial(relay.port, host="127.0.0.2"):
        assert relay.lines == ["ehlo [127.0.0.1]"]
    monkeypatch.setattr("app.smtp.session._own_name", lambda: "desk.example.org")
    with dial(relay.port):
        assert relay.lines[-1] == "ehlo desk.example.org"


def test_an_international_host_is_dialled_as_mail_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Left to itself, Python dials fass.example, which is somebody else's, and offers it the password."""
    dialled: list[str] = []

    def note(address: tuple[str, int], *_rest: object) -> None:
        dialled.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", note)
    with pytest.raises(OSError):
        SmtpSession(Patience()).open("faß.example", 25, None)
    assert dialled == ["xn--fa-hia.example"]
