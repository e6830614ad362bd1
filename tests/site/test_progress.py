"""What readers learn of a statement's way: handed over, answered, and what changed."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.appeals.models import AppealDocument, DocumentAudience
from app.base import clock
from app.base.database import Database
from app.mail.states import MailState
from app.replies.models import Outcome, Reply, ReplyKind
from app.signatures.models import Signature
from app.visibility.states import Visibility
from tests.factories.appeals import NAMES, Scene, make_scene
from tests.factories.deliveries import make_deliveries


@pytest.fixture
def scene(app: Flask, database: Database) -> Scene:
    """An appeal that two recipients of one institution have been handed."""
    with app.app_context(), database.writing() as session:
        scene = make_scene(session, recipients=2)
        first, _second = make_deliveries(session, scene, mail=MailState.ACCEPTED)
        _reply(session, first.id, ReplyKind.ACKNOWLEDGEMENT, "")
        _reply(session, first.id, ReplyKind.ANSWER, "They will look into it.")
        return scene


def _reply(session: Session, delivery_id: int, kind: ReplyKind, summary: str) -> None:
    session.add(
        Reply(
            delivery_id=delivery_id,
            kind=kind,
            received_on=date(2026, 5, 1),
            text_sealed=b"",
            public_summary=summary,
            recorded_by="x",
            created_at=clock.now(),
        )
    )


def _page(client: FlaskClient, scene: Scene) -> str:
    return client.get(f"/statements/{scene.statement.slug}").text


def test_institution_is_named_once_and_its_recipients_never(client: FlaskClient, scene: Scene) -> None:
    text = _page(client, scene)
    assert text.count("Handed over to") == 1
    assert f"<bdi>{scene.institution.name}</bdi>" in text
    assert "@" not in text.split("<main")[1].split('id="verify"')[0]


def test_reply_is_shown_once_somebody_wrote_a_summary_for_readers(client: FlaskClient, scene: Scene) -> None:
    text = _page(client, scene)
    assert text.count("They will look into it.") == 1
    assert ReplyKind.ANSWER.label in text
    assert ReplyKind.ACKNOWLEDGEMENT.label not in text


@pytest.mark.parametrize("state", [MailState.QUEUED, MailState.REFUSED, MailState.UNCERTAIN])
def test_nothing_is_called_handed_over_before_a_server_took_it(
    app: Flask, client: FlaskClient, database: Database, state: MailState
) -> None:
    with app.app_context(), database.writing() as session:
        scene = make_scene(session)
        make_deliveries(session, scene, mail=state)
    assert "Handed over to" not in _page(client, scene)


def test_outcome_is_quoted_with_its_speaker(client: FlaskClient, database: Database, scene: Scene) -> None:
    with database.writing() as session:
        for statement_id, title in ((scene.statement.id, "A ruling"), (None, "A new law")):
            session.add(
                Outcome(
                    campaign_id=scene.campaign.id,
                    statement_id=statement_id,
                    language="en",
                    happened_on=date(2026, 6, 1),
                    title=title,
                    quotation="It was dictated by politics.",
                    quotation_speaker="The Court",
                    source_name="The Paper",
                    source_url="https://example.org/ruling",
                    created_at=clock.now(),
                )
            )
    text = _page(client, scene)
    assert "A ruling" in text
    assert "A new law" in text
    assert "<p>It was dictated by politics.</p><footer>— <bdi>The Court</bdi></footer>" in text
    assert 'href="https://example.org/ruling" rel="noopener noreferrer nofollow"' in text


def test_outcome_of_another_statement_stays_there(app: Flask, client: FlaskClient, database: Database) -> None:
    with app.app_context(), database.writing() as session:
        scene, other = make_scene(session), make_scene(session)
        session.add(
            Outcome(
                campaign_id=scene.campaign.id,
                statement_id=other.statement.id,
                language="en",
                happened_on=date(2026, 6, 1),
                title="Elsewhere",
                created_at=clock.now(),
            )
        )
    assert "Elsewhere" not in _page(client, scene)


def test_public_pdf_is_linked_while_it_is_served(client: FlaskClient, database: Database, scene: Scene) -> None:
    link = f"/statements/{scene.statement.slug}/en/appeal.pdf"
    assert link in _page(client, scene)
    assert client.get(link).status_code == 200
    with database.writing() as session:
        session.execute(
            update(Signature)
            .where(Signature.public_id == scene.signatures[Visibility.PUBLIC].public_id)
            .values(visibility=Visibility.COUNTED)
        )
    text = _page(client, scene)
    assert link not in text
    assert NAMES[Visibility.PUBLIC] not in text


def test_hash_of_the_public_pdf_and_of_the_addressees_can_be_verified_and_told_apart(
    client: FlaskClient, database: Database, scene: Scene
) -> None:
    with client.get(f"/statements/{scene.statement.slug}/appeal.pdf") as response:
        sha256 = response.headers["ETag"].strip('"')
    assert "The public copy of the appeal" in client.get(f"/verify?sha256={sha256}").text
    with database.reading() as session:
        addressees = session.scalars(
            select(AppealDocument.sha256).where(AppealDocument.audience == DocumentAudience.ADDRESSEE)
        ).all()
    for sha256 in addressees:
        assert "The addressee’s copy of the appeal" in client.get(f"/verify?sha256={sha256}").text


def test_machines_read_the_same(client: FlaskClient, scene: Scene) -> None:
    data = client.get(f"/statements/{scene.statement.slug}/data.json").json
    assert data is not None
    kinds = [each["kind"] for each in data["progress"]]
    assert sorted(kinds) == ["closed", "delivered", "opened", "reply"]
