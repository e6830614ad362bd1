"""Where two texts differ: nothing is lost, and what changed is marked."""

from __future__ import annotations

import re

from hypothesis import HealthCheck, given, settings, strategies as st

from app.statements.differences import Mark, differences

# The first example builds a table of all characters, which takes a while on a busy machine.
calmly = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
_texts = st.lists(st.text("ab \u4e2dé", min_size=1, max_size=8), max_size=6).map("\n\n".join)


def side(before: str, after: str, other: Mark) -> str:
    """Put one of the two texts together again from the pieces."""
    pieces = (piece.text for line in differences(before, after) for piece in line if piece.mark is not other)
    return "".join(pieces)


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


@calmly
@given(_texts, _texts)
def test_both_texts_can_be_put_together_from_the_pieces(before: str, after: str) -> None:
    assert bare(side(before, after, Mark.ADDED)) == bare(before)
    assert bare(side(before, after, Mark.REMOVED)) == bare(after)


def test_changed_word_is_marked_and_the_rest_is_not() -> None:
    (line,) = differences("Examine every request with care.", "Examine each request with care.")
    assert [(piece.mark, piece.text) for piece in line] == [
        (Mark.SAME, "Examine "),
        (Mark.REMOVED, "every"),
        (Mark.ADDED, "each"),
        (Mark.SAME, " request with care."),
    ]


def test_paragraph_that_came_is_marked_whole() -> None:
    lines = differences("One.\n\nThree.", "One.\n\nTwo.\n\nThree.")
    assert [line[0].mark for line in lines] == [Mark.SAME, Mark.ADDED, Mark.SAME]


def test_chinese_is_compared_by_character() -> None:
    (line,) = differences("我们要求停止", "我们要求立即停止")
    assert [piece.text for piece in line if piece.mark is Mark.ADDED] == ["立即"]


def test_enormous_texts_are_not_compared_word_by_word() -> None:
    before = "word " * 50_000
    lines = differences(before, before + "more")
    assert [line[0].mark for line in lines] == [Mark.REMOVED, Mark.ADDED]


def test_same_text_has_no_marks() -> None:
    assert {piece.mark for line in differences("One.\n\nTwo.", "One.\n\nTwo.") for piece in line} == {Mark.SAME}
