"""Prepare, ask, remind, cancel, re-issue; and write down what came of asking.

Organisers change the invitation. The invited person changes the answer, which only the key ties to
the invitation; see `models`. Locks are taken in one order: statement, answer, signature.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from app.audit.actions import SIGNATORY, record, record_many
from app.base import clock
from app.base.identifiers import new_public_id
from app.base.rows import portions
from app.base.sealing import Place, open_many, seal
from app.invitations import emails
from app.invitations.models import AnswerRecord, AnswerWords, Invitation
from app.invitations.queries import (
    Asked,
    Prepared,
    answer_key,
    answer_subject,
    invitation as one_invitation,
    invitations_among,
    prepared_among,
    reply_from,
    unreachable_among,
)
from app.invitations.states import (
    Answer,
    InvitationAnswer,
    InvitationCancelled,
    InvitationStage,
    NoSuchInvitation,
    NothingToSend,
    NotOpen,
    SignatoryHasSigned,
)
from app.mail.actions import Outgoing, drop, enqueue, enqueue_many
from app.statements.models import Statement
from app.statements.queries import campaign_public_id, is_open

ANSWER_BYTES = 512  # of the padded plaintext; four reminders take about 400
WORDS_BYTES = 4096


def prepare(
    session: Session, actor: str, statement: Statement, signatory_ids: Sequence[int], *, more_follow: bool = False
) -> int:
    """Make invitations for signatories (row ids) who have none, or a cancelled one; return how many. Mails nobody.

    A caller who prepares many in several transactions says so, and what follows all of them is done with the last.
    """
    statement = hold_statement(session, statement)
    found = _invited_among(session, statement, signatory_ids)
    wanted = dict.fromkeys(signatory_ids)
    back = [found[i].public_id for i in wanted if i in found and found[i].stage is InvitationStage.CANCELLED]
    new = [(i, new_public_id()) for i in wanted if i not in found]
    for chunk in portions(back):
        session.execute(
            update(Invitation)
            .where(Invitation.public_id.in_(chunk), Invitation.stage == InvitationStage.CANCELLED)
            .values(stage=InvitationStage.PREPARED, link_generation=Invitation.link_generation + 1, asked_at=None)
        )
    for chunk in portions(new):
        _insert(session, statement, chunk)
    if not more_follow:
        stir_answers(session, statement, with_words=True)
    campaign = campaign_public_id(session, statement)
    record_many(session, actor, "invitation.prepared", [*back, *(public_id for _, public_id in new)], campaign)
    return len(back) + len(new)


def ask(session: Session, actor: str, statement: Statement, public_ids: Sequence[str]) -> int:
    """Mail the invitations that are prepared and have an address; return how many. Raises NotOpen."""
    statement = hold_statement(session, statement)
    if not is_open(statement):
        raise NotOpen
    chosen = [one for chunk in portions(public_ids) for one in prepared_among(session, statement.id, chunk)]
    ask_prepared(session, actor, statement, chosen)
    stir_answers(session, statement)
    return len(chosen)


def ask_prepared(session: Session, actor: str, statement: Statement, prepared: Sequence[Prepared]) -> None:
    """Mail invitations that were found prepared in this transaction, with the statement held.

    One that is cancelled at the same moment stays so: its mail finds itself unwanted.
    """
    outgoing = (_invitation_mail(one.public_id, one.link_generation) for one in prepared)
    mails = enqueue_many(session, outgoing)
    if not mails:
        return
    columns = Invitation.__table__.c
    is_prepared = columns.id == bindparam("row"), columns.stage == InvitationStage.PREPARED
    asked = update(Invitation.__table__)  # type: ignore[arg-type]
    session.execute(
        asked.where(*is_prepared).values(stage=InvitationStage.ASKED, asked_at=clock.now(), mail_id=bindparam("mail")),
        [{"row": one.id, "mail": mail} for one, mail in zip(prepared, mails, strict=True)],
    )
    campaign = campaign_public_id(session, statement)
    record_many(session, actor, "invitation.asked", [one.public_id for one in prepared], campaign)


def remind(session: Session, actor: str, statement: Statement, public_ids: Sequence[str]) -> int:
    """Remind those who were asked, were reached and gave no answer; return how many.

    Never more than MOST_REMINDERS each, never twice within REMINDER_GAP, so that a double click reminds once. Raises
    NotOpen and NothingToSend.
    """
    statement = hold_statement(session, statement)
    if not is_open(statement):
        raise NotOpen
    number = remind_among(session, actor, statement, public_ids)
    if not number:
        raise NothingToSend
    stir_answers(session, statement)
    return number


def remind_among(session: Session, actor: str, statement: Statement, public_ids: Sequence[str]) -> int:
    """Remind those among some who are to be reminded, with the statement held open; return how many."""
    chosen = [one for one in invitations_among(session, statement.id, public_ids) if _is_reachable(one)]
    held = _hold_many(session, [one.public_id for one in chosen])
    lost = unreachable_among(session, [(one.public_id, one.mail_id, one.asked_at) for one in chosen], held)
    now = clock.now()
    due = {pid: reply for pid, reply in held.items() if pid not in lost and reply.may_be_reminded(now)}
    if not due:
        return 0
    mails = enqueue_many(session, (_reminder_mail(pid, len(reply.reminders) + 1) for pid, reply in due.items()))
    _save(
        session,
        {
            pid: replace(reply, reminders=(*reply.reminders, (now, mail)))
            for (pid, reply), mail in zip(due.items(), mails, strict=True)
        },
    )
    subjects = [answer_subject(pid) for pid in due]
    record_many(session, actor, "invitation.reminded", subjects, campaign_public_id(session, statement))
    return len(due)


def cancel(session: Session, actor: str, statement: Statement, public_id: str) -> None:
    """Take an invitation back and drop its mail if it has not left. Raises AlreadySigned."""
    if hold_answer(session, public_id).answer is Answer.SIGNED:
        raise SignatoryHasSigned
    found = one_invitation(session, statement.id, public_id)
    if found.stage is InvitationStage.CANCELLED:
        return
    session.execute(
        update(Invitation).where(Invitation.id == found.id).values(stage=InvitationStage.CANCELLED, mail_id=None)
    )
    if found.mail_id:
        drop(session, found.mail_id)
    record(session, actor, "invitation.cancelled", public_id, campaign_public_id(session, statement))


def reissue_link(session: Session, actor: str, statement: Statement, public_id: str) -> None:
    """Void the link that was sent and mail a new one, to the address that the directory has now.

    The manage link of a signature that came of it is void as well. Raises NotOpen and InvitationCancelled.
    """
    statement = hold_statement(session, statement)
    if not is_open(statement):
        raise NotOpen
    found = one_invitation(session, statement.id, public_id)
    if found.stage is InvitationStage.CANCELLED:
        raise InvitationCancelled
    if not found.person.details.email:
        raise NothingToSend
    if found.mail_id:
        drop(session, found.mail_id)
    generation = found.link_generation + 1
    mail = enqueue(session, _invitation_mail(public_id, generation))
    session.execute(
        update(Invitation)
        .where(Invitation.id == found.id)
        .values(stage=InvitationStage.ASKED, link_generation=generation, mail_id=mail, asked_at=clock.now())
    )
    record(session, actor, "invitation.link_reissued", public_id, campaign_public_id(session, statement))


def hold_answer(session: Session, invitation: str) -> InvitationAnswer:
    """Return what came of an invitation and let nobody else change it until this transaction ends."""
    held = _hold_many(session, [invitation])
    if not held:
        raise NoSuchInvitation
    return held[invitation]


def record_answer(session: Session, invitation: str, answered: InvitationAnswer, words: str | None = None) -> None:
    """Write down what the invited person answered, and when: `answered` is what `hold_answer` returned, changed.

    None leaves the words as they are. Nothing but the envelopes changes, and neither of them its length.
    """
    _save(session, {invitation: answered})
    if words is not None:
        key = answer_key(session, invitation)
        session.execute(
            update(AnswerWords.__table__)  # type: ignore[arg-type]
            .where(AnswerWords.answer_key == key)
            .values(words_sealed=_sealed_words(session, key, words))
        )


def leave_in_peace(session: Session, invitation: str, *, peace: bool) -> bool:
    """Stop the reminders of one invitation for its reader, or allow them again; tell whether that changed anything.

    A preference about mail and no answer: the link stays good, and nothing but the sealed answer changes, so that the
    database does not tell who stopped them. Raises NoSuchInvitation.
    """
    held = hold_answer(session, invitation)
    if held.is_left_in_peace is peace:
        return False
    _save(session, {invitation: replace(held, is_left_in_peace=peace)})
    action = "invitation.reminders_stopped" if peace else "invitation.reminders_allowed"
    record(session, SIGNATORY, action, answer_subject(invitation))
    return True


def stir_answers(session: Session, statement: Statement, *, with_words: bool = False) -> None:
    """Rewrite a statement's answers as they are, on PostgreSQL.

    It stamps each row with the number of the transaction that wrote it last. Rows prepared one by one would share that
    number with their invitation; after this all bear the same, and what is touched later points to nobody.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    keys = select(AnswerRecord.answer_key).where(AnswerRecord.statement_id == statement.id)
    for table in (AnswerRecord, AnswerWords) if with_words else (AnswerRecord,):
        columns: Any = table.__table__
        session.execute(update(columns).where(columns.c.answer_key.in_(keys)).values(answer_key=columns.c.answer_key))


