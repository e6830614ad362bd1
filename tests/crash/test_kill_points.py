"""SIGKILL of the worker at each point of a mail's way: what it leaves, and what becomes of it."""

from __future__ import annotations

import signal
import threading

import pytest
from sqlalchemy import select

from app.mail.models import Mail
from app.mail.states import MailState
from tests.crash.hatchery import Point
from tests.crash.relay import Relay, Step
from tests.crash.scene import Scene

# (where it dies, copies of the personal mail at the end, copies of the official one, the official one's end)
POINTS: list[tuple[Step | Point, int, int, MailState]] = [
    (Point.CLAIMED, 1, 1, MailState.ACCEPTED),
    (Step.MAIL, 1, 1, MailState.ACCEPTED),
    (Step.RCPT, 1, 1, MailState.ACCEPTED),
    (Step.MID_DATA, 1, 0, MailState.UNCERTAIN),
    (Step.STORED, 2, 1, MailState.UNCERTAIN),
    (Point.ANSWERED, 2, 1, MailState.UNCERTAIN),
    (Step.QUIT, 1, 1, MailState.ACCEPTED),
    (Point.COMMITTED, 1, 1, MailState.ACCEPTED),
]


class Assassin:
    """Kills one worker when the relay comes to a step, and tells whether it did."""

    def __init__(self, scene: Scene, step: Step) -> None:
        self._scene, self._step = scene, step
        self._pid = threading.Event()
        self.victim = 0
        self.has_struck = False

    def aim(self, pid: int) -> None:
        """Name the victim; a session that came to the step already has waited for that."""
        self.victim = pid
        self._pid.set()

    def __call__(self, step: Step) -> bool:
        """Strike once; tell the relay that its client is gone."""
        if step is not self._step or self.has_struck:
            return False
        assert self._pid.wait(10)
        self._scene.kill(self.victim)
        assert self._scene.hatchery.await_end(self.victim) == -signal.SIGKILL
        self.has_struck = True
        return True


@pytest.mark.parametrize("official", [False, True], ids=["personal", "official"])
@pytest.mark.parametrize(("point", "personal_copies", "official_copies", "official_end"), POINTS, ids=str)
def test_kill_worker_at(
    scene: Scene, relay: Relay, point: Step | Point, personal_copies: int, official_copies: int,
    official_end: MailState, official: bool,
) -> None:  # fmt: skip
    scene.queue(personal=not official, official=official)
    if isinstance(point, Step):
        assassin = Assassin(scene, point)
        relay.hook = assassin
        pid = scene.fork()
        assassin.aim(pid)
        _await(lambda: assassin.has_struck)
        relay.hook = None
    else:
        assert scene.hatchery.await_end(scene.fork(point)) == -signal.SIGKILL
    scene.finish()
    ended = scene.reckon()
    (copies,) = relay.copies.values() or (0,)
    assert copies == (official_copies if official else personal_copies)
    assert ended == {official_end if official else MailState.ACCEPTED: 1}


def test_claims_of_a_killed_worker_are_free_at_once(scene: Scene) -> None:
    """Its lease of a quarter of an hour has hardly begun, and nobody holds it any longer."""
    scene.queue(personal=2, official=1)
    assert scene.hatchery.await_end(scene.fork(Point.CLAIMED)) == -signal.SIGKILL
    assert scene.hatchery.await_end(scene.fork()) == 0
    assert scene.reckon() == {MailState.ACCEPTED: 3}


def test_what_a_killed_worker_was_handing_over_waits_for_its_lease(scene: Scene) -> None:
    scene.queue(personal=0, official=1)
    assert scene.hatchery.await_end(scene.fork(Point.ANSWERED)) == -signal.SIGKILL
    assert scene.hatchery.await_end(scene.fork()) == 0
    with scene.database.reading() as session:
        assert session.scalars(select(Mail.state)).all() == [MailState.HANDING_OVER]


def test_kill_worker_with_a_batch_in_hand_doubles_at_most_what_was_sent(scene: Scene, relay: Relay) -> None:
    scene.queue(personal=20, official=2)
    pid = scene.fork(Point.ANSWERED)
    assert scene.hatchery.await_end(pid) == -signal.SIGKILL
    scene.finish()
    scene.reckon()
    assert sorted(relay.copies.values())[-2:] in ([1, 2], [1, 1])


def _await(happened: object, seconds: float = 20) -> None:
    done = threading.Event()
    for _ in range(int(seconds / 0.01)):
        if happened():  # type: ignore[operator]
            return
        done.wait(0.01)
    raise AssertionError("the worker never came to that point")
