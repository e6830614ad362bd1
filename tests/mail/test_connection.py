"""One connection, many mails: what goes over the wire, what each answer means, and how failures leave the session."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask_mail import BadHeaderError, Message

from app.mail.connection import MAILS_PER_CONNECTION, OutgoingMail, RelayUnavailable, Verdict, init_connection
from app.mail.smtp_session import Patience, as_content
from app.mail.states import LEASE, Trouble
from config import MailRelay
from tests.mail.dialling import MESSAGE, dial, hasty
from tests.servers.certificates import Authority
from tests.servers.relay import HANG_UP, Relay
from tests.servers.smtp import SmtpServer

SENDER, ADA, WITNESS = "desk@example.org", "ada@example.org", "archive@example.org"


def _nothing() -> None:
    """Stand for the commit that a caller makes before DATA."""


def _features(*kept: str) -> tuple[str, ...]:
    return kept


def test_hand_over_in_one_packet_where_the_server_allows_it(relay: Relay) -> None:
    with dial(relay.port) as connection:
        verdict = connection.hand_over(SENDER, ADA, MESSAGE)
    assert verdict.is_accepted
    assert (verdict.code, verdict.answer) == (250, "2.0.0 queued as 7F2A")
    assert [(each.recipient, each.code, each.answer) for each in verdict.answers] == [(ADA, 250, "2.1.5 OK")]
    (group,) = [packet for packet in relay.packets if packet.startswith(b"MAIL")]
    assert [line.split(b" ")[0] for line in group.splitlines()] == [b"MAIL", b"RCPT", b"DATA"]
    assert relay.taken[0].content == MESSAGE


def test_hand_over_one_by_one_where_the_server_does_not_pipeline(relay: Relay) -> None:
    relay.behaviour.features = ()
    with dial(relay.port) as connection:
        assert connection.hand_over(SENDER, ADA, MESSAGE).is_accepted
    assert [p for p in relay.packets if p.startswith(b"MAIL")] == [b"MAIL FROM:<desk@example.org>\r\n"]
    assert relay.verbs() == ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"]


@pytest.mark.parametrize("features", [(), ("PIPELINING",)])
def test_nothing_of_the_content_leaves_before_the_caller_agreed(relay: Relay, features: tuple[str, ...]) -> None:
    relay.behaviour.features = features
    seen: list[list[str]] = []
    with dial(relay.port) as connection:
        verdict = connection.hand_over(SENDER, ADA, MESSAGE, lambda: seen.append(relay.verbs()))
    assert verdict.is_accepted
    assert seen == [["EHLO", "MAIL", "RCPT"]]


def test_what_the_caller_raises_calls_the_mail_off_and_leaves_the_session_usable(relay: Relay) -> None:
    def refuse() -> None:
        raise KeyError("lease")

    with dial(relay.port) as connection:
        with pytest.raises(KeyError):
            connection.hand_over(SENDER, ADA, MESSAGE, refuse)
        assert connection.is_usable
        assert connection.hand_over(SENDER, ADA, MESSAGE, _nothing).is_accepted
    assert relay.verbs() == ["EHLO", "MAIL", "RCPT", "RSET", "MAIL", "RCPT", "DATA", "QUIT"]
    assert len(relay.taken) == 1


@pytest.mark.parametrize("features", [(), ("PIPELINING",)])
@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "CONTENT"])
@pytest.mark.parametrize("reply", ["550 5.1.1 nobody here", "450 4.2.1 not now"])
def test_refusal_at_any_step_leaves_the_session_for_the_next_mail(
    relay: Relay, features: tuple[str, ...], stage: str, reply: str
) -> None:
    relay.behaviour.features = features
    relay.on(stage, reply, times=1)  # type: ignore[arg-type]
    with dial(relay.port) as connection:
        refused = connection.hand_over(SENDER, ADA, MESSAGE)
        assert (refused.code, refused.answer) == (int(reply[:3]), reply[4:])
        assert refused.certain
        assert connection.is_usable
        assert connection.hand_over(SENDER, ADA, MESSAGE).is_accepted
    assert (relay.connections, len(relay.taken)) == (1, 1)


def test_lone_dot_ends_data_that_was_taken_without_recipients(relay: Relay) -> None:
    """RFC 2920 §3.1: a careless server answers 354 although it refused every recipient."""
    relay.on("RCPT", "550 5.1.1 nobody here", times=1)
    relay.on("DATA", "354 Go on")
    with dial(relay.port) as connection:
        refused = connection.hand_over(SENDER, ADA, MESSAGE)
        assert refused.is_refused
        assert connection.hand_over(SENDER, ADA, MESSAGE).is_accepted
    assert b".\r\n" in relay.packets
    assert [taken.content for taken in relay.taken if taken.rcpts] == [MESSAGE]


def test_sender_refused_but_recipient_and_data_taken_sends_nothing(relay: Relay) -> None:
    relay.behaviour.acts += [("MAIL", "550 5.7.1 no", 1), ("RCPT", "250 OK", 1), ("DATA", "354 Go on", 1)]
    relay.on("MAIL", "250 OK")
    with dial(relay.port) as connection:
        verdict = connection.hand_over(SENDER, ADA, MESSAGE)
        assert verdict.code == 550
        assert verdict.concerns_server
    assert not any(b"Subject" in packet for packet in relay.packets)


def test_witness_gets_the_same_message_in_the_same_transaction(relay: Relay) -> None:
    with dial(relay.port) as connection:
        verdict = connection.hand_over(SENDER, ADA, MESSAGE, _nothing, also_to=[WITNESS])
    assert [each.recipient for each in verdict.answers] == [ADA, WITNESS]
    (taken,) = relay.taken
    assert [line.split(">")[0] for line in taken.rcpts] == [f"RCPT TO:<{ADA}", f"RCPT TO:<{WITNESS}"]


@pytest.mark.parametrize("features", [(), ("PIPELINING",)])
@pytest.mark.parametrize("before_data", [None, _nothing])
def test_witness_alone_never_gets_it(relay: Relay, features: tuple[str, ...], before_data: object) -> None:
    relay.behaviour.features = features
    relay.behaviour.acts += [("RCPT", "550 5.1.1 nobody here", 1)]
    with dial(relay.port) as connection:
        verdict = connection.hand_over(SENDER, ADA, MESSAGE, before_data, also_to=[WITNESS])  # type: ignore[arg-type]
        assert connection.is_usable
    assert verdict.is_refused
    assert "DATA" not in relay.verbs()
    assert relay.taken == []


@pytest.mark.parametrize("features", [(), ("PIPELINING",)])
def test_refused_witness_does_not_stop_the_mail(relay: Relay, features: tuple[str, ...]) -> None:
    relay.behaviour.features = features
    relay.behaviour.acts += [("RCPT", "250 2.1.5 OK", 1), ("RCPT", "550 5.1.1 no archive", 1)]
    with dial(relay.port) as connection:
        verdict = connection.hand_over(SENDER, ADA, MESSAGE, _nothing, also_to=[WITNESS])
    assert verdict.is_accepted
    assert [each.code for each in verdict.answers] == [250, 550]
    assert len(relay.taken[0].rcpts) == 1


def test_ask_for_delivery_reports_where_the_server_has_them(relay: Relay) -> None:
    with dial(relay.port) as connection:
        connection.hand_over(
            SENDER, ADA, MESSAGE, _nothing, also_to=[WITNESS], envelope_id="a+b=c d", wants_receipt=True
        )
    (taken,) = relay.taken
    assert taken.mail.endswith(" RET=HDRS ENVID=a+2Bb+3Dc+20d")
    assert taken.rcpts == [
        f"RCPT TO:<{ADA}> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;{ADA}",
        f"RCPT TO:<{WITNESS}> NOTIFY=NEVER",
    ]


def test_ask_for_nothing_where_the_server_has_no_reports(relay: Relay) -> None:
    relay.behaviour.features = ()
    with dial(relay.port) as connection:
        connection.hand_over(SENDER, ADA, MESSAGE, envelope_id="a", wants_receipt=True)
    assert relay.taken[0].mail == f"MAIL FROM:<{SENDER}>"
    assert relay.taken[0].rcpts == [f"RCPT TO:<{ADA}>"]


def test_international_domain_needs_no_smtputf8(relay: Relay) -> None:
    relay.behaviour.features = ()
    with dial(relay.port) as connection:
        assert connection.hand_over(SENDER, "ada@приклад.укр", MESSAGE).is_accepted
    assert relay.taken[0].rcpts == ["RCPT TO:<ada@xn--80aikifvh.xn--j1amh>"]


def test_international_address_uses_smtputf8(relay: Relay) -> None:
    message = "To: почта@example.org\r\n\r\nText\r\n".encode()
    with dial(relay.port) as connection:
        assert connection.hand_over(SENDER, "почта@example.org", message).is_accepted
        assert connection.hand_over(SENDER, ADA, MESSAGE).is_accepted
    assert relay.taken[0].mail == f"MAIL FROM:<{SENDER}> SIZE={len(message)} BODY=8BITMIME SMTPUTF8"
    assert relay.taken[1].mail == f"MAIL FROM:<{SENDER}> SIZE={len(MESSAGE)}"


@pytest.mark.parametrize("to", ["почта@example.org", ADA])
def test_server_without_smtputf8_refuses_clearly(relay: Relay, to: str) -> None:
    relay.behaviour.features = ("PIPELINING", "8BITMIME")
    with dial(relay.port) as connection:
        verdict = connection.hand_over(SENDER, to, "To: почта@example.org\r\n\r\nText\r\n".encode())
        assert connection.is_usable
    assert verdict.is_refused
    assert (verdict.code, "SMTPUTF8" in verdict.answer) == (550, True)
    assert "MAIL" not in relay.verbs()


@pytest.mark.parametrize(
    "address", ["a@b\r\nDATA", "a@b\0", "a b@example.org", "a@b> NOTIFY=NEVER", "nobody", "a@\u2028b", "a@\u0085b"]
)
def test_refuse_what_would_smuggle_commands(relay: Relay, address: str) -> None:
    with dial(relay.port) as connection:
        for sender, to in ((SENDER, address), (address, ADA)):
            verdict = connection.hand_over(sender, to, MESSAGE)
            assert verdict.is_refused
        assert connection.hand_over("", ADA, MESSAGE).is_accepted
    assert relay.verbs() == ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"]
    assert relay.taken[0].mail.startswith("MAIL FROM:<>")


@pytest.mark.parametrize(
    "message",
    [
        b"Subject: dots\r\n\r\n.\r\n..\r\n.two\r\nlast line.\r\n.",
        b".\r\n.\r\n.\r\n",
        b"Subject: lone\n\n.\nline\r.\r\nend",
        b"Subject: empty\r\n\r\n",
        b"",
        b"Subject: big\r\n\r\n" + b".23456789\r\n" * 30_000,
    ],
)
def test_dots_and_line_ends_arrive_as_they_were(relay: Relay, message: bytes) -> None:
    with dial(relay.port) as connection:
        assert connection.hand_over(SENDER, ADA, message).is_accepted
        assert connection.hand_over(SENDER, ADA, MESSAGE).is_accepted
    normal = message.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    if normal and not normal.endswith(b"\r\n"):
        normal += b"\r\n"
    assert [taken.content for taken in relay.taken] == [normal, MESSAGE]


@pytest.mark.parametrize(
    "smuggled", [b"\n.\nMAIL FROM:<x>", b"\r.\rMAIL", b"\n.\r\nMAIL", b"\r\n.\nMAIL", b"\r.\r\nMAIL"]
)
def test_nobody_ends_a_message_early(smuggled: bytes) -> None:
    content = as_content(b"Subject: x\r\n\r\ntext" + smuggled)
    assert content.count(b"\r\n.\r\n") == 1
    assert content.replace(b"\r\n", b"").count(b"\n") == 0
    assert content.replace(b"\r\n", b"").count(b"\r") == 0


@pytest.mark.parametrize(
    ("stage", "reply", "concerns"),
    [
        ("MAIL", "530 5.7.0 Must issue a STARTTLS command first", True),
        ("MAIL", "550 5.7.1 Sender not allowed", True),
        ("MAIL", "550 not you", True),
        ("MAIL", "452 4.3.1 Insufficient system storage", True),
        ("MAIL", "552 5.3.4 Message size exceeds fixed limit", False),
        ("MAIL", "552 Too big", False),
        ("MAIL", "553 5.6.7 Address needs SMTPUTF8", False),
        ("RCPT", "530 5.7.0 Authentication required", True),
        ("RCPT", "554 5.7.1 <ada@example.org>: Relay access denied", True),
        ("RCPT", "550 relaying denied", True),
        ("RCPT", "553 5.7.1 <desk@example.org>: Sender address rejected: not owned by user bot", True),
        ("RCPT", "550 5.1.1 User unknown", False),
        ("RCPT", "451 4.7.1 Greylisted, try again", False),
        ("RCPT", "554 5.7.1 Service unavailable; client host blocked", False),
        ("CONTENT", "554 5.7.60 SMTP; Client does not have permissions; SendAsDenied", True),
        ("CONTENT", "554 5.7.1 Message looks like spam", False),
        ("CONTENT", "421 4.3.2 shutting down", True),
    ],
)
def test_tell_whose_trouble_it_is(relay: Relay, stage: str, reply: str, concerns: bool) -> None:
    relay.on(stage, reply)  # type: ignore[arg-type]
    with dial(relay.port) as connection:
        verdict = connection.hand_over(SENDER, ADA, MESSAGE, _nothing)
    assert verdict.concerns_server is concerns
    assert verdict.is_refused is (not concerns and reply.startswith("5"))
    assert f"{verdict.code} {verdict.answer}" == reply


def test_answer_that_would_steer_a_terminal_is_made_plain(relay: Relay) -> None:
    relay.on("RCPT", "550 5.1.1 \x1b[2Jgone\x07")
    with dial(relay.port) as connection:
        assert connection.hand_over(SENDER, ADA, MESSAGE).answer == "5.1.1  [2Jgone "


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


def _flask_mail(port: int) -> Flask:
    app = Flask("face")
    init_connection(app, MailRelay("127.0.0.1", port))
    app.extensions["mail"].default_sender = "desk@example.org"
    return app


def test_flask_mails_own_face_sends(smtp_server: SmtpServer) -> None:
    app = _flask_mail(smtp_server.port)
    mail: OutgoingMail = app.extensions["outgoing_mail"]
    with app.app_context(), mail.record_messages() as recorded:
        mail.send(Message("Привіт", recipients=["Ada <ada@example.org>", WITNESS], body="Text"))
    assert [each.subject for each in recorded] == ["Привіт"]
    assert sorted(each.recipients for each in smtp_server.received) == [(ADA,), (WITNESS,)]


def test_flask_mails_own_face_sends_nothing_when_suppressed() -> None:
    app = _flask_mail(1)
    mail: OutgoingMail = app.extensions["outgoing_mail"]
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
    app = _flask_mail(smtp_server.port)
    with app.app_context(), pytest.raises(BadHeaderError):
        app.extensions["outgoing_mail"].send(Message(**{"subject": "x", "recipients": [ADA], **fields}))
    assert smtp_server.count() == 0


def test_one_hand_over_is_over_before_its_lease() -> None:
    patience = Patience()
    assert timedelta(seconds=3 * patience.command + patience.writing + patience.data) < LEASE
    assert (patience.connect, patience.data) == (30, 600)
