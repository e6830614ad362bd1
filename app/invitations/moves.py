"""Tell the reader of a former address that our mails go elsewhere now: with them goes the say over a signature.

Everybody who was asked is told alike, whatever they answered: a mail for those alone who signed would tell who did.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.addresses import canonical
from app.base.throttles import allow
from app.directory.moves import FormerAddress, forget_former, untold
from app.invitations.emails import ADDRESS_CHANGED
from app.invitations.models import Invitation
from app.invitations.states import InvitationStage
from app.mail.actions import Outgoing, enqueue_many

AT_ONCE = 200
MAILS_A_DAY = 3  # to one former address, however often it is put in and taken out again


def tell_former_addresses(session: Session) -> int:
    """Queue what the readers of former addresses are told, and return how many changes were looked at."""
    former = untold(session, AT_ONCE)
    if not former:
        return 0
    asked = _asked(session, former)
    told = [each for each in former if each.signatory_id in asked and _is_within(session, each)]
    enqueue_many(session, [_mail(each, asked[each.signatory_id]) for each in told])
    forget_former(session, former)
    return len(former)


def _is_within(session: Session, former: FormerAddress) -> bool:
    return allow(session, "former address", canonical(former.email), MAILS_A_DAY, 24 * 3600)


def _mail(former: FormerAddress, invitation: str) -> Outgoing:
    references = {"invitation": invitation, "email": former.email, "at": former.changed_at.isoformat()}
    return Outgoing(ADDRESS_CHANGED, former.public_id, "", references)


def _asked(session: Session, former: Sequence[FormerAddress]) -> dict[int, str]:
    """Return the latest invitation that was mailed to each signatory (row id), by its public id."""
    wanted = select(Invitation.signatory_id, Invitation.public_id).where(
        Invitation.signatory_id.in_([each.signatory_id for each in former]),
        Invitation.stage == InvitationStage.ASKED,
    )
    return dict(session.execute(wanted.order_by(Invitation.id)).all())
