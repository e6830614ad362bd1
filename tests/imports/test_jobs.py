"""Long lists in the background: killed at any portion they lose nobody, double nobody, and can be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.background.long_works import order_work, work_of
from app.base import clock
from app.base.parts import parts_of
from app.campaigns.models import Campaign, Membership
from app.campaigns.states import Role
from app.directory.queries import count_signatories, every_entry
from app.imports.actions import begin_import, save_columns, start_undo, stop_import
from app.imports.jobs import forget_imports, work_on_lists
from app.imports.keeping import kept_review
from app.imports.models import Import, ImportBlock
from app.imports.queries import import_row, plan_of
from app.imports.review import RowVerdict
from app.imports.states import KEPT_DAYS, ImportState, WorkKind
from tests.background.worker_processes import PATIENCE_SECONDS, begin
from tests.factories.campaigns import make_campaign, make_member
from tests.factories.directory import make_import, make_signatory
from tests.imports.dying import work_and_die

ROWS = 14
NAMES = (
    "Ada Quist", "Ben Okoro", "Cyril Dahl", "Dina Farouk", "Egon Pavlis", "Fumiko Arai", "Greta Lund", "Hugo Vance",
    "Ivo Petrescu", "Jana Brix", "Kofi Mensah", "Lucia Ferri", "Milos Zeman", "Nora Whitby",
)  # fmt: skip
LIST = "name;email\n" + "".join(f"{name};p{n}@example.org\n" for n, name in enumerate(NAMES)) + ";x@example.org\n"


class House:
    """A house with a campaign and a list that somebody is already in."""

    def __init__(self, app: Flask, tmp_path: Path) -> None:
        self.app, self.log, self.database = app, tmp_path / "log", parts_of(app).database
        with app.app_context(), self.database.writing() as session:
            self.campaign: Campaign = make_campaign(session)
            self.actor = make_member(session, self.campaign, Role.COORDINATOR).public_id
            make_signatory(session, self.campaign, name="Cyril Dahl", email="p2@example.org", affiliation="Poet")
            row = make_import(session, self.campaign, LIST)
            save_columns(session, self.campaign, self.actor, row, plan_of(session, row))
            self.upload = row.public_id

    def order(self, kind: WorkKind, *, dies_at: int = 0) -> Import:
        """Order work, let a worker be killed in it, and let another one do it to its end."""
        with self.app.app_context(), self.database.writing() as session:
            order_work(session, kind, self.upload, self.actor, ROWS + 1)
        if dies_at:
            process = begin(self.log, work_and_die, parts_of(self.app).settings, dies_at)
            process.join(PATIENCE_SECONDS)
            assert process.exitcode == -9, self.log.read_text()
        with self.app.app_context():
            work_on_lists(self.app)
        with self.database.reading() as session:
            assert work_of(session, self.upload) is None
        return self.row()

    def row(self) -> Import:
        with self.app.app_context(), self.database.reading() as session:
            return import_row(session, self.campaign.id, self.upload)

    def begin(self) -> None:
        with self.app.app_context(), self.database.writing() as session:
            row = import_row(session, self.campaign.id, self.upload, to_change=True)
            begin_import(session, self.campaign, self.actor, row, leave_out=True)

    def people(self) -> list[str]:
        with self.app.app_context(), self.database.reading() as session:
            return sorted(entry.details.name for entry in every_entry(session, self.campaign.id, "test"))


@pytest.fixture
def house(either_app: Flask, tmp_path: Path) -> House:
    return House(either_app, tmp_path)


def test_a_list_is_looked_through_written_and_taken_back_whoever_is_killed(house: House) -> None:
    before = house.people()
    house.order(WorkKind.LOOK, dies_at=2)
    with house.app.app_context(), house.database.reading() as session:
        kept = kept_review(session, import_row(session, house.campaign.id, house.upload))
        assert kept is not None
        assert {verdict: kept.count(verdict) for verdict in RowVerdict if kept.count(verdict)} == {
            RowVerdict.ADD: ROWS - 1, RowVerdict.ASKED: 1, RowVerdict.REFUSED: 1,
        }  # fmt: skip
    house.begin()
    written = house.order(WorkKind.WRITE, dies_at=3)
    assert written.state is ImportState.APPLIED
    assert (written.added, written.updated, written.unchanged) == (ROWS - 1, 0, 0)
    assert (written.left_out, written.refused) == (1, 1)
    assert house.people() == sorted(NAMES)
    with house.app.app_context(), house.database.writing() as session:
        row = import_row(session, house.campaign.id, house.upload, to_change=True)
        start_undo(session, house.campaign, house.actor, row)
    undone = house.order(WorkKind.TAKE_BACK, dies_at=2)
    assert (undone.state, undone.taken_back) == (ImportState.UNDONE, ROWS - 1)
    assert house.people() == before


def test_a_list_that_is_stopped_half_way_hands_back_the_rest(app: Flask, tmp_path: Path) -> None:
    house = House(app, tmp_path)
    house.order(WorkKind.LOOK)
    house.begin()
    with house.app.app_context(), house.database.writing() as session:
        order_work(session, WorkKind.WRITE, house.upload, house.actor, ROWS + 1)
    process = begin(house.log, work_and_die, parts_of(app).settings, 3)
    process.join(PATIENCE_SECONDS)
    half = house.row()
    assert (half.state, half.done_row) == (ImportState.APPLYING, 9)
    with house.app.app_context(), house.database.writing() as session:
        stop_import(session, import_row(session, house.campaign.id, house.upload, to_change=True))
    row = house.order(WorkKind.WRITE)
    assert row.state is ImportState.APPLIED
    assert row.added + row.updated + row.unchanged + row.left_out + row.refused == ROWS + 1
    assert len(house.people()) == 1 + row.added
    with house.app.app_context(), house.database.writing() as session:
        start_undo(session, house.campaign, house.actor, import_row(session, house.campaign.id, house.upload))
    assert house.order(WorkKind.TAKE_BACK).taken_back == row.added
    assert house.people() == ["Cyril Dahl"]


def test_what_is_kept_of_an_import_is_deleted_when_its_time_is_over(app: Flask, tmp_path: Path) -> None:
    house = House(app, tmp_path)
    house.order(WorkKind.LOOK)
    house.begin()
    finished = house.order(WorkKind.WRITE)

    def kept() -> int | None:
        forget_imports(app)
        with house.database.reading() as session:
            return session.scalar(select(func.count()).select_from(ImportBlock))

    assert finished.finished_at is not None
    assert kept()
    clock.freeze(finished.finished_at.replace(year=finished.finished_at.year + 1))
    assert kept() == 0
    with house.app.app_context(), house.database.reading() as session:
        assert count_signatories(session, house.campaign.id) == ROWS
    assert KEPT_DAYS < 365


def test_a_list_stops_where_its_organiser_loses_their_role_and_another_goes_on(app: Flask, tmp_path: Path) -> None:
    house = House(app, tmp_path)
    house.order(WorkKind.LOOK)
    house.begin()
    with app.app_context(), house.database.writing() as session:
        order_work(session, WorkKind.WRITE, house.upload, house.actor, ROWS + 1)
        session.execute(update(Membership).values(role=Role.VIEWER))
        colleague = make_member(session, house.campaign, Role.COORDINATOR).public_id
    before = house.people()
    with app.app_context():
        work_on_lists(app)
    assert house.people() == before
    assert house.row().state is ImportState.APPLYING
    house.actor = colleague
    house.order(WorkKind.WRITE)
    assert house.row().state is ImportState.APPLIED
    assert len(house.people()) > len(before)
