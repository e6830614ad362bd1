"""The desk's pages for what can't be taken back: opening, a later deadline, closing, withdrawing."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.base.edge import flash_notice, reading, see_other
from app.base.errors import Refusal
from app.base.locales import InOneLanguage, gettext as _
from app.base.saving import saved, status_of
from app.campaigns.states import Capability
from app.statements import canonical, queries
from app.statements.actions import close_statement, extend_deadline, open_statement, withdraw
from app.statements.desk import Entered, blueprint, entered, here, posted
from app.statements.drafts import canonical_texts
from app.statements.forms import CloseForm, DeadlineForm, OpenForm, StatementWithdrawForm, local_parts
from app.statements.readiness import Lack, lacks_of
from app.statements.states import DifferentFromConfirmed, StatementState


@dataclass(frozen=True)
class ToFreeze(InOneLanguage):
    """One language as it would be frozen: its canonical bytes as text, and their hash."""

    language: str
    title: str
    canonical: str
    sha256: str


@blueprint.route("/statements/<statement>/open", methods=["GET", "POST"])
def confirm_opening(statement: str) -> ResponseReturnValue:
    """Show exactly what will be frozen; opening takes the very hashes that were shown."""
    found = entered(reading(), statement, Capability.OPEN)
    form = OpenForm(posted())
    if request.method == "POST" and found.statement.state is StatementState.OPEN:
        return see_other(".show_statement", statement=statement)

    def act(session: Session) -> None:
        found = entered(session, statement, Capability.OPEN)
        open_statement(session, found.actor, found.statement, _confirmed())

    if saved(form, act):
        flash_notice(_("The statement is open. People can be asked to sign it now."))
        return see_other(".show_statement", statement=statement)
    if isinstance(form.refusal, DifferentFromConfirmed):
        form.understood.data = False
    return _opening_page(statement, form)


@blueprint.route("/statements/<statement>/deadline", methods=["GET", "POST"])
def move_deadline(statement: str) -> ResponseReturnValue:
    """Move the deadline of an open statement later."""
    now = entered(reading(), statement, Capability.OPEN).statement
    form = DeadlineForm(posted(), data=local_parts(now.deadline_at, now.zone))
    if saved(form, lambda session: _extend(session, statement, form)):
        flash_notice(_("The deadline is moved."))
        return see_other(".show_statement", statement=statement)
    session = reading()
    found = entered(session, statement, Capability.OPEN)
    page = render_template("statements/move_deadline.html", here=here(session, found), form=form)
    return page, status_of(form)


@blueprint.route("/statements/<statement>/close", methods=["GET", "POST"])
def confirm_closing(statement: str) -> ResponseReturnValue:
    """End the signing, after saying what that means."""
    form = CloseForm(posted())

    def act(session: Session) -> None:
        found = entered(session, statement, Capability.OPEN)
        close_statement(session, found.actor, found.statement)

    if saved(form, act):
        flash_notice(_("The statement is closed. Nobody can sign it any more."))
        return see_other(".show_statement", statement=statement)
    session = reading()
    found = entered(session, statement, Capability.OPEN)
    return render_template("statements/confirm_closing.html", here=here(session, found), form=form), status_of(form)


@blueprint.route("/statements/<statement>/withdraw", methods=["GET", "POST"])
def confirm_withdrawing(statement: str) -> ResponseReturnValue:
    """Take a statement back for good, after saying what that means."""
    form = StatementWithdrawForm(posted())

    def act(session: Session) -> None:
        found = entered(session, statement, Capability.OPEN)
        withdraw(session, found.actor, found.statement)

    if saved(form, act):
        flash_notice(_("The statement is withdrawn."))
        return see_other(".show_statement", statement=statement)
    session = reading()
    found = entered(session, statement, Capability.OPEN)
    page = render_template("statements/confirm_withdrawing.html", here=here(session, found), form=form)
    return page, status_of(form)


def _opening_page(statement: str, form: OpenForm) -> ResponseReturnValue:
    session = reading()
    found = entered(session, statement, Capability.OPEN)
    drafted = found.statement.state is StatementState.DRAFTING
    lacks: list[Lack] = lacks_of(session, found.statement, found.version) if drafted else []
    page = render_template(
        "statements/confirm_opening.html",
        here=here(session, found),
        form=form,
        lacks=lacks,
        texts=_to_freeze(session, found) if drafted and not lacks else [],
        addressees=queries.addressees_of(session, found.version.id),
        annexes=queries.annexes_of(session, found.version.id),
        contact=queries.contact_of(session, found.statement),
    )
    return page, status_of(form)


def _to_freeze(session: Session, found: Entered) -> list[ToFreeze]:
    rows = []
    for content in canonical_texts(session, found.statement, found.version).values():
        frozen = canonical.to_bytes(content)
        rows.append(ToFreeze(content.language, content.title, frozen.decode(), canonical.sha256_of(frozen)))
    return sorted(rows, key=lambda row: (row.language != found.statement.language, row.language))


def _confirmed() -> dict[str, str]:
    """Return the hash of each language that the page showed when the button was pressed."""
    prefix = "sha256-"
    return {name.removeprefix(prefix): sha256 for name, sha256 in request.form.items() if name.startswith(prefix)}


def _extend(session: Session, statement: str, form: DeadlineForm) -> None:
    found = entered(session, statement, Capability.OPEN)
    if form.deadline_at is None:
        raise Refusal(_("Enter the day of the new deadline."), "deadline_on")
    extend_deadline(session, found.actor, found.statement, form.deadline_at, form.deadline_zone.data)
