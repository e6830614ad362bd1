"""The file of a backup: the database's own format, this house's proof at its end, and age around both.

`sqlite3` and `pg_restore` read such a file as it is and leave the proof unread; one that was encrypted is opened by
`age -d` before. The proof says what the file is and carries an HMAC over all of it under the house's key: age alone
would open whatever somebody else encrypted to the same public key.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

import pyrage

from app.base.errors import HouseRefused
from app.base.keys import Keys
from app.upkeep.leftovers import keep_for_me, remove_leftovers

PURPOSE = "backups 1"
PROOF_BYTES = 512
PIECE_BYTES = 64 * 1024
ENCRYPTED = ".age"
_MARK = b"undersigned backup 1 "
_MAC_BYTES = 64  # in hexadecimal digits
_AGE = b"age-encryption.org/"


class BackupFailed(HouseRefused):
    """A backup could not be made; nothing of it was left."""

    def __init__(self, reason: object) -> None:
        super().__init__(f"The backup failed, and nothing of it was left behind: {reason}")


class BackupRefused(HouseRefused):
    """A backup can't be used as it is; the message says why and what to do."""


class DatabaseInUse(HouseRefused):
    """Somebody works with the database that would be replaced."""

    def __init__(self) -> None:
        super().__init__("The database is in use, and nothing was changed. Stop web server and worker, and try again.")


class PoolerBetween(HouseRefused):
    """PostgreSQL's own programs would reach the server through a pooler only."""

    def __init__(self) -> None:
        super().__init__(
            "UNDERSIGNED_DATABASE_URL leads to a pooler such as PgBouncer, and nothing was done: pg_dump and pg_restore"
            " must reach PostgreSQL itself. Set it to the server's own address for this command."
        )


@dataclass(frozen=True)
class BackupProof:
    """What a backup says of itself: `kind` is the database's, `made_at` the time in UTC."""

    kind: str
    revision: str
    made_at: str


def write_backup(target: Path, content: Iterator[bytes], proof: BackupProof, keys: Keys, recipient: str) -> None:
    """Write a backup beside its place and rename it once it is on the disk; raises BackupFailed.

    With a recipient, an age public key, nothing is written before it is encrypted.
    """
    stream = _Proving(content, proof, keys.derive(PURPOSE))
    try:
        with _new_file(target) as file:
            if recipient:
                pyrage.encrypt_io(stream, file, [pyrage.x25519.Recipient.from_str(recipient)])
            else:
                while piece := stream.read(PIECE_BYTES):
                    file.write(piece)
    except (OSError, pyrage.EncryptError) as error:
        raise BackupFailed(stream.failure or error) from error


def read_backup(source: Path, target: Path, keys: Keys, identities: Sequence[str]) -> BackupProof:
    """Copy the database out of a backup into a new file and return what is proven of it. Raises BackupRefused.

    `identities` are age's secret keys; a backup that is not encrypted needs none.
    """
    descriptor = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w+b") as file:
        try:
            with source.open("rb") as given:
                _decrypt(given, file, identities)
        except OSError as error:
            raise BackupRefused(f"{source} can't be read to its end, or is damaged: {error}.") from error
        return _proven(file, source, keys)


def create_identity(path: Path) -> str:
    """Write a new secret key for backups as `age-keygen` does, and return its public half; raises FileExistsError."""
    identity = pyrage.x25519.Identity.generate()
    public = str(identity.to_public())
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"# It opens backups of Undersigned. Keep it apart from them.\n# public key: {public}\n{identity}\n")
    return public


