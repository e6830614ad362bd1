"""Names come out right in every script, and never pose as another."""

import unicodedata

import pytest
from hypothesis import given, strategies as st

from app.base.names import UnfitNameError, comparison_key, confusable_key, length_of, same_name_key, tidy_name
from tests.factories.sentences import SENTENCES, WITHOUT_FACE

NAMES = [
    "Олександра Бондаренко", "Қайрат Әбенов", "سارا احمدی", "علی‌رضا حسینی", "李小明", "Ελένη Παπαδοπούλου",
    "ნინო ბერიძე", "Անի Հակոբյան", "क्षमा शर्मा", "Nguyễn Thị Ánh", "Zoë O’Connor-Ångström", "שרה כהן", "ทดสอบ ชื่อ",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_tidy_name_leaves_a_good_name_as_it_is(name: str) -> None:
    assert tidy_name(name) == unicodedata.normalize("NFC", name)


def test_tidy_name_composes_accents_and_collapses_white_space() -> None:
    assert tidy_name("  Zoe\u0308 \u00a0 Bra\u0301zda\u3000 ") == "Zoë Brázda"


def test_tidy_name_drops_invisible_characters_and_keeps_persian_joiners() -> None:
    assert tidy_name("\ufeffAn\u00adna\u200b") == "Anna"
    assert tidy_name("علی\u200cرضا") == "علی\u200cرضا"
    assert tidy_name("\u200fעדה\u200f") == "עדה"


@pytest.mark.parametrize(
    "text",
    ["Anna\nBcc: x@example.org", "Anna\r\nB", "Anna\x00", "An\x07na", "An\x1bna", "A\u2028B", "A\u202eB", "A\u2066B",
     "A\u202aB", "A\ud800", "A\ue000", "A\u0085B", "A\x0bB"],
)  # fmt: skip
def test_tidy_name_refuses_what_breaks_or_deceives(text: str) -> None:
    with pytest.raises(UnfitNameError):
        tidy_name(text)


@pytest.mark.parametrize("name", [*SENTENCES.values(), *WITHOUT_FACE.values(), "葛\U000e0100城", "ᠨᠡᠷ\u180eᠡ"])
def test_tidy_name_takes_every_living_script(name: str) -> None:
    assert tidy_name(name) == name


def test_tidy_name_takes_scripts_that_this_python_does_not_know() -> None:
    unknown = next(chr(code) for code in range(0x10D40, 0x1F000) if unicodedata.category(chr(code)) == "Cn")
    assert tidy_name(f"Ana {unknown}") == f"Ana {unknown}"


@pytest.mark.parametrize("code", [0x1, 0xD800, 0xE000, 0xFDD0, 0xFFFF, 0x1FFFE, 0xE0001, 0xF0000, 0x10FFFF])
def test_tidy_name_refuses_what_is_no_character(code: int) -> None:
    with pytest.raises(UnfitNameError, match=f"U\\+{code:04X}"):
        tidy_name(f"Ana {chr(code)} B")


def test_tidy_name_names_length_and_limit() -> None:
    with pytest.raises(UnfitNameError, match="300 characters long; at most 200"):
        tidy_name("a" * 300)


def test_tidy_name_counts_letters_not_accents() -> None:
    assert length_of("Ẑoe\u0323\u0302") == 3
    assert tidy_name("é" * 200)
    assert length_of("क्षमा") < len("क्षमा")


def test_tidy_name_refuses_a_tower_of_accents() -> None:
    with pytest.raises(UnfitNameError, match="accents"):
        tidy_name("Z" + "\u0301" * 40)


@given(st.text(max_size=300))
def test_tidy_name_is_idempotent_and_one_line(text: str) -> None:
    try:
        once = tidy_name(text)
    except UnfitNameError:
        return
    assert tidy_name(once) == once
    assert not set(once) & set("\r\n\x00\u202e")


@pytest.mark.parametrize(
    ("one", "other"),
    [("Anna Weiß", "ANNA WEISS"), ("O’Neill", "O'Neill"), ("Anna  May", "anna may"), ("Ana‑Maria", "Ana-Maria")],
)
def test_same_name_key_folds_what_distinguishes_nobody(one: str, other: str) -> None:
    assert same_name_key(one) == same_name_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("René", "Rene"), ("Мария", "Мариа"), ("Anna May", "May Anna"), ("Dr Anna May", "Anna May"), ("Аnna", "Anna")],
)
def test_same_name_key_keeps_different_names_apart(one: str, other: str) -> None:
    assert same_name_key(one) != same_name_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("René Łuk", "Rene Luk"),
        ("Søren", "Soren"),
        ("Ξένη", "Ξενη"),
        ("Müller-Graf", "Muller Graf"),
        ("D'Arc", "Darc"),
        ("احمدي", "احمدی"),
        ("كريم", "کریم"),
        ("أحمد", "احمد"),
    ],
)
def test_comparison_key_folds_accents_and_punctuation(one: str, other: str) -> None:
    assert comparison_key(one) == comparison_key(other)


def test_comparison_key_keeps_indic_vowel_signs() -> None:
    assert comparison_key("कमल") != comparison_key("कमला")


@pytest.mark.parametrize(("one", "other"), [("Аnna", "Anna"), ("Мах Petrоv", "Max Petrov"), ("Pau1", "Paul")])
def test_confusable_key_meets_letters_that_look_alike(one: str, other: str) -> None:
    assert confusable_key(one) == confusable_key(other)


@given(st.text(max_size=80))
def test_keys_never_fail_and_are_stable(text: str) -> None:
    for key in (same_name_key, comparison_key, confusable_key):
        assert key(text) == key(text)
    assert same_name_key(same_name_key(text)) == same_name_key(text)
