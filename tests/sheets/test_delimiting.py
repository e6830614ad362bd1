"""Text in every dialect: what parts its cells, and how those are quoted that hold it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.sheets import csv_reading
from app.sheets.looks import ONE_COLUMN, Look, LookRequest, heading_keys

HEADINGS = heading_keys(["name", "affiliation", "country"])


def said(text: str, **look: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(csv_reading.answer(LookRequest(Look(**look), HEADINGS).before(text.encode())))
    return found


def rows(text: str, **look: Any) -> list[list[str]]:
    return [cells for _number, cells in said(text, **look)["rows"]]


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ('Name,Affiliation\nAda Okoro,"Lanterns, Harbour branch"\n', ["Ada Okoro", "Lanterns, Harbour branch"]),
        ('Name, Affiliation\nAda Okoro, "Lanterns, Harbour branch"\n', ["Ada Okoro", "Lanterns, Harbour branch"]),
        ('Name,Affiliation\n"The ""Lantern"" Circle",x\n', ['The "Lantern" Circle', "x"]),
        ('Name,Affiliation\n"The \\"Lantern\\" Circle","x"\n', ['The "Lantern" Circle', "x"]),
        ('Name;Affiliation\n"Ada";"C:\\lists\\"\n', ["Ada", "C:\\lists\\"]),
        ("Name,Affiliation\n'Ada Okoro','Lanterns, Harbour'\n", ["Ada Okoro", "Lanterns, Harbour"]),
        ("Name,Affiliation\nSiobhan O'Hara,Women's Circle\n", ["Siobhan O'Hara", "Women's Circle"]),
        ('Name,Affiliation\nAda "the voice" Okoro,x\n', ['Ada "the voice" Okoro', "x"]),
        ('Name;Affiliation\nAda Okoro, "the voice";x\n', ['Ada Okoro, "the voice"', "x"]),
        ('Name;Affiliation\nAda;"Lanterns\nHarbour branch"\n', ["Ada", "Lanterns\nHarbour branch"]),
        ("Name^Affiliation\nAda^x\n", ["Ada", "x"]),
        ("Name~Affiliation\nAda~x\n", ["Ada", "x"]),
    ],
)
def test_cells_are_parted_and_quoted_as_they_were_meant(text: str, row: list[str]) -> None:
    assert rows(text) == [row]


def test_rows_pasted_from_a_spreadsheet_are_parted_by_tabs() -> None:
    assert rows("Name\tAffiliation\nOkoro, Ada\tLanterns; Harbour\n") == [["Okoro, Ada", "Lanterns; Harbour"]]


def test_lines_may_end_as_they_did_on_old_macs() -> None:
    assert rows("Name;Country\rAda Okoro;Nigeria\rZoé;France\r") == [["Ada Okoro", "Nigeria"], ["Zoé", "France"]]


def test_a_bare_column_of_names_is_a_row_each() -> None:
    assert rows("Ada Okoro\nJun Takeda\n") == [["Ada Okoro"], ["Jun Takeda"]]


def test_a_line_of_names_is_a_row_each() -> None:
    for text in ("Ada Okoro, Jun Takeda, Mara Lind", "Ada Okoro; Jun Takeda; Mara Lind\n"):
        assert rows(text) == [["Ada Okoro"], ["Jun Takeda"], ["Mara Lind"]]
    assert rows("Ada Okoro, ada@example.org, Nigeria") == [["Ada Okoro", "ada@example.org", "Nigeria"]]


def test_last_names_first_are_one_column_and_the_comma_is_pointed_out() -> None:
    found = said("Name\nOkoro, Ada\nTakeda, Jun\nLind, Mara\n")
    assert found["look"]["delimiter"] == ONE_COLUMN
    assert [cells for _number, cells in found["rows"]] == [["Okoro, Ada"], ["Takeda, Jun"], ["Lind, Mara"]]
    (other,) = [one for one in found["others"] if one["guess"] == "delimiter"]
    assert (other["look"]["delimiter"], other["is_close"]) == (",", True)
    assert other["rows"][0] == [[2, ["Okoro, Ada"]], [2, ["Okoro", "Ada"]]]


def test_two_delimiters_that_do_as_well_are_shown_side_by_side() -> None:
    found = said("Okoro, Ada;Nigeria\nTakeda, Jun;Japan\n")
    assert found["look"]["delimiter"] == ";"
    assert [one["look"]["delimiter"] for one in found["others"] if one["is_close"] and one["guess"] == "delimiter"] == [
        ","
    ]


def test_a_delimiter_is_obeyed_that_is_told() -> None:
    assert rows("Name:Country\nAda Okoro:Nigeria\n", delimiter=":") == [["Ada Okoro", "Nigeria"]]
    assert rows("Name;Country\nAda;x\n", delimiter=ONE_COLUMN, heading_row=1) == [["Ada;x"]]
