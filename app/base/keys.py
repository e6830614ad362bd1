"""The key file: 32 random bytes a line, outside the database, from which every other key is derived."""

from __future__ import annotations

import base64
import os
import secrets
import time
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.base.shared_folders import share_like_folder

KEY_BYTES = 32
INDEX = "blind index 1"
LOOK_SECONDS = 1.0
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
        self._file: tuple[Path, object] | None = None
        self._looks_again_at = 0.0

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

    def look_again(self, *, soon: bool = False) -> None:
        """Read the key file again if it was changed while this process runs; `masters` are others then.

        It is looked at once a second at most, unless `soon` says that something did not open.
        """
        if self._file is None or (not soon and time.monotonic() < self._looks_again_at):
            return
        self._looks_again_at = time.monotonic() + LOOK_SECONDS
        path, mark = self._file
        if _mark_of(path) != mark:
            found = Keys.from_file(path)
            self.masters, self._index, self._file, self._derived = found.masters, found._index, found._file, {}

    @classmethod
    def from_file(cls, path: Path) -> Keys:
        """Read a key file; raise KeyFileError with the mend."""
        mark = _mark_of(path)
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
            keys = cls(*decoded[: len(masters)], index=decoded[-1] if index else None)
        except (ValueError, TypeError) as error:
            raise KeyFileError(f"{path} is not a key file: each line should hold one key in base64.") from error
        keys._file = (path, mark)
        return keys

    def written(self) -> str:
        """Return the text of the key file."""
        index = [_INDEX_LINE + _encoded(self._index)] if self._index is not None else []
        return "\n".join([*map(_encoded, self.masters), *index]) + "\n"

    def with_newer(self, master: bytes) -> Keys:
        """Return these keys with a newer one before them."""
        return Keys(master, *self.masters, index=self.index)

    def without_older(self) -> Keys:
        """Return the newest of these keys alone, with the key of the blind indexes."""
        return Keys(self.masters[0], index=self.index)


def new_key() -> bytes:
    """Return a new random master key."""
    return secrets.token_bytes(KEY_BYTES)


def create_key_file(path: Path, *, keys: Keys | None = None, is_shared: bool = True) -> None:
    """Write keys, or a new random one, for their owner and who shares the folder; raises FileExistsError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write((keys or Keys(new_key())).written())
        file.flush()
        os.fsync(descriptor)
    share_like_folder(path, 0o640 if is_shared else 0o600)


def replace_key_file(path: Path, keys: Keys) -> None:
    """Put other keys into a key file in one step; owner, group and rights stay."""
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    found = path.stat()
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        if (found.st_uid, found.st_gid) != (os.geteuid(), os.fstat(descriptor).st_gid):
            os.fchown(descriptor, found.st_uid, found.st_gid)
        os.fchmod(descriptor, found.st_mode & 0o660)
        file.write(keys.written())
        file.flush()
        os.fsync(descriptor)
    beside.rename(path)


def _mark_of(path: Path) -> object:
    """Return what changes whenever a file does; None where it can't be seen."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _encoded(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).decode("ascii")
