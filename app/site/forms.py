"""The form of /verify: a hash or its beginning, a pasted text or a file."""

from __future__ import annotations

import hashlib
import re

from wtforms import FileField

from app.base.forms import Form, PastedText
from app.base.locales import lazy_gettext as _l

SHORTEST_FINGERPRINT = 8  # characters; pages and PDFs print 12 where 64 have no room
LONGEST_LINE = 300  # of a line that was copied with a hash in it: what is longer is a text
_FINGERPRINT = re.compile(rf"[0-9a-fA-F]{{{SHORTEST_FINGERPRINT},64}}")
_SHA256_WITHIN = re.compile(r"(?<![0-9a-fA-F])[0-9a-fA-F]{64}(?![0-9a-fA-F])")
_LABEL = re.compile(r"^sha-?256\b[^:]*:?\s*", re.IGNORECASE)
_CUT_OFF = "….·:- \t\r\n"


class VerifyForm(Form):
    """What a reader holds in hand. Nothing of it is stored."""

    pasted = PastedText(_l("Fingerprint (SHA-256) or text"))
    document = FileField(_l("Or the file"))


def is_fingerprint(text: str) -> bool:
    """Tell whether this is a SHA-256 in hexadecimal, or enough of its beginning to look for."""
    return _FINGERPRINT.fullmatch(text) is not None


def hashes_of_pasted(text: str) -> list[str]:
    """Return what a pasted text may stand for: a hash, its beginning, a line with one in it, or the text itself.

    Browsers send CRLF for line ends and drop the last one, so the text is tried as canonical bytes would have it too.
    """
    written = _written_hash(text)
    if written:
        return [written.lower()]
    unix = text.replace("\r\n", "\n")
    forms = (unix, unix.rstrip("\n") + "\n", unix.strip(), unix.strip() + "\n")
    return list(dict.fromkeys(hashlib.sha256(form.encode()).hexdigest() for form in forms))


def _written_hash(text: str) -> str:
    """Return the hash that a text says, as `sha256sum`, a page or the foot of a PDF print it; empty where none."""
    if len(text) > LONGEST_LINE:
        return ""
    alone = "".join(_LABEL.sub("", text.strip()).split()).strip(_CUT_OFF)
    if is_fingerprint(alone):
        return alone
    whole = set(_SHA256_WITHIN.findall(text))
    if len(whole) == 1:
        return str(whole.pop())
    # The foot of a page: title · version · the beginning of the hash.
    last = text.rpartition("·")[2].strip(_CUT_OFF)
    return last if is_fingerprint(last) else ""
