"""/desk/statements/<statement>/invitations: choose whom to ask, ask and remind them, cancel, correct an address.

Nobody is mailed by one click: what writes to people shows first to how many, and what they will read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.background.long_works import work_of
from app.base.edge import flash_notice, reading, see_other, writing
from app.base.locales import gettext as _, lazy_gettext as _l, ngettext
from app.base.paging import Page
from app.base.saving import result_of, status_of
from app.campaigns.models import Campaign
from app.campaigns.states import Capability
from app.directory.actions import edit_signatory
from app.directory.queries import (
    opened,
    roles_of,
    signatory_row,
)
from app.directory.states import GroupPlace, NewEntry
from app.invitations import actions, addresses, bulk_orders, emails, queries
from app.invitations.forms import AddressForm, Ticked
from app.invitations.preparing_pages import blueprint, preparing
from app.invitations.queries import Asked
from app.invitations.states import PREPARE, Answer, Errand, InvitationAnswer, InvitationStage, NothingToSend
from app.mail.queries import fates_of
from app.mail.registry import RenderedMail
from app.mail.states import MailState
from app.statements.desk import StatementTab, entered, here, posted
from app.statements.models import Statement
from app.statements.queries import is_open

__all__ = ["blueprint"]

SIGNPOSTS = [
    StatementTab(endpoint="invitations.show_invitations", label=_l("Invite"), capability=Capability.ASK, position=20),
]

AT_ONCE = 500  # people in one transaction: SQLite lets nobody else write during it
ASK_AT_ONCE = 500  # people who are written to within a request; for more it leaves an order

Act = Callable[[Session, str, Statement, Sequence[str]], int]
_READY: dict[Errand, Callable[[Session, int], list[str]]] = {
    Errand.ASK: queries.ready_to_ask,
    Errand.REMIND: queries.ready_to_remind,
}
_ACT: dict[Errand, Act] = {Errand.ASK: actions.ask, Errand.REMIND: actions.remind}


@dataclass(frozen=True)
class ListedInvitation:
    """One line of the list."""

    asked: Asked
    mail: MailState | None
    reply: InvitationAnswer

    @property
    def has_answered(self) -> bool:
        """Tell whether there is an answer."""
        return self.reply.answer is not Answer.NONE

    @property
    def has_failed(self) -> bool:
        """Tell whether the mail certainly did not arrive."""
        return self.mail in {MailState.REFUSED, MailState.BOUNCED, MailState.DROPPED}


@dataclass(frozen=True)
class Sending:
    """What is about to be sent: to how many, and one of the mails."""

    errand: Errand
    everybody: bool
    chosen: Sequence[str]
    number: int
    example: Asked
    mail: RenderedMail


@blueprint.get("")
def show_invitations(statement: str) -> ResponseReturnValue:
    """List the people who are to be asked and those who were; or show how far it is with preparing very many."""
    session = reading()
    found = entered(session, statement, Capability.ASK)
    work = work_of(session, statement, [PREPARE])
    if work is not None:
        return preparing(session, found, work)
    stage = _stage(request.args.get("stage", ""))
    page = queries.page_of_invitations(session, found.statement.id, stage, request.args.get("after"))
    counts = queries.count_by_stage(session, found.statement.id)
    return render_template(
        "invitations/show_invitations.html",
        here=here(session, found),
        listed=_listed(session, page),
        stage=stage,
        stages=[(each, counts.get(each, 0)) for each in InvitationStage],
        total=sum(counts.values()),
        ready=queries.count_ready_to_ask(session, found.statement.id),
        # How many are silent is told on the next page: it takes opening every answer.
        asked=counts.get(InvitationStage.ASKED, 0),
        orders=bulk_orders.under_way(session, found.statement.id),
        next_url=_list_url(statement, stage, page.next_cursor) if page.next_cursor else None,
        first_url=None if page.is_first else _list_url(statement, stage),
    )


@blueprint.post("/ask")
def ask(statement: str) -> ResponseReturnValue:
    """Show to whom the invitation goes and how it reads; send it once that is confirmed."""
    return _send(statement, Errand.ASK)


@blueprint.post("/remind")
def remind(statement: str) -> ResponseReturnValue:
    """Show who would be reminded and how it reads; remind them once that is confirmed."""
    return _send(statement, Errand.REMIND)


@blueprint.post("/orders/<order>/stop")
def stop_order(statement: str, order: str) -> ResponseReturnValue:
    """Stop writing to everybody; the mails that are queued already go out."""
    with writing() as session:
        found = entered(session, statement, Capability.ASK)
        is_stopped = bulk_orders.stop(session, found.actor, found.statement, order)
    said = _("Stopped. Nobody further is written to; mails that wait already still go out.")
    flash_notice(said if is_stopped else _("There was nothing left to stop."))
    return see_other(".show_invitations", statement=statement)


@blueprint.post("/test")
def send_test(statement: str) -> ResponseReturnValue:
    """Mail the invitation to the organiser who is signed in."""
    with writing() as session:
        found = entered(session, statement, Capability.ASK)
        actions.send_test(session, found.actor, found.statement, request.form.get("like"))
    flash_notice(_("A test is on its way to your own address. Its link leads nowhere."))
    return see_other(".show_invitations", statement=statement)


@blueprint.route("/<invitation>/cancel", methods=["GET", "POST"])
def cancel(statement: str, invitation: str) -> ResponseReturnValue:
    """Take one invitation back, after asking."""
    if request.method != "POST":
        return _one_page("invitations/confirm_cancelling.html", statement, invitation)
    with writing() as session:
        found = entered(session, statement, Capability.ASK)
        actions.cancel(session, found.actor, found.statement, invitation)
    flash_notice(_("The invitation is cancelled; its link no longer works."))
    return see_other(".show_invitations", statement=statement)


@blueprint.route("/<invitation>/link", methods=["GET", "POST"])
def reissue(statement: str, invitation: str) -> ResponseReturnValue:
    """Void the link that was sent and mail a new one, after asking."""
    if request.method != "POST":
        return _one_page("invitations/confirm_new_link.html", statement, invitation)
    with writing() as session:
        found = entered(session, statement, Capability.ASK)
        actions.reissue_link(session, found.actor, found.statement, invitation)
    flash_notice(_("A new link is on its way; the old one no longer works."))
    return see_other(".show_invitations", statement=statement)


@blueprint.route("/<invitation>/address", methods=["GET", "POST"])
def correct_address(statement: str, invitation: str) -> ResponseReturnValue:
    """Correct a wrong address in the directory and, if the person was asked, mail a new link to the right one."""
    form = AddressForm(posted())

    def act(session: Session) -> bool:
        found = entered(session, statement, Capability.ASK)
        asked = queries.invitation(session, found.statement.id, invitation)
        _change_address(session, found.access.campaign, found.actor, asked, form.email.words)
        if asked.stage is InvitationStage.ASKED:
            actions.reissue_link(session, found.actor, found.statement, invitation)
        return asked.stage is InvitationStage.ASKED

    is_reissued = result_of(form, act)
    if is_reissued is None:
        return _one_page("invitations/correct_address.html", statement, invitation, form), status_of(form)
    said = _("The address is corrected. A new link is on its way to it; the old one no longer works.")
    flash_notice(said if is_reissued else _("The address is corrected."))
    return see_other(".show_invitations", statement=statement)


@blueprint.post("/<invitation>/address/works")
def trust_address(statement: str, invitation: str) -> ResponseReturnValue:
    """Send to an address again that mail came back from, and a new link at once to those who still wait for one."""
    with writing() as session:
        found = entered(session, statement, Capability.ASK)
        asked = queries.invitation(session, found.statement.id, invitation)
        addresses.trust_address(session, found.actor, found.statement, asked)
        reply = queries.answers_to(session, [invitation]).get(invitation, InvitationAnswer())
        is_silent = asked.stage is InvitationStage.ASKED and reply.answer is Answer.NONE
        waits = is_silent and bool(asked.person.details.email) and is_open(found.statement)
        if waits:
            actions.reissue_link(session, found.actor, found.statement, invitation)
    flash_notice(
        _("Mail goes to this address again, and a new link is on its way.")
        if waits
        else _("Mail goes to this address again.")
    )
    return see_other(".show_invitations", statement=statement)


def _send(statement: str, errand: Errand) -> ResponseReturnValue:
    choice = Ticked.from_form(request.form, "invitation")
    session = reading()
    found = entered(session, statement, Capability.ASK)
    ready = _READY[errand](session, found.statement.id) if choice.everybody or not choice.confirmed else ()
    if choice.confirmed and len(ready) > ASK_AT_ONCE:
        return _order(statement, errand, len(ready))
    if choice.confirmed:
        number = _in_turns(statement, ready if choice.everybody else choice.chosen, _ACT[errand])
        flash_notice(ngettext("%(num)s mail is on its way.", "%(num)s mails are on their way.", number))
        return see_other(".show_invitations", statement=statement)
    chosen = set(choice.chosen)
    wanted = ready if choice.everybody else [each for each in ready if each in chosen]
    if not wanted:
        raise NothingToSend
    example = queries.invitation(session, found.statement.id, wanted[0])
    mail = emails.preview(session, found.statement, example, errand)
    sending = Sending(errand, choice.everybody, wanted, len(wanted), example, mail)
    return render_template("invitations/confirm_sending.html", here=here(session, found), sending=sending)


def _order(statement: str, errand: Errand, expected: int) -> ResponseReturnValue:
    """Leave writing to very many to a worker: a request that takes a minute is lost with the connection."""
    with writing() as session:
        found = entered(session, statement, Capability.ASK)
        bulk_orders.order(session, found.actor, found.statement, errand, expected)
    flash_notice(
        ngettext(
            "%(num)s person is written to, bit by bit. You can leave this page.",
            "%(num)s people are written to, some hundreds at a time. You can leave this page.",
            expected,
        )
    )
    return see_other(".show_invitations", statement=statement)


def _in_turns(statement: str, chosen: Sequence[str], act: Act) -> int:
    """Write to many in several transactions, so that people who sign meanwhile need not wait; return to how many.

    Should one fail, the others stand, and doing it again writes only to those who are left. Raises NothingToSend.
    """
    number = 0
    for start in range(0, len(chosen), AT_ONCE):
        with writing() as session:
            found = entered(session, statement, Capability.ASK)
            with suppress(NothingToSend):
                number += act(session, found.actor, found.statement, chosen[start : start + AT_ONCE])
    if not number:
        raise NothingToSend
    return number


def _one_page(template: str, statement: str, invitation: str, form: AddressForm | None = None) -> str:
    session = reading()
    found = entered(session, statement, Capability.ASK)
    asked = queries.invitation(session, found.statement.id, invitation)
    if form is not None and request.method != "POST":
        form.email.data = asked.person.details.email
    return render_template(template, here=here(session, found), asked=asked, form=form)


def _change_address(session: Session, campaign: Campaign, actor: str, asked: Asked, email: str) -> None:
    row = signatory_row(session, campaign.id, asked.person.public_id)
    now = opened(session, [row], "correct an address")[0]
    held = roles_of(session, [row.id], "correct an address").get(row.id, [])
    places = tuple(GroupPlace(each.group, each.role) for each in held)
    changed = NewEntry(replace(now.details, email=email), now.kind, now.is_prominent, places)
    edit_signatory(session, campaign, actor, row, changed)


def _listed(session: Session, page: Page[Asked]) -> list[ListedInvitation]:
    fates = fates_of(session, [each.mail_id for each in page.items if each.mail_id])
    replies = queries.answers_to(session, [each.public_id for each in page.items])
    return [
        ListedInvitation(
            each,
            fates[each.mail_id].state if each.mail_id in fates else None,
            replies.get(each.public_id, InvitationAnswer()),
        )
        for each in page.items
    ]


def _stage(given: str) -> InvitationStage | None:
    return InvitationStage(given) if given in set(InvitationStage) else None


def _list_url(statement: str, stage: InvitationStage | None, cursor: str | None = None) -> str:
    return url_for(".show_invitations", statement=statement, stage=stage, after=cursor)
