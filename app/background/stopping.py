"""The sign by which a parent tells all its processes to stop."""

from __future__ import annotations

import os
import select
from typing import Protocol


class StopSign(Protocol):
    """What a loop asks whether it should stop: a `StopFlag`, or a `threading.Event` within one process."""

    def is_set(self) -> bool: ...

    def wait(self, timeout: float | None = None) -> bool: ...


class StopFlag:
    """A flag over several processes: a pipe that nobody reads from, which is readable once the flag is set.

    It counts as set, too, when every process that could set it is gone: then the pipe has ended.
    """

    def __init__(self) -> None:
        self._reads, self._writes = os.pipe()

    def set(self) -> None:
        """Ask every process to stop. Safe in a signal handler; doing it again changes nothing."""
        os.write(self._writes, b"x")

    def is_set(self) -> bool:
        """Tell whether to stop."""
        return self.wait(0)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for it, so many seconds at most; tell whether to stop."""
        poll = select.poll()
        poll.register(self._reads, select.POLLIN)
        return bool(poll.poll(None if timeout is None else max(0.0, timeout) * 1000))

    def leave_to_parent(self) -> None:
        """Give up setting it, in a child: the flag then counts as set once the parent is gone."""
        os.close(self._writes)
