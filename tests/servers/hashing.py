"""Passwords hashed as lightly as argon2id can: as it is shipped, one takes a quarter of a second of the processor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from argon2 import PasswordHasher

from app.accounts import passwords

_SHIPPED = passwords._hasher
_LIGHT = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@contextmanager
def _hashing_with(hasher: PasswordHasher) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", hasher)
        passwords._nobodys_hash.cache_clear()
        yield
    passwords._nobodys_hash.cache_clear()


@pytest.fixture(autouse=True, scope="session")
def _light_hashing() -> Iterator[None]:
    """A hash says how it was made, so what is tested is the same but for the strength."""
    with _hashing_with(_LIGHT):
        yield


@pytest.fixture
def shipped_hashing() -> Iterator[None]:
    """Hash as the service does: for tests of the strength. Ask for it before the organisers."""
    with _hashing_with(_SHIPPED):
        yield
