"""Say that an address works after all, although mail to it came back."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.audit.actions import record
from app.invitations.queries import Asked
from app.mail.addresses import forgive
from app.statements.models import Statement
from app.statements.queries import campaign_public_id


def trust_address(session: Session, actor: str, statement: Statement, asked: Asked) -> None:
    """Let mail go to somebody's address again, because an organiser says that it works; quiet where it never stopped.

    This holds for every campaign: the stop is the address's own.
    """
    if not asked.person.details.email:
        return
    forgive(session, asked.person.details.email)
    record(session, actor, "signatory.address_trusted", asked.person.public_id, campaign_public_id(session, statement))
