"""Address and password at the door: checked slowly, without holding a transaction open, and a session begun."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.accounts import actions, queries
from app.accounts.forms import SignInForm
from app.accounts.passwords import hash_password, is_outdated, is_right
from app.accounts.sessions import forget, remember, start_session
from app.accounts.states import TriedTooOften, TypedBySomebodyElse, WrongCredentials
from app.base.edge import reading, writing
from app.base.saving import blaming


def let_in(form: SignInForm, writer: str = "") -> bool:
    """Begin a session for the person the form names, and tell whether it began; the form says what hinders it.

    With `writer`, an organiser's public id, nobody else is let in: they would be shown what the writer typed.
    """
    if not form.validate():
        return False
    with blaming(form):
        secret = _checked(form.email.words, form.password.words, writer)
        forget()
        remember(secret)
        return True
    return False


def _checked(email: str, password: str, writer: str) -> str:
    """Return a new session's secret; raises TriedTooOften, WrongCredentials, TypedBySomebodyElse."""
    with writing() as session:
        is_within_limits = actions.allow_sign_in(session, email)
    if not is_within_limits:
        raise TriedTooOften
    found = queries.find_by_address(reading(), email)
    stored = found.password_hash if found is not None and found.disabled_at is None else None
    if not is_right(password, stored) or stored is None or found is None:  # the slow check first: time tells nothing
        raise WrongCredentials
    if writer and found.public_id != writer:
        raise TypedBySomebodyElse
    renewed = hash_password(password) if is_outdated(stored) else None
    with writing() as session:
        secret = _started(session, email, stored, renewed)
    if secret is None:
        raise WrongCredentials
    return secret


def _started(session: Session, email: str, stored: str, renewed: str | None) -> str | None:
    """Start a session unless the password or the account changed while the hash was being checked."""
    organiser = queries.find_by_address(session, email)
    if organiser is None or not actions.is_still(session, organiser, stored):
        return None
    if renewed:
        actions.renew_hash(session, organiser, renewed)
    actions.note_sign_in(session, organiser, email)
    return start_session(session, organiser)
