"""Write the headers of a mail in lines: names and subjects whole in any script, addresses where programs find them.

Python's own folding sets an address behind an encoded name however long the line is by then, and cuts addresses of the
web into encoded words, which RFC 2047 §5 forbids.
"""

from __future__ import annotations

import re
from base64 import b64encode
from email.headerregistry import Address
from urllib.parse import urlencode

from app.base.addresses import in_ascii
from app.base.characters import CONTROLS, SEPARATORS, SURROGATES
from app.mail.states import UnsafeHeader

ONE_CLICK = {"List-Unsubscribe": "One-Click"}  # what a mail program posts (RFC 8058 §3.1)
LINE = 78  # RFC 5322 §2.1.1 without the line end
_LONGEST_LINE = 998
_LONGEST_WORD = 900
_LONGEST_ENCODED = 75  # RFC 2047 §2
_AROUND = len("=?utf-8?b??=")
# Control characters and all that Python's email package, or a mail server, could take for the end of a line; halves of
# letters, which have no bytes.
_FORBIDDEN = re.compile(f"[{CONTROLS}{SEPARATORS}{SURROGATES}]")


def refuse_unsafe(name: str, value: str) -> None:
    """Raise UnsafeHeader if the value of a header holds line breaks or control characters."""
    if _FORBIDDEN.search(value):
        raise UnsafeHeader(name)


def mailbox(name: str, address: str, header: str) -> Address:
    """Return a display name with its address; raises UnsafeHeader for line breaks, controls and endless words."""
    longest = max(map(len, f"{name} {address}".split()), default=0)
    if _FORBIDDEN.search(name) or _FORBIDDEN.search(address) or longest > _LONGEST_WORD:
        raise UnsafeHeader(header)
    local, _at, domain = in_ascii(address).rpartition("@")
    return Address(display_name=name, username=local, domain=domain)


def mailbox_line(header: str, whole: Address, *, takes_letters: bool = False) -> str:
    """Return a header with one mailbox, in lines of at most 78 characters unless the address alone is longer.

    `takes_letters` tells that the message goes with SMTPUTF8, so that a name that fits is written as it is.
    """
    text = str(whole)
    if (takes_letters or text.isascii()) and "=?" not in text and len(header) + 2 + len(text) <= LINE:
        return f"{header}: {text}\r\n"
    return _in_lines(header, [*encoded_words(whole.display_name, LINE - len(header) - 2), f"<{whole.addr_spec}>"])


def header_line(name: str, value: str) -> str:
    """Return a header of free text: as it is, on a line of its own, or in encoded words. Raises UnsafeHeader."""
    refuse_unsafe(name, value)
    if value.isascii() and "=?" not in value:
        if len(name) + 2 + len(value) <= LINE:
            return f"{name}: {value}\r\n"
        if " " not in value:  # an address of the web: cut into encoded words, mail programs would not know it
            return f"{name}:\r\n {value}\r\n"
    return _in_lines(name, encoded_words(value, LINE - len(name) - 2))


def one_click_headers(url: str) -> dict[str, str]:
    """Return the headers by which a mail program stops such mails at one click (RFC 8058), with where it posts to."""
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": urlencode(ONE_CLICK)}


def folded_at_spaces(name: str, value: str) -> str:
    """Fold a header at its spaces only; raises UnsafeHeader where a line would be longer than mail may have."""
    lines = [f"{name}:"]
    for word in value.split():
        if len(lines[-1]) + 1 + len(word) > LINE and lines[-1] != f"{name}:":
            lines.append("")
        lines[-1] += f" {word}"
    if max(map(len, lines)) > _LONGEST_LINE:
        raise UnsafeHeader(name)
    return "\r\n".join(lines) + "\r\n"


def encoded_words(text: str, room: int = _LONGEST_ENCODED) -> list[str]:
    """Return a text as encoded words (RFC 2047) for lines of their own; none of them cuts a letter.

    The first is no longer than `room`, which is what the header's name leaves of its line.
    """
    words, held = list[bytes](), b""
    for letter in text:
        encoded = letter.encode()
        longest = _LONGEST_ENCODED if words else min(room, _LONGEST_ENCODED)
        if len(held) + len(encoded) > (longest - _AROUND) // 4 * 3:
            words.append(held)
            held = b""
        held += encoded
    return [f"=?utf-8?b?{b64encode(word).decode()}?=" for word in [*words, held] if word]


def _in_lines(name: str, words: list[str]) -> str:
    """Return a header with a line for each of some words, the first beside the name where there is room."""
    if len(name) + 2 + len(words[0]) <= LINE:
        return f"{name}: " + "\r\n ".join(words) + "\r\n"
    return f"{name}:\r\n " + "\r\n ".join(words) + "\r\n"
