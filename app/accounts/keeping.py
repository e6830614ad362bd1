"""Keeps what was typed at the desk while its writer shows who they are, and gives it back to nobody else."""

from __future__ import annotations

from http import HTTPStatus

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts.credentials import let_in, waiting
from app.accounts.entering import is_completed, passkey_offer, with_script
from app.accounts.forms import ProofForm, SignInForm
from app.accounts.proving import is_proven, needs_code
from app.accounts.sessions import is_at_the_desk, note_proof
from app.accounts.states import TypedBySomebodyElse
from app.base.edge import reading
from app.base.salvage import words_of
from app.base.saving import status_of
from app.base.second_look import (
    CARRIED,
    MARK_LAPSED,
    PROVEN_AGAIN,
    SIGNED_IN_AGAIN,
    Typed,
    brought_back,
    carried,
    has_lapsed,
    look_again,
    typed_now,
)


def keep_what_was_typed(*, is_proof_wanted: bool) -> ResponseReturnValue | None:
    """Answer a form of the desk that its writer can't send now with a page that keeps it and asks who they are.

    That page posts to the form's own address. If its writer then signs in, or shows that it is still them, they are
    shown the form as they filled it in. None lets the request go on: to a page that may act, or to a second look.
    """
    if CARRIED in request.form:
        return _enter_again(brought_back(reading(), request.form[CARRIED]), is_proof_wanted=is_proof_wanted)
    typed = typed_now()
    if is_at_the_desk() and not _may_see(typed):
        return _somebody_else(typed)
    if is_at_the_desk() and (current_user.is_proven or not is_proof_wanted):
        return None
    if not typed.fields and not typed.had_file:
        return None  # a bare button: the way to the sign-in page and back to where it stands loses nothing
    if current_user.is_authenticated and _may_see(typed):
        return _proof_page(ProofForm(), typed)
    return _page(SignInForm(), typed), HTTPStatus.UNAUTHORIZED


def _enter_again(typed: Typed, *, is_proof_wanted: bool) -> ResponseReturnValue | None:
    is_here = current_user.is_authenticated and _may_see(typed)
    if not is_here:  # otherwise they signed in elsewhere meanwhile, or loaded the page again
        form = SignInForm(request.form)
        if has_lapsed():
            form.blame(None, str(MARK_LAPSED))
            return _page(form, typed), HTTPStatus.BAD_REQUEST
        if not let_in(form, typed.writer):
            return _page(form, typed), status_of(form), waiting(status_of(form))
    if is_at_the_desk() and (current_user.is_proven or not is_proof_wanted):
        look_again(SIGNED_IN_AGAIN, typed)
        return None
    return _prove_again(typed) if is_here else _proof_page(ProofForm(), typed)


def _prove_again(typed: Typed) -> ResponseReturnValue | None:
    form, was_complete = ProofForm(request.form), current_user.is_complete
    if has_lapsed():
        form.blame(None, str(MARK_LAPSED))
        return _proof_page(form, typed, HTTPStatus.BAD_REQUEST)
    is_shown = is_proven(form, lambda session, _me: note_proof(session)) if was_complete else is_completed(form)
    if not is_shown:
        return _proof_page(form, typed, status_of(form))
    look_again(PROVEN_AGAIN if was_complete else SIGNED_IN_AGAIN, typed)
    return None


def _may_see(typed: Typed) -> bool:
    return typed.writer in ("", current_user.public_id)


def _somebody_else(typed: Typed) -> ResponseReturnValue:
    """Keep what was typed before somebody else signed in here: nothing of it is done in their name."""
    form = SignInForm()
    form.keep(TypedBySomebodyElse())
    return _page(form, typed), status_of(form)


def _page(form: SignInForm, typed: Typed) -> str:
    sealed = carried(reading(), typed)
    return render_template(
        "accounts/keep_what_was_typed.html", form=form, action=request.full_path.rstrip("?"), sealed=sealed,
        had_file=typed.had_file, words=[] if sealed else words_of(typed),
    )  # fmt: skip


def _proof_page(form: ProofForm, typed: Typed, status: HTTPStatus = HTTPStatus.UNAUTHORIZED) -> ResponseReturnValue:
    sealed = carried(reading(), typed)
    is_setting_up = not current_user.is_complete and not needs_code()
    page = render_template(
        "accounts/keep_and_prove.html", form=form, action=request.full_path.rstrip("?"), sealed=sealed,
        had_file=typed.had_file, words=[] if sealed and not is_setting_up else words_of(typed),
        needs_code=needs_code(), is_setting_up=is_setting_up, passkey=passkey_offer(),
    )  # fmt: skip
    return with_script(page, status, waiting(status))
