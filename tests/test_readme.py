"""What README tells an operator to type is typed here, to the letter, with settings full of signs."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from app.cli import create_cli_app
from app.settings.env_files import read_env_file
from tests.settings.test_env_files import FILES, FOLDER, quoted

SECTION = (FOLDER / "README.md").read_text(encoding="utf-8").split("## Run it for real")[1].split("\n## ")[0]
CLI = create_cli_app().cli
PASSWORD = "p@ss/w#rd %$HOME `id` \"'\\"
NAME = "People's Voice, #1: $HOME & `id` \\"


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    """A stand-in for /etc/undersigned, with a filled .env.example in it; the data lie below it."""
    (tmp_path / "data").mkdir()
    for path, name in zip(FILES, ("env", "worker.env"), strict=True):
        text = path.read_text(encoding="utf-8")
        filled = text.replace("'Undersigned'", quoted(NAME)).replace(":password@", f":{quote(PASSWORD, safe='')}@")
        (tmp_path / name).write_text(_moved(filled, tmp_path), encoding="utf-8")
    return tmp_path


def _moved(text: str, etc: Path) -> str:
    return text.replace("/var/lib/undersigned", str(etc / "data")).replace("/etc/undersigned", str(etc))


def _recipe(etc: Path) -> str:
    """The line that README gives for the shell, for this checkout and the stand-in."""
    (recipe,) = re.findall(r"`(\. \.venv/bin/activate; [^`]+)`", SECTION)
    return _moved(recipe, etc).replace(". .venv/bin/activate", f"PATH={Path(sys.executable).parent}:$PATH")


def _type(etc: Path, command: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("UNDERSIGNED_", "FLASK_"))}
    script = f"{_recipe(etc)}; {command}"
    return subprocess.run(
        ["/bin/sh", "-ec", script], env=kept, cwd=FOLDER, capture_output=True, text=True, check=False, timeout=120
    )


def test_set_up_a_house_and_bring_it_back_as_readme_says(etc: Path) -> None:
    """Every command in the order of README; what a command prints for the settings is put there."""
    commands = [_moved(each, etc) for each in re.findall(r"`(flask [^`]+)`", SECTION)]
    typed = list(dict.fromkeys(each for each in commands if not re.search("config encode|email test", each)))
    assert [" ".join(each.split()[1:3]) for each in typed] == [
        "key create", "key create", "config check", "db upgrade", "account add", "key create-for-backups", "db backup",
        "db restore", "db restore", "key rotate", "key reseal", "key drop-old",
    ]  # fmt: skip
    for command in typed:
        _prepare(etc, command)
        _take_over(etc, _answer(etc, _filled(command, etc)))
    assert [path.suffix for path in (etc / "backups").iterdir()] == [".age"]
    assert len((etc / "key").read_text().splitlines()) == 2


def _answer(etc: Path, command: str) -> str:
    """Type a command: the first of each kind to a shell, the others to our own ears, which are two seconds faster."""
    if re.match("flask (key create /|db upgrade|db backup)", command):
        answer = _type(etc, command)
        code, told, wrong = answer.returncode, answer.stdout, answer.stderr
    else:
        unset = {name: None for name in os.environ if name.startswith("UNDERSIGNED_")}
        (files,) = re.findall("UNDERSIGNED_ENV_FILE=(\\S+)", _recipe(etc))
        heard = CliRunner().invoke(CLI, shlex.split(command)[1:], env={**unset, "UNDERSIGNED_ENV_FILE": files})
        code, told, wrong = heard.exit_code, heard.stdout, heard.stderr
    assert code == 0, (command, told, wrong)
    assert PASSWORD not in told + wrong
    return told


def _filled(command: str, etc: Path) -> str:
    made = next((etc / "backups").iterdir(), "") if (etc / "backups").exists() else ""
    names = {"FOLDER": etc / "backups", "IDENTITY": etc / "identity", "FILE": made}
    return re.sub(r"\b(FOLDER|IDENTITY|FILE)\b", lambda name: str(names[name[1]]), command)


def _prepare(etc: Path, command: str) -> None:
    """Lose the database, on whose restoring the commands go on."""
    if command.startswith("flask db restore") and "--check" not in command:
        for path in (etc / "data").glob("undersigned.db*"):
            path.unlink()


def _take_over(etc: Path, printed: str) -> None:
    """Put a line for the settings into the place that it has there already."""
    for line, name in re.findall(r"^((UNDERSIGNED_\w+)='.+')$", printed, re.MULTILINE):
        text = (etc / "env").read_text(encoding="utf-8")
        (etc / "env").write_text(re.sub(rf"^{name}=''$", line, text, flags=re.MULTILINE), encoding="utf-8")


def test_commands_have_what_systemd_gives_the_services(etc: Path) -> None:
    printed = _type(etc, "flask config check").stdout.splitlines()
    given: dict[str, str] = {}
    for name in ("env", "worker.env"):
        given |= read_env_file((etc / name).read_text(encoding="utf-8")).values
    hidden = {"UNDERSIGNED_DATABASE_URL", "UNDERSIGNED_MAIL_URL", "UNDERSIGNED_INBOX_URL", "UNDERSIGNED_DKIM_KEY"}
    switches = {"UNDERSIGNED_ONE_PERSON", "UNDERSIGNED_PASSWORD_ALONE", "UNDERSIGNED_DEMONSTRATION"}
    assert f"UNDERSIGNED_MAIL_FROM_NAME={NAME}" in printed
    assert {f"{name}={value}" for name, value in given.items() if name not in hidden | switches} <= set(printed)


def test_units_read_the_file_that_readme_names() -> None:
    for unit in ("web", "worker"):
        text = (FOLDER / "deploy" / f"undersigned-{unit}.service").read_text()
        assert "\nEnvironmentFile=/etc/undersigned/env\n" in text
        assert ("\nEnvironmentFile=/etc/undersigned/worker.env\n" in text) == (unit == "worker")
        assert "\nRestartSec=5\n" in text


def test_a_password_is_encoded_for_a_url(etc: Path) -> None:
    answer = _type(etc, f"printf '%s\\n' {quoted(PASSWORD)} | flask config encode")
    assert answer.stdout.strip() == quote(PASSWORD, safe="")


def test_an_unencoded_password_is_named_and_printed_nowhere(etc: Path) -> None:
    text = (etc / "worker.env").read_text(encoding="utf-8")
    written = text.replace(f":{quote(PASSWORD, safe='')}@", ":canary@ss/w#rd@")
    (etc / "worker.env").write_text(written, encoding="utf-8")
    for command in ("flask config check", "gunicorn -c deploy/gunicorn.conf.py wsgi:app"):
        answer = _type(etc, f"python -m {command}")
        assert answer.returncode == 1
        for name in ("UNDERSIGNED_MAIL_URL", "UNDERSIGNED_INBOX_URL"):
            assert f"{name} has a user name or password with signs that must be encoded" in answer.stderr
        assert not re.search(r"canary|w#rd|Traceback", answer.stdout + answer.stderr)
