"""Envelopes and content on the wire: addresses in every script, reports asked for, and nothing smuggled in."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from app.base.addresses import in_ascii
from app.smtp.envelopes import ReceiptRequest, Unsendable, can_be_named, write_envelope
from app.smtp.session import as_content
from tests.servers.relay import Relay
from tests.smtp.dialling import MESSAGE, dial

SENDER, ADA, WITNESS = "desk@example.org", "ada@example.org", "archive@example.org"


def _nothing() -> None:
    """Stand for the commit that a caller makes before DATA."""


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


@given(st.text(max_size=400), st.sampled_from(["", "dsn", "smtputf8"]))
def test_any_address_is_written_whole_or_refused(address: str, feature: str) -> None:
    features = {feature: ""}
    refused: list[str] = []
    for to in (address, f"{address}@example.org", f"a@{address}"):
        try:
            envelope = write_envelope(features, SENDER, [to], MESSAGE, ReceiptRequest("x", is_wanted=True))
        except Unsendable:
            refused.append(to)
            continue
        (line,) = envelope.rcpts
        assert can_be_named(features, to)
        assert line.count(b"\r\n") == line.count(b"\n") == line.count(b"\r") == 1
        assert line.startswith(f"RCPT TO:<{in_ascii(to)}>".encode())
    assert not any(can_be_named(features, to) for to in refused)


def test_witness_that_can_not_be_named_does_not_stop_the_mail(relay: Relay) -> None:
    relay.behaviour.features = ()
    with dial(relay.port) as connection:
        verdict = connection.hand_over(
            SENDER, ADA, MESSAGE, _nothing, also_to=["no address", "почта@example.org", WITNESS]
        )
    assert verdict.is_accepted
    assert [each.recipient for each in verdict.answers] == [ADA, WITNESS]
