"""The desk's pages for replies: the list, record one, correct it; and a statement's end. Outcomes have their own."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.base.blueprints import Pages
from app.base.edge import flash_notice, reading, see_other, writing
from app.base.locales import gettext as _, lazy_gettext as _l
from app.base.saving import saved, status_of
from app.base.signposts import Landmark
from app.campaigns.access import enter
from app.campaigns.navigation import CampaignTab, frame_of
from app.campaigns.states import Capability
from app.deliveries.models import Delivery
from app.deliveries.queries import delivery, delivery_row, statement_of
from app.replies import queries
from app.replies.actions import ReplyFacts, conclude_statement, correct_reply, record_reply
from app.replies.desk import attachment_response, message_of, message_response, reply_shown
from app.replies.filing import put_back
from app.replies.forms import ConcludeForm, MailReplyForm, ReplyForm
from app.replies.held import MOST_SHOWN, held_for_campaign
from app.replies.matching import lines_of
from app.replies.models import Reply, ReplyKind
from app.replies.outcome_pages import outcomes
from app.statements.desk import RECORD_REPLY, Entered, entered, here, posted
from app.statements.queries import statement_by_id, statements_of
from app.statements.states import ENDED, StatementState

__all__ = ["blueprint", "outcomes"]

blueprint = Pages("replies", __name__, url_prefix="/desk")
SIGNPOSTS = [
    CampaignTab(endpoint="replies.list_replies", label=_l("Replies"), capability=Capability.VIEW, position=50),
    Landmark(name=RECORD_REPLY, endpoint="replies.record_answer"),
]
PURPOSE = "an organiser reads a reply"


@blueprint.get("/campaigns/<campaign>/replies")
def list_replies(campaign: str) -> ResponseReturnValue:
    """Show what came back to a campaign's statements, newest first, and which statements may be concluded."""
    session = reading()
    access = enter(session, campaign, Capability.VIEW)
    may_record = access.may(Capability.RECORD_REPLIES)
    statements = [row for row in statements_of(session, access.campaign.id) if row.state in ENDED]
    held = held_for_campaign(session, access.campaign.id) if may_record else []
    lines = lines_of(session, [access.campaign.id], PURPOSE) if may_record else []
    return render_template(
        "replies/list_replies.html",
        frame=frame_of(session, access),
        campaign=campaign,
        replies=queries.replies_of_campaign(session, access.campaign.id),
        names={line.delivery: line.to_name for line in lines},
        titles={row.public_id: row.title for row in statements},
        delivered=[row for row in statements if row.state is StatementState.DELIVERED] if may_record else [],
        statements=statements if may_record else [],
        may_record=may_record,
        held=held[:MOST_SHOWN],
        not_shown=max(0, len(held) - MOST_SHOWN),
    )


@blueprint.get("/statements/<statement>/replies")
def find_replies(statement: str) -> ResponseReturnValue:
    """Lead from a statement to the replies of its campaign."""
    doer = entered(reading(), statement, Capability.VIEW)
    return see_other(".list_replies", campaign=doer.access.campaign.public_id)


@blueprint.route("/deliveries/<delivery_id>/replies/new", methods=["GET", "POST"])
def record_answer(delivery_id: str) -> ResponseReturnValue:
    """Record what came back to one delivery."""
    session = reading()
    found, doer = _entered(session, delivery_id)
    around, row = here(session, doer), delivery_row(session, found, PURPOSE)
    form = ReplyForm(posted())

    def act(session: Session) -> None:
        found, doer = _entered(session, delivery_id)
        record_reply(session, doer.actor, found, _facts(form))

    if saved(form, act):
        flash_notice(_("The reply is recorded."))
        return see_other(".list_replies", campaign=doer.access.campaign.public_id)
    page = render_template(
        "replies/write_reply.html", here=around, form=form, to_name=row.letter.to_name, is_new=True,
        cancel_url=url_for("deliveries.show_delivery", delivery=delivery_id),
    )  # fmt: skip
    return page, status_of(form)


