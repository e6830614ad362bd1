"""The key file: 32 random bytes a line, outside the database, from which every other key is derived."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
INDEX = "blind index 1"
_INDEX_LINE = "index "


class KeyFileError(Exception):
    """The key file is missing or is not one."""


class Keys:
    """The master keys and what is derived from them (HKDF-SHA-256, RFC 5869), one subkey for each purpose.

    The first key makes whatever is new; the others still open and verify what was made with them. Values by which rows
    are found again (blind indexes) keep the key that they began with, since most can't be computed anew.
    """

    def __init__(self, master: bytes, *older: bytes, index: bytes | None = None) -> None:
        for each in (master, *older, *([index] if index is not None else [])):
            if len(each) != KEY_BYTES:
                raise KeyFileError(f"A key must be {KEY_BYTES} bytes, not {len(each)}.")
        self.masters = (master, *older)
        self._index = index
        self._derived: dict[str, list[bytes]] = {}

    def derive(self, purpose: str) -> bytes:
        """Return the 32-byte subkey by which something new is made for a purpose; the same each time."""
        return self.derive_each(purpose)[0]

    def derive_each(self, purpose: str) -> list[bytes]:
        """Return the subkeys for a purpose, one for each master key, the newest first."""
        if purpose not in self._derived:
            info = f"undersigned {purpose}".encode()
            self._derived[purpose] = [
                HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(master) for master in self.masters
            ]
        return self._derived[purpose]

    @property
    def index(self) -> bytes:
        """The key of all blind indexes: it stays as it was when the house was founded."""
        return self._index if self._index is not None else self.derive_each(INDEX)[-1]

    @classmethod
    def from_file(cls, path: Path) -> Keys:
        """Read a key file; raise KeyFileError with the mend."""
        try:
            lines = path.read_text(encoding="ascii").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise KeyFileError(
                f"The key file {path} can't be read ({error}). Restore it from your backup, "
                f"or make a first one with: flask key create"
            ) from error
        masters = [line.strip() for line in lines if line.strip() and not line.startswith(_INDEX_LINE)]
        index = [line.removeprefix(_INDEX_LINE).strip() for line in lines if line.startswith(_INDEX_LINE)]
        try:
            decoded = [base64.urlsafe_b64decode(each) for each in [*masters, *index]]
            return cls(*decoded[: len(masters)], index=decoded[-1] if index else None)
        except (ValueError, TypeError) as error:
            raise KeyFileError(f"{path} is not a key file: each line should hold one key in base64.") from error

    def written(self) -> str:
        """Return the text of the key file."""
        index = [_INDEX_LINE + _encoded(self._index)] if self._index is not None else []
        return "\n".join([*map(_encoded, self.masters), *index]) + "\n"


def create_key_file(path: Path) -> None:
    """Write a new random key, readable by its owner only. Never overwrites: raises FileExistsError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(Keys(secrets.token_bytes(KEY_BYTES)).written())


def _encoded(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).decode("ascii")
