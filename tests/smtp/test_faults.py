"""The faults that mail servers and networks have: each ends in time, in a state that tells the truth."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from app.smtp.connection import RelayUnavailable
from app.smtp.session import LARGEST_REPLY
from app.smtp.states import Trouble
from tests.servers.relay import HANG_UP, RESET, SILENCE, STALL, Act, Relay, Stage
from tests.servers.smtp import SmtpServer
from tests.smtp.dialling import MESSAGE, dial, hasty

SENDER, ADA = "desk@example.org", "ada@example.org"
TRICKLE = Act(b"2", every_seconds=0.05)
BEFORE_CONTENT: tuple[Stage, ...] = ("MAIL", "RCPT", "DATA")


@pytest.fixture(autouse=True)
def _in_time() -> Iterator[None]:
    """No fault may hold a sender for longer than it has patience."""
    started = time.monotonic()
    yield
    assert time.monotonic() - started < 10


def _trouble(port: int, **named: object) -> RelayUnavailable:
    with pytest.raises(RelayUnavailable) as raised, dial(port, **named):  # type: ignore[arg-type]
        pytest.fail("it opened a session")
    return raised.value


# 1. Refused connection


def test_refused_connection(closed_port: int) -> None:
    trouble = _trouble(closed_port)
    assert (trouble.trouble, trouble.words) == (Trouble.NO_CONNECTION, "It refused the connection.")


def test_server_that_never_says_a_word(silent_server: tuple[str, int]) -> None:
    trouble = _trouble(silent_server[1], patience=hasty(connect=0.2))
    assert (trouble.trouble, trouble.words) == (Trouble.NO_CONNECTION, "It did not answer in time.")


def test_refused_while_reconnecting_leaves_the_connection_to_be_tried_again(relay: Relay) -> None:
    connection = dial(relay.port)
    with connection:
        relay.behaviour.acts.append(("CONNECT", RESET, 1))
        connection.close()
        with pytest.raises(RelayUnavailable):
            connection.refresh()
        assert not connection.is_usable
        connection.refresh()
        assert connection.hand_over(SENDER, ADA, MESSAGE).is_accepted


# 2. 421


def test_421_as_greeting(smtp_server: SmtpServer) -> None:
    smtp_server.answer("CONNECT", "421 4.3.2 too many connections", times=1)
    trouble = _trouble(smtp_server.port)
    assert (trouble.trouble, trouble.code) == (Trouble.BUSY, 421)
    assert "too many connections" in trouble.words
    with dial(smtp_server.port) as connection:
        assert connection.is_usable


def test_554_as_greeting(relay: Relay) -> None:
    relay.on("CONNECT", "554 5.7.1 you are on a list")
    assert _trouble(relay.port).trouble is Trouble.BLOCKED


@pytest.mark.parametrize("features", [(), ("PIPELINING",)])
@pytest.mark.parametrize("stage", [*BEFORE_CONTENT, "CONTENT"])
def test_421_in_a_transaction_ends_the_session_and_refuses_nothing(
    relay: Relay, stage: Stage, features: tuple[str, ...]
) -> None:
    relay.behaviour.features = features
    relay.on(stage, "421 4.3.2 going down", times=1)
    with dial(relay.port) as connection:
        verdict = connection.hand_over(SENDER, ADA, MESSAGE)
        assert (verdict.code, verdict.certain, verdict.concerns_server) == (421, True, True)
        assert not verdict.is_refused
        assert not connection.is_usable
        connection.refresh()
        assert connection.hand_over(SENDER, ADA, MESSAGE).is_accepted
    assert len(relay.taken) == 1


# 3.-6. 450, greylisting, 550, 552


@pytest.mark.parametrize(
    ("stage", "reply"),
    [
        ("RCPT", "450 4.2.1 mailbox busy"),
        ("RCPT", "550 5.1.1 no such user"),
        ("DATA", "450 4.3.0 later"),
        ("DATA", "552 5.3.4 too big"),
    ],
)
def test_answers_are_this_mails_alone(smtp_server: SmtpServer, stage: str, reply: str) -> None:
    smtp_server.answer(stage, reply, times=1)
    with dial(smtp_server.port) as connection:
        verdict = connection.hand_over(SENDER, ADA, MESSAGE)
        assert (verdict.code, verdict.answer) == (int(reply[:3]), reply[4:])
        assert (verdict.certain, verdict.concerns_server) == (True, False)
        assert verdict.is_refused is reply.startswith("5")
        assert connection.hand_over(SENDER, ADA, MESSAGE).is_accepted
    assert smtp_server.count() == 1


def test_greylisting_passes_at_the_second_try(smtp_server: SmtpServer) -> None:
    smtp_server.answer("RCPT", "451 4.7.1 Greylisted, come again", recipient=ADA, times=1)
    with dial(smtp_server.port) as connection:
        first = connection.hand_over(SENDER, ADA, MESSAGE)
        assert (first.code, first.is_refused, first.concerns_server) == (451, False, False)
        assert connection.hand_over(SENDER, ADA, MESSAGE).is_accepted


def test_552_for_a_size_that_the_server_does_not_take(smtp_server: SmtpServer) -> None:
    """The size is said before the content, so that a server can refuse what it would not store."""
    with dial(smtp_server.port) as connection:
        verdict = connection.hand_over(SENDER, ADA, MESSAGE + b"x" * 34_000_000)
        assert (verdict.code, verdict.is_refused) == (552, True)
        assert connection.hand_over(SENDER, ADA, MESSAGE).is_accepted


def test_refusal_in_the_middle_of_the_content_is_heard(relay: Relay) -> None:
    """A server that hangs up on a long message may have said why before."""
    relay.on("DATA", Act(b"354 Go on\r\n552 5.3.4 too big\r\n", ends="hang up"))
    with dial(relay.port) as connection:
        verdict = connection.hand_over(SENDER, ADA, MESSAGE + b"x" * 20_000_000)
        assert verdict.certain
        assert verdict.code in {552, None}  # the network may lose what was said before the end
        assert not connection.is_usable


# 7. Reset before and after DATA


@pytest.mark.parametrize("features", [(), ("PIPELINING",)])
@pytest.mark.parametrize("ending", [RESET, HANG_UP])
@pytest.mark.parametrize("stage", BEFORE_CONTENT)
def test_reset_before_the_content_is_certain(
    relay: Relay, stage: Stage, ending: Act, features: tuple[str, ...]
) -> None:
    relay.behaviour.features = features
    relay.on(stage, ending, times=1)
    with dial(relay.port) as connection:
        verdict = connection.hand_over(SENDER, ADA, MESSAGE)
        assert (verdict.code, verdict.certain, verdict.concerns_server) == (None, True, True)
        assert not verdict.is_refused
        assert not connection.is_usable
    assert relay.taken == []


@pytest.mark.parametrize("ending", [RESET, HANG_UP])
def test_reset_after_the_content_is_uncertain(relay: Relay, ending: Act) -> None:
    relay.on("CONTENT", ending, times=1)
    with dial(relay.port) as connection:
        verdict = connection.hand_over(SENDER, ADA, MESSAGE)
        assert (verdict.code, verdict.certain) == (None, False)
        assert not verdict.is_accepted
        assert not connection.is_usable


def test_reset_while_the_content_is_written_is_certain(relay: Relay) -> None:
    """The end was never sent, so nobody can have taken it."""
    relay.on("DATA", Act(b"354 Go on\r\n", ends="reset"))
    with dial(relay.port) as connection:
        verdict = connection.hand_over(SENDER, ADA, b"x" * 20_000_000)
        assert (verdict.code, verdict.certain, verdict.concerns_server) == (None, True, True)


def test_refusal_that_was_read_before_the_reset_counts(relay: Relay) -> None:
    relay.on("RCPT", Act(b"550 5.1.1 nobody here\r\n", ends="hang up"))
    with dial(relay.port) as connection:
        verdict = connection.hand_over(SENDER, ADA, MESSAGE)
        assert (verdict.code, verdict.is_refused) == (550, True)
        assert not connection.is_usable


@pytest.mark.parametrize("reply", ["354 more?", "hello", "9", "220-", "199 what"])
def test_answer_to_the_content_that_says_nothing_is_uncertain(relay: Relay, reply: str) -> None:
    relay.on("CONTENT", reply)
    with dial(relay.port, patience=hasty(data=0.3)) as connection:
        verdict = connection.hand_over(SENDER, ADA, MESSAGE)
        assert (verdict.code, verdict.certain) == (None, False)
        assert not connection.is_usable


# 8. One byte a second


@pytest.mark.parametrize("stage", ["CONNECT", "EHLO"])
def test_trickling_at_the_start_ends_in_time(relay: Relay, stage: Stage) -> None:
    relay.on(stage, TRICKLE)
    trouble = _trouble(relay.port, patience=hasty(connect=0.3, command=0.3))
    assert (trouble.trouble, trouble.words) == (Trouble.NO_CONNECTION, "It did not answer in time.")


@pytest.mark.parametrize("stage", BEFORE_CONTENT)
@pytest.mark.parametrize("act", [TRICKLE, SILENCE])
def test_trickling_before_the_content_ends_in_time_and_is_certain(relay: Relay, stage: Stage, act: Act) -> None:
    relay.on(stage, act)
    with dial(relay.port, patience=hasty(command=0.3)) as connection:
        verdict = connection.hand_over(SENDER, ADA, MESSAGE)
        assert (verdict.answer, verdict.certain) == ("It did not answer in time.", True)
        assert verdict.concerns_server
        assert not connection.is_usable


@pytest.mark.parametrize("act", [TRICKLE, SILENCE])
def test_trickling_after_the_content_ends_in_time_and_is_uncertain(relay: Relay, act: Act) -> None:
    relay.on("CONTENT", act)
    with dial(relay.port, patience=hasty(data=0.3)) as connection:
        verdict = connection.hand_over(SENDER, ADA, MESSAGE)
        assert (verdict.answer, verdict.certain) == ("It did not answer in time.", False)


def test_server_that_reads_nothing_ends_in_time_and_is_certain(relay: Relay) -> None:
    relay.on("DATA", STALL)
    with dial(relay.port, patience=hasty(writing=0.5)) as connection:
        verdict = connection.hand_over(SENDER, ADA, b"x" * 50_000_000)
        assert (verdict.code, verdict.certain, verdict.concerns_server) == (None, True, True)


@pytest.mark.parametrize("stage", ["QUIT", "NOOP", "RSET"])
def test_trickling_beside_a_mail_harms_none(relay: Relay, stage: Stage) -> None:
    relay.on(stage, TRICKLE)
    relay.on("RCPT", "550 5.1.1 nobody", times=1)
    with dial(relay.port, patience=hasty(command=0.3, idle=0)) as connection:
        assert connection.hand_over(SENDER, ADA, MESSAGE).is_refused
        connection.refresh()
        assert connection.hand_over(SENDER, ADA, MESSAGE).is_accepted


# 11. Huge banner


@pytest.mark.parametrize(
    "flood",
    [
        Act(b"220-" + b"x" * 1_000_000),
        Act((b"220-" + b"x" * 80 + b"\r\n") * 20_000),
        Act(b"\0" * 1_000_000),
    ],
)
def test_huge_banner_is_not_read_to_its_end(relay: Relay, flood: Act) -> None:
    relay.on("CONNECT", flood)
    trouble = _trouble(relay.port)
    assert trouble.trouble is Trouble.NO_CONNECTION
    assert len(trouble.words) < 100


@pytest.mark.parametrize("stage", ["EHLO", "MAIL", "RCPT", "DATA"])
def test_huge_answer_is_not_read_to_its_end(relay: Relay, stage: Stage) -> None:
    relay.on(stage, Act((b"250-" + b"x" * 400 + b"\r\n") * 1000))
    if stage == "EHLO":
        assert _trouble(relay.port).trouble is Trouble.NO_CONNECTION
        return
    with dial(relay.port) as connection:
        verdict = connection.hand_over(SENDER, ADA, MESSAGE)
        assert (verdict.answer, verdict.certain, verdict.concerns_server) == ("Its answer has no end.", True, True)
        assert not connection.is_usable


def test_huge_answer_to_the_content_is_uncertain(relay: Relay) -> None:
    relay.on("CONTENT", "250-" + "x" * LARGEST_REPLY)
    with dial(relay.port) as connection:
        assert not connection.hand_over(SENDER, ADA, MESSAGE).certain


# 12. Answers split in packets


@pytest.mark.parametrize("piece", [1, 2, 3, 7])
def test_answers_split_in_packets(relay: Relay, piece: int) -> None:
    relay.behaviour.piece = piece
    relay.on("CONTENT", "250-2.0.0 first\r\n250 2.0.0 second")
    with dial(relay.port) as connection:
        verdict = connection.hand_over(SENDER, ADA, MESSAGE)
        assert (verdict.code, verdict.answer) == (250, "2.0.0 first\n2.0.0 second")
        assert connection.hand_over(SENDER, ADA, MESSAGE).is_accepted


def test_answers_that_nobody_asked_for_accept_nothing(relay: Relay) -> None:
    """Out of step, a stray 250 would pass for the answer to the content."""
    relay.on("RCPT", Act(b"250 OK\r\n354 Go on\r\n250 2.0.0 queued\r\n"))
    with dial(relay.port) as connection:
        verdict = connection.hand_over(SENDER, ADA, MESSAGE, lambda: None)
        assert not verdict.is_accepted
        assert (verdict.certain, verdict.concerns_server) == (True, True)
        assert not connection.is_usable
    assert relay.taken == []
