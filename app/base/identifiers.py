"""Random public identifiers: what stands in a URL instead of a row number."""

from __future__ import annotations

import secrets

# Without 0/o, 1/l/i, so that an identifier survives being read out on the telephone.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
LENGTH = 20


def new_public_id() -> str:
    """Return 20 random characters, about 99 bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
