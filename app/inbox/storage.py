"""The store of incoming messages: each is kept as it came before anybody looks into it, and kept once.

A message goes from NEW to READ (a report or witness copy that was used), WAITING (letters and automatic answers, for
the stage that matches them) or HELD (unreadable, or a report of no mail that is known: a person looks). The jobs
`fetch incoming mail` and `read incoming mail` do so; a later stage's job takes what waits, with `in_state`,
`summaries_of`, `raw_of` and `file`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select, update
from sqlalchemy.orm import Session

from app.base import clock
from app.base.identifiers import new_public_id
from app.base.rows import has_changed, insert_into, number_changed
from app.base.sealing import Place, blind_index, open_bytes, open_many, seal, seal_bytes
from app.inbox.models import InboundMessage
from app.inbox.states import InboundKind, InboundSource, InboundState

LARGEST_BYTES = 50 * 1024 * 1024
SUMMARY_BYTES = 1024  # envelopes are padded to multiples of it
MOST_AT_ONCE = 200
USED_KEPT_FOR = timedelta(days=90)
# What makes a message itself. The trace of its way (Received, Delivered-To, X-…) differs from one fetch to the next.
KEY_HEADERS = (b"message-id", b"from", b"date", b"subject")
LONGEST_HEAD = 256 * 1024  # bytes in which headers are sought
_CHUNK = 256 * 1024
_HEAD_END = re.compile(rb"\r\n\r\n|\n\r?\n|\r\r")
_LINE_END = re.compile(rb"\r\n|\n|\r")
_NEW_LINE = re.compile(rb"\r\n?")


class MessageTooLarge(Exception):
    """The message is larger than what is kept here; it must stay where it is."""


def store(session: Session, raw: bytes, source: InboundSource, envelope_to: str = "") -> tuple[str, bool]:
    """Keep a message as it came; return its public id and whether it was new.

    Nothing is parsed that could fail. `envelope_to` is the address that the mail server was given, where it says so.
    The same message, fetched twice or with another trace of its way, stays one row; raises MessageTooLarge over 50 MB.
    """
    if len(raw) > LARGEST_BYTES:
        raise MessageTooLarge
    public_id, key = new_public_id(), content_key(session, raw)
    envelope_to = envelope_to.encode("utf-8", "replace").decode()
    values = {
        "public_id": public_id,
        "content_key": key,
        "source": source,
        "kind": InboundKind.UNREAD,
        "state": InboundState.NEW,
        "size": len(raw),
        "raw_sealed": seal_bytes(session, _raw_place(public_id), raw),
        "summary_sealed": seal_summary(session, public_id, {"envelope_to": envelope_to}),
        "received_at": clock.now(),
    }
    stored = session.execute(
        insert_into(session, InboundMessage)
        .values(**values)
        .on_conflict_do_nothing(index_elements=[InboundMessage.content_key])
        .returning(InboundMessage.id)
    )
    if stored.scalar() is not None:
        return public_id, True
    known = select(InboundMessage.public_id).where(InboundMessage.content_key == key)
    return session.execute(known).scalar_one(), False


def content_key(session: Session, raw: bytes) -> bytes:
    """Return the keyed digest by which a message is known again, whatever it looks like; never raises."""
    hashing = hashlib.sha256()
    end = _HEAD_END.search(raw, 0, LONGEST_HEAD)
    named = _named_headers(raw[: end.start() if end else LONGEST_HEAD])
    if not any(name in {b"message-id", b"date"} for name, _value in named):
        # Two short letters of one sender can be alike to the letter: without a mark of their own, both are kept.
        hashing.update(raw)
        return blind_index(session, "incoming message as it came", hashing.hexdigest())
    for name, value in named:
        hashing.update(b"%s:%s\n" % (name, value))
    hashing.update(b"\n")
    _hash_body(hashing, raw, end.end() if end else min(len(raw), LONGEST_HEAD))
    return blind_index(session, "incoming message", hashing.hexdigest())


def body_digest(raw: bytes) -> bytes:
    """Return the SHA-256 of what stands below a message's headers, whatever its line ends; never raises."""
    hashing = hashlib.sha256()
    end = _HEAD_END.search(raw, 0, LONGEST_HEAD)
    _hash_body(hashing, raw, end.end() if end else min(len(raw), LONGEST_HEAD))
    return hashing.digest()


def raw_of(session: Session, public_id: str, purpose: str) -> bytes | None:
    """Open a message as it came, for a stated purpose; None when there is none of that id, or it was forgotten."""
    sealed = session.scalar(select(InboundMessage.raw_sealed).where(InboundMessage.public_id == public_id))
    return None if not sealed else open_bytes(session, _raw_place(public_id), sealed, purpose)


