"""A program of its own: reads a PDF from standard input and prints what it is, as JSON.

Parsing a hostile file can take all time and memory there is. So it happens in a process that has little of both and is
killed when it asks for more; `documents` starts it.
"""

from __future__ import annotations

import io
import json
import logging
import resource
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

MEMORY_BYTES = 1024 * 1024 * 1024
PROCESSOR_SECONDS = 10
MOST_OBJECTS = 500_000
# Actions that run a program, run a script, send something away or bring something in.
HARMFUL_ACTIONS = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition"}
HARMFUL_KEYS = {"/JS": "/JavaScript", "/EmbeddedFiles": "/EmbeddedFiles", "/XFA": "/XFA"}


def facts_of(content: bytes) -> dict[str, Any]:
    """Return {pages, encrypted, harmful}; an encrypted file is not looked into."""
    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted:
        return {"pages": None, "encrypted": True, "harmful": []}
    harmful = sorted({name for found in _objects(reader) for name in _harmful_in(found)})
    return {"pages": len(reader.pages), "encrypted": False, "harmful": harmful}


def _objects(reader: PdfReader) -> Iterator[Any]:
    numbers = {number for table in reader.xref.values() for number in table} | set(reader.xref_objStm)
    for number in sorted(numbers)[:MOST_OBJECTS]:
        yield reader.get_object(IndirectObject(number, _generation(reader, number), reader))


def _generation(reader: PdfReader, number: int) -> int:
    return next((generation for generation, table in reader.xref.items() if number in table), 0)


def _harmful_in(found: Any) -> Iterator[str]:
    """Look into direct dictionaries and lists; what is referred to is looked at by itself."""
    waiting = [found]
    while waiting:
        item = waiting.pop()
        if isinstance(item, DictionaryObject):
            if item.raw_get("/S") in HARMFUL_ACTIONS if "/S" in item else False:
                yield str(item.raw_get("/S"))
            yield from (name for key, name in HARMFUL_KEYS.items() if key in item)
            waiting.extend(item.raw_get(key) for key in item)
        elif isinstance(item, ArrayObject):
            waiting.extend(list.__iter__(item))


def _main() -> int:
    for limit, most in ((resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_CPU, PROCESSOR_SECONDS)):
        with suppress(ValueError, OSError):  # not every system knows every limit, or is stricter already
            resource.setrlimit(limit, (most, most))
    logging.disable(logging.CRITICAL)
    try:
        facts = facts_of(sys.stdin.buffer.read())
    except (PyPdfError, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError, MemoryError):
        return 1
    sys.stdout.write(json.dumps(facts))
    return 0


if __name__ == "__main__":
    sys.exit(_main())
