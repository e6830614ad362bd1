"""PDFs of every kind that somebody could upload."""

from __future__ import annotations

import io
from collections.abc import Callable

from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject


def make_pdf(
    pages: int = 1, *, password: str | None = None, script: bool = False, launch: bool = False,
    attachment: bool = False, change: Callable[[PdfWriter], None] | None = None,
) -> bytes:  # fmt: skip
    """Make a PDF with so many empty pages, which tells nothing of its maker; `change` adds what else there shall be."""
    writer = PdfWriter()
    writer.metadata = None
    for _ in range(pages):
        writer.add_blank_page(width=595, height=842)
    if script:
        writer.root_object[NameObject("/OpenAction")] = writer._add_object(_script())
    if attachment:
        writer.add_attachment("more.txt", b"more")
    if launch:
        _add_launch_action(writer)
    if change is not None:
        change(writer)
    if password is not None:
        writer.encrypt(password, algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _script() -> DictionaryObject:
    return DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert('boo');")}
    )


def _add_launch_action(writer: PdfWriter) -> None:
    action = DictionaryObject({NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("calc.exe")})
    link = DictionaryObject({NameObject("/Subtype"): NameObject("/Link"), NameObject("/A"): action})
    writer.pages[0][NameObject("/Annots")] = ArrayObject([link])
