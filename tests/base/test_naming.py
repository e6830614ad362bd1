"""A name is a name: addresses, numbers and code are refused, and living names in every script are not."""

import pytest

from app.base.names import UnfitNameError
from app.base.naming import body_name, line_beside, person_name
from tests.base.test_names import NAMES

PEOPLE = [
    *NAMES, "J.R.R. Tolkien", "J.R.R.Tolkien", "A.Li", "Dr.Li", "St.John Rivers", "Anna, Lviv", "Anna.Berg", "@anna",
    "Signe Signatory 123", "O’Neill-Śmith III",
]  # fmt: skip
ADDRESSES = [
    "https://evil.example/x", "http:/evil", "www.evil.example", "Anna evil.com", "anna@example.org", "t.me/evil",
    "javascript:alert(1)", "+380 44 123 45 67", "mailto:anna", "Anna пример.рф".encode("idna").decode(),
]  # fmt: skip
CODE = ["<b>Anna</b>", "Anna &amp; Bob", "[Anna](evil)", "{{ name }}", "[url=x]Anna"]
NO_LETTERS = ["…", "123", "---", "!!!", "١٢٣"]


@pytest.mark.parametrize("name", PEOPLE)
def test_living_names_stay(name: str) -> None:
    assert person_name(name)


@pytest.mark.parametrize("name", [*ADDRESSES, *CODE, *NO_LETTERS])
def test_what_is_no_name_is_refused_with_the_mend(name: str) -> None:
    with pytest.raises(UnfitNameError, match="Write"):
        person_name(name)


@pytest.mark.parametrize("name", ["Gulagu.net", "350.org", "Memorial 1989-2024", "Article 19", "Ж"])
def test_bodies_may_bear_the_name_of_their_website(name: str) -> None:
    assert body_name(name) == name


@pytest.mark.parametrize("name", ["example.org/join", "https://example.org", "a.org b.org", "x@example.org", "!!!"])
def test_bodies_are_no_links(name: str) -> None:
    with pytest.raises(UnfitNameError):
        body_name(name)


@pytest.mark.parametrize("line", ["", "Nobel Peace Prize laureate 2022, Ukraine", "editor of gulagu.net", "2022"])
def test_lines_say_what_people_are_known_by(line: str) -> None:
    assert line_beside(line) == line


@pytest.mark.parametrize("line", ["see https://x.example", "aa.com bb.com", "write to a@b.org", "<i>x</i>", "t.me/x"])
def test_a_line_is_no_link_farm(line: str) -> None:
    with pytest.raises(UnfitNameError):
        line_beside(line)
