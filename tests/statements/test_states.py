"""The legal moves of a statement, and that each kind and state has a word."""

from __future__ import annotations

import itertools

import pytest
from flask import Flask

from app.statements.states import (
    MOVES,
    PUBLISHED,
    IllegalMove,
    StatementKind,
    StatementState as State,
    check_move,
)

LEGAL = {
    (State.DRAFTING, State.OPEN),
    (State.DRAFTING, State.WITHDRAWN),
    (State.OPEN, State.CLOSED),
    (State.OPEN, State.WITHDRAWN),
    (State.CLOSED, State.DELIVERED),
    (State.DELIVERED, State.CONCLUDED),
}


@pytest.mark.parametrize(("state", "wanted"), list(itertools.product(State, State)))
def test_only_the_designs_moves_are_legal(app: Flask, state: State, wanted: State) -> None:
    if (state, wanted) in LEGAL:
        check_move(state, wanted)
        return
    with app.app_context(), pytest.raises(IllegalMove) as refused:
        check_move(state, wanted)
    with app.app_context():
        assert state.label.lower() in refused.value.message


def test_every_state_has_its_moves() -> None:
    assert set(MOVES) == set(State)


def test_drafts_and_withdrawn_statements_are_nobodys_business() -> None:
    assert set(State) - PUBLISHED == {State.DRAFTING, State.WITHDRAWN}


def test_every_kind_and_state_has_a_word(app: Flask) -> None:
    with app.app_context():
        assert all(each.label for each in (*StatementKind, *State))
