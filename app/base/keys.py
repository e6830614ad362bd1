"""The key file: 32 random bytes outside the database, from which every other key is derived."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32


class KeyFileError(Exception):
    """The key file is missing or is not one."""


class Keys:
    """The master key and what is derived from it (HKDF-SHA-256, RFC 5869), one subkey for each purpose."""

    def __init__(self, master: bytes) -> None:
        if len(master) != KEY_BYTES:
            raise KeyFileError(f"The key must be {KEY_BYTES} bytes, not {len(master)}.")
        self._master = master
        self._derived: dict[str, bytes] = {}

    def derive(self, purpose: str) -> bytes:
        """Return the 32-byte subkey for a purpose; the same each time."""
        if purpose not in self._derived:
            info = f"undersigned {purpose}".encode()
            self._derived[purpose] = HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(self._master)
        return self._derived[purpose]

    @classmethod
    def from_file(cls, path: Path) -> Keys:
        """Read a key file; raise KeyFileError with the mend."""
        try:
            text = path.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise KeyFileError(
                f"The key file {path} can't be read ({error}). Restore it from your backup, "
                f"or make a first one with: flask key create"
            ) from error
        try:
            return cls(base64.urlsafe_b64decode(text))
        except ValueError as error:
            raise KeyFileError(f"{path} is not a key file: it should hold one line of base64.") from error


def create_key_file(path: Path) -> None:
    """Write a new random key, readable by its owner only. Never overwrites: raises FileExistsError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii") + "\n")
