"""What signatories do: sign, decline, ask for a change, choose news, withdraw. How they appear is changed in `wishes`.

Locks are taken in one order: statement, answer, signature. Nothing here touches the invitation's row.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from app.audit.actions import SIGNATORY, record
from app.base import clock
from app.base.addresses import canonical
from app.base.identifiers import draw_row_id, new_public_id
from app.base.throttles import allow
from app.invitations.answering import hold_answer, record_answer
from app.invitations.queries import answer_subject
from app.invitations.states import Answer
from app.mail.actions import Outgoing, enqueue
from app.signatures import emails
from app.signatures.admitting import AdmittedDecision, AdmittedPerson, Ticket, admit
from app.signatures.keeping import (
    SignatureMove,
    SignatureTimes,
    key_in_public,
    kind_in_clear,
    lapse,
    locked,
    locked_standing,
    note_change,
    save,
    sealed_identity,
)
from app.signatures.models import Signature
from app.signatures.orders import BY_DAY
from app.signatures.queries import opened_identity, row_of_signer, signature, signer_key
from app.signatures.states import (
    PROMINENT,
    UNPINNED,
    AlreadySigned,
    ChangeState,
    Consent,
    LinkAskedTooOften,
    NoSuchSignature,
    SignatureState,
)
from app.signatures.wishes import held_back
from app.statements.models import Statement
from app.visibility.states import Visibility

__all__ = ["Ticket"]

NONCE_BYTES = 32
OWN_LINKS_A_DAY = 3
OWN_LINKS_AN_HOUR = 500
_SIGNATURES: Any = Signature.__table__
_SIGNED = insert(_SIGNATURES)


@dataclass(frozen=True)
class SigningResult:
    """What became of signing: the signature, whether this call made it, and which answer it took the place of."""

    signature: str
    is_new: bool
    replaced: Answer = Answer.NONE


def sign(session: Session, ticket: Ticket, consent: Consent) -> SigningResult:
    """Sign, for the first time or again after withdrawing; the receipt is queued later, as `telling` finds it.

    Signing what is signed changes nothing: the first decision stands until its owner changes it. Raises
    StatementClosed, InvitationCancelled, LinkSuperseded and SignedTextChanged.
    """
    admitted = admit(session, ticket, consent)
    key = signer_key(session, admitted.statement, admitted.signer.public_id)
    known = row_of_signer(session, key) if admitted.held.answer is not Answer.NONE else None
    if known is not None and known.state is SignatureState.SIGNED:
        return SigningResult(known.public_id, is_new=False)
    fields = _identity(admitted.signer, ticket, consent)
    earlier = opened_identity(session, known) if known is not None else None
    waits = _wait(admitted.signer, consent, known, earlier)
    if earlier is not None:
        fields["accepted_name"] = earlier.get("accepted_name", "")
    public_id = known.public_id if known is not None else new_public_id()
    at_once = replace(consent, visibility=Visibility.COUNTED) if waits else consent
    values = _decision(session, admitted, at_once, fields, public_id)
    signature_id = _write(session, known, key, values)
    record_answer(session, ticket.invitation, replace(admitted.held, answer=Answer.SIGNED, at=admitted.at))
    record(session, SIGNATORY, "signature.signed", public_id, visibility=consent.visibility)
    if waits:
        note_change(session, signature_id, waits, _step(consent))
    return SigningResult(public_id, is_new=True, replaced=admitted.held.answer)


def decline(session: Session, ticket: Ticket, text_sha256: str, language: str, reason: str) -> Answer:
    """Write down a decline and return which answer it took the place of; saying so again replaces the reason.

    Raises as `sign` does, and AlreadySigned.
    """
    return _answer(session, ticket, Consent(text_sha256, language, Visibility.COUNTED, ""), Answer.DECLINED, reason)


def ask_for_change(session: Session, ticket: Ticket, text_sha256: str, language: str, wish: str) -> Answer:
    """Write down which change is asked for; returns and raises as `decline` does."""
    return _answer(session, ticket, Consent(text_sha256, language, Visibility.COUNTED, ""), Answer.CHANGE_ASKED, wish)


def choose_news(session: Session, public_id: str, wants_news: bool) -> bool:
    """Begin or stop sending news to a signatory; tell whether anything changed."""
    row = locked_standing(session, public_id)
    fields = opened_identity(session, row)
    if bool(fields["wants_news"]) is wants_news:
        return False
    save(session, row, {**fields, "wants_news": wants_news})
    record(session, SIGNATORY, "signature.news_chosen", public_id, wants_news=wants_news)
    return True


def withdraw(session: Session, public_id: str) -> bool:
    """Take a signature back, of which a mail tells later; tell whether it stood until now."""
    invitation = _invitation_behind(session, public_id)
    held = hold_answer(session, invitation)
    row = locked(session, public_id)
    if row.state is not SignatureState.SIGNED:
        return False
    now = clock.now()
    lapse(session, row.id)
    save(session, row, None, state=SignatureState.WITHDRAWN, withdrawn_at=now, position=UNPINNED, collation_key=BY_DAY)
    record_answer(session, invitation, replace(held, answer=Answer.WITHDRAWN, at=now))
    record(session, SIGNATORY, "signature.withdrawn", public_id)
    return True


def send_own_link(session: Session, statement: Statement, email: str) -> None:
    """Queue a mail with the lost link for any address; strangers' mails are dropped when rendered.

    The same work is done for every address, so that neither the answer nor its time tells who was asked. An address is
    mailed at most 3 times a day. Raises AskedTooOften where the statement is asked for links in masses.
    """
    if not allow(session, "own links", statement.public_id, OWN_LINKS_AN_HOUR, 3600):
        raise LinkAskedTooOften
    if not allow(session, "own link", f"{statement.public_id} {canonical(email)}", OWN_LINKS_A_DAY, 24 * 3600):
        return
    references = {"statement": str(statement.id), "email": email}
    enqueue(session, Outgoing(emails.OWN_LINK, canonical(email), new_public_id(), references))


def _answer(session: Session, ticket: Ticket, seen: Consent, answer: Answer, words: str) -> Answer:
    admitted = admit(session, ticket, seen)
    if admitted.held.answer is Answer.SIGNED:
        raise AlreadySigned
    record_answer(session, ticket.invitation, replace(admitted.held, answer=answer, at=admitted.at), words)
    record(session, SIGNATORY, "invitation.answered", answer_subject(ticket.invitation), answer=answer)
    return admitted.held.answer


def _identity(signer: AdmittedPerson, ticket: Ticket, consent: Consent) -> dict[str, Any]:
    return {
        "signatory": signer.public_id, "invitation": ticket.invitation, "kind": signer.kind, "name": consent.name,
        "pseudonym": consent.pseudonym if consent.visibility is Visibility.PSEUDONYM else "",
        "public_line": consent.public_line, "country": consent.country, "representative": consent.representative,
        "wants_news": consent.wants_news,
    }  # fmt: skip


def _decision(
    session: Session, admitted: AdmittedDecision, consent: Consent, fields: dict[str, Any], public_id: str
) -> dict[str, Any]:
    signer, times = admitted.signer, SignatureTimes(admitted.at, admitted.at)
    kept = {**fields, "pseudonym": fields["pseudonym"] if consent.visibility is Visibility.PSEUDONYM else ""}
    return {
        "public_id": public_id, "statement_id": admitted.statement_id, "version_id": admitted.version_id,
        "language": consent.language, "text_sha256": consent.text_sha256,
        "kind": kind_in_clear(consent.visibility, signer.kind), "state": SignatureState.SIGNED,
        "visibility": consent.visibility, "nonce": secrets.token_bytes(NONCE_BYTES),
        "position": PROMINENT if signer.is_prominent and consent.visibility is Visibility.PUBLIC else UNPINNED,
        "collation_key": key_in_public(session, admitted.order, consent.visibility, kept),
        "identity_sealed": sealed_identity(session, public_id, kept, times), **times.days,
    }  # fmt: skip


def _write(session: Session, known: Any | None, key: bytes, values: dict[str, Any]) -> int:
    """Write the signature, over the withdrawn one where there is one, and return its row id."""
    if known is not None:
        session.execute(update(_SIGNATURES).where(_SIGNATURES.c.id == known.id).values(**values))
        return int(known.id)
    signature_id = draw_row_id(clock.now())
    session.execute(_SIGNED, {"id": signature_id, "signer_key": key, "manage_generation": 1, **values})
    return signature_id


def _step(consent: Consent) -> SignatureMove:
    """Return the change that what was chosen still is, from counting only."""
    before = {"visibility": str(Visibility.COUNTED), "pseudonym": "", "name": consent.name}
    return SignatureMove(before, {**before, "visibility": str(consent.visibility), "pseudonym": consent.pseudonym})


def _wait(
    signer: AdmittedPerson, consent: Consent, known: Any | None, earlier: dict[str, Any] | None
) -> ChangeState | None:
    if known is None or earlier is None:
        return held_back(consent, [signer.name], None)
    names = [name for name in (signer.name, str(earlier.get("accepted_name") or "")) if name]
    return held_back(consent, names, (known.visibility, str(earlier["pseudonym"])))


def _invitation_behind(session: Session, public_id: str) -> str:
    signed = signature(session, public_id)
    if signed is None:
        raise NoSuchSignature
    return signed.invitation
