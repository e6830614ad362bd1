"""Coordinators set the order of the list; hidden people can't be pinned, and pins don't outlive publicity."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.audit.queries import history_of
from app.base import clock
from app.base.database import Database
from app.campaigns.states import Role
from app.signatures.lists import entries_for, pinned_entries, public_page
from app.signatures.ordering import Move, move
from app.signatures.states import NotPinnable
from app.statements.models import Statement
from app.visibility.states import Audience, Visibility
from tests.factories.accounts import sign_in
from tests.factories.campaigns import make_campaign, make_member
from tests.factories.signatures import appear, make_signature
from tests.factories.statements import make_statement


def _signed(session: Session, statement: Statement, number: int = 4) -> list[str]:
    """Let people sign on successive days: those of one day stand in no order."""
    signed = []
    for _ in range(number):
        clock.freeze(clock.now() + timedelta(days=1))
        signed.append(make_signature(session, statement).public_id)
    return signed


def _order(session: Session, statement: Statement) -> list[str]:
    session.flush()
    public = [entry.public_id for entry in public_page(session, statement.id).items]
    assert public == [entry.public_id for entry in entries_for(session, statement.id, Audience.PUBLIC)]
    return public


def test_pin_order_and_unpin(session: Session) -> None:
    statement = make_statement(session)
    a, b, c, d = _signed(session, statement)
    assert _order(session, statement) == [a, b, c, d]
    for one in (d, c, c):
        move(session, "actor", statement, one, Move.PIN)
    assert _order(session, statement) == [d, c, a, b]
    move(session, "actor", statement, c, Move.UP)
    assert _order(session, statement) == [c, d, a, b]
    for _ in range(3):
        move(session, "actor", statement, c, Move.DOWN)
    assert _order(session, statement) == [d, c, a, b]
    move(session, "actor", statement, d, Move.UNPIN)
    assert _order(session, statement) == [c, a, b, d]
    assert [entry.public_id for entry in pinned_entries(session, statement.id)] == [c]


@pytest.mark.parametrize(("place", "how"), [(0, Move.UP), (2, Move.DOWN), (0, Move.PIN), (1, Move.PIN), (3, Move.UP)])
def test_at_an_end_of_the_list_nothing_happens(session: Session, place: int, how: Move) -> None:
    """The first goes no further up and the last no further down, pins stay where they are; nothing is recorded."""
    statement = make_statement(session)
    signed = _signed(session, statement)
    for one in signed[:3]:
        move(session, "actor", statement, one, Move.PIN)
    recorded = len(history_of(session, signed[place]))
    move(session, "actor", statement, signed[place], how)
    assert _order(session, statement) == signed
    assert len(history_of(session, signed[place])) == recorded


@pytest.mark.parametrize(("place", "how", "order"), [
    (2, Move.UP, (0, 2, 1)), (1, Move.UP, (1, 0, 2)), (0, Move.DOWN, (1, 0, 2)), (1, Move.DOWN, (0, 2, 1)),
])  # fmt: skip
def test_a_pin_moves_by_one_place(session: Session, place: int, how: Move, order: tuple[int, ...]) -> None:
    statement = make_statement(session)
    signed = _signed(session, statement, 3)
    for one in signed:
        move(session, "actor", statement, one, Move.PIN)
    move(session, "actor", statement, signed[place], how)
    assert _order(session, statement) == [signed[number] for number in order]


@pytest.mark.parametrize("visibility", [Visibility.INSTITUTION, Visibility.COUNTED, Visibility.PSEUDONYM])
def test_hidden_signature_is_not_pinned(session: Session, visibility: Visibility) -> None:
    statement = make_statement(session)
    hidden = make_signature(session, statement, visibility=visibility).public_id
    with pytest.raises(NotPinnable):
        move(session, "actor", statement, hidden, Move.PIN)


def test_signature_of_another_statement_is_not_moved(session: Session) -> None:
    foreign = make_signature(session, make_statement(session)).public_id
    with pytest.raises(NotPinnable):
        move(session, "actor", make_statement(session), foreign, Move.PIN)


def test_a_person_who_hides_is_no_longer_pinned(session: Session) -> None:
    statement = make_statement(session)
    a, b = _signed(session, statement, 2)
    move(session, "actor", statement, b, Move.PIN)
    appear(session, b, Visibility.COUNTED)
    appear(session, b, Visibility.PUBLIC)
    assert _order(session, statement) == [a, b]


def test_coordinator_orders_on_the_page_and_others_may_not(app: Flask, database: Database) -> None:
    with app.app_context(), database.writing() as session:
        campaign = make_campaign(session)
        statement = make_statement(session, campaign)
        a, b = _signed(session, statement, 2)
        people = {role: make_member(session, campaign, role) for role in (Role.COORDINATOR, Role.VIEWER, Role.EDITOR)}
    url = f"/desk/statements/{statement.public_id}/order"
    coordinator = sign_in(app.test_client(), app, people[Role.COORDINATOR])
    assert coordinator.post(url, data={"do": f"pin:{b}"}).status_code == 303
    page = coordinator.get(url).text
    assert "Pinned" in page
    assert f"unpin:{b}" in page
    assert f"up:{b}" not in page, "there is nobody above whom it could move"
    coordinator.post(url, data={"do": f"pin:{a}"})
    page = coordinator.get(url).text
    offered = [each for each in (f"up:{a}", f"down:{a}", f"up:{b}", f"down:{b}") if each in page]
    assert offered == [f"up:{a}", f"down:{b}"]
    with app.app_context(), database.reading() as session:
        assert [entry.public_id for entry in public_page(session, statement.id).items] == [b, a]
    for role in (Role.VIEWER, Role.EDITOR):
        other = sign_in(app.test_client(), app, people[role])
        assert other.get(url).status_code == 403
        assert other.post(url, data={"do": f"unpin:{b}"}).status_code == 403
    assert coordinator.post(url, data={"do": "explode:1"}).status_code == 404
