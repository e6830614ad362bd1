"""Lists that people take with them: short ones at once, long ones from a worker, theirs alone and for a day."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from app.accounts.models import Organiser
from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.campaigns.models import Membership
from app.campaigns.states import Role
from app.exports import jobs
from app.exports.actions import keep_block
from app.exports.jobs import forget_old_exports, work_on_exports
from app.exports.models import Export, ExportBlock
from app.exports.states import KEPT
from tests.dashboards.conftest import EVERYBODY
from tests.dashboards.scene import Scene, set_scene


class Desk:
    """A statement with more people than a page hands out at once, and somebody who wants the list."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.database: Database = parts_of(app).database
        with app.app_context():
            self.scene: Scene = set_scene(self.database, EVERYBODY)
        self.address = f"/desk/statements/{self.scene.statement}/people.csv"

    def as_(self, role: str) -> FlaskClient:
        return self.scene.enter_as(self.app.test_client(), role)

    def order(self, client: FlaskClient, arguments: str = "") -> str:
        answer = client.post(self.address + arguments)
        assert answer.status_code == 303
        return answer.location

    def work(self) -> None:
        with self.app.app_context():
            work_on_exports(self.app)

    def forget(self) -> None:
        with self.app.app_context():
            forget_old_exports(self.app)

    def number(self, table: type[Any] = Export) -> int:
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def desk(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Desk:
    found = Desk(app)
    found.at_once = found.as_("owner").get(found.address).data  # type: ignore[attr-defined]
    monkeypatch.setattr("app.exports.answering.MOST_AT_ONCE", 2)
    monkeypatch.setattr(jobs, "_PIECES_IN_A_BLOCK", 1)
    monkeypatch.setattr("app.base.sheets.ROWS_PER_CHUNK", 3)
    monkeypatch.setattr(jobs, "ROWS_PER_CHUNK", 3)
    return found


def test_a_long_list_is_ordered_made_and_handed_out_as_a_short_one_is(desk: Desk) -> None:
    client = desk.as_("owner")
    page = client.get(desk.address)
    assert page.mimetype == "text/html"
    assert "Make the file" in page.text
    assert desk.number() == 0, "looking orders nothing"
    url = desk.order(client)
    waiting = client.get(url)
    assert "The file is being made" in waiting.text
    assert waiting.headers["Refresh"] == "1"
    desk.work()
    assert "The file is ready" in client.get(url).text
    assert desk.number(ExportBlock) > 1
    file = client.get(f"{url}/file")
    assert file.data == desk.at_once  # type: ignore[attr-defined]
    assert file.headers["Content-Disposition"].startswith("attachment; filename=people-")
    assert client.post(f"{url}/drop").status_code == 303
    assert (desk.number(), desk.number(ExportBlock)) == (0, 0)
    assert client.get(url).status_code == 404


def test_a_second_click_finds_the_first_and_a_later_order_is_made_anew(desk: Desk) -> None:
    client = desk.as_("owner")
    url = desk.order(client)
    assert desk.order(client) == url
    assert url in client.get(desk.address).text
    other = desk.order(client, "?standing=declined")
    assert other != url
    desk.work()
    assert b"Declining words canary" in client.get(f"{other}/file").data
    assert client.get(f"{other}/file").data.count(b"\r\n") == 2
    page = client.get(desk.address).text
    assert url in page
    assert "Make it anew" in page
    assert desk.order(client) != url, "people have answered since"
    assert client.get(url).status_code == 404
    assert desk.number() == 2


@pytest.mark.parametrize("somebody", ["coordinator", "viewer", "outsider"])
def test_a_file_is_its_orderers_alone(desk: Desk, somebody: str) -> None:
    url = desk.order(desk.as_("owner"))
    desk.work()
    client = desk.as_(somebody)
    for path in (url, f"{url}/file"):
        assert client.get(path).status_code == 404
    assert client.post(f"{url}/drop").status_code == 404
    assert desk.number() == 1


def test_a_file_goes_when_its_day_is_over(desk: Desk) -> None:
    clock.freeze(clock.now())
    desk.order(desk.as_("owner"))
    desk.work()
    clock.advance(seconds=KEPT.total_seconds() - 60)
    desk.forget()
    assert desk.number() == 1
    clock.advance(seconds=120)
    desk.forget()
    assert (desk.number(), desk.number(ExportBlock)) == (0, 0)


def test_a_file_is_gone_at_once_with_the_role_in_which_it_was_ordered(desk: Desk) -> None:
    client = desk.as_("coordinator")
    url = desk.order(client)
    desk.work()
    organiser = desk.scene.organisers["coordinator"]
    with desk.database.writing() as session:
        row = session.scalars(select(Export)).one()
        assert row.owner == organiser
        session.execute(update(Membership).where(Membership.role == Role.COORDINATOR).values(role=Role.OWNER))
    assert client.get(f"{url}/file").status_code == 404
    desk.forget()
    assert desk.number() == 0


def test_nobody_who_had_another_role_for_a_while_has_a_file_of_what_it_sees(desk: Desk) -> None:
    """A viewer orders, is an owner while the worker makes the file, and then a viewer again."""
    desk.address = desk.address.replace("people.csv", "signatories.csv")
    client, viewer = desk.as_("viewer"), desk.scene.organisers["viewer"]
    url = desk.order(client)
    _give_role(desk, viewer, Role.OWNER)
    desk.work()
    _give_role(desk, viewer, Role.VIEWER)
    file = client.get(f"{url}/file")
    assert b"Countessa" not in file.data
    assert (file.status_code, desk.number(ExportBlock)) == (303, 0)


def _give_role(desk: Desk, organiser: str, role: Role) -> None:
    own = select(Organiser.id).where(Organiser.public_id == organiser).scalar_subquery()
    with desk.database.writing() as session:
        session.execute(update(Membership).where(Membership.organiser_id == own).values(role=role))


def test_nothing_of_a_file_can_be_read_or_measured_in_the_database(desk: Desk) -> None:
    client = desk.as_("owner")
    sizes = set()
    for arguments in ("?standing=declined", "?standing=no_answer", "?q=Declina", ""):
        desk.order(client, arguments)
        desk.work()
    with desk.database.reading() as session:
        for block in session.scalars(select(ExportBlock)):
            assert b"canary" not in block.content_sealed.lower()
            sizes.add(len(block.content_sealed))
        rows = session.scalars(select(Export)).all()
        assert len({(row.expected, len(row.asked_sealed)) for row in rows}) == 1
        assert all(b"declin" not in row.asked_sealed.lower() for row in rows)
        blocks = select(ExportBlock.export_id, func.count()).group_by(ExportBlock.export_id)
        assert {number for _export, number in session.execute(blocks)} == {len(EVERYBODY) // 3 + 1}
    assert len(sizes) == 1


def test_an_export_that_is_begun_again_is_whole_and_no_piece_of_another_gets_into_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = desk.as_("owner")
    url = desk.order(client)
    kept: list[object] = []

    def keep_and_be_overtaken(*given: Any) -> None:
        keep_block(*given)
        kept.append(given)
        if len(kept) == 2:  # another worker takes it over in the middle
            monkeypatch.setattr(jobs, "keep_block", keep_block)
            given[0].commit()
            desk.work()

    monkeypatch.setattr(jobs, "keep_block", keep_and_be_overtaken)
    desk.work()
    assert client.get(f"{url}/file").data == desk.at_once  # type: ignore[attr-defined]
