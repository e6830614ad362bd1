"""Start gunicorn for one side of a comparison, on the same settings for both."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = Path(__file__).with_name("gunicorn_settings.py")
SHIPPED = ROOT / "deploy" / "gunicorn.conf.py"
_START_SECONDS = 120  # on a machine that has other work too


def free_port() -> int:
    """Find a loopback port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    target: str, environment: Mapping[str, str], log: Path, port: int, ready: str = "/", settings: Path = SETTINGS
) -> Iterator[int]:
    """Serve a WSGI application with gunicorn until the block ends; the id of its first process is given."""
    command = [sys.executable, "-m", "gunicorn", "-c", str(settings), "--bind", f"127.0.0.1:{port}", target]
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink
        )
    try:
        _await(process, port, ready, log)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(process: subprocess.Popen[bytes], port: int, ready: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{ready}", timeout=5).close()
        except (OSError, urllib.error.URLError):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The server did not start:\n{log.read_text()}") from None
            time.sleep(0.1)
        else:
            return
