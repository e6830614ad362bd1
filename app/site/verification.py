"""What is known of a SHA-256 or of its beginning: which published thing it is, and which copy of it.

Everything that readers can see is found by its whole hash or by the beginning that pages and PDFs print. What was made
for addressees is found by the whole hash only, which takes the bytes to know: the beginning of one tells nothing.
What was neither published nor handed over is unknown here to everybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.appeals.models import Appeal, AppealDocument, AppealLetter, AppealState, DocumentAudience
from app.appeals.queries import annex_files, public_names_taken_back
from app.base.locales import endonym
from app.base.moments import Moment, moment_of
from app.deliveries.models import Delivery
from app.mail.models import Mail
from app.mail.states import MailState
from app.statements.models import Annex, Statement, Version, VersionText
from app.statements.states import PUBLISHED

SHA256_LENGTH = 64
MOST_FOUND = 20


class CopyKind(StrEnum):
    """Which copy of which thing a hash was found to be of."""

    TEXT = "text"
    ANNEX = "annex"
    PUBLIC_COPY = "public copy"
    ADDRESSEE_COPY = "addressee's copy"
    LETTER = "letter"
    MANIFEST = "manifest"


@dataclass(frozen=True)
class AnnexTwin:
    """The two files of one annex: on the web page, and as it travels with the appeal. Either may be the one found."""

    is_on_page: bool
    is_in_dossier: bool
    other_filename: str = ""
    other_sha256: str = ""


@dataclass(frozen=True)
class KnownCopy:
    """A thing with this hash. `is_current` is false for what something newer has replaced, or is about to."""

    kind: CopyKind
    sha256: str
    title: str
    language: str
    slug: str
    version_number: int
    is_current: bool = True
    annex: AnnexTwin | None = None
    handed_over_at: Moment | None = None

    @property
    def language_name(self) -> str:
        """What its readers call its language."""
        return endonym(self.language)


def copies_of(session: Session, asked: Sequence[str]) -> list[KnownCopy]:
    """Return what is known by one of these hashes or beginnings, at most MOST_FOUND of each kind."""
    return [*_texts(session, asked), *_annexes(session, asked), *_documents(session, asked), *_others(session, asked)]


def _texts(session: Session, asked: Sequence[str]) -> Iterator[KnownCopy]:
    rows: Any = session.execute(
        select(
            VersionText.sha256, VersionText.title, VersionText.language, Statement.slug, Version.number,
            Version.id == Statement.current_version_id,
        )
        .join(Version, Version.id == VersionText.version_id)
        .join(Statement, Statement.id == Version.statement_id)
        .where(_fits(VersionText.sha256, asked), Version.frozen_at.is_not(None), Statement.state.in_(PUBLISHED))
        .order_by(Version.number.desc(), VersionText.id)
        .limit(MOST_FOUND)
    )  # fmt: skip
    return (KnownCopy(CopyKind.TEXT, *row) for row in rows)


def _annexes(session: Session, asked: Sequence[str]) -> Iterator[KnownCopy]:
    """Yield annexes by the file on the web page or by the one in the dossier: it is one annex either way."""
    travelling = (
        select(Statement.id)
        .join(Appeal, Appeal.statement_id == Statement.id)
        .join(AppealDocument, AppealDocument.appeal_id == Appeal.id)
        .where(
            _fits(AppealDocument.sha256, asked), AppealDocument.is_annex.is_(True),
            Appeal.state == AppealState.RELEASED,
        )
    )  # fmt: skip
    rows = session.execute(
        select(Annex, Statement.id, Statement.slug, Version.number, Version.id == Statement.current_version_id)
        .join(Version, Version.id == Annex.version_id)
        .join(Statement, Statement.id == Version.statement_id)
        .where(
            or_(_fits(Annex.sha256, asked), Statement.id.in_(travelling)),
            Version.frozen_at.is_not(None), Statement.state.in_(PUBLISHED),
        )
        .order_by(Annex.id)
        .limit(MOST_FOUND)
    ).all()  # fmt: skip
    for annex, statement_id, slug, number, is_current in rows:
        files = annex_files(session, statement_id)
        twin = files.get(annex.id)
        on_page = _is_asked(annex.sha256, asked)
        in_dossier = twin is not None and _is_asked(twin.sha256, asked)
        if not on_page and not in_dossier:
            continue
        found, other = annex.sha256, AnnexTwin(on_page, in_dossier)
        if twin is not None and twin.sha256 != annex.sha256:
            here, there = (annex, twin) if on_page else (twin, annex)
            found, other = here.sha256, AnnexTwin(on_page, not on_page, there.filename, there.sha256)
        yield KnownCopy(CopyKind.ANNEX, found, annex.title, annex.language, slug, number, is_current, other)


def _documents(session: Session, asked: Sequence[str]) -> Iterator[KnownCopy]:
    """Yield PDFs of released appeals: the public ones also by their beginning, the addressees' by the whole hash."""
    is_public = AppealDocument.audience == DocumentAudience.PUBLIC
    rows = session.execute(
        select(
            AppealDocument.sha256, AppealDocument.title, AppealDocument.language, AppealDocument.audience,
            Statement.slug, Version.number, Appeal.id,
        )
        .join(Appeal, Appeal.id == AppealDocument.appeal_id)
        .join(Statement, Statement.id == Appeal.statement_id)
        .join(Version, Version.id == Appeal.version_id)
        .where(
            or_(is_public & _fits(AppealDocument.sha256, asked), AppealDocument.sha256.in_(_whole(asked))),
            AppealDocument.is_annex.is_(False), Appeal.state == AppealState.RELEASED, Statement.state.in_(PUBLISHED),
        )
        .order_by(AppealDocument.id)
        .limit(MOST_FOUND)
    ).all()  # fmt: skip
    for sha256, title, language, audience, slug, number, appeal_id in rows:
        known = sha256, title, language, slug, number
        if audience is DocumentAudience.PUBLIC:
            yield KnownCopy(CopyKind.PUBLIC_COPY, *known, is_current=not public_names_taken_back(session, appeal_id))
        else:
            carried = _handed_over_at(session, Delivery.appeal_id == appeal_id, AppealLetter.language == language)
            yield KnownCopy(CopyKind.ADDRESSEE_COPY, *known, handed_over_at=carried)


