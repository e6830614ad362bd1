"""Replies: recorded by those who may, sealed, shown to readers by their summary only; and a statement's end."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.queries import history_of
from app.base import clock
from app.base.database import Database
from app.campaigns.states import Role
from app.deliveries.models import Delivery
from app.mail.states import MailState
from app.replies.actions import ReplyFacts, correct_reply, record_reply
from app.replies.models import Reply, ReplyKind
from app.replies.queries import replies_of_campaign, words_of_reply
from app.replies.states import NotHandedOver, NotYetReceived
from app.statements.queries import statement_by_public_id
from app.statements.states import StatementState
from tests.factories.accounts import sign_in
from tests.factories.appeals import Scene, make_scene
from tests.factories.campaigns import make_member
from tests.factories.deliveries import make_deliveries

WORDS = "The Minister has taken note of your letter, file number 4711."
FACTS = ReplyFacts(ReplyKind.ANSWER, date(2026, 11, 20), WORDS, "The Minister has taken note.")


def answered(session: Session, mail: MailState = MailState.ACCEPTED) -> tuple[Scene, Delivery]:
    scene = make_scene(session)
    (delivery,) = make_deliveries(session, scene, mail=mail)
    return scene, delivery


def test_record_reply_seals_the_words_and_publishes_the_summary(session: Session) -> None:
    scene, delivery = answered(session)
    reply = record_reply(session, scene.coordinator.public_id, delivery, FACTS)
    assert WORDS.encode() not in reply.text_sealed
    assert words_of_reply(session, reply, "test").text == WORDS
    (row,) = replies_of_campaign(session, scene.campaign.id)
    assert (row.kind, row.public_summary, row.institution) == (
        ReplyKind.ANSWER, FACTS.public_summary, scene.institution.name,
    )  # fmt: skip
    (entry,) = history_of(session, reply.public_id)
    assert WORDS not in str(entry)


def test_reply_proves_delivery(session: Session) -> None:
    scene, delivery = answered(session)
    record_reply(session, scene.coordinator.public_id, delivery, FACTS)
    session.expire_all()
    statement = statement_by_public_id(session, scene.statement.public_id)
    assert statement.state is StatementState.DELIVERED


def test_bounce_proves_no_delivery(session: Session) -> None:
    scene, delivery = answered(session)
    record_reply(session, scene.coordinator.public_id, delivery, ReplyFacts(ReplyKind.BOUNCE, date(2026, 11, 20), "x"))
    session.expire_all()
    assert statement_by_public_id(session, scene.statement.public_id).state is StatementState.CLOSED


@pytest.mark.parametrize("mail", [MailState.QUEUED, MailState.REFUSED])
def test_nobody_answers_what_has_not_arrived(session: Session, mail: MailState) -> None:
    scene, delivery = answered(session, mail)
    with pytest.raises(NotHandedOver):
        record_reply(session, scene.coordinator.public_id, delivery, FACTS)


def test_reply_in_the_future_is_refused(session: Session) -> None:
    scene, delivery = answered(session)
    late = ReplyFacts(ReplyKind.ANSWER, clock.now().date() + timedelta(days=2), "x")
    with pytest.raises(NotYetReceived):
        record_reply(session, scene.coordinator.public_id, delivery, late)


def test_correct_reply(session: Session) -> None:
    scene, delivery = answered(session)
    reply = record_reply(session, scene.coordinator.public_id, delivery, FACTS)
    correct_reply(session, scene.owner.public_id, reply, ReplyFacts(ReplyKind.REFUSAL, date(2026, 11, 19), "No.", ""))
    (row,) = replies_of_campaign(session, scene.campaign.id)
    assert (row.kind, row.received_on, row.public_summary) == (ReplyKind.REFUSAL, date(2026, 11, 19), "")
    assert words_of_reply(session, reply, "test").text == "No."


@pytest.fixture
def stage(app: Flask, database: Database) -> tuple[Scene, str]:
    with app.app_context(), database.writing() as session:
        scene, delivery = answered(session)
        return scene, delivery.public_id


def test_desk_records_shows_corrects_and_concludes(app: Flask, database: Database, stage: tuple[Scene, str]) -> None:
    scene, delivery = stage
    client = sign_in(app.test_client(), app, scene.coordinator)
    url = f"/desk/deliveries/{delivery}/replies/new"
    assert client.get(url).status_code == 200
    incomplete = client.post(url, data={"text": WORDS, "received_on": "soon"})
    assert incomplete.status_code == 422
    assert WORDS in incomplete.text
    assert "Choose what came back." in incomplete.text
    facts = {"kind": "answer", "received_on": "2026-11-20", "text": WORDS, "public_summary": "They have taken note."}
    assert client.post(url, data=facts).status_code == 303
    listed = client.get(f"/desk/campaigns/{scene.campaign.public_id}/replies").text
    assert "They have taken note." in listed
    assert WORDS not in listed
    with database.reading() as session:
        reply = session.scalars(select(Reply.public_id)).one()
    assert WORDS in client.get(f"/desk/replies/{reply}").text
    assert client.post(f"/desk/replies/{reply}", data={**facts, "public_summary": ""}).status_code == 303
    public = app.test_client().get(f"/statements/{scene.statement.slug}").text
    assert "They have taken note." not in public
    ending = f"/desk/statements/{scene.statement.public_id}/conclusion"
    assert client.post(ending, data={}).status_code == 422
    assert client.post(ending, data={"understood": "y"}).status_code == 303
    with database.reading() as session:
        statement = statement_by_public_id(session, scene.statement.public_id)
        assert statement.state is StatementState.CONCLUDED


def test_readers_see_the_summary(app: Flask, database: Database, stage: tuple[Scene, str]) -> None:
    scene, delivery = stage
    with app.app_context(), database.writing() as session:
        found = session.scalars(select(Delivery).where(Delivery.public_id == delivery)).one()
        record_reply(session, scene.coordinator.public_id, found, FACTS)
    public = app.test_client().get(f"/statements/{scene.statement.slug}").text
    assert FACTS.public_summary in public
    assert WORDS not in public


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR, Role.APPROVER])
def test_roles_without_replies_see_summaries_only(
    app: Flask, database: Database, stage: tuple[Scene, str], role: Role
) -> None:
    scene, delivery = stage
    with app.app_context(), database.writing() as session:
        found = session.scalars(select(Delivery).where(Delivery.public_id == delivery)).one()
        reply = record_reply(session, scene.coordinator.public_id, found, FACTS).public_id
        somebody = make_member(session, scene.campaign, role)
    client = sign_in(app.test_client(), app, somebody)
    listed = client.get(f"/desk/campaigns/{scene.campaign.public_id}/replies").text
    assert FACTS.public_summary in listed
    _refused(client, f"/desk/replies/{reply}")
    _refused(client, f"/desk/deliveries/{delivery}/replies/new")


def _refused(client: FlaskClient, url: str) -> None:
    assert client.get(url).status_code == 403
    assert client.post(url).status_code == 403
