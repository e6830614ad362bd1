"""The import as a coordinator walks it, page by page and without scripts."""

from __future__ import annotations

import io
import re
from urllib.parse import quote_from_bytes

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.campaigns.states import Role
from app.imports.queries import list_imports
from app.sheets.reading import MOST_BYTES
from tests.directory.test_pages import Desk
from tests.factories.accounts import sign_in
from tests.factories.campaigns import make_member
from tests.imports.review_forms import sums, ticked

LIST = (
    "name;country;affiliation\n"
    "Ann May;New Zealand;Poet, University of X & Y\n"
    "René Łuk;Switzerland, Italy;Professor\n"
    "Bo Li;Unites States of America;Judge\n"
    "Олена Коваль;Україна;Юристка\n"
    "Ann May;New Zealand;Poet, University of X & Y\n"
    "Wei Wang;China;PhD student\n"
    "Wei Wang;Switzerland;PhD student, ETH"
)
COLUMNS = {"columns-0": "name", "columns-1": "country", "columns-2": "affiliation"}
LOOK = {"heading_row": "1", "delimiter": ";", "encoding": "utf-8"}


class Importer(Desk):
    """An owner with a list in their hand."""

    def upload(self, content: bytes, filename: str = "list.csv") -> TestResponse:
        # Written by hand: Werkzeug's own client leaves the temporary file of a large upload open.
        head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n\r\n'
        body = head.encode() + content + b"\r\n--x--\r\n"
        return self.client.post(
            f"{self.url}/imports", input_stream=io.BytesIO(body), content_length=len(body),
            content_type="multipart/form-data; boundary=x",
        )  # fmt: skip

    def paste(self, text: str) -> str:
        response = self.client.post(f"{self.url}/imports", data={"pasted": text})
        assert response.status_code == 303, response.text
        return response.location.removesuffix("/columns")

    def mapped(self, text: str, **columns: str) -> str:
        url = self.paste(text)
        response = self.client.post(f"{url}/columns", data=columns or COLUMNS)
        assert response.status_code == 303, response.text
        return url

    def shown(self, url: str) -> str:
        response = self.client.get(url)
        assert response.status_code == 200, response.text
        return response.text


@pytest.fixture
def desk(app: Flask, client: FlaskClient) -> Importer:
    return Importer(app, client)


def figures(page: str) -> list[str]:
    found = re.findall(r"<li><strong>(.*?)</strong> (.*?)</li>", page)
    return [f"{number} {label}" for number, label in found]


def test_olga_imports_a_list_as_it_is(desk: Importer) -> None:
    response = desk.upload(LIST.encode())
    assert response.status_code == 303
    url = response.location.removesuffix("/columns")
    columns = desk.shown(response.location)
    assert "7 rows were read" in columns
    assert 'selected value="affiliation"' in columns
    assert "University of X &amp; Y" in columns

    assert desk.client.post(f"{url}/columns", data=COLUMNS).location == f"{url}/review"
    review = desk.shown(f"{url}/review")
    assert figures(review) == ["5 to be added", "2 waiting for you"]
    assert "Which country is “Switzerland, Italy”?" in desk.shown(f"{url}/review?part=all")
    assert "The countries of 2 rows are not understood" in review

    countries = desk.shown(f"{url}/review?part=countries")
    assert "checked" not in countries.split("<main")[1]
    answers = {
        "text-0": "Switzerland, Italy", "country-0": "CH",
        "text-1": "Unites States of America", "other-1": "US",
    }  # fmt: skip
    desk.client.post(f"{url}/answers", data=answers)

    desk.client.post(f"{url}/answers", data=ticked(desk.shown(f"{url}/review?part=exact")))
    likely = desk.shown(f"{url}/review?part=likely")
    assert "checked" not in likely.split("<main")[1]
    assert "Row 8" in likely
    assert "The same as row 7" in likely
    desk.client.post(f"{url}/answers", data={"part": "likely", "row-8": "different"})

    assert figures(desk.shown(f"{url}/review")) == ["6 to be added", "1 already there or repeated"]
    assert desk.names() == []
    applied = desk.client.post(f"{url}/apply")
    assert applied.location == url
    assert [figure.split()[0] for figure in figures(desk.shown(url))] == ["6", "0", "1", "0", "0"]
    assert {(details.name, details.country) for details in desk.details()} == {
        ("Ann May", "NZ"), ("René Łuk", "CH"), ("Bo Li", "US"), ("Олена Коваль", "UA"), ("Wei Wang", "CN"),
        ("Wei Wang", "CH"),
    }  # fmt: skip

    assert desk.client.post(f"{url}/apply").location == url  # pressed twice
    assert len(desk.names()) == 6


