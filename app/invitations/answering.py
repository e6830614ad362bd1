"""Keep what came of asking apart from whom was asked: prepared ahead, held without a trace, written alone.

The journal of a database tells which rows were written together and in which order. So no transaction that names a
person writes an answer, and no answer is written in the order of people: each invitation takes a public id,
drawn at random, whose answer has been lying there before.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, bindparam, func, insert, select, text, update
from sqlalchemy.orm import Session

from app.audit.actions import SIGNATORY, record
from app.base.identifiers import new_public_id
from app.base.rows import insert_into, portions
from app.base.sealing import BLIND_INDEX_BYTES, Place, blind_index, open_many, open_one, seal
from app.invitations.answers import answer_key, answer_place, answer_subject, reply_from, words_place
from app.invitations.models import AnswerRecord, AnswerSpares, AnswerWords, ReminderRecord
from app.invitations.reminders import reminder_key, reminder_place, reminders_to
from app.invitations.states import InvitationAnswer, NoSuchInvitation

ANSWER_BYTES = 256  # of the padded plaintext, which takes about 180
WORDS_BYTES = 4096  # for a thousand characters of any script
REMINDERS_BYTES = 512
# So many answers at least are made at once, so that none of them points to the person invited with it.
SPARES = 32
SPARES_BYTES = 1024
# For how many answers there is room for one's words, and how much there is at least.
ANSWERS_PER_ROOM = 40
LEAST_ROOMS = 16
_LOOKED_AT = 8
_LOOKS = 8
_ANSWERS: Any = AnswerRecord.__table__
_WORDS: Any = AnswerWords.__table__
_KEEP = update(_WORDS).where(_WORDS.c.words_key == bindparam("key")).values(words_sealed=bindparam("sealed"))
_ANSWER = (
    update(_ANSWERS).where(_ANSWERS.c.answer_key == bindparam("key")).values(answer_sealed=bindparam("sealed"))
)  # fmt: skip
_LOCK = text("SELECT count(pg_advisory_xact_lock(key)) FROM unnest(:keys) AS key").bindparams(
    bindparam("keys", type_=ARRAY(BigInteger))
)


def take_prepared(session: Session, statement_id: int, number: int) -> list[str]:
    """Return public ids for new invitations, for each of which an answer lies ready; the statement is held.

    They are drawn at random among those that were made ahead. Where these don't suffice, more are made than are
    taken, in the order of their keys, which is no order.
    """
    if not number:
        return []
    row = session.get(AnswerSpares, statement_id, populate_existing=True)
    place = Place("answer_spares", "spares_sealed", str(statement_id))
    spares: list[str] = open_one(session, place, row.spares_sealed, "invite")["spares"] if row is not None else []
    if len(spares) < number:
        spares += _made(session, statement_id, number + SPARES - len(spares))
    secrets.SystemRandom().shuffle(spares)
    taken, left = spares[:number], spares[number:]
    values = {"statement_id": statement_id, "spares_sealed": seal(session, place, {"spares": left}, SPARES_BYTES)}
    keep = insert_into(session, AnswerSpares).values(**values)
    session.execute(keep.on_conflict_do_update(index_elements=["statement_id"], set_=values))
    return taken


def hold_answer(session: Session, invitation: str) -> InvitationAnswer:
    """Return what came of an invitation and let nobody else change it until this transaction ends."""
    held = _held(session, [invitation])
    if not held:
        raise NoSuchInvitation
    return held[invitation]


def lock_answer(session: Session, invitation: str) -> bytes:
    """Let nobody else change an answer until this transaction ends; return the key under which it is then read."""
    key = answer_key(session, invitation)
    _lock(session, [key])
    return key


def hold_answers(session: Session, invitations: Sequence[str]) -> dict[str, InvitationAnswer]:
    """Hold many answers as `hold_answer` does, and return them with their reminders."""
    held, reminders = _held(session, invitations), reminders_to(session, invitations)
    return {one: replace(reply, reminders=reminders.get(one, reply.reminders)) for one, reply in held.items()}


def record_answer(session: Session, invitation: str, answered: InvitationAnswer, words: str | None = None) -> None:
    """Write down what the invited person answered, and when: `answered` is what `hold_answer` returned, changed.

    None leaves the words as they are. Empty ones are kept as others are, and in a row of their own as others are, so
    that neither the rows nor the commit tell whether there are any. Nothing but the envelopes changes.
    """
    if words is not None:
        answered = replace(answered, words=_kept_words(session, invitation, answered.words, words))
    key = answer_key(session, invitation)
    sealed = _sealed_answer(session, key, invitation, answered)
    session.execute(_ANSWER, {"key": key, "sealed": sealed})


def leave_in_peace(session: Session, invitation: str, *, peace: bool) -> bool:
    """Stop the reminders of one invitation for its reader, or allow them again; tell whether that changed anything.

    A preference about mail and no answer: the link stays good, and nothing but the sealed answer changes, so that the
    database does not tell who stopped them. Raises NoSuchInvitation.
    """
    held = hold_answer(session, invitation)
    if held.is_left_in_peace is peace:
        return False
    record_answer(session, invitation, replace(held, is_left_in_peace=peace))
    action = "invitation.reminders_stopped" if peace else "invitation.reminders_allowed"
    record(session, SIGNATORY, action, answer_subject(invitation))
    return True


def note_reminders(session: Session, statement_id: int, reminded: Mapping[str, Sequence[tuple[datetime, str]]]) -> None:
    """Write down the reminders of invitations (when, and by which mail), beside their answers and not in them."""
    keys = sorted((reminder_key(session, invitation), invitation) for invitation in reminded)
    rows = [
        {
            "reminder_key": key,
            "statement_id": statement_id,
            "reminders_sealed": _sealed_reminders(session, key, invitation, reminded[invitation]),
        }
        for key, invitation in keys
    ]
    keep = insert_into(session, ReminderRecord.__table__)
    keep = keep.on_conflict_do_update(
        index_elements=["reminder_key"], set_={"reminders_sealed": keep.excluded.reminders_sealed}
    )
    session.execute(keep, rows)


def _held(session: Session, invitations: Iterable[str]) -> dict[str, InvitationAnswer]:
    keys = sorted(answer_key(session, invitation) for invitation in invitations)
    found: dict[str, InvitationAnswer] = {}
    for chunk in portions(keys):
        _lock(session, chunk)
        rows = session.execute(
            select(AnswerRecord.answer_key, AnswerRecord.answer_sealed)
            .where(AnswerRecord.answer_key.in_(chunk))
            .order_by(AnswerRecord.answer_key)
        ).all()
        places = [(answer_place(row.answer_key), row.answer_sealed) for row in rows]
        for opened in open_many(session, places, "answer to an invitation"):
            found[opened["invitation"]] = reply_from(opened)
    return found


def _lock(session: Session, keys: Sequence[bytes]) -> None:
    """Lock answers by their digests, in their order; PostgreSQL would write the holder's number into a locked row."""
    if session.get_bind().dialect.name != "postgresql":
        return
    numbers = [int.from_bytes(key[:8], "big", signed=True) for key in keys]
    session.execute(_LOCK, {"keys": numbers})


