"""/sign-in, /password/… and /desk/account."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_babel
from flask_login import current_user
from sqlalchemy.orm import Session

from app.accounts import actions, queries
from app.accounts.browsers import introduce
from app.accounts.credentials import caller_now, device_now, let_in, waiting
from app.accounts.door import is_link_mailed
from app.accounts.forms import (
    ChangePasswordForm,
    ForgottenForm,
    NewPasswordForm,
    ProfileForm,
    SignInForm,
)
from app.accounts.guard import init_guard, local_path
from app.accounts.models import Organiser
from app.accounts.passwords import hash_password, is_right
from app.accounts.sessions import current_organiser_id, forget, is_at_the_desk, remember, start_session
from app.accounts.states import (
    TriedTooOften,
    WrongPassword,
    check_password,
)
from app.base.blueprints import Pages
from app.base.edge import SEE_OTHER, flash_notice, reading, see_other, writing
from app.base.forms import Form, choices_of
from app.base.locales import endonym, gettext as _
from app.base.saving import blaming, saved, status_of

blueprint = Pages("accounts", __name__)
blueprint.record_once(lambda state: init_guard(state.app))

# Reached by a mailed link: no cookie is set, the link itself is the authority, and app.web checks the form's origin.
passwords = Pages("passwords", __name__, url_prefix="/password", is_stateless=True)


@blueprint.get("/sign-in")
def show_sign_in() -> ResponseReturnValue:
    """Show the sign-in form, or the desk to a person who is signed in."""
    wanted = local_path(request.args.get("next"))
    if is_at_the_desk():
        return redirect(wanted, SEE_OTHER)
    return _sign_in_page(SignInForm(data={"next": wanted}), just=request.args.get("just", ""))


@blueprint.post("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Check address and password and start a session."""
    form = SignInForm(request.form)
    if not let_in(form):
        return _sign_in_page(form), status_of(form), waiting(status_of(form))
    wanted = local_path(form.next.words)
    return redirect(wanted if current_user.is_complete else url_for("proofs.show_code", next=wanted), SEE_OTHER)


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this browser's session."""
    forget()
    return see_other("accounts.show_sign_in", just="signed-out")


@passwords.get("/forgotten")
def show_forgotten() -> ResponseReturnValue:
    """Ask for the address that the link shall go to."""
    return render_template("accounts/show_forgotten.html", form=ForgottenForm(), is_sent=False)


@passwords.post("/forgotten")
def ask_for_link() -> ResponseReturnValue:
    """Answer the same whether or not there is an account."""
    form = ForgottenForm(request.form)
    is_sent = saved(form, lambda session: _ask_for_link(session, form.email.words))
    return render_template("accounts/show_forgotten.html", form=form, is_sent=is_sent), status_of(form)


@passwords.get("/<token>")
def show_new_password(token: str) -> ResponseReturnValue:
    """Show whose password the link sets, and the form."""
    return _new_password_page(token, NewPasswordForm())


@passwords.post("/<token>")
def set_password(token: str) -> ResponseReturnValue:
    """Set the password and end every session; the link is used up."""
    form = NewPasswordForm(request.form)
    owner = _person(queries.owner_of_link(reading(), token))
    if not form.validate() or not _is_strong(form, owner):
        return _new_password_page(token, form), status_of(form)
    password_hash = hash_password(form.password.words)
    with writing() as session:
        # A person who reads the mailbox is no stranger: tries of others don't slow this browser.
        introduce(session, actions.set_password_by_link(session, token, password_hash))
    return see_other("accounts.show_sign_in", just="password")


@blueprint.get("/desk/account")
def show_account() -> ResponseReturnValue:
    """Show one's own account."""
    person = _me()
    return _account_page(ProfileForm(data={"name": person.name, "language": person.language}), ChangePasswordForm())


