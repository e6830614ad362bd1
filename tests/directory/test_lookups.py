"""Rows that are looked for by many ids are found by them: SQLite would walk everything that a campaign has instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.base.parts import parts_of
from app.directory.queries import names_by_id
from app.imports.writing import row_ids
from app.invitations.queries import invitations_among, prepared_among

MANY = [f"{number:020}" for number in range(100)]


@pytest.mark.parametrize(
    "look",
    [
        lambda session: names_by_id(session, 1, MANY, "test"),
        lambda session: row_ids(session, 1, MANY),
        lambda session: invitations_among(session, 1, MANY),
        lambda session: prepared_among(session, 1, MANY),
    ],
    ids=["names", "row_ids", "invitations", "prepared"],
)
def test_many_ids_are_sought_in_the_index_of_ids(app: Flask, look: Callable[[Session], Any]) -> None:
    engine = parts_of(app).database.engine
    asked: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    with parts_of(app).database.reading() as session:
        look(session)
    event.remove(engine, "before_cursor_execute", note)
    with engine.connect() as connection:
        plans = [
            [str(line[3]) for line in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            for statement, parameters in asked
            if " IN (" in statement
        ]
    assert plans
    assert all(any("public_id=?" in line for line in plan) for plan in plans), plans
