"""Totals equal what the rows say."""

from __future__ import annotations

from datetime import UTC, date, datetime

from flask import Flask

from app.base import clock
from app.base.parts import parts_of
from app.counts.queries import Totals, per_day, totals
from app.directory.states import SignatoryKind
from app.visibility.states import Visibility
from tests.factories.invitations import make_invitation
from tests.factories.signatures import make_decline, make_signature
from tests.factories.statements import make_statement


def test_totals_count_each_visibility_and_leave_out_who_withdrew(either_app: Flask) -> None:
    with either_app.app_context(), parts_of(either_app).database.writing() as session:
        statement, other = make_statement(session), make_statement(session)
        for visibility in (Visibility.PUBLIC, Visibility.PUBLIC, *Visibility):
            make_signature(session, statement, visibility=visibility)
        organisation = make_invitation(session, statement, kind=SignatoryKind.ORGANISATION)
        make_signature(session, invitation=organisation)
        make_signature(session, statement, withdrawn=True)
        make_signature(session, other)
        make_decline(session, statement)
        found = totals(session, statement.id)
    assert found == Totals(public=4, institution=1, counted=1, pseudonym=1, public_organisations=1)
    assert (found.total, found.listed, found.not_listed, found.public_people) == (7, 5, 2, 4)


def test_days_are_days_in_utc(either_app: Flask) -> None:
    clock.freeze(datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
    with either_app.app_context(), parts_of(either_app).database.writing() as session:
        statement = make_statement(session)
        make_signature(session, statement)
        clock.advance(hours=1)
        make_signature(session, statement)
        make_signature(session, statement)
        found = per_day(session, statement.id)
    assert found == [(date(2026, 3, 1), 1), (date(2026, 3, 2), 2)]
