"""/desk/statements/<statement>/names: names other than those we asked, for a coordinator to look at."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.base.blueprints import Pages
from app.base.edge import flash_notice, reading, see_other
from app.base.locales import gettext as _
from app.base.saving import saved, status_of
from app.campaigns.states import Capability
from app.signatures.changes import OpenedChange, change, waiting_names
from app.signatures.forms import NameForm
from app.signatures.queries import Signed, details_of_many, signatures_by_id
from app.signatures.rulings import rule_on_name
from app.signatures.states import NoSuchChange
from app.statements.desk import entered, here

names = Pages("names", __name__, url_prefix="/desk/statements/<statement>/names")


@dataclass(frozen=True)
class WaitingName:
    """A name that waits: whom we asked, what stands now, and what is to stand."""

    found: OpenedChange
    signed: Signed
    asked_name: str
    asked_line: str
    url: str


@names.get("")
def list_names(statement: str) -> ResponseReturnValue:
    """Show the names that wait, the oldest first."""
    session = reading()
    found = entered(session, statement, Capability.SEE_PEOPLE)
    waiting = _waiting(session, statement, waiting_names(session, found.statement.id))
    return render_template("signatures/list_names.html", here=here(session, found), waiting=waiting)


@names.route("/<change_id>", methods=["GET", "POST"])
def rule_on(statement: str, change_id: str) -> ResponseReturnValue:
    """Let a name appear or refuse it; its owner is told by mail."""
    session = reading()
    entered(session, statement, Capability.ASK)
    form = NameForm(request.form if request.method == "POST" else None)
    accepted = form.ruling.data == "accept"

    def act(session: Session) -> None:
        found = entered(session, statement, Capability.ASK)
        word = form.word.words
        rule_on_name(session, found.actor, found.statement, change_id, accepted=accepted, word=word)

    if saved(form, act):
        said = _("The name is accepted. A mail says so.") if accepted else _("The name is refused. A mail says so.")
        flash_notice(said)
        return see_other(".list_names", statement=statement)
    session = reading()
    found = entered(session, statement, Capability.ASK)
    waiting = change(session, change_id, found.statement.id)
    shown = _waiting(session, statement, [waiting])
    if not shown:
        raise NoSuchChange
    page = render_template("signatures/rule_on.html", here=here(session, found), waiting=shown[0], form=form,
                           back_url=url_for(".list_names", statement=statement))  # fmt: skip
    return page, status_of(form)


def _waiting(session: Session, statement: str, changes: list[OpenedChange]) -> list[WaitingName]:
    signed = signatures_by_id(session, [found.signature for found in changes])
    details = details_of_many(session, [one.signatory for one in signed.values()])
    lines = []
    for found in changes:
        one = signed[found.signature]
        known = details.get(one.signatory)
        lines.append(WaitingName(
            found, one, known.name if known else "", known.public_line if known else "",
            url_for(".rule_on", statement=statement, change_id=found.public_id),
        ))  # fmt: skip
    return lines
