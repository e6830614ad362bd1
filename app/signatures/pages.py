"""/i/<token>, /m/<token> and /statements/<slug>/my-signature: the signatory's own pages, without cookies.

GET and HEAD change nothing at all (law 1), not even a note that the link was fetched.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.base.blueprints import Pages
from app.base.edge import reading, see_other, writing
from app.base.errors import Refusal
from app.base.form_tokens import check_form_token, make_form_token
from app.base.locales import gettext as _, use_language
from app.invitations.states import Answer
from app.signatures import actions
from app.signatures.actions import Ticket
from app.signatures.emails import manage_token
from app.signatures.forms import DecideForm, OwnLinkForm
from app.signatures.invited import Guest, Matter, guest_of, matter_of, offered, rows_of, text_in_force
from app.signatures.manage_pages import blueprint as manage_blueprint
from app.signatures.states import Choice, TextChanged
from app.statements.models import Statement
from app.statements.queries import statement_by_slug
from app.statements.states import PUBLISHED, NoSuchStatement, StatementClosed

blueprint = Pages("signatures", __name__, is_stateless=True)
manage = manage_blueprint  # every blueprint of this module is joined to the application

GONE = 410
UNPROCESSABLE = 422
CONFLICT = 409


@dataclass(frozen=True)
class Decision:
    """What the decision form needs beside its fields."""

    form_token: str
    is_organisation: bool
    has_pseudonym: bool
    reply_answer: Answer
    action: str


@blueprint.get("/i/<token>")
@blueprint.get("/i/<token>/<language>")
def show_invitation(token: str, language: str | None = None) -> ResponseReturnValue:
    """Show what somebody is asked to sign, or what they have signed."""
    session = reading()
    guest = guest_of(session, token)
    if guest.has_signed:
        return _receipt(session, guest)
    matter = _matter(session, guest, language)
    if not guest.is_open:
        return render_template("signatures/show_closed.html", matter=matter, statement=guest.statement), GONE
    return _decision_page(session, token, guest, matter, _blank_form(guest, matter))


@blueprint.post("/i/<token>")
@blueprint.post("/i/<token>/<language>")
def decide(token: str, language: str | None = None) -> ResponseReturnValue:
    """Record a decision. What was decided before, or can't be any more, shows itself on the page that follows."""
    session = reading()
    guest = guest_of(session, token)
    if guest.has_signed or not guest.is_open:
        return see_other("signatures.show_invitation", token=token, language=language)
    text = text_in_force(session, guest.statement, language, guest.asked.person.details.language)
    use_language(text.language)
    form = _form(guest, text.language, DecideForm(request.form))
    is_sound = form.validate()
    if form.choice.data == Choice.SIGN:
        is_sound = form.check_signing(is_organisation=guest.asked.person.is_organisation) and is_sound
    try:
        facts = _facts(guest, form.sha256.data or "", text.language)
        check_form_token(session, form.form_token.data or "", "decide", *facts)
        if form.sha256.data != text.sha256:
            raise TextChanged
        if not is_sound:
            return _decision_page(session, token, guest, _matter(session, guest, language), form, UNPROCESSABLE)
        _record(guest, form, text.language)
    except TextChanged as error:
        return _decide_again(token, language, form, error)
    except StatementClosed:
        pass  # it closed this moment: the page that follows says so
    except Refusal as error:
        if error.status != UNPROCESSABLE:
            raise
        form.blame(error.field, error.message)
        session = reading()
        return _decision_page(session, token, guest, _matter(session, guest, language), form, UNPROCESSABLE)
    return see_other("signatures.show_invitation", token=token, language=language)


@blueprint.get("/statements/<slug>/my-signature")
def show_own_link(slug: str) -> ResponseReturnValue:
    """Show the form that sends a lost link again."""
    statement = _published(reading(), slug)
    sent = request.args.get("sent") == "1"
    return render_template("signatures/show_own_link.html", statement=statement, form=OwnLinkForm(), sent=sent)


