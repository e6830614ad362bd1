"""Lets a child with little time and memory read what somebody sent: a hostile file can take all there is of both."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.background.bounded import TOO_MUCH
from app.base.errors import TooMany
from app.base.locales import lazy_gettext as _l

_RUNNER = Path(__file__).with_name("bounded.py")
# One file at a time in all processes of a web server: with two workers, the other one goes on serving pages.
_PLACE = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process and those forked from it
_WAIT_SECONDS = 3.0
_LOOK_SECONDS = 0.02


@dataclass(frozen=True)
class FileReader:
    """A module of ours whose `answer(content)` reads one kind of file in a child, and the most it may take."""

    module: str
    memory_bytes: int
    processor_seconds: int
    answer_bytes: int

    @property
    def seconds(self) -> int:
        """How long it may take by the clock: longer than it may reckon, since others want the processor too."""
        return 2 * self.processor_seconds


class FileBroken(Exception):
    """The reader stumbled over the file."""


class FileTooHeavy(Exception):
    """Reading the file took more time or memory than there is for it, or would have said too much."""


class ReadersBusy(TooMany):
    """Another file is being read."""

    def __init__(self) -> None:
        super().__init__(
            _l("Somebody else’s file is being read at this moment. Wait a minute and try again: nothing was saved."),
            "file",
        )


def read_in_child(reader: FileReader, content: bytes) -> bytes:
    """Return what the reader says of a file; raises FileBroken, FileTooHeavy or ReadersBusy.

    Takes up to some seconds: do it before a transaction is opened. The child is started anew and not forked, so the
    threads of this process don't matter to it, and knows nothing of this process's environment.
    """
    with _place():
        return answer_of_child(reader, content)


def answer_of_child(reader: FileReader, content: bytes) -> bytes:
    """Return what a child says of what this service made itself: as many at a time as their callers see fit.

    Raises FileBroken and FileTooHeavy.
    """
    bounds = (reader.memory_bytes, reader.processor_seconds, reader.answer_bytes)
    command = [sys.executable, "-I", str(_RUNNER), reader.module, *(str(most) for most in bounds)]
    try:
        done = subprocess.run(  # noqa: S603 - our own program, and the file comes through standard input
            command, input=content, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=reader.seconds,
            check=False, env={},
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise FileTooHeavy from error
    if done.returncode == TOO_MUCH or done.returncode < 0:  # the system ends what reckons for too long
        raise FileTooHeavy
    if done.returncode:
        raise FileBroken
    return done.stdout


@contextmanager
def _place() -> Iterator[None]:
    """Have the one place for a while; the system takes it back from a process that dies in it."""
    place = _opened_again()
    try:
        deadline = time.monotonic() + _WAIT_SECONDS
        while not _is_taken_by_us(place):
            if time.monotonic() > deadline:
                raise ReadersBusy
            time.sleep(_LOOK_SECONDS)
        yield
    finally:
        os.close(place)


def _opened_again() -> int:
    """Open the place anew: workers that were forked share the one that was open then, and so would its lock."""
    known = Path(f"/proc/self/fd/{_PLACE.fileno()}")
    return os.open(known, os.O_RDONLY) if known.exists() else os.dup(_PLACE.fileno())


def _is_taken_by_us(place: int) -> bool:
    try:
        fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
