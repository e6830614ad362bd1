"""What the invited are written: the invitation and the reminder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.queries import person
from app.base.addresses import canonical
from app.base.links import LinkPurpose, absolute_url, make_token
from app.base.locales import lazy_gettext as _l
from app.base.moments import Moment, moment_of
from app.base.ports import ports_of
from app.campaigns.queries import convenors_of
from app.directory.states import Details, SignatoryKind
from app.invitations.models import Invitation
from app.invitations.queries import Asked, InvitedPerson, answers_to, asked_of_any_statement, invitation
from app.invitations.states import Answer, Errand, InvitationAnswer, InvitationStage
from app.mail.composing import Sender
from app.mail.header_lines import one_click_headers
from app.mail.merging import is_one_line, skeletons
from app.mail.registry import MailKind, References, RenderedMail
from app.mail.rendering import render_message
from app.mail.skeletons import Filled
from app.mail.states import Cap, MailClass, MailNotWanted, Priority
from app.statements.models import Statement
from app.statements.queries import (
    ReplyContact,
    addressees_of,
    contact_of,
    is_open,
    languages_of,
    statement_by_id,
    version_of,
)

# Reminders can be stopped from the oldest mail, so these links are never superseded.
STOP_GENERATION = 1
REFERENCES_BYTES = 64  # one public id each
# What differs from person to person in a mail that many get.
GAPS = ("name", "representative", "link", "stop_url")
ManyRendered = list[Filled | RenderedMail | Exception]


@dataclass(frozen=True)
class InvitationWords:
    """What every invitation says; only reader and link differ."""

    title: str
    kind: str
    convenors: tuple[str, ...]
    addressees: tuple[str, ...]
    contact: ReplyContact
    deadline: Moment | None
    name: str
    is_organisation: bool
    representative: str


@dataclass(frozen=True)
class Cause:
    """What is the same for everybody who is asked to sign a statement: read once for many mails."""

    statement: Statement
    titles: Mapping[str, str]
    convenors: tuple[str, ...]
    addressees: tuple[str, ...]
    contact: ReplyContact

    def letter(self, to: InvitedPerson) -> tuple[str, InvitationWords]:
        """Return the language that a person is written to in and what their invitation says."""
        details, statement = to.details, self.statement
        language = details.language if details.language in self.titles else statement.language
        return language, InvitationWords(
            title=self.titles.get(language) or next(iter(self.titles.values())),
            kind=statement.kind.label,
            convenors=self.convenors,
            addressees=self.addressees,
            contact=self.contact,
            deadline=moment_of(statement.deadline_at, statement.zone),
            name=details.name,
            is_organisation=to.is_organisation,
            representative=details.representative,
        )


def cause_of(session: Session, statement: Statement) -> Cause:
    """Read what the invitations to sign a statement have in common."""
    version = version_of(session, statement)
    return Cause(
        statement,
        {row.language: row.title for row in languages_of(session, version.id)},
        tuple(each.name for each in convenors_of(session, statement.campaign_id)),
        tuple(row.name for row in addressees_of(session, version.id)),
        contact_of(session, statement),
    )


def render_invitation(session: Session, references: References) -> RenderedMail:
    """Render the invitation; not wanted once it was cancelled or the statement closed."""
    return _render_one(session, "invitation", references["invitation"])


def render_invitations(session: Session, many: Sequence[References]) -> ManyRendered:
    """Render many invitations as `render_invitation` does, reading for all of them at once."""
    return _render_many(session, "invitation", [references["invitation"] for references in many])


def render_reminder(session: Session, references: References) -> RenderedMail:
    """Render a reminder; not wanted if they have answered meanwhile or asked not to be reminded."""
    public_id = references["invitation"]
    _refuse_answered(answers_to(session, [public_id]).get(public_id))
    return _render_one(session, "reminder", public_id)


def render_reminders(session: Session, many: Sequence[References]) -> ManyRendered:
    """Render many reminders as `render_reminder` does, reading for all of them at once."""
    public_ids = [references["invitation"] for references in many]
    replies = answers_to(session, public_ids)
    return _render_many(session, "reminder", public_ids, lambda public_id: _refuse_answered(replies.get(public_id)))


def render_test(session: Session, references: References) -> RenderedMail:
    """Render an invitation for the organiser who asked for a test."""
    statement = statement_by_id(session, int(references["statement"]))
    organiser = person(session, references["organiser"], "send a test to oneself")
    if references["like"]:
        asked = invitation(session, statement.id, references["like"])
    else:
        asked = _somebody(organiser.name, statement.language)
    return replace(preview(session, statement, asked), to_name=organiser.name, to_address=organiser.email)


def render_address_changed(session: Session, references: References) -> RenderedMail:
    """Tell a former address that mails go elsewhere; it names nobody, since anybody may read it by now."""
    found = asked_of_any_statement(session, [references["invitation"]]).get(references["invitation"])
    if found is None:
        raise MailNotWanted
    statement_id, asked = found
    statement = statement_by_id(session, statement_id)
    now = asked.person.details.email
    if now and canonical(now) == canonical(references["email"]):
        raise MailNotWanted  # it was put back meanwhile
    language, letter = cause_of(session, statement).letter(asked.person)
    subject, text, html = render_message(
        "address_changed", language, title=letter.title, contact=letter.contact,
        changed_at=Moment(datetime.fromisoformat(references["at"]), statement.zone),
    )  # fmt: skip
    return RenderedMail(
        to_name="", to_address=references["email"], subject=subject, text=text, html=html,
        reply_to=letter.contact.email or None, reply_to_name=letter.contact.name,
    )  # fmt: skip


def preview(session: Session, statement: Statement, asked: Asked, errand: Errand = Errand.ASK) -> RenderedMail:
    """Render an invitation or reminder as its person will read it, with links that lead nowhere."""
    message = "reminder" if errand is Errand.REMIND else "invitation"
    language, letter = cause_of(session, statement).letter(asked.person)
    links = absolute_url(session, "/i/…"), absolute_url(session, "/u/reminders/…")
    return _rendered(session, message, language, letter, asked.person.details.email, *links)


def link_of(session: Session, asked: Asked) -> str:
    """Return the address that an invitation's link leads to."""
    token = make_token(session, LinkPurpose.INVITATION, asked.public_id, asked.link_generation)
    return absolute_url(session, f"/i/{token}")


