"""The desk's pages for handing over: the release, the deliveries, one delivery with its proof."""

from __future__ import annotations

from dataclasses import dataclass

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.accounts.queries import names_of
from app.appeals.desk import check_sees_letters, entered_appeal
from app.appeals.models import AppealState
from app.appeals.queries import LetterRow, frozen_letter, letters_of
from app.appeals.seconds import standing_approvals, told_then
from app.base.blueprints import Pages, asks_for_proof
from app.base.edge import flash_notice, reading, see_other, writing
from app.base.locales import gettext as _, lazy_gettext as _l
from app.base.parts import parts
from app.base.saving import saved, status_of
from app.base.signposts import Landmark, way_to
from app.campaigns.states import Capability
from app.campaigns.vouching import ToldVouching
from app.deliveries import queries
from app.deliveries.actions import hand_over, note_delivered, rule, try_again
from app.deliveries.evidence import Clue, Signs, Try, against, clues, tries_of, why_it_came_back
from app.deliveries.forms import DeliveryRulingForm, ReleaseForm
from app.deliveries.models import Delivery
from app.deliveries.queries import Decided, DeliveryRow
from app.deliveries.states import DeliveryRuling, DeliveryState, may_go_again
from app.mail.evidence import Evidence, evidence_of
from app.mail.queries import attempts_of
from app.statements.desk import DELIVERIES, RECORD_REPLY, RELEASE, Entered, Here, StatementTab, entered, here
from app.statements.queries import statement_by_id
from app.statements.states import ENDED, StatementState

blueprint = Pages("deliveries", __name__, url_prefix="/desk")
SIGNPOSTS = [
    Landmark(name=DELIVERIES, endpoint="deliveries.list_deliveries"),
    Landmark(name=RELEASE, endpoint="deliveries.confirm_release"),
    StatementTab(endpoint="deliveries.list_deliveries", label=_l("Deliveries"), states=ENDED, position=70),
]
PURPOSE = "an organiser reads deliveries"


@dataclass(frozen=True)
class ReleasePage:
    """What leaves when the button is pressed, and who vouches for it."""

    here: Here
    appeal: str
    state: AppealState
    manifest_sha256: str
    assembled_by: str
    approved_by: list[tuple[str, ToldVouching | None]]
    letters: list[LetterRow]


@dataclass(frozen=True)
class DeliveryPage:
    """One delivery with its evidence."""

    here: Here
    row: DeliveryRow
    tries: list[Try]
    is_unanswered: bool
    evidence: list[Evidence]
    clues: list[Clue]
    why_it_came_back: str
    decided: Decided | None
    decided_by: str
    against: list[Evidence]
    may_decide: bool
    may_try_again: bool
    reply_url: str


@blueprint.get("/appeals/<appeal>/release")
@asks_for_proof
def confirm_release(appeal: str) -> ResponseReturnValue:
    """Ask before the appeal leaves: to whom, and which bytes."""
    return _release_page(appeal, ReleaseForm())


@blueprint.post("/appeals/<appeal>/release")
@asks_for_proof
def release_appeal(appeal: str) -> ResponseReturnValue:
    """Release what the page showed and queue every letter; a second click changes nothing."""
    form = ReleaseForm(request.form)
    _found, doer = entered_appeal(reading(), appeal, Capability.ASSEMBLE)

    def act(session: Session) -> None:
        _found, doer = entered_appeal(session, appeal, Capability.ASSEMBLE)
        hand_over(session, doer.actor, appeal, form.manifest.words)

    if not saved(form, act):
        return _release_page(appeal, form), status_of(form)
    flash_notice(_("The appeal is released. Here you see how far each letter has come."))
    return see_other(".list_deliveries", statement=doer.statement.public_id)


@blueprint.get("/statements/<statement>/deliveries")
def list_deliveries(statement: str) -> ResponseReturnValue:
    """Show what became of every letter."""
    session = reading()
    doer = entered(session, statement, Capability.VIEW)
    check_sees_letters(doer)
    rows = queries.deliveries_of(session, doer.statement.id, PURPOSE)
    handed_over = [row for row in rows if row.state is DeliveryState.HANDED_OVER]
    return render_template(
        "deliveries/list_deliveries.html",
        here=here(session, doer),
        rows=rows,
        handed_over=len(handed_over),
        uncertain=sum(row.state is DeliveryState.UNCERTAIN for row in rows),
        refused=sum(row.state is DeliveryState.REFUSED for row in rows),
        bounced=sum(row.state is DeliveryState.BOUNCED for row in rows),
        may_note=bool(handed_over)
        and doer.access.may(Capability.ASSEMBLE)
        and doer.statement.state is StatementState.CLOSED,
    )


@blueprint.post("/statements/<statement>/delivered")
def note_statement_delivered(statement: str) -> ResponseReturnValue:
    """Say on the public page that the statement was delivered."""
    with writing() as session:
        doer = entered(session, statement, Capability.ASSEMBLE)
        note_delivered(session, doer.actor, doer.statement)
    flash_notice(_("The statement is marked as delivered; readers see it."))
    return see_other(".list_deliveries", statement=statement)


