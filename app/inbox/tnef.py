"""Unpack winmail.dat (application/ms-tnef): Outlook and Exchange put words and files into it that others can't open.

Read is what [MS-OXTNEF] §2.1 calls attributes: the plain body, and each attachment's title and bytes. Words in
compressed RTF stay where they are.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

_SIGNATURE = 0x223E9F78
_BODY, _RENDERING, _TITLE, _BYTES, _CODEPAGE = 0x2800C, 0x69002, 0x18010, 0x6800F, 0x69007
MOST_FILES = 50
_MOST_ATTRIBUTES = 2000


@dataclass
class Packed:
    """What stood in a winmail.dat: its words, and its files as name and bytes."""

    text: bytes = b""
    codepage: str = "cp1252"
    files: list[tuple[bytes, bytes]] = field(default_factory=list)


def unpack(raw: bytes) -> Packed:
    """Return what a winmail.dat holds; as much as can be read of a broken one."""
    found, title, content = Packed(), b"", b""
    for name, value in _attributes(raw):
        if name == _CODEPAGE and len(value) >= 4:
            found.codepage = f"cp{struct.unpack_from('<I', value)[0]}"
        elif name == _BODY:
            found.text = value.rstrip(b"\0")
        elif name == _RENDERING:
            _add(found, title, content)
            title, content = b"", b""
        elif name == _TITLE:
            title = value.rstrip(b"\0")
        elif name == _BYTES:
            content = value
    _add(found, title, content)
    return found


def _add(found: Packed, title: bytes, content: bytes) -> None:
    if content and len(found.files) < MOST_FILES:
        found.files.append((title, content))


def _attributes(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each attribute's id and bytes: a byte of level, id, length, bytes, and a checksum of two."""
    if len(raw) < 6 or struct.unpack_from("<I", raw)[0] != _SIGNATURE:
        return
    at, number = 6, 0
    while at + 11 <= len(raw) and number < _MOST_ATTRIBUTES:
        name, length = struct.unpack_from("<II", raw, at + 1)
        value = raw[at + 9 : at + 9 + length]
        if len(value) < length:
            return
        yield name, value
        at, number = at + 9 + length + 2, number + 1