class _Proving:
    """Reads like a file: the content, and the proof at its end. Keeps what failed, of which age repeats only words."""

    def __init__(self, content: Iterator[bytes], proof: BackupProof, key: bytes) -> None:
        self.failure: BaseException | None = None
        self._content = content
        self._head = _head(proof, key)
        self._mac = hmac.new(key, digestmod=hashlib.sha256)
        self._waiting = b""
        self._is_done = False

    def read(self, size: int = -1) -> bytes:
        try:
            while not self._waiting and not self._is_done:
                self._waiting = self._next()
        except BaseException as error:
            self.failure = error
            raise
        size = len(self._waiting) if size < 0 else size
        piece, self._waiting = self._waiting[:size], self._waiting[size:]
        return piece

    def _next(self) -> bytes:
        for piece in self._content:
            self._mac.update(piece)
            return piece
        self._is_done = True
        self._mac.update(self._head)
        return self._head + self._mac.hexdigest().encode()


def _head(proof: BackupProof, key: bytes) -> bytes:
    about = json.dumps({**asdict(proof), "key": _name_of(key)}, separators=(",", ":")).encode()
    return (_MARK + about).ljust(PROOF_BYTES - _MAC_BYTES)


def _name_of(key: bytes) -> str:
    """Return by what a backup tells its key from others; it says nothing of the key."""
    return hmac.digest(key, b"name", hashlib.sha256)[:8].hex()


def _decrypt(given: BinaryIO, file: BinaryIO, identities: Sequence[str]) -> None:
    start = given.read(len(_AGE))
    given.seek(0)
    if start != _AGE:
        while piece := given.read(PIECE_BYTES):
            file.write(piece)
        return
    if not identities:
        raise BackupRefused(
            "This backup is encrypted. Name the file with its secret key: --identity FILE (- for standard input)."
        )
    try:
        pyrage.decrypt_io(given, file, [pyrage.x25519.Identity.from_str(each) for each in identities])
    except pyrage.IdentityError as error:
        raise BackupRefused("The identity is none: it should hold a line that begins with AGE-SECRET-KEY-1.") from error
    except pyrage.DecryptError as error:
        raise BackupRefused(f"This backup does not open with that identity, or is damaged: {error}.") from error


def _proven(file: BinaryIO, source: Path, keys: Keys) -> BackupProof:
    """Check the proof at the end of a file and cut it off."""
    length = file.seek(0, os.SEEK_END) - PROOF_BYTES
    file.seek(max(length, 0))
    proof = file.read()
    if length < 0 or not proof.startswith(_MARK):
        raise BackupRefused(
            f"{source} has no proof at its end: it was cut off, or was not made by flask db backup. Take another copy."
        )
    head, mac = proof[:-_MAC_BYTES], proof[-_MAC_BYTES:]
    try:
        about = json.loads(head.removeprefix(_MARK))
        name = about.pop("key")
        named = next((key for key in keys.derive_each(PURPOSE) if _name_of(key) == name), None)
        found = BackupProof(**about)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _changed(source) from error
    if named is None:
        raise BackupRefused(
            f"{source} was made with another key. Let UNDERSIGNED_KEY_FILE name the key file of that time "
            f"(your copy of it)."
        )
    if not hmac.compare_digest(_mac(file, length, head, named), mac):
        raise _changed(source)
    file.truncate(length)
    return found


def _changed(source: Path) -> BackupRefused:
    return BackupRefused(f"{source} is not as it was made: it is damaged or was changed. Take another copy.")


def _mac(file: BinaryIO, length: int, head: bytes, key: bytes) -> bytes:
    mac = hmac.new(key, digestmod=hashlib.sha256)
    file.seek(0)
    left = length
    while left and (piece := file.read(min(PIECE_BYTES, left))):
        mac.update(piece)
        left -= len(piece)
    mac.update(head)
    return mac.hexdigest().encode()


@contextmanager
def _new_file(target: Path) -> Iterator[BinaryIO]:
    """Open a file that nobody else may read from its first byte, and that has its name only once it is whole."""
    remove_leftovers(target.parent)
    part = target.with_name(f".{target.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            keep_for_me(descriptor)
            yield file
            file.flush()
            os.fsync(descriptor)
        part.rename(target)
        sync_folder(target.parent)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