@blueprint.post("/desk/account")
def change_profile() -> ResponseReturnValue:
    """Change one's name and language."""
    form = ProfileForm(request.form)
    form.language.choices = choices_of(_languages())
    if not form.language.data:
        form.language.data = _me().language  # there is nothing to choose from

    def act(session: Session) -> None:
        actions.change_profile(session, _my_row(session), form.name.words, form.language.data)

    if not saved(form, act):
        return _account_page(form, ChangePasswordForm()), status_of(form)
    flash_notice(_("Your account is changed."))
    return see_other("accounts.show_account")


@blueprint.post("/desk/account/password")
def change_password() -> ResponseReturnValue:
    """Replace the password; every other browser is signed out."""
    form = ChangePasswordForm(request.form)
    profile = ProfileForm(data={"name": _me().name, "language": _me().language})
    if not form.validate() or not _is_strong(form, _me()):
        return _account_page(profile, form), status_of(form)
    with writing() as session:
        is_within_limits = actions.allow_password_change(session, _my_row(session))
    if not is_within_limits:
        form.keep(TriedTooOften(), at="current_password")
        return _account_page(profile, form), status_of(form), waiting(status_of(form))
    stored = _my_row(reading()).password_hash
    if not is_right(form.current_password.words, stored):
        form.keep(WrongPassword())
        return _account_page(profile, form), status_of(form)
    password_hash = hash_password(form.password.words)
    with writing() as session:
        secret = _changed_password(session, stored, password_hash)
    if secret is None:
        form.keep(WrongPassword())
        return _account_page(profile, form), status_of(form)
    remember(secret)
    flash_notice(_("Your password is changed. Other browsers were signed out."))
    return see_other("accounts.show_account")


@blueprint.post("/desk/account/sign-out-everywhere")
def sign_out_everywhere() -> ResponseReturnValue:
    """End all sessions of the organiser, this one too."""
    with writing() as session:
        actions.sign_out_everywhere(session, _my_row(session))
    forget()
    return see_other("accounts.show_sign_in", just="signed-out")


def _ask_for_link(session: Session, email: str) -> None:
    """Mail a link unless mails with links that still work lie in the mailbox: the answer is the same."""
    if is_link_mailed(session, email, queries.find_by_address(session, email), caller_now()):
        actions.ask_for_password_link(session, email)


def _changed_password(session: Session, stored: str | None, password_hash: str) -> str | None:
    """Change one's password unless it was changed otherwise while the hashes were being made; return a session."""
    organiser = _my_row(session)
    if not actions.is_still(session, organiser, stored):
        return None
    actions.change_password(session, organiser, password_hash)
    introduce(session, organiser)
    return start_session(session, organiser, is_complete=True, device=device_now())


def _sign_in_page(form: SignInForm, just: str = "") -> str:
    return render_template("accounts/show_sign_in.html", form=form, just=just)


def _is_strong(form: Form, person: queries.OpenedOrganiser) -> bool:
    with blaming(form):
        check_password(form["password"].data, person.email, person.name)
        return True
    return False


def _new_password_page(token: str, form: NewPasswordForm) -> str:
    person = _person(queries.owner_of_link(reading(), token))
    return render_template(
        "accounts/show_new_password.html", form=form, person=person, action=url_for(".set_password", token=token)
    )


def _account_page(profile: ProfileForm, password: ChangePasswordForm) -> str:
    profile.language.choices = choices_of(_languages())
    form = password if password.errors or password.form_errors else profile
    return render_template("accounts/show_account.html", form=form, profile=profile, password=password, me=_me())


def _languages() -> list[tuple[str, str]]:
    """Return the languages that the interface speaks here."""
    shipped = {str(locale).replace("_", "-") for locale in get_babel().instance.list_translations()} | {"en"}
    return sorted((language, endonym(language)) for language in shipped)


def _person(organiser: Organiser) -> queries.OpenedOrganiser:
    return queries.people(reading(), [organiser], "password link")[0]


def _me() -> queries.OpenedOrganiser:
    return queries.person(reading(), current_organiser_id()[1], "my account")


def _my_row(session: Session) -> Organiser:
    return queries.organiser(session, current_organiser_id()[1])
