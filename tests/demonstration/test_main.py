"""`make run` as a newcomer meets it: it starts, says so, stops cleanly, and explains what stands in its way."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, STDOUT
from threading import Timer

FOLDER = Path(__file__).parents[2]
READY_SECONDS = 120


def _environment(state: Path, port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("UNDERSIGNED_")}
    return {**kept, "UNDERSIGNED_STATE_DIRECTORY": str(state), "PORT": str(port)}


def _command() -> list[str]:
    return [sys.executable, "-m", "app.demonstration"]


def _fails(state: Path, port: int) -> str:
    environment = _environment(state, port)
    done = subprocess.run(
        _command(), cwd=FOLDER, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


@dataclass
class Run:
    """One start of the demonstration: its process and what it said so far."""

    process: subprocess.Popen[str]
    said: str = ""


@contextmanager
def _running(state: Path, port: int) -> Iterator[Run]:
    process = subprocess.Popen(
        _command(), cwd=FOLDER, env=_environment(state, port), stdout=PIPE, stderr=STDOUT, text=True
    )
    run, patience = Run(process), Timer(READY_SECONDS, process.kill)
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


def _read(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
        return str(answer.read().decode())


def _running_in(state: Path) -> list[str]:
    """Return the processes that were started with a state folder and still run (Linux)."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"UNDERSIGNED_STATE_DIRECTORY={state}\0".encode() in (process / "environ").read_bytes():
                found.append(process.name)
    return found


def test_start_stop_and_start_again(tmp_path: Path, closed_port: int) -> None:
    state = tmp_path / "var"
    with _running(state, closed_port) as first:
        assert "Keep the River Archive open" in _read(closed_port, "/")
        assert [mail for mail in json.loads(_read(closed_port, "/mailbox.json")) if mail["links"]]
        assert len(_running_in(state)) >= 5, "ourselves, the web server, the worker, and their children"
    assert first.process.returncode == 0
    assert "Set your password" in first.said
    assert "Stopped" in first.said
    assert "Traceback" not in first.said
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", closed_port)) != 0, "nothing is left running"
    assert _running_in(state) == []
    with _running(state, closed_port) as second:
        assert "Keep the River Archive open" in _read(closed_port, "/")
    assert "Loaded the demonstration" not in second.said


def test_port_in_use_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"Port {port} is in use" in _fails(tmp_path / "var", port)
    assert not (tmp_path / "var").exists()


def test_newer_database_is_refused(tmp_path: Path, closed_port: int) -> None:
    (tmp_path / "var").mkdir()
    database = sqlite3.connect(tmp_path / "var" / "undersigned.db")
    database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    database.execute("INSERT INTO alembic_version VALUES ('9999')")
    database.commit()
    database.close()
    assert "newer than this version" in _fails(tmp_path / "var", closed_port)


def test_folder_that_cannot_be_made_is_said(tmp_path: Path, closed_port: int) -> None:
    (tmp_path / "file").write_text("in the way")
    assert "can't be made or written to" in _fails(tmp_path / "file" / "var", closed_port)
