"""Countries as people write them, and as readers expect to read them."""

import pytest
from hypothesis import given, strategies as st

from app.base.countries import CountryReading, all_codes, country_choices, country_name, is_country, normalise

CERTAIN = {
    "US": ["USA", "U.S.A.", "United States", "united states of america", "the United States", "US", "us", "США",
           "Estados Unidos", "États-Unis", "Vereinigte Staaten", "美国", "الولايات المتحدة"],
    "TR": ["Turkey", "Türkiye", "Turkiye", "TÜRKİYE", "Турция", "Туреччина", "تركيا", "土耳其"],
    "CI": ["Côte d'Ivoire", "Côte d’Ivoire", "Cote d'Ivoire", "Cote D Ivoire", "Ivory Coast", "CÔTE D'IVOIRE",
           "Elfenbeinküste", "Costa de Marfil", "Кот-д’Ивуар"],
    "NL": ["The Netherlands", "Netherlands", "Holland", "Nederland", "Pays-Bas", "Нидерланды"],
    "GB": ["UK", "U.K.", "uk", "England", "Scotland", "Northern Ireland", "England, UK", "Great Britain",
           "Великобритания", "المملكة المتحدة", "英国"],
    "HK": ["Hong Kong", "Hongkong", "hong kong", "香港", "Гонконг", "Hong Kong SAR China", "Hong Kong, China"],
    "TW": ["Taiwan", "台湾", "臺灣", "Тайвань", "Taiwan, Province of China", "تايوان"],
    "XK": ["Kosovo", "Kosova", "Kosovë", "Косово", "XK"],
    "KZ": ["Kazakhstan", "Казахстан", "Қазақстан", "KAZ"],
    "UA": ["Ukraine", "Україна", "Украина", "the Ukraine", "أوكرانيا", "乌克兰"],
    "IR": ["Iran", "ایران", "إيران", "Islamic Republic of Iran"],
    "GE": ["Georgia", "საქართველო", "Грузия"],
    "AM": ["Armenia", "Հայաստան"],
    "GR": ["Greece", "Ελλάδα", "EL", "GR"],
    "IN": ["India", "भारत"],
    "VN": ["Vietnam", "Viet Nam", "Việt Nam"],
    "CZ": ["cz", "Czechia", "Czech Republic", "Česko"],
    "BA": ["Bosnia and Herzegovina", "Bosnia & Herzegovina"],
    "KR": ["Korea, Republic of", "South Korea", "대한민국"],
    "AT": ["austria", " Austria ", "ÖSTERREICH"],
    "IT": ["Italia", "Italy", "Italie"],
    "LC": ["St. Lucia", "Saint Lucia"],
    "IL": ["Israel", "ישראל"],
    "BY": ["Belarus", "Беларусь", "Белоруссия"],
}  # fmt: skip


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in CERTAIN.items() for text in texts])
def test_normalise_is_certain_of_names_and_aliases(code: str, text: str) -> None:
    guess = normalise(text)
    assert (guess.code, guess.certain) == (code, True)


@pytest.mark.parametrize(
    ("text", "first"),
    [("Unites States of America", "US"), ("Unites States", "US"), ("New Zealaand", "NZ"), ("Germny", "DE"),
     ("Kazahkstan", "KZ"), ("Switzerlnd", "CH"), ("Укроина", "UA"), ("Филлипины", "PH")],
)  # fmt: skip
def test_normalise_only_suggests_for_a_misspelling(text: str, first: str) -> None:
    guess = normalise(text)
    assert not guess.certain
    assert guess.code is None
    assert (guess.codes[0], guess.reason) == (first, CountryReading.SPELLING)


@pytest.mark.parametrize(
    ("text", "codes"),
    [("Switzerland, Italy", ("CH", "IT")), ("Argentina - Spain", ("AR", "ES")), ("France/Belgium", ("FR", "BE")),
     ("Germany and Austria", ("DE", "AT")), ("Норвегия и Швеция", ("NO", "SE")), ("Kenya; Uganda", ("KE", "UG"))],
)  # fmt: skip
def test_normalise_asks_about_two_countries(text: str, codes: tuple[str, ...]) -> None:
    guess = normalise(text)
    assert (guess.codes, guess.certain, guess.reason) == (codes, False, CountryReading.SEVERAL)


def test_normalise_asks_about_a_place_within_a_country() -> None:
    guess = normalise("Zürich, Switzerland")
    assert (guess.codes, guess.certain, guess.reason) == (("CH",), False, CountryReading.PARTLY)


@pytest.mark.parametrize(("text", "codes"), [("Korea", {"KR", "KP"}), ("Congo", {"CD", "CG"})])
def test_normalise_asks_about_a_name_two_states_share(text: str, codes: set[str]) -> None:
    guess = normalise(text)
    assert (set(guess.codes), guess.certain) == (codes, False)


@pytest.mark.parametrize("text", ["Atlantis", "ABC", "12345", "???", "N/A", "worldwide", "x" * 5000, "\u202e"])
def test_normalise_suggests_nothing_for_what_is_no_country(text: str) -> None:
    guess = normalise(text)
    assert (guess.codes, guess.certain, guess.reason) == ((), False, CountryReading.UNKNOWN)


@pytest.mark.parametrize("text", ["", "   ", "\t"])
def test_normalise_takes_an_empty_cell_as_no_country(text: str) -> None:
    guess = normalise(text)
    assert (guess.codes, guess.certain, guess.reason, guess.code) == ((), True, CountryReading.EMPTY, None)


@given(st.text(max_size=60))
def test_normalise_never_fails_and_never_gives_two_certain_codes(text: str) -> None:
    guess = normalise(text)
    assert all(is_country(code) for code in guess.codes)
    assert len(guess.codes) <= 1 or not guess.certain


def test_every_country_is_understood_by_its_own_name_in_many_languages() -> None:
    for language in ("en", "de", "fr", "ru", "uk", "kk", "ar", "fa", "zh", "ka", "hy", "hi", "el", "vi"):
        wrong = [
            c for c in all_codes() if c not in normalise(country_name(c, language)).codes and c not in ("CD", "CG")
        ]
        assert wrong == [], language


def test_all_codes_are_those_of_iso_3166_and_kosovo() -> None:
    assert len(all_codes()) == 250
    assert "XK" in all_codes()
    assert "EU" not in all_codes()


def test_country_name_is_short_and_in_the_readers_language() -> None:
    assert country_name("HK", "en") == "Hong Kong"
    assert country_name("HK", "de-AT") == "Hongkong"
    assert country_name("PS", "en") == "Palestine"
    assert country_name("UA", "uk") == "Україна"
    assert country_name("IR", "fa") == "ایران"
    assert country_name("TW", "zh-Hant") == "台灣"
    assert country_name("DE", "not a language") == "Germany"


def test_country_choices_are_ordered_by_name() -> None:
    names = [name for _, name in country_choices("en")]
    assert names.index("Åland Islands") < names.index("Albania") < names.index("Zimbabwe")
