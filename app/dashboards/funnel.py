"""Everybody who was invited to sign a statement, and how many stand where.

A few statements of SQL and one call through the sealing port, whatever their number. The answers are sealed, so that
counting them or filtering by them opens them all; nothing opened is kept from one request to the next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.base.sealing import Place, open_many
from app.dashboards.states import ANSWERS, InviteeStanding, standing
from app.directory.models import Signatory
from app.invitations.emails import REMINDER
from app.invitations.models import AnswerRecord, Invitation
from app.invitations.queries import answers_to
from app.invitations.reminders import Reminders, reminders_for
from app.invitations.states import Answer, InvitationAnswer
from app.mail.models import Mail
from app.mail.states import MailState
from app.smtp.states import Trouble

TROUBLED = (MailState.REFUSED, MailState.UNCERTAIN, MailState.BOUNCED)
# What tells that somebody was not reached, or that nobody knows.
_LOST = (
    InviteeStanding.BOUNCED,
    InviteeStanding.REFUSED,
    InviteeStanding.UNCERTAIN,
    InviteeStanding.NOT_SENT,
    InviteeStanding.ON_ITS_WAY,
)
_CORE = frozenset(
    {
        InviteeStanding.PREPARED,
        InviteeStanding.NO_ANSWER,
        InviteeStanding.BOUNCED,
        InviteeStanding.REFUSED,
        InviteeStanding.CHANGE_ASKED,
        *ANSWERS,
    }
)
Fate = tuple[MailState | None, Trouble | None]
_ANSWERS = {answer.value: answer for answer in Answer}


@dataclass(frozen=True, slots=True)
class Invited:
    """One invited person without name, address and answer: enough to count and to filter."""

    id: int
    public_id: str
    signatory_id: int
    standing: InviteeStanding


@dataclass(frozen=True, slots=True)
class Said:
    """What came of asking, as far as it tells where somebody stands: the answer, and the latest reminder's mail."""

    answer: Answer = Answer.NONE
    reminder: str = ""
    reminded_at: datetime | None = None

    def is_reminded_since(self, asked_at: datetime | None) -> bool:
        """Tell whether the reminder is the latest mail: a new link may have gone to another address since."""
        return self.reminded_at is not None and (asked_at is None or self.reminded_at >= asked_at)


_NOTHING = Said()


@dataclass(frozen=True)
class Share:
    """One line of the funnel: how many of how many."""

    standing: InviteeStanding
    number: int
    of: int

    @property
    def is_always_shown(self) -> bool:
        """Tell the lines that say something even when they count nobody."""
        return self.standing in _CORE


@dataclass(frozen=True)
class Funnel:
    """How many stand where. Cancelled invitations are no part of the whole."""

    shares: tuple[Share, ...]
    invited: int
    asked: int
    reached: int
    answered: int
    signed: int

    def number(self, wanted: InviteeStanding) -> int:
        """How many stand in one place."""
        return next((share.number for share in self.shares if share.standing is wanted), 0)


def everybody_invited(session: Session, statement_id: int) -> list[Invited]:
    """Return everybody who has an invitation, in the order they were prepared."""
    rows = _rows(session, Invitation.statement_id == statement_id)
    return _placed(session, rows, _everything_said(session, statement_id))


def invited_among(session: Session, ids: Sequence[int]) -> list[Invited]:
    """Return some of the invited by the row ids of their invitations, at most a few hundred, in order."""
    rows = _rows(session, Invitation.id.in_(ids))
    replies = answers_to(session, [row.public_id for row in rows])
    return _placed(session, rows, {invitation: _said(reply) for invitation, reply in replies.items()})


