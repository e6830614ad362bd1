"""/u/reminders/<token>: an invited person stops the reminders. A preference about mail; it answers nothing."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.base.blueprints import Pages, welcomes_foreign_posts
from app.base.edge import reading, see_other, writing
from app.base.links import LinkPurpose, read_token
from app.base.locales import use_language
from app.invitations.answering import leave_in_peace
from app.invitations.queries import reminders_choice
from app.invitations.states import NoSuchInvitation
from app.mail.header_lines import ONE_CLICK

# The links in the mails: a person who holds one has neither a session nor a token of ours.
blueprint = Pages("reminders", __name__, url_prefix="/u/reminders", is_stateless=True)


@blueprint.get("/<token>")
def show_reminders(token: str) -> ResponseReturnValue:
    """Show whether the owner of the link is reminded, and the button that changes it; looking changes nothing."""
    session = reading()
    choice = reminders_choice(session, _invitation_behind(session, token))
    if choice is not None:
        use_language(choice.language)
    return render_template(
        "invitations/show_reminders.html", choice=choice, stop_url=url_for(".stop", token=token),
        resume_url=url_for(".resume", token=token),
    )  # fmt: skip


@blueprint.post("/<token>")
@welcomes_foreign_posts
def stop(token: str) -> ResponseReturnValue:
    """Stop the reminders: by the button, or by a mail program's one click, which may not be redirected (RFC 8058)."""
    _leave_in_peace(token, peace=True)
    if request.form.to_dict() == ONE_CLICK:
        return Response("", HTTPStatus.OK, mimetype="text/plain")
    return see_other(".show_reminders", token=token)


@blueprint.post("/<token>/again")
def resume(token: str) -> ResponseReturnValue:
    """Allow reminders again; only from our own page."""
    _leave_in_peace(token, peace=False)
    return see_other(".show_reminders", token=token)


def _leave_in_peace(token: str, *, peace: bool) -> None:
    # If the invitation was erased, they get no mail anyway: that is what they asked for.
    with writing() as session, suppress(NoSuchInvitation):
        leave_in_peace(session, _invitation_behind(session, token), peace=peace)


def _invitation_behind(session: Session, token: str) -> str:
    return read_token(session, LinkPurpose.STOP_REMINDERS, token).public_id