def test_a_second_list_adds_addresses_in_bulk_and_the_rest_one_by_one(desk: Importer) -> None:
    for name, line in (("Ann May", "Poet"), ("Wei Wang", "Judge"), ("Wei Wang", "Clerk")):
        desk.add(name=name, affiliation=line, email="")
    url = desk.mapped(
        "name;email;affiliation\nAnn May;ann@example.org;Poet\nWei Wang;wei@example.org;\n",
        **{"columns-0": "name", "columns-1": "email", "columns-2": "affiliation"},
    )
    exact = desk.shown(f"{url}/review?part=exact")
    assert "Accept the exact match that is ticked" in exact
    assert "<ins><bdi>ann@example.org</bdi></ins>" in exact
    desk.client.post(f"{url}/answers", data=ticked(exact))
    likely = desk.shown(f"{url}/review?part=likely")
    assert likely.count("The same person") == 2
    choice = re.findall(r'value="(same:[a-z0-9]+)"', likely)[1]
    desk.client.post(f"{url}/answers", data={"part": "likely", "row-3": choice})
    desk.client.post(f"{url}/apply")
    assert [details.email for details in desk.details()] == ["ann@example.org", "", "wei@example.org"]


def test_groups_with_a_role_come_with_the_rows_and_for_the_whole_list(desk: Importer) -> None:
    url = desk.mapped(
        "name;group;role\nAnn May;World Liberty Congress;Leadership Council\nBo Li;;\n",
        **{"columns-0": "name", "columns-1": "group", "columns-2": "role", "group": "First callers"},
    )
    desk.client.post(f"{url}/apply")
    page = desk.page()
    assert "Leadership Council" in page
    assert page.count("<bdi>First callers</bdi>") == 2


def test_unanswered_rows_need_a_tick_and_can_be_downloaded_first(desk: Importer) -> None:
    url = desk.mapped(LIST)
    refused = desk.client.post(f"{url}/apply")
    assert refused.status_code == 409
    assert "Some rows still wait for your answer" in refused.text
    assert desk.names() == []
    left_out = desk.client.get(f"{url}/left-out.csv").data.decode()
    assert left_out.startswith("\ufeffname,country,affiliation\r\n")
    assert 'Wei Wang,Switzerland,"PhD student, ETH"' in left_out
    desk.client.post(f"{url}/apply", data={"leave_out": "1"})
    assert sorted(desk.names()) == ["Ann May", "Bo Li", "René Łuk", "Wei Wang", "Олена Коваль"]


