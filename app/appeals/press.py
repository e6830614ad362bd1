"""Prints: hands a template and its data to typst. A long document is printed in a child, which returns its memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import typst

from app.base.typefaces import folders

TEMPLATES = Path(__file__).parents[2] / "templates" / "appeals"
# Archivable and readable by machines and screen readers: PDF/A-2a is ISO 19005-2, PDF/UA-1 ISO 14289-1.
STANDARDS: list[typst.PDFStandard] = ["a-2a", "ua-1"]
PDF, REFUSED = b"P", b"R"


class PressRefused(Exception):
    """typst can't print this; its words are the message."""


@dataclass(frozen=True)
class PressCopy:
    """What is to be printed: a template, its data as JSON texts, and the time that the file says it was made."""

    template: str
    inputs: Mapping[str, str]
    made_at: int


def print_copy(copy: PressCopy) -> bytes:
    """Return the PDF; raises PressRefused."""
    try:
        pdf = typst.compile(
            str(TEMPLATES / copy.template),
            root=str(TEMPLATES),
            font_paths=_fonts(),
            ignore_system_fonts=True,
            sys_inputs=dict(copy.inputs),
            format="pdf",
            pdf_standards=STANDARDS,
            timestamp=copy.made_at,
        )
    except typst.TypstError as error:
        raise PressRefused(error.message) from error
    assert isinstance(pdf, bytes)
    return pdf


def answer(content: bytes) -> bytes:
    """Print, in a child, what a parent asks for as JSON; return the PDF or why there is none, after a letter."""
    try:
        return PDF + print_copy(PressCopy(**json.loads(content)))
    except PressRefused as refused:
        return REFUSED + str(refused).encode()


@cache
def _fonts() -> typst.Fonts:
    """Open the faces once a process."""
    paths = [str(folder) for folder in folders()]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=paths)
