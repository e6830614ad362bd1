"""Address and password at the door: checked slowly, without holding a transaction open, and a session begun."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from flask import request
from sqlalchemy.orm import Session

from app.accounts import actions, queries
from app.accounts.browsers import browser_now, introduce
from app.accounts.devices import device_words
from app.accounts.door import Caller, is_password_looked_at, is_proof_looked_at, network_of, welcome
from app.accounts.emails import tell_of
from app.accounts.factors.actions import spend
from app.accounts.factors.queries import NOBODY, has_factor, is_shown
from app.accounts.factors.states import ShownCodes, read_codes
from app.accounts.forms import SignInForm
from app.accounts.models import Organiser
from app.accounts.news import SecurityNotice
from app.accounts.passwords import hash_password, is_outdated, is_right
from app.accounts.sessions import forget, remember, start_session
from app.accounts.states import QUARTER_OF_AN_HOUR, DoorSlowed, TypedBySomebodyElse, WrongCredentials
from app.base.edge import writing
from app.base.ports import ports_of
from app.base.saving import blaming


@dataclass(frozen=True)
class Knock:
    """One try at the door: what was typed, and where it comes from."""

    email: str
    password: str
    shown: ShownCodes
    caller: Caller
    writer: str = ""  # whose words are kept in the page, if any


def caller_now() -> Caller:
    """Return where this request comes from, as far as the door's allowances look at it."""
    return Caller(network_of(request.remote_addr), browser_now())


def device_now() -> str:
    """Return what the browser of this request calls itself, in two words."""
    return device_words(request.headers.get("User-Agent", ""))


def let_in(form: SignInForm, writer: str = "") -> bool:
    """Begin a session for the person the form names, and tell whether it began; the form says what hinders it.

    `writer` is whose words are kept in the page: nobody else is let in with it. The session may not be complete yet.
    """
    if not form.validate():
        return False
    with blaming(form):
        knock = Knock(form.email.words, form.password.words, read_codes(form.code.words), caller_now(), writer)
        secret = _checked(knock)
        forget()
        remember(secret)
        return True
    return False


def waiting(status: HTTPStatus) -> dict[str, str]:
    """Return the header that says when to come again, where a status says that it was too often."""
    return {"Retry-After": str(QUARTER_OF_AN_HOUR)} if status == HTTPStatus.TOO_MANY_REQUESTS else {}


def note_sign_in(session: Session, organiser: Organiser) -> None:
    """Record that somebody signed in with all that it takes, and tell them by mail where the browser is a new one."""
    actions.note_sign_in(session, organiser)
    if not browser_now().knows(session, organiser):
        tell_of(session, organiser.public_id, SecurityNotice.NEW_BROWSER, device=device_now())


def _checked(knock: Knock) -> str:
    """Return a new session's secret; raises DoorSlowed, WrongCredentials, TypedBySomebodyElse."""
    with writing() as session:
        found, needs_proof = _looked_at(session, knock)
    if needs_proof is None:
        raise DoorSlowed
    stored = found.password_hash if found is not None and found.disabled_at is None else None
    # The slow check first: time tells nothing.
    if not is_right(knock.password, stored) or stored is None or found is None:
        raise WrongCredentials
    if knock.writer and found.public_id != knock.writer:
        raise TypedBySomebodyElse
    renewed = hash_password(knock.password) if is_outdated(stored) else None
    with writing() as session:
        secret = _started(session, knock, stored, renewed, needs_proof=needs_proof)
    if secret is None:
        raise WrongCredentials
    return secret


def _looked_at(session: Session, knock: Knock) -> tuple[Organiser | None, bool | None]:
    """Return whose address it is and whether a proof besides opens the way to the password; None where nothing does.

    The same statements run whether or not there is an account.
    """
    found = queries.find_by_address(session, knock.email)
    if is_password_looked_at(session, knock.email, found, knock.caller):
        return found, False
    is_proof = is_shown(session, found.id if found is not None else NOBODY, knock.shown)
    if not is_proof or found is None or not is_proof_looked_at(session, found):
        return found, None
    return found, True


def _started(session: Session, knock: Knock, stored: str, renewed: str | None, *, needs_proof: bool) -> str | None:
    """Start a session unless the password or the account changed, or the proof was used, while the hash was checked."""
    organiser = queries.find_by_address(session, knock.email)
    if organiser is None or not actions.is_still(session, organiser, stored):
        return None
    has_shown = knock.shown.is_certain and spend(session, organiser, knock.shown)
    if needs_proof and not has_shown:
        return None
    welcome(session, knock.email, organiser, knock.caller)
    is_complete = has_shown or (ports_of(session).password_alone and not has_factor(session, organiser.id))
    if is_complete:
        note_sign_in(session, organiser)
    if renewed:
        actions.renew_hash(session, organiser, renewed)
    if is_complete:
        introduce(session, organiser)
    return start_session(session, organiser, is_complete=is_complete, device=device_now())
