"""Turns: one process stays free for readers, places come back from the dead, and moments are shared."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing

import pytest

from app.base.forking import fork
from app.base.turns import LAST_WAITS_SECONDS, ONE_LOOK_SECONDS, SharedMoment, Turns


@pytest.fixture(params=[2])
def turns(request: pytest.FixtureRequest) -> Iterator[Turns]:
    with closing(Turns(request.param)) as turns:
        yield turns


def _take_and_wait(turns: Turns, taken: int) -> None:
    with turns.patience():
        os.write(taken, b"!")
        signal.pause()


def test_last_process_waits_less_until_another_comes_back_or_dies(turns: Turns) -> None:
    seen, taken = os.pipe()
    other = fork(_take_and_wait, turns, taken)
    assert os.read(seen, 1) == b"!"
    with turns.patience() as patience:
        assert patience == LAST_WAITS_SECONDS
    other.kill()
    other.join()
    with turns.patience() as patience:
        assert patience is None
    with turns.patience() as patience:
        assert patience is None, "a place was not given back"


@pytest.mark.parametrize("turns", [1], indirect=True)
def test_who_comes_after_somebody_waited_in_vain_takes_one_look(turns: Turns) -> None:
    turns.note(in_vain=True)
    with turns.patience() as patience:
        assert patience == ONE_LOOK_SECONDS
    turns.note(in_vain=False)
    with turns.patience() as patience:
        assert patience == LAST_WAITS_SECONDS


def test_moment_is_known_in_all_processes_and_passes() -> None:
    moment = SharedMoment()
    assert not moment.is_within(1e9)
    fork(moment.set).join()
    assert moment.is_within(1e9)
    assert not moment.is_within(0)
