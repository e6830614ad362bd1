"""Two workers at a time, killed at random, while mail goes on being queued: a hundred deaths and a reckoning.

A worker dies after a random number of its own steps, or when the relay comes to a random step of any session, or at a
random moment. UNDERSIGNED_SOAK=1000 asks for more deaths; `make soak` does.
"""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable

from app.mail.states import MailState
from tests.crash.relay import Relay, Step
from tests.crash.scene import Scene

# Both databases together; each takes its half.
DEATHS = int(os.environ.get("UNDERSIGNED_SOAK", "100")) // 2
MOST_STEPS = 24
LONGEST_LIFE_SECONDS = 0.25


def test_kill_workers_at_random(scene: Scene, relay: Relay, record_property: Callable[[str, object], None]) -> None:
    seed = random.randrange(10**6)
    chance, killer = random.Random(seed), _Killer(scene, seed)
    relay.hook, dead = killer, 0
    while dead < DEATHS:
        scene.queue(personal=chance.randrange(4), official=chance.randrange(5))
        lives = [chance.choice([0, chance.randint(1, MOST_STEPS), chance.randint(1, MOST_STEPS)]) for _ in range(2)]
        pids = [scene.fork(steps=steps) for steps in lives]
        killer.pids = tuple(pids)
        if chance.random() < 0.3:
            killer.pause.wait(chance.random() * LONGEST_LIFE_SECONDS)
            for pid in pids:
                scene.kill(pid)
        dead += sum(scene.hatchery.await_end(pid) < 0 for pid in pids)
        if chance.random() < 0.7:
            scene.end_lease()
    relay.hook = None
    scene.finish()
    ended = scene.reckon()
    record_property("deaths of workers", dead)
    record_property("mails", len(scene.queued))
    for state, number in sorted(ended.items()):
        record_property(state.value, number)
    record_property("personal mails that went twice", sum(copies == 2 for copies in relay.copies.values()))
    assert ended.get(MailState.ACCEPTED, 0) > len(scene.queued) / 2, f"seed {seed}: {ended}"
    # Deaths that hit nothing would prove nothing: some of them left an official letter to a person, or doubled a mail.
    assert ended.get(MailState.UNCERTAIN, 0) or 2 in relay.copies.values(), f"seed {seed}: every death missed"


class _Killer:
    """Kills one of the workers at some of the relay's steps, and makes some sessions linger."""

    def __init__(self, scene: Scene, seed: int) -> None:
        self._scene, self._chance = scene, random.Random(seed)
        self.pids: tuple[int, ...] = ()
        self.pause = threading.Event()

    def __call__(self, _step: Step) -> bool:
        """Strike at about one step in twelve, and linger at another one."""
        drawn = self._chance.random()
        if drawn < 0.08 and self.pids:
            self._scene.kill(self._chance.choice(self.pids))
        elif drawn < 0.16:
            self.pause.wait(self._chance.random() * 0.02)
        return False
