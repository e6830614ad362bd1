"""The page on which somebody decides: put together once for many people, with gaps for what is one person's own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from flask import get_template_attribute, render_template, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from app.base.edge import reading
from app.base.form_tokens import make_form_token
from app.base.locales import gettext as _, use_language
from app.base.parts import parts
from app.base.recent import GappedWords, Marks, in_html
from app.directory.states import Details
from app.invitations.states import Answer
from app.signatures.asides import Aside
from app.signatures.forms import DecideForm, marked
from app.signatures.guests import Invitee, TextInForce, guest_of
from app.signatures.invited import Matter, SignedSoFar, first_signatories, matter_of, offered, signed_so_far

GAPS = ("token", "form_token", "name", "public_line", "representative", "countries", "so_far")
PARTS = "signatures/_parts.html"


@dataclass(frozen=True)
class Decision:
    """What the decision form needs beside its fields."""

    form_token: str
    is_organisation: bool
    has_pseudonym: bool
    reply_answer: Answer
    action: str


@dataclass(frozen=True)
class ReadyPage:
    """The page of everybody in the same situation, with gaps, and the options of one of these."""

    words: GappedWords
    countries: Markup


@dataclass(frozen=True)
class Visit:
    """Somebody who opened an invitation's link, and the language that its address wishes for, if any."""

    token: str
    language: str | None
    guest: Invitee

    @cached_property
    def text(self) -> TextInForce:
        """The text that they are shown, and whose hash a decision is checked against."""
        return self.guest.statement.text(self.language, self.guest.asked.person.details.language)

    def again(self) -> Visit:
        """Return the same visit as things stand now."""
        return Visit(self.token, self.language, guest_of(reading(), self.token))


def ready_page(session: Session, visit: Visit) -> str:
    """Return the page of somebody who has not signed: what they share with others as it was put together for the first.

    It is kept under all that it was made from, and says what `decision_page` would say with an empty form. The page
    speaks the language of its text.
    """
    guest, text = visit.guest, visit.text
    use_language(text.language)
    details, is_organisation = guest.asked.person.details, guest.asked.person.is_organisation
    key = ("decision", guest.statement, text, is_organisation, guest.reply.answer)
    page: ReadyPage = parts().recent.get(key, lambda: _gapped(session, visit))
    return page.words.filled(
        in_html(
            {
                "token": visit.token,
                "form_token": make_form_token(session, "decide", *facts_of(guest, text)),
                "name": details.name,
                "public_line": details.public_line,
                "representative": details.representative,
                "countries": marked(page.countries, details.country),
                "so_far": so_far_of(session, visit),
            }
        )
    )


def decision_page(session: Session, visit: Visit, form: DecideForm, aside: Aside | None = None) -> str:
    """Render the page with a form as it was sent, and with what became of it."""
    token = make_form_token(session, "decide", *facts_of(visit.guest, visit.text))
    return _rendered(session, visit, form, (token, so_far_of(session, visit)), aside)


def blank_form(guest: Invitee, language: str) -> DecideForm:
    """Return the form as it is shown first, with what the directory knows."""
    details = guest.asked.person.details
    known = {
        "name": details.name, "public_line": details.public_line, "country": details.country,
        "representative": details.representative,
    }  # fmt: skip
    return fitted(guest, language, DecideForm(data=known))


def fitted(guest: Invitee, language: str, form: DecideForm) -> DecideForm:
    """Fit a form to a guest: the choices that they have, and what an organisation's fields are called."""
    form.offer(offered(guest.asked))
    form.country.offer(language)
    if guest.asked.person.is_organisation:
        form.name.label.text = _("The organisation’s name")
        form.public_line.label.text = _("Line beside the name")
    return form


def facts_of(guest: Invitee, text: TextInForce) -> tuple[str, ...]:
    """Return what the token of a form is good for."""
    return guest.asked.public_id, str(guest.asked.link_generation), text.sha256, text.language


def matter_for(session: Session, visit: Visit) -> Matter:
    """Return what a guest reads, in the language that the rest of the page speaks then."""
    use_language(visit.text.language)
    return matter_of(session, visit.guest.statement, visit.text.language)


def so_far_of(session: Session, visit: Visit) -> Markup:
    """Return who has signed so far, as everybody may see it; names are opened where the list's beginning changed."""
    statement, language = visit.guest.statement, visit.text.language
    so_far = signed_so_far(session, statement)
    key = ("so far", so_far, language)
    found: Markup = parts().recent.get(key, lambda: _so_far(session, statement.id, so_far, language))
    return found


def _so_far(session: Session, statement_id: int, so_far: SignedSoFar, language: str) -> Markup:
    def people() -> Markup:
        names = first_signatories(session, statement_id, language)
        return Markup(get_template_attribute(PARTS, "people")(names) if names else "")  # noqa: S704

    names = parts().recent.get(("people", so_far.beginning, language), people)
    return Markup(get_template_attribute(PARTS, "signed_so_far")(so_far, names))  # noqa: S704


def _gapped(session: Session, visit: Visit) -> ReadyPage:
    marks = Marks(GAPS)
    words = marks.words
    somebody = Details(name=words["name"], credential=words["public_line"], representative=words["representative"])
    person = replace(visit.guest.asked.person, details=somebody)
    guest = replace(visit.guest, asked=replace(visit.guest.asked, person=person))
    somebodys = Visit(words["token"], visit.text.language, guest)
    form = blank_form(guest, visit.text.language)
    countries, form.country.options = form.country.options, Markup(words["countries"])  # noqa: S704
    page = marks.cut(_rendered(session, somebodys, form, (words["form_token"], Markup(words["so_far"])), None))  # noqa: S704
    return ReadyPage(page, countries)


def _rendered(session: Session, visit: Visit, form: DecideForm, own: tuple[str, Markup], aside: Aside | None) -> str:
    """Render the whole page; `own` are its form's token and who has signed so far."""
    guest, matter, person = visit.guest, matter_for(session, visit), visit.guest.asked.person
    form_token, so_far = own
    decision = Decision(
        form_token=form_token,
        is_organisation=person.is_organisation,
        has_pseudonym=not person.is_organisation,
        reply_answer=guest.reply.answer,
        action=url_for("signatures.decide", token=visit.token, language=matter.text.language),
    )
    return render_template(
        "signatures/show_invitation.html", token=visit.token, guest=guest, matter=matter, form=form,
        decision=decision, aside=aside, so_far=so_far,
    )  # fmt: skip
