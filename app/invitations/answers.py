"""What came of asking, opened: the answers and the words that went with them, found by keyed digests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.rows import AT_ONCE, portions
from app.base.sealing import Place, blind_index, open_many
from app.invitations.models import AnswerRecord, AnswerWords, Invitation
from app.invitations.reminders import reminders_for, reminders_to, sent_in, with_reminders
from app.invitations.states import Answer, InvitationAnswer

_SUBJECT = "answer "


def answer_key(session: Session, invitation: str) -> bytes:
    """Return the keyed digest under which the answer to an invitation (public id) is kept."""
    return blind_index(session, "answer", invitation)


def answer_place(key: bytes) -> Place:
    """Return where an answer is sealed."""
    return Place("answers", "answer_sealed", key.hex())


def answer_subject(invitation: str) -> str:
    """Return under which subject the audit keeps what came of an invitation: answers and reminders.

    Not under the invitation's own: its first entries stand in the order of the invitations, so a subject that comes
    again later would tell who answered, or who was still to be reminded.
    """
    return f"{_SUBJECT}{invitation}"


def invitation_in_subject(subject: str) -> str:
    """Return the invitation (public id) that a subject of the audit is about, by either of its subjects."""
    return subject.removeprefix(_SUBJECT)


def answers_of(session: Session, statement_id: int) -> dict[str, InvitationAnswer]:
    """Return what came of each invitation of a statement, by the invitation's public id; opened in one call.

    Answers that lie ready for invitations to come are left out.
    """
    rows = session.execute(
        select(AnswerRecord.answer_key, AnswerRecord.answer_sealed).where(AnswerRecord.statement_id == statement_id)
    ).all()
    there = set(session.scalars(select(Invitation.public_id).where(Invitation.statement_id == statement_id)))
    replies = _replies(session, [(row.answer_key, row.answer_sealed) for row in rows])
    asked = {invitation: reply for invitation, reply in replies.items() if invitation in there}
    return with_reminders(asked, reminders_for(session, [statement_id]))


def answers_to(session: Session, invitations: Iterable[str]) -> dict[str, InvitationAnswer]:
    """Return what came of some invitations, by their public ids."""
    invitations = list(invitations)
    replies = _of_keys(session, [answer_key(session, invitation) for invitation in invitations])
    return with_reminders(replies, reminders_to(session, invitations))


def words_of(session: Session, invitation: str) -> str:
    """Return the reason for a decline or the change that was asked for, where there is one."""
    return words_of_many(session, [invitation]).get(invitation, "")


def words_of_many(session: Session, invitations: Sequence[str]) -> dict[str, str]:
    """Return the words that went with the answers to some invitations, by their public ids; at most 500."""
    return words_with(session, _of_keys(session, [answer_key(session, one) for one in invitations[:AT_ONCE]]))


def words_with(session: Session, replies: Mapping[str, InvitationAnswer]) -> dict[str, str]:
    """Return the words that went with at most 500 answers, by the public ids of the invitations."""
    kept = [bytes.fromhex(reply.words) for reply in replies.values() if reply.words]
    wanted = select(AnswerWords.words_key, AnswerWords.words_sealed).where(AnswerWords.words_key.in_(kept))
    rows = session.execute(wanted).all() if kept else []
    opened = open_many(session, [(words_place(row.words_key), row.words_sealed) for row in rows], "words of answers")
    found = {words["invitation"]: str(words["words"]) for words in opened}
    return {invitation: found.get(invitation, "") for invitation in replies}


def words_place(key: bytes) -> Place:
    """Return where the words of an answer are sealed."""
    return Place("answer_words", "words_sealed", key.hex())


def reply_from(document: dict[str, Any]) -> InvitationAnswer:
    """Read an opened answer."""
    at = datetime.fromisoformat(document["at"]) if document["at"] else None
    return InvitationAnswer(
        Answer(document["answer"]), at, sent_in(document), document.get("peace", False), document.get("words", "")
    )


def _of_keys(session: Session, keys: Sequence[bytes]) -> dict[str, InvitationAnswer]:
    rows: list[Any] = []
    for part in portions(keys):
        wanted = select(AnswerRecord.answer_key, AnswerRecord.answer_sealed)
        rows += session.execute(wanted.where(AnswerRecord.answer_key.in_(part))).all()
    return _replies(session, rows)


def _replies(session: Session, rows: Sequence[Any]) -> dict[str, InvitationAnswer]:
    places = [(answer_place(key), sealed) for key, sealed in rows]
    return {found["invitation"]: reply_from(found) for found in open_many(session, places, "answers to invitations")}
