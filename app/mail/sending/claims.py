"""The outbox's changes of state, many mails at a time, each behind a fence: the claim under which it is made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, select, tuple_, update
from sqlalchemy.orm import Session

from app.background.holders import gone
from app.base import clock
from app.base.identifiers import new_public_id
from app.base.rows import by_name, insert_into, number_changed
from app.base.sealing import Place, seal
from app.mail.models import Mail, MailAttempt
from app.mail.states import (
    DUE,
    HELD,
    LEASE,
    MOST_PERSONAL_HANDOVERS,
    MailClass,
    MailState,
    Pause,
    Priority,
    next_try_after,
)
from app.smtp.states import Trouble

MAILS: Any = Mail.__table__
ATTEMPTS: Any = MailAttempt.__table__
LONGEST_ANSWER = 1000
ANSWER_BYTES = 128  # of the padded plaintext: what servers say who take a mail fits into it


@dataclass(frozen=True, slots=True)
class Claimed:
    """A mail that a worker holds. The number of its attempt is the fence: a later claim has another."""

    id: int
    public_id: str
    attempt: int
    kind: str
    mail_class: MailClass
    priority: int
    failures: int
    handovers: int
    has_slot: bool
    is_counted: bool
    message_id: str
    frozen_sha256: str | None
    references_sealed: bytes
    due_at: datetime
    created_at: datetime

    @property
    def goes_alone(self) -> bool:
        """Tell whether each step of this mail is committed by itself.

        Official mail always; a personal one once it may have gone already, so that no third copy is possible.
        """
        return self.mail_class is MailClass.OFFICIAL or self.handovers > 0


@dataclass(frozen=True, slots=True)
class Tried:
    """What the server said to a try: for the row that records it."""

    server: str
    started_at: datetime
    finished_at: datetime
    code: int | None
    answer: str
    answers: tuple[tuple[str, int | None, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    """What a claim comes to."""

    claim: Claimed
    state: MailState
    trouble: Trouble | None = None
    due_at: datetime | None = None  # when to try again, where it is tried again
    has_failed: bool = False  # whether this counts as a failed try
    has_slot: bool = False
    tried: Tried | None = None
    takes_back_handover: bool = False  # announced, but certainly not taken
    is_counted: bool = False  # whether its recipient's cap counts it by now


def claim(session: Session, limit: int, pause: Pause, holder: str) -> list[Claimed]:
    """Take up to `limit` due mails, what somebody waits for first, then the longest due; committed by the caller."""
    now = clock.now()
    wanted: list[int] = []
    for priority in Priority:
        if pause is Pause.EVERYTHING or len(wanted) >= limit:
            break
        wanted += _due(session, priority, limit - len(wanted), now, pause)
    if not wanted:
        return []
    rows = session.execute(
        update(MAILS)
        .where(MAILS.c.id.in_(wanted), MAILS.c.state.in_(DUE))
        .values(state=MailState.CLAIMED, attempts=MAILS.c.attempts + 1, lease_until=now + LEASE, holder=holder)
        .returning(*(MAILS.c[name] for name in _CLAIMED), MAILS.c.attempts.label("attempt"))
    )
    return sorted((by_name(Claimed, row) for row in rows), key=lambda one: (one.priority, one.due_at, one.id))


def announce(session: Session, claims: Sequence[Claimed]) -> set[int]:
    """Say that these are being handed over; return the ids of those that are still held."""
    if not claims:
        return set()
    result = session.execute(
        update(MAILS)
        .where(_fence(claims), MAILS.c.state == MailState.CLAIMED)
        .values(
            state=MailState.HANDING_OVER,
            handovers=MAILS.c.handovers + 1,
            is_counted=True,
            lease_until=clock.now() + LEASE,
        )
        .returning(MAILS.c.id)
    )
    return set(result.scalars())


def extend(session: Session, claims: Sequence[Claimed]) -> set[int]:
    """Renew the leases of claims that wait for their turn; return the ids of those that are still held."""
    if not claims:
        return set()
    result = session.execute(
        update(MAILS)
        .where(_fence(claims), MAILS.c.state.in_(HELD))
        .values(lease_until=clock.now() + LEASE)
        .returning(MAILS.c.id)
    )
    return set(result.scalars())


def settle(session: Session, results: Iterable[Settled]) -> set[int]:
    """Write down what claims came to, with a row for each try; return the ids of those that were still held.

    A claim that somebody else holds by now is left alone. An interrupted personal mail is queued to go once more.
    """
    settled = [_once_more(one) for one in results]
    held: set[int] = set()
    for values, group in groupby(sorted(settled, key=_order_of), key=_values):
        held |= _apply(session, [one.claim for one in group], dict(values))
    _accept_late(session, [one for one in settled if one.claim.id not in held])
    tries = [_attempt(session, one) for one in settled if one.tried is not None]
    if tries:
        _record(session, tries)
    return held


def sweep(session: Session, server: str) -> int:
    """Requeue what died before its hand-over; mark uncertain, or send once more, what died during it.

    What a process of this machine had only claimed when it died is free at once; what it was handing over waits for
    the end of its lease, since it may have gone. The try that nobody lived to describe is recorded without an answer:
    with the server, and the time at which its lease was last renewed. Returns how many are queued again.
    """
    now = clock.now()
    expired = MAILS.c.lease_until < now
    may_repeat = (MAILS.c.mail_class != MailClass.OFFICIAL) & (MAILS.c.handovers < MOST_PERSONAL_HANDOVERS)
    handing_over = expired & (MAILS.c.state == MailState.HANDING_OVER)
    again = {"state": MailState.QUEUED, "lease_until": None, "due_at": now}
    _record_interrupted(session, server, handing_over)
    held_by = session.scalars(select(MAILS.c.holder).where(MAILS.c.state == MailState.CLAIMED).distinct())
    is_free = expired | MAILS.c.holder.in_(gone(held_by))
    requeued = session.execute(update(MAILS).where(is_free, MAILS.c.state == MailState.CLAIMED).values(**again))
    repeated = session.execute(update(MAILS).where(handing_over, may_repeat).values(**again))
    session.execute(
        update(MAILS)
        .where(handing_over, ~may_repeat)
        .values(state=MailState.UNCERTAIN, trouble=Trouble.NO_ANSWER, lease_until=None, finished_at=now)
    )
    return number_changed(requeued) + number_changed(repeated)


_CLAIMED = (
    "id", "public_id", "kind", "mail_class", "priority", "failures", "handovers", "has_slot", "is_counted",
    "message_id", "frozen_sha256", "references_sealed", "due_at", "created_at",
)  # fmt: skip


def _due(session: Session, priority: Priority, limit: int, now: datetime, pause: Pause) -> list[int]:
    """Return the longest due of one priority. A seek in the index for each state, however many mails wait."""
    found: list[tuple[datetime, int]] = []
    for state in DUE:
        query = select(MAILS.c.due_at, MAILS.c.id).where(
            MAILS.c.state == state, MAILS.c.priority == int(priority), MAILS.c.due_at <= now
        )
        if pause is Pause.BULK:
            query = query.where(MAILS.c.mail_class != MailClass.BULK)
        query = query.order_by(MAILS.c.due_at, MAILS.c.id).limit(limit).with_for_update(skip_locked=True)
        found += [(row.due_at, row.id) for row in session.execute(query)]
    return [mail_id for _due_at, mail_id in sorted(found)[:limit]]


def _fence(claims: Sequence[Claimed]) -> ColumnElement[bool]:
    # SQLite finds rows by the ids alone; by pairs it would look through every row of a state.
    is_one: ColumnElement[bool] = MAILS.c.id.in_([one.id for one in claims])
    return is_one & tuple_(MAILS.c.id, MAILS.c.attempts).in_([(one.id, one.attempt) for one in claims])


def _once_more(one: Settled) -> Settled:
    """Turn an uncertain personal mail into one that is queued again, as long as that makes no third copy."""
    repeats = one.claim.mail_class is not MailClass.OFFICIAL and one.claim.handovers + 1 < MOST_PERSONAL_HANDOVERS
    if one.state is not MailState.UNCERTAIN or not repeats:
        return one
    return Settled(one.claim, MailState.QUEUED, one.trouble, clock.now(), has_failed=True, tried=one.tried)


_Values = tuple[tuple[str, Any], ...]


def _values(one: Settled) -> _Values:
    values: dict[str, Any] = {"state": one.state, "has_slot": one.has_slot}
    if one.trouble is not None or one.state not in DUE:
        values["trouble"] = one.trouble  # what only waits longer keeps the reason for which it has waited so far
    if one.due_at is not None:
        values["due_at"] = one.due_at
    if one.is_counted:
        values["is_counted"] = True
    if one.takes_back_handover:
        values["handovers"] = one.claim.handovers
    return (*values.items(), ("failed", one.has_failed))


def _order_of(one: Settled) -> str:
    return repr(_values(one))


def _apply(session: Session, claims: Sequence[Claimed], values: dict[str, Any]) -> set[int]:
    if values.pop("failed"):
        values["failures"] = MAILS.c.failures + 1
    is_over = values["state"] not in DUE
    result = session.execute(
        update(MAILS)
        .where(_fence(claims), MAILS.c.state.in_(HELD))
        .values(lease_until=None, finished_at=clock.now() if is_over else None, **values)
        .returning(MAILS.c.id)
    )
    return set(result.scalars())


def _accept_late(session: Session, results: Sequence[Settled]) -> None:
    """Believe the server's yes even after the lease has ended, as long as nobody has claimed the mail since.

    The sweeper took its worker for dead, but it was only slow or slept. A mail that the server took must not go again,
    and is not uncertain.
    """
    late = [one.claim for one in results if one.state is MailState.ACCEPTED]
    if late:
        session.execute(
            update(MAILS)
            .where(_fence(late), MAILS.c.state.in_((MailState.QUEUED, MailState.UNCERTAIN)))
            .values(state=MailState.ACCEPTED, trouble=None, finished_at=clock.now())
        )


def _record(session: Session, tries: list[dict[str, Any]]) -> None:
    """Write down tries; what was recorded as interrupted gets its answer."""
    insert = insert_into(session, ATTEMPTS)
    told = {name: insert.excluded[name] for name in tries[0] if name not in {"mail_id", "number"}}
    session.execute(
        insert.on_conflict_do_update(index_elements=[ATTEMPTS.c.mail_id, ATTEMPTS.c.number], set_=told), tries
    )


def _record_interrupted(session: Session, server: str, interrupted: ColumnElement[bool]) -> None:
    query = select(MAILS.c.id, MAILS.c.attempts, MAILS.c.lease_until).where(interrupted).with_for_update()
    tries = [
        {
            "public_id": new_public_id(),
            "mail_id": mail_id,
            "number": number,
            "server": server,
            "started_at": until - LEASE,
        }
        for mail_id, number, until in session.execute(query)
    ]
    if tries:
        session.execute(insert_into(session, ATTEMPTS).on_conflict_do_nothing(), tries)


def _attempt(session: Session, one: Settled) -> dict[str, Any]:
    tried, public_id = one.tried, new_public_id()
    assert tried is not None
    said: dict[str, Any] = {"answer": tried.answer[:LONGEST_ANSWER]}
    if len(tried.answers) > 1:
        said["answers"] = [[to, code, words[:LONGEST_ANSWER]] for to, code, words in tried.answers]
    return {
        "public_id": public_id,
        "mail_id": one.claim.id,
        "number": one.claim.attempt,
        "server": tried.server,
        "started_at": tried.started_at,
        "finished_at": tried.finished_at,
        "code": tried.code,
        "answer_sealed": seal(session, Place("mail_attempts", "answer_sealed", public_id), said, ANSWER_BYTES),
    }


def wait_after(failures: int, jitter: float) -> timedelta | None:
    """Return how long to wait after so many failed tries, `jitter` (0 to 1) of a tenth longer; None: give up."""
    wait = next_try_after(failures)
    return None if wait is None else wait * (1 + jitter / 10)
