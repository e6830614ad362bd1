"""Let one decision in: what it is about is held, and then read in one row, as it stands at that moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.base import clock
from app.base.sealing import open_many
from app.directory.models import Signatory
from app.directory.queries import identity_place
from app.directory.states import SignatoryKind
from app.invitations.answering import lock_answer
from app.invitations.answers import answer_place, reply_from
from app.invitations.models import AnswerRecord, Invitation
from app.invitations.states import (
    InvitationAnswer,
    InvitationCancelled,
    InvitationStage,
    LinkSuperseded,
    NoSuchInvitation,
)
from app.signatures.orders import ListOrder
from app.signatures.states import Consent, SignedTextChanged
from app.statements.models import Statement, VersionText
from app.statements.queries import lock_against_closing
from app.statements.states import StatementClosed, can_be_signed


@dataclass(frozen=True)
class Ticket:
    """What a genuine invitation link leads to; read before the write lock is taken."""

    invitation: str
    statement_id: int
    link_generation: int


@dataclass(frozen=True)
class AdmittedPerson:
    """Who decides, as the directory knows them."""

    public_id: str
    kind: SignatoryKind
    is_prominent: bool
    name: str


@dataclass(frozen=True)
class AdmittedDecision:
    """A decision that was let in: what is held for it, and since when. That moment is the decision's time."""

    statement_id: int
    statement: str
    version_id: int
    order: ListOrder
    signer: AdmittedPerson
    held: InvitationAnswer
    at: datetime


def admit(session: Session, ticket: Ticket, consent: Consent) -> AdmittedDecision:
    """Let one decision in: the statement stays open and the answer ours until the transaction ends.

    Raises StatementClosed, NoSuchInvitation, InvitationCancelled, LinkSuperseded and SignedTextChanged.
    """
    lock_against_closing(session, ticket.statement_id)
    key = lock_answer(session, ticket.invitation)
    # A person who had to wait may have waited past the deadline.
    at = clock.now()
    row = session.execute(
        _DECIDED, {
            "statement_id": ticket.statement_id, "invitation": ticket.invitation, "answer_key": key,
            "language": consent.language,
        },
    ).one_or_none()  # fmt: skip
    if row is None:
        raise NoSuchInvitation
    if not can_be_signed(row.state, row.deadline_at, at):
        raise StatementClosed
    if row.stage is not InvitationStage.ASKED:
        raise InvitationCancelled
    if row.link_generation != ticket.link_generation:
        raise LinkSuperseded
    if row.sha256 is None or row.sha256 != consent.text_sha256:
        raise SignedTextChanged
    sealed = [(identity_place(row.signatory), row.identity_sealed), (answer_place(key), row.answer_sealed)]
    identity, answer = open_many(session, sealed, "decide")
    return AdmittedDecision(
        ticket.statement_id, row.statement, row.version_id, ListOrder(row.name_order, row.language),
        AdmittedPerson(row.signatory, row.kind, row.is_prominent, str(identity["name"])), reply_from(answer), at,
    )  # fmt: skip


def _decided() -> Any:
    # Of tables and not of classes: it is the same for each decision, and is put together once.
    asked, signatory, answer = Invitation.__table__.c, Signatory.__table__.c, AnswerRecord.__table__.c
    statement, text = Statement.__table__.c, VersionText.__table__.c
    is_seen = (text.version_id == statement.current_version_id) & (text.language == bindparam("language"))
    return (
        select(
            asked.stage, asked.link_generation, signatory.public_id.label("signatory"), signatory.kind,
            signatory.is_prominent, signatory.identity_sealed, answer.answer_sealed,
            statement.public_id.label("statement"), statement.state, statement.deadline_at, statement.name_order,
            statement.language, statement.current_version_id.label("version_id"), text.sha256,
        )
        .join_from(Invitation.__table__, Signatory.__table__, signatory.id == asked.signatory_id)
        .join(Statement.__table__, statement.id == asked.statement_id)
        .join(AnswerRecord.__table__, answer.answer_key == bindparam("answer_key"))
        .outerjoin(VersionText.__table__, is_seen)
        .where(asked.public_id == bindparam("invitation"), asked.statement_id == bindparam("statement_id"))
    )  # fmt: skip


_DECIDED = _decided()
