"""Cards of address books, in the three versions that phones and mail programs write."""

from __future__ import annotations

from app.sheets.looks import Look
from app.sheets.reading import read_sheet

CARDS = """BEGIN:VCARD
VERSION:3.0
N:Okoro;Ada;N.;Dr.;
FN:Dr. Ada N. Okoro
ORG:Lanterns;Harbour branch
TITLE:Chair\\, acting
item1.EMAIL;TYPE=INTERNET:ada@lantern.example.org
EMAIL;TYPE=HOME:ada2@lantern.example.org
ADR;TYPE=WORK:;;1 Quay;Lagos;;;Nigeria
NOTE:called\\npromised by
  Friday
END:VCARD
BEGIN:VCARD
VERSION:4.0
FN:竹田 純
EMAIL:mailto:jun@lantern.example.org
TEL;VALUE=uri:tel:+81-3-0000-0000
END:VCARD
"""
OLD_CARD = (
    "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=9A=D0=BE=D0=B2=D0=B0=D0=BB=D1=8C;=\r\n"
    "=D0=9E=D0=BB=D0=B5=D0=BD=D0=B0;;;\r\nFN;CHARSET=windows-1251;ENCODING=QUOTED-PRINTABLE:=CE=EB=E5=ED=E0\r\n"
    "EMAIL;INTERNET:olena@lantern.example.org\r\nEND:VCARD\r\n"
)


def test_each_card_is_a_row_and_nothing_of_it_is_dropped() -> None:
    sheet = read_sheet(CARDS.encode())
    assert sheet.look == Look("utf-8", heading_row=1)
    rows = [dict(zip(sheet.header, row.cells, strict=True)) for row in sheet.rows]
    assert rows[0] == {
        "Full name": "Dr. Ada N. Okoro", "Prefix": "Dr.", "First name": "Ada", "Middle name": "N.",
        "Last name": "Okoro", "E-mail address": "ada@lantern.example.org; ada2@lantern.example.org",
        "Organisation": "Lanterns, Harbour branch", "Job title": "Chair, acting", "Country": "Nigeria", "Phone": "",
        "Notes": "called\npromised by Friday",
    }  # fmt: skip
    assert (rows[1]["Full name"], rows[1]["E-mail address"], rows[1]["Phone"]) == (
        "竹田 純", "jun@lantern.example.org", "+81-3-0000-0000",
    )  # fmt: skip


def test_old_cards_hold_their_letters_as_numbers() -> None:
    sheet = read_sheet(OLD_CARD.encode())
    assert dict(zip(sheet.header, sheet.rows[0].cells, strict=True)) == {
        "Full name": "Олена", "First name": "Олена", "Last name": "Коваль",
        "E-mail address": "olena@lantern.example.org",
    }  # fmt: skip


def test_cards_are_read_in_utf_16_too() -> None:
    assert read_sheet(CARDS.encode("utf-16")).rows[1].cells[0] == "竹田 純"
