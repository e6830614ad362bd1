"""Outcomes: recorded with source and speaker, corrected, removed, and only by those who may."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.audit.queries import history_of
from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.campaigns.models import Campaign
from app.campaigns.states import Role
from app.replies.outcomes import OutcomeFacts, change_outcome, record_outcome, remove_outcome
from app.replies.queries import outcomes_of
from app.replies.states import NotYetHappened, QuotationNeedsSpeaker
from tests.factories.accounts import sign_in
from tests.factories.campaigns import make_campaign, make_member
from tests.factories.statements import make_statement

FACTS = OutcomeFacts(
    date(2025, 12, 16), "The court agrees", "It **agrees**.", "It was political.", "The court", "A newspaper",
    "https://news.example.org/1",
)  # fmt: skip
TYPED = {
    "happened_on": "2025-12-16",
    "title": "المحكمة توافق",
    "quotation": "It was political.",
    "quotation_speaker": "The court",
    "source_name": "A newspaper",
    "source_url": "https://news.example.org/1",
    "language": "en",
}


def test_record_change_and_remove(session: Session) -> None:
    campaign = make_campaign(session)
    statement = make_statement(session, campaign)
    outcome = record_outcome(session, "actor", campaign, FACTS, statement)
    (shown,) = outcomes_of(session, campaign.id, statement.id)
    assert (shown.title, shown.quotation_speaker) == ("The court agrees", "The court")
    assert "<strong>agrees</strong>" in shown.html
    change_outcome(session, "actor", campaign, outcome, replace(FACTS, title="It agrees"), None)
    session.flush()
    assert outcomes_of(session, campaign.id, statement.id) == []
    assert [one.title for one in outcomes_of(session, campaign.id)] == ["It agrees"]
    remove_outcome(session, "actor", campaign, outcome)
    session.flush()
    assert outcomes_of(session, campaign.id) == []
    actions = [entry.action for entry in history_of(session, outcome.public_id)]
    assert actions == ["outcome.removed", "outcome.changed", "outcome.recorded"]


def test_refuse_quotation_without_speaker(session: Session) -> None:
    with pytest.raises(QuotationNeedsSpeaker):
        record_outcome(session, "actor", make_campaign(session), replace(FACTS, quotation_speaker=""))


def test_refuse_what_has_not_happened(session: Session) -> None:
    future = clock.now().date() + timedelta(days=2)
    with pytest.raises(NotYetHappened):
        record_outcome(session, "actor", make_campaign(session), replace(FACTS, happened_on=future))


@pytest.fixture
def campaign(app: Flask, database: Database) -> Campaign:
    with app.app_context(), database.writing() as session:
        return make_campaign(session)


def _client(app: Flask, campaign: Campaign, role: Role) -> FlaskClient:
    with app.app_context(), parts_of(app).database.writing() as session:
        member = make_member(session, campaign, role)
    return sign_in(app.test_client(), app, member)


def test_coordinator_records_on_the_page(app: Flask, campaign: Campaign) -> None:
    client, url = _client(app, campaign, Role.COORDINATOR), f"/desk/campaigns/{campaign.public_id}/outcomes"
    assert client.post(f"{url}/new", data=TYPED).status_code == 303
    page = client.get(url).text
    assert all(words in page for words in ("المحكمة توافق", "It was political.", "The court", "A newspaper"))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("happened_on", "yesterday", "valid date"),
        ("happened_on", "2999-01-01", "has not come yet"),
        ("title", "", "in one line"),
        ("title", "x" * 300, "Shorten it by 100"),
        ("quotation_speaker", "", "who is quoted"),
        ("source_url", "javascript:alert(1)", "web address"),
        ("title", "a\0b", "control character"),
    ],
)
def test_bad_input_is_named_and_nothing_typed_is_lost(
    app: Flask, campaign: Campaign, field: str, value: str, message: str
) -> None:
    client, url = _client(app, campaign, Role.OWNER), f"/desk/campaigns/{campaign.public_id}/outcomes"
    answer = client.post(f"{url}/new", data={**TYPED, field: value})
    assert message in answer.text
    assert "There is a problem" in answer.text
    assert "It was political." in answer.text
    with parts_of(app).database.reading() as session:
        assert outcomes_of(session, campaign.id) == []


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR, Role.APPROVER])
def test_others_look_and_do_not_write(app: Flask, campaign: Campaign, role: Role) -> None:
    client, url = _client(app, campaign, role), f"/desk/campaigns/{campaign.public_id}/outcomes"
    assert client.get(url).status_code == 200
    assert client.post(f"{url}/new", data=TYPED).status_code == 403


def test_statement_of_another_campaign_is_not_chosen(app: Flask, campaign: Campaign) -> None:
    with app.app_context(), parts_of(app).database.writing() as session:
        foreign = make_statement(session).public_id
    client = _client(app, campaign, Role.OWNER)
    client.post(f"/desk/campaigns/{campaign.public_id}/outcomes/new", data={**TYPED, "statement": foreign})
    with parts_of(app).database.reading() as session:
        assert [one.statement_id for one in outcomes_of(session, campaign.id)] == [None]
