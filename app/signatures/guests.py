"""The person behind a link: one row tells who was asked, for which text, and what they have answered so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, bindparam, cast, func, select
from sqlalchemy.orm import Session

from app.base import clock
from app.base.links import Claim, LinkBroken, LinkPurpose, read_token
from app.base.sealing import open_many
from app.campaigns.models import Convenor
from app.directory.models import Signatory
from app.directory.queries import identity_place
from app.directory.states import Details
from app.invitations.answers import answer_key, answer_place, reply_from
from app.invitations.models import AnswerRecord, Invitation
from app.invitations.queries import Asked, InvitedPerson
from app.invitations.states import (
    Answer,
    InvitationAnswer,
    InvitationCancelled,
    InvitationStage,
    LinkSuperseded,
    NoSuchInvitation,
)
from app.signatures.queries import Signed, signature, signature_of
from app.signatures.states import ManageLinkSuperseded, NoSuchSignature, OtherLink
from app.statements.models import Statement, Version, VersionText
from app.statements.states import NameOrder, StatementKind, StatementState, can_be_signed

_OTHER = {LinkPurpose.INVITATION: LinkPurpose.MANAGE, LinkPurpose.MANAGE: LinkPurpose.INVITATION}
_BETWEEN, _INSIDE = "\x1e", "\x1f"  # no name and no hash holds them


@dataclass(frozen=True)
class TextInForce:
    """Which text a decision is about."""

    language: str
    sha256: str


@dataclass(frozen=True)
class StatementInForce:
    """All that the pages of a statement's signatories depend on and that may change; so it is what they are kept under.

    A version is frozen: its number, its texts' hashes and its id stand for texts, demands, addressees and annexes.
    `convenors` are their names with their places, as one string. Without a version it was never opened.
    """

    id: int
    public_id: str
    campaign_id: int
    slug: str
    kind: StatementKind
    state: StatementState
    language: str
    name_order: NameOrder
    zone: str
    deadline_at: datetime | None
    contact_sealed: bytes
    version: str | None
    version_id: int | None
    version_number: int | None
    texts: tuple[TextInForce, ...]
    convenors: str | None

    def is_open(self, at: datetime) -> bool:
        """Tell whether it could be signed at a moment."""
        return can_be_signed(self.state, self.deadline_at, at)

    def text(self, wanted: str | None, preferred: str) -> TextInForce:
        """Return the first of these texts that there is: in the wanted language, the preferred, its own."""
        known = {text.language: text for text in self.texts}
        found = next((known[language] for language in (wanted, preferred) if language in known), None)
        return found or known.get(self.language) or TextInForce(self.language, "")


@dataclass(frozen=True)
class Invitee:
    """The person behind a genuine link, and what they have answered so far."""

    statement: StatementInForce
    asked: Asked
    reply: InvitationAnswer
    signed: Signed | None
    is_open: bool

    @property
    def has_signed(self) -> bool:
        """Tell whether their signature stands."""
        return self.signed is not None and self.signed.is_signed


def guest_of(session: Session, token: str) -> Invitee:
    """Return the person behind an invitation link.

    Their signature is read where the answer says that there is one that stands: the two are written together. Raises
    LinkBroken, OtherLink, NoSuchInvitation, LinkSuperseded and InvitationCancelled.
    """
    claim = read_link(session, LinkPurpose.INVITATION, token)
    row = _row(session, claim.public_id)
    if claim.generation != row.link_generation:
        raise LinkSuperseded
    if row.stage is InvitationStage.CANCELLED:
        raise InvitationCancelled
    return _invitee(session, row, None)


def owner_of(session: Session, token: str) -> Invitee:
    """Return the person behind a manage link; raises LinkBroken, OtherLink, NoSuchSignature, ManageLinkSuperseded."""
    claim = read_link(session, LinkPurpose.MANAGE, token)
    guest = guest_behind(session, claim.public_id)
    if guest.signed is None or claim.generation != guest.signed.manage_generation + guest.asked.link_generation - 1:
        raise ManageLinkSuperseded
    return guest


def guest_behind(session: Session, public_id: str) -> Invitee:
    """Return the person behind a signature; raises NoSuchSignature. Callers have checked that they may ask."""
    signed = signature(session, public_id)
    if signed is None:
        raise NoSuchSignature
    return _invitee(session, _row(session, signed.invitation), signed)


def read_link(session: Session, purpose: LinkPurpose, token: str) -> Claim:
    """Read a token; raise OtherLink where it is genuine but stands behind the wrong address."""
    try:
        return read_token(session, purpose, token)
    except LinkBroken:
        if _is_genuine(session, _OTHER[purpose], token):
            raise OtherLink from None
        raise


def _is_genuine(session: Session, purpose: LinkPurpose, token: str) -> bool:
    try:
        read_token(session, purpose, token)
    except LinkBroken:
        return False
    return True


def _row(session: Session, invitation: str) -> Any:
    key = answer_key(session, invitation)
    row = session.execute(_GUEST, {"invitation": invitation, "answer_key": key}).one_or_none()
    if row is None:
        raise NoSuchInvitation
    return row


def _invitee(session: Session, row: Any, signed: Signed | None) -> Invitee:
    sealed = [(identity_place(row.signatory), row.identity_sealed), (answer_place(row.answer_key), row.answer_sealed)]
    identity, answer = open_many(session, sealed, "the page of an invited person")
    person = InvitedPerson(row.signatory_id, row.signatory, row.kind, Details.from_fields(identity))
    asked = Asked(
        row.id, row.invitation, row.stage, row.link_generation, row.mail_id, row.asked_at, person
    )  # fmt: skip
    statement, reply = _statement(row), reply_from(answer)
    if signed is None and reply.answer is Answer.SIGNED:
        signed = signature_of(session, statement.public_id, person.public_id)
    return Invitee(statement, asked, reply, signed, statement.is_open(clock.now()))


def _statement(row: Any) -> StatementInForce:
    texts = [text.split(_INSIDE) for text in (row.texts or "").split(_BETWEEN) if text]
    return StatementInForce(
        row.statement_id, row.statement, row.campaign_id, row.slug, row.statement_kind, row.state, row.language,
        row.name_order, row.deadline_zone, row.deadline_at, bytes(row.contact_sealed), row.version, row.version_id,
        row.number, tuple(TextInForce(language, sha256) for language, sha256 in sorted(texts)), row.convenors,
    )  # fmt: skip


def _joined(of: Any, *parts: Any, where: ColumnElement[bool]) -> Any:
    """Return one string of all rows that belong to a row of the select around it; their order says nothing."""
    words = parts[0]
    for part in parts[1:]:
        words = words + _INSIDE + part
    return select(func.aggregate_strings(words, _BETWEEN)).select_from(of).where(where).scalar_subquery()


def _guest() -> Any:
    # Of tables and not of classes: what is asked for is the same at each request, and is put together once.
    asked, signatory, answer = Invitation.__table__.c, Signatory.__table__.c, AnswerRecord.__table__.c
    statement, version, text = Statement.__table__.c, Version.__table__.c, VersionText.__table__.c
    convenor = Convenor.__table__.c
    of_campaign, of_version = convenor.campaign_id == statement.campaign_id, text.version_id == version.id
    return (
        select(
            asked.id, asked.public_id.label("invitation"), asked.stage, asked.link_generation, asked.mail_id,
            asked.asked_at, signatory.id.label("signatory_id"), signatory.public_id.label("signatory"), signatory.kind,
            signatory.identity_sealed, answer.answer_key, answer.answer_sealed, statement.id.label("statement_id"),
            statement.public_id.label("statement"), statement.campaign_id, statement.slug,
            statement.kind.label("statement_kind"), statement.state, statement.language, statement.name_order,
            statement.deadline_zone, statement.deadline_at, statement.contact_sealed,
            version.public_id.label("version"), version.id.label("version_id"), version.number,
            _joined(VersionText.__table__, text.language, text.sha256, where=of_version).label("texts"),
            _joined(Convenor.__table__, cast(convenor.position, String), convenor.name, where=of_campaign)
            .label("convenors"),
        )
        .join_from(Invitation.__table__, Signatory.__table__, signatory.id == asked.signatory_id)
        .join(Statement.__table__, statement.id == asked.statement_id)
        .join(AnswerRecord.__table__, answer.answer_key == bindparam("answer_key"))
        .outerjoin(Version.__table__, version.id == statement.current_version_id)
        .where(asked.public_id == bindparam("invitation"))
    )  # fmt: skip


_GUEST = _guest()
