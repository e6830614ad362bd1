"""/sign-in/code and /desk/confirm: where somebody shows more than a password, or shows again that it is them."""

from __future__ import annotations

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts.credentials import waiting
from app.accounts.entering import is_completed, passkey_offer, with_script
from app.accounts.forms import ProofForm
from app.accounts.guard import local_path, page_of_download
from app.accounts.proving import is_proven, needs_code
from app.accounts.sessions import note_proof
from app.base.blueprints import Pages
from app.base.edge import SEE_OTHER, flash_notice
from app.base.locales import gettext as _
from app.base.saving import status_of

blueprint = Pages("proofs", __name__)


@blueprint.get("/sign-in/code")
def show_code() -> ResponseReturnValue:
    """Ask a person who has given the password for their second factor, or lead them to setting one up."""
    wanted = local_path(request.args.get("next"))
    elsewhere = _elsewhere(wanted)
    return elsewhere or _code_page(ProofForm(data={"next": wanted}))


@blueprint.post("/sign-in/code")
def check_code() -> ResponseReturnValue:
    """Open the desk to a person who shows a second factor."""
    form = ProofForm(request.form)
    wanted = local_path(form.next.words)
    elsewhere = _elsewhere(wanted)
    if elsewhere is not None:
        return elsewhere
    return redirect(wanted, SEE_OTHER) if is_completed(form) else _code_page(form)


@blueprint.get("/desk/confirm")
def show_confirmation() -> ResponseReturnValue:
    """Ask the person at the desk to show that it is still them, and lead back."""
    return _confirmation_page(ProofForm(data={"next": local_path(request.args.get("next"))}))


@blueprint.post("/desk/confirm")
def confirm() -> ResponseReturnValue:
    """Note the proof, and lead back to the page that wanted it; a download begins by itself."""
    form = ProofForm(request.form)
    if not is_proven(form, lambda session, _me: note_proof(session)):
        return _confirmation_page(form)
    if page_of_download(local_path(form.next.words)):
        return redirect(url_for(".show_download", next=local_path(form.next.words)), SEE_OTHER)
    flash_notice(_("You have shown that it is you. Go on within five minutes: nothing has been done yet."))
    return redirect(local_path(form.next.words), SEE_OTHER)


@blueprint.get("/desk/confirm/download")
def show_download() -> ResponseReturnValue:
    """Let a download begin that waited for a proof: by itself it would leave its reader before an answered form."""
    wanted = local_path(request.args.get("next"))
    page_url = page_of_download(wanted)
    if not page_url:
        return redirect(wanted, SEE_OTHER)
    response = make_response(render_template("accounts/show_download.html", url=wanted, page_url=page_url))
    response.headers["Refresh"] = f"0; url={wanted}"
    return response


def _elsewhere(wanted: str) -> ResponseReturnValue | None:
    """Return the way to where somebody belongs who is not between the password and the second factor."""
    if not current_user.is_authenticated:
        return redirect(url_for("accounts.show_sign_in", next=wanted), SEE_OTHER)
    if current_user.is_complete:
        return redirect(wanted, SEE_OTHER)
    return None if needs_code() else redirect(url_for("factors.show_first_app", next=wanted), SEE_OTHER)


def _code_page(form: ProofForm) -> ResponseReturnValue:
    page = render_template("accounts/show_code.html", form=form, passkey=passkey_offer())
    return with_script(page, status_of(form), waiting(status_of(form)))


def _confirmation_page(form: ProofForm) -> ResponseReturnValue:
    page = render_template(
        "accounts/show_confirmation.html", form=form, needs_code=needs_code(), passkey=passkey_offer()
    )
    return with_script(page, status_of(form), waiting(status_of(form)))
