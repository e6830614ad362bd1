"""Every command there is, found by walking them: none does anything with a house that does not belong together."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from app.base.keys import create_key_file
from app.cli import create_cli_app
from app.house import HouseCommand, Opens

FOLDER = Path(__file__).parents[1]
# Those that open no database.
OPEN_NOTHING = {("key", "create"), ("key", "create-for-backups"), ("config", "check"), ("config", "encode")}
# Those that look at whatever is in the database's place themselves.
LOOK_THEMSELVES = {("db", "restore")}
# Those that are there for a database of another age, or for none.
ANY_AGE = {("db", "upgrade"), ("db", "backup")}


def _walk(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from _walk(below, (*path, name))
    else:
        yield path, command


CLI = create_cli_app().cli
COMMANDS = dict(_walk(CLI))
OPENING = sorted(set(COMMANDS) - OPEN_NOTHING - LOOK_THEMSELVES)


def _environment(folder: Path) -> dict[str, str]:
    return {
        "UNDERSIGNED_DATABASE_URL": f"sqlite:///{folder / 'house.db'}",
        "UNDERSIGNED_KEY_FILE": str(folder / "key"),
        "UNDERSIGNED_PUBLIC_URL": "https://appeals.example.org",
        "UNDERSIGNED_MAIL_URL": "smtp://127.0.0.1:1",
        "UNDERSIGNED_MAIL_FROM": "appeals@example.org",
        "UNDERSIGNED_STATE_DIRECTORY": str(folder),
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A house as `flask db upgrade` makes it, and a second key."""
    folder = tmp_path_factory.mktemp("made")
    create_key_file(folder / "key")
    create_key_file(folder / "other")
    assert _run(_environment(folder), ("db", "upgrade")).exit_code == 0
    return folder


@pytest.fixture
def environment(made: Path, tmp_path: Path) -> dict[str, str]:
    shutil.copytree(made, tmp_path / "house")
    return _environment(tmp_path / "house")


@pytest.fixture
def empty(environment: dict[str, str]) -> dict[str, str]:
    _file(environment).unlink()
    return environment


def _run(environment: dict[str, str], path: tuple[str, ...]) -> Result:
    """Run a command with something for each of its arguments."""
    wanted = [each for each in COMMANDS[path].params if isinstance(each, click.Argument)]
    unset = {name: None for name in os.environ if name.startswith("UNDERSIGNED_")}
    given = [str(Path(environment["UNDERSIGNED_STATE_DIRECTORY"]) / "given") for _each in wanted]
    return CliRunner().invoke(CLI, [*path, *given], env={**unset, **environment})


def _file(environment: dict[str, str]) -> Path:
    return Path(environment["UNDERSIGNED_DATABASE_URL"].removeprefix("sqlite:///"))


def _dump(environment: dict[str, str]) -> list[str]:
    connection = sqlite3.connect(_file(environment))
    lines = list(connection.iterdump())
    connection.close()
    return lines


def _assert_refused(answer: Result, path: tuple[str, ...], *words: str) -> None:
    assert isinstance(answer.exception, SystemExit), answer.exception
    # A mail server would send a message back for good over any other code.
    assert answer.exit_code == (os.EX_TEMPFAIL if path == ("mail", "ingest") else 1)
    assert all(word in answer.stderr for word in words), answer.stderr
    assert "Traceback" not in answer.output


def test_every_command_says_what_it_opens() -> None:
    assert len(OPENING) >= 6
    kinds = {path: command.opens for path, command in COMMANDS.items() if isinstance(command, HouseCommand)}
    assert kinds.keys() == COMMANDS.keys()
    assert {path for path, opens in kinds.items() if opens is Opens.NOTHING} == OPEN_NOTHING
    assert {path for path, opens in kinds.items() if opens is Opens.SETTINGS} == LOOK_THEMSELVES
    assert {path for path, opens in kinds.items() if opens is Opens.ANY_AGE} == ANY_AGE


@pytest.mark.parametrize("path", OPENING, ids=" ".join)
def test_another_key_is_refused(environment: dict[str, str], path: tuple[str, ...]) -> None:
    before = _dump(environment)
    other = {**environment, "UNDERSIGNED_KEY_FILE": str(_file(environment).with_name("other"))}
    _assert_refused(_run(other, path), path, "UNDERSIGNED_KEY_FILE", "UNDERSIGNED_DATABASE_URL")
    assert _dump(environment) == before


@pytest.mark.parametrize("path", OPENING, ids=" ".join)
def test_a_newer_database_is_refused(environment: dict[str, str], path: tuple[str, ...]) -> None:
    connection = sqlite3.connect(_file(environment))
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    before = _dump(environment)
    _assert_refused(_run(environment, path), path, "newer than this version")
    assert _dump(environment) == before


@pytest.mark.parametrize("path", sorted(set(OPENING) - ANY_AGE), ids=" ".join)
def test_an_older_database_is_refused(empty: dict[str, str], path: tuple[str, ...]) -> None:
    _assert_refused(_run(empty, path), path, "There is no database", "flask db upgrade")
    assert not _file(empty).exists()
    _file(empty).touch()
    _assert_refused(_run(empty, path), path, "older than this version", "flask db upgrade")


