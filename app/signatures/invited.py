"""What somebody reads who was asked: which text, who asks, who has signed so far, and how they themselves appear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from markupsafe import Markup
from sqlalchemy.orm import Session

from app.base.countries import country_name
from app.base.locales import InOneLanguage, gettext as _, page_language
from app.base.markdown import to_html
from app.base.moments import Moment, moment_of
from app.base.parts import parts
from app.campaigns.queries import convenors_of
from app.invitations.queries import Asked
from app.signatures.delivered import DeliveredAppearance
from app.signatures.guests import StatementInForce
from app.signatures.lists import ListedSignature, beginning_of, public_page
from app.signatures.queries import Signed, numbers
from app.statements.models import Version
from app.statements.queries import (
    AnnexRow,
    LanguageRow,
    ReplyContact,
    addressees_of,
    annexes_of,
    contact_of,
    languages_of,
    statement_by_id,
    text_of,
    version_of,
)
from app.visibility.states import Appearance, Audience, Visibility, shown

SHOWN_SIGNATORIES = 50


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


@dataclass(frozen=True)
class SignedSoFar:
    """How many stand behind a statement, and what tells who stands first in its public list.

    `beginning` holds one more than are shown, where there are more; nobody's name is opened for it.
    """

    slug: str
    total: int
    listed: int
    beginning: tuple[object, ...]

    @property
    def unnamed(self) -> int:
        """How many are counted and not named."""
        return self.total - self.listed

    @property
    def has_more(self) -> bool:
        """Tell whether more are named than are shown."""
        return len(self.beginning) > SHOWN_SIGNATORIES


@dataclass(frozen=True)
class AudienceRow:
    """How one audience sees a signature from now on, and what it holds already, if an appeal has left."""

    audience: str
    seen: FellowSignatory | None
    delivered: DeliveredAppearance | None = None
    held: FellowSignatory | None = None


def matter_of(session: Session, statement: StatementInForce, language: str) -> Matter:
    """Return what to read before deciding, in a language that the text has; read once in a process's life."""
    if statement.version is None:
        return _matter(session, statement, language)  # a draft, which changes under the same id
    key = ("matter", statement, language, page_language())
    kept: Matter = parts().recent.get(key, lambda: _matter(session, statement, language))
    return kept


def signed_so_far(session: Session, statement: StatementInForce) -> SignedSoFar:
    """Return how many have signed a statement, and what tells who of them is shown."""
    total, listed = numbers(session, statement.id)
    beginning = beginning_of(session, statement.id, SHOWN_SIGNATORIES + 1) if listed else ()
    return SignedSoFar(statement.slug, total, listed, beginning)


def first_signatories(session: Session, statement_id: int, language: str) -> list[FellowSignatory]:
    """Return who stands first in the public list of a statement (row id)."""
    page = public_page(session, statement_id, limit=SHOWN_SIGNATORIES)
    return [_line(entry, language) for entry in page.items]


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


def _matter(session: Session, asked_for: StatementInForce, language: str) -> Matter:
    statement = statement_by_id(session, asked_for.id)
    version = version_of(session, statement)
    return Matter(
        slug=statement.slug,
        kind=statement.kind.label,
        text=shown_text(session, version, language),
        languages=languages_of(session, version.id),
        addressees=[row.name for row in addressees_of(session, version.id)],
        convenors=[each.name for each in convenors_of(session, statement.campaign_id)],
        contact=contact_of(session, statement),
        annexes=annexes_of(session, version.id),
        zone=statement.zone,
        deadline=moment_of(statement.deadline_at, statement.zone),
    )


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