@blueprint.route("/replies/<reply>", methods=["GET", "POST"])
def show_reply(reply: str) -> ResponseReturnValue:
    """Show what was written back, to those who record replies, and let them say what it is or correct it."""
    session = reading()
    found, doer = _entered_reply(session, reply)
    answered = session.get_one(Delivery, found.delivery_id)
    around, row = here(session, doer), delivery_row(session, answered, PURPOSE)
    words = queries.words_of_reply(session, found, PURPOSE)
    form = _form_of(found, words.text)

    def act(session: Session) -> None:
        found, doer = _entered_reply(session, reply)
        correct_reply(session, doer.actor, found, _facts(form))

    if saved(form, act):
        flash_notice(_("The reply is saved."))
        return see_other(".list_replies", campaign=doer.access.campaign.public_id)
    page = render_template(
        "replies/show_reply.html" if found.inbound_id else "replies/write_reply.html",
        here=around,
        form=form,
        to_name=row.letter.to_name,
        is_new=False,
        cancel_url=url_for(".list_replies", campaign=doer.access.campaign.public_id),
        kind=found.kind,
        mail=reply_shown(
            words,
            lambda number: url_for(".download_attachment", reply=reply, number=number),
            url_for(".download_reply", reply=reply),
        ),
        back_url=url_for(".put_reply_back", reply=reply),
        delivery_url=url_for("deliveries.show_delivery", delivery=answered.public_id),
    )
    return page, status_of(form)


@blueprint.post("/replies/<reply>/back")
def put_reply_back(reply: str) -> ResponseReturnValue:
    """Take a mail that was filed wrongly out of the replies, and hold it again."""
    with writing() as session:
        found, doer = _entered_reply(session, reply)
        put_back(session, doer.actor, found)
    flash_notice(_("The mail is held again, and waits to be filed elsewhere."))
    return see_other(".list_replies", campaign=doer.access.campaign.public_id)


@blueprint.get("/replies/<reply>/attachments/<number>")
def download_attachment(reply: str, number: str) -> ResponseReturnValue:
    """Hand out one file that came with a reply."""
    session = reading()
    found, _doer = _entered_reply(session, reply)
    return attachment_response(session, message_of(found), number)


@blueprint.get("/replies/<reply>/message.eml")
def download_reply(reply: str) -> ResponseReturnValue:
    """Hand out the mail that a reply was filed from, as it came."""
    session = reading()
    found, _doer = _entered_reply(session, reply)
    return message_response(session, message_of(found))


@blueprint.route("/statements/<statement>/conclusion", methods=["GET", "POST"])
def conclude(statement: str) -> ResponseReturnValue:
    """Say that a delivered statement has come to its end."""
    session = reading()
    doer = entered(session, statement, Capability.RECORD_REPLIES)
    around, form = here(session, doer), ConcludeForm(posted())
    campaign = doer.access.campaign.public_id

    def act(session: Session) -> None:
        doer = entered(session, statement, Capability.RECORD_REPLIES)
        conclude_statement(session, doer.actor, doer.statement)

    if saved(form, act):
        flash_notice(_("The statement is concluded. Its page stays as it is."))
        return see_other(".list_replies", campaign=campaign)
    page = render_template(
        "replies/conclude.html", here=around, form=form, cancel_url=url_for(".list_replies", campaign=campaign)
    )
    return page, status_of(form)


def _entered(session: Session, delivery_id: str) -> tuple[Delivery, Entered]:
    found = delivery(session, delivery_id)
    statement = statement_by_id(session, statement_of(session, found))
    return found, entered(session, statement.public_id, Capability.RECORD_REPLIES)


def _entered_reply(session: Session, reply: str) -> tuple[Reply, Entered]:
    found = queries.reply(session, reply)
    statement = statement_by_id(session, statement_of(session, session.get_one(Delivery, found.delivery_id)))
    return found, entered(session, statement.public_id, Capability.RECORD_REPLIES)


def _form_of(found: Reply, text: str) -> ReplyForm | MailReplyForm:
    """Return the form for a reply; of a mail the words can't be changed, and nothing is chosen until it was read."""
    kind = None if found.kind is ReplyKind.UNREAD else found.kind.value
    saved: dict[str, Any] = {"received_on": found.received_on, "public_summary": found.public_summary}
    if found.inbound_id:
        return MailReplyForm(posted(), kind=kind, **saved)
    return ReplyForm(posted(), kind=kind, text=text, **saved)


def _facts(form: ReplyForm | MailReplyForm) -> ReplyFacts:
    received_on = form.received_on.data
    assert isinstance(received_on, date)
    text = form.text.data if isinstance(form, ReplyForm) else ""
    return ReplyFacts(ReplyKind(form.kind.data), received_on, text or "", form.public_summary.words)
