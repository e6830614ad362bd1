"""The form of /verify: a hash, a pasted text or a file."""

from __future__ import annotations

import hashlib
import re

from wtforms import FileField, TextAreaField

from app.base.forms import Form
from app.base.locales import lazy_gettext as _l

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


class VerifyForm(Form):
    """What a reader holds in hand. Nothing of it is stored."""

    pasted = TextAreaField(_l("SHA-256 or text"))
    document = FileField(_l("Or the file"))


def is_sha256(text: str) -> bool:
    """Tell whether this is a SHA-256 in hexadecimal."""
    return _SHA256.fullmatch(text) is not None


def hashes_of_pasted(text: str) -> list[str]:
    """Return what a pasted text may stand for: a hash, a line of `sha256sum`, or the text itself.

    Browsers send CRLF for line ends and drop the last one, so the text is tried as canonical bytes would have it too.
    """
    words = text.split()
    for candidate in ("".join(words), words[0] if words else ""):
        if is_sha256(candidate):
            return [candidate.lower()]
    unix = text.replace("\r\n", "\n")
    forms = (unix, unix.rstrip("\n") + "\n", unix.strip(), unix.strip() + "\n")
    return list(dict.fromkeys(hashlib.sha256(form.encode()).hexdigest() for form in forms))
