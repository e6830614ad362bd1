"""The narrow port through which data is sealed and opened (law 5: seized is not read).

An envelope is `version (1 byte) | nonce (12) | AES-256-GCM ciphertext and tag`; `worker_seals` has another one. The
associated data bind it to its table, column and row, so that a copied envelope does not open elsewhere. Plaintexts are
padded, so that lengths tell little. Opening takes many items and a purpose at once: a separate process can stand behind
it without a change to its callers.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.orm import Session

from app.base.keys import Keys
from app.base.worker_seals import WORKER_VERSION, WorkerSeal

ENVELOPE_VERSION = 1
NONCE_BYTES = 12
BLIND_INDEX_BYTES = 16
_LENGTH_BYTES = 4
_HEAD = 1 + NONCE_BYTES
_NEWEST = bytes([ENVELOPE_VERSION])
PORTS = "ports"  # where a session keeps its Ports


class SealBroken(Exception):
    """An envelope does not open: it was changed, moved, or sealed under another key."""


class Place(NamedTuple):
    """Where an envelope lives; it opens nowhere else. `row` is the row's public id.

    A tuple, since it is made for each of a hundred thousand envelopes, and a dataclass takes ten times as long.
    """

    table: str
    column: str
    row: str

    def associated(self, version: int = ENVELOPE_VERSION) -> bytes:
        """The bytes that the envelope is bound to."""
        return f"{version}|{self.table}|{self.column}|{self.row}".encode()


class Vault:
    """Seals with the newest key of the key file and opens with each of them; notices when the file is changed."""

    def __init__(self, keys: Keys, worker: WorkerSeal | None = None) -> None:
        self._keys = keys
        self._blind_key = keys.index
        self.worker = worker
        self._take_keys()

    def seal(self, place: Place, plain: bytes, pad_to: int) -> bytes:
        """Seal bytes, padded up to a multiple of `pad_to` bytes."""
        return self._sealed(place, _framed(plain, pad_to))

    def seal_for_worker(self, place: Place, plain: bytes, pad_to: int) -> bytes:
        """Seal what only the worker opens, where it has a key of its own; else as everything else."""
        if self.worker is None:
            return self.seal(place, plain, pad_to)
        return self.worker.seal(place.associated(WORKER_VERSION), _framed(plain, pad_to))

    def sealed_anew(self, place: Place, envelope: bytes) -> bytes | None:
        """Seal an envelope's content with the newest key, as long as it was; None where it is. Raises SealBroken."""
        framed, number = self._opened(place, envelope)
        if not number:
            return None
        if envelope[0] == WORKER_VERSION and self.worker is not None:
            return self.worker.seal(place.associated(WORKER_VERSION), framed)
        return self._sealed(place, framed)

    def open(self, items: Sequence[tuple[Place, bytes]], purpose: str) -> list[bytes]:
        """Open many envelopes for one stated purpose; raise SealBroken if any does not open."""
        if not purpose:
            raise ValueError("Opening needs a purpose.")
        newest, opened = self._ciphers[0], []
        for place, envelope in items:
            framed = None
            if envelope[:1] == _NEWEST:  # nearly all, and with the newest key
                with suppress(InvalidTag, ValueError):
                    framed = newest.decrypt(envelope[1:_HEAD], envelope[_HEAD:], place.associated())
            if framed is None:
                framed, _number = self._opened(place, envelope)
            opened.append(framed[_LENGTH_BYTES : _LENGTH_BYTES + int.from_bytes(framed[:_LENGTH_BYTES], "big")])
        return opened

    def blind_index(self, scope: str, value: str) -> bytes:
        """Return 16 keyed bytes by which an exact value is found again within a scope, and only with the key."""
        message = f"{scope}\0{value}".encode()
        return hmac.digest(self._blind_key, message, hashlib.sha256)[:BLIND_INDEX_BYTES]

    def _take_keys(self) -> None:
        self._masters = self._keys.masters
        self._ciphers = [AESGCM(key) for key in self._keys.derive_each("seal 1")]

    def _sealed(self, place: Place, framed: bytes) -> bytes:
        self._keys.look_again()
        if self._masters is not self._keys.masters:
            self._take_keys()
        nonce = secrets.token_bytes(NONCE_BYTES)
        return bytes([ENVELOPE_VERSION]) + nonce + self._ciphers[0].encrypt(nonce, framed, place.associated())

    def _opened(self, place: Place, envelope: bytes) -> tuple[bytes, int]:
        """Return an envelope's content with its frame, and which key opened it: 0 for the newest."""
        if envelope and envelope[0] == WORKER_VERSION:
            return self._opened_as_worker(place, envelope)
        if not envelope or envelope[0] != ENVELOPE_VERSION:
            raise SealBroken(f"{place.table}.{place.column}: unknown envelope version.")
        nonce, sealed = envelope[1:_HEAD], envelope[_HEAD:]
        for _again in range(2):
            for number, cipher in enumerate(self._ciphers):
                with suppress(InvalidTag):
                    return cipher.decrypt(nonce, sealed, place.associated()), number
            # Another process may have sealed it with a key that came since this one began.
            self._keys.look_again(soon=True)
            if self._masters is self._keys.masters:
                break
            self._take_keys()
        raise SealBroken(f"{place.table}.{place.column}: the envelope does not open here.")

    def _opened_as_worker(self, place: Place, envelope: bytes) -> tuple[bytes, int]:
        found = self.worker.open(place.associated(WORKER_VERSION), envelope) if self.worker is not None else None
        if found is None:
            raise SealBroken(f"{place.table}.{place.column}: only the worker's key opens this envelope.")
        return found


