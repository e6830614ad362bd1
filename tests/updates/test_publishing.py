"""News is written, published once, mailed once to those who asked, and corrected without another mail."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update as sql_update
from sqlalchemy.orm import Session

from app.audit.queries import history_of
from app.background.pacing import WorkPace
from app.base import clock
from app.base.database import Database
from app.base.links import LinkPurpose, make_token
from app.base.parts import parts_of
from app.campaigns.models import Campaign
from app.invitations.states import Answer
from app.mail.models import Mail
from app.signatures.queries import NewsReader, news_readers
from app.updates import jobs
from app.updates.actions import mail_news, publish_update
from app.updates.models import Update
from app.updates.queries import published_updates
from app.updates.states import CampaignNotPublic, UpdateChangedMeanwhile
from tests.dashboards.scene import NOON, Guest, Scene, set_scene
from tests.factories.updates import make_update

SIGNED = Guest(answer=Answer.SIGNED, wants_news=True)
READERS = [
    replace(SIGNED, name="Anna", email="anna@example.org"),
    replace(SIGNED, name="Ben", email="ben@example.org"),
    replace(SIGNED, name="Quiet", email="quiet@example.org", wants_news=False),
    replace(SIGNED, name="Gone", email="gone@example.org", answer=Answer.WITHDRAWN),
    replace(SIGNED, name="Silent", email="silent@example.org", answer=Answer.NONE),
]
TEXT = {"title": "The court has ruled", "body": "It is **final**.", "language": "en", "revision": "0"}


@pytest.fixture
def scene(database: Database, app: Flask) -> Scene:
    with app.app_context():
        return set_scene(database, READERS)


def _mails(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).where(Mail.kind == "update")) or 0


def _only(database: Database) -> Update:
    with database.reading() as session:
        return session.scalars(select(Update)).one()


def _draft(client: FlaskClient, scene: Scene) -> str:
    response = scene.enter_as(client, "editor").post(f"/desk/campaigns/{scene.campaign}/updates/new", data=TEXT)
    assert response.status_code == 303
    return str(response.location)


def test_readers_are_those_who_stand_by_their_signature_and_asked(scene: Scene, database: Database) -> None:
    with database.reading() as session:
        assert {reader.email for reader in news_readers(session, scene.campaign_id)} == {
            "anna@example.org",
            "ben@example.org",
        }


def test_one_address_gets_one_mail(database: Database, app: Flask) -> None:
    twice = [replace(SIGNED, name="One"), replace(SIGNED, name="Two", email="GUEST@example.org")]
    with app.app_context():
        scene = set_scene(database, twice)
        with database.reading() as session:
            assert len(list(news_readers(session, scene.campaign_id))) == 1


def test_draft_is_not_news(client: FlaskClient, scene: Scene, database: Database) -> None:
    _draft(client, scene)
    with database.reading() as session:
        assert published_updates(session, scene.campaign_id) == []
    assert _mails(database) == 0


def test_preview_saves_nothing(client: FlaskClient, scene: Scene, database: Database) -> None:
    address = f"/desk/campaigns/{scene.campaign}/updates/new"
    page = scene.enter_as(client, "editor").post(address, data=TEXT | {"preview": "1"}).text
    assert "<strong>final</strong>" in page
    assert "It is **final**." in page  # the form keeps what was typed
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Update)) == 0


def test_confirmation_names_the_number_and_changes_nothing(
    client: FlaskClient, scene: Scene, database: Database
) -> None:
    page = client.get(_draft(client, scene) + "/publish").text
    assert "2 people will be mailed" in page
    assert "Olena Contact" in page
    assert _mails(database) == 0
    assert _only(database).published_at is None


def test_writing_goes_on_where_it_was_left(client: FlaskClient, scene: Scene) -> None:
    page = client.get(_draft(client, scene) + "/edit").text
    assert 'value="The court has ruled"' in page
    assert "It is **final**." in page
    assert 'name="revision" type="hidden" value="1"' in page


def test_story_on_either_database(either_app: Flask) -> None:
    database: Database = parts_of(either_app).database
    with either_app.app_context():
        scene = set_scene(database, READERS)
    client = either_app.test_client()
    address = _draft(client, scene)
    client.post(address + "/edit", data=TEXT | {"revision": "1", "title": "Better title"})
    for _ in range(2):
        assert client.post(address + "/publish", data={"revision": "2"}).status_code == 303
    client.post(address + "/edit", data=TEXT | {"revision": "2", "title": "Corrected title"})
    assert client.get(f"/desk/campaigns/{scene.campaign}/updates").status_code == 200
    assert _mails(database) == 2
    with database.reading() as session:
        (news,) = published_updates(session, scene.campaign_id)
        path = "/u/" + make_token(session, LinkPurpose.UNSUBSCRIBE, scene.signatures["Anna"], 1)
    assert (news.title, news.mailed_to) == ("Corrected title", 2)
    assert client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    with database.reading() as session:
        assert [reader.email for reader in news_readers(session, scene.campaign_id)] == ["ben@example.org"]


def test_publishing_twice_mails_once(client: FlaskClient, scene: Scene, database: Database) -> None:
    address = _draft(client, scene)
    for _ in range(2):
        assert client.post(address + "/publish", data={"revision": "1"}).status_code == 303
    assert _mails(database) == 2
    assert _only(database).mailed_to == 2
    with database.reading() as session:
        actions = [entry.action for entry in history_of(session, _only(database).public_id)]
    assert actions == ["update.published", "update.drafted"]


def test_correction_is_recorded_and_mails_nobody(client: FlaskClient, scene: Scene, database: Database) -> None:
    address = _draft(client, scene)
    client.post(address + "/publish", data={"revision": "1"})
    client.post(address + "/edit", data=TEXT | {"revision": "1", "body": "It is not final."})
    client.post(address + "/publish", data={"revision": "2"})
    found = _only(database)
    assert found.body == "It is not final."
    assert found.corrected_at is not None
    assert _mails(database) == 2
    with database.reading() as session:
        assert history_of(session, found.public_id)[0].action == "update.corrected"


def test_publishing_a_text_that_changed_meanwhile_is_refused(
    client: FlaskClient, scene: Scene, database: Database
) -> None:
    address = _draft(client, scene)
    client.post(address + "/edit", data=TEXT | {"revision": "1", "title": "Something else"})
    response = client.post(address + "/publish", data={"revision": "1"})
    assert response.status_code == 409
    assert "Somebody else saved" in response.text
    assert _mails(database) == 0


def test_second_of_two_writers_is_told_and_sees_both_texts(client: FlaskClient, scene: Scene) -> None:
    address = _draft(client, scene)
    client.post(address + "/edit", data=TEXT | {"revision": "1", "body": "The first writer’s words."})
    response = client.post(address + "/edit", data=TEXT | {"revision": "1", "body": "The second writer’s words."})
    assert response.status_code == 409
    assert "The first writer’s words." in response.text
    assert "The second writer’s words." in response.text
    # Having read both, the second may save theirs.
    again = client.post(address + "/edit", data=TEXT | {"revision": "2", "body": "Both writers’ words."})
    assert again.status_code == 303


def test_publishing_waits_until_readers_can_see_the_campaign(session, database: Database) -> None:  # type: ignore[no-untyped-def]
    campaign = Campaign(slug="hidden", created_at=NOON)
    session.add(campaign)
    session.flush()
    update = make_update(session, campaign.id)
    with pytest.raises(CampaignNotPublic):
        publish_update(session, "x" * 20, campaign, update, 1)


def test_double_click_on_publish_settles_by_the_row(session, database: Database) -> None:  # type: ignore[no-untyped-def]
    """As on PostgreSQL, where both clicks may have read the draft before either wrote."""
    campaign = Campaign(slug="open", created_at=NOON, published_at=NOON)
    session.add(campaign)
    session.flush()
    update = make_update(session, campaign.id)
    session.execute(
        sql_update(Update).where(Update.id == update.id).values(published_at=clock.now(), mailed_to=7),
        execution_options={"synchronize_session": False},
    )
    assert publish_update(session, "x" * 20, campaign, update, 1) == 7


def test_changed_draft_is_told_from_a_double_click(session, database: Database) -> None:  # type: ignore[no-untyped-def]
    campaign = Campaign(slug="open", created_at=NOON, published_at=NOON)
    session.add(campaign)
    session.flush()
    update = make_update(session, campaign.id)
    with pytest.raises(UpdateChangedMeanwhile):
        publish_update(session, "x" * 20, campaign, update, 0)


def test_draft_can_be_thrown_away_and_news_can_not(client: FlaskClient, scene: Scene, database: Database) -> None:
    address = _draft(client, scene)
    assert client.post(address + "/discard").status_code == 303
    address = _draft(client, scene)
    client.post(address + "/publish", data={"revision": "1"})
    assert client.post(address + "/discard").status_code == 409
    assert _only(database).published_at is not None


@pytest.mark.parametrize("role", ["coordinator", "approver", "viewer"])
def test_only_writers_write(client: FlaskClient, scene: Scene, database: Database, role: str) -> None:
    address = _draft(client, scene)
    scene.enter_as(client, role)
    assert client.get(f"/desk/campaigns/{scene.campaign}/updates").status_code == 200
    for path, data in (("/edit", TEXT), ("/publish", {"revision": "1"}), ("/discard", {})):
        assert client.post(address + path, data=data).status_code == 403
    assert client.post(f"/desk/campaigns/{scene.campaign}/updates/new", data=TEXT).status_code == 403
    assert _only(database).published_at is None


def test_outsider_learns_nothing(client: FlaskClient, scene: Scene) -> None:
    address = _draft(client, scene)
    scene.enter_as(client, "outsider")
    assert client.get(address).status_code == 404
    assert client.get(f"/desk/campaigns/{scene.campaign}/updates").status_code == 404


def test_update_of_another_campaign_is_not_reached(
    client: FlaskClient, scene: Scene, database: Database, app: Flask
) -> None:
    address = _draft(client, scene)
    with app.app_context(), database.writing() as session:
        other = Campaign(slug="other", created_at=NOON, published_at=NOON)
        session.add(other)
        session.flush()
        foreign = make_update(session, other.id).public_id
    address = address.rsplit("/", 1)[0] + "/" + foreign
    assert client.get(address).status_code == 404
    assert client.post(address + "/publish", data={"revision": "1"}).status_code == 404


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"title": ""}, "Enter a title."),
        ({"body": ""}, "Enter the text."),
        ({"title": "x" * 201}, "Shorten it by 1."),
        ({"title": "a\r\nBcc: everyone@example.org"}, "line break"),
        ({"title": "nul \0"}, "invisible control character"),
        ({"body": "one\ntwo \x07"}, "Line 2"),
        ({"language": "xx"}, "Not a valid choice"),
        ({"source_name": "Paper", "source_url": "javascript:alert(1)"}, "is not a complete web address"),
        ({"source_url": "https://example.org/a"}, "Say what the link leads to"),
        ({"source_name": "Paper", "source_url": "https://" + "a" * 500}, "Shorten it by 8"),
    ],
)
def test_bad_input_is_named_and_nothing_typed_is_lost(
    client: FlaskClient, scene: Scene, database: Database, changed: dict[str, str], message: str
) -> None:
    address = f"/desk/campaigns/{scene.campaign}/updates/new"
    page = scene.enter_as(client, "editor").post(address, data=TEXT | {"body": "Keep me."} | changed)
    assert message in page.text
    assert page.text.count(message) >= 2  # in the summary and at the field
    if "body" not in changed:
        assert "Keep me." in page.text
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Update)) == 0


@pytest.mark.parametrize("cursor", ["x", "W10", "WyJhIl0", "WzFlMzBd", "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5OTldCg", "WzEsMl0"])
def test_nonsense_pages_are_refused(client: FlaskClient, scene: Scene, cursor: str) -> None:
    response = scene.enter_as(client, "viewer").get(f"/desk/campaigns/{scene.campaign}/updates?after={cursor}")
    assert response.status_code == 404


def test_list_is_paged(client: FlaskClient, scene: Scene, database: Database, app: Flask) -> None:
    with app.app_context(), database.writing() as session:
        for number in range(51):
            make_update(session, scene.campaign_id, title=f"News no. {number};")
    first = scene.enter_as(client, "viewer").get(f"/desk/campaigns/{scene.campaign}/updates").text
    assert "News no. 50;" in first
    assert "News no. 0;" not in first
    next_url = first.split('rel="next" href="')[1].split('"')[0]
    second = client.get(next_url).text
    assert "News no. 0;" in second
    assert "News no. 1;" not in second


def test_news_of_very_many_are_published_by_a_worker_once_and_as_confirmed(
    client: FlaskClient, scene: Scene, database: Database, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.updates.pages.MOST_AT_ONCE", 1)
    address = _draft(client, scene)
    page = client.get(address + "/publish").text
    assert "whoever of 3 signatories asked for news will be mailed" in page
    for _ in range(2):
        assert client.post(address + "/publish", data={"revision": "1"}).status_code == 303
    waiting = client.get(address)
    assert "The update is being published" in waiting.text
    assert waiting.headers["Refresh"] == "1"
    assert _mails(database) == 0
    queued: list[NewsReader] = []

    def die(session: Session, update: Update, readers: list[NewsReader]) -> None:
        if queued:
            raise OSError
        queued.extend(readers[:1])
        mail_news(session, update, readers[:1])

    monkeypatch.setattr(jobs, "mail_news", die)
    monkeypatch.setattr("app.background.long_works.WorkPace", partial(WorkPace, most=1))
    _work(app)
    assert _mails(database) == 1, "it died after the first"
    monkeypatch.setattr(jobs, "mail_news", mail_news)
    assert "It has stopped" in client.get(address).text
    client.post(address + "/publish", data={"revision": "1"})
    _work(app)
    assert _mails(database) == 2, "whoever tries again has the rest mailed"
    assert _only(database).mailed_to == 2


def test_a_draft_that_changed_after_it_was_ordered_is_not_published(
    client: FlaskClient, scene: Scene, database: Database, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.updates.pages.MOST_AT_ONCE", 1)
    address = _draft(client, scene)
    client.post(address + "/publish", data={"revision": "1"})
    client.post(address + "/edit", data=TEXT | {"revision": "1", "body": "Somebody else’s words."})
    _work(app)
    assert "Somebody else saved this update" in client.get(address).text
    assert _only(database).published_at is None
    client.post(address + "/stop")
    assert "Publish and mail it" in client.get(address).text


def _work(app: Flask) -> None:
    with app.app_context():
        jobs.work_on_news(app)