def funnel_of(everybody: Iterable[Invited]) -> Funnel:
    """Count where people stand."""
    counted = Counter(person.standing for person in everybody)
    cancelled = counted[InviteeStanding.CANCELLED]
    invited = counted.total() - cancelled
    unasked = counted[InviteeStanding.PREPARED] + counted[InviteeStanding.NO_ADDRESS]
    lost = sum(counted[place] for place in _LOST)
    return Funnel(
        shares=tuple(
            Share(place, counted[place], invited if place is not InviteeStanding.CANCELLED else counted.total())
            for place in InviteeStanding
        ),
        invited=invited,
        asked=invited - unasked,
        reached=invited - unasked - lost,
        answered=sum(counted[place] for place in ANSWERS),
        signed=counted[InviteeStanding.SIGNED],
    )


def standing_as(everybody: Sequence[Invited], wanted: InviteeStanding) -> list[Invited]:
    """Return those who stand in one place, in order."""
    return [person for person in everybody if person.standing is wanted]


def _rows(session: Session, condition: ColumnElement[bool]) -> Sequence[Any]:
    return session.execute(
        select(
            Invitation.id, Invitation.public_id, Invitation.signatory_id, Signatory.email_key.is_not(None),
            Invitation.stage, Invitation.asked_at, Mail.state, Mail.trouble,
        )
        .join(Signatory, Signatory.id == Invitation.signatory_id)
        .outerjoin(Mail, Mail.public_id == Invitation.mail_id)
        .where(condition)
        .order_by(Invitation.id)
    ).all()  # fmt: skip


def _placed(session: Session, rows: Sequence[Any], said: dict[str, Said]) -> list[Invited]:
    """Tell where everybody stands. The latest mail counts: a reminder that came back says that the address has died."""
    troubled = troubled_reminders(session)
    placed = []
    for id_, public_id, signatory_id, has_address, stage, asked_at, mail, trouble in rows:
        theirs = said.get(public_id, _NOTHING)
        fate = (mail, trouble)
        if theirs.is_reminded_since(asked_at):
            fate = fate_when_reminded(fate, troubled.get(theirs.reminder))
        place = standing(stage, has_address, fate[0], theirs.answer, fate[1])
        placed.append(Invited(id_, public_id, signatory_id, place))
    return placed


def fate_when_reminded(invitation: Fate, reminder: Fate | None) -> Fate:
    """Return the fate that counts: trouble with the reminder, or an invitation that came back after all."""
    if reminder is not None:
        return reminder
    return invitation if invitation[0] is MailState.BOUNCED else (MailState.ACCEPTED, None)


def _everything_said(session: Session, statement_id: int) -> dict[str, Said]:
    rows = session.execute(
        select(AnswerRecord.answer_key, AnswerRecord.answer_sealed).where(AnswerRecord.statement_id == statement_id)
    ).all()
    places = [(Place("answers", "answer_sealed", key.hex()), sealed) for key, sealed in rows]
    opened = open_many(session, places, "where the invited stand")
    reminders = reminders_for(session, [statement_id])
    return {found["invitation"]: said_in(found, reminders.get(found["invitation"])) for found in opened}


def _said(reply: InvitationAnswer) -> Said:
    at, mail = reply.reminders[-1] if reply.reminders else (None, "")
    return Said(reply.answer, mail, at)


def said_in(opened: dict[str, Any], reminders: Reminders | None) -> Said:
    """Read what came of asking from an opened answer and from the reminders that are kept apart from it."""
    answer = _ANSWERS[opened["answer"]]
    if reminders is not None:
        return Said(answer, reminders[-1][1], reminders[-1][0])
    if not opened["reminders"]:
        return Said(answer)
    at, mail = opened["reminders"][-1]
    return Said(answer, mail, datetime.fromisoformat(at))


def troubled_reminders(session: Session) -> dict[str, Fate]:
    """Return the reminders of the whole house that did not arrive or may not have: few, or the relay is broken."""
    held_back = (Mail.state == MailState.DROPPED) & (Mail.trouble == Trouble.BOUNCING)
    rows = session.execute(
        select(Mail.public_id, Mail.state, Mail.trouble).where(
            Mail.state.in_(TROUBLED) | held_back, Mail.kind == REMINDER.name
        )
    )
    return {row.public_id: (row.state, row.trouble) for row in rows}
