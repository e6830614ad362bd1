"""What was signed before lists could stand by name has an empty key, of the same type as those that are made now."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from app.base import migrating
from app.base.database import Database
from app.signatures.models import Signature
from tests.architecture import rows

BEFORE, AFTER = "0059", "0060"


def test_former_rows_stand_by_day(tmp_path: Path) -> None:
    """In SQLite an empty text would be another value than empty bytes, and stand before all of them."""
    engine = Database(f"sqlite:///{tmp_path / 'older.db'}").engine
    migrating.migrate(engine, BEFORE)
    rows.fill(engine, rows.reflected(engine))
    migrating.migrate(engine, AFTER)
    with engine.connect() as connection:
        keys = connection.execute(select(Signature.id).where(Signature.collation_key == b"")).all()
    engine.dispose()
    assert len(keys) == rows.MADE_PER_TABLE
