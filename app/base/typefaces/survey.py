"""Read which characters the faces have and write coverage.txt; run it when a face or a wheel of faces has changed.

`python -m app.base.typefaces.survey` does. It is never part of a request: it reads 100 MB.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from app.base.typefaces import COVERAGE, folders

_WINDOWS, _UNICODE = 3, 0
_SEGMENTS, _GROUPS = 4, 12  # the two formats of a character map that these faces use
_FAMILY, _TYPOGRAPHIC_FAMILY = 1, 16  # among the names of a face
_HEADER = 12
_RECORD = 16
_MOST_TABLES = 64
_BEGINNING = re.compile(rb"(?:\x00\x01\x00\x00|OTTO)\x00[\x05-\x40]")


def surveyed() -> set[int]:
    """Return the code points that can be printed in every style; private use, which means nothing, is left out.

    A family counts with what all its faces have: bold and italic lack some of what the regular one has.
    """
    families: dict[str, set[int]] = {}
    for face in _faces():
        points = set(face.points())
        families[face.family] = families.get(face.family, points) & points
    return {point for points in families.values() for point in points if _is_printable(point)}


def ranges_of(points: set[int]) -> list[tuple[int, int]]:
    """Return code points as inclusive ranges, in order."""
    ranges: list[tuple[int, int]] = []
    for point in sorted(points):
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1] = (ranges[-1][0], point)
        else:
            ranges.append((point, point))
    return ranges


def written(points: set[int]) -> str:
    """Return the text of coverage.txt: a range a line, in hexadecimal."""
    return "".join(f"{first:X}-{last:X}\n" for first, last in ranges_of(points))


def _is_printable(point: int) -> bool:
    private = 0xE000 <= point <= 0xF8FF or point >= 0xF0000
    return point >= 0x20 and not 0x7F <= point < 0xA0 and not private and point & 0xFFFE != 0xFFFE


def _faces() -> Iterator[_Face]:
    """Yield every face of the wheels, of our own folder and of those that lie whole in typst's extension module."""
    for path in (path for folder in folders() for path in sorted(folder.rglob("*"))):
        if path.suffix in {".ttf", ".otf"}:
            yield _Face(path.read_bytes(), 0, 0)
        elif path.suffix == ".ttc":
            collection = path.read_bytes()
            (count,) = struct.unpack_from(">I", collection, 8)
            yield from (_Face(collection, start, 0) for start in struct.unpack_from(f">{count}I", collection, _HEADER))
    typst = find_spec("typst")
    assert typst is not None
    assert typst.origin is not None
    for module in Path(typst.origin).parent.glob("_typst*"):
        content = module.read_bytes()
        found = (_Face(content, match.start(), match.start()) for match in _BEGINNING.finditer(content))
        yield from (face for face in found if face.is_whole)


class _Face:
    """One face within a file: its header begins at `start`, its tables' offsets count from `origin`."""

    def __init__(self, data: bytes, start: int, origin: int) -> None:
        self._data, self._tables = data, {}
        (count,) = struct.unpack_from(">H", data, start + 4)
        if count <= _MOST_TABLES and start + _HEADER + _RECORD * count <= len(data):
            for at in range(start + _HEADER, start + _HEADER + _RECORD * count, _RECORD):
                tag, _checksum, offset, _length = struct.unpack_from(">4sIII", data, at)
                self._tables[tag] = origin + offset

    @property
    def is_whole(self) -> bool:
        """Tell whether this is a face at all, and not a few bytes that look like one."""
        return {b"cmap", b"head", b"maxp", b"name"} <= self._tables.keys()

    @property
    def family(self) -> str:
        """Return the family's name: the typographic one if there is one."""
        table = self._tables[b"name"]
        count, strings = struct.unpack_from(">HH", self._data, table + 2)
        names: dict[int, str] = {}
        for at in range(table + 6, table + 6 + 12 * count, 12):
            platform, _encoding, _language, kind, length, offset = struct.unpack_from(">6H", self._data, at)
            if platform == _WINDOWS and kind in (_FAMILY, _TYPOGRAPHIC_FAMILY):
                begin = table + strings + offset
                names.setdefault(kind, self._data[begin : begin + length].decode("utf-16-be"))
        return names.get(_TYPOGRAPHIC_FAMILY) or names[_FAMILY]

    def points(self) -> Iterator[int]:
        """Yield the code points that have a glyph."""
        table = self._tables[b"cmap"]
        (count,) = struct.unpack_from(">H", self._data, table + 2)
        for at in range(table + 4, table + 4 + 8 * count, 8):
            platform, _encoding, offset = struct.unpack_from(">HHI", self._data, at)
            if platform in (_WINDOWS, _UNICODE):
                yield from _points(self._data, table + offset)


def _points(data: bytes, start: int) -> Iterator[int]:
    (form,) = struct.unpack_from(">H", data, start)
    if form == _GROUPS:
        (count,) = struct.unpack_from(">I", data, start + 12)
        for number in range(count):
            first, last, glyph = struct.unpack_from(">III", data, start + 16 + 12 * number)
            yield from range(first + (glyph == 0), last + 1)  # glyph 0 is the box for what is missing
    elif form == _SEGMENTS:
        yield from _segments(data, start)


def _segments(data: bytes, start: int) -> Iterator[int]:
    """Yield the code points of a table in format 4 that lead to a glyph."""
    (double,) = struct.unpack_from(">H", data, start + 6)
    count = double // 2
    lasts, firsts = (struct.unpack_from(f">{count}H", data, start + at) for at in (14, 16 + double))
    deltas, offsets = (struct.unpack_from(f">{count}H", data, start + 16 + step * double) for step in (2, 3))
    for number, (first, last, delta, offset) in enumerate(zip(firsts, lasts, deltas, offsets, strict=True)):
        for point in range(first, min(last, 0xFFFE) + 1):
            glyph = point + delta
            if offset:
                at = start + 16 + 3 * double + 2 * number + offset + 2 * (point - first)
                (glyph,) = struct.unpack_from(">H", data, at)
            if glyph & 0xFFFF:
                yield point


if __name__ == "__main__":
    COVERAGE.write_text(written(surveyed()), encoding="ascii")
