"""What signatories do: sign, decline, ask for a change; change how they appear; withdraw.

Locks are taken in one order: statement, answer, signature. Nothing here touches the invitation's row.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.audit.actions import SIGNATORY, record
from app.base import clock
from app.base.addresses import canonical
from app.base.identifiers import new_public_id
from app.base.sealing import seal
from app.base.throttles import allow
from app.directory.models import Signatory
from app.directory.states import SignatoryKind
from app.invitations.actions import hold_answer, record_answer
from app.invitations.models import Invitation
from app.invitations.queries import answer_subject
from app.invitations.states import Answer, InvitationCancelled, InvitationStage, LinkSuperseded, NoSuchInvitation, Reply
from app.mail.actions import Outgoing, enqueue
from app.signatures import emails
from app.signatures.models import Signature
from app.signatures.queries import identity_sealed_place, opened_identity, signer_key
from app.signatures.states import (
    PROMINENT,
    UNPINNED,
    AlreadySigned,
    AskedTooOften,
    Consent,
    NoSuchSignature,
    NotStanding,
    SetAside,
    SignatureState,
    TextChanged,
)
from app.statements.models import Statement, VersionText
from app.statements.queries import hold_open, is_open
from app.statements.states import StatementClosed
from app.visibility.states import Visibility, is_tighter

NONCE_BYTES = 32
IDENTITY_BYTES = 1024
OWN_LINKS_A_DAY = 3
OWN_LINKS_AN_HOUR = 500
SHOWN_TO_PUBLIC = frozenset({Visibility.PUBLIC, Visibility.PSEUDONYM})


@dataclass(frozen=True)
class Ticket:
    """What a genuine invitation link leads to; read before the write lock is taken."""

    invitation: str
    statement_id: int
    link_generation: int


@dataclass(frozen=True)
class Outcome:
    """What became of signing: the signature, whether this call made it, and which answer it took the place of."""

    signature: str
    is_new: bool
    replaced: Answer = Answer.NONE


@dataclass(frozen=True)
class _Signer:
    public_id: str
    kind: SignatoryKind
    is_prominent: bool = False


@dataclass(frozen=True)
class _Admitted:
    """A decision that was let in: what is held for it, and since when. That moment is the decision's time."""

    statement: Statement
    signer: _Signer
    held: Reply
    at: datetime


def sign(session: Session, ticket: Ticket, consent: Consent) -> Outcome:
    """Sign, for the first time or again after withdrawing, and queue the receipt.

    Signing what is signed changes nothing: the first decision stands until its owner changes it. Raises
    StatementClosed, InvitationCancelled, LinkSuperseded, TextChanged and SetAside.
    """
    admitted = _admitted(session, ticket, consent)
    key = signer_key(session, admitted.statement.public_id, admitted.signer.public_id)
    known = session.execute(
        select(Signature.id, Signature.public_id, Signature.state).where(Signature.signer_key == key)
    ).one_or_none()
    if known is not None and known.state is SignatureState.INVALIDATED:
        raise SetAside
    if known is not None and known.state is SignatureState.SIGNED:
        return Outcome(known.public_id, is_new=False)
    public_id = known.public_id if known is not None else new_public_id()
    values = _decision(session, admitted, ticket, consent, public_id)
    if known is None:
        row = {
            "public_id": public_id, "statement_id": ticket.statement_id, "signer_key": key, "manage_generation": 1,
            **values,
        }  # fmt: skip
        session.execute(insert(Signature.__table__), row)  # type: ignore[arg-type]
    else:
        session.execute(update(Signature).where(Signature.id == known.id).values(**values))
    record_answer(session, ticket.invitation, replace(admitted.held, answer=Answer.SIGNED, at=admitted.at))
    record(session, SIGNATORY, "signature.signed", public_id, visibility=consent.visibility)
    receipt = {"signature": public_id, "invitation": ticket.invitation}
    enqueue(session, Outgoing(emails.RECEIPT, public_id, admitted.at.isoformat(), receipt))
    return Outcome(public_id, is_new=True, replaced=admitted.held.answer)


