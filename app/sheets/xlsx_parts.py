"""Runs in a child: finds in the parts of an XLSX file what its reader leaves out: cells in error, and mailed links."""

from __future__ import annotations

import html
import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

_ERROR = re.compile(
    rb'<c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*?\bt="e"[^>]*>(?:<f\b[^>]*/>|<f\b.*?</f>)?<v>([^<]{1,20})</v>', re.S
)
_LINK = re.compile(rb"<hyperlink\b[^>]*>")
_SHEET = re.compile(rb"<sheet\b[^>]*>")
_RELATION = re.compile(rb"<Relationship\b[^>]*>")
_ATTRIBUTE = re.compile(rb'([\w:]+)\s*=\s*"([^"]*)"')
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")


@dataclass(frozen=True)
class Beside:
    """What a worksheet holds besides values: errors and addresses, each by row and column, counted from nought."""

    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    addresses: dict[tuple[int, int], str] = field(default_factory=dict)


def beside_values(content: bytes, worksheet: str) -> Beside:
    """Return what stands beside the values of a worksheet; nothing where its part isn't found."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        path = _path_of(archive, worksheet)
        if path is None or path not in archive.namelist():
            return Beside()
        part = archive.read(path)
        return Beside(dict(_errors(part)), dict(_addresses(part, _relations(archive, path))))


def _path_of(archive: zipfile.ZipFile, worksheet: str) -> str | None:
    for mark in _SHEET.findall(archive.read("xl/workbook.xml")):
        attributes = _attributes(mark)
        if attributes.get("name") == worksheet:
            target = _relations(archive, "xl/workbook.xml").get(attributes.get("r:id", ""), "")
            return target.removeprefix("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
    return None


def _relations(archive: zipfile.ZipFile, path: str) -> dict[str, str]:
    folder, name = posixpath.split(path)
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in archive.namelist():
        return {}
    found = (_attributes(mark) for mark in _RELATION.findall(archive.read(relations)))
    return {one["Id"]: one["Target"] for one in found if "Id" in one and "Target" in one}


def _attributes(mark: bytes) -> dict[str, str]:
    return {key.decode(): html.unescape(value.decode("utf-8", "replace")) for key, value in _ATTRIBUTE.findall(mark)}


def _errors(part: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    for column, row, text in _ERROR.findall(part) if b't="e"' in part else ():
        yield (int(row) - 1, _column(column.decode())), html.unescape(text.decode("utf-8", "replace"))


def _addresses(part: bytes, relations: dict[str, str]) -> Iterator[tuple[tuple[int, int], str]]:
    for mark in _LINK.findall(part):
        attributes = _attributes(mark)
        target = relations.get(attributes.get("r:id", ""), "")
        cell = _REFERENCE.match(attributes.get("ref", ""))
        if cell and target.lower().startswith("mailto:"):
            yield (int(cell[2]) - 1, _column(cell[1])), target[len("mailto:") :].partition("?")[0]


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