def hold_statement(session: Session, statement: Statement) -> Statement:
    """Return a statement as it is now and let one organiser's change of its invitations finish before the next."""
    return session.scalars(
        select(Statement)
        .where(Statement.id == statement.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def _invited_among(session: Session, statement: Statement, signatory_ids: Sequence[int]) -> dict[int, Any]:
    known = select(Invitation.signatory_id, Invitation.public_id, Invitation.stage)
    known = known.where(Invitation.statement_id == statement.id)
    return {
        row.signatory_id: row
        for chunk in portions(signatory_ids)
        for row in session.execute(known.where(Invitation.signatory_id.in_(chunk)))
    }


def _hold_many(session: Session, invitations: Sequence[str]) -> dict[str, InvitationAnswer]:
    keys = sorted(answer_key(session, invitation) for invitation in invitations)
    found: dict[str, InvitationAnswer] = {}
    for chunk in portions(keys):
        rows = session.execute(
            select(AnswerRecord.answer_key, AnswerRecord.answer_sealed)
            .where(AnswerRecord.answer_key.in_(chunk))
            .order_by(AnswerRecord.answer_key)
            .with_for_update()
        ).all()
        places = [(_answer_place(row.answer_key), row.answer_sealed) for row in rows]
        for opened in open_many(session, places, "answer to an invitation"):
            found[opened["invitation"]] = reply_from(opened)
    return found


def _save(session: Session, replies: dict[str, InvitationAnswer]) -> None:
    keys = {invitation: answer_key(session, invitation) for invitation in replies}
    session.execute(
        update(AnswerRecord.__table__)  # type: ignore[arg-type]
        .where(AnswerRecord.answer_key == bindparam("key"))
        .values(answer_sealed=bindparam("sealed")),
        [
            {"key": keys[invitation], "sealed": _sealed_answer(session, keys[invitation], invitation, reply)}
            for invitation, reply in replies.items()
        ],
    )


def _insert(session: Session, statement: Statement, new: Sequence[tuple[int, str]]) -> None:
    now = clock.now()
    keys = {public_id: answer_key(session, public_id) for _, public_id in new}
    invitations = [
        {
            "public_id": public_id, "statement_id": statement.id, "signatory_id": signatory_id,
            "stage": InvitationStage.PREPARED, "link_generation": 1, "created_at": now,
        }
        for signatory_id, public_id in new
    ]  # fmt: skip
    # In the order of their keys, which is no order: the file must not pair answers with invitations.
    ordered = sorted(keys.items(), key=lambda pair: pair[1])
    answers = [
        {
            "answer_key": key,
            "statement_id": statement.id,
            "answer_sealed": _sealed_answer(session, key, pid, InvitationAnswer()),
        }
        for pid, key in ordered
    ]
    words = [{"answer_key": key, "words_sealed": _sealed_words(session, key, "")} for _, key in ordered]
    for table, rows in ((Invitation, invitations), (AnswerRecord, answers), (AnswerWords, words)):
        if rows:
            session.execute(insert(table.__table__), rows)  # type: ignore[arg-type]


def _sealed_answer(session: Session, key: bytes, invitation: str, reply: InvitationAnswer) -> bytes:
    document = {
        "invitation": invitation,
        "answer": reply.answer,
        "at": reply.at.isoformat() if reply.at else None,
        "reminders": [[at.isoformat(), mail] for at, mail in reply.reminders],
        "peace": reply.is_left_in_peace,
    }
    return seal(session, _answer_place(key), document, ANSWER_BYTES)


def _sealed_words(session: Session, key: bytes, words: str) -> bytes:
    return seal(session, Place("answer_words", "words_sealed", key.hex()), {"words": words}, WORDS_BYTES)


def _answer_place(key: bytes) -> Place:
    return Place("answers", "answer_sealed", key.hex())


def _invitation_mail(public_id: str, generation: int) -> Outgoing:
    return Outgoing(emails.INVITATION, public_id, str(generation), {"invitation": public_id})


def _reminder_mail(public_id: str, number: int) -> Outgoing:
    return Outgoing(emails.REMINDER, public_id, str(number), {"invitation": public_id})


def _is_reachable(asked: Asked) -> bool:
    return asked.stage is InvitationStage.ASKED and bool(asked.person.details.email)


def send_test(session: Session, actor: str, statement: Statement, like: str | None) -> None:
    """Mail the acting organiser the invitation as somebody will read it, with a link that leads nowhere."""
    references = {"statement": str(statement.id), "organiser": actor, "like": like or ""}
    enqueue(session, Outgoing(emails.TEST, actor, new_public_id(), references))
    record(session, actor, "invitation.tested", statement.public_id, campaign_public_id(session, statement))