def decline(session: Session, ticket: Ticket, text_sha256: str, language: str, reason: str) -> Answer:
    """Write down a decline and return which answer it took the place of; saying so again replaces the reason.

    Raises as `sign` does, and AlreadySigned.
    """
    return _answer(session, ticket, Consent(text_sha256, language, Visibility.COUNTED, ""), Answer.DECLINED, reason)


def ask_for_change(session: Session, ticket: Ticket, text_sha256: str, language: str, wish: str) -> Answer:
    """Write down which change is asked for; returns and raises as `decline` does."""
    return _answer(session, ticket, Consent(text_sha256, language, Visibility.COUNTED, ""), Answer.CHANGE_ASKED, wish)


def change_visibility(session: Session, public_id: str, visibility: Visibility, pseudonym: str = "") -> bool:
    """Show more or less of a signature, as its owner wishes; tell whether anything changed."""
    row = _standing(session, public_id)
    fields = opened_identity(session, row)
    if row.visibility is visibility and (visibility is not Visibility.PSEUDONYM or fields["pseudonym"] == pseudonym):
        return False
    tightened = is_tighter(visibility, row.visibility)
    fields["pseudonym"] = pseudonym if visibility is Visibility.PSEUDONYM else ""
    values: dict[str, Any] = {"visibility": visibility, "kind": _kind_in_clear(visibility, fields["kind"])}
    if visibility is not Visibility.PUBLIC:
        values["position"] = UNPINNED
    _save(session, row, fields, **values)
    record(session, SIGNATORY, "signature.visibility_changed", public_id, visibility=visibility, tightened=tightened)
    return True


def change_public_line(session: Session, public_id: str, name: str, public_line: str, country: str) -> bool:
    """Correct the spelling of a name and what stands beside it; tell whether anything changed."""
    row = _standing(session, public_id)
    fields = opened_identity(session, row)
    wanted = {**fields, "name": name, "public_line": public_line, "country": country}
    if wanted == fields:
        return False
    _save(session, row, wanted)
    record(session, SIGNATORY, "signature.line_changed", public_id)
    return True


def choose_news(session: Session, public_id: str, wants_news: bool) -> bool:
    """Begin or stop sending news to a signatory; tell whether anything changed."""
    row = _standing(session, public_id)
    fields = opened_identity(session, row)
    if bool(fields["wants_news"]) is wants_news:
        return False
    _save(session, row, {**fields, "wants_news": wants_news})
    record(session, SIGNATORY, "signature.news_chosen", public_id, wants_news=wants_news)
    return True


def withdraw(session: Session, public_id: str) -> bool:
    """Take a signature back and confirm it by mail; tell whether it stood until now."""
    invitation = _invitation_behind(session, public_id)
    held = hold_answer(session, invitation)
    row = _locked(session, public_id)
    if row.state is not SignatureState.SIGNED:
        return False
    now = clock.now()
    _save(session, row, None, state=SignatureState.WITHDRAWN, withdrawn_at=now, position=UNPINNED)
    record_answer(session, invitation, replace(held, answer=Answer.WITHDRAWN, at=now))
    record(session, SIGNATORY, "signature.withdrawn", public_id)
    references = {"signature": public_id, "invitation": invitation}
    enqueue(session, Outgoing(emails.WITHDRAWAL, public_id, now.isoformat(), references))
    return True


def send_own_link(session: Session, statement: Statement, email: str) -> None:
    """Queue a mail with the lost link, whoever the address belongs to; strangers' mails are dropped when rendered.

    The same work is done for every address, so that neither the answer nor its time tells who was asked. An address is
    mailed at most 3 times a day. Raises AskedTooOften where the statement is asked for links in masses.
    """
    if not allow(session, "own links", statement.public_id, OWN_LINKS_AN_HOUR, 3600):
        raise AskedTooOften
    if not allow(session, "own link", f"{statement.public_id} {canonical(email)}", OWN_LINKS_A_DAY, 24 * 3600):
        return
    references = {"statement": str(statement.id), "email": email}
    enqueue(session, Outgoing(emails.OWN_LINK, canonical(email), new_public_id(), references))


