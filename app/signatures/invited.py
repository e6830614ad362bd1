"""What stands behind a link: who was asked, which text, who asks, and who has signed so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.countries import country_name
from app.base.links import Claim, LinkBroken, LinkPurpose, read_token
from app.base.locales import InOneLanguage, gettext as _
from app.base.markdown import to_html
from app.base.moments import Moment, moment_of
from app.campaigns.queries import convenors_of
from app.invitations.models import Invitation
from app.invitations.queries import Asked, answers_to, invitation
from app.invitations.states import (
    InvitationAnswer,
    InvitationCancelled,
    InvitationStage,
    LinkSuperseded,
    NoSuchInvitation,
)
from app.signatures.delivered import DeliveredAppearance
from app.signatures.lists import ListedSignature, public_page
from app.signatures.queries import Signed, numbers, signature, signature_of
from app.signatures.states import ManageLinkSuperseded, NoSuchSignature, OtherLink
from app.statements.models import Statement, Version
from app.statements.queries import (
    AnnexRow,
    LanguageRow,
    ReplyContact,
    addressees_of,
    annexes_of,
    contact_of,
    is_open,
    languages_of,
    statement_by_id,
    text_of,
    version_of,
)
from app.visibility.states import Appearance, Audience, Visibility, shown

SHOWN_SIGNATORIES = 50
_OTHER = {LinkPurpose.INVITATION: LinkPurpose.MANAGE, LinkPurpose.MANAGE: LinkPurpose.INVITATION}


@dataclass(frozen=True)
class Invitee:
    """The person behind a genuine link, and what they have answered so far."""

    statement: Statement
    asked: Asked
    reply: InvitationAnswer
    signed: Signed | None
    is_open: bool

    @property
    def has_signed(self) -> bool:
        """Tell whether their signature stands."""
        return self.signed is not None and self.signed.is_signed


@dataclass(frozen=True)
class TextToSign(InOneLanguage):
    """The text in force in one language, as it is shown and signed."""

    version_number: int
    language: str
    title: str
    summary: Markup
    body: Markup
    demands: Sequence[Markup]
    sha256: str


@dataclass(frozen=True)
class TextInForce:
    """Which text a decision is about."""

    language: str
    sha256: str


@dataclass(frozen=True)
class FellowSignatory:
    """One signatory as everybody may see them."""

    name: str
    line: str
    country: str
    is_pseudonym: bool


@dataclass(frozen=True)
class Matter:
    """Everything about a statement that somebody needs who is asked to sign it."""

    slug: str
    kind: str
    text: TextToSign
    languages: Sequence[LanguageRow]
    addressees: Sequence[str]
    convenors: Sequence[str]
    contact: ReplyContact
    annexes: Sequence[AnnexRow]
    zone: str
    deadline: Moment | None
    total: int
    listed: int
    signatories: Sequence[FellowSignatory]
    has_more: bool


@dataclass(frozen=True)
class AudienceRow:
    """How one audience sees a signature from now on, and what it holds already, if an appeal has left."""

    audience: str
    seen: FellowSignatory | None
    delivered: DeliveredAppearance | None = None
    held: FellowSignatory | None = None


def guest_of(session: Session, token: str) -> Invitee:
    """Return the person behind an invitation link.

    Raises LinkBroken, OtherLink, NoSuchInvitation, LinkSuperseded and InvitationCancelled.
    """
    claim = read_link(session, LinkPurpose.INVITATION, token)
    asked, statement = _asked(session, claim.public_id)
    if claim.generation != asked.link_generation:
        raise LinkSuperseded
    if asked.stage is InvitationStage.CANCELLED:
        raise InvitationCancelled
    reply = answers_to(session, [asked.public_id])[asked.public_id]
    signed = signature_of(session, statement.public_id, asked.person.public_id)
    return Invitee(statement, asked, reply, signed, is_open(statement))


def owner_of(session: Session, token: str) -> Invitee:
    """Return the person behind a manage link; raises LinkBroken, OtherLink, NoSuchSignature, ManageLinkSuperseded."""
    claim = read_link(session, LinkPurpose.MANAGE, token)
    guest = guest_behind(session, claim.public_id)
    if guest.signed is None or claim.generation != guest.signed.manage_generation + guest.asked.link_generation - 1:
        raise ManageLinkSuperseded
    return guest


def guest_behind(session: Session, public_id: str) -> Invitee:
    """Return the person behind a signature; raises NoSuchSignature. Callers have checked that they may ask."""
    signed = signature(session, public_id)
    if signed is None:
        raise NoSuchSignature
    asked, statement = _asked(session, signed.invitation)
    return Invitee(statement, asked, InvitationAnswer(), signed, is_open(statement))


def read_link(session: Session, purpose: LinkPurpose, token: str) -> Claim:
    """Read a token; raise OtherLink where it is genuine but stands behind the wrong address."""
    try:
        return read_token(session, purpose, token)
    except LinkBroken:
        if _is_genuine(session, _OTHER[purpose], token):
            raise OtherLink from None
        raise


def matter_of(session: Session, statement: Statement, language: str | None, preferred: str) -> Matter:
    """Return what to read before deciding, in a language that the text has: the wanted, the preferred, or its own."""
    version = version_of(session, statement)
    languages = languages_of(session, version.id)
    chosen = _chosen(languages, statement, language, preferred)
    total, listed = numbers(session, statement.id)
    page = public_page(session, statement.id, limit=SHOWN_SIGNATORIES)
    return Matter(
        slug=statement.slug,
        kind=statement.kind.label,
        text=shown_text(session, version, chosen),
        languages=languages,
        addressees=[row.name for row in addressees_of(session, version.id)],
        convenors=[each.name for each in convenors_of(session, statement.campaign_id)],
        contact=contact_of(session, statement),
        annexes=annexes_of(session, version.id),
        zone=statement.zone,
        deadline=moment_of(statement.deadline_at, statement.zone),
        total=total,
        listed=listed,
        signatories=[_line(entry, chosen) for entry in page.items],
        has_more=page.next_cursor is not None,
    )


def text_in_force(session: Session, statement: Statement, language: str | None, preferred: str) -> TextInForce:
    """Return only language and hash of what `matter_of` would show: all that a decision is checked against."""
    languages = languages_of(session, version_of(session, statement).id)
    chosen = _chosen(languages, statement, language, preferred)
    return TextInForce(chosen, next((row.sha256 for row in languages if row.language == chosen), None) or "")


def shown_text(session: Session, version: Version, language: str) -> TextToSign:
    """Return a frozen text as it is shown; rendered once for each process."""
    text = text_of(session, version.id, language)
    return TextToSign(
        version_number=version.number,
        language=language,
        title=text.title,
        summary=_html(text.summary),
        body=_html(text.body),
        demands=[_html(demand) for demand in text.demands],
        sha256=text.sha256 or "",
    )


def rows_of(signed: Signed, matter: Matter, delivered: DeliveredAppearance | None = None) -> list[AudienceRow]:
    """Return how each audience sees a signature, with names for the audiences."""
    institutions = ", ".join(matter.addressees)
    labels = {
        Audience.PUBLIC: _("Everybody, on the public page"),
        Audience.ADDRESSEE: institutions or _("The institution"),
        Audience.CO_SIGNATORY: _("Others who sign"),
        Audience.COORDINATOR: _("The people who asked you"),
    }
    language = matter.text.language
    rows = [
        AudienceRow(label, _seen(shown(signed.visibility, each, signed.identity), language))
        for each, label in labels.items()
    ]
    if delivered is None or not delivered.is_named:
        return rows
    held = _seen(delivered.appearance, language)
    return [
        replace(row, delivered=delivered, held=held) if each is Audience.ADDRESSEE else row
        for each, row in zip(labels, rows, strict=True)
    ]


def offered(asked: Asked) -> list[Visibility]:
    """Return the choices of visibility: an organisation has no pseudonym."""
    return [each for each in Visibility if not (asked.person.is_organisation and each is Visibility.PSEUDONYM)]


def country_beside(appearance: Appearance, language: str) -> str:
    """Return the country's name; nothing where the public line names it already."""
    country = country_name(appearance.country, language) if appearance.country else ""
    return "" if country.casefold() in appearance.public_line.casefold() else country


