"""Names as lists write them, and what is made of them once a person has said so."""

from __future__ import annotations

import pytest

from app.imports.person_names import NameHabit, ReadName, habits_of, read_name


@pytest.mark.parametrize(
    ("cell", "habits"),
    [
        ("Ada Okoro", ""),
        ("Okoro, Ada", "comma"),
        ("OKORO, Ada", "comma"),
        ("OKORO Ada", "capitals"),
        ("VAN DEN BERG Anna Maria", "capitals"),
        ("КОВАЛЬ Олена", "capitals"),
        ("Ada OKORO", ""),
        ("ADA OKORO", ""),
        ("J. Takeda", ""),
        ("JT. Takeda", ""),
        ("高橋 純", ""),
        ("Ada Okoro, PhD", ""),
        ("Ada Okoro, Jr.", ""),
        ("Ada Okoro, Lanterns, Harbour branch", "comma"),
        ("Ada Okoro (Lanterns)", "brackets"),
        ("Ada (Addie) Okoro", ""),
        ("高橋純（灯の会）", "brackets"),
        ("Ada Okoro – Lanterns", "dash"),
        ("Jean-Luc Okoro", ""),
        ("- Ada Okoro", "bullets"),
        ("• Ada Okoro (Lanterns)", "bullets brackets"),
        ("12. Ada Okoro", "bullets"),
        ("(3) OKORO Ada", "bullets capitals"),
        ("Ada Okoro\nLanterns", "lines"),
    ],
)
def test_habits_are_told_from_names_that_need_nothing(cell: str, habits: str) -> None:
    assert " ".join(habits_of(cell)) == habits


@pytest.mark.parametrize(
    ("cell", "answers", "read"),
    [
        ("Okoro, Ada N.", {"comma": "turn"}, ReadName("Ada N. Okoro", "Okoro, Ada N.")),
        ("Okoro, Ada N.", {}, ReadName("Okoro, Ada N.")),
        ("Okoro, Ada N.", {"comma": "keep"}, ReadName("Okoro, Ada N.")),
        ("Ada Okoro, Lanterns, Harbour", {"comma": "turn"}, ReadName("Ada Okoro, Lanterns, Harbour")),
        ("Ada Okoro, Lanterns, Harbour", {"comma": "split"}, ReadName("Ada Okoro", "", "Lanterns, Harbour")),
        ("VAN DEN BERG Anna", {"capitals": "turn"}, ReadName("Anna VAN DEN BERG", "VAN DEN BERG, Anna")),
        ("Ada Okoro (Lanterns)", {"brackets": "split"}, ReadName("Ada Okoro", "", "Lanterns")),
        ("Ada Okoro - Lanterns", {"dash": "split"}, ReadName("Ada Okoro", "", "Lanterns")),
        ("• Okoro, Ada", {"bullets": "strip", "comma": "turn"}, ReadName("Ada Okoro", "Okoro, Ada")),
        ("Ada Okoro\nLanterns\nHarbour", {"lines": "split"}, ReadName("Ada Okoro", "", "Lanterns, Harbour")),
        ("Ada (Lanterns)\nHarbour", {"lines": "split", "brackets": "split"}, ReadName("Ada", "", "Lanterns, Harbour")),
    ],
)
def test_names_are_read_as_was_decided_for_the_column(cell: str, answers: dict[str, str], read: ReadName) -> None:
    assert read_name(cell, answers) == read


def test_a_name_that_has_no_habit_is_never_touched() -> None:
    everything = dict.fromkeys(NameHabit, "turn") | {"bullets": "strip", "brackets": "split", "dash": "split"}
    for name in ("Ada Okoro", "Ada Okoro, PhD", "J. R. Takeda", "Олена Коваль", "O’Neil-Lind"):
        assert read_name(name, {str(habit): answer for habit, answer in everything.items()}) == ReadName(name)
