"""Fork processes, and refuse to where threads run: a fork copies none, and a child that waits for one waits for ever.

Some of them Python doesn't know: typst prints with a pool of native threads, which begins with the first document.
"""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path

_TASKS = Path("/proc/self/task")
# A thread that was joined needs a moment until the kernel has forgotten it.
_LEAVING_SECONDS = 1.0
_LOOK_SECONDS = 0.002


class ThreadsBeforeFork(RuntimeError):
    """The process has threads and must not be forked; the message says whose they are and what to do."""

    def __init__(self, number: int, known: list[str]) -> None:
        unknown = number - len(known)
        whose = [f"“{name}”" for name in known]
        if unknown:
            whose.append(f"{unknown} that Python did not begin, such as those with which typst prints")
        super().__init__(
            f"This process must not be forked: beside its main thread it has {number} ({', '.join(whose)}). A fork "
            "copies no thread, so a child that waits for one waits for ever. Do that work in a child, after the fork."
        )


def refuse_threads() -> None:
    """Raise ThreadsBeforeFork unless the main thread is the only one. Native threads are seen on Linux only."""
    deadline = time.monotonic() + _LEAVING_SECONDS
    while number := _others():
        if time.monotonic() > deadline:
            main = threading.main_thread()
            known = sorted(thread.name for thread in threading.enumerate() if thread is not main)
            raise ThreadsBeforeFork(max(number, len(known)), known)
        time.sleep(_LOOK_SECONDS)


def fork(target: Callable[..., object], *arguments: object) -> BaseProcess:
    """Run a function in a forked process, which is given back running; raises ThreadsBeforeFork."""
    refuse_threads()
    process = multiprocessing.get_context("fork").Process(target=target, args=arguments)
    process.start()
    return process


def _others() -> int:
    """Return how many threads there are beside the main one."""
    known = threading.active_count()
    return max(known, len(list(_TASKS.iterdir())) if _TASKS.is_dir() else 0) - 1
