"""Reads an uploaded list, with the headings that this stage knows."""

from __future__ import annotations

from app.sheets.headings import HEADINGS
from app.sheets.looks import Look
from app.sheets.reading import FOUND, Sheet, read_sheet

_KNOWN = tuple(heading for headings in HEADINGS.values() for heading in headings)


def read_list(content: bytes, look: Look = FOUND) -> Sheet:
    """Read an upload as the look says, and find the rest; raise a Refusal that names what is wrong and the mend."""
    return read_sheet(content, look, _KNOWN)
