"""/m/changes/<token>: say yes or no to a change of one's signature, behind the link in the mail that told of it.

The link goes to the owner's address and nowhere else, which is what makes a yes here worth more than the link to the
signature. Looking decides nothing; a decision is a choice that nothing preselects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.base.blueprints import Pages
from app.base.edge import reading, see_other, writing
from app.base.form_tokens import check_form_token, make_form_token
from app.base.links import LinkBroken, LinkPurpose, read_token
from app.base.locales import use_language
from app.base.saving import blaming, status_of
from app.signatures.changes import OpenedChange, as_chosen, change, mark_of
from app.signatures.delivered import DeliveredAppearance, delivered_appearance
from app.signatures.emails import CHANGE_GENERATION, manage_token, said_parts
from app.signatures.forms import ChangeForm
from app.signatures.guests import Invitee, guest_behind
from app.signatures.invited import AudienceRow, Matter, matter_of, rows_of
from app.signatures.queries import Signed
from app.signatures.rulings import answer_change
from app.signatures.states import ChangeState, NoSuchSignature, OwnersWord

blueprint = Pages("changes", __name__, url_prefix="/m/changes", is_stateless=True)

PURPOSE = "change"


@dataclass(frozen=True)
class ChangePage:
    """What somebody reads who is to say yes or no: what was, what would be, and who would see what."""

    matter: Matter
    found: OpenedChange
    parts: Sequence[tuple[str, str, str]]
    name_given: str
    now: Sequence[AudienceRow]
    then: Sequence[AudienceRow]
    can_decide: bool
    form_token: str
    seen: str
    manage_url: str
    delivered: DeliveredAppearance | None


@blueprint.get("/<token>")
def show_change(token: str) -> ResponseReturnValue:
    """Show a change, what it does, and how to say yes or no."""
    session = reading()
    found, guest, signed = _behind(session, token)
    return _page(session, token, (found, guest, signed), _form(found, ChangeForm()))


@blueprint.post("/<token>")
def decide_change(token: str) -> ResponseReturnValue:
    """Do what its owner says to a change; the page that follows shows what came of it."""
    session = reading()
    found, guest, signed = _behind(session, token)
    form = _form(found, ChangeForm(request.form))
    form.validate()
    with blaming(form):
        check_form_token(session, form.form_token.words, PURPOSE, found.public_id)
        if not form.problems:
            with writing() as session:
                answer_change(session, found.public_id, OwnersWord(form.word.data), form.seen.words)
            return see_other("changes.show_change", token=token)
    if form.refusal is not None:
        form.word.data = None
    found, guest, signed = _behind(reading(), token)
    return _page(reading(), token, (found, guest, signed), _form(found, form)), status_of(form)


def _behind(session: Session, token: str) -> tuple[OpenedChange, Invitee, Signed]:
    claim = read_token(session, LinkPurpose.CHANGE, token)
    if claim.generation != CHANGE_GENERATION:
        raise LinkBroken
    found = change(session, claim.public_id)
    guest = guest_behind(session, found.signature)
    if guest.signed is None:
        raise NoSuchSignature
    use_language(guest.signed.language)
    return found, guest, guest.signed


def _form(found: OpenedChange, form: ChangeForm) -> ChangeForm:
    form.offer(found.state)
    return form


def _page(session: Session, token: str, behind: tuple[OpenedChange, Invitee, Signed], form: ChangeForm) -> str:
    found, guest, signed = behind
    matter = matter_of(session, guest.statement, guest.statement.text(signed.language, signed.language).language)
    delivered = delivered_appearance(session, signed)
    later = as_chosen(signed, [found])
    page = ChangePage(
        matter=matter,
        found=found,
        parts=said_parts(found, matter.text.language, with_pseudonym=True),
        name_given=found.name_given,
        now=rows_of(signed, matter, delivered),
        then=rows_of(later, matter, delivered) if found.state.is_waiting else [],
        can_decide=found.is_open and signed.is_signed,
        form_token=make_form_token(session, PURPOSE, found.public_id),
        seen=mark_of(found, signed.identity),
        manage_url=url_for("manage.show_signature", token=manage_token(session, signed, guest.asked.link_generation)),
        delivered=delivered,
    )
    return render_template(
        "signatures/show_change.html", token=token, page=page, form=form, states=ChangeState, signed=signed
    )
