"""Whatever an owner or a coordinator does to take a name back: no page that shows names has it after that."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.parts import parts_of
from app.signatures import actions, rulings, wishes
from app.signatures.changes import OpenedChange, changes_among, mark_of
from app.signatures.models import SignatureChange
from app.signatures.queries import signature
from app.signatures.states import ChangeState, OwnersWord
from app.site.kept import KeptPages
from app.statements import actions as statements
from app.statements.models import Statement
from app.visibility.states import Visibility
from tests.factories.parts import exchange
from tests.signatures.scene import Invited, invite

NAME = "Halyna Kovalenko"
Act = Callable[[Session, str, Statement], object]


def _last(session: Session) -> OpenedChange:
    found = session.scalars(select(SignatureChange.public_id).order_by(SignatureChange.id.desc())).all()
    return max(changes_among(session, found), key=lambda change: change.made_at)


def _answer(session: Session, public_id: str, word: OwnersWord) -> None:
    found, signed = _last(session), signature(session, public_id)
    assert signed is not None
    rulings.answer_change(session, found.public_id, word, mark_of(found, signed.identity))


def _confirm_pseudonym(session: Session, public_id: str, _statement: Statement) -> None:
    wishes.wish_visibility(session, public_id, Visibility.PSEUDONYM, "A lawyer")
    assert _last(session).state in {ChangeState.IN_FORCE, ChangeState.WAITS_FOR_OWNER}


def _accept_another_name(session: Session, public_id: str, statement: Statement) -> None:
    wishes.wish_line(session, public_id, "Oksana Different", "Lawyer", "UA")
    rulings.rule_on_name(session, "x", statement, _last(session).public_id, accepted=True, word="")


WAYS: dict[str, Act] = {
    "withdraw": lambda session, one, _statement: actions.withdraw(session, one),
    "counted": lambda session, one, _statement: wishes.wish_visibility(session, one, Visibility.COUNTED),
    "institution": lambda session, one, _statement: wishes.wish_visibility(session, one, Visibility.INSTITUTION),
    "pseudonym": _confirm_pseudonym,
    "another name": _accept_another_name,
    "statement withdrawn": lambda session, _one, statement: statements.withdraw(session, "x", statement),
}


@pytest.fixture
def signed(app: Flask) -> Invited:
    guest = invite(app)
    assert guest.sign().status_code == 303
    return guest


@pytest.mark.parametrize("way", WAYS)
def test_name_taken_back_is_on_no_page(app: Flask, signed: Invited, way: str) -> None:
    database = parts_of(app).database
    with app.app_context(), database.reading() as session:
        path = f"/statements/{session.get_one(Statement, signed.statement_id).slug}"
    paths = (path, f"{path}/signatories", f"{path}/signatories?kind=people", f"{path}/signatories.csv")
    client = app.test_client()
    # Two processes keep pages of their own, and learn nothing of each other.
    processes = [KeptPages(database), KeptPages(database)]
    for pages in processes:
        exchange(app, kept_pages=pages)
        assert all(NAME in client.get(each).text for each in paths)
    (one,) = signed.signatures()
    with app.app_context(), database.writing() as session:
        WAYS[way](session, one.public_id, session.get_one(Statement, signed.statement_id))
    for pages in processes:
        exchange(app, kept_pages=pages)
        assert not any(NAME in client.get(each).text for each in paths)


def test_change_that_its_owner_takes_back_is_on_no_page_either(app: Flask, signed: Invited) -> None:
    client, database = app.test_client(), parts_of(app).database
    (one,) = signed.signatures()
    with app.app_context(), database.writing() as session:
        path = f"/statements/{session.get_one(Statement, signed.statement_id).slug}"
        wishes.wish_line(session, one.public_id, NAME, "A line that somebody else wrote", "UA")
    assert "somebody else" in client.get(path).text
    with app.app_context(), database.writing() as session:
        _answer(session, one.public_id, OwnersWord.NO)
    assert "somebody else" not in client.get(path).text
