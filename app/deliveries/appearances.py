"""What addressees hold of one signature, by the frozen appeal and the evidence of its deliveries."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.appeals.frozen import mark_of
from app.appeals.models import Appeal, AppealSignature, AppealState
from app.base.moments import Moment
from app.deliveries.models import Delivery
from app.mail.models import Mail
from app.mail.states import MailState
from app.signatures.delivered import DeliveredAppearance
from app.signatures.queries import Signed
from app.statements.models import Statement
from app.visibility.states import Audience, Visibility, shown


def appearance_delivered(session: Session, signed: Signed) -> DeliveredAppearance | None:
    """Return how a signature appears in the released appeal of its statement, or None if it is in none.

    The frozen list keeps a keyed digest of what addressees were shown. It is compared with what the signature could
    show today; where nothing fits, its owner has changed the words since.
    """
    frozen = session.execute(
        select(AppealSignature.shown_mark, Appeal.id, Appeal.released_at, Statement.zone)
        .join(Appeal, Appeal.id == AppealSignature.appeal_id)
        .join(Statement, Statement.id == Appeal.statement_id)
        .where(AppealSignature.signature_id == signed.id, Appeal.state == AppealState.RELEASED)
    ).one_or_none()
    if frozen is None:
        return None
    handed_over_at = session.scalar(
        select(func.min(Mail.finished_at))
        .join(Delivery, Delivery.mail_id == Mail.public_id)
        .where(Delivery.appeal_id == frozen.id, Mail.state == MailState.ACCEPTED)
    )
    since = Moment(handed_over_at or frozen.released_at, frozen.zone)
    is_certain = handed_over_at is not None
    for visibility in Visibility:
        seen = shown(visibility, Audience.ADDRESSEE, signed.identity)
        if mark_of(session, signed.public_id, seen) == frozen.shown_mark:
            return DeliveredAppearance(since, is_certain, seen is not None, seen)
    return DeliveredAppearance(since, is_certain, is_named=True)
