"""Handing one mail over: what goes over the wire in which order, and what each answer means."""

from __future__ import annotations

import pytest

from tests.servers.relay import Relay
from tests.smtp.dialling import MESSAGE, dial

SENDER, ADA, WITNESS = "desk@example.org", "ada@example.org", "archive@example.org"


def _nothing() -> None:
    """Stand for the commit that a caller makes before DATA."""


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
