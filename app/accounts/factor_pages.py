"""/sign-in/second-factor and /desk/account/second-factor: an app, recovery codes and passkeys of one's own."""

from __future__ import annotations

import base64
import binascii
from http import HTTPStatus

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from app.accounts import queries
from app.accounts.entering import opened, with_script
from app.accounts.factors import actions, passkeys, totp
from app.accounts.factors.queries import standing_of
from app.accounts.factors.states import AppFirst, SetupOver, in_groups, read_codes
from app.accounts.forms import AppForm, PasskeyForm
from app.accounts.guard import local_path
from app.accounts.proving import me_in, needs_code
from app.accounts.sessions import current_organiser_id, end_others, remember
from app.base.blueprints import Pages, asks_for_proof
from app.base.edge import SEE_OTHER, flash_notice, reading, see_other, writing
from app.base.errors import Refusal
from app.base.locales import gettext as _
from app.base.ports import ports_of
from app.base.saving import result_of, saved, status_of

blueprint = Pages("factors", __name__)
MINE = "/desk/account/second-factor"
FIRST = "/sign-in/second-factor"


@blueprint.get(FIRST)
def show_first_app() -> ResponseReturnValue:
    """Lead a person with a right password and no second factor yet through setting one up."""
    return _elsewhere() or _app_page(AppForm())


@blueprint.post(FIRST)
def set_up_first_app() -> ResponseReturnValue:
    """Take the app, show the recovery codes once, and open the desk."""
    return _elsewhere() or _taken(AppForm(request.form))


@blueprint.get(f"{FIRST}/picture.png")
@blueprint.get(f"{MINE}/picture.png")
def show_picture() -> ResponseReturnValue:
    """Draw the key that a page of this account offers, for the phone's camera."""
    if not current_user.is_authenticated:
        return redirect(url_for("accounts.show_sign_in"), SEE_OTHER)
    picture = totp.picture_of(_address_of(_seed(request.args.get("key", ""))))
    return picture, HTTPStatus.OK, {"Content-Type": "image/png"}


@blueprint.get(MINE)
def show_factors() -> ResponseReturnValue:
    """Show what this account has beside its password."""
    return render_template("accounts/show_factors.html", standing=standing_of(reading(), current_organiser_id()[0]))


@blueprint.get(f"{MINE}/app")
@asks_for_proof
def show_app() -> ResponseReturnValue:
    """Show the key for another app, which takes the place of the one before."""
    return _app_page(AppForm())


@blueprint.post(f"{MINE}/app")
@asks_for_proof
def set_up_app() -> ResponseReturnValue:
    """Take another app and show new recovery codes once; every other browser is signed out."""
    return _taken(AppForm(request.form))


@blueprint.post(f"{MINE}/recovery-codes")
@asks_for_proof
def renew_recovery_codes() -> ResponseReturnValue:
    """Void the recovery codes and show new ones once."""
    if not needs_code():
        raise AppFirst
    with writing() as session:
        codes = actions.renew_recovery_codes(session, me_in(session))
    return _codes_page(codes)


@blueprint.route(f"{MINE}/passkeys/new", methods=["GET", "POST"])
@asks_for_proof
def add_passkey() -> ResponseReturnValue:
    """Let the browser make a passkey: a second factor besides the app, which stays."""
    if not needs_code():
        raise AppFirst
    form = PasskeyForm(request.form)
    if saved(form, lambda session: _add_passkey(session, form)):
        flash_notice(_("The passkey is added. Other browsers were signed out."))
        return see_other("factors.show_factors")
    offer = passkeys.registration_offer(reading(), me_in(reading()), _my_address())
    return with_script(render_template("accounts/add_passkey.html", form=form, offer=offer), status_of(form))


@blueprint.post(f"{MINE}/passkeys/<factor>/remove")
@asks_for_proof
def remove_passkey(factor: str) -> ResponseReturnValue:
    """Take a passkey off; every other browser is signed out."""
    with writing() as session:
        passkeys.remove_passkey(session, me_in(session), factor)
        end_others(session, me_in(session))
    flash_notice(_("The passkey is removed. Other browsers were signed out."))
    return see_other("factors.show_factors")


def _elsewhere() -> ResponseReturnValue | None:
    """Return the way for a person who has no first factor to set up here."""
    wanted = local_path(request.values.get("next"))
    if not current_user.is_authenticated:
        return redirect(url_for("accounts.show_sign_in", next=wanted), SEE_OTHER)
    if current_user.is_complete:  # there, a recent proof is asked for
        return redirect(url_for("factors.show_app"), SEE_OTHER)
    return redirect(url_for("proofs.show_code", next=wanted), SEE_OTHER) if needs_code() else None


def _app_page(form: AppForm) -> ResponseReturnValue:
    """Show the key that the form brought, or a new one where it brought none that is still good."""
    try:
        seed = _seed(form.seed_code.words)
    except SetupOver:
        sealed = actions.offered_seed(reading(), current_organiser_id()[1])
        form.seed_code.data = base64.urlsafe_b64encode(sealed).decode()
        seed = _seed(form.seed_code.data)
    return render_template(
        "accounts/show_app.html", form=form, action=request.path, key=in_groups(seed), address=_address_of(seed),
        picture_url=f"{_root()}/picture.png?key={form.seed_code.data}", next=local_path(request.values.get("next")),
        is_first=not current_user.is_complete,
    ), status_of(form)  # fmt: skip


def _taken(form: AppForm) -> ResponseReturnValue:
    secrets: list[str] = []
    codes = result_of(form, lambda session: _set_up(session, form, secrets))
    if codes is None:
        return _app_page(form)
    for secret in secrets:
        remember(secret)
    return _codes_page(codes)


def _set_up(session: Session, form: AppForm, secrets: list[str]) -> list[str]:
    me = me_in(session)
    seed = actions.seed_offered(session, me.public_id, _unpacked(form.seed_code.words))
    shown = read_codes(form.code.words)
    codes = actions.set_up_app(session, me, seed, shown, may_replace=current_user.is_complete)
    end_others(session, me)
    if not current_user.is_complete:
        secrets.append(opened(session, me))
    return codes


def _add_passkey(session: Session, form: PasskeyForm) -> None:
    answer, sealed = form.passkey_code.words, form.challenge_code.words
    if not answer:
        raise Refusal(_("This browser made no passkey: that takes JavaScript. Codes of your app work without."))
    passkeys.add_passkey(session, me_in(session), form.name.words, answer, sealed)
    end_others(session, me_in(session))


def _codes_page(codes: list[str]) -> ResponseReturnValue:
    return render_template(
        "accounts/show_recovery_codes.html",
        codes=[in_groups(code) for code in codes],
        go_on_url=local_path(request.form.get("next")),
    )


def _seed(packed: str) -> str:
    """Open the key that a page carries; raises SetupOver."""
    return actions.seed_offered(reading(), current_organiser_id()[1], _unpacked(packed))


def _unpacked(packed: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(packed)
    except (ValueError, binascii.Error) as error:
        raise SetupOver from error


def _root() -> str:
    return MINE if current_user.is_complete else FIRST


def _address_of(seed: str) -> str:
    return totp.address_of(seed, ports_of(reading()).mail_from_name or "Undersigned", _my_address())


def _my_address() -> str:
    return queries.person(reading(), current_organiser_id()[1], "my second factor").email
