"""From the password to the desk: the second factor is shown, or set up where there is none yet."""

from __future__ import annotations

from flask import current_app, make_response
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.accounts.browsers import introduce
from app.accounts.credentials import device_now, note_sign_in
from app.accounts.factors.passkeys import PasskeyOffer, authentication_offer
from app.accounts.forms import ProofForm
from app.accounts.models import Organiser
from app.accounts.proving import is_proven, me_in
from app.accounts.sessions import complete_session, remember
from app.base.edge import reading

# The only pages with a script, which is ours. Everything on them can be done without it.
SCRIPT_POLICY = "; script-src 'self'"


def is_completed(form: ProofForm) -> bool:
    """Let a person with a right password in, if they show the rest; the form says what hinders it."""
    secrets: list[str] = []
    is_in = is_proven(form, lambda session, me: secrets.append(opened(session, me)))
    if is_in:
        remember(secrets[0])
    return is_in


def opened(session: Session, organiser: Organiser) -> str:
    """Open the desk to a person who has shown everything, and know this browser from now on; return the session."""
    note_sign_in(session, organiser)
    introduce(session, organiser)
    return complete_session(session, organiser, device_now())


def passkey_offer() -> PasskeyOffer | None:
    """Return what the script of a page asks the browser for; None where there is no passkey."""
    return authentication_offer(reading(), me_in(reading()))


def with_script(page: str, status: int = 200, headers: dict[str, str] | None = None) -> ResponseReturnValue:
    """Return a page that our own script may run on."""
    response: Response = make_response(page, int(status), headers or {})
    response.headers["Content-Security-Policy"] = current_app.config["CONTENT_SECURITY_POLICY"] + SCRIPT_POLICY
    return response
