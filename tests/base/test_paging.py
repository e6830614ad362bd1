"""Cursors: opaque, and nonsense is a page that does not exist."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from app.base.errors import NotFound
from app.base.paging import decode_cursor, decode_id, encode_cursor, page_of


def test_cursor_comes_back() -> None:
    assert decode_cursor(encode_cursor(5, "é", None), 3) == [5, "é", None]
    assert decode_cursor(None, 3) is None


@given(st.text(min_size=1, max_size=60))
def test_nonsense_never_crashes(cursor: str) -> None:
    try:
        found = decode_cursor(cursor, 2)
    except NotFound:
        return
    assert found is not None
    assert len(found) == 2


def test_wrong_length_is_refused() -> None:
    with pytest.raises(NotFound):
        decode_cursor(encode_cursor(1), 2)


def test_page_knows_whether_more_follow() -> None:
    assert page_of([1, 2, 3], 2, None, [2]).next_cursor == encode_cursor(2)
    assert page_of([1, 2], 2, "x", [2]).next_cursor is None


def test_an_id_comes_back() -> None:
    assert decode_id(encode_cursor(7)) == 7
    assert decode_id("") is None


@pytest.mark.parametrize("key", ["x", None, -1])
def test_what_is_no_id_is_refused(key: str | int | None) -> None:
    with pytest.raises(NotFound):
        decode_id(encode_cursor(key))
