"""Two workers at a time, killed at random moments, while mail goes on being queued: a hundred deaths and a reckoning.

UNDERSIGNED_SOAK=1000 asks for more of them; `make soak` does.
"""

from __future__ import annotations

import os
import random
import threading

from app.mail.states import MailState
from tests.crash.relay import Relay, Step
from tests.crash.scene import Scene

DEATHS = int(os.environ.get("UNDERSIGNED_SOAK", "100"))
# Each database takes its half.
ROUNDS = DEATHS // 2
LONGEST_LIFE_SECONDS = 0.12


def test_kill_workers_at_random(scene: Scene, relay: Relay) -> None:
    seed = random.randrange(10**6)
    chance, dead = random.Random(seed), 0
    pause = threading.Event()

    def linger(_step: Step) -> bool:
        pause.wait(chance.random() * 0.03 if chance.random() < 0.1 else 0)
        return False

    relay.hook = linger
    while dead < ROUNDS:
        scene.queue(personal=chance.randrange(4), official=chance.randrange(3))
        pids = [scene.fork(), scene.fork()]
        pause.wait(chance.random() * LONGEST_LIFE_SECONDS)
        for pid in pids:
            scene.kill(pid)
        dead += sum(scene.hatchery.await_end(pid) < 0 for pid in pids)
        if chance.random() < 0.7:
            scene.end_lease()
    relay.hook = None
    scene.finish()
    ended = scene.reckon()
    assert ended.get(MailState.ACCEPTED, 0) > len(scene.queued) / 2, f"seed {seed}: {ended}"
