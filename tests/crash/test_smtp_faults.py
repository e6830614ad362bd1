"""Twelve faults of mail servers against a worker with a batch in hand: how each mail ends, and how often it went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from app.base import clock
from app.mail.states import RETRY_AFTER, MailState
from app.smtp.states import Trouble
from tests.crash.outbox import Row
from tests.crash.post import OFFICIAL, PERSONAL, Post
from tests.servers.certificates import Authority
from tests.servers.relay import FEATURES, RESET, Act, Stage

MINUTE = timedelta(minutes=1)
ACCEPTED, DEFERRED, QUEUED, REFUSED, UNCERTAIN = (
    MailState.ACCEPTED, MailState.DEFERRED, MailState.QUEUED, MailState.REFUSED, MailState.UNCERTAIN,
)  # fmt: skip
TRICKLE = Act(b"2", every_seconds=0.02)


def _is_untouched(row: Row) -> bool:
    return (row.state, row.failures, row.handovers) == (QUEUED, 0, 0)


# Faults of the server itself: refused, 421 as greeting, one byte a second, STARTTLS stripped, bad certificate, banner


def _refuse(post: Post, _authority: Authority) -> None:
    post.outbox.app.extensions["mail"].port = 1


def _strip(post: Post, authority: Authority) -> None:
    post.server.behaviour.context = authority.server_context(["127.0.0.1"])
    post.server.behaviour.offers_starttls = False
    post.point_at(post.server.port, start_tls=True)


def _certify_badly(post: Post, authority: Authority) -> None:
    post.server.behaviour.context = authority.server_context(["127.0.0.1"], days=-1)
    post.point_at(post.server.port, start_tls=True)


def _greet_with(act: str | Act) -> Callable[[Post, Authority], None]:
    return lambda post, _authority: post.server.on("CONNECT", act)


_SERVER_FAULTS = {
    "refused": (_refuse, Trouble.NO_CONNECTION),
    "421": (_greet_with("421 4.3.2 too many connections"), Trouble.BUSY),
    "one byte a second": (_greet_with(TRICKLE), Trouble.NO_CONNECTION),
    "STARTTLS stripped": (_strip, Trouble.NO_TLS),
    "bad certificate": (_certify_badly, Trouble.NO_TLS),
    "huge banner": (_greet_with(Act(b"220-" + b"x" * 1_000_000)), Trouble.NO_CONNECTION),
}


@pytest.mark.parametrize("fault", _SERVER_FAULTS)
def test_server_that_takes_nobody_harms_no_mail(post: Post, trusted_authority: Authority, fault: str) -> None:
    begin, trouble = _SERVER_FAULTS[fault]
    begin(post, trusted_authority)
    post.queue()
    with capture_logs() as logs:
        post.outbox.work()
    rows = post.outbox.rows()
    assert all(_is_untouched(row) for row in rows.values()), rows
    # Why it waits is said on each mail, in words, and in the log without a name.
    assert {row.trouble for row in rows.values()} == {trouble}
    assert [entry["trouble"] for entry in logs if entry["event"] == "mail.server_unavailable"] == [trouble]
    assert 0.8 * MINUTE <= post.outbox.rest() <= MINUTE
    connections = post.server.connections
    assert post.outbox.work() == 0
    assert post.server.connections == connections, "it asked again before the rest was over"
    clock.advance(seconds=61)
    _make_well(post, trusted_authority)
    post.outbox.work()
    rows = post.outbox.rows()
    assert {(row.state, row.failures, row.trouble) for row in rows.values()} == {(ACCEPTED, 0, None)}
    assert set(post.copies().values()) == {1}
    assert post.outbox.rest() == timedelta(0)


def _make_well(post: Post, authority: Authority) -> None:
    post.heal()
    post.outbox.app.extensions["mail"].port = post.server.port
    if post.server.behaviour.context is not None:
        post.server.behaviour.context = authority.server_context(["127.0.0.1"])
        post.server.behaviour.offers_starttls = True


def test_rests_of_a_server_grow_and_end(post: Post) -> None:
    post.server.on("CONNECT", "421 4.3.2 too many connections")
    post.queue()
    for minutes in (1, 5, 15, 60, 60, 60):
        post.outbox.work()
        assert 0.8 * minutes * MINUTE <= post.outbox.rest() <= minutes * MINUTE
        clock.advance(minutes=minutes)
    post.heal()
    post.outbox.work()
    assert set(post.outbox.states().values()) == {ACCEPTED}
    post.outbox.worker.close()
    post.server.on("CONNECT", "421 4.3.2 too many connections")
    post.queue()
    post.outbox.work()
    assert post.outbox.rest() <= MINUTE, "what was taken in between did not end the row of failures"


# Faults in the middle of a batch that are one mail's own: 450, greylisting, 550, 552


@pytest.mark.parametrize("hit", ["personal", "official"])
@pytest.mark.parametrize(
    ("stage", "answer", "becomes", "trouble"),
    [
        ("RCPT", "450 4.2.1 mailbox busy", DEFERRED, Trouble.BUSY),
        ("RCPT", "451 4.7.1 Greylisted, come again", DEFERRED, Trouble.GREYLISTED),
        ("CONTENT", "450 4.3.0 later", DEFERRED, Trouble.BUSY),
        ("RCPT", "550 5.1.1 no such user", REFUSED, Trouble.NO_SUCH_ADDRESS),
        ("CONTENT", "552 5.3.4 too big", REFUSED, Trouble.TOO_LARGE),
    ],
)
def test_answer_about_one_mail_leaves_the_others_alone(
    either_post: Post, hit: str, stage: Stage, answer: str, becomes: MailState, trouble: Trouble
) -> None:
    post = either_post
    post.server.on(stage, answer, times=1)
    post.queue(hit)
    post.outbox.work()
    rows = post.outbox.rows()
    one = rows.pop(f"{hit}0")
    assert (one.state, one.trouble, one.failures, one.handovers) == (becomes, trouble, 1, 0)
    assert {row.state for row in rows.values()} == {ACCEPTED}
    assert {row.failures for row in rows.values()} == {0}
    (tried,) = post.outbox.tries(f"{hit}0")
    assert (tried.code, tried.answer) == (int(answer[:3]), answer[4:])
    assert post.outbox.rest() == timedelta(0)
    clock.advance(hours=24)
    post.outbox.work()
    again = becomes is DEFERRED
    assert post.outbox.states()[f"{hit}0"] is (ACCEPTED if again else REFUSED)
    assert post.copies() == Counter({**dict.fromkeys(rows, 1), **({f"{hit}0": 1} if again else {})})


def test_greylisted_mail_that_is_then_interrupted_may_still_go_once_more(post: Post) -> None:
    """A hand-over that was refused for certain must not be counted as one that may have arrived."""
    post.server.on("RCPT", "451 4.7.1 Greylisted, come again", times=2)
    post.outbox.queue(personal=1)
    for seconds in (0, 67, 331):
        clock.advance(seconds=seconds)
        if seconds == 331:
            post.server.on("CONTENT", RESET, times=1)
        post.outbox.work()
    row = post.outbox.rows()["personal0"]
    assert (row.state, row.failures, row.handovers) == (ACCEPTED, 3, 2)
    assert post.copies() == {"personal0": 2}


def test_waits_between_tries_grow_with_a_tenth_of_jitter_until_it_is_given_up(post: Post) -> None:
    post.server.on("RCPT", "450 4.2.1 mailbox busy")
    post.outbox.queue(personal=1)
    assert RETRY_AFTER[:4] == (MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE)
    waits = []
    for number, wait in enumerate(RETRY_AFTER, start=1):
        post.outbox.work()
        row = post.outbox.rows()["personal0"]
        assert (row.state, row.failures) == (DEFERRED, number)
        waits.append((row.due_at - clock.now()) / wait)
        lines = len(post.server.lines)
        clock.freeze(row.due_at - timedelta(milliseconds=1))
        post.outbox.work()
        assert len(post.server.lines) == lines, "it came before its time"
        # A domain that rests meanwhile makes it later still.
        clock.freeze(row.due_at + 2 * timedelta(hours=1))
    assert all(1 <= each <= 1.1 for each in waits), waits
    assert len(set(waits)) > 1, "no jitter: all would come again together"
    post.outbox.work()
    assert post.outbox.states()["personal0"] is REFUSED
    assert [tried.code for tried in post.outbox.tries("personal0")] == [450] * (len(RETRY_AFTER) + 1)


@pytest.mark.parametrize("hit", ["personal", "official"])
def test_mail_that_was_refused_is_never_tried_again(post: Post, hit: str) -> None:
    post.server.on("RCPT", "550 5.1.1 no such user")
    post.outbox.queue(**{hit: 1})
    post.outbox.work()
    lines = list(post.server.lines)
    for _ in range(30):
        clock.advance(hours=12)
        assert post.outbox.work() == 0
    assert post.outbox.states() == {f"{hit}0": REFUSED}
    assert post.server.lines == lines


# Faults that end the session: 421 on the way, resets, one byte a second


@pytest.mark.parametrize("hit", ["personal", "official"])
@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "CONTENT"])
def test_421_on_the_way_lets_the_server_rest_and_refuses_nothing(either_post: Post, stage: Stage, hit: str) -> None:
    post = either_post
    post.outbox.queue(**{hit: 1})
    clock.advance(milliseconds=1)
    post.queue()
    _fault_at_second(post, stage, "421 4.3.2 going down")
    post.outbox.work()
    rows = list(post.outbox.rows().values())
    # The first was taken: what it told of the server must not end the rest that the second one brought about.
    assert rows[0].state is ACCEPTED
    assert 0.8 * MINUTE <= post.outbox.rest() <= MINUTE
    assert (rows[1].state, rows[1].failures, rows[1].handovers) == (DEFERRED, 1, 0)
    assert all(_is_untouched(row) for row in rows[2:]), rows
    assert {row.trouble for row in rows[1:]} == {Trouble.BUSY}
    _end_well(post, copies=1)


@pytest.mark.parametrize("hit", ["personal", "official"])
@pytest.mark.parametrize("act", [RESET, TRICKLE], ids=["reset", "one byte a second"])
@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
def test_session_that_breaks_before_the_content_costs_one_mail_a_minute(
    post: Post, stage: Stage, act: Act, hit: str
) -> None:
    post.server.on(stage, act, times=1)
    post.queue(hit)
    post.outbox.work()
    rows = post.outbox.rows()
    one = rows.pop(f"{hit}0")
    assert (one.state, one.trouble, one.failures, one.handovers) == (DEFERRED, Trouble.NO_ANSWER, 1, 0)
    assert MINUTE <= one.due_at - clock.now() <= 1.1 * MINUTE
    assert {(row.state, row.failures) for row in rows.values()} == {(ACCEPTED, 0)}
    assert post.outbox.rest() == timedelta(0)
    assert post.server.unanswered == []
    _end_well(post, copies=1)


@pytest.mark.parametrize("act", [RESET, TRICKLE], ids=["reset", "one byte a second"])
def test_session_that_breaks_after_the_content_sends_personal_mail_once_more(either_post: Post, act: Act) -> None:
    post = either_post
    post.server.on("CONTENT", act, times=1)
    post.queue("personal")
    post.outbox.work()
    rows = post.outbox.rows()
    assert {row.state for row in rows.values()} == {ACCEPTED}
    assert (rows["personal0"].failures, rows["personal0"].handovers) == (1, 2)
    assert [tried.code for tried in post.outbox.tries("personal0")] == [None, 250]
    assert post.copies() == Counter({**dict.fromkeys(rows, 1), "personal0": 2})


@pytest.mark.parametrize("act", [RESET, TRICKLE], ids=["reset", "one byte a second"])
def test_session_that_breaks_after_the_content_leaves_official_mail_to_a_person(either_post: Post, act: Act) -> None:
    post = either_post
    post.server.on("CONTENT", act, times=1)
    post.queue("official")
    post.outbox.work()
    clock.advance(hours=24)
    post.outbox.work()
    rows = post.outbox.rows()
    one = rows.pop("official0")
    assert (one.state, one.trouble, one.handovers) == (UNCERTAIN, Trouble.NO_ANSWER, 1)
    assert {row.state for row in rows.values()} == {ACCEPTED}
    assert set(post.copies().values()) == {1}


@pytest.mark.parametrize("stage", ["MAIL", "DATA", "CONTENT"])
def test_server_that_always_breaks_off_is_left_alone_after_two_mails(post: Post, stage: Stage) -> None:
    """Else one bad hour would use up every mail's tries, or make everything uncertain that is queued."""
    post.server.on(stage, RESET)
    post.queue("personal")
    post.outbox.work()
    rows = post.outbox.rows()
    assert [row.failures for row in rows.values()].count(1) == 2
    assert sum(_is_untouched(row) for row in rows.values()) == PERSONAL + OFFICIAL - 2
    assert post.outbox.rest() > timedelta(0)
    for minutes in (1, 5, 15):
        clock.advance(minutes=minutes)
        post.outbox.work()
    post.heal()
    clock.advance(hours=7)
    post.outbox.finish()
    ended, copies = post.outbox.states(), post.copies()
    if stage != "CONTENT":
        assert (set(ended.values()), set(copies.values())) == ({ACCEPTED}, {1})
    assert all(copies[name] <= (1 if name.startswith("official") else 2) for name in ended), copies
    assert all(copies[name] >= 1 for name, state in ended.items() if state is ACCEPTED)