@blueprint.post("/statements/<slug>/my-signature")
def send_own_link(slug: str) -> ResponseReturnValue:
    """Send a lost link again. The answer and the work are the same, whoever the address belongs to."""
    statement = _published(reading(), slug)
    form = OwnLinkForm(request.form)
    if not form.validate():
        return render_template("signatures/show_own_link.html", statement=statement, form=form, sent=False), 422
    with writing() as session:
        actions.send_own_link(session, statement, form.email.data or "")
    return see_other("signatures.show_own_link", slug=slug, sent="1")


def _record(guest: Guest, form: DecideForm, language: str) -> None:
    ticket = Ticket(guest.asked.public_id, guest.statement.id, guest.asked.link_generation)
    sha256, words = form.sha256.data or "", form.words.data or ""
    with writing() as session:
        if form.choice.data == Choice.SIGN:
            consent = form.consent(language, is_organisation=guest.asked.person.is_organisation)
            actions.sign(session, ticket, consent)
        elif form.choice.data == Choice.DECLINE:
            actions.decline(session, ticket, sha256, language, words)
        else:
            actions.ask_for_change(session, ticket, sha256, language, words)


def _decide_again(token: str, language: str | None, form: DecideForm, error: TextChanged) -> ResponseReturnValue:
    """Show the text that is in force now, keep what was typed, and take the decision back."""
    session = reading()
    guest = guest_of(session, token)
    matter = _matter(session, guest, language)
    form = _form(guest, matter.text.language, form)
    form.choice.data = None
    form.choice.errors = []
    form.blame(None, error.message)
    return _decision_page(session, token, guest, matter, form, CONFLICT)


def _decision_page(
    session: Session, token: str, guest: Guest, matter: Matter, form: DecideForm, status: int = 200
) -> ResponseReturnValue:
    facts = _facts(guest, matter.text.sha256, matter.text.language)
    person = guest.asked.person
    decision = Decision(
        form_token=make_form_token(session, "decide", *facts),
        is_organisation=person.is_organisation,
        has_pseudonym=not person.is_organisation,
        reply_answer=guest.reply.answer,
        action=url_for("signatures.decide", token=token, language=matter.text.language),
    )
    page = render_template(
        "signatures/show_invitation.html", token=token, guest=guest, matter=matter, form=form, decision=decision
    )
    return page, status


def _receipt(session: Session, guest: Guest) -> ResponseReturnValue:
    signed = guest.signed
    if signed is None:
        raise NoSuchStatement
    use_language(signed.language)
    matter = matter_of(session, guest.statement, signed.language, signed.language)
    manage_url = url_for("manage.show_signature", token=manage_token(session, signed, guest.asked.link_generation))
    return render_template(
        "signatures/show_receipt.html", guest=guest, signed=signed, matter=matter, rows=rows_of(signed, matter),
        manage_url=manage_url,
    )  # fmt: skip


def _matter(session: Session, guest: Guest, language: str | None) -> Matter:
    matter = matter_of(session, guest.statement, language, guest.asked.person.details.language)
    use_language(matter.text.language)
    return matter


def _blank_form(guest: Guest, matter: Matter) -> DecideForm:
    details = guest.asked.person.details
    return _form(
        guest,
        matter.text.language,
        DecideForm(
            data={
                "name": details.name,
                "public_line": details.public_line,
                "country": details.country,
                "representative": details.representative,
            }
        ),
    )


def _form(guest: Guest, language: str, form: DecideForm) -> DecideForm:
    form.offer(offered(guest.asked))
    form.country.offer(language)
    if guest.asked.person.is_organisation:
        form.name.label.text = _("The organisation’s name")
        form.public_line.label.text = _("Line beside the name")
    return form


def _facts(guest: Guest, sha256: str, language: str) -> tuple[str, ...]:
    return guest.asked.public_id, str(guest.asked.link_generation), sha256, language


def _published(session: Session, slug: str) -> Statement:
    statement = statement_by_slug(session, slug)
    if statement.state not in PUBLISHED:
        raise NoSuchStatement
    return statement
