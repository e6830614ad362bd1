"""/i/<token>, /m/<token> and /statements/<slug>/my-signature: the signatory's own pages, without cookies.

GET and HEAD change nothing at all (law 1), not even a note that the link was fetched.
"""

from __future__ import annotations

from http import HTTPStatus

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.base.blueprints import Pages
from app.base.edge import reading, see_other, writing
from app.base.errors import Refusal
from app.base.form_tokens import check_form_token
from app.base.locales import use_language
from app.base.saving import saved, status_of
from app.invitations.states import Answer
from app.signatures import actions
from app.signatures.actions import Ticket
from app.signatures.asides import Aside, is_as_signed, not_recorded, replaced, too_late
from app.signatures.changes import as_chosen, waiting_for
from app.signatures.deciding import (
    Visit,
    blank_form,
    decision_page,
    facts_of,
    fitted,
    matter_for,
    ready_page,
)
from app.signatures.delivered import delivered_appearance
from app.signatures.emails import manage_token
from app.signatures.forms import DecideForm, OwnLinkForm
from app.signatures.guests import Invitee, TextInForce, guest_of
from app.signatures.invited import matter_of, rows_of
from app.signatures.manage_pages import blueprint as manage_blueprint
from app.signatures.queries import Signed
from app.signatures.states import AlreadySigned, SignatoryChoice, SignedTextChanged
from app.statements.models import Statement
from app.statements.queries import statement_by_slug
from app.statements.states import PUBLISHED, NoSuchStatement, StatementClosed

blueprint = Pages("signatures", __name__, is_stateless=True)
manage = manage_blueprint  # every blueprint of this module is joined to the application


@blueprint.get("/i/<token>")
@blueprint.get("/i/<token>/<language>")
def show_invitation(token: str, language: str | None = None) -> ResponseReturnValue:
    """Show what somebody is asked to sign, or what they have signed."""
    session = reading()
    visit = Visit(token, language, guest_of(session, token))
    return _shown(session, visit), HTTPStatus.OK if visit.guest.has_signed or visit.guest.is_open else HTTPStatus.GONE


@blueprint.post("/i/<token>")
@blueprint.post("/i/<token>/<language>")
def decide(token: str, language: str | None = None) -> ResponseReturnValue:
    """Record a decision. Where another window or the end of signing was first, say what was kept and what was not."""
    session = reading()
    guest = guest_of(session, token)
    visit = Visit(token, language, guest)
    text = visit.text
    use_language(text.language)
    form = fitted(guest, text.language, DecideForm(request.form))
    is_sound = form.validate()
    if form.choice.data == SignatoryChoice.SIGN:
        is_sound = _check_signing(guest, form)  # it takes back what is wrong with a field that goes nowhere
    if guest.has_signed or not guest.is_open:
        return _not_recorded(session, visit, form)
    try:
        seen = TextInForce(text.language, form.sha256.words)
        check_form_token(session, form.form_token.words, "decide", *facts_of(guest, seen))
        if form.sha256.data != text.sha256:
            raise SignedTextChanged
        if not is_sound:
            return decision_page(session, visit, form), status_of(form)
        aside = replaced(_record(guest, form, text.language), form.seen_answer.words)
    except SignedTextChanged as error:
        return _decide_again(visit, form, error)
    except (StatementClosed, AlreadySigned):  # somebody, or the same person, was quicker this very moment
        return _not_recorded(reading(), visit.again(), form)
    except Refusal as error:  # by hand, since which refusal it is decides between four answers, and the order tells
        if error.status != HTTPStatus.UNPROCESSABLE_ENTITY:
            raise
        form.keep(error)
        return decision_page(reading(), visit, form), status_of(form)
    if aside is not None:
        return _shown(reading(), visit.again(), aside)
    return _back_to(visit)


@blueprint.get("/statements/<slug>/my-signature")
def show_own_link(slug: str) -> ResponseReturnValue:
    """Show the form that sends a lost link again."""
    statement = _published(reading(), slug)
    sent = request.args.get("sent") == "1"
    return render_template("signatures/show_own_link.html", statement=statement, form=OwnLinkForm(), sent=sent)


