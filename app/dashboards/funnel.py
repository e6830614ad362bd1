"""Everybody who was invited to sign a statement, and how many stand where.

Three statements of SQL and one call through the sealing port, whatever their number: the answers are sealed, so a
filter by answer opens them all. 10,000 take about 0.1 s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.dashboards.states import ANSWERS, Standing, standing
from app.directory.models import Signatory
from app.directory.states import SignatoryKind
from app.invitations.emails import REMINDER
from app.invitations.models import Invitation
from app.invitations.queries import answers_of
from app.invitations.states import InvitationStage, Reply
from app.mail.models import Mail
from app.mail.states import MailState

_NOTHING = Reply()
_TROUBLED = (MailState.REFUSED, MailState.UNCERTAIN)
_CORE = frozenset({Standing.PREPARED, Standing.NO_ANSWER, Standing.REFUSED, Standing.CHANGE_ASKED, *ANSWERS})


@dataclass(frozen=True, slots=True)
class Invited:
    """One invited person without name and address: enough to count and to filter."""

    id: int
    public_id: str
    signatory_id: int
    kind: SignatoryKind
    stage: InvitationStage
    asked_at: datetime | None
    mail_id: str | None
    standing: Standing
    reply: Reply


@dataclass(frozen=True)
class Share:
    """One line of the funnel: how many of how many."""

    standing: Standing
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

    def number(self, wanted: Standing) -> int:
        """How many stand in one place."""
        return next((share.number for share in self.shares if share.standing is wanted), 0)


def everybody_invited(session: Session, statement_id: int) -> list[Invited]:
    """Return everybody who has an invitation, in the order they were prepared."""
    replies = answers_of(session, statement_id)
    troubled = _troubled_reminders(session)
    rows = session.execute(
        select(
            Invitation.id, Invitation.public_id, Invitation.signatory_id, Signatory.kind,
            Signatory.email_key.is_not(None), Invitation.stage, Invitation.asked_at, Invitation.mail_id, Mail.state,
        )
        .join(Signatory, Signatory.id == Invitation.signatory_id)
        .outerjoin(Mail, Mail.public_id == Invitation.mail_id)
        .where(Invitation.statement_id == statement_id)
        .order_by(Invitation.id)
    )  # fmt: skip
    found = []
    for id_, public_id, signatory_id, kind, has_address, stage, asked_at, mail_id, first_mail in rows:
        reply = replies.get(public_id, _NOTHING)
        last_id, last_mail = mail_id, first_mail
        if reply.reminders and reply.reminders[-1][1] in troubled:
            last_id = reply.reminders[-1][1]
            last_mail = troubled[last_id]
        place = standing(stage, has_address, last_mail, reply.answer)
        found.append(Invited(id_, public_id, signatory_id, kind, stage, asked_at, last_id, place, reply))
    return found


def funnel_of(everybody: Iterable[Invited]) -> Funnel:
    """Count where people stand."""
    counted = Counter(person.standing for person in everybody)
    cancelled = counted[Standing.CANCELLED]
    invited = counted.total() - cancelled
    unasked = counted[Standing.PREPARED] + counted[Standing.NO_ADDRESS]
    lost = counted[Standing.REFUSED] + counted[Standing.UNCERTAIN] + counted[Standing.ON_ITS_WAY]
    return Funnel(
        shares=tuple(
            Share(place, counted[place], invited if place is not Standing.CANCELLED else counted.total())
            for place in Standing
        ),
        invited=invited,
        asked=invited - unasked,
        reached=invited - unasked - lost,
        answered=sum(counted[place] for place in ANSWERS),
        signed=counted[Standing.SIGNED],
    )


def standing_as(everybody: Sequence[Invited], wanted: Standing) -> list[Invited]:
    """Return those who stand in one place, in order."""
    return [person for person in everybody if person.standing is wanted]


def _troubled_reminders(session: Session) -> dict[str, MailState]:
    """Return the reminders of the whole house that were refused or are uncertain: few, or the relay is broken."""
    rows = session.execute(
        select(Mail.public_id, Mail.state).where(Mail.state.in_(_TROUBLED), Mail.kind == REMINDER.name)
    )
    return {row.public_id: row.state for row in rows}
