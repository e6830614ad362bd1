"""What every session carries beside its connection: the keys, and the house's own addresses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.orm import Session

from app.base.links import Links
from app.base.sealing import PORTS, Vault


class SignsMail(Protocol):
    """What signs a finished mail."""

    def sign(self, message: bytes) -> bytes: ...


@dataclass(frozen=True, kw_only=True)
class Ports:
    """The way from a session to the world outside the database. Stages read no settings: they find here what they need.

    `mail_domain` stands in our Message-IDs; `return_path` and `reply_address` hold `{}` where a mail's mark goes and
    are empty where the mail server can't tell marks apart. `delivered_appearance` asks deliveries, a later stage, for
    what addressees hold of a signature; signatures knows the types. `stand_behind` asks counts how many stand behind a
    statement (row id), and how many of them the public list shows.
    """

    vault: Vault
    links: Links
    mail_domain: str = ""
    mail_from: str = ""
    mail_from_name: str = ""
    return_path: str = ""
    reply_address: str = ""
    witness_address: str = ""
    one_person: bool = False
    approver_waiting_days: int = 7
    password_alone: bool = False
    demonstration: bool = False
    signer: SignsMail | None = None
    delivered_appearance: Callable[[Session, Any], Any] | None = None
    stand_behind: Callable[[Session, int], tuple[int, int]] | None = None


def ports_of(session: Session) -> Ports:
    """Return what a session carries."""
    found: Ports = session.info[PORTS]
    return found
