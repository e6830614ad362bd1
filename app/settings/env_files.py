"""Read a file of settings exactly as systemd reads an EnvironmentFile, so that service and commands see the same.

A shell reads such files otherwise: it takes a space for the end of a value, `$` for a variable and `#` for a remark.
The rules are from systemd.exec(5), as its parser (src/basic/env-file.c) applies them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ESCAPED = '"\\`$'  # what a backslash escapes between double quotes


@dataclass(frozen=True)
class EnvFile:
    """The values by name, and the numbers of the lines that systemd would leave out."""

    values: dict[str, str] = field(default_factory=dict)
    left_out: tuple[int, ...] = ()


def read_env_file(text: str) -> EnvFile:
    """Read the whole text; of a name that comes twice, the last value counts."""
    values: dict[str, str] = {}
    left_out: list[int] = []
    source = _Source(text.replace("\r\n", "\n").replace("\r", "\n"))
    while source.has_more:
        number, line = source.number, source.line()
        if line.lstrip()[:1] in {"", "#", ";"}:
            # A remark that ends so takes the next line with it in some versions of systemd.
            left_out += [number] if line.endswith("\\") else []
            source.skip_line()
            continue
        name, is_setting, _rest = line.partition("=")
        if not is_setting:
            left_out.append(number)
            source.skip_line()
            continue
        source.skip(len(name) + 1)
        value = _value(source)
        if _NAME.fullmatch(name.strip()):
            values[name.strip()] = value
        else:
            left_out.append(number)
    return EnvFile(values, tuple(left_out))


class _Source:
    """The text, and how far it has been read."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    @property
    def has_more(self) -> bool:
        return self._at < len(self._text)

    @property
    def number(self) -> int:
        return self._text.count("\n", 0, self._at) + 1

    def line(self) -> str:
        return self._text[self._at :].split("\n", 1)[0]

    def skip(self, length: int) -> None:
        self._at += length

    def skip_line(self) -> None:
        self.skip(len(self.line()) + 1)

    def take(self) -> str:
        """Return the next letter, nothing at the end."""
        letter = self._text[self._at : self._at + 1]
        self._at += 1
        return letter


def _value(source: _Source) -> str:
    """Read a value up to the end of its line. Quotes count as such only before any bare letter."""
    value = ""
    kept = 0  # so many letters are not blanks at the end
    is_bare = False
    while (letter := source.take()) not in {"", "\n"}:
        if letter in {"'", '"'} and not is_bare:
            value += _single_quoted(source) if letter == "'" else _double_quoted(source)
            kept = len(value)
        elif letter == "\\":
            is_bare = True
            value += source.take().replace("\n", "")
            kept = len(value)
        elif letter in " \t":
            value += letter if is_bare else ""
        else:
            is_bare = True
            value += letter
            kept = len(value)
    return value[:kept]


def _single_quoted(source: _Source) -> str:
    found = ""
    while (letter := source.take()) not in {"", "'"}:
        found += letter
    return found


def _double_quoted(source: _Source) -> str:
    found = ""
    while (letter := source.take()) not in {"", '"'}:
        if letter == "\\":
            letter = source.take()
            found += "" if letter == "\n" else letter if letter in _ESCAPED else f"\\{letter}"
        else:
            found += letter
    return found
