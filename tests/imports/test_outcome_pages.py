"""What came of an import, page by page and without scripts: progress, rows that were left out, and the way back."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.base.parts import parts_of
from app.imports.jobs import work_on_lists
from tests.imports.test_pages import COLUMNS, LIST, Importer, figures


@pytest.fixture
def desk(app: Flask, client: FlaskClient) -> Importer:
    return Importer(app, client)


def work(desk: Importer) -> None:
    with desk.app.app_context():
        work_on_lists(desk.app)


def test_left_out_rows_can_be_downloaded_after_the_import_until_they_are_deleted(desk: Importer) -> None:
    url = desk.mapped(LIST)
    desk.client.post(f"{url}/apply", data={"leave_out": "1"})
    result = desk.shown(url)
    assert figures(result) == [
        "5 added", "0 changed", "0 already there or repeated", "2 left out, without an answer",
        "0 could not be imported",
    ]  # fmt: skip
    assert "2 rows: It was not decided whether they are somebody who is already there." in result
    assert "May be somebody who is already there" in result
    rows = desk.client.get(f"{url}/left-out.csv").data.decode().splitlines()
    assert rows[0] == "\ufeffname,country,affiliation"
    assert rows[1:] == [
        'Ann May,New Zealand,"Poet, University of X & Y"', 'Wei Wang,Switzerland,"PhD student, ETH"',
    ]  # fmt: skip
    desk.client.post(f"{url}/left-out/delete")
    result = desk.shown(url)
    assert "The rows themselves are deleted" in result
    assert "Wei Wang" not in result
    assert desk.client.get(f"{url}/left-out.csv").data.decode().splitlines()[1:] == []


def test_an_undo_is_confirmed_on_a_page_that_says_what_it_does(desk: Importer) -> None:
    desk.add(name="Ed Roe", email="")
    url = desk.mapped(LIST)
    desk.client.post(f"{url}/apply", data={"leave_out": "1"})
    assert len(desk.names()) == 6
    page = desk.shown(f"{url}/undo")
    assert figures(page) == ["5 will be removed", "0 will be as before", "0 will stay as they are"]
    assert len(desk.names()) == 6, "looking undoes nothing"
    assert desk.client.post(f"{url}/undo").location == url
    assert desk.names() == ["Ed Roe"]
    result = desk.shown(url)
    assert "The import is undone" in result
    assert "Undo this import" not in result
    assert "Download the rows that were left out" in result
    assert desk.client.get(f"{url}/undo").location == url


def test_what_an_undo_cannot_take_back_is_named_before_and_after(desk: Importer) -> None:
    url = desk.mapped(LIST)
    desk.client.post(f"{url}/apply", data={"leave_out": "1"})
    person = desk.client.get(f"{desk.url}?q=Wei").text.split("/signatories/")
    entry = next(part.split('"')[0] for part in person if "Wei Wang" in part.split("</a>")[0])
    edit = f"{desk.url}/{entry}/edit"
    seen = desk.client.get(edit).text.split('name="seen" value="')[1].split('"')[0]
    desk.client.post(edit, data={"seen": seen, "name": "Wei Wang", "kind": "person", "affiliation": "Doctor"})
    page = desk.shown(f"{url}/undo")
    assert "Wei Wang</bdi></a>: The entry was changed since." in page
    desk.client.post(f"{url}/undo")
    assert desk.names() == ["Wei Wang"]
    assert "Wei Wang</bdi></a>: The entry was changed since." in desk.shown(url)


def test_a_long_list_is_worked_on_while_the_page_waits_or_is_left(
    desk: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("review_pages", "outcome_pages"):
        monkeypatch.setattr(f"app.imports.{module}.MOST_AT_ONCE", 3)
    url = desk.paste(LIST)
    desk.client.post(f"{url}/columns", data=COLUMNS)
    assert desk.client.get(f"{url}/review").location == url
    waiting = desk.client.get(url)
    assert waiting.headers["Refresh"] == "4"
    assert "The list is being looked through" in waiting.text
    assert "1 import is not finished" in desk.page()
    work(desk)
    assert desk.client.get(url).location == f"{url}/review"
    assert figures(desk.shown(f"{url}/review")) == ["5 to be added", "2 waiting for you"]
    desk.client.post(f"{url}/answers", data={"text-0": "Unites States of America", "other-0": "US"})
    assert "being looked through" in desk.shown(url)
    work(desk)
    assert figures(desk.shown(f"{url}/review")) == ["5 to be added", "2 waiting for you"]
    assert desk.client.post(f"{url}/apply").status_code == 409
    desk.client.post(f"{url}/apply", data={"leave_out": "1"})
    assert "The list is being imported" in desk.shown(url)
    assert desk.client.post(f"{url}/answers", data={"row-2": "different"}).status_code == 409
    assert desk.client.post(f"{url}/discard").status_code == 409
    work(desk)
    assert figures(desk.shown(url))[0] == "5 added"
    desk.client.post(f"{url}/undo")
    assert "The import is being undone" in desk.shown(url)
    work(desk)
    assert desk.names() == []


def test_work_that_failed_is_tried_again_from_the_page(desk: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.imports.review_pages.MOST_AT_ONCE", 3)

    def fail(*_given: object) -> None:
        raise OSError

    with monkeypatch.context() as broken:
        broken.setattr("app.imports.jobs.dry_run", fail)
        url = desk.mapped(LIST)
        work(desk)
    page = desk.client.get(url)
    assert "It has stopped" in page.text
    assert "Refresh" not in page.headers
    desk.client.post(f"{url}/go-on")
    work(desk)
    assert desk.client.get(url).location == f"{url}/review"


def test_a_directory_that_changed_is_said_and_compared_again(desk: Importer) -> None:
    url = desk.mapped("name;country\nAnn May;NZ\n", **{"columns-0": "name", "columns-1": "country", "has_header": "y"})
    assert "has changed since" not in desk.shown(f"{url}/review")
    desk.add(name="Ed Roe")
    assert "has changed since" in desk.shown(f"{url}/review")
    desk.client.post(f"{url}/compare")
    assert "has changed since" not in desk.shown(f"{url}/review")
    desk.add(name="Ann May", email="")
    refused = desk.client.post(f"{url}/apply")
    assert refused.status_code == 409
    assert figures(refused.text) == ["0 to be added", "1 waiting for you"]
    assert desk.names() == ["Ed Roe", "Ann May"]


def test_pages_of_a_review_open_few_blocks(desk: Importer) -> None:
    people = "\n".join(f"Person {number};NZ" for number in range(1, 1001))
    url = desk.mapped(f"name;country\n{people}\n", **{"columns-0": "name", "columns-1": "country", "has_header": "y"})
    with desk.counted() as statements:
        desk.shown(f"{url}/review?part=all&after=500")
    assert sum("import_blocks" in statement for statement in statements) <= 2
    assert not any("file_sealed" in statement for statement in statements)
    assert parts_of(desk.app).database.is_sqlite
