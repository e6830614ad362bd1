"""Turns: one process stays free for readers, places come back from the dead, and moments are shared."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

from app.base.turns import LAST_WAITS_SECONDS, ONE_LOOK_SECONDS, SharedMoment, Turns

# In a process of its own, since the tests' own has threads and must not be forked.
FORKED = """
import os, signal
from app.base.forking import fork
from app.base.turns import SharedMoment, Turns

def take_and_wait():
    with turns.patience():
        os.write(taken, b"!")
        signal.pause()

def patience():
    with turns.patience() as found:
        return found

turns, moment, (seen, taken) = Turns(2), SharedMoment(), os.pipe()
other = fork(take_and_wait)
os.read(seen, 1)
print(patience())
other.kill()
other.join()
print(patience(), patience())
fork(moment.set).join()
print(moment.is_within(60))
"""


def test_last_process_waits_less_until_another_comes_back_or_dies_and_moments_are_shared() -> None:
    command = [sys.executable, "-c", FORKED]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == [str(LAST_WAITS_SECONDS), "None", "None", "True"]


def test_who_comes_after_somebody_waited_in_vain_takes_one_look() -> None:
    with closing(Turns(1)) as turns:
        turns.note(in_vain=True)
        with turns.patience() as patience:
            assert patience == ONE_LOOK_SECONDS
        turns.note(in_vain=False)
        with turns.patience() as patience:
            assert patience == LAST_WAITS_SECONDS


def test_moment_passes() -> None:
    moment = SharedMoment()
    assert not moment.is_within(1e9)
    moment.set()
    assert moment.is_within(60)
    assert not moment.is_within(0)