def summaries_of(session: Session, public_ids: Iterable[str], purpose: str) -> dict[str, dict[str, Any]]:
    """Open what was noted of messages when they were sorted, by public id: see `app.inbox.messages.Letter`."""
    rows = session.execute(
        select(InboundMessage.public_id, InboundMessage.summary_sealed).where(
            InboundMessage.public_id.in_(list(public_ids)), InboundMessage.summary_sealed.is_not(None)
        )
    ).all()
    opened = open_many(session, [(_summary_place(row.public_id), row.summary_sealed) for row in rows], purpose)
    return {row.public_id: summary for row, summary in zip(rows, opened, strict=True)}


def in_state(
    session: Session, state: InboundState, after: int = 0, limit: int = MOST_AT_ONCE
) -> Sequence[Row[int, str, InboundKind, datetime, int]]:
    """List messages in a state, oldest first, beyond a row number: (id, public_id, kind, received_at, size)."""
    return session.execute(
        select(
            InboundMessage.id,
            InboundMessage.public_id,
            InboundMessage.kind,
            InboundMessage.received_at,
            InboundMessage.size,
        )
        .where(InboundMessage.state == state, InboundMessage.id > after)
        .order_by(InboundMessage.id)
        .limit(limit)
    ).all()


def count_in_state(session: Session, state: InboundState) -> int:
    """Count the messages in a state."""
    return session.scalar(select(func.count()).where(InboundMessage.state == state)) or 0


def file(session: Session, public_id: str, state: InboundState, actor: str) -> bool:
    """Take a message that waits or is held to FILED, DISCARDED or HELD; tell whether it was still to be had.

    `actor` is an organiser's public id, or `system`.
    """
    if state not in {InboundState.FILED, InboundState.DISCARDED, InboundState.HELD}:
        raise ValueError(f"A message is not filed as {state}.")
    result = session.execute(
        update(InboundMessage)
        .where(
            InboundMessage.public_id == public_id,
            InboundMessage.state.in_([InboundState.WAITING, InboundState.HELD]),
            InboundMessage.state != state,
        )
        .values(state=state, filed_by=actor, filed_at=clock.now())
    )
    return has_changed(result)


def forget_used(session: Session) -> int:
    """Forget reports and copies that were used long ago, and return how many; what they prove stands with the mail.

    Their content keys stay, so that one which comes again is still known. Messages that a person looked at are kept.
    """
    result = session.execute(
        update(InboundMessage)
        .where(
            InboundMessage.state == InboundState.READ,
            InboundMessage.received_at < clock.now() - USED_KEPT_FOR,
            func.length(InboundMessage.raw_sealed) > 0,
        )
        .values(raw_sealed=b"", summary_sealed=None)
    )
    return number_changed(result)


def hold_unnoted(session: Session, public_id: str) -> None:
    """Hold a message that waits and forget what was noted of it, where that can't be used; the message stays."""
    session.execute(
        update(InboundMessage)
        .where(InboundMessage.public_id == public_id, InboundMessage.state == InboundState.WAITING)
        .values(
            state=InboundState.HELD, kind=InboundKind.UNREADABLE, filed_by="system", filed_at=clock.now(),
            summary_sealed=seal_summary(session, public_id, {}),
        )
    )  # fmt: skip


def seal_summary(session: Session, public_id: str, summary: dict[str, Any]) -> bytes:
    """Seal what is noted of a message, for its row."""
    return seal(session, _summary_place(public_id), summary, SUMMARY_BYTES)


def _named_headers(head: bytes) -> list[tuple[bytes, bytes]]:
    """Return the headers that make the message, in order, unfolded, with single spaces."""
    found: list[tuple[bytes, list[bytes]]] = []
    keeping = False
    for line in _LINE_END.split(head):
        if line[:1] in {b" ", b"\t"}:
            if keeping:
                found[-1][1].append(line)
            continue
        name, colon, value = line.partition(b":")
        keeping = bool(colon) and name.strip().lower() in KEY_HEADERS
        if keeping:
            found.append((name.strip().lower(), [value]))
    return [(name, b" ".join(b" ".join(parts).split())) for name, parts in found]


def _hash_body(hashing: hashlib._Hash, raw: bytes, start: int) -> None:
    """Hash from an offset with line ends normalised and those at the end left out, in bounded memory."""
    open_lines, carried = 0, b""
    view = memoryview(raw)
    for at in range(start, len(raw), _CHUNK):
        chunk = carried + bytes(view[at : at + _CHUNK])
        carried = b"\r" if chunk.endswith(b"\r") and at + _CHUNK < len(raw) else b""
        text = _NEW_LINE.sub(b"\n", chunk[: len(chunk) - len(carried)])
        closed = text.rstrip(b"\n")
        if closed:
            while open_lines:
                together = min(open_lines, _CHUNK)
                hashing.update(b"\n" * together)
                open_lines -= together
            hashing.update(closed)
        open_lines += len(text) - len(closed)


def _raw_place(public_id: str) -> Place:
    return Place("inbound_messages", "raw_sealed", public_id)


def _summary_place(public_id: str) -> Place:
    return Place("inbound_messages", "summary_sealed", public_id)
