"""Keeps what was typed at the desk while its writer signs in again, and gives it back to nobody else."""

from __future__ import annotations

from http import HTTPStatus

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts.credentials import let_in
from app.accounts.forms import SignInForm
from app.accounts.states import TypedBySomebodyElse
from app.base.edge import reading
from app.base.salvage import words_of
from app.base.saving import status_of
from app.base.second_look import (
    CARRIED,
    MARK_LAPSED,
    SIGNED_IN_AGAIN,
    Typed,
    brought_back,
    carried,
    has_lapsed,
    look_again,
    typed_now,
)


def keep_what_was_typed() -> ResponseReturnValue | None:
    """Answer a form of the desk that its writer can't send now with a sign-in page that keeps it.

    That page posts to the form's own address. If its writer then signs in, they are shown the form as they filled
    it in. None lets the request go on: to a page that may act, or to a second look.
    """
    if CARRIED in request.form:
        return _sign_in_again(brought_back(reading(), request.form[CARRIED]))
    typed = typed_now()
    if current_user.is_authenticated:
        return None if _may_see(typed) else _somebody_else(typed)
    if not typed.fields and not typed.had_file:
        return None  # a bare button: the way to the sign-in page and back to where it stands loses nothing
    return _page(_blank_form(), typed), HTTPStatus.UNAUTHORIZED


def _sign_in_again(typed: Typed) -> ResponseReturnValue | None:
    form = SignInForm(request.form)
    is_signed_in = current_user.is_authenticated and _may_see(typed)
    if not is_signed_in:  # otherwise they signed in elsewhere meanwhile, or loaded the page again
        if has_lapsed():
            form.blame(None, str(MARK_LAPSED))
            return _page(form, typed), HTTPStatus.BAD_REQUEST
        if not let_in(form, typed.writer):
            return _page(form, typed), status_of(form)
    look_again(SIGNED_IN_AGAIN, typed)
    return None


def _may_see(typed: Typed) -> bool:
    return typed.writer in ("", current_user.public_id)


def _somebody_else(typed: Typed) -> ResponseReturnValue:
    """Keep what was typed before somebody else signed in here: nothing of it is done in their name."""
    form = _blank_form()
    form.keep(TypedBySomebodyElse())
    return _page(form, typed), status_of(form)


def _blank_form() -> SignInForm:
    return SignInForm()


def _page(form: SignInForm, typed: Typed) -> str:
    sealed = carried(reading(), typed)
    return render_template(
        "accounts/keep_what_was_typed.html", form=form, action=request.full_path.rstrip("?"), sealed=sealed,
        had_file=typed.had_file, words=[] if sealed else words_of(typed),
    )  # fmt: skip
