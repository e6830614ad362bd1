"""A statement's people and signatories: lists, one person's history, exports."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.base.blueprints import asks_for_proof
from app.base.countries import country_name
from app.base.edge import reading, url_to
from app.campaigns.states import Capability
from app.dashboards.desk import blueprint, enter_statement, remembered, statement_frame
from app.dashboards.forms import PeopleFilterForm
from app.dashboards.history import PersonHistory, person_history
from app.dashboards.people import count_at_most, people_page
from app.dashboards.sheets import PEOPLE, SIGNATORIES
from app.dashboards.signatories import hidden_number, signatories_page
from app.dashboards.states import InviteeStanding
from app.directory.queries import groups_by_name
from app.exports.answering import handed_out
from app.exports.kinds import ExportAsked
from app.invitations.states import InvitationStage
from app.signatures.queries import numbers
from app.signatures.states import ChangeState
from app.statements.desk import Entered
from app.statements.queries import is_open as is_open_now

SIGNPOSTS = [PEOPLE, SIGNATORIES]


@dataclass(frozen=True)
class PersonLinks:
    """What can be done about one person, on pages of the stages that do it."""

    remind: str
    cancel: str
    correct: str
    reissue: str
    trust: str
    entry: str
    name: str


@dataclass(frozen=True)
class ListLinks:
    """Where the list of people leads; empty where it leads nowhere."""

    next: str
    first: str
    all: str
    export: str
    remind: str
    invite: str


@blueprint.get("/statements/<statement>/people")
def list_people(statement: str) -> ResponseReturnValue:
    """Show everybody invited, 50 a page, narrowed by words, standing, kind and group."""
    session = reading()
    found = enter_statement(session, statement, Capability.SEE_PEOPLE)
    form = _filter_form(session, found)
    found_people = people_page(session, found.statement.id, form.as_filter(), request.args.get("after"), remembered())
    page, narrowed = found_people.page, form.as_arguments()
    return render_template(
        "dashboards/list_people.html",
        frame=statement_frame(session, found),
        form=form,
        people=[(line, _person_url(statement, line.invited.public_id)) for line in page.items],
        total=found_people.total,
        number_of_first=found_people.number_of_first,
        links=_list_links(found, narrowed, page.next_cursor, is_first=page.is_first),
    )


@blueprint.get("/statements/<statement>/people/<invitation>")
def show_person(statement: str, invitation: str) -> ResponseReturnValue:
    """Show everything about one invited person, and what can be done."""
    session = reading()
    found = enter_statement(session, statement, Capability.SEE_PEOPLE)
    person = person_history(session, found.statement, invitation)
    return render_template(
        "dashboards/show_person.html",
        frame=statement_frame(session, found),
        person=person,
        country=country_name(person.details.country, "en") if person.details.country else "",
        links=_links(found, person),
        people_url=url_for(".list_people", statement=statement),
    )


@blueprint.route("/statements/<statement>/people.csv", methods=["GET", "POST"])
@asks_for_proof
def export_people(statement: str) -> ResponseReturnValue:
    """Give the people whom the filter lets through as a sheet, with addresses: for those who ask people."""
    session = reading()
    found = enter_statement(session, statement, PEOPLE.capability)
    wanted = _filter_form(session, found).as_filter()
    expected = count_at_most(session, found.statement.id, wanted)
    return handed_out(found.access, ExportAsked(PEOPLE.name, statement, wanted.arguments), expected)


@blueprint.get("/statements/<statement>/signatories")
def list_signatories(statement: str) -> ResponseReturnValue:
    """Show who stands behind the statement, as the person looking may see it."""
    session = reading()
    found = enter_statement(session, statement, Capability.VIEW)
    page = signatories_page(session, found.statement.id, found.access.audience, request.args.get("after"))
    sees_people = found.access.may(Capability.SEE_PEOPLE)
    people = [
        (
            line,
            country_name(line.country, "en") if line.country else "",
            _person_url(statement, line.invitation) if sees_people else "",
        )
        for line in page.items
    ]
    return render_template(
        "dashboards/list_signatories.html",
        frame=statement_frame(session, found),
        people=people,
        audience=found.access.audience,
        not_shown=hidden_number(session, found.statement.id, found.access.audience),
        next_url=url_for(".list_signatories", statement=statement, after=page.next_cursor)
        if page.next_cursor
        else None,
        first_url=None if page.is_first else url_for(".list_signatories", statement=statement),
        export_url=url_for(".export_signatories", statement=statement),
        order_url=url_for("order.show_order", statement=statement) if found.access.may(Capability.ASK) else "",
    )


@blueprint.route("/statements/<statement>/signatories.csv", methods=["GET", "POST"])
@asks_for_proof
def export_signatories(statement: str) -> ResponseReturnValue:
    """Give the signatories as a sheet: to coordinators with everything, to others as they may see it."""
    session = reading()
    found = enter_statement(session, statement, SIGNATORIES.capability)
    expected, _listed = numbers(session, found.statement.id)
    return handed_out(found.access, ExportAsked(SIGNATORIES.name, statement), expected)


def _filter_form(session: Session, found: Entered) -> PeopleFilterForm:
    form = PeopleFilterForm(request.args)
    form.offer((group.public_id, group.name) for group in groups_by_name(session, found.access.campaign.id))
    form.validate()
    return form


def _list_links(found: Entered, narrowed: dict[str, str], cursor: str | None, *, is_first: bool) -> ListLinks:
    here = {"statement": found.statement.public_id}
    may_ask = found.access.may(Capability.ASK)
    return ListLinks(
        next=url_to("dashboards.list_people", **here, **narrowed, after=cursor) if cursor else "",
        first="" if is_first else url_to("dashboards.list_people", **here, **narrowed),
        all=url_to("dashboards.list_people", **here) if narrowed else "",
        export=url_to("dashboards.export_people", **here, **narrowed),
        remind=url_to("invitations.remind", **here) if may_ask else "",
        invite=url_to("invitations.show_invitations", **here) if may_ask else "",
    )


def _person_url(statement: str, invitation: str) -> str:
    return url_for(".show_person", statement=statement, invitation=invitation)


def _links(found: Entered, person: PersonHistory) -> PersonLinks:
    """Offer what makes sense: nobody who has signed or whose invitation was taken back is written to again."""
    here = {"statement": found.statement.public_id, "invitation": person.invitation}
    may_ask = found.access.may(Capability.ASK)
    is_open = is_open_now(found.statement)
    is_live = may_ask and person.stage is not InvitationStage.CANCELLED
    reaches, is_asked = bool(person.details.email) and not person.is_stopped, person.stage is InvitationStage.ASKED
    silent = person.standing is InviteeStanding.NO_ANSWER and reaches
    name = next((one.public_id for one in person.waiting if one.state is ChangeState.WAITS_FOR_COORDINATOR), "")
    return PersonLinks(
        remind=url_for("invitations.remind", statement=here["statement"]) if is_live and is_open and silent else "",
        cancel=url_to("invitations.cancel", **here)
        if is_live and person.standing is not InviteeStanding.SIGNED
        else "",
        correct=url_to("invitations.correct_address", **here) if is_live and is_open else "",
        reissue=url_to("invitations.reissue", **here) if is_live and is_open and is_asked and reaches else "",
        trust=url_to("invitations.trust_address", **here) if is_live and person.is_stopped else "",
        entry=url_for("directory.show_signatory", campaign=found.access.campaign.public_id, signatory=person.signatory),
        name=url_to("names.rule_on", statement=here["statement"], change_id=name) if name and may_ask else "",
    )
