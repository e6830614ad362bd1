"""Rows of before times were sealed: they get days, and nobody waits while they are looked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import select, update

from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.signatures.jobs import blur_signatures
from app.signatures.models import Signature, SignatureChange
from app.signatures.queries import every_signature
from app.visibility.states import Visibility
from tests.factories.signatures import appear, make_signature
from tests.mail.sending.pacing import statements_of

AT = datetime(2026, 3, 1, 13, 30, 0, 7, tzinfo=UTC)


def test_times_of_former_rows_become_days_and_stay_known(either_app: Flask) -> None:
    database: Database = parts_of(either_app).database
    with either_app.app_context(), database.writing() as session:
        former, other = make_signature(session), make_signature(session)
        appear(session, former.public_id, Visibility.COUNTED)
        session.execute(
            update(Signature).where(Signature.id == former.id).values(signed_at=AT, changed_at=AT + timedelta(hours=1))
        )
        session.execute(update(SignatureChange).values(settled_at=AT))
        kept = session.scalars(select(Signature.identity_sealed).where(Signature.id == other.id)).one()
    blur_signatures(either_app)
    with either_app.app_context(), database.reading() as session:
        row, same = (session.get_one(Signature, one.id) for one in (former, other))
        days = row.signed_at, row.changed_at, session.scalars(select(SignatureChange.settled_at)).one()
        assert [clock.start_of_day(at) for at in days if at] == list(days)
        assert same.identity_sealed == kept
        assert row.identity_sealed != former.identity_sealed
        assert [one.public_id for one in every_signature(session, row.statement_id)] == [former.public_id]


def test_where_no_row_has_a_time_none_is_read(either_app: Flask) -> None:
    database: Database = parts_of(either_app).database
    with either_app.app_context(), database.writing() as session:
        make_signature(session)
    with statements_of(database.engine) as noted:
        blur_signatures(either_app)
    assert not [one for one in noted if "identity_sealed" in one]
    if database.is_sqlite:
        with database.engine.connect() as connection:
            looked = next(one for one in noted if one.startswith("SELECT signatures.id"))
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {looked}", (11, " 00:00:00.000000", 500, 0)).all()
        assert "COVERING INDEX" in plan[0][3]
