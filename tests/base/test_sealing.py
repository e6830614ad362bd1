"""Envelopes: open where they were sealed and nowhere else, and tell little by their length."""

from __future__ import annotations

import secrets

import pytest
from hypothesis import given, strategies as st
from sqlalchemy.orm import Session

from app.base.keys import KeyFileError, Keys
from app.base.sealing import ENVELOPE_VERSION, Place, SealBroken, Vault, blind_index, open_many, open_one, seal

PLACE = Place("signatories", "identity_sealed", "23456789abcdefghjkmn")
VAULT = Vault(Keys(secrets.token_bytes(32)))


@given(st.binary(max_size=2000), st.integers(min_value=1, max_value=512))
def test_open_what_was_sealed(plain: bytes, pad_to: int) -> None:
    envelope = VAULT.seal(PLACE, plain, pad_to)
    assert envelope[0] == ENVELOPE_VERSION
    assert VAULT.open([(PLACE, envelope)], "test") == [plain]


@pytest.mark.parametrize(
    "elsewhere",
    [
        Place("imports", PLACE.column, PLACE.row),
        Place(PLACE.table, "role_sealed", PLACE.row),
        Place(PLACE.table, PLACE.column, "zzzzzzzzzzzzzzzzzzzz"),
    ],
)
def test_refuse_envelope_that_was_moved(elsewhere: Place) -> None:
    envelope = VAULT.seal(PLACE, b"a name", 64)
    with pytest.raises(SealBroken):
        VAULT.open([(elsewhere, envelope)], "test")


@given(st.integers(min_value=0), st.integers(min_value=0, max_value=7))
def test_refuse_envelope_with_one_flipped_bit(position: int, bit: int) -> None:
    envelope = bytearray(VAULT.seal(PLACE, b"a name", 64))
    envelope[position % len(envelope)] ^= 1 << bit
    with pytest.raises(SealBroken):
        VAULT.open([(PLACE, bytes(envelope))], "test")


def test_refuse_another_key() -> None:
    envelope = VAULT.seal(PLACE, b"a name", 64)
    with pytest.raises(SealBroken):
        Vault(Keys(secrets.token_bytes(32))).open([(PLACE, envelope)], "test")


def test_same_text_never_looks_the_same_twice() -> None:
    assert VAULT.seal(PLACE, b"a name", 64) != VAULT.seal(PLACE, b"a name", 64)


def test_short_and_longer_text_have_one_length(session: Session) -> None:
    assert len(seal(session, PLACE, {"name": "Wu"})) == len(seal(session, PLACE, {"name": "W" * 200}))


def test_open_many_keeps_the_order(session: Session) -> None:
    places = [Place("t", "c", str(number)) for number in range(50)]
    items = [(place, seal(session, place, {"n": place.row})) for place in places]
    assert [found["n"] for found in open_many(session, items, "test")] == [place.row for place in places]


def test_opening_needs_a_purpose(session: Session) -> None:
    with pytest.raises(ValueError, match="purpose"):
        open_one(session, PLACE, seal(session, PLACE, {}), "")


def test_blind_index_depends_on_value_scope_and_key(session: Session) -> None:
    found = blind_index(session, "campaign a", "ada@example.org")
    assert found == blind_index(session, "campaign a", "ada@example.org")
    assert found != blind_index(session, "campaign b", "ada@example.org")
    assert found != VAULT.blind_index("campaign a", "ada@example.org")
    assert len(found) == 16


def test_refuse_short_key() -> None:
    with pytest.raises(KeyFileError):
        Keys(b"short")
