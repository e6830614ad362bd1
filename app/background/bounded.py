"""Runs in a child: takes its bounds first, then lets one module of ours say what a file holds; `children` starts it.

It is a program of its own, run by its path. The modules that it lets read find each other under `app`, but the service
itself, which takes a second to load, stays outside.
"""

from __future__ import annotations

import importlib
import logging
import resource
import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType

# The exit code of a file that asks for more than there is; a crash has Python's own, 1.
TOO_MUCH = 3


def read_within_bounds(module: str, memory_bytes: int, processor_seconds: int, answer_bytes: int) -> int:
    """Take the bounds, hand standard input to the module's `answer`, write what it returns; return the exit code."""
    _take_bounds(memory_bytes, processor_seconds)
    logging.disable(logging.CRITICAL)
    _stay_outside_the_service()
    try:
        answer = importlib.import_module(module).answer(sys.stdin.buffer.read())
    except MemoryError:
        return TOO_MUCH
    if len(answer) > answer_bytes:
        return TOO_MUCH
    sys.stdout.buffer.write(answer)
    return 0


def _take_bounds(memory_bytes: int, processor_seconds: int) -> None:
    limits = (
        (resource.RLIMIT_AS, memory_bytes), (resource.RLIMIT_CPU, processor_seconds), (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    )  # fmt: skip
    for limit, most in limits:
        with suppress(ValueError, OSError):  # not every system knows every limit, or is stricter already
            resource.setrlimit(limit, (most, most))


def _stay_outside_the_service() -> None:
    """Put an empty package in the place of `app`, whose own first lines would load everything."""
    package = ModuleType("app")
    package.__path__ = [str(Path(__file__).resolve().parents[1])]
    sys.modules["app"] = package


if __name__ == "__main__":
    sys.exit(read_within_bounds(sys.argv[1], *(int(number) for number in sys.argv[2:5])))