def stop_url_of(session: Session, invitation: str) -> str:
    """Return where an invited person (by the invitation's public id) stops the reminders: page and one click in one."""
    token = make_token(session, LinkPurpose.STOP_REMINDERS, invitation, STOP_GENERATION)
    return absolute_url(session, f"/u/reminders/{token}")


def _somebody(name: str, language: str) -> Asked:
    """Stand in for an invited person while there is none."""
    somebody = InvitedPerson(0, "", SignatoryKind.PERSON, Details(name=name, language=language))
    return Asked(0, "", InvitationStage.PREPARED, 1, None, None, somebody)


def _refuse_unasked(asked: Asked, statement: Statement) -> None:
    if asked.stage is not InvitationStage.ASKED or not is_open(statement) or not asked.person.details.email:
        raise MailNotWanted


def _refuse_answered(reply: InvitationAnswer | None) -> None:
    if reply is None or reply.answer is not Answer.NONE or reply.is_left_in_peace:
        raise MailNotWanted


def _render_one(session: Session, message: str, public_id: str) -> RenderedMail:
    statement_id = session.scalar(select(Invitation.statement_id).where(Invitation.public_id == public_id))
    if statement_id is None:
        raise MailNotWanted
    statement = statement_by_id(session, statement_id)
    asked = invitation(session, statement_id, public_id)
    _refuse_unasked(asked, statement)
    language, letter = cause_of(session, statement).letter(asked.person)
    links = link_of(session, asked), stop_url_of(session, public_id)
    return _rendered(session, message, language, letter, asked.person.details.email, *links)


def _render_many(
    session: Session, message: str, public_ids: Sequence[str], refuse: Callable[[str], None] = lambda _: None
) -> ManyRendered:
    found = asked_of_any_statement(session, public_ids)
    causes: dict[int, Cause] = {}
    rendered: ManyRendered = []
    for public_id in public_ids:
        try:
            if public_id not in found:
                raise MailNotWanted
            refuse(public_id)
            statement_id, asked = found[public_id]
            if statement_id not in causes:
                causes[statement_id] = cause_of(session, statement_by_id(session, statement_id))
            _refuse_unasked(asked, causes[statement_id].statement)
            rendered.append(_filled(session, message, causes[statement_id], asked))
        except MailNotWanted as unwanted:
            rendered.append(unwanted)
    return rendered


def _filled(session: Session, message: str, cause: Cause, asked: Asked) -> Filled | RenderedMail:
    """Return what one person gets: a skeleton and what fills it, or, where a name would change its lines, the whole."""
    language, letter = cause.letter(asked.person)
    email, link, stop_url = asked.person.details.email, link_of(session, asked), stop_url_of(session, asked.public_id)
    if not is_one_line(letter.name) or (letter.representative and not is_one_line(letter.representative)):
        return _rendered(session, message, language, letter, email, link, stop_url)
    frame = replace(letter, name="", representative="somebody" if letter.representative else "")

    def renders(values: Mapping[str, str]) -> RenderedMail:
        representative = values["representative"] if frame.representative else ""
        marked = replace(frame, name=values["name"], representative=representative)
        return _rendered(
            session, message, language, marked, ports_of(session).mail_from, values["link"], values["stop_url"]
        )

    sender = Sender(ports_of(session).mail_from_name, ports_of(session).mail_from)
    key = (message, language, frame, absolute_url(session, "/"))
    values = {"name": letter.name, "representative": letter.representative, "link": link, "stop_url": stop_url}
    return Filled(skeletons().get(key, GAPS, renders, sender), letter.name, email, values)


def _rendered(
    session: Session, message: str, language: str, letter: InvitationWords, email: str, link: str, stop_url: str
) -> RenderedMail:
    subject, text, html = render_message(
        message, language, letter=letter, link=link, stop_url=stop_url, home=absolute_url(session, "/")
    )
    one_click = one_click_headers(stop_url)
    return RenderedMail(
        to_name=letter.name,
        to_address=email,
        subject=subject,
        text=text,
        html=html,
        reply_to=letter.contact.email or None,
        reply_to_name=letter.contact.name,
        headers=one_click if message == "reminder" else {},
    )


INVITATION = MailKind(
    "invitation",
    MailClass.BULK,
    render_invitation,
    Priority.BULK,
    cap=Cap.UNASKED,
    render_many=render_invitations,
    references_bytes=REFERENCES_BYTES,
    label=_l("Invitation to sign"),
)
REMINDER = MailKind(
    "reminder",
    MailClass.BULK,
    render_reminder,
    Priority.BULK,
    cap=Cap.UNASKED,
    render_many=render_reminders,
    references_bytes=REFERENCES_BYTES,
    label=_l("Reminder"),
)
TEST = MailKind(
    "invitation_test", MailClass.PERSONAL, render_test, Priority.AWAITED, label=_l("Trial of an invitation")
)
ADDRESS_CHANGED = MailKind(
    "address_changed", MailClass.PERSONAL, render_address_changed, label=_l("Notice to a former address")
)
KINDS = (INVITATION, REMINDER, TEST, ADDRESS_CHANGED)
