"""Take documents in: check a PDF before anything is written; say what is wrong with it and how to mend it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.base.characters import BIDI_OVERRIDES, BYTE_ORDER_MARK, CONTROLS, SEPARATORS
from app.base.locales import gettext as _
from app.statements.states import AnnexRefused

LARGEST_BYTES = 20 * 1024 * 1024
LONGEST_FILENAME = 120
_READER = Path(__file__).with_name("pdf_reading.py")
_READING_SECONDS = 15
# A PDF begins with its mark, or after a little rubbish, and ends with another.
_HEAD_BYTES, _TAIL_BYTES = 1024, 2048
# What turns the direction of writing can make "report-exe.pdf" of a name that is not; marks beside it are harmless.
_DECEIVING = re.compile(f"[{CONTROLS}{SEPARATORS}{BIDI_OVERRIDES}{BYTE_ORDER_MARK}]")
_MARKS = re.compile("[\u00ad\u200b\u200e\u200f\u2060\u061c]")
_UNFIT_IN_FILENAMES = re.compile(r"[\"*:<>?|]+")
_PDF_ENDING, _MARKDOWN_ENDING = ".pdf", ".md"


@dataclass(frozen=True)
class CheckedPdf:
    """A PDF that can be annexed: its name without path, its bytes and pages."""

    filename: str
    content: bytes
    pages: int


def check_pdf(filename: str, content: bytes) -> CheckedPdf:
    """Check an upload; raises AnnexRefused. Takes up to some seconds: do it before a transaction is opened."""
    name = clean_filename(filename)
    if not content:
        raise AnnexRefused(_("The file “%(name)s” is empty. Choose the file again.", name=name))
    if len(content) > LARGEST_BYTES:
        raise AnnexRefused(
            _("The file is %(size)s MB large; at most %(most)s MB fit. Save it with smaller pictures, or split it.",
              size=f"{len(content) / 1024 / 1024:.1f}", most=LARGEST_BYTES // 1024 // 1024)
        )  # fmt: skip
    if not name.lower().endswith(_PDF_ENDING):
        raise AnnexRefused(
            _("“%(name)s” is not a PDF by its name. Save the document as PDF and upload that file.", name=name)
        )
    if b"%PDF-" not in content[:_HEAD_BYTES]:
        raise AnnexRefused(
            _("“%(name)s” is called a PDF and is something else inside. Save the document as PDF and upload that file.",
              name=name)
        )  # fmt: skip
    if b"%%EOF" not in content[-_TAIL_BYTES:]:
        raise AnnexRefused(
            _("The end of “%(name)s” is missing, so it was cut off on its way. Save or download it again.", name=name)
        )
    return CheckedPdf(name, content, _pages_of(name, content))


def clean_filename(filename: str) -> str:
    """Return the name without its path, in NFC; raises AnnexRefused where it could deceive or break something."""
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", filename)[-1]).strip()
    if found := _DECEIVING.search(name):
        raise AnnexRefused(
            _("The file’s name holds an invisible character (U+%(code)s). Rename the file and upload it again.",
              code=f"{ord(found[0]):04X}")
        )  # fmt: skip
    name = _UNFIT_IN_FILENAMES.sub("-", _MARKS.sub("", name)).strip(". ")
    if not name:
        raise AnnexRefused(_("Choose a file."))
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, ""
    return stem[: LONGEST_FILENAME - len(ending) - 1] + dot + ending[:10]


def markdown_filename(title: str, language: str) -> str:
    """Return a file name for a text that was written here."""
    words = re.sub(r"[^\w]+", "-", unicodedata.normalize("NFC", title).lower()).strip("-")
    ending = f".{language}{_MARKDOWN_ENDING}"
    return (words or "annex")[: LONGEST_FILENAME // 2] + ending


def _pages_of(name: str, content: bytes) -> int:
    facts = _read(name, content)
    if facts["encrypted"]:
        raise AnnexRefused(
            _("“%(name)s” is protected with a password, so readers could not open it. Save it without protection.",
              name=name)
        )  # fmt: skip
    if facts["harmful"]:
        raise AnnexRefused(
            _("“%(name)s” carries active content (%(what)s), which could harm its readers. Print it to a new PDF and "
              "upload that.", name=name, what=", ".join(part.lstrip("/") for part in facts["harmful"]))
        )  # fmt: skip
    if not facts["pages"]:
        raise AnnexRefused(_("“%(name)s” has no pages. Save the document as PDF again.", name=name))
    return int(facts["pages"])


def _read(name: str, content: bytes) -> dict[str, Any]:
    """Let the reading program look at the file, with little time and memory."""
    unreadable = AnnexRefused(
        _("“%(name)s” is damaged: it can’t be read to its end. Save the document as PDF again.", name=name)
    )
    try:
        done = subprocess.run(  # noqa: S603 - our own program, and the file comes through standard input
            [sys.executable, "-I", str(_READER)], input=content, capture_output=True, timeout=_READING_SECONDS,
            check=True,
        )  # fmt: skip
        facts: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        raise unreadable from error
    return facts
