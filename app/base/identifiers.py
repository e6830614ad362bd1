"""Random public identifiers: what stands in a URL instead of a row number."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

# Without 0/o, 1/l/i, so that an identifier survives being read out on the telephone.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
LENGTH = 20


# Each byte stands for a letter, every letter for as many bytes; the few left over are thrown away.
_FAIR = 256 - 256 % len(ALPHABET)
_LETTERS = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))
_SURPLUS = bytes(range(_FAIR, 256))
_DRAWN = 32
_FIRST_DAY = datetime(2020, 1, 1, tzinfo=UTC)
_DRAWN_BITS = 45  # of a row id: a hundred thousand of a day meet once in seven thousand such days


def new_public_id() -> str:
    """Return 20 random characters, about 99 bits."""
    letters = b""
    while len(letters) < LENGTH:
        letters += secrets.token_bytes(_DRAWN).translate(_LETTERS, _SURPLUS)
    return letters[:LENGTH].decode()


def draw_row_id(at: datetime) -> int:
    """Return a row id that tells the day (UTC) and nothing else: later days have greater ones, one day's no order."""
    return (at - _FIRST_DAY).days << _DRAWN_BITS | secrets.randbits(_DRAWN_BITS)
