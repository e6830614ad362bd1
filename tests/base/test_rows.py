"""What both databases do with rows: insert or else, and how many a statement changed."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.base.rows import AT_ONCE, has_changed, insert_into, number_changed, portions
from app.base.throttles import Throttle

ROW = {"scope": "test", "started_at": clock.now(), "times": 1}


def test_a_row_is_inserted_once_and_changes_are_counted(either_app: Flask) -> None:
    database: Database = parts_of(either_app).database
    with database.writing() as session:
        rows = [{"key": bytes([number]) * 32, **ROW} for number in range(3)]
        once = insert_into(session, Throttle).on_conflict_do_nothing(index_elements=[Throttle.key])
        for _again in range(2):
            session.execute(once, rows)
        assert len(session.scalars(select(Throttle.key)).all()) == 3
        assert number_changed(session.execute(update(Throttle).values(times=2))) == 3
        assert has_changed(session.execute(delete(Throttle).where(Throttle.times == 2)))
        assert not has_changed(session.execute(delete(Throttle).where(Throttle.times == 2)))


@pytest.mark.parametrize("number", [0, 1, AT_ONCE - 1, AT_ONCE, AT_ONCE + 1, 3 * AT_ONCE])
def test_portions_lose_and_double_nothing(number: int) -> None:
    items = list(range(number))
    parts = list(portions(items))
    assert [item for part in parts for item in part] == items
    assert all(0 < len(part) <= AT_ONCE for part in parts)
