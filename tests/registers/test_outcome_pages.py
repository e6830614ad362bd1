"""Rows of a list of offices that can't be imported: mended in place, or handed back as they came until decided."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.base import clock
from app.base.database import Database
from app.imports.states import KEPT_DAYS
from app.institutions.models import Institution
from app.institutions.queries import recipients_of
from app.registers.jobs import forget_old_registers
from app.registers.models import Register
from tests.registers.scene import COLUMNS, LIST, START, mapped, paste

REFUSED = "fr,Bo,LI,no address,Liberals,,,,m"


def people(database: Database) -> dict[str, str]:
    with database.reading() as session:
        found = session.scalars(select(Institution)).one()
        return {contact.email: contact.person for contact in recipients_of(session, found)}


def test_a_row_is_mended_in_place_and_taken_back(desk: FlaskClient, database: Database) -> None:
    url = mapped(desk)
    page = desk.get(f"{url}/review").text
    assert 'name="mend-4-email" value="no address"' in page
    assert 'name="mend-5-country" value="Atlantis"' in page
    typed = {"was-4-email": "no address", "mend-4-email": "bo@parliament.example.org", "part": "problems"}
    answer = desk.post(f"{url}/edits", data=typed | {"was-5-country": "Atlantis", "mend-5-country": "Greece"})
    assert answer.status_code == 303
    page = desk.get(answer.location).text
    assert "Import 4 recipients" in page
    assert "“Atlantis”" not in page
    desk.post(f"{url}/edits", data={"take_back": "5"})
    assert "“Atlantis” is no country we know. It is kept in the notes." in desk.get(f"{url}/review").text
    desk.post(f"{url}/apply")
    assert people(database)["bo@parliament.example.org"] == "Bo LI"
    assert "left-out.csv" not in desk.get(url).text


def test_a_mended_name_stands_for_its_halves(desk: FlaskClient, database: Database) -> None:
    text = LIST.replace("fr,Bo,LI,no address", "fr,Bo\u202e,LI,bo@parliament.example.org")
    url = mapped(desk, text)
    page = desk.get(f"{url}/review").text
    assert 'name="mend-4-name" value="Bo LI"' in page
    desk.post(f"{url}/edits", data={"was-4-name": "Bo LI", "mend-4-name": "Bo Lindqvist"})
    desk.post(f"{url}/apply")
    assert people(database)["bo@parliament.example.org"] == "Bo Lindqvist"


def test_nothing_is_said_to_be_kept_of_a_row_that_is_left_out(desk: FlaskClient) -> None:
    text = LIST.replace(REFUSED, REFUSED.replace("fr,", "Atlantis,", 1).replace(",,,,m", ",0032,,,m"))
    page = desk.get(f"{mapped(desk, text)}/review").text
    (row,) = re.findall(r'<tr role="row" id="row-4">.*?</tr>', page, re.DOTALL)
    assert "“Atlantis” is no country we know." in row
    assert "kept in the notes" not in row
    assert "0032" not in row


def test_rows_left_out_are_handed_back_before_and_after(desk: FlaskClient, database: Database, app: Flask) -> None:
    url = mapped(desk)
    before = desk.get(f"{url}/left-out.csv").data.decode("utf-8-sig").splitlines()
    assert before == [LIST.splitlines()[0], REFUSED]
    desk.post(f"{url}/apply")
    page = desk.get(url).text
    assert "“no address” is no e-mail address." in page
    assert "The file had 5 rows" in page
    assert desk.get(f"{url}/left-out.csv").data.decode("utf-8-sig").splitlines() == before
    with database.reading() as session:
        row = session.scalars(select(Register)).one()
        assert row.left_out_sealed is not None
        assert row.name_sealed is not None
        assert b"no address" not in row.left_out_sealed
    clock.advance(days=KEPT_DAYS, seconds=1)
    forget_old_registers(app)
    with database.reading() as session:
        row = session.scalars(select(Register)).one()
        assert (row.left_out_sealed, row.name_sealed) == (None, None)


def test_rows_left_out_can_be_deleted(desk: FlaskClient) -> None:
    url = mapped(desk)
    desk.post(f"{url}/apply")
    assert desk.post(f"{url}/left-out/delete").status_code == 303
    assert "The rows themselves are deleted." in desk.get(url).text
    assert len(desk.get(f"{url}/left-out.csv").data.decode("utf-8-sig").splitlines()) < 2


def test_lists_are_told_apart_by_name_and_time(desk: FlaskClient) -> None:
    paste(desk)
    page = desk.get(START).text
    assert "Pasted rows" in page
    assert "Columns to be named" in page


def test_headings_alone_are_refused(desk: FlaskClient) -> None:
    answer = desk.post(START, data={"pasted": "name\temail\n"})
    assert answer.status_code == 422
    assert "no row stands below it" in answer.text


def test_a_list_that_leaves_rows_out_does_not_say_that_nothing_would_change(desk: FlaskClient) -> None:
    url = mapped(desk, "\n".join([LIST.splitlines()[0], REFUSED.replace("LI", "Li")]) + "\n")
    page = desk.get(f"{url}/review").text
    assert "Finish, and leave 1 row out" in page
    assert "0 rows)" not in page
    assert "How the letters begin" not in page


def test_a_row_whose_cells_have_shifted_waits_for_somebody(desk: FlaskClient) -> None:
    url = mapped(desk, LIST + "fr,Cy,FOX,Jr,cy@parliament.example.org,,,,,f\n", {**COLUMNS, "columns-9": "notes"})
    page = desk.get(f"{url}/review").text
    assert "Perhaps a name holds the delimiter" in page
    assert "Import 3 recipients" in page
