"""Where the table of a list begins and ends: below titles and legends, without headings, before a sum."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.sheets import csv_reading
from app.sheets.cells import Flaw
from app.sheets.looks import NO_HEADINGS, Look, LookRequest, heading_keys

HEADINGS = heading_keys(["name", "full name", "first name", "last name", "e-mail", "country", "role", "имя", "страна"])


def said(text: str, **look: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(csv_reading.answer(LookRequest(Look(**look), HEADINGS).before(text.encode())))
    return found


def row_of_headings(text: str) -> int:
    row: int = said(text)["look"]["heading_row"]
    return row


def flaws(text: str, **look: Any) -> list[tuple[int, str]]:
    return [(row, kind) for row, _column, kind, _fact in said(text, **look)["flaws"]]


PEOPLE = "Ada Okoro;ada@example.org;Nigeria\nJun Takeda;jun@example.org;Japan\n"


@pytest.mark.parametrize(
    ("above", "row"),
    [
        ("", 1),
        ("Signatories of the Lantern letter\n\n", 3),
        ("Lantern letter;;\nas of 3 March;;\nFill in one row for each;;\n", 4),
        (";Contact;\n", 2),  # headings over headings
        ("* not yet confirmed\n** by telephone\n" * 6, 13),
        ("Имя;Страна;Роль\n", 2),  # in two languages, one under the other
    ],
)
def test_headings_are_found_below_what_stands_above(above: str, row: int) -> None:
    found = said(f"{above}Full name;E-mail;Country\n{PEOPLE}")
    assert found["look"]["heading_row"] == row
    assert [number for number, _cells in found["rows"]] == [row + 1, row + 2]
    assert len(found["above"]) == sum(1 for line in above.splitlines() if line)


@pytest.mark.parametrize(
    "text",
    [
        PEOPLE,
        "Ada Okoro\nJun Takeda\nMara Lind\n",
        "LANT;Lantern Relief;NGO;NATIONAL\nMoH;Ministry of Harbours;GOVERNMENT;NATIONAL\n",
        "1;Ada Okoro;2026-03-01\n2;Jun Takeda;2026-03-02\n",
    ],
)
def test_no_headings_lose_nobody(text: str) -> None:
    found = said(text)
    assert found["look"]["heading_row"] == NO_HEADINGS
    assert len(found["rows"]) == len(text.splitlines())
    assert found["header"][0] == "A"


@pytest.mark.parametrize("headings", ["Signer;Mail;Where", "SIGNER;MAIL;WHERE", "jina;barua;nchi"])
def test_headings_that_nobody_knows_are_told_by_what_stands_below(headings: str) -> None:
    assert row_of_headings(f"{headings}\n{PEOPLE}") == 1


def test_headings_in_doubt_are_shown_with_what_they_would_be() -> None:
    found = said("Sipho Dlamini;Durban\nThandi Nkosi;Soweto\n")
    (other,) = [one for one in found["others"] if one["guess"] == "heading_row"]
    assert other["is_close"]
    assert other["rows"][0] == [[0, []], [0, ["Sipho Dlamini", "Durban"]]]
    assert not any(one["is_close"] for one in said(f"Name;E-mail;Country\n{PEOPLE}")["others"])


def test_headings_are_where_somebody_says() -> None:
    text = f"Lantern letter\n\nSomething;Else;Here\n{PEOPLE}"
    assert said(text, heading_row=3)["header"] == ["Something", "Else", "Here"]
    assert said(text, heading_row=2)["look"]["heading_row"] == 3  # the next row that is not empty
    assert len(said(text, heading_row=NO_HEADINGS)["rows"]) == 4


def test_columns_beyond_the_headings_get_letters_and_are_kept() -> None:
    found = said("Name;Country\nAda Okoro;Nigeria;called;twice\nJun Takeda;Japan;not yet\n")
    assert found["header"] == ["Name", "Country", "C", "D"]
    assert found["rows"] == [
        [2, ["Ada Okoro", "Nigeria", "called", "twice"]],
        [3, ["Jun Takeda", "Japan", "not yet", ""]],
    ]
    assert found["flaws"] == []


def test_a_row_that_was_cut_inside_a_name_is_marked() -> None:
    rows = "".join(f"Ann May {letter},Canada\n" for letter in "abc")
    assert flaws(f"Name,Country\n{rows}Okoro, Ada,Nigeria\n") == [(5, Flaw.WIDTH)]
    assert flaws(f"{rows}Okoro, Ada,Nigeria\n", heading_row=NO_HEADINGS) == [(4, Flaw.WIDTH)]


@pytest.mark.parametrize(
    "total", ["Total;3;", "TOTAL:;;", ";;2", "Итого;2;", "合計;2;", "Gesamt: 2;;", "المجموع;2;", "Total 2;;"]
)
def test_a_sum_at_the_end_is_no_signatory(total: str) -> None:
    assert flaws(f"Name;E-mail;Country\n{PEOPLE}{total}\n") == [(4, Flaw.TOTAL)]


def test_what_only_looks_like_a_sum_is_a_signatory() -> None:
    assert flaws(f"Name;E-mail;Country\nTotal Relief;t@example.org;Chad\n{PEOPLE}Sum Lind;s@example.org;Chad\n") == []
    assert flaws(f"Name;E-mail;Country\nTotal;;\n{PEOPLE * 3}") == []  # far from the end


def test_people_above_the_headings_are_pointed_out() -> None:
    found = said(f"{PEOPLE}Name;E-mail;Country\nMara Lind;mara@example.org;Norway\n")
    assert [one["look"]["heading_row"] for one in found["others"] if one["is_close"]][:1] == [NO_HEADINGS]


def test_headings_that_are_repeated_are_no_signatory() -> None:
    assert flaws(f"Name;E-mail;Country\n{PEOPLE}Name;E-mail;Country\n{PEOPLE}") == [(4, Flaw.HEADINGS_AGAIN)]


def test_letters_that_were_read_wrongly_before_are_marked_with_what_they_mean() -> None:
    (flaw,) = said("Name;Country\nRenÃ© Lanterne;France\nRené Lanterne;France\n")["flaws"]
    assert flaw == [2, 0, Flaw.GARBLED, "René Lanterne"]


def test_zawgyi_is_named_and_unicode_is_not() -> None:
    zawgyi, unicode = "ေမာင္ေမာင္", "မောင်မောင်"
    assert flaws(f"Name;Country\n{zawgyi};MM\n{unicode};MM\n") == [(2, Flaw.ZAWGYI)]


def test_telephones_and_dashes_are_no_formulas() -> None:
    assert flaws("Name;Country\n+49 30 0000;-\n=1+1;@x\n") == [(3, Flaw.FORMULA), (3, Flaw.FORMULA)]


def test_a_last_row_without_known_headings_is_somebody() -> None:
    found = said(f"Ada Okoro;{'Professor of lantern studies and harbour law ' * 3}\n")
    assert (found["look"]["heading_row"], len(found["rows"])) == (NO_HEADINGS, 1)
    assert said("Full name;E-mail\n")["obstacle"] == "only headings"
