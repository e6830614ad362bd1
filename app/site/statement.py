"""Everything that a statement's page shows, read in one snapshot with a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.appeals.models import Appeal, AppealDocument, AppealState, DocumentAudience
from app.appeals.queries import annex_files, public_names_taken_back
from app.campaigns.queries import CampaignConvenor, convenors_of, title_in
from app.counts.queries import Totals
from app.site.kept import Basis
from app.site.progress import ProgressEvent, progress_of
from app.site.queries import Published, published, text_in
from app.site.texts import PublishedText, rendered_text
from app.statements.queries import AddressedTo, AnnexRow, LanguageRow, addressees_of, annexes_of, languages_of
from app.statements.states import StatementState


@dataclass(frozen=True)
class DeliveredDocument:
    """The public copy of the appeal: a PDF with those names that are public."""

    language: str
    size: int
    sha256: str


@dataclass(frozen=True)
class TravellingFile:
    """The file of an annex in the appeal, where its bytes are others than those on the page."""

    filename: str
    sha256: str


@dataclass(frozen=True)
class StatementPage:
    """What readers see of one statement in one language."""

    statement: Published
    text: LanguageRow
    rendered: PublishedText
    languages: list[LanguageRow]
    campaign_title: str
    addressees: list[AddressedTo]
    convenors: list[CampaignConvenor]
    annexes: list[AnnexRow]
    travelling: dict[str, TravellingFile]
    events: list[ProgressEvent]
    document: DeliveredDocument | None


def statement_basis(statement: Published, count: Totals | None = None) -> Basis:
    """Return what a page depends on that shows a statement, with how many stand behind it where it says so."""
    signed = {statement.id: count.total} if count else {}
    return Basis((statement.id,), (statement.campaign_id,), signed=signed, changes_at=statement.changes_at)


def statement_page(session: Session, slug: str, language: str | None) -> StatementPage:
    """Read a statement's page in a language, or in the authoritative one; raises NoSuchPage, StatementWithdrawn."""
    statement = published(session, slug)
    texts = languages_of(session, statement.version_id)
    text = text_in(texts, language or statement.language)
    annexes = annexes_of(session, statement.version_id)
    return StatementPage(
        statement=statement,
        text=text,
        rendered=rendered_text(session, text.text_id, text.sha256 or ""),
        languages=texts,
        campaign_title=title_in(session, statement.campaign_id, text.language, statement.campaign_language),
        addressees=addressees_of(session, statement.version_id),
        convenors=convenors_of(session, statement.campaign_id),
        annexes=annexes,
        travelling=travelling_files(session, statement, annexes),
        events=progress_of(session, statement),
        document=_document(session, statement, text.language),
    )


def travelling_files(session: Session, statement: Published, annexes: Iterable[AnnexRow]) -> dict[str, TravellingFile]:
    """Return the files that go with the appeal where they are others than the page's, by the annex's public id."""
    if statement.state is StatementState.OPEN:
        return {}
    files = annex_files(session, statement.id)
    return {
        annex.public_id: TravellingFile(file.filename, file.sha256)
        for annex in annexes
        if (file := files.get(annex.id)) is not None and file.sha256 != annex.sha256
    }


def _document(session: Session, statement: Published, language: str) -> DeliveredDocument | None:
    """Find the public PDF in the language or else in the authoritative one.

    There is none once somebody named in it took their name back: it is not served then.
    """
    if statement.state is StatementState.OPEN:
        return None
    rows = session.execute(
        select(AppealDocument.language, AppealDocument.size, AppealDocument.sha256, Appeal.id.label("appeal_id"))
        .join(Appeal, Appeal.id == AppealDocument.appeal_id)
        .where(
            Appeal.statement_id == statement.id,
            Appeal.state == AppealState.RELEASED,
            AppealDocument.audience == DocumentAudience.PUBLIC,
            AppealDocument.is_annex.is_(False),
        )
        .order_by(AppealDocument.id)
    ).all()
    chosen = next((row for wanted in (language, statement.language) for row in rows if row.language == wanted), None)
    if chosen is None or public_names_taken_back(session, chosen.appeal_id):
        return None
    return DeliveredDocument(chosen.language, chosen.size, chosen.sha256)
