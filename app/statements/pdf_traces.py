"""Runs in a child: what a PDF tells of those who made it, and the same PDF without it."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from typing import Any, TypeGuard

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

LONGEST_VALUE = 80
# Beside the pages: descriptions in XMP, and what programs leave for themselves.
_HIDDEN_PARTS = {"/Metadata": "XMP", "/PieceInfo": "PieceInfo"}
_TAKEN_KEYS = (*_HIDDEN_PARTS, "/LastModified", "/Thumb")
# A comment names who wrote it and when; a form field's /T is its name and stays.
_COMMENT_KEYS = {"/T": "Author of a comment", "/CreationDate": "", "/M": ""}
_NO_COMMENTS = {"/Widget", "/Link"}
# JPEG: begin of image, of scan; application segments tell of cameras, but those of size, colours and kind of colours.
_JPEG_BEGIN, _JPEG_SCAN = b"\xff\xd8", 0xDA
_APPLICATION, _COMMENT, _KEPT_SEGMENTS = range(0xE0, 0xF0), 0xFE, {0xE0, 0xE2, 0xEE}


def dictionaries_in(found: Any) -> Iterator[DictionaryObject]:
    """Return an object's direct dictionaries; what is referred to is an object by itself."""
    waiting = [found]
    while waiting:
        item = waiting.pop()
        if isinstance(item, DictionaryObject):
            yield item
            waiting.extend(dict.values(item))
        elif isinstance(item, ArrayObject):
            waiting.extend(list.__iter__(item))


def entry(item: DictionaryObject, key: str) -> Any:
    """Return what stands at a key, wherever it is: a name can be hidden behind a reference."""
    value = item.raw_get(key) if key in item else None
    return value.get_object() if isinstance(value, IndirectObject) else value


def is_signed(objects: Sequence[Any]) -> bool:
    """Tell whether somebody signed the file digitally."""
    return any("/ByteRange" in item for found in objects for item in dictionaries_in(found))


def traces_of(reader: PdfReader, objects: Sequence[Any], content: bytes) -> list[list[str]]:
    """Return what the file tells beside its pages, each with its value or an empty one."""
    info = entry(reader.trailer, "/Info")
    told = (
        [[str(key).lstrip("/"), _value(entry(info, key))] for key in info] if isinstance(info, DictionaryObject) else []
    )
    found = {name for part in objects for item in dictionaries_in(part) for name in _hidden_in(item)}
    if content.count(b"startxref") > (2 if b"/Linearized" in content[:2048] else 1):
        found.add("Earlier versions")
    return sorted(told) + [[name, ""] for name in sorted(found)]


def without_traces(reader: PdfReader) -> bytes:
    """Write the file anew from its pages, without what it tells beside them; earlier versions stay behind."""
    writer = PdfWriter(clone_from=reader)
    for part in writer._objects:
        for item in dictionaries_in(part):
            _clean(item)
    # Once more: what nothing refers to any longer is not taken along.
    return _written(PdfWriter(clone_from=PdfReader(io.BytesIO(_written(writer)), strict=False)))


def _written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.metadata = None
    writer.write(out)
    return out.getvalue()


def _value(value: object) -> str:
    return " ".join(str(value).split()).encode("utf-8", "replace").decode()[:LONGEST_VALUE]


def _hidden_in(item: DictionaryObject) -> Iterator[str]:
    yield from (name for key, name in _HIDDEN_PARTS.items() if key in item)
    if _is_comment(item):
        yield from (name for key, name in _COMMENT_KEYS.items() if name and key in item)
    if _is_photograph(item) and len(_without_segments(item._data)) < len(item._data):
        yield "Data of the camera"


def _clean(item: DictionaryObject) -> None:
    for key in (*_TAKEN_KEYS, *(_COMMENT_KEYS if _is_comment(item) else ())):
        item.pop(key, None)
    if _is_photograph(item):
        item._data = _without_segments(item._data)


def _is_comment(item: DictionaryObject) -> bool:
    return "/Rect" in item and "/Subtype" in item and entry(item, "/Subtype") not in _NO_COMMENTS


def _is_photograph(item: DictionaryObject) -> TypeGuard[StreamObject]:
    kinds = entry(item, "/Filter") if isinstance(item, StreamObject) else None
    return kinds == "/DCTDecode" or (isinstance(kinds, list) and list(kinds) == ["/DCTDecode"])


def _without_segments(jpeg: bytes) -> bytes:
    """Return a JPEG without the segments that hold EXIF, XMP or comments; what can't be read stays as it is."""
    kept, at = [jpeg[:2]], 2
    if not jpeg.startswith(_JPEG_BEGIN):
        return jpeg
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF and jpeg[at + 1] != _JPEG_SCAN:
        (length,) = struct.unpack(">H", jpeg[at + 2 : at + 4])
        if jpeg[at + 1] in _KEPT_SEGMENTS or jpeg[at + 1] not in (*_APPLICATION, _COMMENT):
            kept.append(jpeg[at : at + 2 + length])
        at += 2 + length
    return b"".join([*kept, jpeg[at:]])
