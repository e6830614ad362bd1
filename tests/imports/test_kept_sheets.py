"""A list is read once: what was read is kept sealed until the import ends."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.base.sealing import open_bytes
from app.imports.kept_sheets import kept_sheet
from app.imports.lists import read_list
from app.imports.models import Import, ImportBlock
from app.imports.queries import file_place, plan_of
from app.imports.states import BlockKind
from tests.imports.test_pages import COLUMNS, LIST, Importer


def without_marks(page: str) -> str:
    return re.sub(r'name="(?:csrf_token|typed_by)" value="[^"]*"', "", page)


def test_a_list_is_read_once_and_kept_sealed_until_its_end(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Importer(app, client)
    url = desk.paste(LIST)
    shown = desk.shown(f"{url}/columns")
    with desk.database.reading() as session:
        row = session.scalars(select(Import)).one()
        blocks = session.scalars(select(ImportBlock).where(ImportBlock.kind == BlockKind.SHEET)).all()
        assert len(blocks) == 2
        assert not any(b"Ann May" in block.items_sealed for block in blocks)
        plan = plan_of(session, row)
        content = open_bytes(session, file_place(row.public_id), row.file_sealed or b"", "test")
        assert kept_sheet(session, row, plan.look) == read_list(content)
    monkeypatch.setattr("app.imports.queries.read_list", lambda *_: pytest.fail("The file is read again."))
    assert without_marks(desk.shown(f"{url}/columns")) == without_marks(shown)
    desk.client.post(f"{url}/columns", data=COLUMNS)
    desk.client.post(f"{url}/apply", data={"leave_out": "1"})
    with desk.database.reading() as session:
        assert BlockKind.SHEET not in set(session.scalars(select(ImportBlock.kind)))
    other = desk.paste(LIST)
    monkeypatch.undo()
    desk.client.post(f"{other}/look", data={"heading_row": "0", "delimiter": ";", "encoding": "utf-8"})
    assert "8 rows were read" in desk.shown(f"{other}/columns")
    desk.client.post(f"{other}/discard")
    with desk.database.reading() as session:
        assert BlockKind.SHEET not in set(session.scalars(select(ImportBlock.kind)))
