"""The flag that stops processes: set once for all of them, and set too when nobody is left who could set it."""

from __future__ import annotations

import os
import time

from app.background.stopping import StopFlag


def test_flag_is_set_for_good() -> None:
    flag = StopFlag()
    assert not flag.is_set()
    assert not flag.wait(0.01)
    flag.set()
    flag.set()
    assert flag.is_set()
    assert flag.wait()


def test_waiting_ends_when_the_flag_is_set_in_another_process() -> None:
    flag = StopFlag()
    child = os.fork()
    if child == 0:
        flag.set()
        os._exit(0)
    began = time.monotonic()
    assert flag.wait(10)
    assert time.monotonic() - began < 10
    os.waitpid(child, 0)


def test_flag_counts_as_set_when_its_parent_is_gone() -> None:
    """A child that the parent leaves behind must not go on alone; another child's copy does not keep it alive."""
    flag = StopFlag()
    os.close(os.dup(flag._writes))
    flag.leave_to_parent()  # nobody holds the writing end any more
    assert flag.is_set()
