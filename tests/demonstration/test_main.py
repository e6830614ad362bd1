"""`make run` as somebody meets it whose machine or words are not as expected: it says what stands in its way."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
from pathlib import Path

import pytest

from app.demonstration.__main__ import main
from app.demonstration.surroundings import settle
from tests.demonstration.running import COMMAND, FOLDER, environment

MAKE = ("make", "-n")


def _fails(state: Path, port: object, *arguments: str, code: int = 1, **more: str) -> str:
    done = subprocess.run(
        [*COMMAND, *arguments], cwd=FOLDER, env=environment(state, port, **more), capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    return done.stderr


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


def test_argument_is_refused_with_the_right_usage(tmp_path: Path, closed_port: int) -> None:
    said = _fails(tmp_path / "var", closed_port, "--port", "8001", code=2)
    assert "“--port 8001” is not known here" in said
    assert "make run PORT=8001" in said
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize("argument", ["--port=8001", "8001", "PORT=8001", "--help", ""])
def test_whatever_the_argument_is_it_is_refused(argument: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([argument]) == 2
    assert f"“{argument}” is not known here" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["abc", "0", "80", "99999", "-8001", "8001.5", "٨٠٠١", "²000", "9" * 5000])
def test_port_that_is_none_is_refused_with_the_range(
    port: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", port)
    assert main([]) == 2
    said = capsys.readouterr().err
    assert f"PORT={port} is no port that can be used; choose one from 1024 to 65535" in said
    assert "make run PORT=8001" in said


@pytest.mark.parametrize("words", [("run", "8001"), ("run", "port=8001"), ("run", "--", "--port", "8001")])
def test_make_refuses_words_that_it_would_ignore(words: tuple[str, ...]) -> None:
    done = subprocess.run([*MAKE, *words], cwd=FOLDER, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "make run PORT=8001" in done.stderr


def test_make_run_starts_what_these_tests_start() -> None:
    command = [*MAKE, "run", "PORT=8001", "PYTHON=python3", "UNDERSIGNED_STATE_DIRECTORY=/tmp/x"]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "exec .venv/bin/python " + " ".join(COMMAND[1:])


def test_last_port_in_use_suggests_one_that_exists(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 65535)):
        assert "make run PORT=65534" in _fails(tmp_path / "var", 65535)


@pytest.mark.parametrize(("chosen", "found"), [({}, "1"), ({"UNDERSIGNED_PASSWORD_ALONE": "0"}, "0")])
def test_second_factors_can_be_tried_in_the_demonstration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: dict[str, str], found: str
) -> None:
    monkeypatch.setattr(os, "environ", chosen)
    settle(tmp_path, 8000, 2525)
    assert os.environ["UNDERSIGNED_PASSWORD_ALONE"] == found