def test_an_import_is_resumed_where_it_stands_or_discarded(desk: Importer) -> None:
    url = desk.paste(LIST)
    assert desk.client.get(url).location == f"{url}/columns"
    desk.client.post(f"{url}/columns", data=COLUMNS)
    assert desk.client.get(url).location == f"{url}/review"
    assert "1 import is not finished" in desk.page()
    assert "Pasted rows" in desk.page()
    desk.client.post(f"{url}/discard")
    assert "The import was discarded" in desk.shown(url)
    assert desk.client.get(f"{url}/review").location == url
    assert desk.client.get(f"{url}/columns").status_code == 409
    assert desk.client.post(f"{url}/answers", data={"row-2": "different"}).status_code == 409
    assert "is not finished" not in desk.page()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"%PDF-1.7 not a list", "This is a PDF file"),
        (b"name\nA\x00nn\n", "Line 2 holds a NUL byte"),
        ("name\nJörg\n".encode() + "René\n".encode("cp1252"), "line 3 is not"),
        (",".join(f"c{n}" for n in range(300)).encode(), "300 columns"),
        (b"", "The file is empty"),
        (b"x" * (MOST_BYTES + 1), "at most 50 MB fit"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_with_the_mend(desk: Importer, content: bytes, message: str) -> None:
    response = desk.upload(content)
    assert response.status_code == 422
    assert message in response.text
    assert 'href="#file"' in response.text
    with desk.app.app_context(), desk.database.reading() as session:
        assert list_imports(session, desk.campaign.id) == []


def test_pasted_rows_that_are_refused_stay_in_the_box(desk: Importer) -> None:
    response = desk.client.post(f"{desk.url}/imports", data={"pasted": 'name,country\n"Ann,NZ\n'})
    assert response.status_code == 422
    assert "never closed" in response.text
    assert "&#34;Ann,NZ" in response.text


def test_nothing_chosen_is_said(desk: Importer) -> None:
    response = desk.client.post(f"{desk.url}/imports", data={})
    assert response.status_code == 422
    assert "Choose a file, or paste the rows" in response.text


def test_columns_without_a_name_are_refused(desk: Importer) -> None:
    url = desk.paste(LIST)
    nameless = desk.client.post(f"{url}/columns", data=COLUMNS | {"columns-0": "ignore"})
    assert nameless.status_code == 422
    assert "which column holds the names" in nameless.text


def test_wrong_letters_are_read_again(desk: Importer) -> None:
    response = desk.upload("name;country\nΕλένη;Ελλάδα\n".encode("cp1253"))
    url = response.location.removesuffix("/columns")
    assert "Ελένη" in desk.shown(response.location)
    again = desk.client.post(f"{url}/look", data=LOOK | {"encoding": "windows-1252"})
    assert again.location == response.location
    wrong = desk.shown(response.location)
    assert "ÅëÝíç" in wrong
    assert "Ελένη" in wrong  # beside it, as what is likelier
    refused = desk.client.post(f"{url}/look", data=LOOK | {"encoding": "utf-8"})
    assert refused.status_code == 422
    assert "read as utf-8. Save the file" in refused.text


def test_letters_in_doubt_are_shown_before_anything_else(desk: Importer) -> None:
    response = desk.upload("name;country\nVrač;Canada\n".encode("cp1250"))
    page = desk.shown(response.location)
    assert "Is the file read rightly?" in page
    assert page.index("Vrač") < page.index("Holds")
    instead = re.search(r'name="encoding" value="(.*?)"', page)
    assert instead
    url = response.location.removesuffix("/columns")
    desk.client.post(f"{url}/columns", data={"columns-0": "name", "columns-1": "country"})
    assert "Is the file read rightly?" not in desk.shown(response.location)  # whoever goes on has taken it so


def test_headings_are_told_where_none_were_found_and_none_where_some_were(desk: Importer) -> None:
    url = desk.paste("Sipho Dlamini;Durban\nThandi Nkosi;Soweto\n")
    assert "2 rows were read" in desk.shown(f"{url}/columns")
    desk.client.post(f"{url}/look", data=LOOK | {"heading_row": "1"})
    page = desk.shown(f"{url}/columns")
    assert "1 row was read" in page
    assert "headings in row 1" in page
    refused = desk.client.post(f"{url}/look", data=LOOK | {"heading_row": "77"})
    assert refused.status_code == 422


def test_a_list_without_headings_is_read_from_its_first_row(desk: Importer) -> None:
    url = desk.mapped("Ann May;ann@example.org\nBo Li;bo@example.org\n", **{"columns-0": "name", "columns-1": "email"})
    desk.client.post(f"{url}/apply")
    assert desk.names() == ["Ann May", "Bo Li"]


def test_every_rows_problem_is_shown_with_its_column(desk: Importer) -> None:
    url = desk.mapped(
        'name,email,who\nAnn,ann@localhost,x\n"Bo\nBcc: evil@example.org",bo@example.org,x\n=Cy+1,c@example.org,x\n',
        **{"columns-0": "name", "columns-1": "email", "columns-2": "ignore", "habit-lines": "keep"},
    )
    problems = desk.shown(f"{url}/review?part=problems")
    assert "email (B): This is not a complete e-mail address" in problems
    assert "It is kept in the notes." in problems
    assert "name (A): It holds an e-mail address (evil@example.org)" in problems
    assert "Left out, though they hold something:" in problems
    assert "<bdi>who</bdi> (3 cells)" in problems
    assert "name (A): It looks like a formula. It is kept as text." in problems
    assert figures(problems) == ["2 to be added", "1 can’t be imported"]


def test_long_lists_are_reviewed_in_pages(desk: Importer) -> None:
    people = "\n".join(f"Person {number};NZ" for number in range(1, 121))
    url = desk.mapped(f"name;country\n{people}\n", **{"columns-0": "name", "columns-1": "country"})
    assert sums(desk.shown(f"{url}/review")) == [120, 120, 0, 0, 0, 0]
    first = desk.shown(f"{url}/review")
    assert first.count('data-label="Row"') == 50
    assert "after=51" in first
    assert desk.shown(f"{url}/review?part=all&after=101").count('data-label="Row"') == 20


def test_many_doubtful_countries_are_asked_in_pages(desk: Importer) -> None:
    people = "\n".join(f"Person {number};Nowhere {number}" for number in range(1, 51))
    url = desk.mapped(f"name;country\n{people}\n", **{"columns-0": "name", "columns-1": "country"})
    page = desk.shown(f"{url}/review?part=countries")
    assert page.count("<fieldset") == 20
    desk.client.post(f"{url}/answers", data={f"text-{n}": f"Nowhere {n}" for n in range(1, 21)} | {
        f"country-{n}": "none" for n in range(1, 21)
    })  # fmt: skip
    assert "Nowhere 21" in desk.shown(f"{url}/review?part=countries")


@pytest.mark.parametrize(
    "answers",
    [
        {"row-x": "different"},
        {"row-2": "same:nobody"},
        {"country-0": "XX", "text-0": "Y"},
        {"row-99999999999": "different"},
    ],
)
def test_answers_that_make_no_sense_change_nothing(desk: Importer, answers: dict[str, str]) -> None:
    url = desk.mapped(LIST)
    before = figures(desk.shown(f"{url}/review"))
    assert desk.client.post(f"{url}/answers", data=answers).status_code == 303
    assert figures(desk.shown(f"{url}/review")) == before


def test_an_import_of_another_campaign_is_not_found(desk: Importer) -> None:
    url = desk.mapped(LIST)
    other = Desk(desk.app, desk.client)
    foreign = url.replace(desk.public_id, other.public_id)
    for path in ("", "/columns", "/review", "/left-out.csv"):
        assert desk.client.get(foreign + path).status_code == 404
    for path in ("/answers", "/apply", "/discard"):
        assert desk.client.post(foreign + path).status_code == 404


def test_an_editor_cannot_import(desk: Importer) -> None:
    url = desk.mapped(LIST)
    with desk.app.app_context(), desk.database.writing() as session:
        editor = make_member(session, desk.campaign, Role.EDITOR)
    sign_in(desk.client, desk.app, editor)
    assert desk.client.get(f"{url}/review").status_code == 403
    assert desk.client.post(f"{url}/apply").status_code == 403


def test_pasted_cell_of_any_length_is_refused_with_its_row_and_column(desk: Importer) -> None:
    """Python's csv module gives up at 131,072 characters, which once was a crash."""
    url = desk.mapped(
        "name;note\nAnn May;Poet\nBo Li;" + "x" * 131_073,
        **{"columns-0": "name", "columns-1": "affiliation"},
    )
    assert "131073 characters long" in desk.shown(f"{url}/review?part=problems")


@pytest.mark.parametrize("text", ["name\nAnn\ud800", "name\nAnn\0", "name\n" + "[" * 100_000])
def test_pasted_nonsense_is_read_or_refused(desk: Importer, text: str) -> None:
    body = b"pasted=" + quote_from_bytes(text.encode("utf-8", "surrogatepass")).encode()
    response = desk.client.post(f"{desk.url}/imports", data=body, content_type="application/x-www-form-urlencoded")
    assert response.status_code in (303, 422)