def test_poisonous_recipient_holds_nobody_up(either_post: Post) -> None:
    post = either_post
    post.server.behaviour.for_recipients["personal0@example.org"] = RESET
    post.queue()
    for _ in range(3):
        post.outbox.work()
        rows = post.outbox.rows()
        poison = rows.pop("personal0")
        assert (poison.state, poison.handovers) == (DEFERRED, 0)
        assert {(row.state, row.failures) for row in rows.values()} == {(ACCEPTED, 0)}
        assert post.outbox.rest() == timedelta(0)
        clock.freeze(poison.due_at)
        post.outbox.queue(personal=2)
    assert "personal0" not in post.copies()
    assert set(post.copies().values()) == {1}


# Answers in pieces


@pytest.mark.parametrize("features", [FEATURES, ()], ids=["pipelining", "plain"])
@pytest.mark.parametrize("piece", [1, 3])
def test_answers_split_in_packets_harm_nothing(post: Post, piece: int, features: tuple[str, ...]) -> None:
    post.server.behaviour.piece, post.server.behaviour.features = piece, features
    post.server.on("CONTENT", "250-2.0.0 first\r\n250 2.0.0 second")
    post.queue()
    post.outbox.work()
    assert {(row.state, row.failures) for row in post.outbox.rows().values()} == {(ACCEPTED, 0)}
    assert set(post.copies().values()) == {1}


def _fault_at_second(post: Post, stage: Stage, act: str | Act) -> None:
    """Let the first mail pass and meet the second one with a fault."""
    usual = {"MAIL": "250 2.1.0 OK", "RCPT": "250 2.1.5 OK", "DATA": "354 Go on", "CONTENT": "250 2.0.0 queued"}
    post.server.on(stage, usual[stage], times=1)
    post.server.on(stage, act, times=1)


def _end_well(post: Post, copies: int) -> None:
    """An hour later the fault is over, and every mail has come so often."""
    post.heal()
    clock.advance(hours=1)
    post.outbox.work()
    rows = post.outbox.rows()
    assert {row.state for row in rows.values()} == {ACCEPTED}
    assert post.copies() == dict.fromkeys(rows, copies)
