"""What an operator does to the queue: pause it, try mails again, drop them, decide what is uncertain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from app.audit.actions import record, record_many
from app.base import clock
from app.base.rows import insert_into, number_changed
from app.mail.actions import rule_uncertain
from app.mail.models import Mail, MailControl
from app.mail.queries import THE_ONE_CONTROL, pause_of
from app.mail.states import DUE, MailClass, MailState, Pause
from app.mailroom.selections import MOST_AT_ONCE, Queued, Selection
from app.mailroom.states import DecidedElsewhere, MailNotUncertain, MailRuling, NoSuchQueuedMail, NothingChosen

QUEUE = "mail queue"  # the audit's subject for what concerns no single mail
RETRYABLE = (MailState.REFUSED, MailState.DEFERRED)


@dataclass(frozen=True)
class QueueChange:
    """What became of a wish to change mails: how many were changed, and how many could not be, official ones apart."""

    number: int
    left: int
    official: int


def may_change(mail: Queued) -> bool:
    """Tell whether a mail could be tried again or dropped from here."""
    return mail.state in {*RETRYABLE, *DUE} and mail.mail_class is not MailClass.OFFICIAL


def count_changeable(session: Session, selection: Selection) -> int:
    """Count the mails of a selection that could be tried again or dropped, up to one more than are changed at once."""
    some = selection.ids().where(_may_change((*RETRYABLE, *DUE))).limit(MOST_AT_ONCE + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def set_pause(session: Session, actor: str, pause: Pause) -> None:
    """Hold mail back, or let it go again; mails that are being sent already are finished. Idempotent."""
    # Held first: the person who decides last is also dated last.
    session.execute(select(MailControl.id).where(MailControl.id == THE_ONE_CONTROL).with_for_update())
    before = pause_of(session)
    if before is pause:
        return
    values = {"pause": pause, "changed_by": actor, "changed_at": clock.now()}
    session.execute(
        insert_into(session, MailControl)
        .values(id=THE_ONE_CONTROL, **values)
        .on_conflict_do_update(index_elements=[MailControl.id], set_=values)
    )
    record(session, actor, "queue.paused" if pause is not Pause.NOTHING else "queue.resumed", QUEUE, pause=pause.value)


def retry_chosen(session: Session, actor: str, mail_ids: Sequence[str]) -> QueueChange:
    """Queue refused and deferred mails again at once; raises NothingChosen. Official ones are left alone."""
    changed = _change_chosen(session, mail_ids, RETRYABLE, _again())
    record_many(session, actor, "mail.retried", changed)
    return _outcome(session, mail_ids, len(changed))


def drop_chosen(session: Session, actor: str, mail_ids: Sequence[str]) -> QueueChange:
    """Take mails back that have not left, for good; raises NothingChosen. Official ones are left alone."""
    changed = _change_chosen(session, mail_ids, DUE, _dropped())
    record_many(session, actor, "mail.dropped", changed)
    return _outcome(session, mail_ids, len(changed))


def retry_selection(session: Session, actor: str, selection: Selection) -> QueueChange:
    """Queue a whole selection again at once, at most 10,000, in one statement."""
    return _change_selection(session, actor, "queue.retried", selection, RETRYABLE, _again())


def drop_selection(session: Session, actor: str, selection: Selection) -> QueueChange:
    """Take back what has not left of a whole selection, at most 10,000, in one statement."""
    return _change_selection(session, actor, "queue.dropped", selection, DUE, _dropped())


def rule(session: Session, actor: str, mail_id: str, ruling: MailRuling, evidence: str) -> None:
    """Decide about an uncertain mail, with what the person knows.

    Raises NoSuchQueuedMail, NotUncertain, and DecidedElsewhere for official mail. Letting it be changes no state: it
    stays visible as uncertain.
    """
    found = session.execute(select(Mail.mail_class, Mail.state).where(Mail.public_id == mail_id)).one_or_none()
    if found is None:
        raise NoSuchQueuedMail
    if found.mail_class is MailClass.OFFICIAL:
        raise DecidedElsewhere
    if ruling is MailRuling.LEAVE:
        is_done = found.state is MailState.UNCERTAIN
    else:
        is_done = rule_uncertain(session, mail_id, arrived=ruling is MailRuling.ARRIVED)
    if not is_done:
        raise MailNotUncertain
    record(session, actor, "mail.ruled", mail_id, ruling=ruling.value, evidence=evidence)


def note_opening(session: Session, actor: str, mail_id: str) -> None:
    """Record that somebody reads what servers said about one mail; raises NoSuchQueuedMail."""
    if session.scalar(select(Mail.id).where(Mail.public_id == mail_id)) is None:
        raise NoSuchQueuedMail
    record(session, actor, "mail.answers opened", mail_id)


def _again() -> dict[str, Any]:
    return {
        "state": MailState.QUEUED, "due_at": clock.now(), "finished_at": None, "failures": 0, "has_slot": False,
    }  # fmt: skip


def _dropped() -> dict[str, Any]:
    return {"state": MailState.DROPPED, "finished_at": clock.now()}


def _change_chosen(
    session: Session, mail_ids: Sequence[str], states: Sequence[MailState], values: dict[str, Any]
) -> list[str]:
    if not mail_ids:
        raise NothingChosen
    change = update(Mail).where(Mail.public_id.in_(mail_ids), _may_change(states)).values(**values)
    return list(session.scalars(change.returning(Mail.public_id).execution_options(synchronize_session=False)))


def _change_selection(
    session: Session, actor: str, action: str, selection: Selection, states: Sequence[MailState], values: dict[str, Any]
) -> QueueChange:
    matching = min(count_changeable(session, selection), MOST_AT_ONCE)
    wanted = selection.ids().where(_may_change(states)).order_by(Mail.id).limit(MOST_AT_ONCE).subquery()
    # The state is asked once more outside: a worker may claim a mail between the choice and the change.
    change = update(Mail).where(Mail.id.in_(wanted.select()), Mail.state.in_(states)).values(**values)
    result = session.execute(change.execution_options(synchronize_session=False))
    number = number_changed(result)
    narrowed = {name: str(value) for name, value in vars(selection).items() if value}
    record(session, actor, action, QUEUE, number=number, **narrowed)
    return QueueChange(number, max(0, matching - number), 0)


def _may_change(states: Sequence[MailState]) -> ColumnElement[bool]:
    return Mail.state.in_(states) & (Mail.mail_class != MailClass.OFFICIAL)


def _outcome(session: Session, mail_ids: Sequence[str], number: int) -> QueueChange:
    """Say how many of the ticked ones were left; ids that are none count as left, too."""
    asked = len(set(mail_ids))
    official = session.scalar(
        select(func.count())
        .select_from(Mail)
        .where(Mail.public_id.in_(mail_ids), Mail.mail_class == MailClass.OFFICIAL)
    )
    return QueueChange(number, asked - number - (official or 0), official or 0)
