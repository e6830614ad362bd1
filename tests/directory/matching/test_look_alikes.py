"""Two invented lists of a thousand people in many scripts: nobody is taken for another, and few are missed."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from functools import cache

from app.directory.matching.finding import find_duplicates
from app.directory.matching.states import Candidate, Likeness, Match

# Given and family names with their usual Latin spelling, one line a script.
NAMES = {
    "Latin": ("Anna:Anna José:José Zoë:Zoë Márton:Márton Łucja:Łucja",
              "Müller:Müller O’Brien:O’Brien Ångström:Ångström Nguyễn:Nguyễn Çelik:Çelik"),
    "Cyrillic": ("Олена:Olena Сергій:Serhii Қайрат:Kairat Дарья:Daria Андрей:Andrei",
                 "Шевчук:Shevchuk Бондаренко:Bondarenko Әбенов:Abenov Юсупов:Yusupov Ковальчук:Kovalchuk"),
    "Greek": ("Ελένη:Eleni Νίκος:Nikos Σοφία:Sofia", "Παππάς:Pappas Νικολάου:Nikolaou Δήμου:Dimou"),
    "Georgian": ("ნინო:Nino გიორგი:Giorgi თამარ:Tamar", "ბერიძე:Beridze კაპანაძე:Kapanadze ლომიძე:Lomidze"),
    "Armenian": ("Անի:Ani Արամ:Aram", "Հակոբյան:Hakobyan Սարգսյան:Sargsyan Գրիգորյան:Grigoryan"),
    "Arabic": ("سارا:Sara محمد:Mohammad مریم:Maryam", "احمدی:Ahmadi رضایی:Rezaei حسینی:Hosseini"),
    "Chinese": ("小明:小明 芳:芳 伟:伟 丽:丽", "王:王 李:李 张:张 陈:陈"),
    "Hindi": ("क्षमा:क्षमा राहुल:राहुल", "शर्मा:शर्मा वर्मा:वर्मा"),
}  # fmt: skip
COUNTRIES = ("UA", "DE", "IR", "GE", "AM", "CN", "IN", "GR")


@cache
def people(number: int) -> tuple[tuple[str, str, Candidate], ...]:
    """Return native name, Latin name and details; many share a name, none shares all details."""
    chance = random.Random(7)
    found = []
    for index in range(number):
        given, family = chance.choice(list(NAMES.values()))
        (one, latin_one), (two, latin_two) = (chance.choice(part.split()).split(":") for part in (given, family))
        details = Candidate(f"{one} {two}", chance.choice(COUNTRIES), f"Member {index}", f"person{index}@example.org")
        found.append((details.name, f"{latin_one} {latin_two}", details))
    return tuple(found)


def wrong_exact(rows: list[Candidate], truth: list[int], entries: list[Candidate]) -> list[Match]:
    return [
        match
        for match in find_duplicates(rows, entries)
        if match.likeness is Likeness.EXACT and truth[match.left] != match.right
    ]


def without_accents(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", name) if not 0x300 <= ord(c) <= 0x36F)


VARIANTS: dict[str, Callable[[str, str], str]] = {
    "as it is": lambda native, _: native,
    "capitals": lambda native, _: native.upper(),
    "Latin": lambda _, latin: latin,
    "no accents": lambda _, latin: without_accents(latin),
    "reversed": lambda native, _: " ".join(reversed(native.split())),
    "titled": lambda native, _: f"Dr. {native}",
}


def test_no_list_without_details_joins_anybody_to_somebody_else() -> None:
    """Many share a name here: they are never joined by the name alone."""
    everybody = people(600)
    entries = [details for _, _, details in everybody]
    for spell in VARIANTS.values():
        rows = [Candidate(spell(native, latin)) for native, latin, _ in everybody]
        assert wrong_exact(rows, list(range(len(rows))), entries) == []


def test_no_list_with_other_details_joins_anybody_to_somebody_else() -> None:
    everybody = people(600)
    entries = [details for _, _, details in everybody]
    for spell in VARIANTS.values():
        rows = [Candidate(spell(n, latin), d.country, d.affiliation) for n, latin, d in everybody]
        assert wrong_exact(rows, list(range(len(rows))), entries) == []


def test_no_newcomer_of_a_known_name_is_joined() -> None:
    everybody = people(600)
    entries = [details for _, _, details in everybody[:300]]
    rows = [Candidate(d.name, d.country, d.affiliation, d.email) for _, _, d in everybody[300:]]
    assert wrong_exact(rows, [-1] * len(rows), entries) == []


def test_most_variants_of_a_lone_name_are_found() -> None:
    """With nobody else of the name about, at least nineteen of twenty variants are at least proposed."""
    unique = {native: (native, latin, details) for native, latin, details in people(600)}
    everybody = list(unique.values())
    entries = [details for _, _, details in everybody]
    for variant, spell in VARIANTS.items():
        rows = [Candidate(spell(native, latin)) for native, latin, _ in everybody]
        found = {match.left for match in find_duplicates(rows, entries) if match.left == match.right}
        assert len(found) >= 0.95 * len(rows), (variant, len(found), len(rows))
