"""Links that carry authority: id, generation and an HMAC bound to the purpose. Nothing of them is stored.

A link can be rendered again at any time, for a retry or a reminder; re-issuing raises the generation, which voids the
older ones. The token stands in the path, since some mail services strip query strings, and holds small
letters and digits only at its end, since some mail programs cut a dash off a link. What mangles a link on its
way is taken off before (`mended_paths`); here a token is read to the letter.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from app.base.addresses import web_address_in_ascii
from app.base.errors import NotFound
from app.base.keys import Keys
from app.base.locales import lazy_gettext as _l
from app.base.sealing import PORTS

MAC_BYTES = 15
_PURPOSE = "links 1"
_TOKEN = re.compile(r"([a-z0-9]{20})-([0-9]{1,6})-([a-z2-7]{24})")


class LinkPurpose(StrEnum):
    """What a link is good for; a token for one purpose is worthless for another."""

    INVITATION = "invitation"
    MANAGE = "manage"
    PASSWORD = "password"  # noqa: S105 - a purpose, not a password
    UNSUBSCRIBE = "unsubscribe"
    BOUNCE = "bounce"  # in the return path of a mail
    REPLY = "reply"  # in the address that an institution answers to
    STOP_REMINDERS = "stop reminders"
    CHANGE = "change"  # of a signature: to confirm it or to take it back; goes out by mail only


class LinkBroken(NotFound):
    """The token is cut off, altered, or made for something else."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "This link is incomplete or damaged. Mail programs sometimes break long links over two lines: "
                "open the mail again and copy the whole link, from https to its last character."
            )
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """What a genuine token says: which row, and which issue of its link."""

    public_id: str
    generation: int


class Links:
    """Makes tokens under the newest key of the key file, and reads those of all of them."""

    def __init__(self, keys: Keys, public_url: str) -> None:
        self._keys = keys
        self.public_url = web_address_in_ascii(public_url.rstrip("/"))

    def make(self, purpose: LinkPurpose, public_id: str, generation: int) -> str:
        """Return the token for a row at a generation; the same each time."""
        self._keys.look_again()
        return _token(self._keys.derive(_PURPOSE), purpose, public_id, generation)

    def read(self, purpose: LinkPurpose, token: str) -> Claim:
        """Return what a token claims; raise LinkBroken unless it is genuine for this purpose."""
        match = _TOKEN.fullmatch(token)
        if match is None:
            raise LinkBroken
        public_id, generation = match[1], int(match[2])
        if not self._is_genuine(purpose, public_id, generation, token):
            self._keys.look_again(soon=True)
            if not self._is_genuine(purpose, public_id, generation, token):
                raise LinkBroken
        return Claim(public_id, generation)

    def _is_genuine(self, purpose: LinkPurpose, public_id: str, generation: int, token: str) -> bool:
        made = [_token(key, purpose, public_id, generation) for key in self._keys.derive_each(_PURPOSE)]
        return any(hmac.compare_digest(each.encode(), token.encode()) for each in made)


def _token(key: bytes, purpose: LinkPurpose, public_id: str, generation: int) -> str:
    mac = hmac.digest(key, f"{purpose}|{public_id}|{generation}".encode(), hashlib.sha256)[:MAC_BYTES]
    return f"{public_id}-{generation}-{base64.b32encode(mac).decode().lower()}"


def links_of(session: Session) -> Links:
    """Return the link maker that a session carries."""
    links: Links = session.info[PORTS].links
    return links


def make_token(session: Session, purpose: LinkPurpose, public_id: str, generation: int) -> str:
    """Return the token for a row at a generation."""
    return links_of(session).make(purpose, public_id, generation)


def read_token(session: Session, purpose: LinkPurpose, token: str) -> Claim:
    """Return what a token claims; raise LinkBroken unless it is genuine."""
    return links_of(session).read(purpose, token)


def absolute_url(session: Session, path: str) -> str:
    """Return a path on the public address, for mails and documents."""
    return links_of(session).public_url + path