def _framed(plain: bytes, pad_to: int) -> bytes:
    framed = len(plain).to_bytes(_LENGTH_BYTES, "big") + plain
    return framed + b"\0" * (-len(framed) % pad_to)


def vault_of(session: Session) -> Vault:
    """Return the vault that a session carries."""
    vault: Vault = session.info[PORTS].vault
    return vault


def seal(session: Session, place: Place, fields: dict[str, Any] | list[Any], pad_to: int = 256) -> bytes:
    """Seal a small JSON document."""
    plain = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
    return vault_of(session).seal(place, plain, pad_to)


def seal_for_worker(session: Session, place: Place, fields: dict[str, Any], pad_to: int = 256) -> bytes:
    """Seal a small JSON document that no page needs; only the worker opens it, where it has a key of its own."""
    plain = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
    return vault_of(session).seal_for_worker(place, plain, pad_to)


def open_one(session: Session, place: Place, envelope: bytes, purpose: str) -> dict[str, Any]:
    """Open one JSON document."""
    return open_many(session, [(place, envelope)], purpose)[0]


def open_many(session: Session, items: Iterable[tuple[Place, bytes]], purpose: str) -> list[dict[str, Any]]:
    """Open many JSON documents for one purpose, in their order."""
    return [json.loads(plain) for plain in vault_of(session).open(list(items), purpose)]


def open_plain(session: Session, items: Iterable[tuple[Place, bytes]], purpose: str) -> list[bytes]:
    """Open many documents as they were sealed, for who reads only a part of each: reading JSON takes the longest."""
    return vault_of(session).open(list(items), purpose)


def seal_bytes(session: Session, place: Place, plain: bytes, pad_to: int = 4096) -> bytes:
    """Seal a document, such as a PDF or a frozen mail."""
    return vault_of(session).seal(place, plain, pad_to)


def open_bytes(session: Session, place: Place, envelope: bytes, purpose: str) -> bytes:
    """Open a document sealed by `seal_bytes`."""
    return vault_of(session).open([(place, envelope)], purpose)[0]


def blind_index(session: Session, scope: str, value: str) -> bytes:
    """Return the keyed index of a value within a scope: 16 bytes that say nothing without the key."""
    return vault_of(session).blind_index(scope, value)
