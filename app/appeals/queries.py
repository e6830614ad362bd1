"""Read appeals: their documents, letters and approvals; what changed since they were frozen; the public PDF."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.appeals.models import (
    Appeal,
    AppealDocument,
    AppealLetter,
    AppealSignature,
    AppealState,
    Approval,
    DocumentAudience,
)
from app.appeals.states import NoPublicDocument, NoSuchAppeal, NoSuchDocument, PublicDocumentOutdated
from app.appeals.vouched import VouchedThen, vouched_then
from app.base import clock
from app.base.rows import by_name
from app.base.sealing import Place, open_bytes, open_many
from app.campaigns.models import Membership
from app.campaigns.states import Capability, Role, may
from app.institutions.models import Institution, Recipient
from app.signatures.models import Signature
from app.signatures.states import SignatureState
from app.statements.addressing import is_addressee, name_in_appeal
from app.statements.models import Addressee, Statement
from app.statements.queries import annexes_of
from app.statements.states import PUBLISHED
from app.visibility.states import Visibility


@dataclass(frozen=True)
class DocumentRow:
    """A document of an appeal without its content."""

    id: int
    public_id: str
    language: str
    audience: DocumentAudience
    title: str
    filename: str
    is_annex: bool
    size: int
    sha256: str


@dataclass(frozen=True)
class LetterRow:
    """A letter of an appeal with its cover opened, without its bytes."""

    id: int
    public_id: str
    appeal_id: int
    recipient_id: int
    recipient: str
    institution: str
    language: str
    written_by: str
    message_id: str
    sha256: str
    to_address: str
    to_name: str
    subject: str
    salutation: str
    text: str
    is_reworded: bool
    version_id: int | None  # of the recipient, as it was when the letter was frozen
    former_version_id: int | None


@dataclass(frozen=True)
class FrozenLetter:
    """The bytes of one letter, and whether its appeal was released."""

    to_address: str
    message: bytes
    sha256: str
    is_released: bool


@dataclass(frozen=True)
class ApprovalRow:
    """One approval; it stands while its hash is the appeal's and its giver may still approve."""

    organiser: str
    manifest_sha256: str
    note: str
    approved_at: datetime
    vouched: VouchedThen | None

    @property
    def stood_for_by(self) -> tuple[str | None, ...]:
        """Who had let its giver in, who had confirmed them, and who had let them back into their account."""
        then = self.vouched
        return (then.let_in_by, then.confirmed_by, then.let_back_by) if then else ()


@dataclass(frozen=True)
class PublicDocument:
    """The public PDF as readers get it."""

    filename: str
    content: bytes
    sha256: str
    language: str


def appeal(session: Session, public_id: str) -> Appeal:
    """Return an appeal; raises NoSuchAppeal."""
    found = session.scalar(select(Appeal).where(Appeal.public_id == public_id))
    if found is None:
        raise NoSuchAppeal
    return found


def latest_appeal(session: Session, statement_id: int) -> Appeal | None:
    """Return the newest assembly of a statement's dossier."""
    query = select(Appeal).where(Appeal.statement_id == statement_id)
    return session.scalar(query.order_by(Appeal.number.desc()).limit(1))


def released_appeal(session: Session, statement_id: int) -> Appeal | None:
    """Return the appeal that was released, if any."""
    return session.scalar(
        select(Appeal).where(Appeal.statement_id == statement_id, Appeal.state == AppealState.RELEASED)
    )


def documents_of(session: Session, appeal_id: int) -> list[DocumentRow]:
    """Return the documents of an appeal in their order, without their contents."""
    columns = (
        AppealDocument.id, AppealDocument.public_id, AppealDocument.language, AppealDocument.audience,
        AppealDocument.title, AppealDocument.filename, AppealDocument.is_annex, AppealDocument.size,
        AppealDocument.sha256,
    )  # fmt: skip
    rows = session.execute(select(*columns).where(AppealDocument.appeal_id == appeal_id).order_by(AppealDocument.id))
    return [by_name(DocumentRow, row) for row in rows]


def document(session: Session, appeal_id: int, public_id: str) -> DocumentRow:
    """Return one document of an appeal; raises NoSuchDocument."""
    for row in documents_of(session, appeal_id):
        if row.public_id == public_id:
            return row
    raise NoSuchDocument


