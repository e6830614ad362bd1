"""Reads on in the audit, so that a process notices what changed since it last looked, and where."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.audit.models import AuditEntry
from app.audit.queries import Recorded, opened_entries

MOST_NEWS = 5_000  # entries read in one go; a process that is further behind begins anew
_MOST_LOOKS = 200
# A snapshot's own xmax is no more than what was over by then; some that are younger may be running.
_TRANSACTIONS = text("SELECT oldest::text, age(oldest::xid) FROM pg_snapshot_xmin(pg_current_snapshot()) AS oldest")


@dataclass(frozen=True, slots=True)
class AuditLook:
    """What one snapshot saw: the newest entry, below which number transactions were over, from which on unborn."""

    newest: int
    over_below: int
    unborn_from: int


class AuditReader:
    """Where a process stands in the audit: it reads every entry once, also one whose transaction committed late.

    Entries are numbered when they are written and seen when their transaction commits. An entry that a look didn't see
    though its number was given out belongs to a transaction that ran then; once all those are over, no more come below
    the newest entry of that look. On SQLite one writes at a time, so every look is settled at once.

    This holds as an entry is not the first thing that its transaction writes: the change comes before its record.
    """

    def __init__(self) -> None:
        self._settled: int | None = None  # up to here everything was read
        self._read: set[int] = set()  # what was read beyond it
        self._looks: deque[AuditLook] = deque()

    def news(self, session: Session) -> list[Recorded] | None:
        """Return what was recorded since the last call, in order; None where that can't be told.

        It can't at first, nor where too much was recorded: then all that is remembered has to be read anew.
        """
        known = self._settled
        look = self._look(session)
        self._settle(look)
        if known is None:
            self._read = set() if self._settled is None else set(_numbers(session, self._settled))
            return None
        unread = self._unread(session, known)
        self._read.update(unread)
        self._read = {number for number in self._read if number > (self._settled or 0)}
        return None if len(unread) > MOST_NEWS else opened_entries(session, unread)

    def _look(self, session: Session) -> AuditLook:
        newest = session.scalar(select(func.max(AuditEntry.id))) or 0
        if session.get_bind().dialect.name != "postgresql":
            return AuditLook(newest, 0, 0)
        oldest, younger = session.execute(_TRANSACTIONS).one()
        return AuditLook(newest, int(oldest), int(oldest) + younger)

    def _settle(self, now: AuditLook) -> None:
        if len(self._looks) < _MOST_LOOKS:
            self._looks.append(now)
        while self._looks and self._looks[0].unborn_from <= now.over_below:
            self._settled = max(self._settled or 0, self._looks.popleft().newest)

    def _unread(self, session: Session, known: int) -> list[int]:
        return [number for number in _numbers(session, known) if number not in self._read]


def _numbers(session: Session, after: int) -> Sequence[int]:
    return session.scalars(select(AuditEntry.id).where(AuditEntry.id > after).order_by(AuditEntry.id)).all()
