"""Fill a database with very many invited people in bulk: rows as the actions write them, in large portions."""

import secrets
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.audit.actions import record_many
from app.base.database import Database
from app.base.identifiers import draw_row_id, new_public_id
from app.base.sealing import Place, seal
from app.directory.models import Signatory
from app.directory.queries import email_key, identity_place
from app.directory.states import SignatoryKind
from app.invitations.answering import ANSWER_BYTES
from app.invitations.answers import answer_key
from app.invitations.models import AnswerRecord, Invitation
from app.invitations.states import Answer, InvitationStage
from app.mail.models import Mail
from app.mail.states import MailClass, MailState
from app.signatures.keeping import IDENTITY_BYTES, SHOWN_TO_PUBLIC
from app.signatures.models import Signature
from app.signatures.queries import identity_sealed_place, signer_key
from app.signatures.states import UNPINNED, SignatureState
from app.statements.models import Statement
from app.visibility.states import Visibility
from bench.scene import somebody

AT_ONCE = 5_000
NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)
# Of a hundred people: sixty sign, five decline, two ask for a change, one withdraws, two can't be reached.
_ANSWERS = (*[Answer.SIGNED] * 60, *[Answer.DECLINED] * 5, *[Answer.CHANGE_ASKED] * 2, Answer.WITHDRAWN)
_MAILS = {98: MailState.BOUNCED, 99: MailState.REFUSED}
_CHOICES = (Visibility.PUBLIC, Visibility.PUBLIC, Visibility.INSTITUTION, Visibility.COUNTED)
Rows = dict[type[Any], list[dict[str, Any]]]


def fill(database: Database, statement_id: int, first: int, number: int) -> None:
    """Invite so many people to a statement and let most of them answer; `first` numbers them."""
    for start in range(first, first + number, AT_ONCE):
        with database.writing() as session:
            statement = session.get_one(Statement, statement_id)
            rows: Rows = {Signatory: [], Mail: [], Invitation: [], AnswerRecord: [], Signature: []}
            for each in range(start, min(start + AT_ONCE, first + number)):
                _add(session, statement, each, rows)
            for model, values in rows.items():
                session.execute(insert(model.__table__), values)
    with database.writing() as session:
        record_many(session, "bench", "invitation.prepared", [new_public_id()])


def _add(session: Session, statement: Statement, number: int, rows: Rows) -> None:
    signatory, invitation, mail, entry = new_public_id(), new_public_id(), new_public_id(), somebody(number)
    kind = SignatoryKind.ORGANISATION if number % 50 == 0 else SignatoryKind.PERSON
    answer = _ANSWERS[number % 100] if number % 100 < len(_ANSWERS) else Answer.NONE
    rows[Signatory].append({
        "id": number, "public_id": signatory, "campaign_id": statement.campaign_id, "kind": kind,
        "identity_sealed": seal(session, identity_place(signatory), entry.details.as_fields()),
        "email_key": email_key(session, statement.campaign_id, entry.details.email),
        "is_prominent": number % 10_000 == 0, "created_at": NOON, "changed_at": NOON,
    })  # fmt: skip
    rows[Mail].append({
        "id": number, "public_id": mail, "kind": "invitation", "mail_class": MailClass.BULK, "priority": 20,
        "references_sealed": secrets.token_bytes(285), "occasion_key": secrets.token_bytes(16),
        "message_id": f"<{mail}@example.org>", "state": _MAILS.get(number % 100, MailState.ACCEPTED), "attempts": 1,
        "handovers": 1, "failures": 0, "has_slot": False, "is_counted": True, "due_at": NOON, "finished_at": NOON,
        "created_at": NOON,
    })  # fmt: skip
    rows[Invitation].append({
        "id": number, "public_id": invitation, "statement_id": statement.id, "signatory_id": number,
        "stage": InvitationStage.ASKED, "link_generation": 1, "mail_id": mail, "asked_at": NOON, "created_at": NOON,
    })  # fmt: skip
    key = answer_key(session, invitation)
    at = None if answer is Answer.NONE else NOON.isoformat()
    document: dict[str, Any] = {"invitation": invitation, "answer": answer, "at": at, "reminders": [], "peace": False}
    place = Place("answers", "answer_sealed", key.hex())
    rows[AnswerRecord].append({
        "answer_key": key, "statement_id": statement.id, "answer_sealed": seal(session, place, document, ANSWER_BYTES),
    })  # fmt: skip
    if answer is Answer.SIGNED:
        rows[Signature].append(_signature(session, statement, number, (signatory, invitation, kind)))


def _signature(
    session: Session, statement: Statement, number: int, who: tuple[str, str, SignatoryKind]
) -> dict[str, Any]:
    public_id, visibility, details = new_public_id(), _CHOICES[number % len(_CHOICES)], somebody(number).details
    signatory, invitation, kind = who
    identity = {
        "signatory": signatory, "invitation": invitation, "kind": kind, "name": details.name, "pseudonym": "",
        "public_line": details.public_line, "country": details.country, "representative": "", "wants_news": False,
        "times": [1778587200000000, 1778587200000000, None],
    }  # fmt: skip
    return {
        "id": draw_row_id(NOON), "public_id": public_id, "statement_id": statement.id,
        "version_id": statement.current_version_id, "language": "en", "text_sha256": "ab" * 32,
        "signer_key": signer_key(session, statement.public_id, signatory),
        "kind": kind if visibility in SHOWN_TO_PUBLIC else None, "state": SignatureState.SIGNED,
        "visibility": visibility, "nonce": secrets.token_bytes(32), "position": UNPINNED, "collation_key": b"",
        "identity_sealed": seal(session, identity_sealed_place(public_id), identity, IDENTITY_BYTES),
        "manage_generation": 1, "signed_at": NOON, "changed_at": NOON, "withdrawn_at": None,
    }  # fmt: skip