def annex_files(session: Session, statement_id: int) -> dict[int, DocumentRow]:
    """Return the file of each annex that travels with a released appeal, by the annex's row id.

    An annex written here goes as a PDF, so its file differs from the one on the web page. An appeal holds the annexes
    of its version in their order, and both are frozen.
    """
    released = released_appeal(session, statement_id)
    if released is None:
        return {}
    annexes = [row.id for row in annexes_of(session, released.version_id)]
    files = [row for row in documents_of(session, released.id) if row.is_annex]
    return dict(zip(annexes, files, strict=True))


def content_of(session: Session, row: DocumentRow, purpose: str) -> bytes:
    """Return the frozen bytes of a document, opened where they are sealed."""
    content, sealed = session.execute(
        select(AppealDocument.content, AppealDocument.content_sealed).where(AppealDocument.id == row.id)
    ).one()
    if sealed is not None:
        return open_bytes(session, document_place(row.public_id), sealed, purpose)
    return content or b""


def letters_of(session: Session, appeal_id: int, purpose: str) -> list[LetterRow]:
    """Return the letters of an appeal by institution, their covers opened."""
    return _letters(session, AppealLetter.appeal_id == appeal_id, purpose)


def letter(session: Session, appeal_id: int, public_id: str, purpose: str) -> LetterRow:
    """Return one letter of an appeal; raises NoSuchDocument."""
    wanted = (AppealLetter.appeal_id == appeal_id) & (AppealLetter.public_id == public_id)
    for row in _letters(session, wanted, purpose):
        return row
    raise NoSuchDocument


def letters_by_id(session: Session, letter_ids: Iterable[int], purpose: str) -> dict[int, LetterRow]:
    """Return letters by row id, their covers opened."""
    wanted = AppealLetter.id.in_(list(letter_ids))
    return {row.id: row for row in _letters(session, wanted, purpose)}


def frozen_letter(session: Session, public_id: str, purpose: str) -> FrozenLetter:
    """Return the bytes of a letter as they were frozen; raises NoSuchDocument."""
    row = session.execute(
        select(AppealLetter.cover_sealed, AppealLetter.message_sealed, AppealLetter.message_sha256, Appeal.state)
        .join(Appeal, Appeal.id == AppealLetter.appeal_id)
        .where(AppealLetter.public_id == public_id)
    ).one_or_none()
    if row is None:
        raise NoSuchDocument
    cover = open_many(session, [(cover_place(public_id), row.cover_sealed)], purpose)[0]
    message = open_bytes(session, message_place(public_id), row.message_sealed, purpose)
    return FrozenLetter(cover["to"], message, row.message_sha256, row.state is AppealState.RELEASED)


def approvals_of(session: Session, appeal_id: int) -> list[ApprovalRow]:
    """Return every approval that was ever given to an appeal, newest first; most may be void."""
    rows = session.scalars(select(Approval).where(Approval.appeal_id == appeal_id).order_by(Approval.id.desc())).all()
    places = [(note_place(row.public_id), row.note_sealed) for row in rows]
    notes = open_many(session, places, "approvals of an appeal")
    return [
        ApprovalRow(row.organiser_public_id, row.manifest_sha256, opened["note"], row.approved_at, vouched_then(opened))
        for row, opened in zip(rows, notes, strict=True)
    ]


def makers_of(session: Session, appeal: Appeal) -> set[str]:
    """Return the people who assembled an appeal or wrote its letters: none of them is the second person."""
    writers = session.scalars(select(AppealLetter.written_by).where(AppealLetter.appeal_id == appeal.id).distinct())
    return {appeal.assembled_by, *writers}


def role_in(session: Session, statement_id: int, organiser: str) -> Role | None:
    """Return the role of an organiser in a statement's campaign; a disabled account has none."""
    return session.scalar(
        select(Membership.role)
        .join(Organiser, Organiser.id == Membership.organiser_id)
        .join(Statement, Statement.campaign_id == Membership.campaign_id)
        .where(Statement.id == statement_id, Organiser.public_id == organiser, Organiser.disabled_at.is_(None))
    )


def reaches(session: Session, statement_id: int, organiser: str, capability: Capability) -> bool:
    """Tell whether an organiser's role in a statement's campaign includes a capability, now."""
    role = role_in(session, statement_id, organiser)
    return role is not None and may(role, capability)


