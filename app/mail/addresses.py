"""What mail remembers of an address: caps that protect third parties, and the stop after it bounced.

Addresses are kept as a keyed digest in a scope of their own, which no campaign's index can be joined with.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, case, delete, insert, or_, select, text, update
from sqlalchemy.orm import Session

from app.base import clock
from app.base.addresses import canonical
from app.base.rows import insert_into, portions
from app.base.sealing import blind_index
from app.mail.models import MailAddress
from app.mail.registry import Registry
from app.mail.states import Cap
from app.smtp.states import Trouble

MOST_CONFIRMATIONS_A_DAY = 3
MOST_UNASKED = 5
# Tenths of a point, after Mailman: a soft bounce is half as bad as a hard one, and a day counts once.
HARD_BOUNCE = 10
SOFT_BOUNCE = 5
STOPPED_AT = 30  # six days with a soft bounce each
FORGOTTEN_AFTER = timedelta(days=7)  # without a bounce

_addresses: Table = MailAddress.__table__  # type: ignore[assignment]
_row = _addresses.c


@dataclass(frozen=True)
class AddressedMail:
    """A mail that is about to go to an address. One that was counted before is not counted again."""

    id: int
    address: str
    cap: Cap
    is_counted: bool = False


def check(session: Session, registry: Registry, letters: Sequence[AddressedMail]) -> dict[int, Trouble]:
    """Return which of some mails may not be sent, and why; the others are counted.

    An address that bounced is stopped for every mail. A cap lets through its number and no more, over all processes:
    the count and its limit are one statement. An address with which the unasked are used up is looked for among those
    who ever answered, and nothing of that is stored here.
    """
    if not letters:
        return {}
    keys = {letter.id: _key(session, letter.address) for letter in letters}
    stopped = _stopped(session, set(keys.values()))
    troubles = {letter.id: Trouble.BOUNCING for letter in letters if keys[letter.id] in stopped}
    to_count = [
        letter
        for letter in letters
        if letter.id not in troubles and not letter.is_counted and letter.cap is not Cap.NONE
    ]
    for letter in _over_the_cap(session, to_count, keys):
        if letter.cap is Cap.UNASKED and registry.has_answered(session, letter.address):
            continue
        troubles[letter.id] = Trouble.CAPPED
    return troubles


def note_bounce(session: Session, address: str, is_hard: bool) -> bool:
    """Remember that a mail came back; tell whether nothing more is sent to the address from now on.

    Hard is only "there is no such address": it stops at once. Soft is whatever may pass, such as a full mailbox.
    """
    today, points = _today(), HARD_BOUNCE if is_hard else SOFT_BOUNCE
    score = case(
        (_row.bounced_on == today, _row.bounce_score),
        (_row.bounced_on >= today - FORGOTTEN_AFTER, _row.bounce_score + points),
        else_=points,
    )
    stops = score >= (0 if is_hard else STOPPED_AT)
    upsert = insert_into(session, _addresses).values(
        address_key=_key(session, address), unasked=0, confirmations=0, bounce_score=points, bounced_on=today,
        stopped_on=today if is_hard else None,
    )  # fmt: skip
    upsert = upsert.on_conflict_do_update(
        index_elements=[_row.address_key],
        set_={"bounce_score": score, "bounced_on": today, "stopped_on": case((stops, today), else_=None)},
        where=_row.stopped_on.is_(None),
    )
    return session.scalar(upsert.returning(_row.stopped_on)) is not None


def forgive(session: Session, address: str) -> None:
    """Send to an address again, because a person says that it is good."""
    session.execute(
        update(_addresses)
        .where(_row.address_key == _key(session, address))
        .values(bounce_score=0, bounced_on=None, stopped_on=None)
    )


def is_stopped(session: Session, address: str) -> bool:
    """Tell whether nothing is sent to an address because mails to it came back."""
    key = _key(session, address)
    return key in _stopped(session, {key})


def stir(session: Session) -> None:
    """Forget what no longer matters, and write all rows anew in the order of their digest.

    PostgreSQL keeps rows in the order they came and stamps each with the number of its transaction, by which they
    could be laid beside the outbox. After this all bear the same number and lie in an order that says nothing. The
    table is locked for as long as it takes. SQLite keeps the order of the digest by itself.
    """
    is_postgres = session.get_bind().dialect.name == "postgresql"
    if is_postgres:
        session.execute(text("LOCK TABLE mail_addresses IN SHARE ROW EXCLUSIVE MODE"))
    today = _today()
    is_old = and_(_row.stopped_on.is_(None), _row.bounced_on < today - FORGOTTEN_AFTER)
    session.execute(update(_addresses).where(is_old).values(bounce_score=0, bounced_on=None))
    session.execute(
        update(_addresses).where(_row.confirmations_on < today).values(confirmations=0, confirmations_on=None)
    )
    says_nothing = and_(
        _row.unasked == 0, _row.confirmations_on.is_(None), _row.bounced_on.is_(None), _row.stopped_on.is_(None)
    )
    session.execute(delete(_addresses).where(says_nothing))
    if is_postgres:
        gone = delete(_addresses).returning(*_row).cte("gone")
        in_order = select(*gone.c).order_by(gone.c.address_key)
        session.execute(insert(_addresses).from_select([column.name for column in _row], in_order))


def _over_the_cap(session: Session, letters: Sequence[AddressedMail], keys: dict[int, bytes]) -> list[AddressedMail]:
    """Count letters; return those that were not counted because their cap is reached.

    Rows are touched in the order of their digest, so that two workers wait for each other but never in a circle. What
    goes to one address several times comes in later rounds, which touch only rows that the first one holds.
    """
    waiting: dict[bytes, list[AddressedMail]] = defaultdict(list)
    for letter in letters:
        waiting[keys[letter.id]].append(letter)
    over: list[AddressedMail] = []
    while waiting:
        counted = _count_one_each(session, {key: queue[0].cap for key, queue in waiting.items()})
        over += [queue[0] for key, queue in waiting.items() if key not in counted]
        waiting = {key: queue[1:] for key, queue in waiting.items() if queue[1:]}
    return over


def _count_one_each(session: Session, caps: dict[bytes, Cap]) -> set[bytes]:
    """Count one mail for each address and return where there was room for it; one statement, with the limit in it."""
    today = _today()
    rows = [_counting(key, caps[key], today) for key in sorted(caps)]
    upsert = insert_into(session, _addresses)
    new = upsert.excluded
    confirmations = case((_row.confirmations_on == today, _row.confirmations), else_=0)
    upsert = upsert.on_conflict_do_update(
        index_elements=[_row.address_key],
        set_={
            "unasked": _row.unasked + new.unasked,
            "confirmations": case((new.confirmations > 0, confirmations + 1), else_=_row.confirmations),
            "confirmations_on": case((new.confirmations > 0, today), else_=_row.confirmations_on),
        },
        where=_has_room(new, confirmations),
    )
    return set(session.scalars(upsert.returning(_row.address_key), rows))


def _has_room(new: Any, confirmations: ColumnElement[int]) -> ColumnElement[bool]:
    return and_(
        or_(new.unasked == 0, _row.unasked < MOST_UNASKED),
        or_(new.confirmations == 0, confirmations < MOST_CONFIRMATIONS_A_DAY),
    )


def _counting(key: bytes, cap: Cap, today: date) -> dict[str, Any]:
    is_confirmation = cap is Cap.CONFIRMATION
    return {
        "address_key": key,
        "unasked": int(cap is Cap.UNASKED),
        "confirmations": int(is_confirmation),
        "confirmations_on": today if is_confirmation else None,
        "bounce_score": 0,
    }


def _stopped(session: Session, keys: set[bytes]) -> set[bytes]:
    listed, found = sorted(keys), set[bytes]()
    for part in portions(listed):
        wanted = select(_row.address_key).where(_row.address_key.in_(part))
        found.update(session.scalars(wanted.where(_row.stopped_on.is_not(None))))
    return found


def _key(session: Session, address: str) -> bytes:
    return blind_index(session, "mail address", canonical(address))


def _today() -> date:
    return clock.now().date()
