"""News for many: read at once, filled in, and the same as one by one."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.base.database import Database
from app.base.parts import parts_of
from app.invitations.states import Answer
from app.mail.composing import Sender, compose
from app.mail.registry import References, RenderedMail
from app.mail.skeletons import Filled
from app.mail.states import MailNotWanted
from app.signatures.actions import withdraw
from app.updates.actions import stop_news
from app.updates.emails import UPDATE
from app.updates.models import Update
from tests.dashboards.scene import Guest, Scene, set_scene
from tests.factories.updates import make_update

DATE = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MESSAGE_ID = "<abcdefgh@example.org>"
NAMES = ("شیرین عبادی", "Олена Верховинець", 'Quote " <b>Bold</b> & 100 %')


def _guests(number: int) -> list[Guest]:
    return [
        Guest(name=f"{NAMES[n % 3]} {n}", email=f"reader{n}@example.org", answer=Answer.SIGNED, wants_news=True)
        for n in range(number)
    ]


@contextmanager
def _statements(app: Flask) -> Iterator[list[str]]:
    seen: list[str] = []
    engine = parts_of(app).database.engine

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def _many(session: Session, references: list[References]) -> list[Any]:
    assert UPDATE.render_many is not None
    return list(UPDATE.render_many(session, references))


def _one(session: Session, references: References) -> Any:
    try:
        return UPDATE.render(session, references)
    except MailNotWanted as unwanted:
        return unwanted


def _meaning(mail: Filled | RenderedMail) -> tuple[dict[str, str], list[str]]:
    source = (
        mail.skeleton.fill(mail, MESSAGE_ID, format_datetime(DATE))
        if isinstance(mail, Filled)
        else compose(mail, Sender("Undersigned", "appeals@example.org"), MESSAGE_ID, DATE)
    )
    read = email.message_from_bytes(source, policy=email.policy.default)
    headers = {name: str(value).strip() for name, value in read.items() if name != "Content-Type"}
    return headers, [part.get_content() for part in read.iter_parts()]


def _published(database: Database, scene: Scene, **columns: Any) -> str:
    with database.writing() as session:
        return make_update(session, scene.campaign_id, published=True, **columns).public_id


def _references(scene: Scene, *updates: str) -> list[References]:
    return [{"update": each, "signature": signature} for each in updates for signature in scene.signatures.values()]


@pytest.mark.parametrize("language", ["en", "fa"])
def test_filled_mails_say_what_rendered_ones_say(app: Flask, database: Database, language: str) -> None:
    with app.app_context():
        scene = set_scene(database, _guests(3))
        body = "The court said **stop**.\n\n. A dot, <script>and</script> 100 % more = less.\n\nFrom the start.\n"
        update = _published(database, scene, body=body, source_name="The <Court>", language=language)
        with database.reading() as session:
            mails = _many(session, _references(scene, update))
            assert all(isinstance(mail, Filled) for mail in mails)
            assert len({id(mail.skeleton) for mail in mails}) == 1
            for mail, references in zip(mails, _references(scene, update), strict=True):
                assert _meaning(mail) == _meaning(_one(session, references))


def test_the_same_are_not_wanted_as_one_by_one(app: Flask, database: Database) -> None:
    with app.app_context():
        scene = set_scene(database, _guests(3))
        wanted, stopped, withdrawn = scene.signatures.values()
        update = _published(database, scene)
        with database.writing() as session:
            stop_news(session, stopped)
            withdraw(session, withdrawn)
            draft = make_update(session, scene.campaign_id).public_id
        everybody = [*_references(scene, update, draft, "a" * 20), {"update": update, "signature": "a" * 20}]
        with database.reading() as session:
            mails = _many(session, everybody)
            single = [_one(session, references) for references in everybody]
        is_unwanted = [isinstance(mail, MailNotWanted) for mail in mails]
        assert is_unwanted == [isinstance(mail, MailNotWanted) for mail in single]
        assert is_unwanted == [references != {"update": update, "signature": wanted} for references in everybody]


def test_twice_as_many_take_no_more_statements(app: Flask, database: Database) -> None:
    with app.app_context():
        scene = set_scene(database, _guests(50))
        references = _references(scene, _published(database, scene))
        counts = []
        for number in (25, 50):
            with database.reading() as session, _statements(app) as seen:
                assert all(isinstance(mail, Filled) for mail in _many(session, references[:number]))
            counts.append(len(seen))
        assert counts[0] == counts[1] <= 6


def test_a_correction_makes_another_mail(app: Flask, database: Database) -> None:
    with app.app_context():
        scene = set_scene(database, _guests(1))
        references = _references(scene, _published(database, scene))
        with database.reading() as session:
            (before,) = _many(session, references)
            (again,) = _many(session, references)
        with database.writing() as session:
            session.query(Update).update({"body": "Corrected."})
        with database.reading() as session:
            (after,) = _many(session, references)
        assert again.skeleton is before.skeleton
        assert "Corrected." in _meaning(after)[1][0]
