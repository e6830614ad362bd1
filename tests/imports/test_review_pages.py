"""The questions of a review: what is joined is listed first, evidence is shown, and each row is counted once."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.imports.review_forms import sums, ticked
from tests.imports.test_pages import Importer, figures


@pytest.fixture
def desk(app: Flask, client: FlaskClient) -> Importer:
    return Importer(app, client)


COLUMNS = {"columns-0": "name", "columns-1": "affiliation", "columns-2": "ignore"}
CITIES = (
    "name;affiliation;city\nAnn May;Poet;Graz\nAnn May;Poet;Wien\nBo Li;Judge;Graz\nBo Li;Judge;Graz\nCy Ek;Clerk;\n"
)


def test_thirty_people_of_one_family_name_raise_no_question(desk: Importer) -> None:
    people = "".join(f"Person{number} Clean;p{number}@lantern.example.org\n" for number in range(30))
    url = desk.mapped(f"Name;Email\n{people}", **{"columns-0": "name", "columns-1": "email"})
    assert figures(desk.shown(f"{url}/review")) == ["30 to be added"]


def test_nobody_who_is_not_named_is_joined_or_asked_about(desk: Importer) -> None:
    url = desk.mapped(
        "name;affiliation;place\nAnonymous;teacher;school A\nAnonymous;nurse;clinic B\n"
        "Anna;teacher;school A\nAnna;nurse;B\n"
        "N. N.;;\nN. N.;;\na member of the staff;teacher;\nA member of the staff;teacher;\n",
        **COLUMNS,
    )
    assert figures(desk.shown(f"{url}/review")) == ["8 to be added"]


def test_a_column_that_is_left_out_tells_two_apart_and_stands_on_the_card(desk: Importer) -> None:
    url = desk.mapped(CITIES, **COLUMNS)
    exact = desk.shown(f"{url}/review?part=exact")
    assert ticked(exact) == {"row-5": "row:4"}
    likely = desk.shown(f"{url}/review?part=likely")
    assert "<bdi>city (C)</bdi>: <bdi>Wien</bdi>" in likely
    assert "differs: <bdi>city (C): Graz</bdi>" in likely
    assert "agrees: <bdi>Public line</bdi>" in likely


def test_only_what_is_listed_and_ticked_is_joined(desk: Importer) -> None:
    url = desk.mapped(CITIES, **COLUMNS)
    desk.client.post(f"{url}/answers", data={"part": "exact", "accept_exact": "1"})
    assert ticked(desk.shown(f"{url}/review?part=exact")) == {"row-5": "row:4"}
    desk.client.post(f"{url}/answers", data=ticked(desk.shown(f"{url}/review?part=exact")))
    assert figures(desk.shown(f"{url}/review")) == [
        "3 to be added", "1 already there or repeated", "1 waiting for you",
    ]  # fmt: skip


@pytest.mark.parametrize(("button", "after"), [("same", "2 to be changed"), ("different", "2 to be added")])
def test_namesakes_without_more_are_settled_together(desk: Importer, button: str, after: str) -> None:
    for name in ("Ann May", "Bo Li"):
        desk.add(name=name, country="NZ", email="")
    url = desk.mapped(
        "name;email\nAnn May;ann@example.org\nBo Li;bo@example.org\n", **{"columns-0": "name", "columns-1": "email"}
    )
    assert ticked(desk.shown(f"{url}/review?part=exact")) == {}
    page = desk.shown(f"{url}/review?part=namesakes")
    assert "All 2 on this page are the same" in page
    pairs = dict(re.findall(r'name="(pair-\d+)" value="([^"]+)"', page))
    desk.client.post(f"{url}/answers", data=pairs | {"all": button})
    assert after in figures(desk.shown(f"{url}/review"))


def test_a_group_of_alike_rows_is_settled_as_all_different_at_once(desk: Importer) -> None:
    people = "".join(f"Wei Wang;Line {number};\n" for number in range(30))
    url = desk.mapped(f"name;affiliation;city\nAnn May;Poet;\n{people}", **COLUMNS)
    page = desk.shown(f"{url}/review?part=likely")
    assert page.count("<fieldset") == 20
    alike = re.findall(r'name="alike" value="([^"]+)"', page)
    assert len(alike) == 1
    assert "All 29 are different" in page
    desk.client.post(f"{url}/answers", data={"part": "likely", "alike": alike[0]})
    assert figures(desk.shown(f"{url}/review")) == ["31 to be added"]


def test_what_is_left_open_on_a_page_is_settled_at_once_and_no_more(desk: Importer) -> None:
    people = "".join(f"Wei Wang;Line {number};\n" for number in range(25))
    url = desk.mapped(f"name;affiliation;city\n{people}", **COLUMNS)
    page = desk.shown(f"{url}/review?part=likely")
    shown = dict(re.findall(r'name="(pair-\d+)" value="(.*?)"', page))
    first = next(iter(shown)).replace("pair", "row")
    desk.client.post(f"{url}/answers", data=shown | {"rest": "1", first: "row:2"})
    assert figures(desk.shown(f"{url}/review")) == [
        "20 to be added",
        "1 already there or repeated",
        "4 waiting for you",
    ]


def test_every_row_of_the_file_is_counted_once_before_and_after(desk: Importer) -> None:
    desk.add(name="Dan Ost", affiliation="Clerk", email="dan@example.org")
    url = desk.mapped(
        CITIES.replace("city", "e-mail").replace(";Graz", ";").replace(";Wien", ";nonsense@")
        + "Dan Ost;Clerk;dan@example.org\n",
        **COLUMNS | {"columns-2": "email"},
    )
    desk.client.post(f"{url}/answers", data=ticked(desk.shown(f"{url}/review?part=exact")))
    before = sums(desk.shown(f"{url}/review"))
    assert before[0] == sum(before[1:]) == 6
    desk.client.post(f"{url}/apply", data={"leave_out": "1"})
    after = figures(desk.shown(url))
    assert [int(figure.split()[0]) for figure in after] == before[1:]
    assert "The file had 6 rows" in desk.shown(url)


def test_two_who_mend_one_row_do_not_write_over_each_other(desk: Importer) -> None:
    url = desk.mapped("name;affiliation;x\n#REF!;Poet;\n", **COLUMNS)
    mine = {"was-2-name": "", "mend-2-name": "Eve Roe", "part": "problems"}
    assert desk.client.post(f"{url}/edits", data=mine).status_code == 303
    theirs = desk.client.post(f"{url}/edits", data=mine | {"mend-2-name": "Eva Rowe"})
    assert theirs.status_code == 409
    assert "“Eve Roe”" in theirs.text
    assert "Eva Rowe" in theirs.text
    assert desk.client.post(f"{url}/edits", data=mine).status_code == 303  # the same once more, from an old window
    again = {"was-2-name": "Eve Roe", "mend-2-name": "Eva Rowe"}
    assert desk.client.post(f"{url}/edits", data=again).status_code == 303
    assert "Eva Rowe" in desk.shown(f"{url}/review?part=all")
