"""Reads where the invited stand: their marks, all of a statement or some, and the mails that were not accepted."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, String, case, cast, func, select, text, type_coerce
from sqlalchemy.orm import Session

from app.base.rows import portions
from app.base.sealing import open_plain
from app.dashboards.standings import Fate, InvitedMark, Placed, Standings, mark_of, number_of_mail
from app.dashboards.states import InviteeStanding
from app.directory.models import Signatory
from app.invitations.answers import answer_key, answer_place
from app.invitations.emails import INVITATION, REMINDER
from app.invitations.models import AnswerRecord, Invitation, ReminderRecord
from app.invitations.reminders import reminder_key, reminder_place
from app.invitations.states import Answer, InvitationStage
from app.mail.models import IS_TROUBLED, Mail
from app.mail.states import DUE, HELD, MailState
from app.smtp.states import Trouble

TROUBLED = (MailState.REFUSED, MailState.UNCERTAIN, MailState.BOUNCED)
_FETCHED_AT_ONCE = 2_000
_PURPOSE = "where the invited stand"
# The beginning of every answer, as `answering` seals it; reading all of its JSON takes longer than opening it.
_BEGINNING = re.compile(rb'\{"invitation":"([^"\\]+)","answer":"([^"\\]+)",')
_NO_REMINDERS = b'"reminders":[]'
_NONE = Answer.NONE.value
_NEVER = None, ""
Latest = tuple[datetime, str]  # when the latest reminder was queued, and its mail


class Said:
    """What was opened of some of the invited: answers other than silence, and the latest reminders."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.reminders: dict[str, Latest] = {}

    def read_answers(self, session: Session, rows: Sequence[Any]) -> None:
        """Open answers (key, envelope)."""
        places = [(answer_place(key), sealed) for key, sealed in rows]
        for plain in open_plain(session, places, _PURPOSE):
            found = _BEGINNING.match(plain)
            if found is None or _NO_REMINDERS not in plain:
                self._read_whole(json.loads(plain))
            elif found[2] != b"none":
                self.answers[found[1].decode()] = found[2].decode()

    def read_reminders(self, session: Session, rows: Sequence[Any]) -> None:
        """Open reminders (key, envelope), which count beside those that older answers hold."""
        for plain in open_plain(session, [(reminder_place(key), sealed) for key, sealed in rows], _PURPOSE):
            self._read_latest(json.loads(plain))

    def _read_whole(self, document: dict[str, Any]) -> None:
        if document["answer"] != _NONE:
            self.answers[document["invitation"]] = document["answer"]
        self._read_latest(document)

    def _read_latest(self, document: dict[str, Any]) -> None:
        if document["reminders"]:
            at, mail = document["reminders"][-1]
            self.reminders[document["invitation"]] = datetime.fromisoformat(at), mail


def all_standings(session: Session, statement_id: int) -> Standings:
    """Open and read everybody who was invited to a statement: three statements of SQL, whatever their number."""
    said = Said()
    for rows in _portions(session, _answers().where(AnswerRecord.statement_id == statement_id)):
        said.read_answers(session, rows)
    for rows in _portions(session, _reminders().where(ReminderRecord.statement_id == statement_id)):
        said.read_reminders(session, rows)
    found = Standings()
    invited = _invited(Invitation.statement_id == statement_id).order_by(Invitation.id)
    for rows in _portions(session, invited):
        found.extend(_mark(row, said) for row in rows)
    return found


def marks_among(session: Session, condition: ColumnElement[bool]) -> Iterator[tuple[int, str, InvitedMark]]:
    """Yield statement, invitation (public id) and mark of some of the invited."""
    for rows in portions(session.execute(_invited(condition)).all()):
        said = Said()
        wanted = [row.public_id for row in rows]
        keys = [answer_key(session, one) for one in wanted]
        said.read_answers(session, session.execute(_answers().where(AnswerRecord.answer_key.in_(keys))).all())
        keys = [reminder_key(session, one) for one in wanted]
        said.read_reminders(session, session.execute(_reminders().where(ReminderRecord.reminder_key.in_(keys))).all())
        for row in rows:
            yield row.statement_id, row.public_id, _mark(row, said)


def stages_of(session: Session, statement_ids: Sequence[int]) -> dict[int, dict[InvitationStage, int]]:
    """Count the invitations of some statements by stage, along one index."""
    rows = session.execute(
        select(Invitation.statement_id, Invitation.stage, func.count())
        .where(Invitation.statement_id.in_(statement_ids))
        .group_by(Invitation.statement_id, Invitation.stage)
    )
    found: dict[int, dict[InvitationStage, int]] = defaultdict(dict)
    for statement_id, stage, number in rows:
        found[statement_id][stage] = number
    return found


def standing_of(session: Session, row_id: int) -> InviteeStanding:
    """Tell where one invited person stands, by the row id of their invitation."""
    known = Standings()
    for _statement_id, _public_id, mark in marks_among(session, Invitation.id == row_id):
        known.put(mark)
    mails = select(Mail.public_id, Mail.state, Mail.trouble)
    invited = mails.join(Invitation, Invitation.mail_id == Mail.public_id).where(Invitation.id == row_id)
    row = session.execute(invited).one_or_none()
    fates = {row_id: (row.state, row.trouble)} if row is not None else {}
    place = Placed(known, fates, fates_of_reminders(session) if any(known.reminders) else {}).at(row_id)
    return place or InviteeStanding.CANCELLED


