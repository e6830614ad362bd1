"""Runs in a child: reads a PDF, says what it is, and writes it anew without what it tells of those who made it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

from app.statements.pdf_traces import dictionaries_in, entry, is_signed, traces_of, without_traces

MOST_OBJECTS = 500_000
LONGEST_CHAIN = 100  # of actions that follow each other
# Actions that run something, send something away, bring something in, or lead into another file.
HARMFUL_ACTIONS = {
    "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/GoToR", "/GoToE", "/Movie", "/Sound",
    "/RichMediaExecute",
}  # fmt: skip
HARMFUL_KEYS = {
    "/JS": "/JavaScript", "/EmbeddedFiles": "/EmbeddedFiles", "/EF": "/EmbeddedFiles", "/XFA": "/XFA",
    "/RichMediaContent": "/RichMedia", "/FFilter": "/ExternalStream",
}  # fmt: skip
HARMFUL_ANNOTATIONS = {"/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"}
# Where a viewer acts by itself, only going to a place in the same document is harmless.
HARMLESS_BY_ITSELF = {"/GoTo", "/Named", None}


def answer(content: bytes) -> bytes:
    """Say what a PDF is in a line of JSON; after it comes the file as it was written anew, where it was."""
    facts, clean = facts_of(content)
    return json.dumps(facts).encode() + b"\n" + clean


def facts_of(content: bytes) -> tuple[dict[str, Any], bytes]:
    """Return {pages, encrypted, harmful, traces, signed}, and the file without its traces, if it has any.

    An encrypted file is not looked into, and nothing is taken from one that is signed: it would break the signature.
    """
    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted:
        return {"pages": None, "encrypted": True, "harmful": [], "traces": [], "signed": False}, b""
    objects = list(_objects(reader))
    harmful = sorted({name for found in objects for item in dictionaries_in(found) for name in _harmful_in(item)})
    traces, signed = traces_of(reader, objects, content), is_signed(objects)
    facts = {
        "pages": len(reader.pages), "encrypted": False, "harmful": harmful, "traces": traces, "signed": signed,
    }  # fmt: skip
    if not traces or signed or harmful or not reader.pages:
        return facts, b""
    clean = without_traces(reader)
    if len(PdfReader(io.BytesIO(clean), strict=False).pages) != len(reader.pages):
        raise PyPdfError("pages were lost")
    return facts, clean


def _objects(reader: PdfReader) -> Iterator[Any]:
    numbers = {number for table in reader.xref.values() for number in table} | set(reader.xref_objStm)
    if len(numbers) > MOST_OBJECTS:
        raise MemoryError
    for number in sorted(numbers):
        yield reader.get_object(IndirectObject(number, _generation(reader, number), reader))
    yield reader.trailer


def _generation(reader: PdfReader, number: int) -> int:
    return next((generation for generation, table in reader.xref.items() if number in table), 0)


def _harmful_in(item: DictionaryObject) -> Iterator[str]:
    if (action := entry(item, "/S")) in HARMFUL_ACTIONS:
        yield str(action)
    if (annotation := entry(item, "/Subtype")) in HARMFUL_ANNOTATIONS:
        yield str(annotation)
    yield from (name for key, name in HARMFUL_KEYS.items() if key in item)
    if isinstance(item, StreamObject) and "/F" in item:
        yield "/ExternalStream"
    if entry(item, "/FS") == "/URL":  # a file that is fetched from the web
        yield "/ExternalFile"
    if entry(item, "/Type") == "/XObject" and "/Ref" in item:  # a page of another file, drawn in this one
        yield "/ReferenceXObject"
    for started in _started_by_itself(item):
        kind = entry(started, "/S")
        if kind not in HARMLESS_BY_ITSELF | HARMFUL_ACTIONS:  # the others are found where they stand
            yield f"/OpenAction: {str(kind).lstrip('/')}"


def _started_by_itself(item: DictionaryObject) -> Iterator[DictionaryObject]:
    """Return the actions that a viewer starts without being asked, with those that follow them."""
    begun = [entry(item, "/OpenAction")]
    if isinstance(events := entry(item, "/AA"), DictionaryObject):
        begun += [entry(events, event) for event in events]
    for _step in range(LONGEST_CHAIN):
        if not begun:
            return
        action = begun.pop()
        if isinstance(action, IndirectObject):
            action = action.get_object()
        if isinstance(action, DictionaryObject):
            yield action
            begun.append(entry(action, "/Next"))
        elif isinstance(action, ArrayObject):  # a list of actions, or a place to go to, whose parts are none
            begun.extend(part for part in list.__iter__(action) if isinstance(part, DictionaryObject | IndirectObject))
    raise MemoryError
