"""What signatories are written: the receipt, the confirmation that they withdrew, and the link they had lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.actions import SIGNATORY
from app.base.countries import country_name
from app.base.links import LinkPurpose, absolute_url, make_token
from app.base.locales import lazy_gettext as _l, rendering_in
from app.base.moments import Moment
from app.directory.queries import entries_by_email
from app.directory.states import Details
from app.invitations.emails import link_of
from app.invitations.models import Invitation
from app.invitations.queries import Asked, invitation
from app.invitations.states import InvitationStage, NoSuchInvitation
from app.mail.registry import MailKind, References, RenderedMail
from app.mail.rendering import render_message
from app.mail.states import Cap, MailClass, MailNotWanted, Priority
from app.signatures.changes import OpenedChange, change, waiting_for
from app.signatures.delivered import DeliveredAppearance, delivered_appearance
from app.signatures.queries import Signed, has_answered, signature, signature_of
from app.signatures.states import ChangeState, NoSuchChange
from app.statements.models import Statement, Version
from app.statements.queries import ReplyContact, contact_of, is_open, languages_of, statement_by_id
from app.statements.states import PUBLISHED
from app.visibility.states import Visibility

CHANGE_GENERATION = 1  # a change is decided about once, so its link needs no newer one


@dataclass(frozen=True)
class SignatureReceipt:
    """What the mails to a signatory say of their signature."""

    title: str
    visibility: Visibility
    version_number: int
    sha256: str
    text_url: str
    signed: Moment
    is_open: bool
    contact: ReplyContact
    country: str = ""
    # Set while the name does not yet appear as chosen: for whom it waits.
    waits: ChangeState | None = None


@dataclass(frozen=True)
class ChangeNote:
    """What a mail says of a change. `parts` are label, before and after; pseudonyms are left out of mails.

    `url` leads to the page where its owner decides; it is good for nobody but the reader of the mail.
    """

    title: str
    state: ChangeState
    parts: list[tuple[str, str, str]]
    name_given: str
    changes_pseudonym: bool
    appears: Visibility
    by_link: bool
    word: str
    made_at: Moment
    delivered: DeliveredAppearance | None
    contact: ReplyContact
    url: str


def manage_token(session: Session, signed: Signed, link_generation: int) -> str:
    """Return the token that manages a signature; re-issuing the invitation's link voids it too."""
    generation = signed.manage_generation + link_generation - 1
    return make_token(session, LinkPurpose.MANAGE, signed.public_id, generation)


def render_receipt(session: Session, references: References) -> RenderedMail:
    """Render the receipt; not wanted once the signature was withdrawn."""
    signed, asked, statement = _behind(session, references)
    if not signed.is_signed:
        raise MailNotWanted
    return _rendered(session, "receipt", signed, asked, statement)


def render_withdrawal(session: Session, references: References) -> RenderedMail:
    """Render the confirmation of a withdrawal; not wanted if they have signed again meanwhile."""
    signed, asked, statement = _behind(session, references)
    if signed.is_signed:
        raise MailNotWanted
    return _rendered(session, "withdrawal", signed, asked, statement)


def render_change(session: Session, references: References) -> RenderedMail:
    """Render what somebody's signature was changed to, or is to be; not wanted once the change has moved on."""
    try:
        found = change(session, references["change"])
    except NoSuchChange as error:
        raise MailNotWanted from error
    signed, asked, statement = _behind(session, {"signature": found.signature})
    if found.state != references["state"] or not signed.is_signed:
        raise MailNotWanted
    contact, details = contact_of(session, statement), asked.person.details
    note = ChangeNote(
        title=_title(session, statement, signed.version_id, signed.language),
        state=found.state,
        parts=said_parts(found, details.language or signed.language),
        name_given=found.name_given,
        changes_pseudonym=bool(found.after.get("pseudonym")),
        appears=signed.visibility,
        by_link=found.by == SIGNATORY,
        word=found.word,
        made_at=Moment(found.made_at, statement.zone),
        delivered=delivered_appearance(session, signed),
        contact=contact,
        url=absolute_url(session, f"/m/changes/{change_token(session, found)}"),
    )
    manage_url = absolute_url(session, f"/m/{manage_token(session, signed, asked.link_generation)}")
    parts = render_message(
        "signature_change", details.language or signed.language, note=note, name=details.name, manage_url=manage_url,
        home=absolute_url(session, "/"),
    )  # fmt: skip
    return _addressed(details, contact, parts)


def change_token(session: Session, found: OpenedChange) -> str:
    """Return the token behind which a change is decided about; it goes out by mail only."""
    return make_token(session, LinkPurpose.CHANGE, found.public_id, CHANGE_GENERATION)


def said_parts(found: OpenedChange, language: str, *, with_pseudonym: bool = False) -> list[tuple[str, str, str]]:
    """Return label, before and after of what a change changes. No mail has the pseudonym beside an address."""
    labels = {"visibility": _l("How your name appears"), "name": _l("Name"), "public_line": _l("Line beside the name"),
              "country": _l("Country"), **({"pseudonym": _l("Pseudonym")} if with_pseudonym else {})}  # fmt: skip
    with rendering_in(language):
        return [
            (str(label), _said(part, found.before[part], language), _said(part, found.after[part], language))
            for part, label in labels.items()
            if part in found.after and found.before[part] != found.after[part]
        ]


