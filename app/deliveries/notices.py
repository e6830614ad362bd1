"""Tell a campaign's owners that mail to people or institutions did not arrive: one mail a day at most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.appeals.models import Appeal
from app.audit.actions import SYSTEM, record
from app.audit.queries import history_of
from app.base import clock
from app.base.rows import portions
from app.base.sealing import Place, open_many
from app.campaigns.models import Campaign, Membership
from app.campaigns.states import Role
from app.deliveries.emails import BOUNCES
from app.deliveries.models import Delivery
from app.invitations.models import Invitation
from app.mail.actions import Outgoing, enqueue_many
from app.mail.models import Mail
from app.mail.states import MailClass, MailState
from app.signatures.models import Signature
from app.smtp.states import Trouble
from app.statements.models import Statement

TOLD_FOR = timedelta(days=7)  # anything older was told, or there is nobody to tell
# A bounce is dated before it is committed: what is too fresh waits for the next time, so that none slips through.
SETTLING = timedelta(minutes=2)
MOST = 5000
PURPOSE = "how much mail came back"
ACTION = "bounces.told"


@dataclass
class Lost:
    """What did not arrive in one campaign: for whom, by public id, and when."""

    people: dict[str, datetime] = field(default_factory=dict)
    letters: dict[str, datetime] = field(default_factory=dict)


def tell_owners(session: Session) -> int:
    """Queue a mail to the owners of each campaign in which mail did not arrive since they were last told.

    Returns how many mails. The audit keeps up to when was told, in the same transaction, and the outbox takes one mail
    for each owner and day: a crash repeats nothing and leaves nothing out.
    """
    until = clock.now() - SETTLING
    outgoing: list[Outgoing] = []
    for campaign_id, lost in lost_mail(session, until - TOLD_FOR, until).items():
        campaign = session.get_one(Campaign, campaign_id)
        told_at, told_until = _last_told(session, campaign.public_id)
        if told_at is not None and told_at.date() >= clock.now().date():
            continue
        people, letters = _since(lost.people, told_until), _since(lost.letters, told_until)
        if people + letters:
            outgoing += _to_owners(session, campaign, people, letters)
            record(
                session, SYSTEM, ACTION, _subject(campaign.public_id), campaign.public_id,
                until=until.isoformat(), people=people, letters=letters,
            )  # fmt: skip
    enqueue_many(session, outgoing)
    return len(outgoing)


def lost_mail(session: Session, since: datetime, until: datetime) -> dict[int, Lost]:
    """Return what came back, was refused or was held back for earlier bounces, by the campaign's row id."""
    held_back = (Mail.state == MailState.DROPPED) & (Mail.trouble == Trouble.BOUNCING)
    rows = session.execute(
        select(Mail.public_id, Mail.mail_class, Mail.references_sealed, Mail.finished_at)
        .where(
            Mail.state.in_([MailState.BOUNCED, MailState.REFUSED]) | held_back,
            Mail.finished_at > since,
            Mail.finished_at <= until,
        )
        .order_by(Mail.finished_at.desc(), Mail.id.desc())
        .limit(MOST)
    ).all()
    found: dict[int, Lost] = defaultdict(Lost)
    letters = {row.public_id: row.finished_at for row in rows if row.mail_class is MailClass.OFFICIAL}
    for mail_id, campaign_id in _campaigns_of_letters(session, list(letters)):
        found[campaign_id].letters[mail_id] = letters[mail_id]
    others = [row for row in rows if row.mail_class is not MailClass.OFFICIAL]
    places = [(Place("mails", "references_sealed", row.public_id), row.references_sealed) for row in others]
    # The newest first, so that each person is dated by the latest mail.
    at: dict[str, datetime] = {}
    for row, references in zip(others, open_many(session, places, PURPOSE), strict=True):
        person = references.get("invitation") or references.get("signature")
        if person:
            at.setdefault(person, row.finished_at)
    for person, campaign_id in _campaigns_of_people(session, list(at)):
        found[campaign_id].people[person] = at[person]
    return found


def _campaigns_of_letters(session: Session, mails: Sequence[str]) -> Iterable[tuple[str, int]]:
    for part in portions(mails):
        yield from session.execute(
            select(Delivery.mail_id, Statement.campaign_id)
            .join(Appeal, Appeal.id == Delivery.appeal_id)
            .join(Statement, Statement.id == Appeal.statement_id)
            .where(Delivery.mail_id.in_(part))
        )


def _campaigns_of_people(session: Session, people: Sequence[str]) -> Iterable[tuple[str, int]]:
    """Yield the campaign of each invitation or signature among some public ids."""
    for part in portions(people):
        for model in (Invitation, Signature):
            yield from session.execute(
                select(model.public_id, Statement.campaign_id)
                .join(Statement, Statement.id == model.statement_id)
                .where(model.public_id.in_(part))
            )


def _to_owners(session: Session, campaign: Campaign, people: int, letters: int) -> list[Outgoing]:
    owners = session.scalars(
        select(Organiser.public_id)
        .join(Membership, Membership.organiser_id == Organiser.id)
        .where(Membership.campaign_id == campaign.id, Membership.role == Role.OWNER, Organiser.disabled_at.is_(None))
        .order_by(Organiser.id)
    )
    occasion = f"{campaign.public_id} {clock.now().date().isoformat()}"
    numbers = {"campaign": campaign.public_id, "people": str(people), "letters": str(letters)}
    return [Outgoing(BOUNCES, owner, occasion, {**numbers, "organiser": owner}) for owner in owners]


def _last_told(session: Session, campaign: str) -> tuple[datetime | None, datetime | None]:
    """Return when the owners were last told, and of mail up to when."""
    for entry in history_of(session, _subject(campaign), limit=1):
        return entry.at, datetime.fromisoformat(entry.detail["until"])
    return None, None


def _since(lost: dict[str, datetime], told_until: datetime | None) -> int:
    return sum(told_until is None or at > told_until for at in lost.values())


def _subject(campaign: str) -> str:
    """Return under which subject the audit keeps that owners were told, apart from what else is known of a campaign."""
    return f"bounces {campaign}"
