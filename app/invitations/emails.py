"""What the invited are written: the invitation and the reminder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.queries import person
from app.base.links import LinkPurpose, absolute_url, make_token
from app.base.locales import lazy_gettext as _l
from app.campaigns.models import Convenor
from app.directory.states import Details, SignatoryKind
from app.invitations.models import Invitation
from app.invitations.queries import Asked, Person, answers_to, invitation
from app.invitations.states import Answer, InvitationStage
from app.mail.registry import MailKind, References, Rendered
from app.mail.rendering import render_message
from app.mail.states import MailClass, MailNotWanted, Priority
from app.statements.models import Statement
from app.statements.queries import (
    Contact,
    addressees_of,
    contact_of,
    is_open,
    languages_of,
    statement_by_id,
    version_of,
)

MOST_CONVENORS = 5


@dataclass(frozen=True)
class Letter:
    """What an invitation says, whoever it goes to and whatever its link is."""

    title: str
    kind: str
    convenors: list[str]
    addressees: list[str]
    contact: Contact
    deadline_at: datetime | None
    name: str
    is_organisation: bool
    representative: str


def invitation_letter(session: Session, statement: Statement, asked: Asked) -> tuple[str, Letter]:
    """Return the language that a person is written to in and what their invitation says."""
    version = version_of(session, statement)
    texts = {row.language: row.title for row in languages_of(session, version.id)}
    details = asked.person.details
    language = details.language if details.language in texts else statement.language
    convenors = session.scalars(
        select(Convenor.name)
        .where(Convenor.campaign_id == statement.campaign_id)
        .order_by(Convenor.position, Convenor.id)
        .limit(MOST_CONVENORS)
    )
    return language, Letter(
        title=texts.get(language) or next(iter(texts.values())),
        kind=statement.kind.label,
        convenors=list(convenors),
        addressees=[row.name for row in addressees_of(session, version.id)],
        contact=contact_of(session, statement),
        deadline_at=statement.deadline_at,
        name=details.name,
        is_organisation=asked.person.is_organisation,
        representative=details.representative,
    )


def render_invitation(session: Session, references: References) -> Rendered:
    """Render the invitation; not wanted once it was cancelled or the statement closed."""
    asked, statement = _wanted(session, references["invitation"])
    return _rendered(session, "invitation", asked, statement, link_of(session, asked))


def render_reminder(session: Session, references: References) -> Rendered:
    """Render a reminder; not wanted by whoever has answered meanwhile."""
    asked, statement = _wanted(session, references["invitation"])
    reply = answers_to(session, [asked.public_id]).get(asked.public_id)
    if reply is None or reply.answer is not Answer.NONE:
        raise MailNotWanted
    return _rendered(session, "reminder", asked, statement, link_of(session, asked))


def render_test(session: Session, references: References) -> Rendered:
    """Render an invitation for the organiser who asked for a test."""
    statement = statement_by_id(session, int(references["statement"]))
    organiser = person(session, references["organiser"], "send a test to oneself")
    if references["like"]:
        asked = invitation(session, statement.id, references["like"])
    else:
        asked = _somebody(organiser.name, statement.language)
    return replace(preview(session, statement, asked), to_name=organiser.name, to_address=organiser.email)


def preview(session: Session, statement: Statement, asked: Asked, verb: str = "ask") -> Rendered:
    """Render an invitation or reminder as its person will read it, with a link that leads nowhere."""
    message = "reminder" if verb == "remind" else "invitation"
    return _rendered(session, message, asked, statement, absolute_url(session, "/i/…"))


def _somebody(name: str, language: str) -> Asked:
    """Stand in for an invited person while there is none."""
    somebody = Person(0, "", SignatoryKind.PERSON, Details(name=name, language=language))
    return Asked(0, "", InvitationStage.PREPARED, 1, None, None, somebody)


def link_of(session: Session, asked: Asked) -> str:
    """Return the address that an invitation's link leads to."""
    token = make_token(session, LinkPurpose.INVITATION, asked.public_id, asked.link_generation)
    return absolute_url(session, f"/i/{token}")


def _wanted(session: Session, public_id: str) -> tuple[Asked, Statement]:
    statement_id = session.scalar(select(Invitation.statement_id).where(Invitation.public_id == public_id))
    if statement_id is None:
        raise MailNotWanted
    statement = statement_by_id(session, statement_id)
    asked = invitation(session, statement_id, public_id)
    if asked.stage is not InvitationStage.ASKED or not is_open(statement) or not asked.person.details.email:
        raise MailNotWanted
    return asked, statement


def _rendered(session: Session, message: str, asked: Asked, statement: Statement, link: str) -> Rendered:
    language, letter = invitation_letter(session, statement, asked)
    subject, text, html = render_message(message, language, letter=letter, link=link, home=absolute_url(session, "/"))
    return Rendered(
        to_name=letter.name,
        to_address=asked.person.details.email,
        subject=subject,
        text=text,
        html=html,
        reply_to=letter.contact.email or None,
        reply_to_name=letter.contact.name,
    )


INVITATION = MailKind("invitation", MailClass.BULK, render_invitation, label=_l("Invitation to sign"))
REMINDER = MailKind("reminder", MailClass.BULK, render_reminder, label=_l("Reminder"))
TEST = MailKind(
    "invitation_test", MailClass.PERSONAL, render_test, Priority.AWAITED, label=_l("Trial of an invitation")
)
KINDS = (INVITATION, REMINDER, TEST)
