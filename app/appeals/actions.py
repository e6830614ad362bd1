"""Take an appeal through its life: assemble, rewrite letters, approve, release (law 6: nobody sends alone)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.appeals.dossier import Dossier, PreparedLetter, attachments_for, envelope_of
from app.appeals.emails import Cover, compose_letter
from app.appeals.frozen import changed_signatories, hold_signatures
from app.appeals.manifest import is_unchanged, manifest_now, recipients_now
from app.appeals.models import (
    Appeal,
    AppealDocument,
    AppealLetter,
    AppealSignature,
    AppealState,
    Approval,
    DocumentAudience,
)
from app.appeals.printing import PreparedDocument
from app.appeals.queries import (
    ApprovalRow,
    LetterRow,
    content_of,
    cover_place,
    document_place,
    documents_of,
    letter,
    letters_of,
    message_place,
    note_place,
    released_appeal,
    role_in,
    sha256_of,
)
from app.appeals.seconds import hurdle, is_alone, standing_approvals, told_in_audit, vouching_for
from app.appeals.stand_ins import sealed_stand_ins
from app.appeals.states import (
    AlreadyReleased,
    DossierChanged,
    LetterChangedMeanwhile,
    MovedMeanwhile,
    NoSuchAppeal,
    NotApproved,
    NotClosed,
    SeenAnother,
    SignatoriesChanged,
    Superseded,
)
from app.audit.actions import record
from app.base import clock
from app.base.identifiers import new_public_id
from app.base.moments import Moment
from app.base.ports import ports_of
from app.base.rows import has_changed, insert_into, portions
from app.base.sealing import seal, seal_bytes
from app.campaigns.states import Capability, Role, RoleTooNarrow, may
from app.institutions.decisions import hold_decisions
from app.mail.signing import signed
from app.signatures.queries import standing
from app.statements import queries as statements
from app.statements.models import Statement
from app.statements.states import StatementState

COVER_BYTES = 4096
NOTE_BYTES = 2048
_WAITING = (AppealState.ASSEMBLED, AppealState.APPROVED)


def assemble(session: Session, actor: str, statement: Statement, dossier: Dossier) -> Appeal:
    """Freeze a prepared dossier; an earlier one that has not left is superseded, its approvals with it.

    Raises RoleTooNarrow, NotClosed, AlreadyReleased, and MovedMeanwhile if a signature, the version or what the
    campaign accepts of a recipient changed since it was prepared, or the day that it is dated with is over.
    """
    wanted = select(Statement).where(Statement.id == statement.id).with_for_update()
    held = session.scalars(wanted.execution_options(populate_existing=True)).one()
    check_role(session, statement.id, actor, Capability.ASSEMBLE)
    if released_appeal(session, statement.id) is not None:
        raise AlreadyReleased
    if held.state is not StatementState.CLOSED:
        raise NotClosed
    if held.current_version_id != dossier.version_id or standing(session, statement.id) != {
        number: visibility for number, (visibility, _mark) in dossier.signatures.items()
    }:
        raise MovedMeanwhile
    hold_decisions(session, held.campaign_id)
    if recipients_now(session, dossier.version_id) != [(one.institution, one.recipient) for one in dossier.letters]:
        raise MovedMeanwhile
    # Preparing took a while, and a colleague's assembly may have come first: the number and the time are told here.
    assembled_at = clock.now()
    if Moment(assembled_at, held.zone).on != Moment(dossier.prepared_at, held.zone).on:
        raise MovedMeanwhile
    session.execute(
        update(Appeal)
        .where(Appeal.statement_id == statement.id, Appeal.state.in_(_WAITING))
        .values(state=AppealState.SUPERSEDED)
    )
    appeal = _insert(session, actor, statement, dossier, assembled_at)
    _record(session, actor, "appeal.assembled", appeal, manifest=appeal.manifest_sha256, number=appeal.number)
    return appeal


def rewrite_letter(
    session: Session,
    actor: str,
    appeal_id: str,
    letter_id: str,
    cover: Cover,
    seen_sha256: str,
    *,
    whole_language: bool = False,
) -> None:
    """Freeze a letter anew with another subject and text, or all letters in its language; approvals are void then.

    Writing what stands there already changes nothing. Raises LetterChangedMeanwhile, AlreadyReleased, Superseded,
    DossierChanged, UnsafeHeader.
    """
    appeal = _held(session, appeal_id)
    check_role(session, appeal.statement_id, actor, Capability.ASSEMBLE)
    _check_waiting(appeal)
    wanted = letter(session, appeal.id, letter_id, "rewrite a letter")
    if wanted.sha256 != seen_sha256:
        raise LetterChangedMeanwhile
    rows = [wanted]
    if whole_language:
        every = letters_of(session, appeal.id, "rewrite letters")
        rows = [row for row in every if row.language == wanted.language]
    rows = [row for row in rows if (row.subject, row.text) != (cover.subject, cover.text)]
    if not rows:
        return
    # Otherwise a stored byte that somebody altered would be taken over as if it had been frozen.
    if not is_unchanged(session, appeal):
        raise DossierChanged
    statement = statements.statement_by_id(session, appeal.statement_id)
    documents = _stored_documents(session, appeal)
    for row in rows:
        _freeze_again(session, actor, statement, row, cover, documents)
    session.flush()
    _store_manifest(session, appeal)
    appeal.state = AppealState.ASSEMBLED
    session.flush()
    _record(session, actor, "appeal.letters rewritten", appeal, manifest=appeal.manifest_sha256, letters=len(rows))


def approve(session: Session, actor: str, appeal_id: str, seen_sha256: str, note: str = "") -> None:
    """Approve exactly the bytes whose manifest was seen; approving twice changes nothing.

    Raises RoleTooNarrow, OwnWork, NotYetKnown, TooNew, OneBehindBoth, SeenAnother, DossierChanged, SignatoriesChanged,
    AlreadyReleased, Superseded.
    """
    appeal = _held(session, appeal_id)
    check_role(session, appeal.statement_id, actor, Capability.APPROVE)
    _check_waiting(appeal)
    vouching = vouching_for(session, appeal)
    in_the_way = hurdle(session, appeal, actor, vouching)
    if in_the_way is not None and not ports_of(session).one_person:
        raise in_the_way
    _check_fresh(session, appeal, seen_sha256)
    public_id, standing_of_mine = new_public_id(), told_in_audit(vouching.approvers.get(actor))
    values = {
        "public_id": public_id, "appeal_id": appeal.id, "organiser_public_id": actor,
        "manifest_sha256": appeal.manifest_sha256, "approved_at": clock.now(),
        "note_sealed": seal(session, note_place(public_id), {"note": note, **standing_of_mine}, NOTE_BYTES),
    }  # fmt: skip
    once = ["appeal_id", "organiser_public_id", "manifest_sha256"]
    added = session.execute(insert_into(session, Approval).values(**values).on_conflict_do_nothing(index_elements=once))
    appeal.state = AppealState.APPROVED
    session.flush()
    if has_changed(added):
        one_person = "yes" if in_the_way is not None else None
        _record(session, actor, "appeal.approved", appeal, manifest=appeal.manifest_sha256,
                one_person_organisation=one_person, **standing_of_mine)  # fmt: skip


def release(session: Session, actor: str, appeal_id: str, seen_sha256: str) -> Appeal:
    """Release an approved appeal for handing over; one whose very bytes were released stays so, quietly.

    Raises RoleTooNarrow, SeenAnother, DossierChanged, SignatoriesChanged, NotApproved, Superseded, and AlreadyReleased
    to somebody who saw other bytes. Whatever two
    callers do at once, one statement is released once: the row is held, the change conditional, the state unique.
    """
    appeal = _held(session, appeal_id)
    check_role(session, appeal.statement_id, actor, Capability.ASSEMBLE)
    if appeal.state is AppealState.RELEASED and appeal.manifest_sha256 == seen_sha256:
        return appeal
    _check_waiting(appeal)
    hold_signatures(session, appeal)
    _check_fresh(session, appeal, seen_sha256)
    approvals = standing_approvals(session, appeal)
    if not approvals:
        raise NotApproved
    changed = session.execute(
        update(Appeal)
        .where(Appeal.id == appeal.id, Appeal.state == AppealState.APPROVED, Appeal.manifest_sha256 == seen_sha256)
        .values(state=AppealState.RELEASED, released_by=actor, released_at=clock.now())
    )
    if not has_changed(changed):
        raise SeenAnother
    session.refresh(appeal)
    _record(
        session, actor, "appeal.released", appeal, manifest=appeal.manifest_sha256, assembled_by=appeal.assembled_by,
        approved_by=" ".join(row.organiser for row in approvals),
        approvers_since=" ".join(_since(row) for row in approvals),
        one_person_organisation="yes" if is_alone(session, appeal, [row.organiser for row in approvals]) else None,
    )  # fmt: skip
    return appeal


def _since(approval: ApprovalRow) -> str:
    """Say for the audit since when an approver was a member, who let them in and who confirmed them."""
    then = approval.vouched
    if then is None:
        return f"{approval.organiser}:unrecorded"
    since = then.member_since.isoformat(timespec="seconds")
    back = f",let_back_by={then.let_back_by}" if then.let_back_by else ""
    return f"{approval.organiser}:since={since},let_in_by={then.let_in_by},confirmed_by={then.confirmed_by}{back}"


def _held(session: Session, public_id: str) -> Appeal:
    """Hold an appeal until this transaction ends: statement first, as assembling does."""
    number = session.scalar(select(Appeal.statement_id).where(Appeal.public_id == public_id))
    if number is None:
        raise NoSuchAppeal
    session.execute(select(Statement.id).where(Statement.id == number).with_for_update())
    return session.scalars(
        select(Appeal).where(Appeal.public_id == public_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def check_role(session: Session, statement_id: int, actor: str, capability: Capability) -> None:
    """Raise RoleTooNarrow unless an organiser's role reaches so far now."""
    role = role_in(session, statement_id, actor)
    if role is None or not may(role, capability):
        raise RoleTooNarrow(role or Role.VIEWER)


