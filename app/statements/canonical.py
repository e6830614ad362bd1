"""The canonical bytes of a statement's text: what its SHA-256 covers. docs/canonical-text.md describes the format."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from dataclasses import dataclass
from typing import Any

FORMAT = "undersigned statement text 1"


@dataclass(frozen=True)
class CanonicalAnnex:
    """One annex as the canonical text names it: the hash stands for its bytes."""

    title: str
    filename: str
    size: int
    sha256: str


@dataclass(frozen=True)
class CanonicalText:
    """One version of a statement in one language, with all that a signature consents to."""

    statement: str  # its slug
    version: int
    language: str
    title: str
    summary: str
    text: str
    demands: tuple[str, ...] = ()
    addressees: tuple[str, ...] = ()
    annexes: tuple[CanonicalAnnex, ...] = ()


def to_bytes(content: CanonicalText) -> bytes:
    """Return the canonical bytes: JSON in UTF-8 with its fields in fixed order, NFC, LF, one newline at the end.

    Raises UnicodeEncodeError for lone surrogates, which are no characters.
    """
    fields = {
        "format": FORMAT,
        "statement": _normal(content.statement),
        "version": content.version,
        "language": _normal(content.language),
        "title": _normal(content.title),
        "summary": _lines(content.summary),
        "text": _lines(content.text),
        "demands": [_lines(demand) for demand in content.demands],
        "addressees": [_normal(name) for name in content.addressees],
        "annexes": [
            {
                "title": _normal(annex.title),
                "filename": _normal(annex.filename),
                "size": annex.size,
                "sha256": annex.sha256,
            }
            for annex in content.annexes
        ],
    }
    return (json.dumps(fields, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def from_bytes(canonical: bytes) -> CanonicalText:
    """Read canonical bytes back; raises ValueError for anything that `to_bytes` would not have written."""
    try:
        content = _read(json.loads(canonical.decode("utf-8")))
        same = to_bytes(content) == canonical
    except (KeyError, TypeError, AttributeError, UnicodeError) as error:
        raise ValueError("These are not canonical bytes.") from error
    if not same:
        raise ValueError("These are not canonical bytes.")
    return content


def sha256_of(canonical: bytes) -> str:
    """Return the SHA-256 in hexadecimal, as `sha256sum` prints it."""
    return hashlib.sha256(canonical).hexdigest()


def _read(fields: dict[str, Any]) -> CanonicalText:
    return CanonicalText(
        statement=fields["statement"],
        version=_whole(fields["version"]),
        language=fields["language"],
        title=fields["title"],
        summary="\n".join(fields["summary"]),
        text="\n".join(fields["text"]),
        demands=tuple("\n".join(demand) for demand in fields["demands"]),
        addressees=tuple(fields["addressees"]),
        annexes=tuple(_annex(**annex) for annex in fields["annexes"]),
    )


def _annex(title: str, filename: str, size: object, sha256: object) -> CanonicalAnnex:
    return CanonicalAnnex(title, filename, _whole(size), _normal(str(sha256)))


def _whole(number: object) -> int:
    if type(number) is not int:  # neither "1" nor true is a number here
        raise TypeError
    return number


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def _lines(text: str) -> list[str]:
    """Split into lines, so that the file reads like the text; joining them with LF gives the text back."""
    return _normal(text).split("\n")
