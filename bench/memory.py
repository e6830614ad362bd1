"""How much memory each process takes, as the kernel shares it out: `python -m bench memory`."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench.report import Section
from bench.servers import ROOT, SHIPPED, serving

HEAD = ("process", "PSS, MB", "private, MB", "RSS, MB")
LEAD = (
    "PSS counts what several processes share in parts: the sum is what the machine gives. The web server has answered"
    " pages of the bench, the worker has done its first rounds."
)
_LINE = re.compile(r"^(Rss|Pss|Private_Clean|Private_Dirty): +(\d+) kB$", re.MULTILINE)
START_SECONDS, SETTLING_SECONDS = 60.0, 8.0
ROUNDS = 30


def measured(pid: int) -> tuple[str, str, str]:
    """Give what a process takes: its part of what is shared and its own, its own alone, and all of it."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    found = {name: int(number) / 1024 for name, number in _LINE.findall(text)}
    private = found["Private_Clean"] + found["Private_Dirty"]
    return f"{found['Pss']:.0f}", f"{private:.0f}", f"{found['Rss']:.0f}"


def children_of(pid: int) -> list[int]:
    """Return the ids of a process's children, oldest first (Linux)."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


@contextmanager
def _working(environment: Mapping[str, str], log: Path) -> Iterator[int]:
    with log.open("wb") as sink:
        command = [sys.executable, "-m", "flask", "worker"]
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stdout=sink, stderr=sink)
    try:
        _await_children(process.pid)
        time.sleep(SETTLING_SECONDS)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _await_children(pid: int) -> None:
    gives_up_at = time.monotonic() + START_SECONDS
    while not children_of(pid) and time.monotonic() < gives_up_at:
        time.sleep(0.1)


def measure_memory(environment: Mapping[str, str], folder: Path, port: int, paths: list[str]) -> Section:
    """Start what production starts, let it answer, and read the kernel's figures."""
    log, worker_log = folder / "web.log", folder / "worker.log"
    with (
        serving("wsgi:app", environment, log, port, "/healthz", SHIPPED) as pid,
        _working(environment, worker_log) as worker,
    ):
        for _ in range(ROUNDS):
            for path in paths:
                urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30).close()
        webs, senders = children_of(pid), children_of(worker)
        named = [("web server, parent", pid), *(("web server, a process that answers", each) for each in webs)]
        works = ("worker, calendar", "worker, long work", *["worker, sender"] * len(senders))
        named += [("worker, parent", worker), *zip(works, senders, strict=False)]
        return Section("Memory", LEAD, HEAD, [(name, *measured(each)) for name, each in named], [])
