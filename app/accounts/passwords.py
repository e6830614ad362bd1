"""Hash and verify passwords: argon2id with the library's defaults (RFC 9106, low memory). Slow on purpose.

Nothing here touches the database: call it before a transaction is opened, so that nobody waits for a hash.
"""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.accounts.states import normal_password

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """Return the hash to store, with its own parameters and salt."""
    return _hasher.hash(normal_password(password))


def is_right(password: str, stored: str | None) -> bool:
    """Tell whether a password is right; an account without one takes as long as any other and is never right."""
    nobodys = _nobodys_hash()  # made once, and always here, so that the first unknown address takes no longer either
    try:
        _hasher.verify(stored or nobodys, normal_password(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Tell whether a hash was made with other parameters than today's, so that it should be made again."""
    return _hasher.check_needs_rehash(stored)


@cache
def _nobodys_hash() -> str:
    return _hasher.hash("nobody's password, compared with where there is no account")
