"""Addresses that come back to us: a signed mark in them tells which mail a bounce, or a reply, is about."""

from __future__ import annotations

import re

from sqlalchemy.orm import Session

from app.base.addresses import canonical
from app.base.links import LinkBroken, LinkPurpose, make_token, read_token
from app.base.ports import ports_of

GAP = "{}"
_GENERATION = 1  # a mark is never re-issued: an old bounce must still be understood


def envelope_sender(session: Session, mail_public_id: str) -> str:
    """Return where bounces of a mail go: RETURN_PATH with the mail's mark, or MAIL_FROM where none is set."""
    pattern: str = ports_of(session).return_path
    return _filled(session, pattern, LinkPurpose.BOUNCE, mail_public_id) or ports_of(session).mail_from


def read_mark(session: Session, address: str) -> str | None:
    """Return the public id of the mail that an envelope recipient is about, or None for any other address."""
    return _read(session, ports_of(session).return_path, LinkPurpose.BOUNCE, address)


def reply_address(session: Session, public_id: str) -> str:
    """Return where replies about something go, REPLY_ADDRESS with its mark; empty where none is set."""
    return _filled(session, ports_of(session).reply_address, LinkPurpose.REPLY, public_id)


def read_reply_mark(session: Session, address: str) -> str | None:
    """Return the public id of what a reply's recipient is about, or None for any other address."""
    return _read(session, ports_of(session).reply_address, LinkPurpose.REPLY, address)


def _filled(session: Session, pattern: str, purpose: LinkPurpose, public_id: str) -> str:
    return pattern.replace(GAP, make_token(session, purpose, public_id, _GENERATION)) if pattern else ""


def _read(session: Session, pattern: str, purpose: LinkPurpose, address: str) -> str | None:
    """Read a mark case-insensitively: some servers change the case of a local part, and marks know one case only."""
    if not pattern:
        return None
    before, _gap, after = canonical(pattern).partition(GAP)
    wanted = re.compile(rf"{re.escape(before)}([^@\s]{{1,60}}){re.escape(after)}")
    match = wanted.fullmatch(canonical(address.strip().strip("<>")))
    if match is None:
        return None
    try:
        return read_token(session, purpose, match[1]).public_id
    except LinkBroken:
        return None
