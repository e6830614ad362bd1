"""Names sort as the readers of a language look for them, and the bytes tell the order by themselves."""

from __future__ import annotations

import pytest

from app.base.collation import LONGEST_KEY, collation_key
from app.base.locales import STATEMENT_LANGUAGES


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("en", "Abel Ångström Örs Otter Zoe"),
        ("sv", "Abel Otter Zoe Ångström Ärla Örs"),
        ("da", "Abel Zoe Ærø Ørsted Åse"),
        ("de", "Arzt Ärzte Asmus Öhler Otto Zoe"),
        ("es", "Nora Nuria Ñito Olga"),
        ("cs", "Cyril Čapek Havel Chlup Ivan"),
        ("sk", "Cyril Čapek Havel Chlup Ivan"),
        ("hu", "Cukor Csaba Gulyás Gyula Öcsi Pál"),
        ("tr", "Cem Çetin Hasan Işık İnci Ömer Ulaş Ünal"),
        ("lt", "Ignas Yla Jonas Sonata Šarūnas"),
        ("et", "Sander Šmidt Zoja Tamm Õie Ülle"),
        ("uk", "Гриценко Ґудзь Дем’ян Єва Іван Їжак"),
        ("el", "Άννα Βάσω Γιώργος Έλλη Ωρίων"),
        ("fa", "آرش بهار پروانه چمن ژاله گلی یاسمن"),
        ("ar", "أحمد بدر ثائر جمال حسن يوسف"),
        ("he", "אבי בתיה גדי דנה שרה תמר"),
        ("zh-Hans", "白 陈 李 王 张 赵"),  # by pinyin: bai, chen, li, wang, zhang, zhao
        ("zh-Hant", "丁 王 李 陳 趙"),  # by strokes: 2, 4, 7, 11, 14
        ("ja", "あべ かとう さとう たなか"),
        ("ko", "강 김 박 이 최"),
        ("ka", "ანა ბექა გიორგი ნინო"),
    ],
)
def test_alphabets(language: str, names: str) -> None:
    expected = names.split()
    turned = expected[::-1]
    assert sorted(turned, key=lambda name: collation_key([name], language)) == expected


def test_own_script_comes_first() -> None:
    names = ["Anna", "Андрій", "Ελένη"]
    assert min(names, key=lambda name: collation_key([name], "uk")) == "Андрій"
    assert min(names, key=lambda name: collation_key([name], "el")) == "Ελένη"
    assert min(names, key=lambda name: collation_key([name], "en")) == "Anna"


def test_what_comes_after_counts_where_the_letters_before_are_the_same() -> None:
    people = [("Berg", "Anna"), ("Bérg", "Berta"), ("Berg", "Zoe"), ("Berg Dahl", "Anna"), ("Bergman", "Anna")]
    turned = people[::-1]
    assert sorted(turned, key=lambda person: collation_key(person, "en")) == people


def test_every_language_of_statements_has_an_order_and_keys_are_bounded() -> None:
    for language in STATEMENT_LANGUAGES:
        assert b"" < collation_key(["A"], language) < collation_key(["B"], language)
        assert len(collation_key(["ö" * 800, "𠀀" * 200], language)) <= LONGEST_KEY


def test_a_language_without_rules_sorts_as_all_do() -> None:
    names = ["Äb", "Ac"]
    assert [collation_key([name], "tlh") for name in names] == [collation_key([name], "en") for name in names]
