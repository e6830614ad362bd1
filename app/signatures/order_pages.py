"""/desk/statements/<statement>/order: who stands first in the public list and in the appeal."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.base.blueprints import Pages
from app.base.edge import reading, see_other, writing
from app.base.errors import NotFound
from app.base.locales import gettext as _
from app.campaigns.states import Capability
from app.signatures.lists import pinned_entries, public_page
from app.signatures.ordering import Move, move
from app.statements.desk import entered, here

order = Pages("order", __name__, url_prefix="/desk/statements/<statement>/order")


@order.get("")
def show_order(statement: str) -> ResponseReturnValue:
    """Show the pinned signatures in their order, and below the others in the order of the list."""
    session = reading()
    found = entered(session, statement, Capability.ASK)
    cursor = request.args.get("after")
    page = public_page(session, found.statement.id, cursor)
    return render_template(
        "signatures/show_order.html",
        here=here(session, found),
        name_order=found.statement.name_order.label,
        pinned=pinned_entries(session, found.statement.id) if not cursor else [],
        others=[entry for entry in page.items if not entry.is_pinned],
        next_url=url_for(".show_order", statement=statement, after=page.next_cursor) if page.next_cursor else None,
        first_url=None if page.is_first else url_for(".show_order", statement=statement),
    )


@order.post("")
def change_order(statement: str) -> ResponseReturnValue:
    """Do one move and show the list again."""
    what, _colon, signature = request.form.get("do", "").partition(":")
    if what not in set(Move):
        raise NotFound(_("This button is not known here. Reload the page and use its buttons."))
    with writing() as session:
        found = entered(session, statement, Capability.ASK)
        move(session, found.actor, found.statement, signature, Move(what))
    return see_other(".show_order", statement=statement)
