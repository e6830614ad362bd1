"""What README tells an operator to type is typed here, to the letter, with settings full of signs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from app.settings.env_files import read_env_file
from tests.settings.test_env_files import EXAMPLE, FOLDER, quoted

SECTION = (FOLDER / "README.md").read_text(encoding="utf-8").split("## Run it for real")[1].split("\n## ")[0]
PASSWORD = "p@ss/w#rd %$HOME `id` \"'\\"
NAME = "People's Voice, #1: $HOME & `id` \\"


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    """A stand-in for /etc/undersigned, with a filled .env.example in it; the data lie below it."""
    (tmp_path / "data").mkdir()
    filled = EXAMPLE.replace("'Undersigned'", quoted(NAME)).replace(":password@", f":{quote(PASSWORD, safe='')}@")
    (tmp_path / "env").write_text(_moved(filled, tmp_path), encoding="utf-8")
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


def test_set_up_a_house_as_readme_says(etc: Path) -> None:
    commands = [_moved(each, etc) for each in re.findall(r"`(flask [^`]+)`", SECTION)]
    typed = list(dict.fromkeys(each for each in commands if not re.search("config encode|email test", each)))
    assert [each.split()[1] for each in typed] == ["key", "config", "db", "account", "db"]
    for command in typed:
        answer = _type(etc, command.replace("FOLDER", str(etc / "backups")))
        assert answer.returncode == 0, (command, answer.stderr)
        assert PASSWORD not in answer.stdout + answer.stderr
    assert list((etc / "backups").iterdir())


def test_commands_have_what_systemd_gives_the_services(etc: Path) -> None:
    printed = _type(etc, "flask config check").stdout.splitlines()
    given = read_env_file((etc / "env").read_text(encoding="utf-8")).values
    hidden = {"UNDERSIGNED_DATABASE_URL", "UNDERSIGNED_MAIL_URL", "UNDERSIGNED_INBOX_URL", "UNDERSIGNED_DKIM_KEY"}
    switches = {"UNDERSIGNED_ONE_PERSON", "UNDERSIGNED_DEMONSTRATION"}
    assert f"UNDERSIGNED_MAIL_FROM_NAME={NAME}" in printed
    assert {f"{name}={value}" for name, value in given.items() if name not in hidden | switches} <= set(printed)


def test_units_read_the_file_that_readme_names() -> None:
    for unit in ("web", "worker"):
        text = (FOLDER / "deploy" / f"undersigned-{unit}.service").read_text()
        assert "\nEnvironmentFile=/etc/undersigned/env\n" in text
        assert "\nRestartSec=5\n" in text


def test_a_password_is_encoded_for_a_url(etc: Path) -> None:
    answer = _type(etc, f"printf '%s\\n' {quoted(PASSWORD)} | flask config encode")
    assert answer.stdout.strip() == quote(PASSWORD, safe="")


def test_an_unencoded_password_is_named_and_printed_nowhere(etc: Path) -> None:
    text = (etc / "env").read_text(encoding="utf-8")
    (etc / "env").write_text(text.replace(f":{quote(PASSWORD, safe='')}@", ":canary@ss/w#rd@"), encoding="utf-8")
    for command in ("flask config check", "gunicorn -c deploy/gunicorn.conf.py wsgi:app"):
        answer = _type(etc, f"python -m {command}")
        assert answer.returncode == 1
        for name in ("UNDERSIGNED_MAIL_URL", "UNDERSIGNED_INBOX_URL"):
            assert f"{name} has a user name or password with signs that must be encoded" in answer.stderr
        assert not re.search(r"canary|w#rd|Traceback", answer.stdout + answer.stderr)
