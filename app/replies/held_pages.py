"""The operators' pages for the holding pen: all held mail; read one, file it, show it to a campaign, put it away."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.base.blueprints import Pages
from app.base.edge import actor, flash_notice, reading, see_other, writing
from app.base.locales import gettext as _
from app.base.saving import result_of, saved, status_of
from app.base.signposts import Landmark
from app.deliveries.queries import delivery, statement_of
from app.inbox.states import InboundState
from app.inbox.storage import count_in_state
from app.mailroom.queue import HELD_MAIL
from app.replies import held
from app.replies.desk import attachment_response, filing_choices, incoming_shown, message_response, my_campaigns
from app.replies.filing import discard, file_held, offer, take_back
from app.replies.forms import DiscardForm, FilingForm, OfferForm
from app.replies.held import PURPOSE, Incoming
from app.replies.matching import lines_of
from app.replies.models import ReplyKind
from app.replies.states import NoSuchHeldMail
from app.statements.queries import statement_by_id, statement_by_public_id

blueprint = Pages("held", __name__, url_prefix="/desk/mail/held", is_for_operators=True)
SIGNPOSTS = [
    Landmark(name=HELD_MAIL, endpoint="held.list_held"),
]

_SHOWN = (InboundState.HELD, InboundState.DISCARDED)


@blueprint.get("")
def list_held() -> ResponseReturnValue:
    """Show the mail that nobody has filed, newest first."""
    return _list(InboundState.HELD)


@blueprint.get("/discarded")
def list_discarded() -> ResponseReturnValue:
    """Show the mail that was put away, newest first."""
    return _list(InboundState.DISCARDED)


@blueprint.get("/<message>")
def show_held(message: str) -> ResponseReturnValue:
    """Show one held or discarded mail as text, and what can be done with it."""
    return _page(message)


@blueprint.post("/<message>/filing")
def file_mail(message: str) -> ResponseReturnValue:
    """File a held mail to a delivery of a campaign in which the operator records replies."""
    session = reading()
    found, form = _opened(session, message, (InboundState.HELD,)), _filing(session)

    def act(session: Session) -> str:
        target = delivery(session, form.delivery.data)
        if statement_by_id(session, statement_of(session, target)).campaign_id not in my_campaigns(session):
            raise NoSuchHeldMail
        return file_held(session, actor(), found, target, ReplyKind(form.kind.data)).public_id

    reply = result_of(form, act)
    if reply is None:
        return _page(message, filing=form), status_of(form)
    flash_notice(_("The mail is filed. Readers see nothing of it until you write a summary."))
    return see_other("replies.show_reply", reply=reply)


@blueprint.post("/<message>/offer")
def offer_mail(message: str) -> ResponseReturnValue:
    """Show a held mail to those who record the replies to a published statement."""
    form = _offering(reading())

    def act(session: Session) -> None:
        held.check_held(session, message)
        offer(session, actor(), message, statement_by_public_id(session, form.statement.data))

    if not saved(form, act):
        return _page(message, offering=form), status_of(form)
    flash_notice(
        _("Those who record replies to this statement now see the mail. They are told by mail, once a day at most.")
    )
    return see_other(".list_held")


@blueprint.post("/<message>/discard")
def discard_mail(message: str) -> ResponseReturnValue:
    """Put a held mail away; it is kept, sealed, and can be taken back."""
    form = DiscardForm(request.form)
    if not saved(form, lambda session: discard(session, actor(), message)):
        return _page(message, discarding=form), status_of(form)
    flash_notice(_("The mail is put away. You find it among the discarded ones."))
    return see_other(".list_held")


@blueprint.post("/<message>/back")
def take_mail_back(message: str) -> ResponseReturnValue:
    """Hold a discarded mail again."""
    with writing() as session:
        take_back(session, actor(), message)
    flash_notice(_("The mail is held again."))
    return see_other(".show_held", message=message)


@blueprint.get("/<message>/attachments/<number>")
def download_attachment(message: str, number: str) -> ResponseReturnValue:
    """Hand out one file that came with a mail."""
    session = reading()
    _opened(session, message)
    return attachment_response(session, message, number)


@blueprint.get("/<message>/message.eml")
def download(message: str) -> ResponseReturnValue:
    """Hand out a mail as it came."""
    session = reading()
    _opened(session, message)
    return message_response(session, message)


def _list(state: InboundState) -> str:
    session = reading()
    lines = lines_of(session, my_campaigns(session), PURPOSE)
    page = held.held_page(session, state, request.args.get("cursor"), lines)
    here = request.endpoint or ".list_held"
    return render_template(
        "replies/list_held.html",
        page=page,
        is_discarded=state is InboundState.DISCARDED,
        discarded=count_in_state(session, InboundState.DISCARDED),
        next_url=url_for(here, cursor=page.next_cursor) if page.next_cursor else None,
        first_url=None if page.is_first else url_for(here),
    )


def _page(
    message: str,
    filing: FilingForm | None = None,
    offering: OfferForm | None = None,
    discarding: DiscardForm | None = None,
) -> str:
    session = reading()
    found = _opened(session, message)
    return render_template(
        "replies/show_held.html",
        message=message,
        mail=incoming_shown(
            found, lambda number: url_for(".download_attachment", message=message, number=number),
            url_for(".download", message=message),
        ),
        is_discarded=found.state is InboundState.DISCARDED,
        form=filing or offering or discarding,
        filing=filing or _filing(session),
        offering=offering or _offering(session),
        discarding=discarding or DiscardForm(),
    )  # fmt: skip


def _opened(session: Session, message: str, states: tuple[InboundState, ...] = _SHOWN) -> Incoming:
    return held.incoming(session, message, states, PURPOSE)


def _filing(session: Session) -> FilingForm:
    lines = lines_of(session, my_campaigns(session), PURPOSE)
    return FilingForm.among(filing_choices(session, lines), request.form if request.method == "POST" else None)


def _offering(session: Session) -> OfferForm:
    choices = [(row.public_id, row.title) for row in held.statements_to_offer(session)]
    return OfferForm.among(choices, request.form if request.method == "POST" else None)