@blueprint.post("/statements/<slug>/my-signature")
def send_own_link(slug: str) -> ResponseReturnValue:
    """Send a lost link again. The answer and the work are the same for every address."""
    statement = _published(reading(), slug)
    form = OwnLinkForm(request.form)
    if not saved(form, lambda session: actions.send_own_link(session, statement, form.email.words)):
        page = render_template("signatures/show_own_link.html", statement=statement, form=form, sent=False)
        return page, status_of(form)
    return see_other("signatures.show_own_link", slug=slug, sent="1")


def _check_signing(guest: Invitee, form: DecideForm) -> bool:
    person = guest.asked.person
    return form.check_signing(is_organisation=person.is_organisation, address=person.details.email)


def _record(guest: Invitee, form: DecideForm, language: str) -> Answer:
    """Record what was decided and return the answer that it took the place of; raises AlreadySigned."""
    ticket = Ticket(guest.asked.public_id, guest.statement.id, guest.asked.link_generation)
    sha256, words = form.sha256.words, form.words.words
    with writing() as session:
        if form.choice.data == SignatoryChoice.SIGN:
            consent = form.consent(language, is_organisation=guest.asked.person.is_organisation)
            outcome = actions.sign(session, ticket, consent)
            if not outcome.is_new:
                raise AlreadySigned
            return outcome.replaced
        if form.choice.data == SignatoryChoice.DECLINE:
            return actions.decline(session, ticket, sha256, language, words)
        return actions.ask_for_change(session, ticket, sha256, language, words)


def _not_recorded(session: Session, visit: Visit, form: DecideForm) -> ResponseReturnValue:
    """Show what stands, and say that what was sent from this window was not recorded, unless it is just the same."""
    guest, choice, words = visit.guest, form.choice.data, form.words.words
    if choice not in set(SignatoryChoice) or (guest.has_signed and _is_double_click(session, guest.signed, form)):
        return _back_to(visit)
    if guest.has_signed:
        return _shown(session, visit, not_recorded(SignatoryChoice(choice), words)), HTTPStatus.CONFLICT
    return _shown(session, visit, too_late(guest.reply, words)), HTTPStatus.GONE


def _is_double_click(session: Session, signed: Signed | None, form: DecideForm) -> bool:
    if signed is None or form.choice.data != SignatoryChoice.SIGN or form.errors:
        return False
    consent = form.consent(signed.language, is_organisation=bool(signed.representative))
    return is_as_signed(as_chosen(signed, waiting_for(session, signed.id)), consent)


def _back_to(visit: Visit) -> Response:
    return see_other("signatures.show_invitation", token=visit.token, language=visit.language)


def _shown(session: Session, visit: Visit, aside: Aside | None = None) -> str:
    """Show how things stand for a guest, with what became of the decision that they have just sent."""
    guest = visit.guest
    if guest.has_signed:
        return _receipt(session, guest, aside)
    if not guest.is_open:
        matter = matter_for(session, visit)
        return render_template(
            "signatures/show_closed.html", matter=matter, statement=guest.statement, aside=aside
        )  # fmt: skip
    if aside is not None:
        return decision_page(session, visit, blank_form(guest, visit.text.language), aside)
    return ready_page(session, visit)


def _decide_again(visit: Visit, form: DecideForm, error: SignedTextChanged) -> ResponseReturnValue:
    """Show the text that is in force now, keep what was typed, and take the decision back."""
    visit = visit.again()
    form = fitted(visit.guest, visit.text.language, form)
    form.choice.data = None
    form.choice.errors = []
    form.keep(error)
    return decision_page(reading(), visit, form), status_of(form)


def _receipt(session: Session, guest: Invitee, aside: Aside | None) -> str:
    signed = guest.signed
    if signed is None:
        raise NoSuchStatement
    use_language(signed.language)
    matter = matter_of(session, guest.statement, guest.statement.text(signed.language, signed.language).language)
    manage_url = url_for("manage.show_signature", token=manage_token(session, signed, guest.asked.link_generation))
    if signed.manage_generation > 1:
        manage_url = ""  # its owner had new links made because somebody else had the old ones: this is one of them
    rows = rows_of(signed, matter, delivered_appearance(session, signed))
    return render_template(
        "signatures/show_receipt.html", guest=guest, signed=signed, matter=matter, rows=rows, manage_url=manage_url,
        aside=aside, waiting=waiting_for(session, signed.id),
    )  # fmt: skip


def _published(session: Session, slug: str) -> Statement:
    statement = statement_by_slug(session, slug)
    if statement.state not in PUBLISHED:
        raise NoSuchStatement
    return statement
