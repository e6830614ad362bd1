"""Postfix's smtp-sink: a mail server that takes everything as fast as it can, and says how much it took."""

import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.servers import free_port

_BACKLOG = "100"
_COUNTED = re.compile(rb"mesg=(\d+)")


class Sink:
    """A running smtp-sink."""

    def __init__(self, *options: str) -> None:
        self.port = free_port()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop
        program = program_path("smtp-sink")
        # Run by root it drops to nobody by itself.
        user = ["-u", "nobody"] if Path("/proc/self").stat().st_uid == 0 else []
        self._process = subprocess.Popen(
            [program, "-c", *user, *options, f"127.0.0.1:{self.port}", _BACKLOG], stdout=self._said, stderr=self._said
        )
        time.sleep(0.3)
        if self._process.poll() is not None:
            raise RuntimeError("smtp-sink did not start")

    def taken(self) -> int:
        """Count the messages that were taken so far, by its own running counters."""
        self._said.seek(0)
        counts = _COUNTED.findall(self._said.read())
        return int(counts[-1]) if counts else 0

    def stop(self) -> None:
        """End it."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._said.close()


def program_path(name: str) -> str:
    """Return where one of Postfix's programs is, or nothing where Postfix is not installed."""
    return shutil.which(name) or shutil.which(f"/usr/sbin/{name}") or ""


@contextmanager
def sink(*options: str) -> Iterator[Sink]:
    """Run a sink for the block."""
    running = Sink(*options)
    try:
        yield running
    finally:
        running.stop()
