"""Sign mails by DKIM (RFC 6376) under our own domain, for operators whose mail server does not.

The header is parsed and put into canonical form by dkimpy. The signature itself is made by cryptography, which takes
a fraction of the time and needs no further part for Ed25519 (RFC 8463).
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from dkim import fold, hash_headers, rfc822_parse
from dkim.canonicalization import CanonicalizationPolicy
from sqlalchemy.orm import Session

from app.base import clock
from app.base.ports import ports_of

SMALLEST_RSA_BITS = 2048  # RFC 8301 §3.2
_NAME = b"DKIM-Signature"
_SELECTOR = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
# Signed once more than they occur, so that nobody on the way can add a second one that programs would show.
_OVERSIGNED = (
    "from", "to", "cc", "subject", "date", "message-id", "reply-to", "mime-version", "content-type",
    "list-unsubscribe", "list-unsubscribe-post",
)  # fmt: skip
_SIGNED = frozenset(
    (*_OVERSIGNED, "sender", "in-reply-to", "references", "content-transfer-encoding", "list-id", "auto-submitted")
)


class WrongSigningKey(ValueError):
    """The selector or private key can't be used; the message is a sentence for the operator."""


class Signer:
    """Signs with one key: RSA (rsa-sha256) or Ed25519 (ed25519-sha256), as the key is."""

    def __init__(self, domain: str, selector: str, private_key_pem: str) -> None:
        """Read a PEM key, with real line breaks or written \\n. Raises WrongSigningKey."""
        if not _SELECTOR.fullmatch(selector):
            raise WrongSigningKey("the DKIM selector is a name of letters, digits, dots and dashes, such as mail2026")
        self.domain = domain
        self.selector = selector
        self._key = _read_key(private_key_pem)
        self.algorithm = "rsa-sha256" if isinstance(self._key, RSAPrivateKey) else "ed25519-sha256"

    @property
    def record_name(self) -> str:
        """Where the public key is to be published in DNS."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        """The TXT record to publish there."""
        public = self._key.public_key()
        if isinstance(self._key, RSAPrivateKey):
            return f"v=DKIM1; k=rsa; p={_text(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))}"
        return f"v=DKIM1; k=ed25519; p={_text(public.public_bytes(Encoding.Raw, PublicFormat.Raw))}"

    def sign(self, message: bytes) -> bytes:
        """Return a message with its signature before it: relaxed/relaxed, the whole body."""
        headers, body = rfc822_parse(message)
        policy = CanonicalizationPolicy.from_c_value(b"relaxed/relaxed")
        names = _names_to_sign([name.decode("ascii").lower() for name, _value in headers])
        body_hash = hashlib.sha256(policy.canonicalize_body(body)).digest()
        fields = [
            ("v", "1"), ("a", self.algorithm), ("c", "relaxed/relaxed"), ("d", self.domain), ("s", self.selector),
            ("t", str(int(clock.now().timestamp()))), ("h", ":".join(names)), ("bh", _text(body_hash)),
        ]  # fmt: skip
        unsigned = ";\r\n ".join(_wrapped(f"{tag}={value}") for tag, value in fields).encode() + b";\r\n b="
        signed = _Collected()
        hash_headers(
            signed, policy, policy.canonicalize_headers(headers), [name.encode() for name in names],
            (_NAME, b" " + unsigned), dict(fields),
        )  # fmt: skip
        signature = fold(base64.b64encode(self._signature(signed.octets)), namelen=len(" b="))
        return b"".join((_NAME, b": ", unsigned, signature, b"\r\n", message))

    def _signature(self, octets: bytes) -> bytes:
        if isinstance(self._key, RSAPrivateKey):
            return self._key.sign(octets, PKCS1v15(), SHA256())
        return self._key.sign(hashlib.sha256(octets).digest())


def signed(session: Session, message: bytes) -> bytes:
    """Return a message signed by the session's signer, or as it is where the mail server signs."""
    signer = ports_of(session).signer
    return message if signer is None else signer.sign(message)


class _Collected:
    """Stands where dkimpy expects a hash, and keeps what would be hashed."""

    def __init__(self) -> None:
        self.octets = b""

    def update(self, octets: bytes) -> None:
        self.octets += octets


def _names_to_sign(present: list[str]) -> list[str]:
    return [name for name in present if name in _SIGNED] + list(_OVERSIGNED)


def _wrapped(field: str) -> str:
    """Fold the long list of names at its colons (RFC 6376 §3.5 allows white space there)."""
    if len(field) < 76:
        return field
    lines = [""]
    for part in re.split("(?<=:)", field):
        if len(lines[-1]) + len(part) > 72:
            lines.append("")
        lines[-1] += part
    return "\r\n ".join(lines)


def _read_key(pem: str) -> RSAPrivateKey | Ed25519PrivateKey:
    try:
        key: Any = load_pem_private_key(pem.replace("\\n", "\n").strip().encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise WrongSigningKey("the DKIM key must be an unencrypted private key that begins -----BEGIN") from error
    if isinstance(key, RSAPrivateKey):
        if key.key_size < SMALLEST_RSA_BITS:
            raise WrongSigningKey(f"the DKIM key has {key.key_size} bits; make one with {SMALLEST_RSA_BITS} or more")
        return key
    if isinstance(key, Ed25519PrivateKey):
        return key
    raise WrongSigningKey("the DKIM key must be an RSA or Ed25519 key")


def _text(octets: bytes) -> str:
    return base64.b64encode(octets).decode()