def _check_waiting(appeal: Appeal) -> None:
    if appeal.state is AppealState.RELEASED:
        raise AlreadyReleased
    if appeal.state is AppealState.SUPERSEDED:
        raise Superseded


def _check_fresh(session: Session, appeal: Appeal, seen_sha256: str) -> None:
    if appeal.manifest_sha256 != seen_sha256:
        raise SeenAnother
    number = changed_signatories(session, appeal)
    if number:
        raise SignatoriesChanged(number)
    if not is_unchanged(session, appeal):
        raise DossierChanged


def _insert(session: Session, actor: str, statement: Statement, dossier: Dossier, assembled_at: datetime) -> Appeal:
    latest = session.scalar(select(func.max(Appeal.number)).where(Appeal.statement_id == statement.id))
    appeal = Appeal(
        statement_id=statement.id, version_id=dossier.version_id, number=(latest or 0) + 1,
        state=AppealState.ASSEMBLED, assembled_by=actor, assembled_at=assembled_at, manifest=b"",
        manifest_sha256="",
    )  # fmt: skip
    session.add(appeal)
    session.flush()
    appeal.stand_ins_sealed = sealed_stand_ins(session, appeal.public_id, (one.stand_ins for one in dossier.documents))
    session.add_all([_document_row(session, appeal, one) for one in dossier.documents])
    session.flush()
    session.add_all([_letter_row(session, actor, appeal, one) for one in dossier.letters])
    # By row ids, which are drawn: in the order of the names, the rows would tell where in the alphabet somebody hides.
    for part in portions(sorted(dossier.signatures.items())):
        rows = [{"signature_id": number, "visibility": seen, "shown_mark": mark} for number, (seen, mark) in part]
        session.execute(insert(AppealSignature).values(appeal_id=appeal.id), rows)
    session.flush()
    _store_manifest(session, appeal)
    session.flush()
    return appeal


