"""A campaign's pages for held mail that may be its own: read one, file it to a delivery, or say that it is not."""

from __future__ import annotations

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.base.blueprints import Pages
from app.base.edge import flash_notice, reading, see_other, writing
from app.base.locales import gettext as _
from app.base.saving import result_of, status_of
from app.campaigns.access import Access, enter
from app.campaigns.navigation import frame_of
from app.campaigns.states import Capability
from app.deliveries.queries import delivery
from app.inbox.states import InboundState
from app.replies.desk import attachment_response, filing_choices, incoming_shown, message_response
from app.replies.filing import file_held, say_not_ours
from app.replies.forms import FilingForm
from app.replies.held import PURPOSE, HeldRow, Incoming, held_row_for, incoming
from app.replies.matching import lines_of
from app.replies.models import ReplyKind
from app.statements.desk import posted

blueprint = Pages("letterbox", __name__, url_prefix="/desk/campaigns/<campaign>/mail")


@blueprint.route("/<message>", methods=["GET", "POST"])
def show_mail(campaign: str, message: str) -> ResponseReturnValue:
    """Show a held mail that may belong to this campaign, and file it to the delivery that it answers."""
    session = reading()
    access, row = _entered(session, campaign, message)
    found, lines = _held(session, message), lines_of(session, [access.campaign.id], PURPOSE)
    likely = [each.line.delivery for each in row.suggestions]
    lines.sort(key=lambda line: likely.index(line.delivery) if line.delivery in likely else len(likely))
    form = FilingForm.among(filing_choices(session, lines), posted())
    frame = frame_of(session, access, "replies.list_replies")

    def act(session: Session) -> str:
        access, _row = _entered(session, campaign, message)
        target = delivery(session, form.delivery.data)
        return file_held(session, access.organiser, found, target, ReplyKind(form.kind.data)).public_id

    reply = result_of(form, act)
    if reply is not None:
        flash_notice(_("The mail is filed. Readers see nothing of it until you write a summary."))
        return see_other("replies.show_reply", reply=reply)
    page = render_template(
        "replies/show_mail.html",
        frame=frame,
        form=form,
        row=row,
        mail=incoming_shown(
            found,
            lambda number: url_for(".download_attachment", campaign=campaign, message=message, number=number),
            url_for(".download", campaign=campaign, message=message),
        ),
        not_ours_url=url_for(".leave_mail", campaign=campaign, message=message),
        back_url=url_for("replies.list_replies", campaign=campaign),
    )
    return page, status_of(form)


@blueprint.post("/<message>/not-ours")
def leave_mail(campaign: str, message: str) -> ResponseReturnValue:
    """Say that a held mail is not this campaign's, which then sees it no longer."""
    with writing() as session:
        access, _row = _entered(session, campaign, message)
        say_not_ours(session, access.organiser, message, access.campaign)
    flash_notice(_("The mail is not shown here any more. The operators of this site still have it."))
    return see_other("replies.list_replies", campaign=campaign)


@blueprint.get("/<message>/attachments/<number>")
def download_attachment(campaign: str, message: str, number: str) -> ResponseReturnValue:
    """Hand out one file that came with a held mail."""
    session = reading()
    _entered(session, campaign, message)
    return attachment_response(session, message, number)


@blueprint.get("/<message>/message.eml")
def download(campaign: str, message: str) -> ResponseReturnValue:
    """Hand out a held mail as it came."""
    session = reading()
    _entered(session, campaign, message)
    return message_response(session, message)


def _entered(session: Session, campaign: str, message: str) -> tuple[Access, HeldRow]:
    access = enter(session, campaign, Capability.RECORD_REPLIES)
    return access, held_row_for(session, access.campaign.id, message)


def _held(session: Session, message: str) -> Incoming:
    return incoming(session, message, [InboundState.HELD], PURPOSE)
