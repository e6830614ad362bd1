"""What needs a person first: facts about statements, each with where to go and what to do."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.appeals.models import Appeal, AppealState
from app.base import clock
from app.base.locales import lazy_gettext as _l, ngettext
from app.campaigns.states import Capability
from app.dashboards.marks import TROUBLED
from app.dashboards.queries import StatementLine
from app.dashboards.remembered import Remembered, placed_of
from app.dashboards.standings import Placed
from app.dashboards.states import NEAR_DEADLINE, InviteeStanding
from app.deliveries.models import Delivery
from app.mail.models import Mail
from app.mail.states import MailState
from app.replies.queries import unread_of_statements
from app.signatures.changes import count_waiting_names
from app.statements.addressing import waiting_by_statement
from app.statements.states import PUBLISHED, StatementState


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
    session: Session,
    statements: Sequence[StatementLine],
    capabilities: dict[int, frozenset[Capability]],
    remembered: Remembered | None = None,
) -> list[Need]:
    """Return what needs somebody with these capabilities (by the campaign's row id), the most pressing first."""
    people = [
        line.id
        for line in statements
        if line.state is StatementState.OPEN and Capability.SEE_PEOPLE in capabilities[line.campaign_id]
    ]
    near = {line.id for line in statements if _is_near(line)}
    troubles = troubles_of(placed_of(session, people, remembered), near)
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


def troubles_of(placed: Mapping[int, Placed], near: Collection[int]) -> dict[int, PeopleTrouble]:
    """Count what waits among the people of some statements.

    Silence is counted only where the deadline is `near`; elsewhere nobody needs to act on it.
    """
    return {
        statement_id: PeopleTrouble(
            change_asked=numbers[InviteeStanding.CHANGE_ASKED],
            bounced=numbers[InviteeStanding.BOUNCED],
            refused=numbers[InviteeStanding.REFUSED],
            uncertain=numbers[InviteeStanding.UNCERTAIN],
            no_address=numbers[InviteeStanding.NO_ADDRESS],
            silent=numbers[InviteeStanding.NO_ANSWER] if statement_id in near else 0,
        )
        for statement_id, numbers in ((each, one.numbers()) for each, one in placed.items())
    }


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