def _document_row(session: Session, appeal: Appeal, one: PreparedDocument) -> AppealDocument:
    row = AppealDocument(
        appeal_id=appeal.id, language=one.language, audience=one.audience, title=one.title, filename=one.filename,
        is_annex=one.is_annex, size=len(one.content), sha256=sha256_of(one.content), content=None, content_sealed=None,
    )  # fmt: skip
    if one.audience is DocumentAudience.PUBLIC:
        row.content = one.content
    else:
        row.content_sealed = seal_bytes(session, document_place(row.public_id), one.content)
    return row


def _letter_row(session: Session, actor: str, appeal: Appeal, one: PreparedLetter) -> AppealLetter:
    cover = {
        "to": one.to_address, "to_name": one.to_name, "subject": one.cover.subject, "salutation": one.salutation,
        "text": one.cover.text, "is_reworded": one.is_reworded,
    }  # fmt: skip
    return AppealLetter(
        public_id=one.public_id, appeal_id=appeal.id, recipient_id=one.recipient.contact.recipient_id,
        recipient_version_id=one.recipient.id, former_version_id=one.former_version_id, language=one.language,
        written_by=actor, message_id=one.message_id, message_sha256=sha256_of(one.message),
        cover_sealed=seal(session, cover_place(one.public_id), cover, COVER_BYTES),
        message_sealed=seal_bytes(session, message_place(one.public_id), one.message),
    )  # fmt: skip


def _stored_documents(session: Session, appeal: Appeal) -> list[PreparedDocument]:
    return [
        PreparedDocument(
            row.language, row.audience, row.title, row.filename, row.is_annex,
            content_of(session, row, "rewrite a letter"),
        )
        for row in documents_of(session, appeal.id)
    ]  # fmt: skip


def _freeze_again(
    session: Session, actor: str, statement: Statement, row: LetterRow, cover: Cover, documents: list[PreparedDocument]
) -> None:
    envelope = envelope_of(session, statement, row.public_id, row.to_name, row.to_address, row.message_id)
    attachments = attachments_for(documents, row.language)
    message = signed(session, compose_letter(envelope, row.language, row.salutation, cover, attachments))
    fields = {
        "to": row.to_address, "to_name": row.to_name, "subject": cover.subject, "salutation": row.salutation,
        "text": cover.text, "is_reworded": True,
    }  # fmt: skip
    session.execute(
        update(AppealLetter)
        .where(AppealLetter.id == row.id)
        .values(
            written_by=actor,
            cover_sealed=seal(session, cover_place(row.public_id), fields, COVER_BYTES),
            message_sealed=seal_bytes(session, message_place(row.public_id), message),
            message_sha256=sha256_of(message),
        )
    )


def _store_manifest(session: Session, appeal: Appeal) -> None:
    appeal.manifest = manifest_now(session, appeal)
    appeal.manifest_sha256 = sha256_of(appeal.manifest)


def _record(session: Session, actor: str, action: str, appeal: Appeal, **detail: str | int | None) -> None:
    statement = statements.statement_by_id(session, appeal.statement_id)
    campaign = statements.campaign_public_id(session, statement)
    record(session, actor, action, appeal.public_id, campaign, statement=statement.public_id, **detail)
