"""Tell a campaign's owners what is proposed about those whom it writes to: for each institution once a day at most."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.campaigns.models import Campaign, Membership
from app.campaigns.states import Role
from app.institutions.models import Institution, InstitutionDecision, InstitutionVersion
from app.institutions.proposals import waiting_institutions, waiting_recipients
from app.mail.actions import Outgoing, enqueue_many
from app.statements.addressing import addressing, is_matter_of
from app.statements.emails import RECIPIENT_PROPOSAL
from app.statements.models import Addressee, Statement
from app.statements.states import UNSENT


def tell_of_proposals(session: Session) -> int:
    """Queue a mail to the owners of each campaign that has to decide about a change by somebody else.

    What stood there before the campaign used the institution is no news to it. Returns how many mails were asked for;
    the outbox takes one for each owner, institution and day, so that a crash repeats nothing and nobody is flooded.
    """
    wanted = [*_outgoing(session, waiting_recipients()), *_outgoing(session, waiting_institutions())]
    enqueue_many(session, wanted)
    return len(wanted)


def _outgoing(session: Session, waiting: Select[Any]) -> Iterator[Outgoing]:
    change = waiting.subquery()
    using_since = (
        select(func.min(InstitutionDecision.decided_at))
        .join(InstitutionVersion, InstitutionVersion.id == InstitutionDecision.version_id)
        .where(
            InstitutionDecision.campaign_id == change.c.campaign_id,
            InstitutionVersion.institution_id == change.c.institution_id,
        )
        .correlate(change)
        .scalar_subquery()
    )
    rows = session.execute(
        addressing(
            Organiser.public_id.label("owner"), Campaign.public_id.label("campaign"), change.c.made_by,
            Institution.public_id.label("institution"), func.max(Statement.public_id).label("statement"),
            func.max(change.c.made_at).label("made_at"),
        )
        .join(Institution, Institution.id == Addressee.institution_id)
        .join(Campaign, Campaign.id == Statement.campaign_id)
        .join(
            change,
            (change.c.campaign_id == Campaign.id) & (change.c.institution_id == Addressee.institution_id),
        )
        .join(Membership, Membership.campaign_id == Campaign.id)
        .join(Organiser, Organiser.id == Membership.organiser_id)
        .where(
            Statement.state.in_(UNSENT), Membership.role == Role.OWNER, Organiser.disabled_at.is_(None),
            Organiser.public_id != change.c.made_by, change.c.made_at > using_since, is_matter_of(change),
        )
        .group_by(Organiser.public_id, Campaign.public_id, Institution.public_id, change.c.made_by)
        .order_by(Organiser.public_id, Campaign.public_id, Institution.public_id, change.c.made_by)
    )  # fmt: skip
    for row in rows:
        references = {
            "organiser": row.owner, "campaign": row.campaign, "institution": row.institution, "by": row.made_by,
            "statement": row.statement,
        }  # fmt: skip
        occasion = f"{row.campaign} {row.institution} {row.made_at.date().isoformat()}"
        yield Outgoing(RECIPIENT_PROPOSAL, row.owner, occasion, references)
