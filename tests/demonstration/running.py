"""The demonstration as `make run` starts it: a process of its own, on a state folder and a port, until Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, STDOUT
from threading import Timer

FOLDER = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "app.demonstration")
READY_SECONDS = 120
_OWNER_LINK = re.compile(r"Set your password\s+(\S+)")


@dataclass
class Run:
    """One start of the demonstration: its process and what it said so far."""

    process: subprocess.Popen[str]
    url: str
    said: str = ""

    @property
    def owner_link(self) -> str:
        """The one-time link that was printed for the owner."""
        found = _OWNER_LINK.search(self.said)
        assert found, self.said
        return found[1]


def environment(state: Path, port: object, **more: str) -> dict[str, str]:
    """Return the environment of a start, free of settings of the shell that runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("UNDERSIGNED_")}
    return {**kept, "UNDERSIGNED_STATE_DIRECTORY": str(state), "PORT": str(port), **more}


@contextmanager
def running(state: Path, port: int) -> Iterator[Run]:
    """Run the demonstration for the block, from when it says that it is ready."""
    process = subprocess.Popen(COMMAND, cwd=FOLDER, env=environment(state, port), stdout=PIPE, stderr=STDOUT, text=True)
    run, patience = Run(process, f"http://127.0.0.1:{port}"), Timer(READY_SECONDS, process.kill)
    patience.start()
    try:
        assert process.stdout is not None
        for line in process.stdout:
            run.said += line
            if line.startswith("Ctrl-C"):
                break
        assert "Ctrl-C" in run.said, run.said
        yield run
    finally:
        process.send_signal(signal.SIGINT)
        run.said += process.communicate(timeout=60)[0]
        patience.cancel()
