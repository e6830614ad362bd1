"""The operator's commands, run as a person would."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import account, config, work
from app.database_commands import db
from app.key_commands import key

FOLDER = Path(__file__).parents[1]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("UNDERSIGNED_", "FLASK_"))}
    return {
        **kept,
        "UNDERSIGNED_DATABASE_URL": f"sqlite:///{tmp_path / 'undersigned.db'}",
        "UNDERSIGNED_KEY_FILE": str(tmp_path / "key"),
        "UNDERSIGNED_PUBLIC_URL": "https://appeals.example.org",
        "UNDERSIGNED_MAIL_URL": "smtp://user:canary-password@mail.example.org",
        "UNDERSIGNED_MAIL_FROM": "appeals@example.org",
        "UNDERSIGNED_STATE_DIRECTORY": str(tmp_path),
    }


GROUPS = {"key": key, "config": config, "db": db, "account": account, "worker": work}


def _flask(environment: dict[str, str], group: str, *words: str) -> Result:
    unset = {name: None for name in os.environ if name.startswith("UNDERSIGNED_")}
    return CliRunner().invoke(GROUPS[group], words, env={**unset, **environment})


def test_set_up_a_house_from_nothing(environment: dict[str, str]) -> None:
    assert "flask key create" in _flask(environment, "db", "upgrade").stderr
    made = _flask(environment, "key", "create", environment["UNDERSIGNED_KEY_FILE"])
    assert "lost means lost" in made.stdout
    assert "up to date" in _flask(environment, "db", "upgrade").stdout
    added = _flask(environment, "account", "add", "ada@example.org", "Ада Вереск")
    assert re.search(r"https://appeals\.example\.org/password/\S+", added.stdout)
    again = _flask(environment, "account", "add", "ADA@example.org", "Ada")
    assert again.exit_code != 0
    assert isinstance(again.exception, SystemExit)
    assert "Backed up to" in _flask(environment, "db", "backup", environment["UNDERSIGNED_STATE_DIRECTORY"]).stdout


def test_commands_are_found_without_any_setting(environment: dict[str, str]) -> None:
    bare = {name: value for name, value in environment.items() if not name.startswith("UNDERSIGNED_")}
    command = [sys.executable, "-m", "flask", "config", "check"]
    answer = subprocess.run(command, env=bare, cwd=FOLDER, capture_output=True, text=True, check=False, timeout=60)
    assert "UNDERSIGNED_KEY_FILE is missing" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_key_is_never_overwritten(environment: dict[str, str]) -> None:
    path = Path(environment["UNDERSIGNED_KEY_FILE"])
    path.write_text("precious")
    answer = _flask(environment, "key", "create", str(path))
    assert answer.exit_code != 0
    assert path.read_text() == "precious"


def test_config_check_hides_secrets(environment: dict[str, str]) -> None:
    printed = _flask(environment, "config", "check").stdout
    assert "UNDERSIGNED_PUBLIC_URL=https://appeals.example.org" in printed
    assert "canary-password" not in printed


def test_missing_settings_are_all_named(environment: dict[str, str]) -> None:
    bare = {name: value for name, value in environment.items() if not name.startswith("UNDERSIGNED_")}
    answer = _flask(bare, "config", "check")
    assert answer.exit_code != 0
    assert all(name in answer.stderr for name in ("DATABASE_URL", "KEY_FILE", "PUBLIC_URL", "MAIL_URL", "MAIL_FROM"))


@pytest.mark.parametrize(("email", "name"), [("ada", "Ada"), ("ada@example", "Ada"), ("ada@example.org", "A\nB")])
def test_bad_account_is_explained(environment: dict[str, str], email: str, name: str) -> None:
    _flask(environment, "key", "create", environment["UNDERSIGNED_KEY_FILE"])
    _flask(environment, "db", "upgrade")
    answer = _flask(environment, "account", "add", email, name)
    assert answer.exit_code != 0
    assert isinstance(answer.exception, SystemExit)


def test_worker_refuses_an_older_database(environment: dict[str, str]) -> None:
    _flask(environment, "key", "create", environment["UNDERSIGNED_KEY_FILE"])
    answer = _flask(environment, "worker")
    assert answer.exit_code != 0
    assert "flask db upgrade" in answer.stderr


def test_account_can_be_made_operator_and_back(environment: dict[str, str]) -> None:
    _flask(environment, "key", "create", environment["UNDERSIGNED_KEY_FILE"])
    _flask(environment, "db", "upgrade")
    assert _flask(environment, "account", "add", "ada@example.org", "Ada", "--operator").exit_code == 0
    assert "an operator now" in _flask(environment, "account", "operator", "ADA@example.org").stdout
    assert (
        "not an operator any more" in _flask(environment, "account", "operator", "ada@example.org", "--remove").stdout
    )
    unknown = _flask(environment, "account", "operator", "nobody@example.org")
    assert unknown.exit_code != 0
    assert "no such organiser" in unknown.stderr


def test_the_last_administrator_stays_from_the_command_line_too(environment: dict[str, str]) -> None:
    _flask(environment, "key", "create", environment["UNDERSIGNED_KEY_FILE"])
    _flask(environment, "db", "upgrade")
    for address in ("ada@example.org", "ben@example.org"):
        assert _flask(environment, "account", "add", address, "Ada").exit_code == 0
    last = _flask(environment, "account", "administrator", "ada@example.org", "--remove")
    assert last.exit_code != 0
    assert "last administrator" in last.stderr
    assert "an administrator now" in _flask(environment, "account", "administrator", "ben@example.org").stdout
    done = _flask(environment, "account", "administrator", "ada@example.org", "--remove")
    assert "not an administrator any more" in done.stdout


def test_worker_refuses_a_newer_database(environment: dict[str, str]) -> None:
    _flask(environment, "key", "create", environment["UNDERSIGNED_KEY_FILE"])
    _flask(environment, "db", "upgrade")
    with sqlite3.connect(environment["UNDERSIGNED_DATABASE_URL"].removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    answer = _flask(environment, "worker")
    assert answer.exit_code != 0
    assert "newer than this version" in answer.stderr
    assert isinstance(answer.exception, SystemExit)


def test_worker_works_until_it_is_told_to_stop(environment: dict[str, str]) -> None:
    _flask(environment, "key", "create", environment["UNDERSIGNED_KEY_FILE"])
    _flask(environment, "db", "upgrade")
    command = [sys.executable, "-m", "flask", "worker"]
    with subprocess.Popen(command, env=environment, cwd=FOLDER, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        assert "worker.started" in said, said + process.stderr.read()
        process.terminate()
        said = process.stderr.read()
        assert process.wait(30) == 0
    assert "worker.stopped" in said
    assert "Traceback" not in said
