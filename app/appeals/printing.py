"""Set the PDFs of a statement: every language for the addressee and for the public, as each may see who signed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.orm import Session

from app.appeals import typesetting
from app.appeals.labels import labels_of, labels_of_a_demonstration
from app.appeals.models import DocumentAudience
from app.appeals.queries import sha256_of
from app.appeals.stand_ins import StandIn
from app.base.countries import country_name
from app.base.links import absolute_url
from app.base.locales import direction, rendering_in
from app.base.moments import Moment
from app.base.ports import ports_of
from app.campaigns.models import Campaign
from app.campaigns.queries import convenors_of, title_of
from app.directory.states import SignatoryKind
from app.signatures.lists import ListedSignature
from app.statements import queries as statements
from app.statements.models import Statement
from app.visibility.states import Visibility

Made = TypeVar("Made")
# Told after each document and letter, with how many are made.
Told = Callable[[int], None]


@dataclass(frozen=True)
class PreparedDocument:
    """A document with its bytes, not yet stored."""

    language: str
    audience: DocumentAudience
    title: str
    filename: str
    is_annex: bool
    content: bytes
    pages: int | None = None
    stand_ins: tuple[StandIn, ...] = ()
    source: tuple[str, str] = ("", "")  # of an annex: file and SHA-256 on its web page, where those are others


class Printer:
    """Sets one statement's PDFs: every language for the addressee and for the public."""

    def __init__(
        self, session: Session, statement: Statement, version_id: int, number: int, annexes: list[PreparedDocument],
        day: Moment,
    ) -> None:  # fmt: skip
        self._session, self._statement, self._version_id, self._number = session, statement, version_id, number
        self._annexes, self._day = annexes, day
        self._campaign = session.get_one(Campaign, statement.campaign_id)
        self._convenors = convenors_of(session, self._campaign.id)

    def documents(
        self, lists: dict[DocumentAudience, list[ListedSignature]], told: Told = lambda _number: None
    ) -> list[PreparedDocument]:
        """Return the PDFs, by language and then by audience."""
        documents = (
            self._document(row.language, audience, entries)
            for row in statements.languages_of(self._session, self._version_id)
            for audience, entries in lists.items()
        )
        return list(counted(documents, 0, told))

    def _document(self, language: str, audience: DocumentAudience, entries: list[ListedSignature]) -> PreparedDocument:
        text = statements.text_of(self._session, self._version_id, language)
        lines = [(entry.kind, _line(entry, audience, language)) for entry in entries]
        shown = [(kind, line) for kind, line in lines if line is not None]
        hidden = len(entries) - len(shown)
        with rendering_in(language):
            kind, labels = self._statement.kind.label, labels_of(len(entries), hidden)
            if ports_of(self._session).demonstration:
                labels |= labels_of_a_demonstration(labels)
        sheet = typesetting.TypesetAppeal(
            language=language,
            direction=direction(language),
            kind=kind,
            title=text.title,
            convenors=tuple(convenor.name for convenor in self._convenors),
            letterhead=tuple(convenor.website for convenor in self._convenors if convenor.website),
            addressees=tuple(
                (row.name, (country_name(row.country, language),) if row.country else ())
                for row in statements.addressees_of(self._session, self._version_id)
            ),
            date=self._day,
            summary=text.summary,
            body_markdown=text.body,
            demands=text.demands,
            organisations=tuple(line for kind, line in shown if kind is SignatoryKind.ORGANISATION),
            people=tuple(line for kind, line in shown if kind is SignatoryKind.PERSON),
            hidden_count=hidden,
            total=len(entries),
            version_number=self._number,
            text_sha256=text.sha256 or "",
            audience=audience.value,
            annexes=tuple(
                typesetting.AnnexLine(one.title, one.filename, sha256_of(one.content), one.pages, *one.source)
                for one in self._annexes
            ),
            mark=typesetting.secret_mark() if audience is DocumentAudience.ADDRESSEE else "",
            verify_url=absolute_url(self._session, f"/statements/{self._statement.slug}/{language}"),
            campaign=title_of(self._session, self._campaign),
            labels=labels,
        )
        suffix = "-public" if audience is DocumentAudience.PUBLIC else ""
        filename = f"{self._statement.slug}-{language}{suffix}.pdf"
        printed = typesetting.render_appeal(sheet)
        return PreparedDocument(language, audience, text.title, filename, False, printed.pdf, None, printed.stand_ins)


def _line(entry: ListedSignature, audience: DocumentAudience, language: str) -> typesetting.PrintedSignatory | None:
    seen = entry.appearance
    if seen is None:
        return None
    country = country_name(seen.country, language) if seen.country else ""
    named = country and country.casefold() not in seen.public_line.casefold()
    line = ", ".join(part for part in (seen.public_line, country if named else "") if part)
    entrusted = audience is DocumentAudience.ADDRESSEE and entry.visibility is Visibility.INSTITUTION
    return typesetting.PrintedSignatory(seen.name, line, seen.is_pseudonym, entrusted)


def counted(things: Iterable[Made], before: int, told: Told) -> Iterator[Made]:
    """Yield things as they are made, and tell after each how many there are with those before."""
    for number, thing in enumerate(things, before + 1):
        yield thing
        told(number)
