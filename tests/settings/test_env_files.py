"""Files of settings are read as systemd reads them; a shell reads alike what is quoted as .env.example shows."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.settings.env_files import read_env_file

FOLDER = Path(__file__).parents[2]
FILES = (FOLDER / ".env.example", FOLDER / "deploy" / "worker.env.example")
EXAMPLE = "\n".join(path.read_text(encoding="utf-8") for path in FILES)
GENERATOR = Path("/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator")
NASTY = [
    "plain", "a b", "  blanks at both ends  ", "a#b", "a #b", "#first", "$HOME", "${HOME}", "$(id)", "`id`", 'say "it"',
    '"', "People's Voice", "'", "''", "a'b\"c", "back\\slash", "\\", "ends in \\", "\\n", "%25%", "a;b", "a&b", "a|b",
    "<a>", "*",
    "~", "!", "=", "a=b", "{}", "()", "Ініціатива «Ріка»", "‏عربي", "\u200b", "export A=1", "a\tb", "[x]", "?", "^",
]  # fmt: skip


def quoted(value: str) -> str:
    """Quote a value as .env.example says."""
    return "'" + value.replace("'", "'\"'\"'") + "'"


# What systemd 252 makes of a line; `environment.d` of the same version says so below.
@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=a b", "a b"),
        ("A= a b  ", "a b"),
        (" A = a", "a"),
        ("A=", ""),
        ("A=''", ""),
        ("A='a b'", "a b"),
        ("A='it'\"'\"'s'", "it's"),
        ('A="a \\"b\\" \\q \\\\ x"', 'a "b" \\q \\ x'),
        ("A=a\\ b\\ ", "a b "),
        ("A='a' 'b' c d ", "abc d"),
        ("A=a'b'c", "a'b'c"),
        ("A=a\"b\" 'c'", "a\"b\" 'c'"),
        ("A=a #b", "a #b"),
        ("A=a\\\nb", "ab"),
        ('A="two\nlines"', "two\nlines"),
        ('A="tick \\` here"', "tick ` here"),
        ("A='a\\b'", "a\\b"),
        ("A='open", "open"),
        ("A=a\r\nB=b", "a"),
        ("# A=x\n; A=y\nA=a", "a"),
        ("A=x\nA=a", "a"),
    ],
)
def test_read_a_line_as_systemd_does(line: str, value: str, tmp_path: Path) -> None:
    assert read_env_file(line).values["A"] == value
    if GENERATOR.exists() and value:  # that reader of the same parser leaves out what is empty
        (tmp_path / "environment.d").mkdir()
        (tmp_path / "environment.d" / "a.conf").write_bytes(line.encode())
        said = subprocess.run(
            [str(GENERATOR)], env={"XDG_CONFIG_HOME": str(tmp_path)}, capture_output=True, text=True, check=True
        )
        script = f'{said.stdout}\nprintf %s "$A"'  # it quotes for a shell, with newlines as \n in double quotes
        shown = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True).stdout
        assert shown.replace("\\n", "\n") == value


def test_dollars_are_no_variables() -> None:
    assert read_env_file("A=$HOME\nB=\"$HOME \\$B\"\nC='${A}'").values == {"A": "$HOME", "B": "$HOME $B", "C": "${A}"}


def test_name_the_lines_that_systemd_leaves_out() -> None:
    text = "A=1\nexport B=2\n\nnonsense\n# a remark that takes the next line with it \\\nC=3\n1D=4\n"
    assert read_env_file(text).left_out == (2, 4, 5, 7)


def _filled(value: str) -> tuple[str, set[str]]:
    """Return .env.example with one value for each setting, and the names of these."""
    names = set(re.findall(r"^(UNDERSIGNED_\w+)=", EXAMPLE, re.MULTILINE))
    return re.sub(r"^(UNDERSIGNED_\w+)='.*'$", lambda match: f"{match[1]}={quoted(value)}", EXAMPLE, flags=re.M), names


def _read_by_shell(path: Path) -> dict[str, str]:
    show = f"{sys.executable} -c 'import json, os; print(json.dumps(dict(os.environ)))'"
    script = f"set -a; . {path}; set +a; {show}"
    found = subprocess.run(["/bin/sh", "-euc", script], env={}, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert not found.stderr
    return {name: value for name, value in json.loads(found.stdout).items() if name.startswith("UNDERSIGNED_")}


def test_example_is_quoted_throughout() -> None:
    settings = [line for line in EXAMPLE.splitlines() if line and not line.startswith("#")]
    assert [line for line in settings if not re.fullmatch(r"UNDERSIGNED_\w+='[^']*'", line)] == []
    assert read_env_file(EXAMPLE).left_out == ()


@pytest.mark.parametrize("value", NASTY)
def test_systemd_and_shell_read_the_filled_example_alike(value: str, tmp_path: Path) -> None:
    text, names = _filled(value)
    (tmp_path / "env").write_text(text, encoding="utf-8")
    expected = dict.fromkeys(names, value)
    assert read_env_file(text).values == expected
    assert read_env_file(text).left_out == ()
    assert _read_by_shell(tmp_path / "env") == expected


@pytest.mark.parametrize("value", ["a b", "a #b", "$HOME", "a;b"])
def test_an_unquoted_value_is_where_they_differ(value: str, tmp_path: Path) -> None:
    """Why the commands read the file themselves: what systemd takes, a shell cuts, expands or runs."""
    (tmp_path / "env").write_text(f"UNDERSIGNED_MAIL_FROM_NAME={value}\n")
    assert read_env_file((tmp_path / "env").read_text()).values["UNDERSIGNED_MAIL_FROM_NAME"] == value
    script = f'. {tmp_path / "env"}; printf %s "$UNDERSIGNED_MAIL_FROM_NAME"'
    assert subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=False).stdout != value
