"""It is still you: a code, a passkey or, without a second factor, the password, checked for who is signed in."""

from __future__ import annotations

from collections.abc import Callable

from flask_login import current_user
from sqlalchemy.orm import Session

from app.accounts import actions, queries
from app.accounts.factors.actions import count_try, prove
from app.accounts.factors.passkeys import prove_by_passkey
from app.accounts.factors.queries import has_factor
from app.accounts.factors.states import read_codes
from app.accounts.forms import ProofForm
from app.accounts.models import Organiser
from app.accounts.passwords import is_right
from app.accounts.sessions import current_organiser_id
from app.accounts.states import TriedTooOften, WrongPassword
from app.base.edge import reading, writing
from app.base.errors import Refusal
from app.base.locales import gettext as _
from app.base.saving import blaming

Then = Callable[[Session, Organiser], None]


def is_proven(form: ProofForm, then: Then) -> bool:
    """Check what a form shows and do what follows in the same transaction; the form says what hinders it."""
    if not form.validate():
        return False
    with blaming(form):
        if needs_code():
            _check_code(form, then)
        else:
            _check_password(form, then)
        return True
    return False


def needs_code() -> bool:
    """Tell whether the person who is signed in has a second factor, which then counts alone."""
    return has_factor(reading(), current_organiser_id()[0])


def me_in(session: Session) -> Organiser:
    """Return the row of the person who is signed in."""
    return queries.organiser(session, current_organiser_id()[1])


def _check_code(form: ProofForm, then: Then) -> None:
    if form.passkey_code.words:
        with writing() as session:
            prove_by_passkey(session, me_in(session), form.passkey_code.words, form.challenge_code.words)
            then(session, me_in(session))
        return
    shown = read_codes(form.code.words)
    if not shown.is_guessable and not shown.is_certain:
        raise Refusal(_("Enter the six digits that your app shows, or a recovery code of sixteen characters."), "code")
    with writing() as session:
        refusal = count_try(session, me_in(session), shown)
    if refusal is not None:
        raise refusal
    with writing() as session:
        prove(session, me_in(session), shown)
        then(session, me_in(session))


def _check_password(form: ProofForm, then: Then) -> None:
    """Where a password alone opens the desk, it proves too; a session that waits for more gets no further."""
    with writing() as session:
        is_within_limits = actions.allow_password_change(session, me_in(session))
    if not is_within_limits:
        raise TriedTooOften
    stored = me_in(reading()).password_hash
    if not current_user.is_complete or not is_right(form.password.words, stored):
        raise WrongPassword("password")
    with writing() as session:
        then(session, me_in(session))
