"""Find what signatories are to be told by mail, from their signatures as they stand; and blur what time would tell.

A receipt that was queued in the transaction of its signature would lead from the one to the other, and its
Message-ID from there to an address in the mail server's log. So a person who signs, withdraws or changes something
leaves nothing in the outbox. What is to be told is found later, and queued for several people at once, in no order.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, and_, func, or_, select, type_coerce, update
from sqlalchemy.orm import Session

from app.base import clock
from app.base.rows import portions
from app.mail.actions import Outgoing, enqueue_many, not_queued
from app.signatures import emails
from app.signatures.changes import OpenedChange, changes_among
from app.signatures.keeping import SignatureMove, SignatureTimes, change_values, sealed_identity
from app.signatures.models import Signature, SignatureChange
from app.signatures.queries import Signed, opened_identity, signatures_by_id, times_of
from app.signatures.states import ChangeState
from app.statements.models import Statement

# Of what happened longer before a worker's first look nobody is told any more.
TOLD_FOR = timedelta(days=60)
STIRRED_FOR = timedelta(days=2)
AT_ONCE = 500
_DAY_LENGTH, _MIDNIGHT = 11, " 00:00:00.000000"  # as SQLite keeps the beginning of a day
_ENVELOPE_START = 13  # bytes: version and nonce, which is another one each time something is sealed
Mark = tuple[str, str, bytes]  # kind of row, public id, and what differs as soon as the row says something else


def marks_since(session: Session, told_at: datetime | None) -> set[Mark]:
    """Return marks of what was done to signatures since somebody was told; while a mark stays, it says nothing new.

    Rows know days only, so what was done the day before is among them. The first look goes back further.
    """
    now = clock.now()
    since = clock.start_of_day(min(told_at, now) - timedelta(days=1) if told_at else now - TOLD_FOR)
    signed = select(Signature.public_id, func.substr(Signature.identity_sealed, 1, _ENVELOPE_START))
    changed = select(SignatureChange.public_id, func.substr(SignatureChange.change_sealed, 1, _ENVELOPE_START))
    is_recent = or_(SignatureChange.made_at >= since, SignatureChange.settled_at >= since)
    return {
        (kind, public_id, bytes(start))
        for kind, wanted in (("signature", signed.where(*_changed_since(since))), ("", changed.where(is_recent)))
        for public_id, start in session.execute(wanted).all()
    }


def letters(session: Session, marks: Iterable[Mark]) -> list[Outgoing]:
    """Return the mails that tell of what bears these marks and were not queued before, in no order."""
    marks = list(marks)
    of_signatures = [public_id for kind, public_id, _start in marks if kind]
    of_changes = [public_id for kind, public_id, _start in marks if not kind]
    found = [_receipt(signed) for signed in signatures_by_id(session, of_signatures).values()]
    changes = changes_among(session, of_changes)
    found += [_note(changed) for changed in changes if changed.state is not ChangeState.LAPSED]
    found = not_queued(session, found)
    secrets.SystemRandom().shuffle(found)
    return found


def queue(session: Session, found: Iterable[Outgoing]) -> None:
    """Queue letters; none goes twice."""
    enqueue_many(session, found)


def in_the_clear(session: Session) -> tuple[Sequence[int], Sequence[str]]:
    """Return some signatures (row ids) and changes (public ids) whose rows have times; indexes of days are read alone.

    Who writes one time of a signature's row writes all of them, so when it was changed tells of the others.
    """
    signatures = select(Signature.id).where(_is_time(session, Signature.changed_at)).limit(AT_ONCE)
    made, settled = (
        select(SignatureChange.id).where(_is_time(session, column))
        for column in (SignatureChange.made_at, SignatureChange.settled_at)
    )
    either = made.union(settled).limit(AT_ONCE).subquery()
    changes = select(SignatureChange.public_id).where(SignatureChange.id.in_(select(either.c.id)))
    return session.scalars(signatures).all(), session.scalars(changes).all()


def blur(session: Session) -> None:
    """Take the times out of some rows that still have them in the clear, and seal them."""
    clear, moved = in_the_clear(session)
    for row in session.scalars(select(Signature).where(Signature.id.in_(clear)).with_for_update()):
        fields = opened_identity(session, row)
        times = SignatureTimes(*times_of(row, fields))
        values = {"identity_sealed": sealed_identity(session, row.public_id, fields, times), **times.days}
        session.execute(update(Signature).where(Signature.id == row.id).values(**values))
    for one in changes_among(session, moved):
        step = SignatureMove(one.before, one.after, one.by, one.word)
        values = change_values(session, one.public_id, step, one.made_at, one.settled_at)
        session.execute(update(SignatureChange).where(SignatureChange.id == one.id).values(**values))


def stir(session: Session) -> None:
    """Write what was signed or changed lately anew, in the order of the row ids, which is no order within a day.

    PostgreSQL stamps each row with the number of its transaction and keeps rows in the order they came; after this
    those of two days bear the same number. What somebody changes right now is left out. SQLite does neither.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    since = clock.start_of_day(clock.now() - STIRRED_FOR)
    for table, is_recent in (
        (Signature, and_(*_changed_since(since))),
        (SignatureChange, or_(SignatureChange.made_at >= since, SignatureChange.settled_at >= since)),
    ):
        columns: Any = table.__table__
        free = select(columns.c.id).where(is_recent).order_by(columns.c.id).with_for_update(skip_locked=True)
        for part in portions(session.scalars(free).all()):
            for row_id in part:
                session.execute(update(columns).where(columns.c.id == row_id).values(state=columns.c.state))


def _changed_since(since: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of what was changed since a day, found statement by statement as their index holds it."""
    return Signature.statement_id.in_(select(Statement.id)), Signature.changed_at >= since


def _receipt(signed: Signed) -> Outgoing:
    """Return the receipt for a signature, or for its withdrawal; each is another occasion."""
    references = {"signature": signed.public_id, "invitation": signed.invitation}
    if signed.withdrawn_at is not None and not signed.is_signed:
        return Outgoing(emails.WITHDRAWAL, signed.public_id, signed.withdrawn_at.isoformat(), references)
    return Outgoing(emails.RECEIPT, signed.public_id, signed.signed_at.isoformat(), references)


def _note(changed: OpenedChange) -> Outgoing:
    references = {"change": changed.public_id, "state": str(changed.state)}
    return Outgoing(emails.SIGNATURE_CHANGE, changed.public_id, str(changed.state), references)


def _is_time(session: Session, column: Any) -> ColumnElement[bool]:
    """Return the condition of more than a day."""
    if session.get_bind().dialect.name == "postgresql":
        at = func.timezone("UTC", column)
        return at != func.date_trunc("day", at)
    return func.substr(type_coerce(column, String), _DAY_LENGTH) != _MIDNIGHT