@blueprint.get("/deliveries/<delivery>")
def show_delivery(delivery: str) -> ResponseReturnValue:
    """Show one delivery: the frozen mail, every try, and what the server answered."""
    return _delivery_page(delivery, DeliveryRulingForm())


@blueprint.get("/deliveries/<delivery>/letter.eml")
def download_letter(delivery: str) -> ResponseReturnValue:
    """Hand out exactly the bytes that were, or are to be, handed over."""
    session = reading()
    found, doer = _entered(session, delivery, Capability.VIEW)
    check_sees_letters(doer)
    row = queries.delivery_row(session, found, PURPOSE)
    response = make_response(frozen_letter(session, row.letter.public_id, PURPOSE).message)
    response.mimetype = "message/rfc822"
    response.headers.set("Content-Disposition", "attachment", filename=f"delivery-{delivery}.eml")
    return response


@blueprint.post("/deliveries/<delivery>/ruling")
def rule_delivery(delivery: str) -> ResponseReturnValue:
    """Let a person decide about an uncertain hand-over."""
    form = DeliveryRulingForm(request.form)
    _entered(reading(), delivery, Capability.ASSEMBLE)

    def act(session: Session) -> None:
        found, doer = _entered(session, delivery, Capability.ASSEMBLE)
        rule(session, doer.actor, found, DeliveryRuling(form.ruling.data), form.evidence.words)

    if not saved(form, act):
        return _delivery_page(delivery, form), status_of(form)
    flash_notice(_("Your decision is recorded with its evidence."))
    return see_other(".show_delivery", delivery=delivery)


@blueprint.post("/deliveries/<delivery>/again")
@asks_for_proof
def try_delivery_again(delivery: str) -> ResponseReturnValue:
    """Send what was refused or came back once more, the same bytes."""
    with writing() as session:
        found, doer = _entered(session, delivery, Capability.ASSEMBLE)
        try_again(session, doer.actor, found)
    flash_notice(_("The same mail will be handed over once more."))
    return see_other(".show_delivery", delivery=delivery)


def _entered(session: Session, public_id: str, capability: Capability) -> tuple[Delivery, Entered]:
    found = queries.delivery(session, public_id)
    statement = statement_by_id(session, queries.statement_of(session, found))
    return found, entered(session, statement.public_id, capability)


def _release_page(appeal: str, form: ReleaseForm) -> str:
    session = reading()
    found, doer = entered_appeal(session, appeal, Capability.ASSEMBLE)
    approvals = standing_approvals(session, found)
    named = {who for row in approvals for who in (row.organiser, *row.stood_for_by) if who}
    names = names_of(session, {found.assembled_by, *named})
    page = ReleasePage(
        here=here(session, doer),
        appeal=appeal,
        state=found.state,
        manifest_sha256=found.manifest_sha256,
        assembled_by=names.get(found.assembled_by, ""),
        approved_by=[(names.get(row.organiser, ""), told_then(row.organiser, row.vouched, names)) for row in approvals],
        letters=letters_of(session, found.id, PURPOSE),
    )
    return render_template("deliveries/confirm_release.html", page=page, form=form)


def _delivery_page(public_id: str, form: DeliveryRulingForm) -> str:
    session = reading()
    found, doer = _entered(session, public_id, Capability.VIEW)
    check_sees_letters(doer)
    row = queries.delivery_row(session, found, PURPOSE)
    decided = queries.ruling_of(session, found)
    attempts, evidence = attempts_of(session, found.mail_id), evidence_of(session, found.mail_id)
    may_decide = doer.access.may(Capability.ASSEMBLE)
    is_uncertain = row.state is DeliveryState.UNCERTAIN
    page = DeliveryPage(
        here=here(session, doer),
        row=row,
        tries=tries_of(row, attempts),
        is_unanswered=is_uncertain and (not attempts or attempts[-1].finished_at is None),
        evidence=evidence,
        clues=clues(evidence, _signs()) if is_uncertain else [],
        why_it_came_back=why_it_came_back(row) if row.state is DeliveryState.BOUNCED else "",
        decided=decided,
        decided_by=names_of(session, {decided.organiser}).get(decided.organiser, "") if decided else "",
        against=against(decided, evidence),
        may_decide=may_decide and is_uncertain,
        may_try_again=may_decide and may_go_again(row.fate.state, row.fate.trouble),
        reply_url=way_to(RECORD_REPLY, public_id) if doer.access.may(Capability.RECORD_REPLIES) else "",
    )
    return render_template("deliveries/show_delivery.html", page=page, form=form)


def _signs() -> Signs:
    settings = parts().settings
    # Only the worker knows the mailbox; that mail comes in is seen by the addresses that it comes to.
    comes_in = bool(settings.inbox_url or settings.return_path or settings.reply_address)
    return Signs(comes_in, bool(settings.witness_address), bool(settings.relay_log))
