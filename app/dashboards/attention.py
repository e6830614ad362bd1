"""What needs a person first: facts about statements, each with where to go and what to do."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.appeals.models import Appeal, AppealState
from app.base import clock
from app.base.locales import lazy_gettext as _l, ngettext
from app.base.rows import portions
from app.base.sealing import Place, open_many
from app.campaigns.states import Capability
from app.dashboards.funnel import TROUBLED, Fate, Said, fate_when_reminded, said_in, troubled_reminders
from app.dashboards.queries import StatementLine
from app.dashboards.states import NEAR_DEADLINE
from app.deliveries.models import Delivery
from app.directory.models import Signatory
from app.invitations.models import AnswerRecord, Invitation
from app.invitations.reminders import reminders_for
from app.invitations.states import Answer, InvitationStage
from app.mail.models import Mail
from app.mail.states import MailState
from app.replies.queries import unread_of_statements
from app.signatures.changes import count_waiting_names
from app.smtp.states import Trouble as MailTrouble
from app.statements.addressing import waiting_by_statement
from app.statements.states import PUBLISHED, StatementState

_WORDS = {
    MailState.BOUNCED: "bounced",
    MailState.DROPPED: "bounced",
    MailState.REFUSED: "refused",
    MailState.UNCERTAIN: "uncertain",
    MailState.ACCEPTED: "silent",
}
_SILENCE = (0, Said())


class NeedKind(StrEnum):
    """What needs somebody, the most pressing first. A person without the capability is not asked."""

    DELIVERY_BOUNCED = "delivery-bounced"
    DELIVERY_UNCERTAIN = "delivery-uncertain"
    DELIVERY_REFUSED = "delivery-refused"
    REPLY_UNREAD = "reply-unread"
    BOUNCED = "bounced"
    CHANGE_ASKED = "asked-for-change"
    NAME_WAITS = "name-waits"
    RECIPIENTS_WAIT = "recipients-wait"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"
    DEADLINE_OVER = "deadline-over"
    DEADLINE_NEAR = "deadline-near"
    APPROVE = "approve"
    RELEASE = "release"
    ASSEMBLE = "assemble"
    NO_ADDRESS = "no-address"
    ASK = "ask"
    INVITE = "invite"
    WRITE = "write"


WHO = {
    NeedKind.DELIVERY_BOUNCED: Capability.ASSEMBLE,
    NeedKind.DELIVERY_UNCERTAIN: Capability.ASSEMBLE,
    NeedKind.DELIVERY_REFUSED: Capability.ASSEMBLE,
    NeedKind.REPLY_UNREAD: Capability.RECORD_REPLIES,
    NeedKind.BOUNCED: Capability.SEE_PEOPLE,
    NeedKind.CHANGE_ASKED: Capability.SEE_PEOPLE,
    NeedKind.NAME_WAITS: Capability.ASK,
    NeedKind.RECIPIENTS_WAIT: Capability.ASSEMBLE,
    NeedKind.REFUSED: Capability.SEE_PEOPLE,
    NeedKind.UNCERTAIN: Capability.SEE_PEOPLE,
    NeedKind.DEADLINE_OVER: Capability.OPEN,
    NeedKind.DEADLINE_NEAR: Capability.SEE_PEOPLE,
    NeedKind.APPROVE: Capability.APPROVE,
    NeedKind.RELEASE: Capability.ASSEMBLE,
    NeedKind.ASSEMBLE: Capability.ASSEMBLE,
    NeedKind.NO_ADDRESS: Capability.SEE_PEOPLE,
    NeedKind.ASK: Capability.ASK,
    NeedKind.INVITE: Capability.ASK,
    NeedKind.WRITE: Capability.EDIT,
}


@dataclass(frozen=True)
class Need:
    """One thing that somebody should look at: how many it concerns, where that can be counted."""

    kind: NeedKind
    statement: StatementLine
    number: int = 0

    @property
    def sentence(self) -> str:
        """What is the matter, in a few words."""
        return _sentence(self.kind, self.number)


@dataclass(frozen=True)
class PeopleTrouble:
    """What went wrong or waits among the people invited to one statement."""

    change_asked: int = 0
    bounced: int = 0
    refused: int = 0
    uncertain: int = 0
    no_address: int = 0
    silent: int = 0


def needs_of(
    session: Session, statements: Sequence[StatementLine], capabilities: dict[int, frozenset[Capability]]
) -> list[Need]:
    """Return what needs somebody with these capabilities (by the campaign's row id), the most pressing first."""
    people = [
        line.id
        for line in statements
        if line.state is StatementState.OPEN and Capability.SEE_PEOPLE in capabilities[line.campaign_id]
    ]
    troubles = troubles_of(session, people, [line.id for line in statements if _is_near(line)])
    deliveries = troubled_deliveries(session, [line.id for line in statements])
    unread = unread_of_statements(session, [line.id for line in statements if line.appeal is not None])
    names = count_waiting_names(session, [line.id for line in statements if line.state in PUBLISHED])
    recipients = waiting_by_statement(session, [line.id for line in statements])
    found = []
    for line in statements:
        facts = _facts(line, troubles.get(line.id, PeopleTrouble()), deliveries.get(line.id, Counter()))
        facts += [(NeedKind.REPLY_UNREAD, unread.get(line.id, 0)), (NeedKind.NAME_WAITS, names.get(line.id, 0))]
        facts.append((NeedKind.RECIPIENTS_WAIT, 0 if _has_left(line) else recipients.get(line.id, 0)))
        found += [
            Need(kind, line, number) for kind, number in facts if number and WHO[kind] in capabilities[line.campaign_id]
        ]
    order = list(NeedKind)
    return sorted(found, key=lambda need: order.index(need.kind))


def troubles_of(session: Session, statement_ids: Sequence[int], near: Sequence[int]) -> dict[int, PeopleTrouble]:
    """Count what waits among the people of some statements: four statements of SQL, one call through the port.

    Silence is counted only where the deadline is `near`; elsewhere nobody needs to act on it.
    """
    if not statement_ids:
        return {}
    said = _said(session, statement_ids)
    counted: dict[int, Counter[str]] = defaultdict(Counter)
    for statement_id, theirs in said.values():
        counted[statement_id]["change_asked"] += theirs.answer is Answer.CHANGE_ASKED
    for statement_id, invitation, state in _fates(session, statement_ids, near, said):
        if said.get(invitation, _SILENCE)[1].answer is Answer.NONE:
            counted[statement_id][_WORDS[state]] += 1
    for statement_id, number in session.execute(
        select(Invitation.statement_id, func.count())
        .join(Signatory, Signatory.id == Invitation.signatory_id)
        .where(
            Invitation.statement_id.in_(statement_ids),
            Invitation.stage == InvitationStage.PREPARED,
            Signatory.email_key.is_(None),
        )
        .group_by(Invitation.statement_id)
    ):
        counted[statement_id]["no_address"] = number
    return {statement_id: PeopleTrouble(**counts) for statement_id, counts in counted.items()}


def troubled_deliveries(session: Session, statement_ids: Iterable[int]) -> dict[int, Counter[MailState]]:
    """Count the deliveries of some statements that came back, are refused or uncertain now.

    A ruling changes the mail itself.
    """
    rows = session.execute(
        select(Appeal.statement_id, Mail.state, func.count())
        .join(Delivery, Delivery.appeal_id == Appeal.id)
        .join(Mail, Mail.public_id == Delivery.mail_id)
        .where(
            Appeal.statement_id.in_(list(statement_ids)),
            Mail.state.in_(TROUBLED),
        )
        .group_by(Appeal.statement_id, Mail.state)
    )
    found: dict[int, Counter[MailState]] = defaultdict(Counter)
    for statement_id, state, number in rows:
        found[statement_id][state] = number
    return found


def _fates(
    session: Session, statement_ids: Sequence[int], near: Sequence[int], said: dict[str, tuple[int, Said]]
) -> list[tuple[int, str, MailState]]:
    """Return statement, invitation and the latest mail's state of people who may need somebody."""
    reminders = troubled_reminders(session)
    found = []
    for row in _asked(session, statement_ids, near, {i for i, (_, one) in said.items() if one.reminder in reminders}):
        theirs = said.get(row.public_id, _SILENCE)[1]
        fate: Fate = (row.state, row.trouble)
        if theirs.is_reminded_since(row.asked_at):
            fate = fate_when_reminded(fate, reminders.get(theirs.reminder))
        state = fate[0]
        if state in _WORDS and (state is not MailState.ACCEPTED or row.statement_id in near):
            found.append((row.statement_id, row.public_id, state))
    return found


def _asked(session: Session, statement_ids: Sequence[int], near: Sequence[int], also: Iterable[str]) -> list[Any]:
    """Return the invitations whose mail tells of trouble or, near the deadline, of silence; `also` some more."""
    query = (
        select(Invitation.statement_id, Invitation.public_id, Invitation.asked_at, Mail.state, Mail.trouble)
        .join(Mail, Mail.public_id == Invitation.mail_id)
        .where(Invitation.statement_id.in_(statement_ids), Invitation.stage == InvitationStage.ASKED)
    )
    held_back = (Mail.state == MailState.DROPPED) & (Mail.trouble == MailTrouble.BOUNCING)
    silent = (Mail.state == MailState.ACCEPTED) & Invitation.statement_id.in_(near)
    rows: list[Any] = list(session.execute(query.where(Mail.state.in_(TROUBLED) | held_back | silent)))
    missing = sorted(set(also) - {row.public_id for row in rows})
    for part in portions(missing):
        rows += session.execute(query.where(Invitation.public_id.in_(part)))
    return rows


def _said(session: Session, statement_ids: Sequence[int]) -> dict[str, tuple[int, Said]]:
    rows = session.execute(
        select(AnswerRecord.statement_id, AnswerRecord.answer_key, AnswerRecord.answer_sealed).where(
            AnswerRecord.statement_id.in_(statement_ids)
        )
    ).all()
    places = [(Place("answers", "answer_sealed", row.answer_key.hex()), row.answer_sealed) for row in rows]
    opened = open_many(session, places, "what needs attention")
    reminders = reminders_for(session, statement_ids)
    return {
        found["invitation"]: (row.statement_id, said_in(found, reminders.get(found["invitation"])))
        for row, found in zip(rows, opened, strict=True)
    }


def _has_left(line: StatementLine) -> bool:
    return line.appeal is not None and line.appeal.state is AppealState.RELEASED


def _is_near(line: StatementLine) -> bool:
    is_open = line.state is StatementState.OPEN and not line.is_overdue
    return is_open and line.deadline_at is not None and line.deadline_at - clock.now() <= NEAR_DEADLINE


def _facts(line: StatementLine, trouble: PeopleTrouble, deliveries: Counter[MailState]) -> list[tuple[NeedKind, int]]:
    """Say what is the matter with one statement, each with how many it concerns; nothing is the matter with zero."""
    is_open = line.state is StatementState.OPEN and not line.is_overdue
    appeal = line.appeal
    awaits_me = appeal is not None and appeal.state is AppealState.ASSEMBLED and appeal.may_get_my_approval
    approved = appeal is not None and appeal.state is AppealState.APPROVED
    return [
        (NeedKind.DELIVERY_BOUNCED, deliveries[MailState.BOUNCED]),
        (NeedKind.DELIVERY_UNCERTAIN, deliveries[MailState.UNCERTAIN]),
        (NeedKind.DELIVERY_REFUSED, deliveries[MailState.REFUSED]),
        (NeedKind.BOUNCED, trouble.bounced),
        (NeedKind.CHANGE_ASKED, trouble.change_asked),
        (NeedKind.REFUSED, trouble.refused),
        (NeedKind.UNCERTAIN, trouble.uncertain),
        (NeedKind.DEADLINE_OVER, int(line.is_overdue)),
        (NeedKind.DEADLINE_NEAR, trouble.silent),
        (NeedKind.APPROVE, int(awaits_me)),
        (NeedKind.RELEASE, int(approved)),
        (NeedKind.ASSEMBLE, int(line.state is StatementState.CLOSED and appeal is None)),
        (NeedKind.NO_ADDRESS, trouble.no_address if is_open else 0),
        (NeedKind.ASK, line.invited - line.asked - trouble.no_address if is_open else 0),
        (NeedKind.INVITE, int(is_open and not line.invited)),
        (NeedKind.WRITE, int(line.state is StatementState.DRAFTING)),
    ]


def _sentence(kind: NeedKind, number: int) -> str:
    match kind:
        case NeedKind.DELIVERY_UNCERTAIN:
            return ngettext(
                "%(num)s delivery is uncertain: decide whether it arrived",
                "%(num)s deliveries are uncertain: decide whether they arrived", number,
            )  # fmt: skip
        case NeedKind.DELIVERY_BOUNCED:
            return ngettext(
                "%(num)s letter came back: its recipient has not got it",
                "%(num)s letters came back: their recipients have not got them", number,
            )  # fmt: skip
        case NeedKind.DELIVERY_REFUSED:
            return ngettext("%(num)s delivery was refused", "%(num)s deliveries were refused", number)
        case NeedKind.REPLY_UNREAD:
            return ngettext("%(num)s reply waits to be read", "%(num)s replies wait to be read", number)
        case NeedKind.CHANGE_ASKED:
            return ngettext("%(num)s person asked for a change", "%(num)s people asked for a change", number)
        case NeedKind.NAME_WAITS:
            return ngettext(
                "%(num)s person gave a name that we do not know them by: look at it",
                "%(num)s people gave names that we do not know them by: look at them", number,
            )  # fmt: skip
        case NeedKind.BOUNCED:
            return ngettext(
                "The address of %(num)s person does not work: correct it",
                "The addresses of %(num)s people do not work: correct them", number,
            )  # fmt: skip
        case NeedKind.REFUSED:
            return ngettext("%(num)s mail was refused", "%(num)s mails were refused", number)
        case NeedKind.UNCERTAIN:
            return ngettext("%(num)s mail is uncertain", "%(num)s mails are uncertain", number)
        case NeedKind.DEADLINE_NEAR:
            return ngettext(
                "%(num)s person has not answered, and the deadline is near",
                "%(num)s people have not answered, and the deadline is near", number,
            )  # fmt: skip
        case NeedKind.NO_ADDRESS:
            return ngettext("%(num)s person has no address", "%(num)s people have no address", number)
        case NeedKind.ASK:
            return ngettext(
                "%(num)s invitation is ready and not sent", "%(num)s invitations are ready and not sent", number
            )
    return str(_PLAIN[kind])


_PLAIN = {
    NeedKind.RECIPIENTS_WAIT: _l("Somebody changed whom letters go to: accept or refuse it"),
    NeedKind.DEADLINE_OVER: _l("The deadline is over: close the statement or extend it"),
    NeedKind.APPROVE: _l("The appeal waits for approval"),
    NeedKind.RELEASE: _l("The appeal is approved: release it"),
    NeedKind.ASSEMBLE: _l("Closed: assemble the appeal"),
    NeedKind.INVITE: _l("Open, and nobody is invited yet"),
    NeedKind.WRITE: _l("In draft: finish and open it"),
}