def _chosen(languages: Sequence[LanguageRow], statement: Statement, language: str | None, preferred: str) -> str:
    """Return the first of these languages that the text has: the wanted, the preferred, its own."""
    codes = [row.language for row in languages]
    return next((code for code in (language, preferred) if code in codes), statement.language)


def _is_genuine(session: Session, purpose: LinkPurpose, token: str) -> bool:
    try:
        read_token(session, purpose, token)
    except LinkBroken:
        return False
    return True


def _asked(session: Session, public_id: str) -> tuple[Asked, Statement]:
    statement_id = session.scalar(select(Invitation.statement_id).where(Invitation.public_id == public_id))
    if statement_id is None:
        raise NoSuchInvitation
    return invitation(session, statement_id, public_id), statement_by_id(session, statement_id)


def _line(entry: ListedSignature, language: str) -> FellowSignatory:
    return _seen(entry.appearance, language) or FellowSignatory("", "", "", is_pseudonym=False)


def _seen(appearance: Appearance | None, language: str) -> FellowSignatory | None:
    if appearance is None:
        return None
    country = country_beside(appearance, language)
    return FellowSignatory(appearance.name, appearance.public_line, country, appearance.is_pseudonym)


@lru_cache(maxsize=256)
def _html(markdown: str) -> Markup:
    return to_html(markdown)
