"""Who holds something for a while, by machine and process, so that what the dead held is free at once on their machine.

A lease alone makes others wait for as long as a process may be slow. Where a process can be looked at, its death is
known; a process of another machine, or of a system that tells nothing, is believed to live until its lease ends.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import socket
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

LONGEST_HOLDER = 40
# The second where a machine has no name that stays; our units hide it.
_MACHINES = (Path("/etc/machine-id"), Path("/proc/sys/kernel/random/boot_id"))
_PROCESSES = Path("/proc/self/ns/pid")  # containers on one machine count their processes apart
_HOLDER = re.compile(r"(?P<machine>[0-9a-f]{8}) (?P<pid>[0-9]{1,7}) (?P<began>[0-9]{1,12}) [0-9a-f]{8}")
_STATE, _BEGAN = 0, 19  # fields of /proc/PID/stat after the name: its state, and its begin in ticks since the boot
_DEAD_STATES = frozenset("ZX")


def new_holder() -> str:
    """Return a name for something that holds, in this process; where the system tells nothing, a random one."""
    began = _stat(os.getpid())
    if began is None or not _machine():
        return secrets.token_hex(LONGEST_HOLDER // 2)
    return f"{_machine()} {os.getpid()} {began[_BEGAN]} {secrets.token_hex(4)}"


def gone(holders: Iterable[str | None]) -> list[str]:
    """Return those of whom this machine knows that their process has ended."""
    return [holder for holder in holders if holder is not None and _is_gone(holder)]


def _is_gone(holder: str) -> bool:
    found = _HOLDER.fullmatch(holder)
    if found is None or found["machine"] != _machine():
        return False
    try:
        os.kill(int(found["pid"]), 0)
    except ProcessLookupError:
        return True
    except OSError:  # it lives, and belongs to somebody else
        return False
    stat = _stat(int(found["pid"]))
    return stat is not None and (stat[_BEGAN] != found["began"] or stat[_STATE] in _DEAD_STATES)


def _stat(pid: int) -> list[str] | None:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    return None


@cache
def _machine() -> str:
    """Return a mark of this machine, or nothing. Its host name stands for it as well: images share their numbers."""
    for path in _MACHINES:
        with suppress(OSError):
            whole = f"{path.read_text(encoding='ascii')} {socket.gethostname()} {_PROCESSES.readlink()}"
            return hashlib.sha256(whole.encode()).hexdigest()[:8]
    return ""
