"""Prepare, ask, remind, cancel, re-issue: what organisers do, which changes the invitation.

What the invited person does changes the answer, which only the key ties to the invitation; see `answering`. Locks are
taken in one order: statement, answer, signature.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from app.audit.actions import record, record_many
from app.base import clock
from app.base.identifiers import new_public_id
from app.base.rows import portions
from app.invitations import emails
from app.invitations.answering import hold_answer, hold_answers, note_reminders, take_prepared
from app.invitations.models import Invitation
from app.invitations.queries import (
    Asked,
    Prepared,
    answer_subject,
    invitation as one_invitation,
    invitations_among,
    prepared_among,
    unreachable_among,
)
from app.invitations.states import (
    Answer,
    InvitationCancelled,
    InvitationStage,
    NothingToSend,
    NotOpen,
    SignatoryHasSigned,
)
from app.mail.actions import Outgoing, drop, enqueue, enqueue_many
from app.statements.models import Statement
from app.statements.queries import campaign_public_id, is_open


def prepare(session: Session, actor: str, statement: Statement, signatory_ids: Sequence[int]) -> int:
    """Make invitations for signatories (row ids) who have none, or a cancelled one; return how many. Mails nobody."""
    statement = hold_statement(session, statement)
    found = _invited_among(session, statement, signatory_ids)
    wanted = dict.fromkeys(signatory_ids)
    back = [found[i].public_id for i in wanted if i in found and found[i].stage is InvitationStage.CANCELLED]
    missing = [i for i in wanted if i not in found]
    new = list(zip(missing, take_prepared(session, statement.id, len(missing)), strict=True))
    for chunk in portions(back):
        session.execute(
            update(Invitation)
            .where(Invitation.public_id.in_(chunk), Invitation.stage == InvitationStage.CANCELLED)
            .values(stage=InvitationStage.PREPARED, link_generation=Invitation.link_generation + 1, asked_at=None)
        )
    for chunk in portions(new):
        _insert(session, statement, chunk)
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
    return number


def remind_among(session: Session, actor: str, statement: Statement, public_ids: Sequence[str]) -> int:
    """Remind who is to be reminded among some, with the statement held open; return how many.

    The answers are held and not changed: a row of theirs that is touched together with a mail would be somebody's.
    """
    chosen = [one for one in invitations_among(session, statement.id, public_ids) if _is_reachable(one)]
    held = hold_answers(session, [one.public_id for one in chosen])
    lost = unreachable_among(session, [(one.public_id, one.mail_id, one.asked_at) for one in chosen], held)
    now = clock.now()
    due = {pid: reply for pid, reply in held.items() if pid not in lost and reply.may_be_reminded(now)}
    if not due:
        return 0
    mails = enqueue_many(session, (_reminder_mail(pid, len(reply.reminders) + 1) for pid, reply in due.items()))
    reminded = {pid: (*reply.reminders, (now, mail)) for (pid, reply), mail in zip(due.items(), mails, strict=True)}
    note_reminders(session, statement.id, reminded)
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


def _insert(session: Session, statement: Statement, new: Sequence[tuple[int, str]]) -> None:
    now = clock.now()
    rows = [
        {
            "public_id": public_id, "statement_id": statement.id, "signatory_id": signatory_id,
            "stage": InvitationStage.PREPARED, "link_generation": 1, "created_at": now,
        }
        for signatory_id, public_id in new
    ]  # fmt: skip
    session.execute(insert(Invitation.__table__), rows)  # type: ignore[arg-type]


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
