"""The mail: what it says, what it carries, and how people stop it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.base.database import Database
from app.base.links import LinkPurpose, make_token
from app.campaigns.models import Campaign
from app.invitations.states import Answer
from app.mail.sending.worker import send_due
from app.mail.states import MailNotWanted
from app.signatures.actions import withdraw
from app.signatures.queries import news_readers
from app.updates.actions import publish_update, stop_news
from app.updates.emails import render_update, unsubscribe_url
from app.updates.models import Update
from config import Settings
from tests.dashboards.scene import Guest, Scene, set_scene
from tests.factories.updates import make_update
from tests.servers.smtp import Received, SmtpServer

READER = Guest(name="شیرین عبادی", email="shirin@example.org", answer=Answer.SIGNED, wants_news=True)
BODY = 'The court said “stop”.\n\nRead [the ruling](https://court.example.org/r?a=1&b=2). <script>alert("x")</script>'
FOREIGN = {"Origin": "https://mail.example.com", "Sec-Fetch-Site": "cross-site"}
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def settings(settings: Settings, smtp_server: SmtpServer) -> Settings:
    return replace(settings, mail_url=smtp_server.url)


@pytest.fixture
def scene(database: Database, app: Flask) -> Scene:
    with app.app_context():
        return set_scene(database, [READER, replace(READER, name="Otherwise", email="other@example.org")])


def _publish(database: Database, scene: Scene, **columns: Any) -> str:
    with database.writing() as session:
        source: dict[str, Any] = {"source_name": "The Court", "source_url": "https://court.example.org/news"}
        update = make_update(session, scene.campaign_id, body=BODY, **source, **columns)
        campaign = session.get_one(Campaign, scene.campaign_id)
        session.flush()
        publish_update(session, scene.organisers["owner"], campaign, update, 1)
        return update.public_id


def _send(app: Flask, database: Database, scene: Scene, smtp_server: SmtpServer, **columns: object) -> Received:
    with app.app_context():
        _publish(database, scene, **columns)
    send_due(app)
    to_reader = [mail for mail in smtp_server.await_messages(2) if mail.recipients == ("shirin@example.org",)]
    (mail,) = to_reader
    return mail


def _path(database: Database, signature: str) -> str:
    with database.reading() as session:
        return "/u/" + make_token(session, LinkPurpose.UNSUBSCRIBE, signature, 1)


def _still_mailed(database: Database, scene: Scene) -> set[str]:
    with database.reading() as session:
        return {reader.email for reader in news_readers(session, scene.campaign_id)}


def test_mail_has_both_parts_and_a_person_to_answer(
    app: Flask, database: Database, scene: Scene, smtp_server: SmtpServer
) -> None:
    mail = _send(app, database, scene, smtp_server, title="Суд ухвалив рішення")
    assert mail.subject == "Суд ухвалив рішення"
    assert mail.message["Reply-To"] == "Olena Contact <olena@example.org>"
    assert mail.message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.message.iter_parts()] == ["text/plain", "text/html"]
    assert "[the ruling](https://court.example.org/r?a=1&b=2)" in mail.text
    assert "https://court.example.org/news" in mail.text
    assert '<a href="https://court.example.org/r?a=1&amp;b=2"' in mail.html
    assert "<script>" not in mail.html
    assert "&lt;script&gt;" in mail.html
    assert "src=" not in mail.html


def test_mail_carries_one_click_headers_and_the_same_link(
    app: Flask, database: Database, scene: Scene, smtp_server: SmtpServer
) -> None:
    mail = _send(app, database, scene, smtp_server)
    with database.reading() as session:
        url = unsubscribe_url(session, scene.signatures[READER.name])
    assert str(mail.message["List-Unsubscribe"]).strip() == f"<{url}>"
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert url in mail.text
    assert url in mail.html


def test_title_can_not_add_a_header(app: Flask, database: Database, scene: Scene, smtp_server: SmtpServer) -> None:
    mail = _send(app, database, scene, smtp_server, title="News\r\nBcc: spy@example.org")
    assert mail.message["Bcc"] is None
    assert mail.subject == "News Bcc: spy@example.org"


def test_mail_to_a_right_to_left_language_says_so(
    app: Flask, database: Database, scene: Scene, smtp_server: SmtpServer
) -> None:
    mail = _send(app, database, scene, smtp_server, title="دادگاه رأی داد", language="fa")
    assert '<div lang="fa" dir="rtl">' in mail.html
    # The words around it are English, and say so.
    assert '<html lang="en-GB" dir="ltr">' in mail.html


def test_mail_that_waited_shows_the_correction(
    app: Flask, database: Database, scene: Scene, smtp_server: SmtpServer
) -> None:
    with app.app_context():
        update = _publish(database, scene)
        with database.writing() as session:
            session.query(Update).filter_by(public_id=update).one().body = "Corrected."
    send_due(app)
    assert all("Corrected." in mail.text for mail in smtp_server.await_messages(2))


@pytest.mark.parametrize("change", ["stopped", "withdrew"])
def test_mail_is_dropped_for_who_no_longer_wants_it(
    writing: AbstractContextManager[Session], database: Database, change: str
) -> None:
    scene = set_scene(database, [READER])
    with writing as session:
        update = make_update(session, scene.campaign_id, published=True).public_id
        if change == "stopped":
            stop_news(session, scene.signatures[READER.name])
        else:
            withdraw(session, scene.signatures[READER.name])
    references = {"update": update, "signature": scene.signatures[READER.name]}
    with database.reading() as reader, pytest.raises(MailNotWanted):
        render_update(reader, references)


def test_looking_stops_nothing(client: FlaskClient, database: Database, scene: Scene) -> None:
    path = _path(database, scene.signatures[READER.name])
    for method in ("GET", "HEAD", "OPTIONS"):
        assert client.open(path, method=method).status_code == 200
    assert "Stop the news?" in client.get(path).text
    assert len(_still_mailed(database, scene)) == 2


def test_one_click_from_elsewhere_stops_the_news(
    client: FlaskClient, database: Database, scene: Scene, app: Flask
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    path = _path(database, scene.signatures[READER.name])
    for _ in range(2):
        response = client.post(path, data=ONE_CLICK, headers=FOREIGN)
        assert response.status_code == 200  # no redirect: RFC 8058 §3.1
        assert "Set-Cookie" not in response.headers
    assert _still_mailed(database, scene) == {"other@example.org"}


def test_button_stops_the_news_and_can_be_taken_back(
    client: FlaskClient, database: Database, scene: Scene, app: Flask
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    path = _path(database, scene.signatures[READER.name])
    stopped = client.post(path, follow_redirects=True)
    assert "You get no news by mail" in stopped.text
    assert "Set-Cookie" not in stopped.headers
    assert stopped.headers["Cache-Control"] == "no-store"
    assert "Stop the news?" in client.post(path + "/again", follow_redirects=True).text
    assert len(_still_mailed(database, scene)) == 2


def test_others_can_not_subscribe_somebody_again(client: FlaskClient, database: Database, scene: Scene) -> None:
    path = _path(database, scene.signatures[READER.name])
    client.post(path)
    assert client.post(path + "/again", headers=FOREIGN).status_code == 403
    assert _still_mailed(database, scene) == {"other@example.org"}


def test_stopping_stops_all_that_one_address_signed(database: Database, app: Flask) -> None:
    with app.app_context():
        scene = set_scene(database, [replace(READER, name="One"), replace(READER, name="Two")])
        with database.writing() as session:
            assert stop_news(session, scene.signatures["Two"])
        assert _still_mailed(database, scene) == set()


def test_link_for_another_purpose_or_damaged_is_refused(client: FlaskClient, database: Database, scene: Scene) -> None:
    signature = scene.signatures[READER.name]
    with database.reading() as session:
        manage = make_token(session, LinkPurpose.MANAGE, signature, 1)
    for token in (manage, _path(database, signature)[3:-1], signature, "x"):
        assert client.get(f"/u/{token}").status_code == 404
        assert client.post(f"/u/{token}", data=ONE_CLICK, headers=FOREIGN).status_code == 404
    assert len(_still_mailed(database, scene)) == 2


def test_link_of_an_erased_signature_says_that_nothing_will_come(client: FlaskClient, database: Database) -> None:
    path = _path(database, "a" * 20)
    assert "can’t write to you" in client.get(path).text
    assert client.post(path, data=ONE_CLICK, headers=FOREIGN).status_code == 200
