"""The desk's pages for outcomes: list, record, correct, remove."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.base.blueprints import Pages
from app.base.edge import flash_notice, reading, see_other, writing
from app.base.locales import gettext as _, lazy_gettext as _l
from app.base.saving import saved, status_of
from app.campaigns.access import Access, enter
from app.campaigns.navigation import CampaignFrame, CampaignTab, frame_of
from app.campaigns.states import Capability
from app.replies.forms import OutcomeForm
from app.replies.outcomes import OutcomeFacts, change_outcome, record_outcome, remove_outcome
from app.replies.queries import outcome_of, outcome_shown, outcomes_of
from app.statements.models import Statement
from app.statements.queries import statement_by_id, statement_by_public_id, statements_of
from app.statements.states import PUBLISHED

outcomes = Pages("outcomes", __name__, url_prefix="/desk/campaigns/<campaign>/outcomes")
SIGNPOSTS = [
    CampaignTab(endpoint="outcomes.list_outcomes", label=_l("Outcomes"), capability=Capability.VIEW, position=60),
]


@dataclass(frozen=True)
class OutcomesFrame:
    """What each of these pages shows around its content."""

    frame: CampaignFrame
    list_url: str
    may_write: bool


@outcomes.get("")
def list_outcomes(campaign: str) -> ResponseReturnValue:
    """Show every outcome, newest first."""
    session = reading()
    access = enter(session, campaign, Capability.VIEW)
    found = outcomes_of(session, access.campaign.id)
    return render_template(
        "replies/list_outcomes.html", here=_desk(session, access), outcomes=found,
        record_url=url_for(".record", campaign=campaign),
        urls={one.public_id: url_for(".edit_outcome", campaign=campaign, outcome=one.public_id) for one in found},
    )  # fmt: skip


@outcomes.route("/new", methods=["GET", "POST"])
def record(campaign: str) -> ResponseReturnValue:
    """Record what changed."""
    session = reading()
    access = enter(session, campaign, Capability.RECORD_REPLIES)
    here, form = _desk(session, access), _form(session, access)

    def act(session: Session) -> None:
        access = enter(session, campaign, Capability.RECORD_REPLIES)
        record_outcome(session, access.organiser, access.campaign, _facts(form), _chosen(session, access, form))

    if saved(form, act):
        flash_notice(_("The outcome is recorded, and readers see it."))
        return see_other(".list_outcomes", campaign=campaign)
    return render_template("replies/write_outcome.html", here=here, form=form, remove_url=None), status_of(form)


@outcomes.route("/<outcome>", methods=["GET", "POST"])
def edit_outcome(campaign: str, outcome: str) -> ResponseReturnValue:
    """Correct an outcome."""
    session = reading()
    access = enter(session, campaign, Capability.RECORD_REPLIES)
    found = outcome_of(session, access.campaign.id, outcome)
    here, form = _desk(session, access), _form(session, access, outcome_shown(found))

    def act(session: Session) -> None:
        access = enter(session, campaign, Capability.RECORD_REPLIES)
        found = outcome_of(session, access.campaign.id, outcome)
        statement = _chosen(session, access, form)
        change_outcome(session, access.organiser, access.campaign, found, _facts(form), statement)

    if saved(form, act):
        flash_notice(_("The outcome is corrected."))
        return see_other(".list_outcomes", campaign=campaign)
    remove_url = url_for(".remove", campaign=campaign, outcome=outcome)
    page = render_template("replies/write_outcome.html", here=here, form=form, remove_url=remove_url)
    return page, status_of(form)


@outcomes.post("/<outcome>/remove")
def remove(campaign: str, outcome: str) -> ResponseReturnValue:
    """Take an outcome off the pages."""
    with writing() as session:
        access = enter(session, campaign, Capability.RECORD_REPLIES)
        found = outcome_of(session, access.campaign.id, outcome)
        remove_outcome(session, access.organiser, access.campaign, found)
    flash_notice(_("The outcome is removed; readers no longer see it."))
    return see_other(".list_outcomes", campaign=campaign)


def _desk(session: Session, access: Access) -> OutcomesFrame:
    list_url = url_for(".list_outcomes", campaign=access.campaign.public_id)
    return OutcomesFrame(
        frame_of(session, access, "outcomes.list_outcomes"), list_url, access.may(Capability.RECORD_REPLIES)
    )


def _form(session: Session, access: Access, known: object = None) -> OutcomeForm:
    """Return the form, with the statements that readers can see to choose from."""
    form = OutcomeForm(request.form, obj=known, language=getattr(known, "language", access.campaign.language))
    rows = [row for row in statements_of(session, access.campaign.id) if row.state in PUBLISHED]
    form.statement.choices = [("", _("The campaign as a whole")), *((row.public_id, row.title) for row in rows)]
    statement_id = getattr(known, "statement_id", None)
    if request.method != "POST" and statement_id:
        form.statement.data = statement_by_id(session, statement_id).public_id
    return form


def _chosen(session: Session, access: Access, form: OutcomeForm) -> Statement | None:
    if not form.statement.data:
        return None
    statement = statement_by_public_id(session, form.statement.data)
    return statement if statement.campaign_id == access.campaign.id and statement.state in PUBLISHED else None


def _facts(form: OutcomeForm) -> OutcomeFacts:
    happened_on = form.happened_on.data
    assert isinstance(happened_on, date)
    return OutcomeFacts(
        happened_on, form.title.words, form.text.words, form.quotation.words,
        form.quotation_speaker.words, form.source_name.words, form.source_url.words,
        form.language.data,
    )  # fmt: skip