def _admitted(session: Session, ticket: Ticket, consent: Consent) -> _Admitted:
    """Let one decision in: the statement stays open and the answer ours until the transaction ends."""
    statement = hold_open(session, ticket.statement_id)
    held = hold_answer(session, ticket.invitation)
    # Whoever had to wait for the answer may have waited past the deadline.
    at = clock.now()
    if not is_open(statement, at):
        raise StatementClosed
    row = session.execute(
        select(
            Invitation.stage,
            Invitation.link_generation,
            Signatory.public_id,
            Signatory.kind,
            Signatory.is_prominent,
            VersionText.sha256,
        )
        .join(Signatory, Signatory.id == Invitation.signatory_id)
        .outerjoin(
            VersionText,
            (VersionText.version_id == statement.current_version_id) & (VersionText.language == consent.language),
        )
        .where(Invitation.public_id == ticket.invitation, Invitation.statement_id == statement.id)
    ).one_or_none()
    if row is None:
        raise NoSuchInvitation
    if row.stage is not InvitationStage.ASKED:
        raise InvitationCancelled
    if row.link_generation != ticket.link_generation:
        raise LinkSuperseded
    if row.sha256 is None or row.sha256 != consent.text_sha256:
        raise TextChanged
    return _Admitted(statement, _Signer(row.public_id, row.kind, row.is_prominent), held, at)


def _answer(session: Session, ticket: Ticket, seen: Consent, answer: Answer, words: str) -> Answer:
    admitted = _admitted(session, ticket, seen)
    if admitted.held.answer is Answer.SIGNED:
        raise AlreadySigned
    record_answer(session, ticket.invitation, replace(admitted.held, answer=answer, at=admitted.at), words)
    record(session, SIGNATORY, "invitation.answered", answer_subject(ticket.invitation), answer=answer)
    return admitted.held.answer


def _decision(
    session: Session, admitted: _Admitted, ticket: Ticket, consent: Consent, public_id: str
) -> dict[str, Any]:
    signer = admitted.signer
    fields = {
        "signatory": signer.public_id, "invitation": ticket.invitation, "kind": signer.kind, "name": consent.name,
        "pseudonym": consent.pseudonym if consent.visibility is Visibility.PSEUDONYM else "",
        "public_line": consent.public_line, "country": consent.country, "representative": consent.representative,
        "wants_news": consent.wants_news,
    }  # fmt: skip
    return {
        "version_id": admitted.statement.current_version_id, "language": consent.language,
        "text_sha256": consent.text_sha256,
        "kind": _kind_in_clear(consent.visibility, signer.kind), "state": SignatureState.SIGNED,
        "visibility": consent.visibility, "nonce": secrets.token_bytes(NONCE_BYTES),
        "position": PROMINENT if signer.is_prominent and consent.visibility is Visibility.PUBLIC else UNPINNED,
        "identity_sealed": seal(session, identity_sealed_place(public_id), fields, IDENTITY_BYTES),
        "signed_at": admitted.at, "changed_at": admitted.at, "withdrawn_at": None,
    }  # fmt: skip


def _kind_in_clear(visibility: Visibility, kind: str) -> SignatoryKind | None:
    return SignatoryKind(kind) if visibility in SHOWN_TO_PUBLIC else None


def _invitation_behind(session: Session, public_id: str) -> str:
    row = session.scalar(select(Signature).where(Signature.public_id == public_id))
    if row is None:
        raise NoSuchSignature
    return str(opened_identity(session, row)["invitation"])


def _locked(session: Session, public_id: str) -> Signature:
    row = session.scalar(
        select(Signature)
        .where(Signature.public_id == public_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NoSuchSignature
    return row


def _standing(session: Session, public_id: str) -> Signature:
    row = _locked(session, public_id)
    if row.state is not SignatureState.SIGNED:
        raise NotStanding
    return row


def _save(session: Session, row: Signature, fields: dict[str, Any] | None, **values: Any) -> None:
    if fields is not None:
        values["identity_sealed"] = seal(session, identity_sealed_place(row.public_id), fields, IDENTITY_BYTES)
    session.execute(update(Signature).where(Signature.id == row.id).values(changed_at=clock.now(), **values))
