"""Runs in a child: reads cards of an address book, vCard 2.1, 3.0 and 4.0, as a list with a row for each card."""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.sheets.decoding import decode
from app.sheets.looks import Look, LookRequest, heard
from app.sheets.raw_sheets import Obstacle, RawSheet, Unreadable, raw_sheet, told

_PROPERTY = re.compile(
    r"(?:[\w-]+\.)?(?P<name>[\w-]+)(?P<parameters>(?:;(?:\"[^\"]*\"|[^:;\"])*)*):(?P<value>.*)", re.S
)
_FOLD = re.compile(r"\r?\n[ \t]")
_SOFT_BREAK = re.compile(r"(?im)^([^:\n]*QUOTED-PRINTABLE[^:\n]*:(?:.*=\r?\n)*.*)$")
_PLAIN = {"FN": "Full name", "TITLE": "Job title", "ROLE": "Role", "NOTE": "Notes", "LANG": "Language", "TEL": "Phone"}
_NAME_PARTS = ("Last name", "First name", "Middle name", "Prefix", "Suffix")
_HEADINGS = (
    "Full name", "Prefix", "First name", "Middle name", "Last name", "Suffix", "E-mail address", "Organisation",
    "Job title", "Role", "Country", "Language", "Phone", "Notes",
)  # fmt: skip
_COUNTRY, _JOINED = 6, "; "  # the place of the country in an address; between several of one kind


@dataclass(frozen=True)
class _Property:
    name: str
    value: str

    def parts(self) -> list[str]:
        """Return the parts of a value, without the backslashes that keep what would part them."""
        return [_unescaped(part) for part in re.split(r"(?<!\\);", self.value)]


def answer(content: bytes) -> bytes:
    """Say what a list holds. The first line of `content` is what is asked."""
    asked, listed = heard(content)
    return told(lambda: _read(listed, asked))


def _read(content: bytes, asked: LookRequest) -> RawSheet:
    decoded = decode(content, asked.look.encoding)
    rows = [_row(card) for card in _cards(decoded.text, decoded.encoding)]
    if not rows:
        raise Unreadable(Obstacle.EMPTY)
    used = [heading for heading in _HEADINGS if any(row.get(heading) for row in rows)]
    records = [used, *([row.get(heading, "") for heading in used] for row in rows)]
    sheet = raw_sheet(records, replace(asked, look=Look(decoded.encoding, heading_row=1)))
    sheet.others = []  # each card says what its parts are
    return sheet


def _cards(text: str, encoding: str) -> Iterator[list[_Property]]:
    card: list[_Property] = []
    joined = _SOFT_BREAK.sub(lambda found: re.sub(r"=\r?\n", "", found[1]), text)
    for line in _FOLD.sub("", joined).splitlines():
        if line.strip().upper() == "BEGIN:VCARD":
            card = []
        elif line.strip().upper() == "END:VCARD":
            yield card
            card = []
        elif found := _PROPERTY.fullmatch(line.strip()):
            card.append(_property(found["name"].upper(), found["parameters"], found["value"], encoding))


def _property(name: str, parameters: str, value: str, encoding: str) -> _Property:
    if "QUOTED-PRINTABLE" in parameters.upper():
        stated = re.search(r"CHARSET=\"?([\w-]+)", parameters, re.IGNORECASE)
        value = _unquoted(value, stated[1] if stated else encoding)
    return _Property(name, value)


def _unquoted(value: str, encoding: str) -> str:
    raw = quopri.decodestring(value.encode("utf-8", "replace"))
    try:
        return raw.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return raw.decode("utf-8", "replace")


def _unescaped(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value).strip()


def _row(card: list[_Property]) -> dict[str, str]:
    """Return what a card says, by heading; several of a kind are joined, none is left out."""
    row: dict[str, list[str]] = {}
    for one in card:
        for heading, text in _said(one):
            if text and text not in row.setdefault(heading, []):
                row[heading].append(text)
    return {heading: _JOINED.join(texts) for heading, texts in row.items()}


def _said(one: _Property) -> Iterator[tuple[str, str]]:
    if one.name == "N":
        yield from zip(_NAME_PARTS, (part.replace(",", " ") for part in one.parts()), strict=False)
    elif one.name == "EMAIL":
        yield "E-mail address", _unescaped(one.value).removeprefix("mailto:")
    elif one.name == "ORG":
        yield "Organisation", ", ".join(part for part in one.parts() if part)
    elif one.name == "ADR" and len(one.parts()) > _COUNTRY:
        yield "Country", one.parts()[_COUNTRY]
    elif one.name in _PLAIN:
        yield _PLAIN[one.name], _unescaped(one.value).removeprefix("tel:")
