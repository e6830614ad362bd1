"""Take documents in: check a PDF before anything is written; say what is wrong with it and how to mend it."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from app.background.children import FileBroken, FileReader, FileTooHeavy, read_in_child
from app.base.characters import BIDI_OVERRIDES, BYTE_ORDER_MARK, CONTROLS, SEPARATORS
from app.base.locales import gettext as _
from app.statements.states import AnnexRefused

LARGEST_BYTES = 20 * 1024 * 1024
LONGEST_FILENAME = 120
_READER = FileReader("app.statements.pdf_reading", 1024 * 1024 * 1024, 10, 3 * LARGEST_BYTES)
# A PDF begins and ends with these. Between something in front of it and its first byte, two programs may see two files.
_BEGIN, _END = b"%PDF-", b"%%EOF"
_PADDING = b"\0\t\n\f\r "
# What turns the direction of writing can make "report-exe.pdf" of a name that is not; marks beside it are harmless.
_DECEIVING = re.compile(f"[{CONTROLS}{SEPARATORS}{BIDI_OVERRIDES}{BYTE_ORDER_MARK}]")
_MARKS = re.compile("[\u00ad\u200b\u200e\u200f\u2060\u061c]")
_UNFIT_IN_FILENAMES = re.compile(r"[\"*:<>?|]+")
_PDF_ENDING, _MARKDOWN_ENDING = ".pdf", ".md"


@dataclass(frozen=True)
class CheckedPdf:
    """A PDF that can be annexed: its name without path, its bytes and pages, and what it told of who made it.

    `traces` are names and values, such as Author and a name. They are gone from `content`, or in it as it came.
    """

    filename: str
    content: bytes
    pages: int
    traces: tuple[tuple[str, str], ...] = ()
    is_cleaned: bool = False
    is_signed: bool = False


def check_pdf(filename: str, content: bytes, *, keeps_traces: bool = False) -> CheckedPdf:
    """Check an upload and take out what it tells of those who made it, unless that is to be kept or it is signed.

    Raises AnnexRefused or ReadersBusy. Takes up to some seconds: do it before a transaction is opened.
    """
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
    _check_ends(name, content)
    facts, clean = _read(name, content)
    _refuse_what_harms(name, facts)
    is_cleaned = bool(clean) and not keeps_traces and len(clean) <= LARGEST_BYTES
    return CheckedPdf(
        name, clean if is_cleaned else content, int(facts["pages"]),
        tuple((trace, value) for trace, value in facts["traces"]), is_cleaned, bool(facts["signed"]),
    )  # fmt: skip


def _check_ends(name: str, content: bytes) -> None:
    if _BEGIN not in content[:1024]:
        raise AnnexRefused(
            _("“%(name)s” is called a PDF and is something else inside. Save the document as PDF and upload that file.",
              name=name)
        )  # fmt: skip
    if not content.startswith(_BEGIN):
        raise AnnexRefused(
            _("Something stands in front of the PDF in “%(name)s”, so a browser could take it for a web page. Open it, "
              "save the document as PDF again and upload that file.", name=name)
        )  # fmt: skip
    end = content.rfind(_END)
    if end < 0:
        raise AnnexRefused(
            _("The end of “%(name)s” is missing, so it was cut off on its way. Save or download it again.", name=name)
        )
    if content[end + len(_END) :].strip(_PADDING):
        raise AnnexRefused(
            _("Something stands behind the end of the PDF in “%(name)s”, or its end is missing. Open it, save the "
              "document as PDF again and upload that file.", name=name)
        )  # fmt: skip


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


def _refuse_what_harms(name: str, facts: dict[str, Any]) -> None:
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


def _read(name: str, content: bytes) -> tuple[dict[str, Any], bytes]:
    """Let a child look at the file; return what it says, and the file as it was written anew, or nothing."""
    try:
        said, _line_end, clean = read_in_child(_READER, content).partition(b"\n")
    except FileTooHeavy as error:
        raise AnnexRefused(
            _("Reading “%(name)s” takes more time or memory than a document needs. Print it to a new PDF and upload "
              "that.", name=name)
        ) from error  # fmt: skip
    except FileBroken as error:
        raise AnnexRefused(
            _("“%(name)s” is damaged: it can’t be read to its end. Save the document as PDF again.", name=name)
        ) from error
    facts: dict[str, Any] = json.loads(said)
    return facts, clean
