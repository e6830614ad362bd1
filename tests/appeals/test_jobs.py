"""Appeals are assembled by a worker: once, wholly or not at all, and the page says how far that is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import Organiser
from app.appeals import jobs
from app.appeals.actions import rewrite_letter
from app.appeals.dossier import prepare_dossier
from app.appeals.emails import Cover
from app.appeals.jobs import work_on_appeals
from app.appeals.models import Appeal, AppealDocument, AppealLetter
from app.appeals.queries import latest_appeal, letters_of
from app.appeals.seconds import hurdle
from app.background.long_works import WORKER_SILENT_AFTER, work_of
from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.signatures.actions import withdraw
from tests.appeals.dying import assemble_and_die
from tests.appeals.test_pages import Stage
from tests.background.worker_processes import PATIENCE_SECONDS, begin
from tests.factories.appeals import make_scene


@pytest.fixture
def stage(app: Flask, database: Database) -> Stage:
    with app.app_context(), database.writing() as session:
        scene = make_scene(session)
    return Stage(app, scene)


def work(stage: Stage) -> None:
    with stage.app.app_context():
        work_on_appeals(stage.app)


def appeals(stage: Stage) -> int:
    database: Database = parts_of(stage.app).database
    with database.reading() as session:
        assert (session.scalar(select(func.count()).select_from(Appeal)) == 0) == (
            session.scalar(select(func.count()).select_from(AppealDocument)) == 0
        )
        assert session.scalar(select(func.count()).select_from(AppealLetter)) == session.scalar(
            select(func.count()).select_from(Appeal)
        )
        return session.scalar(select(func.count()).select_from(Appeal)) or 0


def test_two_organisers_and_a_double_click_make_one_appeal(stage: Stage, database: Database) -> None:
    coordinator, owner = stage.as_(stage.scene.coordinator), stage.as_(stage.scene.owner)
    for client in (coordinator, coordinator, owner):
        assert client.post(stage.dossier_url, data={"seen": "0"}).status_code == 303
    work(stage)
    assert coordinator.post(stage.dossier_url, data={"seen": "0"}).status_code == 303, "a click that came late"
    work(stage)
    assert appeals(stage) == 1
    with database.reading() as session:
        found = latest_appeal(session, stage.scene.statement.id)
        assert found is not None
        assert found.assembled_by == stage.scene.coordinator.public_id, "whoever ordered it first has made it (law 6)"


def test_page_tells_how_far_it_is_and_looks_again_without_a_script(stage: Stage) -> None:
    client = stage.as_(stage.scene.coordinator)
    clock.freeze(clock.now())
    client.post(stage.dossier_url)
    page = client.get(stage.dossier_url)
    assert page.headers["Refresh"] == "1"
    assert "The appeal is being assembled" in page.text
    assert "It begins in a moment" in page.text
    assert "No worker is running" not in page.text
    clock.advance(seconds=WORKER_SILENT_AFTER.total_seconds() + 1)
    assert "No worker is running" in stage.as_(stage.scene.approver).get(stage.dossier_url).text
    work(stage)
    page = client.get(stage.dossier_url)
    assert "Refresh" not in page.headers
    assert "Waiting for a second person" in page.text


def test_a_worker_killed_before_the_commit_leaves_no_half_appeal(stage: Stage, tmp_path: Path) -> None:
    stage.as_(stage.scene.coordinator).post(stage.dossier_url)
    process = begin(tmp_path / "log", assemble_and_die, parts_of(stage.app).settings)
    process.join(PATIENCE_SECONDS)
    assert process.exitcode == -9, (tmp_path / "log").read_text()
    assert appeals(stage) == 0
    work(stage)
    assert appeals(stage) == 1
    work(stage)
    assert appeals(stage) == 1


def test_two_workers_at_once_make_one_appeal(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.as_(stage.scene.coordinator).post(stage.dossier_url)
    rounds: list[int] = []

    def prepare(*given: Any) -> Any:
        prepared = prepare_dossier(*given)
        if not rounds:
            rounds.append(1)
            work(stage)  # whose lease had run out: it comes first
        return prepared

    monkeypatch.setattr(jobs, "prepare_dossier", prepare)
    work(stage)
    assert appeals(stage) == 1


def test_an_order_that_was_stopped_makes_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    client = stage.as_(stage.scene.coordinator)
    client.post(stage.dossier_url)

    def prepare(*given: Any) -> Any:
        assert client.post(f"{stage.dossier_url}/stop").status_code == 303
        return prepare_dossier(*given)

    monkeypatch.setattr(jobs, "prepare_dossier", prepare)
    work(stage)
    assert appeals(stage) == 0
    page = client.get(stage.dossier_url).text
    assert "Stopped. Nothing was changed." in page
    assert "Assemble the appeal" in page
    assert stage.as_(stage.scene.approver).post(f"{stage.dossier_url}/stop").status_code == 403


def test_what_stands_in_the_way_is_said_at_once_or_on_the_page(stage: Stage, app: Flask, database: Database) -> None:
    client = stage.as_(stage.scene.coordinator)
    client.post(stage.dossier_url)
    with app.app_context(), database.writing() as session:
        for signature in stage.scene.signatures.values():
            withdraw(session, signature.public_id)
    work(stage)
    page = client.get(stage.dossier_url)
    assert "It has stopped" in page.text
    assert "Nobody has signed this statement" in page.text
    assert "Refresh" not in page.headers
    again = client.post(stage.dossier_url)
    assert again.status_code == 422
    assert "Nobody has signed this statement" in again.text
    client.post(f"{stage.dossier_url}/stop")
    with database.reading() as session:
        assert work_of(session, stage.scene.statement.public_id) is None
    assert appeals(stage) == 0


def test_failing_work_is_left_alone_until_somebody_tries_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    client = stage.as_(stage.scene.coordinator)
    client.post(stage.dossier_url)

    def fail(*_given: object) -> None:
        raise OSError

    with monkeypatch.context() as broken:
        broken.setattr(jobs, "assemble", fail)
        work(stage)
    assert "Something went wrong on our side" in client.get(stage.dossier_url).text
    assert appeals(stage) == 0
    client.post(stage.dossier_url, data={"seen": "0"})
    work(stage)
    assert appeals(stage) == 1


def _break_down(stage: Stage) -> None:
    """Let what was ordered fail until it is left alone."""

    def fail(*_given: object) -> None:
        raise OSError

    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(jobs, "assemble", fail)
        work(stage)


def _reword(stage: Stage, organiser: Organiser) -> None:
    database: Database = parts_of(stage.app).database
    with stage.app.app_context(), database.writing() as session:
        appeal = stage.appeal(session)
        (letter,) = letters_of(session, appeal.id, "test")
        cover = Cover("Words of one alone", "Pay to this account.")
        rewrite_letter(session, organiser.public_id, appeal.public_id, letter.public_id, cover, letter.sha256)


def test_whoever_tries_again_what_failed_has_made_it(stage: Stage, database: Database) -> None:
    """Else an owner lets a colleague's broken order bear what they made of it since, and approves it themselves."""
    stage.as_(stage.scene.coordinator).post(stage.dossier_url, data={"seen": "0"})
    _break_down(stage)
    stage.as_(stage.scene.owner).post(stage.dossier_url, data={"seen": "0"})
    work(stage)
    with database.reading() as session:
        assert stage.appeal(session).assembled_by == stage.scene.owner.public_id


def test_an_order_makes_only_what_whoever_ordered_it_had_before_them(stage: Stage, database: Database) -> None:
    coordinator, owner = stage.scene.coordinator, stage.scene.owner
    stage.assemble(stage.as_(coordinator))
    stage.as_(coordinator).post(stage.dossier_url, data={"seen": "1"})
    _reword(stage, owner)
    work(stage)
    assert appeals(stage) == 1
    assert "changed after this was ordered" in stage.as_(coordinator).get(stage.dossier_url).text
    stage.as_(owner).post(stage.dossier_url, data={"seen": "1"})
    work(stage)
    with database.reading() as session:
        found = stage.appeal(session)
        assert (found.number, found.assembled_by) == (2, owner.public_id)
        assert hurdle(session, found, owner.public_id) is not None


def test_a_stop_that_came_too_late_does_not_say_that_nothing_was_changed(stage: Stage) -> None:
    client = stage.as_(stage.scene.coordinator)
    client.post(stage.dossier_url)
    work(stage)
    client.post(f"{stage.dossier_url}/stop")
    page = client.get(stage.dossier_url).text
    assert "Nothing was changed" not in page
    assert "There was nothing to stop any more" in page
