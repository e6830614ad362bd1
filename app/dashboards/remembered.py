"""What a process remembers of what it opened, so that a look at a dashboard opens only what has changed since.

Answers are sealed (law 5), so that counting them opens them all. That is done once for each process; from then on the
audit tells whose invitation, answer or address changed, and only these are read again. What is remembered stays in the
process's memory: numbers without names, bounded, and gone with the process.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from threading import Lock
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.audit.following import AuditReader
from app.audit.queries import Recorded
from app.base.rows import portions
from app.dashboards.marks import (
    all_standings,
    fates_of_invitations,
    fates_of_reminders,
    mark_of_mails,
    marks_among,
    stages_of,
)
from app.dashboards.spreads import Spread, all_signed, signed_among
from app.dashboards.standings import Fate, InvitedMark, Placed, Standings
from app.directory.models import Signatory
from app.invitations.answers import invitation_in_subject
from app.invitations.models import Invitation
from app.invitations.states import InvitationStage

MOST_REMEMBERED = 2_000_000  # people and signatures of all statements together; each takes 10 to 20 bytes


# What changes which mail is an invitation's, beside the mail itself.
_MAILED = frozenset({"invitation.asked", "invitation.cancelled", "invitation.link_reissued", "invitation.prepared"})
Stages = dict[InvitationStage, int]


class Remembered:
    """What one process opened and has in mind, true to the snapshot that it last followed.

    Without one, as in a single run, everything is opened: that is the recount which what is remembered must equal.
    """

    def __init__(self) -> None:
        self._reader = AuditReader()
        self._lock = Lock()
        self._standings: OrderedDict[int, Standings] = OrderedDict()
        self._spreads: OrderedDict[int, Spread] = OrderedDict()
        self._stages: dict[int, Stages] = {}
        self._mails: tuple[Any, ...] = ()
        self._fates: dict[int, dict[int, Fate]] = {}
        self._reminders: dict[int, Fate] | None = None
        self._placed: dict[int, Placed] = {}

    def placed(self, session: Session, statement_ids: Sequence[int]) -> dict[int, Placed]:
        """Return where everybody stands who was invited to some statements, as this snapshot has it."""
        with self._lock:
            self._follow(session)
            self._follow_mails(session, statement_ids)
            found = {each: self._place(session, each) for each in statement_ids}
            self._forget_oldest()
            return found

    def spread(self, session: Session, statement_id: int) -> Spread:
        """Return how the signatures of a statement spread, as this snapshot has it."""
        with self._lock:
            self._follow(session)
            if statement_id not in self._spreads:
                self._spreads[statement_id] = all_signed(session, statement_id)
            self._spreads.move_to_end(statement_id)
            found = self._spreads[statement_id]
            self._forget_oldest()
            return found

    def stages(self, session: Session, statement_ids: Sequence[int]) -> dict[int, Stages]:
        """Return how many invitations of some statements stand at each stage."""
        with self._lock:
            self._follow(session)
            missing = [each for each in statement_ids if each not in self._stages]
            if missing:
                self._stages |= {each: {} for each in missing} | stages_of(session, missing)
            return {each: self._stages[each] for each in statement_ids}

    def _place(self, session: Session, statement_id: int) -> Placed:
        if statement_id not in self._standings:
            self._standings[statement_id] = all_standings(session, statement_id)
        self._standings.move_to_end(statement_id)
        if statement_id not in self._placed:
            known, mails = self._standings[statement_id], self._fates[statement_id]
            self._placed[statement_id] = Placed(known, mails, self._reminders or {})
        return self._placed[statement_id]

    def _follow_mails(self, session: Session, statement_ids: Sequence[int]) -> None:
        """See what became of mails since the last look; which of them are whose is asked only where that changed."""
        mark = mark_of_mails(session)
        if mark != self._mails:
            self._mails, self._reminders = mark, None
            self._fates.clear()
            self._placed.clear()
        if self._reminders is None:
            self._reminders = fates_of_reminders(session)
        missing = [each for each in statement_ids if each not in self._fates]
        if missing:
            self._fates |= {each: {} for each in missing} | fates_of_invitations(session, missing)

    def _follow(self, session: Session) -> None:
        try:
            news = self._reader.news(session)
            if news:
                self._move(session, news)
        except BaseException:
            # The audit tells its news once. What broke off in between is not known: the next look begins anew.
            self._reader = AuditReader()
            raise
        if news is None:
            for kept in (self._standings, self._spreads, self._stages, self._fates, self._placed):
                kept.clear()

    def _move(self, session: Session, news: Iterable[Recorded]) -> None:
        """Read anew what the audit names: invitations, signatures with the invitations behind them, and addresses."""
        subjects: dict[str, set[str]] = {"invitation": set(), "signature": set(), "signatory": set()}
        mailed: set[str] = set()
        for entry in news:
            stage = entry.action.partition(".")[0]
            if stage in subjects:
                subjects[stage].add(invitation_in_subject(entry.subject))
            if entry.action in _MAILED:
                mailed.add(entry.subject)
        for statement_id, invitation, row in signed_among(session, sorted(subjects["signature"])):
            subjects["invitation"].add(invitation)
            if statement_id in self._spreads:
                self._spreads[statement_id].put(row)
        for condition in _concerned(subjects["invitation"], subjects["signatory"]):
            for statement_id, public_id, mark in marks_among(session, condition):
                self._put(statement_id, mark, is_mailed=public_id in mailed)

    def _put(self, statement_id: int, mark: InvitedMark, *, is_mailed: bool) -> None:
        self._placed.pop(statement_id, None)
        if is_mailed:
            self._fates.pop(statement_id, None)
            self._stages.pop(statement_id, None)
        if statement_id in self._standings:
            self._standings[statement_id].put(mark)

    def _forget_oldest(self) -> None:
        """Forget what was looked at longest ago, but never what was just asked for."""
        kept: tuple[OrderedDict[int, Standings] | OrderedDict[int, Spread], ...] = self._standings, self._spreads
        for one in kept:
            while len(one) > 1 and sum(len(each) for each in one.values()) > MOST_REMEMBERED:
                forgotten, _content = one.popitem(last=False)
                self._placed.pop(forgotten, None)


def _concerned(invitations: Iterable[str], signatories: Iterable[str]) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions of some invitations, by their own public ids or those of whom they are for."""
    for part in portions(sorted(invitations)):
        yield Invitation.public_id.in_(part)
    for part in portions(sorted(signatories)):
        yield Invitation.signatory_id.in_(select(Signatory.id).where(Signatory.public_id.in_(part)))


def placed_of(session: Session, statement_ids: Sequence[int], remembered: Remembered | None) -> dict[int, Placed]:
    """Return where everybody stands who was invited to some statements, with what became of the latest mails."""
    return (remembered or Remembered()).placed(session, statement_ids) if statement_ids else {}