def test_backup_of_nothing_is_refused(empty: dict[str, str]) -> None:
    _assert_refused(_run(empty, ("db", "backup")), ("db", "backup"), "There is no database")


def test_a_restore_is_refused_over_a_house_of_another_key(environment: dict[str, str]) -> None:
    """By its own proof even where the backup is of the key at hand."""
    folder = Path(environment["UNDERSIGNED_STATE_DIRECTORY"])
    other = {**environment, "UNDERSIGNED_KEY_FILE": str(folder / "other")}
    other["UNDERSIGNED_DATABASE_URL"] = f"sqlite:///{folder / 'other.db'}"
    assert _run(other, ("db", "upgrade")).exit_code == 0
    assert _run(other, ("db", "backup")).exit_code == 0
    (made,) = (folder / "given").iterdir()
    unset = {name: None for name in os.environ if name.startswith("UNDERSIGNED_")}
    mixed = {**unset, **other, "UNDERSIGNED_DATABASE_URL": environment["UNDERSIGNED_DATABASE_URL"]}
    before = _dump(environment)
    answer = CliRunner().invoke(CLI, ["db", "restore", "--replace", str(made)], env=mixed)
    _assert_refused(answer, ("db", "restore"), "UNDERSIGNED_KEY_FILE is not the one")
    assert _dump(environment) == before
    assert CliRunner().invoke(CLI, ["db", "restore", "--check", str(made)], env=mixed).exit_code == 0


def test_the_workers_key_is_exchanged(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that still has the old public half is refused at its next start, with the new one in the sentence."""
    monkeypatch.setattr("app.key_commands.LOOK_SECONDS", 0.0)
    unset = {name: None for name in os.environ if name.startswith("UNDERSIGNED_")}
    path = Path(environment["UNDERSIGNED_STATE_DIRECTORY"]) / "worker-key"

    def run(command: str, **more: str) -> Result:
        return CliRunner().invoke(CLI, command.split(), env={**unset, **environment, **more})

    (old,) = re.findall("KEY='(.+)'", run(f"key create --worker {path}").stdout)
    assert path.stat().st_mode & 0o777 == 0o600
    worker, web = {"UNDERSIGNED_WORKER_KEY_FILE": str(path)}, {"UNDERSIGNED_WORKER_PUBLIC_KEY": old}
    assert "is missing" in run("key rotate --worker").stderr
    assert run("key reseal", **web).exit_code == 0
    (new,) = re.findall("KEY='(.+)'", run("key rotate --worker", **worker).stdout)
    assert new != old
    refused = run("key reseal", **web)
    assert refused.exit_code == 1
    assert new in refused.stderr
    assert run("key drop-old --worker", **worker).exit_code == 0
    assert "one key only" in run("key drop-old --worker", **worker).stderr


@pytest.mark.parametrize("path", OPENING, ids=" ".join)
def test_wrong_settings_are_refused(environment: dict[str, str], path: tuple[str, ...]) -> None:
    _assert_refused(_run({**environment, "UNDERSIGNED_MAIL_URL": "nowhere"}, path), path, "UNDERSIGNED_MAIL_URL")


@pytest.mark.parametrize(
    "command", ["flask run --port 1", "flask shell", "flask routes", "gunicorn -c deploy/gunicorn.conf.py wsgi:app"]
)
def test_what_serves_refuses_another_key(environment: dict[str, str], command: str) -> None:
    """The web server, and the commands that Flask brings along."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("UNDERSIGNED_", "FLASK_"))}
    other = {**inherited, **environment, "UNDERSIGNED_KEY_FILE": str(_file(environment).with_name("other"))}
    answer = subprocess.run(
        [sys.executable, "-m", *command.split()],
        env=other, cwd=FOLDER, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert answer.returncode == 1
    assert "UNDERSIGNED_KEY_FILE is not the one" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_what_is_listed_is_what_there_is() -> None:
    """The list is made without loading the commands, so it could differ from them."""
    listed = runpy.run_path(str(FOLDER / "deploy" / "commands.py"))["COMMANDS"]
    loaded = {name: (command.help or "").split("\n\n")[0] for name, command in CLI.commands.items()}
    assert listed == loaded


def test_listing_the_commands_loads_nothing_of_the_service(environment: dict[str, str]) -> None:
    """Whoever asks for help is answered as fast as by a bare Flask application."""
    code = "import sys; from flask.cli import cli\ntry: cli.main(['--help'])\nfinally: print(*sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment}, cwd=FOLDER, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    *said, modules = answer.stdout.splitlines()
    assert any("Outgoing mail." in line for line in said), answer.stderr
    assert {"app", "config", "sqlalchemy", "typst", "cryptography"}.isdisjoint(modules.split())


def test_a_command_opens_the_service_though_the_list_is_none(environment: dict[str, str]) -> None:
    """What is joined then must not take the list for the application that it speaks for."""
    answer = subprocess.run(
        [sys.executable, "-m", "flask", "account", "operator", "nobody@example.org"],
        env={**os.environ, **environment}, cwd=FOLDER, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.startswith("Error: "), answer.stderr
