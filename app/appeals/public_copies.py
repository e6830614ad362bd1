"""Renew the public PDFs of a released appeal when somebody named in them has taken their name back (law 3).

What was handed over stays as it is: the addressee's documents, the letters, and the manifest with the first hashes.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass

from pypdf import PdfReader
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.appeals.frozen import hold_signatures, shown_mark
from app.appeals.models import Appeal, AppealDocument, AppealSignature, AppealState, DocumentAudience
from app.appeals.printing import PreparedDocument, Printer, Told
from app.appeals.queries import DocumentRow, annex_files, content_of, public_names_taken_back, sha256_of
from app.appeals.states import MovedMeanwhile, NoPublicDocument
from app.audit.actions import record
from app.base.moments import Moment
from app.signatures.lists import ListedSignature, entries_for
from app.signatures.queries import standing
from app.statements.models import Statement, Version
from app.statements.queries import AnnexRow, annexes_of, campaign_public_id
from app.visibility.states import Audience, Visibility


@dataclass(frozen=True)
class PublicCopies:
    """Public PDFs set anew, and the keyed digest of how each signature appears in them, by its row id."""

    documents: tuple[PreparedDocument, ...]
    shown: dict[int, bytes]


def prepare_public_copies(
    session: Session, statement: Statement, appeal: Appeal, told: Told = lambda _number: None
) -> PublicCopies:
    """Set the public PDFs as the signatures stand now, under the appeal's own date; raises NoPublicDocument."""
    if appeal.state is not AppealState.RELEASED:
        raise NoPublicDocument
    files = annex_files(session, statement.id)
    annexes = [_stored(session, annex, files[annex.id]) for annex in annexes_of(session, appeal.version_id)]
    number = session.scalars(select(Version.number).where(Version.id == appeal.version_id)).one()
    day = Moment(appeal.assembled_at, statement.zone)
    printer = Printer(session, statement, appeal.version_id, number, annexes, day)
    entries = entries_for(session, statement.id, Audience.PUBLIC)
    documents = printer.documents({DocumentAudience.PUBLIC: entries}, told)
    return PublicCopies(tuple(documents), _shown(session, entries))


def renew_public_copies(
    session: Session, actor: str, statement: Statement, appeal: Appeal, copies: PublicCopies
) -> None:
    """Put renewed public PDFs in the place of those that named too many; nothing to renew changes nothing.

    Setting them takes a while: raises MovedMeanwhile if somebody withdrew or appears otherwise since it began.
    """
    hold_signatures(session, appeal)
    if not public_names_taken_back(session, appeal.id):
        return
    if _shown(session, entries_for(session, statement.id, Audience.PUBLIC)) != copies.shown:
        raise MovedMeanwhile
    for copy in copies.documents:
        session.execute(
            update(AppealDocument)
            .where(
                AppealDocument.appeal_id == appeal.id,
                AppealDocument.audience == DocumentAudience.PUBLIC,
                AppealDocument.is_annex.is_(False),
                AppealDocument.language == copy.language,
            )
            .values(content=copy.content, size=len(copy.content), sha256=sha256_of(copy.content))
        )
    _follow(session, statement, appeal)
    campaign = campaign_public_id(session, statement)
    hashes = {f"sha256_{copy.language}": sha256_of(copy.content) for copy in copies.documents}
    record(session, actor, "appeal.public copies renewed", appeal.public_id, campaign, **hashes)


def _follow(session: Session, statement: Statement, appeal: Appeal) -> None:
    """Keep what the public PDFs show of each signature now; people who withdrew are not shown at all."""
    now = standing(session, statement.id)
    rows = session.execute(
        select(AppealSignature.id, AppealSignature.signature_id, AppealSignature.visibility).where(
            AppealSignature.appeal_id == appeal.id
        )
    ).all()
    for number, signature, shown in rows:
        wanted = now.get(signature, Visibility.COUNTED)
        if wanted is not shown:
            session.execute(update(AppealSignature).where(AppealSignature.id == number).values(visibility=wanted))


def _shown(session: Session, entries: Iterable[ListedSignature]) -> dict[int, bytes]:
    return {entry.id: shown_mark(session, entry) for entry in entries}


def _stored(session: Session, annex: AnnexRow, file: DocumentRow) -> PreparedDocument:
    content = content_of(session, file, "public copies")
    pages = len(PdfReader(io.BytesIO(content)).pages)
    source = (annex.filename, annex.sha256) if annex.sha256 != file.sha256 else ("", "")
    return PreparedDocument(
        file.language, DocumentAudience.PUBLIC, file.title, file.filename, True, content, pages, source=source
    )
