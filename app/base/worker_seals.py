"""Seal for the worker alone: the public half of its key is enough to seal, and only its key file opens.

An envelope is `2 (1 byte) | public key of this sealing (32) | nonce (12) | AES-256-GCM ciphertext and tag`, under a key
from X25519 and HKDF-SHA-256 (RFC 7748, RFC 5869). One key pair serves for some sealings, since making one takes longer
than all the rest.
"""

from __future__ import annotations

import base64
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.base.keys import KeyFileError, Keys

WORKER_VERSION = 2
PUBLIC_BYTES = 32
_NONCE_BYTES = 12
_SEALINGS_OF_A_PAIR = 64
_PURPOSE = "worker seal 1"


class WorkerSeal:
    """The worker's public key and, where its key file may be read, the secret ones that open."""

    def __init__(self, public: bytes, keys: Keys | None = None) -> None:
        self.public = public
        self._recipient = X25519PublicKey.from_public_bytes(public)
        self._secrets = (
            [X25519PrivateKey.from_private_bytes(each) for each in keys.derive_each(_PURPOSE)] if keys else []
        )
        self._pair: tuple[bytes, AESGCM] | None = None
        self._left = 0
        self._known: dict[bytes, list[AESGCM]] = {}

    @property
    def publics(self) -> list[bytes]:
        """The public halves of the secret keys at hand, the newest first."""
        return [each.public_key().public_bytes_raw() for each in self._secrets]

    def seal(self, associated: bytes, framed: bytes) -> bytes:
        """Seal bytes, bound to `associated`."""
        if self._pair is None or not self._left:
            mine = X25519PrivateKey.generate()
            public = mine.public_key().public_bytes_raw()
            self._pair = public, AESGCM(_derived(mine.exchange(self._recipient), public, self.public))
            self._left = _SEALINGS_OF_A_PAIR
        self._left -= 1
        public, cipher = self._pair
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return bytes([WORKER_VERSION]) + public + nonce + cipher.encrypt(nonce, framed, associated)

    def open(self, associated: bytes, envelope: bytes) -> tuple[bytes, int] | None:
        """Return the content and which secret key opened it, 0 for the newest; None where none does."""
        public, rest = envelope[1 : 1 + PUBLIC_BYTES], envelope[1 + PUBLIC_BYTES :]
        for number, cipher in enumerate(self._ciphers(public)):
            with suppress(InvalidTag):
                return cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], associated), number
        return None

    def _ciphers(self, public: bytes) -> list[AESGCM]:
        if public not in self._known:
            self._known = {} if len(self._known) > _SEALINGS_OF_A_PAIR else self._known
            theirs = X25519PublicKey.from_public_bytes(public)
            self._known[public] = [
                AESGCM(_derived(each.exchange(theirs), public, each.public_key().public_bytes_raw()))
                for each in self._secrets
            ]
        return self._known[public]


def worker_seal(key_file: str, public_key: str) -> WorkerSeal | None:
    """Return the seal that the settings name, or None where they name none; raises KeyFileError with the mend."""
    if not key_file:
        return WorkerSeal(base64.urlsafe_b64decode(public_key)) if public_key else None
    try:
        keys = Keys.from_file(Path(key_file))
    except KeyFileError as error:
        raise KeyFileError(f"UNDERSIGNED_WORKER_KEY_FILE: {error}") from error
    public = public_half(keys)
    if public_key and base64.urlsafe_b64decode(public_key) != public:
        raise KeyFileError(
            f"UNDERSIGNED_WORKER_PUBLIC_KEY does not belong to the key in UNDERSIGNED_WORKER_KEY_FILE, whose public "
            f"half is {written(public)}."
        )
    return WorkerSeal(public, keys)


def public_half(keys: Keys) -> bytes:
    """Return the public half of the newest key in a worker's key file."""
    return X25519PrivateKey.from_private_bytes(keys.derive(_PURPOSE)).public_key().public_bytes_raw()


def written(public: bytes) -> str:
    """Return a public key as it stands in the settings."""
    return base64.urlsafe_b64encode(public).decode("ascii")


def _derived(shared: bytes, public: bytes, recipient: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"undersigned worker seal 1" + public + recipient).derive(shared)
