"""/m/<token>: one's own signature; change how it appears, or withdraw it."""

from __future__ import annotations

from collections.abc import Callable

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.base.blueprints import Pages
from app.base.edge import SEE_OTHER, reading, writing
from app.base.form_tokens import check_form_token, make_form_token
from app.base.forms import Form
from app.base.locales import use_language
from app.base.saving import blaming, status_of
from app.invitations.emails import link_of
from app.signatures import actions
from app.signatures.changes import waiting_for
from app.signatures.delivered import delivered_appearance
from app.signatures.forms import LineForm, NewsForm, SignatureWithdrawForm, TokenForm, VisibilityForm
from app.signatures.guests import Invitee, owner_of
from app.signatures.invited import Matter, matter_of, offered, rows_of
from app.signatures.queries import Signed
from app.signatures.states import ChangeState, NoSuchSignature, NotStanding
from app.signatures.wishes import wish_line, wish_visibility
from app.visibility.states import Visibility

blueprint = Pages("manage", __name__, is_stateless=True)

PURPOSE = "manage"


@blueprint.get("/m/<token>")
def show_signature(token: str) -> ResponseReturnValue:
    """Show one's own signature, who sees what of it, and the ways to change it."""
    return _page(reading(), token, owner_of(reading(), token))


@blueprint.post("/m/<token>/visibility")
def change_visibility(token: str) -> ResponseReturnValue:
    """Show more or less of one's name."""
    guest = owner_of(reading(), token)
    signed, form = _standing(guest), VisibilityForm(request.form)
    form.offer(offered(guest.asked))
    form.validate()
    form.check_visibility(signed.identity.name, guest.asked.person.details.email)

    def change(session: Session) -> str:
        visibility = Visibility(form.visibility.data)
        state = wish_visibility(session, signed.public_id, visibility, form.pseudonym.words)
        return "waits" if state is ChangeState.WAITS_FOR_OWNER else "1"

    return _changed(token, guest, form, change)


@blueprint.post("/m/<token>/line")
def change_line(token: str) -> ResponseReturnValue:
    """Correct one's name and the line beside it."""
    guest = owner_of(reading(), token)
    signed, form = _standing(guest), LineForm(request.form)
    form.country.offer(signed.language)
    form.validate()
    form.check_name(is_organisation=guest.asked.person.is_organisation)

    def change(session: Session) -> str:
        name, line, country = form.name.words, form.public_line.words, form.country.words
        states = wish_line(session, signed.public_id, name, line, country)
        return "name" if ChangeState.WAITS_FOR_COORDINATOR in states else "1"

    return _changed(token, guest, form, change)


@blueprint.post("/m/<token>/news")
def choose_news(token: str) -> ResponseReturnValue:
    """Begin or stop getting news."""
    guest = owner_of(reading(), token)
    signed, form = _standing(guest), NewsForm(request.form)
    form.validate()

    def change(session: Session) -> str:
        actions.choose_news(session, signed.public_id, bool(form.wants_news.data))
        return "1"

    return _changed(token, guest, form, change)


@blueprint.get("/m/<token>/withdraw")
def confirm_withdrawal(token: str) -> ResponseReturnValue:
    """Ask whether the signature is to be withdrawn."""
    guest = owner_of(reading(), token)
    if not guest.has_signed:
        return redirect(url_for("manage.show_signature", token=token), SEE_OTHER)
    return _withdrawal_page(reading(), token, guest, SignatureWithdrawForm())


@blueprint.post("/m/<token>/withdraw")
def withdraw(token: str) -> ResponseReturnValue:
    """Withdraw, or leave the signature standing, as was chosen; withdrawing again changes nothing."""
    guest, form = owner_of(reading(), token), SignatureWithdrawForm(request.form)
    if guest.has_signed:
        form.validate()
        _check_token(guest, form)
        if form.problems:
            return _withdrawal_page(reading(), token, guest, form), status_of(form)
        if form.sure.data == "yes":
            with writing() as session:
                actions.withdraw(session, _standing(guest).public_id)
    return redirect(url_for("manage.show_signature", token=token), SEE_OTHER)


def _changed(token: str, guest: Invitee, form: TokenForm, change: Callable[[Session], str]) -> ResponseReturnValue:
    _check_token(guest, form)
    if form.problems:
        return _page(reading(), token, guest, form), status_of(form)
    with writing() as session:
        saved = change(session)
    return redirect(url_for("manage.show_signature", token=token, saved=saved), SEE_OTHER)


def _check_token(guest: Invitee, form: TokenForm) -> None:
    with blaming(form):
        check_form_token(reading(), form.form_token.words, PURPOSE, *_facts(guest))


def _page(session: Session, token: str, guest: Invitee, failed: Form | None = None) -> str:
    signed = guest.signed
    if signed is None:
        raise NoSuchSignature
    matter, delivered = _matter(session, guest, signed), delivered_appearance(session, signed)
    forms = _forms(guest, signed)
    if failed is not None:
        forms[type(failed).__name__] = failed
    return render_template(
        "signatures/show_signature.html",
        token=token, guest=guest, signed=signed, matter=matter, rows=rows_of(signed, matter, delivered), form=failed,
        visibility_form=forms["VisibilityForm"], line_form=forms["LineForm"], news_form=forms["NewsForm"],
        form_token=make_form_token(session, PURPOSE, *_facts(guest)),
        saved=request.args.get("saved", ""), waiting=waiting_for(session, signed.id), delivered=delivered,
        sign_url=link_of(session, guest.asked),
    )  # fmt: skip


def _forms(guest: Invitee, signed: Signed) -> dict[str, Form]:
    identity = signed.identity
    visibility = VisibilityForm(data={"visibility": signed.visibility.value, "pseudonym": identity.pseudonym})
    visibility.offer(offered(guest.asked))
    line = LineForm(data={"name": identity.name, "public_line": identity.public_line, "country": identity.country})
    line.country.offer(signed.language)
    return {
        "VisibilityForm": visibility,
        "LineForm": line,
        "NewsForm": NewsForm(data={"wants_news": signed.wants_news}),
    }


def _withdrawal_page(session: Session, token: str, guest: Invitee, form: SignatureWithdrawForm) -> str:
    signed = _standing(guest)
    return render_template(
        "signatures/confirm_withdrawal.html",
        token=token, signed=signed, matter=_matter(session, guest, signed), form=form,
        form_token=make_form_token(session, PURPOSE, *_facts(guest)),
        delivered=delivered_appearance(session, signed), is_open=guest.is_open,
    )  # fmt: skip


def _matter(session: Session, guest: Invitee, signed: Signed) -> Matter:
    use_language(signed.language)
    return matter_of(session, guest.statement, guest.statement.text(signed.language, signed.language).language)


def _standing(guest: Invitee) -> Signed:
    if guest.signed is None or not guest.has_signed:
        raise NotStanding
    return guest.signed


def _facts(guest: Invitee) -> tuple[str, str]:
    return guest.asked.public_id, str(guest.asked.link_generation)