def _said(part: str, value: str, language: str) -> str:
    if part == "visibility":
        return Visibility(value).label
    if part == "country" and value:
        return country_name(value, language)
    return value or str(_l("nothing"))


def render_own_link(session: Session, references: References) -> RenderedMail:
    """Render the link somebody asked for again: their signature's, or their invitation's. Not wanted by strangers.

    The person behind an address is looked up here and not where the form is answered, so that the form does the same
    work for every address.
    """
    statement = statement_by_id(session, int(references["statement"]))
    if statement.state not in PUBLISHED:
        raise MailNotWanted
    contact = contact_of(session, statement)
    found = entries_by_email(session, statement.campaign_id, references["email"], "send a link again")
    links = [link for entry in found if (link := _own_link(session, statement, entry.id, entry.details))]
    if not links:
        raise MailNotWanted
    details = found[0].details
    title = _title(session, statement, statement.current_version_id, details.language or statement.language)
    subject, text, html = render_message(
        "own_link", details.language or statement.language, title=title, links=links, contact=contact,
        home=absolute_url(session, "/"),
    )  # fmt: skip
    return _addressed(details, contact, (subject, text, html))


@dataclass(frozen=True)
class OwnLink:
    """One link in the mail that was asked for: what it leads to, and for whom if several share an address."""

    url: str
    is_signed: bool
    name: str


def _own_link(session: Session, statement: Statement, signatory_id: int, details: Details) -> OwnLink | None:
    public_id = session.scalar(
        select(Invitation.public_id).where(
            Invitation.statement_id == statement.id,
            Invitation.signatory_id == signatory_id,
            Invitation.stage == InvitationStage.ASKED,
        )
    )
    if public_id is None:
        return None
    asked = invitation(session, statement.id, public_id)
    signed = signature_of(session, statement.public_id, asked.person.public_id)
    if signed is not None and (signed.is_signed or not is_open(statement)):
        token = manage_token(session, signed, asked.link_generation)
        return OwnLink(absolute_url(session, f"/m/{token}"), True, details.name)
    return OwnLink(link_of(session, asked), False, details.name) if is_open(statement) else None


def _behind(session: Session, references: References) -> tuple[Signed, Asked, Statement]:
    signed = signature(session, references["signature"])
    if signed is None:
        raise MailNotWanted
    statement = statement_by_id(session, signed.statement_id)
    try:
        asked = invitation(session, statement.id, signed.invitation)
    except NoSuchInvitation as error:
        raise MailNotWanted from error
    if not asked.person.details.email:
        raise MailNotWanted
    return signed, asked, statement


def _rendered(session: Session, message: str, signed: Signed, asked: Asked, statement: Statement) -> RenderedMail:
    details, contact = asked.person.details, contact_of(session, statement)
    language = details.language or signed.language
    number = session.scalar(select(Version.number).where(Version.id == signed.version_id))
    receipt = SignatureReceipt(
        title=_title(session, statement, signed.version_id, signed.language),
        visibility=signed.visibility,
        version_number=number or 1,
        sha256=signed.text_sha256,
        text_url=absolute_url(session, f"/statements/{statement.slug}/{signed.language}"),
        signed=Moment(signed.signed_at, statement.zone),
        is_open=is_open(statement),
        contact=contact,
        country=country_name(signed.identity.country, language) if signed.identity.country else "",
        waits=next((found.state for found in waiting_for(session, signed.id)), None),
    )
    manage_url = absolute_url(session, f"/m/{manage_token(session, signed, asked.link_generation)}")
    values: dict[str, Any] = {"receipt": receipt, "identity": signed.identity, "manage_url": manage_url}
    if message == "withdrawal":
        values |= {"sign_url": link_of(session, asked), "delivered": delivered_appearance(session, signed)}
    parts = render_message(message, language, home=absolute_url(session, "/"), **values)
    return _addressed(details, contact, parts)


def _addressed(details: Details, contact: ReplyContact, parts: tuple[str, str, str]) -> RenderedMail:
    subject, text, html = parts
    return RenderedMail(
        to_name=details.name, to_address=details.email, subject=subject, text=text, html=html,
        reply_to=contact.email or None, reply_to_name=contact.name,
    )  # fmt: skip


def _title(session: Session, statement: Statement, version_id: int | None, language: str) -> str:
    titles = {row.language: row.title for row in languages_of(session, version_id or 0)}
    return titles.get(language) or titles.get(statement.language) or next(iter(titles.values()), "")


RECEIPT = MailKind("receipt", MailClass.PERSONAL, render_receipt, Priority.AWAITED, label=_l("Receipt for a signature"))
WITHDRAWAL = MailKind(
    "withdrawal", MailClass.PERSONAL, render_withdrawal, Priority.AWAITED, label=_l("Receipt for a withdrawal")
)
OWN_LINK = MailKind(
    "own_link",
    MailClass.PERSONAL,
    render_own_link,
    Priority.AWAITED,
    Cap.CONFIRMATION,
    label=_l("Link to one’s own signature"),
)
SIGNATURE_CHANGE = MailKind(
    "signature_change", MailClass.PERSONAL, render_change, Priority.AWAITED, label=_l("Notice of a changed signature")
)
KINDS = (RECEIPT, WITHDRAWAL, OWN_LINK, SIGNATURE_CHANGE)
ANSWER_SEEKERS = (has_answered,)
