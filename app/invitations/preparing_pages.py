"""The desk's pages on which people are chosen who are to be asked; very many are prepared by a worker."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.background.long_works import Ordered, drop_work, order_work
from app.background.waiting import WorkLinks, looking_again, waiting_for
from app.base.blueprints import Pages
from app.base.edge import flash_notice, reading, see_other, writing
from app.base.locales import gettext as _, ngettext
from app.campaigns.states import Capability
from app.directory.queries import DirectoryFilter, count_signatories, groups_by_name, list_signatories
from app.directory.states import SignatoryKind
from app.invitations import actions, queries
from app.invitations.forms import Ticked, filter_from
from app.invitations.states import PREPARE
from app.statements.desk import Entered, entered, here

blueprint = Pages("invitations", __name__, url_prefix="/desk/statements/<statement>/invitations")

AT_ONCE = 500  # people in one transaction: SQLite lets nobody else write during it
PREPARE_AT_ONCE = 500  # people who are prepared within a request; for more it leaves an order


@blueprint.route("/prepare", methods=["GET", "POST"])
def choose_people(statement: str) -> ResponseReturnValue:
    """Choose from the directory who is to be asked; nobody is mailed yet."""
    if request.method == "POST":
        return _prepare(statement)
    session = reading()
    found = entered(session, statement, Capability.ASK)
    part = filter_from(request.args)
    campaign = found.access.campaign
    page = list_signatories(session, campaign.id, part, request.args.get("after"))
    narrowed: dict[str, Any] = {"group": part.group, "kind": part.kind}
    return render_template(
        "invitations/choose_people.html",
        here=here(session, found),
        people=page.items,
        invited=queries.invited_among(session, found.statement.id, [each.id for each in page.items]),
        part=part,
        groups=groups_by_name(session, campaign.id),
        kinds=list(SignatoryKind),
        matching=len(queries.not_yet_invited(session, found.statement, part)),
        in_directory=count_signatories(session, campaign.id),
        directory_url=url_for("directory.list_signatories", campaign=campaign.public_id),
        next_url=url_for(".choose_people", statement=statement, after=page.next_cursor, **narrowed)
        if page.next_cursor
        else None,
        first_url=None if page.is_first else url_for(".choose_people", statement=statement, **narrowed),
    )


@blueprint.post("/prepare/stop")
def stop_preparing(statement: str) -> ResponseReturnValue:
    """Stop preparing: who is prepared by now stays on the list."""
    with writing() as session:
        found = entered(session, statement, Capability.ASK)
        drop_work(session, found.statement.public_id, [PREPARE])
    flash_notice(_("Stopped. Nobody further is prepared."))
    return see_other(".show_invitations", statement=statement)


def preparing(session: Session, found: Entered, work: Ordered) -> ResponseReturnValue:
    """Show how far it is with preparing very many."""
    here_is = found.statement.public_id
    links = WorkLinks(
        url_for(".show_invitations", statement=here_is), url_for(".stop_preparing", statement=here_is),
        url_for(".choose_people", statement=here_is), {**work.asked, "everybody": "1"},
    )  # fmt: skip
    step = _("The invitations are being prepared. Nobody is mailed yet.") if work.step else ""
    waiting = waiting_for(session, work, step, links)
    page = render_template("invitations/show_progress.html", here=here(session, found), work=waiting)
    return looking_again(page, waiting)


def _prepare(statement: str) -> ResponseReturnValue:
    choice = Ticked.from_form(request.form, "signatory")
    session = reading()
    found = entered(session, statement, Capability.ASK)
    fitting = queries.not_yet_invited(session, found.statement, filter_from(request.form))
    chosen = set(choice.chosen)
    wanted = [row_id for row_id, public_id in fitting if choice.everybody or public_id in chosen]
    if choice.everybody and len(wanted) > PREPARE_AT_ONCE:
        return _order_preparing(statement, filter_from(request.form), len(wanted))
    number = 0
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        with writing() as session:
            found = entered(session, statement, Capability.ASK)
            number += actions.prepare(session, found.actor, found.statement, part)
    if number:
        flash_notice(
            ngettext(
                "%(num)s invitation is prepared. Nobody has been mailed yet.",
                "%(num)s invitations are prepared. Nobody has been mailed yet.",
                number,
            )
        )
    else:
        flash_notice(_("Nobody was chosen who is not on the list already."))
    return see_other(".show_invitations", statement=statement)


def _order_preparing(statement: str, part: DirectoryFilter, expected: int) -> ResponseReturnValue:
    """Leave preparing very many to a worker, as writing to them."""
    asked = {"group": part.group or "", "kind": part.kind.value if part.kind else ""}
    with writing() as session:
        found = entered(session, statement, Capability.ASK)
        order_work(session, PREPARE, statement, found.actor, expected, asked)
    return see_other(".show_invitations", statement=statement)