def _made(session: Session, statement_id: int, number: int) -> list[str]:
    """Make answers that nobody has yet, and return the public ids of the invitations to come."""
    keys = {public_id: answer_key(session, public_id) for public_id in (new_public_id() for _ in range(number))}
    ordered = sorted(keys.items(), key=lambda pair: pair[1])
    for chunk in portions(ordered):
        answers = [
            {
                "answer_key": key,
                "statement_id": statement_id,
                "answer_sealed": _sealed_answer(session, key, public_id, InvitationAnswer()),
            }
            for public_id, key in chunk
        ]
        session.execute(insert(_ANSWERS), answers)
    has_rooms = session.scalar(select(_WORDS.c.words_key).limit(1)) is not None
    _make_rooms(session, number // ANSWERS_PER_ROOM + (1 if has_rooms else LEAST_ROOMS))
    return list(keys)


def _kept_words(session: Session, invitation: str, at: str, words: str) -> str:
    """Keep the words of an answer in its own row, or in one that is free; return that row's key."""
    key = bytes.fromhex(at) if at else _free_room(session)
    session.execute(_KEEP, {"key": key, "sealed": _sealed_words(session, key, invitation, words)})
    return key.hex()


def _free_room(session: Session) -> bytes:
    """Return the key of a random row that nobody's words are kept in, ours until this transaction ends.

    Which are free, only the key tells, so some are opened. Where those are all taken, so are most: more are made, as
    many as an eighth of what there is.
    """
    _lock(session, [blind_index(session, "answer words", "rooms")])
    for _look in range(_LOOKS):
        looked_at = _WORDS.c.words_key >= secrets.token_bytes(BLIND_INDEX_BYTES)
        rows = session.execute(select(_WORDS).where(looked_at).order_by(_WORDS.c.words_key).limit(_LOOKED_AT)).all()
        opened = open_many(session, [(words_place(row.words_key), row.words_sealed) for row in rows], "room for words")
        free = [row.words_key for row, found in zip(rows, opened, strict=True) if not found["invitation"]]
        if free:
            return bytes(free[0])
    there = session.scalar(select(func.count()).select_from(_WORDS)) or 0
    return secrets.choice(_make_rooms(session, max(LEAST_ROOMS, there // 8)))


def _make_rooms(session: Session, number: int) -> list[bytes]:
    """Make room for the words of so many answers, and return the keys in the order of the rows, which is no order."""
    keys = sorted(secrets.token_bytes(BLIND_INDEX_BYTES) for _ in range(number))
    for part in portions(keys):
        rows = [{"words_key": key, "words_sealed": _sealed_words(session, key, "", "")} for key in part]
        session.execute(insert(_WORDS), rows)
    return keys


def _sealed_answer(session: Session, key: bytes, invitation: str, reply: InvitationAnswer) -> bytes:
    document = {
        "invitation": invitation,
        "answer": reply.answer,
        "at": reply.at.isoformat() if reply.at else None,
        "reminders": [[at.isoformat(), mail] for at, mail in reply.reminders],
        "peace": reply.is_left_in_peace,
        "words": reply.words,
    }
    return seal(session, answer_place(key), document, ANSWER_BYTES)


def _sealed_words(session: Session, key: bytes, invitation: str, words: str) -> bytes:
    return seal(session, words_place(key), {"invitation": invitation, "words": words}, WORDS_BYTES)


def _sealed_reminders(
    session: Session, key: bytes, invitation: str, reminders: Sequence[tuple[datetime, str]]
) -> bytes:
    document = {"invitation": invitation, "reminders": [[at.isoformat(), mail] for at, mail in reminders]}
    return seal(session, reminder_place(key), document, REMINDERS_BYTES)
