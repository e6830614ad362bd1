"""A deadline that was set in a place is that place's on its whole way: form, storage, pages, mails, data and PDF."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.appeals.dossier import prepare_dossier
from app.appeals.models import DocumentAudience
from app.base import clock
from app.base.links import LinkPurpose, make_token
from app.base.moments import Moment
from app.invitations.emails import render_invitation, render_reminder
from app.signatures.emails import render_receipt
from app.statements import actions
from app.statements.models import Statement
from tests.appeals.test_typesetting import spoken_by
from tests.factories.accounts import sign_in
from tests.factories.invitations import make_invitation
from tests.factories.signatures import make_signature
from tests.statements.desks import Desk, shown, sit_down, value_of
from tests.statements.test_pages import SETTINGS


@dataclass(frozen=True)
class Closing:
    """What an editor typed, and how everybody must read it."""

    zone: str
    day: str
    time: str
    at: datetime
    words: str
    closed_on: str


CLOSINGS = [
    Closing(
        "America/Los_Angeles", "2027-03-31", "23:30", datetime(2027, 4, 1, 6, 30, tzinfo=UTC),
        "31 March 2027, 23:30 in Los Angeles (1 April 2027, 06:30 UTC)", "31 March 2027 (Los Angeles, UTC−7)",
    ),
    Closing(
        "Asia/Kathmandu", "2027-03-31", "05:00", datetime(2027, 3, 30, 23, 15, tzinfo=UTC),
        "31 March 2027, 05:00 in Kathmandu (30 March 2027, 23:15 UTC)", "31 March 2027 (Kathmandu, UTC+5:45)",
    ),
    Closing(
        "Pacific/Kiritimati", "2027-04-01", "00:15", datetime(2027, 3, 31, 10, 15, tzinfo=UTC),
        "1 April 2027, 00:15 in Kiritimati (31 March 2027, 10:15 UTC)", "1 April 2027 (Kiritimati, UTC+14)",
    ),
    Closing(
        "Pacific/Apia", "2027-04-01", "", datetime(2027, 4, 1, 10, 59, tzinfo=UTC),
        "1 April 2027, 23:59 in Apia (10:59 UTC)", "1 April 2027 (Apia, UTC+13)",
    ),
    Closing(  # the clocks go from 23:00 to 24:00, so the day ends at 22:59
        "America/Nuuk", "2027-03-27", "", datetime(2027, 3, 28, 0, 59, tzinfo=UTC),
        "27 March 2027, 22:59 in Nuuk (28 March 2027, 00:59 UTC)", "27 March 2027 (Nuuk, UTC−2)",
    ),
    Closing(  # 01:30 comes twice: the later one, so that nobody is cut off
        "America/New_York", "2027-11-07", "01:30", datetime(2027, 11, 7, 6, 30, tzinfo=UTC),
        "7 November 2027, 01:30 in New York (06:30 UTC)", "7 November 2027 (New York, UTC−5)",
    ),
]  # fmt: skip


@pytest.fixture(params=CLOSINGS, ids=[each.zone for each in CLOSINGS])
def closing(request: pytest.FixtureRequest) -> Closing:
    """One place and what was typed for it."""
    found: Closing = request.param
    return found


@pytest.fixture
def desk(app: Flask, closing: Closing) -> Desk:
    """An owner whose statement is open, with the deadline that was typed into its settings."""
    clock.freeze(datetime(2027, 1, 10, 12, tzinfo=UTC))
    desk = sit_down(app)
    fields = {"deadline_on": closing.day, "deadline_time": closing.time, "deadline_zone": closing.zone}
    assert desk.post("/settings", **SETTINGS | fields).status_code == 303
    return desk


def _open(session: Session, desk: Desk) -> Statement:
    statement = desk.stored(session)
    actions.open_statement(session, "factory", statement)
    return statement


def test_deadline_is_stored_as_it_was_meant_and_comes_back_so(desk: Desk, closing: Closing) -> None:
    with desk.app.app_context(), desk.database.reading() as session:
        statement = desk.stored(session)
        assert (statement.deadline_at, statement.zone) == (closing.at, closing.zone)
    page = desk.get("/settings")
    there = Moment(closing.at, closing.zone).local
    assert (value_of(page, "deadline_on"), value_of(page, "deadline_time")) == (closing.day, f"{there:%H:%M}")
    assert f'<option selected value="{closing.zone}"' in page.text
    assert closing.words in shown(desk.get())


def test_every_page_and_mail_of_an_open_statement_says_it(desk: Desk, closing: Closing) -> None:
    with desk.app.app_context(), desk.database.writing() as session:
        statement = _open(session, desk)
        invitation = make_invitation(session, statement)
        references = {"invitation": invitation.public_id}
        mails = [render_invitation(session, references), render_reminder(session, references)]
        token = make_token(session, LinkPurpose.INVITATION, invitation.public_id, 1)
    for mail in mails:
        assert f"Open until: {closing.words}" in mail.text
        assert closing.words in mail.html
    for path in ("/", "/statements/an-open-letter", f"/i/{token}"):
        assert closing.words in shown(desk.app.test_client().get(path)), path
    for path in ("/desk", f"/desk/campaigns/{desk.campaign}", desk.path("/dashboard"), desk.path()):
        assert closing.words in shown(desk.client.get(path)), path
    data = json.loads(desk.client.get("/statements/an-open-letter/data.json").text)
    assert datetime.fromisoformat(data["deadline_at"]) == closing.at
    assert (data["time_zone"], data["deadline_at"][:10]) == (closing.zone, closing.day)


def test_what_happened_at_that_moment_is_of_that_day_there(desk: Desk, closing: Closing) -> None:
    """Somebody signs and signing closes at the very minute: receipt, page, sheet and PDF name the same day."""
    with desk.app.app_context(), desk.database.writing() as session:
        statement = _open(session, desk)
        clock.freeze(closing.at - timedelta(seconds=30))
        signature = make_signature(session, statement)
        receipt = render_receipt(session, {"signature": signature.public_id})
        clock.freeze(closing.at)
        actions.close_statement(session, "factory", statement)
    minute = Moment(closing.at - timedelta(minutes=1), closing.zone)
    with desk.app.test_request_context():
        assert f"On {minute.words} you signed:" in receipt.text
        assert html.escape(minute.words) in receipt.html
    page = shown(desk.client.get("/statements/an-open-letter"))
    assert closing.words in page
    assert " ".join(f"{closing.closed_on} Signing closed".split()) in " ".join(page.split())
    assert closing.closed_on in shown(desk.client.get("/"))
    with desk.app.app_context(), desk.database.reading() as session:
        owner = session.scalars(select(Organiser).order_by(Organiser.id)).first()
    assert owner is not None
    sign_in(desk.client, desk.app, owner)  # months have passed
    sheet = desk.client.get(desk.path("/signatories.csv")).text
    assert f"{closing.day},{closing.zone}" in sheet
    with desk.app.app_context(), desk.database.reading() as session:
        dossier = prepare_dossier(session, desk.stored(session))
    (pdf,) = [one.content for one in dossier.documents if one.audience is DocumentAudience.PUBLIC and not one.is_annex]
    assert closing.closed_on in spoken_by(pdf)


def test_next_statement_of_a_campaign_begins_at_the_same_place(desk: Desk, closing: Closing) -> None:
    fields = {"title": "A second letter", "kind": "letter", "language": "en"}
    made = desk.client.post(f"/desk/campaigns/{desk.campaign}/statements/new", data=fields)
    settings = made.location.replace("/text/en", "/settings")
    assert f'<option selected value="{closing.zone}"' in desk.client.get(settings).text


def test_day_of_a_ruling_is_nobodys_local_day(app: Flask) -> None:
    """A date that people wrote down stands as it is, whatever the place."""
    desk = sit_down(app)
    desk.post("/settings", **SETTINGS | {"deadline_zone": "America/Los_Angeles"})
    chronology = f"/desk/campaigns/{desk.campaign}/chronology"
    fields = {"date": "2027-04-01", "text": "A court decided.", "language": "en"}
    assert desk.client.post(f"{chronology}/new", data=fields).status_code == 303
    page = desk.client.get(chronology)
    assert "1 April 2027" in shown(page)
    assert 'datetime="2027-04-01"' in page.text