def _others(session: Session, asked: Sequence[str]) -> Iterator[KnownCopy]:
    """Yield frozen letters and manifests of released appeals, by the whole hash."""
    released = Appeal.state == AppealState.RELEASED, Statement.state.in_(PUBLISHED)
    columns = VersionText.title, VersionText.language, Statement.slug, Version.number
    base = (
        select(*columns, Appeal.id, Appeal.manifest_sha256)
        .join(Statement, Statement.id == Appeal.statement_id)
        .join(Version, Version.id == Appeal.version_id)
        .join(
            VersionText, (VersionText.version_id == Version.id) & (VersionText.language == Statement.language)
        )
    )  # fmt: skip
    for title, language, slug, number, _appeal, sha256 in session.execute(
        base.where(Appeal.manifest_sha256.in_(_whole(asked)), *released).limit(MOST_FOUND)
    ):
        yield KnownCopy(CopyKind.MANIFEST, sha256, title, language, slug, number)
    letters = base.join(AppealLetter, AppealLetter.appeal_id == Appeal.id).add_columns(
        AppealLetter.id, AppealLetter.message_sha256, AppealLetter.language
    )
    found = session.execute(letters.where(AppealLetter.message_sha256.in_(_whole(asked)), *released).limit(MOST_FOUND))
    for title, _own, slug, number, _appeal, _manifest, letter_id, sha256, language in found:
        at = _handed_over_at(session, Delivery.letter_id == letter_id)
        yield KnownCopy(CopyKind.LETTER, sha256, title, language, slug, number, handed_over_at=at)


def _handed_over_at(session: Session, *which: ColumnElement[bool]) -> Moment | None:
    """Return when the first of some deliveries was handed over, or None while there is no proof that any was."""
    first = session.execute(
        select(Mail.finished_at, Statement.zone)
        .join(Delivery, Delivery.mail_id == Mail.public_id)
        .join(AppealLetter, AppealLetter.id == Delivery.letter_id)
        .join(Appeal, Appeal.id == Delivery.appeal_id)
        .join(Statement, Statement.id == Appeal.statement_id)
        .where(Mail.state == MailState.ACCEPTED, *which)
        .order_by(Mail.finished_at, Mail.id)
        .limit(1)
    ).one_or_none()
    return moment_of(first.finished_at, first.zone) if first is not None else None


def _whole(asked: Sequence[str]) -> list[str]:
    return [one for one in asked if len(one) == SHA256_LENGTH]


def _fits(column: InstrumentedAttribute[Any], asked: Sequence[str]) -> ColumnElement[bool]:
    # What begins so lies between the beginning and the same with a letter behind "f": a seek in an index.
    begins = [(column >= one) & (column < f"{one}g") for one in asked if len(one) < SHA256_LENGTH]
    return or_(column.in_(_whole(asked)), *begins)


def _is_asked(sha256: str, asked: Sequence[str]) -> bool:
    return any(sha256.startswith(one) for one in asked)
