"""Who may wait long to write where several processes answer pages: all but one, so that pages can still be read."""

from __future__ import annotations

import fcntl
import math
import mmap
import struct
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

LAST_WAITS_SECONDS = 2.0
ONE_LOOK_SECONDS = 0.05
# After somebody has waited in vain, those who come take one look each for as long.
STUCK_SECONDS = 5.0


class SharedMoment:
    """A moment that all processes know which were forked from the one that made this, for as long as they live."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 8)
        self.forget()

    def set(self) -> None:
        """Note that it is now."""
        struct.pack_into("d", self._memory, 0, time.monotonic())

    def forget(self) -> None:
        """Note that it never was."""
        struct.pack_into("d", self._memory, 0, -math.inf)

    def is_within(self, seconds: float) -> bool:
        """Tell whether it is no longer ago."""
        (then,) = struct.unpack_from("d", self._memory, 0)
        return bool(time.monotonic() - then < seconds)


class Turns:
    """The places of those who may wait long; made before the processes are forked.

    A place is a lock on a byte of a file without a name: the system gives it back when its process dies.
    """

    def __init__(self, processes: int) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
        self._places = range(processes - 1)
        self._waited_in_vain = SharedMoment()

    @contextmanager
    def patience(self) -> Iterator[float | None]:
        """Take a place for the block, if one is free; give how many seconds to wait at most, None for as ever."""
        place = self._take()
        try:
            yield None if place is not None else self._last_patience()
        finally:
            if place is not None:
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, place)

    def note(self, *, in_vain: bool) -> None:
        """Note that somebody came to write, or waited for it in vain."""
        if in_vain:
            self._waited_in_vain.set()
        else:
            self._waited_in_vain.forget()

    def close(self) -> None:
        """Give the file back; nobody may wait for a place any more."""
        self._file.close()

    def _last_patience(self) -> float:
        return ONE_LOOK_SECONDS if self._waited_in_vain.is_within(STUCK_SECONDS) else LAST_WAITS_SECONDS

    def _take(self) -> int | None:
        for place in self._places:
            with suppress(OSError):
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
                return place
        return None