def public_document(session: Session, slug: str, language: str | None) -> PublicDocument:
    """Return the public PDF of a released appeal; raises NoPublicDocument, PublicDocumentOutdated."""
    rows = session.execute(
        select(AppealDocument.id, AppealDocument.language, Statement.language.label("main"), Appeal.id.label("appeal"))
        .join(Appeal, Appeal.id == AppealDocument.appeal_id)
        .join(Statement, Statement.id == Appeal.statement_id)
        .where(
            Statement.slug == slug, Statement.state.in_(PUBLISHED), Appeal.state == AppealState.RELEASED,
            AppealDocument.audience == DocumentAudience.PUBLIC, AppealDocument.is_annex.is_(False),
        )
    ).all()  # fmt: skip
    wanted = next((row for row in rows if row.language == (language or row.main)), None)
    if wanted is None:
        raise NoPublicDocument
    if public_names_taken_back(session, wanted.appeal):
        raise PublicDocumentOutdated
    found = session.execute(
        select(AppealDocument.filename, AppealDocument.content, AppealDocument.sha256, AppealDocument.language).where(
            AppealDocument.id == wanted.id
        )
    ).one()
    return PublicDocument(found.filename, bytes(found.content), found.sha256, found.language)


def public_names_taken_back(session: Session, appeal_id: int) -> int:
    """Return how many whose names stand in the public PDF no longer show them publicly; nothing is opened.

    Only those are looked at that were changed since the day on which the appeal was assembled: nobody signs after it.
    """
    found = session.execute(select(Appeal.statement_id, Appeal.assembled_at).where(Appeal.id == appeal_id)).one()
    frozen, now = AppealSignature.visibility, Signature.visibility
    shown_before = or_(
        and_(frozen == Visibility.PUBLIC, now != Visibility.PUBLIC),
        and_(frozen == Visibility.PSEUDONYM, now.not_in([Visibility.PSEUDONYM, Visibility.PUBLIC])),
        and_(frozen.in_([Visibility.PUBLIC, Visibility.PSEUDONYM]), Signature.state != SignatureState.SIGNED),
    )
    query = (
        select(func.count())
        .select_from(AppealSignature)
        .join(Signature, Signature.id == AppealSignature.signature_id)
        .where(
            AppealSignature.appeal_id == appeal_id, shown_before,
            Signature.statement_id == found.statement_id,
            Signature.changed_at >= clock.start_of_day(found.assembled_at),
        )
    )  # fmt: skip
    return session.scalar(query) or 0


def sha256_of(content: bytes) -> str:
    """Return the SHA-256 of bytes, as `sha256sum` prints it."""
    return hashlib.sha256(content).hexdigest()


def document_place(public_id: str) -> Place:
    """Return where an addressee's PDF is sealed."""
    return Place("appeal_documents", "content_sealed", public_id)


def cover_place(public_id: str) -> Place:
    """Return where a letter's address, subject and text are sealed."""
    return Place("appeal_letters", "cover_sealed", public_id)


def message_place(public_id: str) -> Place:
    """Return where a letter's bytes are sealed."""
    return Place("appeal_letters", "message_sealed", public_id)


def note_place(public_id: str) -> Place:
    """Return where an approver's note is sealed."""
    return Place("approvals", "note_sealed", public_id)


def _letters(session: Session, wanted: ColumnElement[bool], purpose: str) -> list[LetterRow]:
    rows = session.execute(
        select(
            AppealLetter.id, AppealLetter.public_id, AppealLetter.appeal_id, AppealLetter.recipient_id,
            Recipient.public_id.label("recipient"), name_in_appeal().label("institution"), AppealLetter.language,
            AppealLetter.written_by, AppealLetter.message_id, AppealLetter.message_sha256, AppealLetter.cover_sealed,
            AppealLetter.recipient_version_id, AppealLetter.former_version_id,
        )
        .join(Appeal, Appeal.id == AppealLetter.appeal_id)
        .join(Recipient, Recipient.id == AppealLetter.recipient_id)
        .join(Institution, Institution.id == Recipient.institution_id)
        .outerjoin(Addressee, is_addressee(Appeal.version_id))
        .where(wanted)
        .order_by(AppealLetter.id)
    ).all()  # fmt: skip
    covers = open_many(session, [(cover_place(row.public_id), row.cover_sealed) for row in rows], purpose)
    return [
        LetterRow(
            row.id, row.public_id, row.appeal_id, row.recipient_id, row.recipient, row.institution, row.language,
            row.written_by, row.message_id, row.message_sha256, cover["to"], cover["to_name"], cover["subject"],
            cover["salutation"], cover["text"], cover["is_reworded"], row.recipient_version_id, row.former_version_id,
        )
        for row, cover in zip(rows, covers, strict=True)
    ]  # fmt: skip
