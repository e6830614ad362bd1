"""Runs something in a forked child that the system stops when it takes too much time of the processor or memory."""

from __future__ import annotations

import os
import resource
import traceback
from collections.abc import Callable
from pathlib import Path


def fits_into(processor_seconds: int, memory_bytes: int, act: Callable[[], object]) -> bool:
    """Tell whether it ends within the bounds; memory is what it takes beyond what the process has already."""
    child = os.fork()
    if child:
        _pid, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status) == 0
    failed = 1
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + memory_bytes
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CPU, (processor_seconds, processor_seconds))
        act()
        failed = 0
    except BaseException:  # noqa: BLE001 - a child that goes on would run the parent's tests
        traceback.print_exc()
    finally:
        os._exit(failed)
