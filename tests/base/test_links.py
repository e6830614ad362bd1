"""Links: genuine for one purpose, one row and one issue, and nothing else."""

from __future__ import annotations

import secrets

import pytest
from hypothesis import given, strategies as st

from app.base.identifiers import new_public_id
from app.base.keys import Keys
from app.base.links import Claim, LinkBroken, LinkPurpose, Links

LINKS = Links(Keys(secrets.token_bytes(32)), "https://appeals.example.org/")
ROW = new_public_id()
TOKEN = LINKS.make(LinkPurpose.INVITATION, ROW, 7)


def test_read_what_was_made() -> None:
    assert LINKS.read(LinkPurpose.INVITATION, TOKEN) == Claim(ROW, 7)


def test_render_the_same_link_again() -> None:
    assert LINKS.make(LinkPurpose.INVITATION, ROW, 7) == TOKEN


@given(st.integers(min_value=0, max_value=len(TOKEN) - 1))
def test_refuse_truncated_link(length: int) -> None:
    with pytest.raises(LinkBroken):
        LINKS.read(LinkPurpose.INVITATION, TOKEN[:length])


@given(st.integers(min_value=0, max_value=len(TOKEN) - 1), st.characters(codec="ascii"))
def test_refuse_altered_link(position: int, letter: str) -> None:
    altered = TOKEN[:position] + letter + TOKEN[position + 1 :]
    if altered != TOKEN:
        with pytest.raises(LinkBroken):
            LINKS.read(LinkPurpose.INVITATION, altered)


@given(st.text(max_size=200))
def test_refuse_any_text(token: str) -> None:
    with pytest.raises(LinkBroken):
        LINKS.read(LinkPurpose.MANAGE, token)


def test_refuse_link_for_another_purpose() -> None:
    for purpose in set(LinkPurpose) - {LinkPurpose.INVITATION}:
        with pytest.raises(LinkBroken):
            LINKS.read(purpose, TOKEN)


def test_refuse_link_made_under_another_key() -> None:
    with pytest.raises(LinkBroken):
        Links(Keys(secrets.token_bytes(32)), "https://x").read(LinkPurpose.INVITATION, TOKEN)
