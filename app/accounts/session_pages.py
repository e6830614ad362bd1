"""/desk/account/sessions: where one is signed in, and the end of what one does not know."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from app.accounts.actions import end_session_at_wish
from app.accounts.proving import me_in
from app.accounts.sessions import current_organiser_id, sessions_of
from app.base.blueprints import Pages
from app.base.edge import flash_notice, reading, see_other, writing
from app.base.locales import gettext as _

blueprint = Pages("sessions", __name__, url_prefix="/desk/account/sessions")


@blueprint.get("")
def list_sessions() -> ResponseReturnValue:
    """Show every browser that is signed in with this account."""
    return render_template("accounts/list_sessions.html", sessions=sessions_of(reading(), current_organiser_id()[0]))


@blueprint.post("/<handle>/end")
def end(handle: str) -> ResponseReturnValue:
    """Sign one browser out; asking twice is no error."""
    with writing() as session:
        end_session_at_wish(session, me_in(session), handle)
    flash_notice(_("That browser is signed out."))
    return see_other("sessions.list_sessions")