def mark_of_mails(session: Session) -> tuple[Any, ...]:
    """Return what differs whenever another mail to the invited is in trouble or on its way: numbers and sums of ids."""
    mails = Mail.__table__.c
    number = cast(mails.id, BigInteger)  # PostgreSQL's integers are too small for products of large ids
    sums = func.count(), func.sum(number), func.sum((number % 7919) * (number % 104_729))
    troubled = select(_raw(mails.state), _raw(mails.trouble), mails.kind, *sums).where(
        mails.kind.in_((INVITATION.name, REMINDER.name)), text(IS_TROUBLED)
    )
    waiting = select(_raw(mails.state), *sums).where(mails.state.in_((*DUE, *HELD)))
    return (
        *map(tuple, session.execute(troubled.group_by(mails.state, mails.trouble, mails.kind))),
        *map(tuple, session.execute(waiting.group_by(mails.state))),
    )


def fates_of_invitations(session: Session, statement_ids: Sequence[int]) -> dict[int, dict[int, Fate]]:
    """Return, by statement, the fates of invitations' mails that were not accepted, or not yet, by invitation."""
    mails, invitations = Mail.__table__.c, Invitation.__table__.c
    wanted = (
        select(invitations.statement_id, invitations.id, _raw(mails.state), _raw(mails.trouble))
        .join_from(Mail.__table__, Invitation.__table__, invitations.mail_id == mails.public_id)
        # Found by their mails, which are few; the index of the statement would lead over all who were invited.
        .where(mails.kind == INVITATION.name, (invitations.statement_id + 0).in_(statement_ids))
    )
    found: dict[int, dict[int, Fate]] = defaultdict(dict)
    for condition in (text(f"mails.{IS_TROUBLED}"), mails.state.in_((*DUE, *HELD))):
        for statement_id, row_id, state, trouble in session.execute(wanted.where(condition)):
            found[statement_id][row_id] = _FATES[state, trouble]
    return found


def fates_of_reminders(session: Session) -> dict[int, Fate]:
    """Return the reminders of the whole house that did not arrive or may not have, by the numbers of their mails."""
    mails = Mail.__table__.c
    held_back = (mails.state != MailState.DROPPED) | (mails.trouble == Trouble.BOUNCING)
    rows = session.execute(
        select(mails.public_id, _raw(mails.state), _raw(mails.trouble)).where(
            mails.kind == REMINDER.name, text(IS_TROUBLED), held_back
        )
    )
    return {number_of_mail(public_id): _FATES[state, trouble] for public_id, state, trouble in rows}


_FATES: dict[tuple[str, str | None], Fate] = {
    (state.value, trouble.value if trouble else None): (state, trouble)
    for state in MailState
    for trouble in (None, *Trouble)
}


def _mark(row: Any, said: Said) -> InvitedMark:
    row_id, _statement_id, public_id, stage, kind, has_address, has_mail, asked_at = row
    at, mail = said.reminders.get(public_id, _NEVER)
    is_reminded = at is not None and not _is_asked_since(asked_at, at)
    mark = mark_of(stage, kind, has_address, has_mail, said.answers.get(public_id, _NONE), is_reminded)
    return row_id, mark, number_of_mail(mail) if is_reminded else 0


def _is_asked_since(asked_at: Any, reminded_at: datetime) -> bool:
    """Tell whether the invitation is later than the reminder: a new link may have gone to another address since."""
    if isinstance(asked_at, str):  # as SQLite has it: reading them all as times would take as long as opening answers
        asked_at = datetime.fromisoformat(asked_at).replace(tzinfo=UTC)
    return asked_at is not None and asked_at > reminded_at


def _portions(session: Session, wanted: Select[Any]) -> Iterator[Sequence[Any]]:
    return session.execute(wanted, execution_options={"yield_per": _FETCHED_AT_ONCE}).partitions()


def _raw(column: Any) -> Any:
    """Read a column as it stands: a hundred thousand enums and times take longer than what they are read for."""
    return type_coerce(column, String)


def _answers() -> Select[Any]:
    return select(*AnswerRecord.__table__.c["answer_key", "answer_sealed"])


def _reminders() -> Select[Any]:
    return select(*ReminderRecord.__table__.c["reminder_key", "reminders_sealed"])


def _invited(condition: ColumnElement[bool]) -> Select[Any]:
    """Select columns of tables and not of models, which take twice as long to read; 1 and 0 for yes and no."""
    invitations, signatories = Invitation.__table__.c, Signatory.__table__.c
    return (
        select(
            *invitations["id", "statement_id", "public_id"],
            _raw(invitations.stage),
            _raw(signatories.kind),
            case((signatories.email_key.is_(None), 0), else_=1),
            case((invitations.mail_id.is_(None), 0), else_=1),
            _raw(invitations.asked_at),
        )
        .join_from(Invitation.__table__, Signatory.__table__, signatories.id == invitations.signatory_id)
        .where(condition)
    )
