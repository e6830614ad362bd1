"""Keyset pages: stable under inserts, as quick on the last page as on the first."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.base.errors import NotFound
from app.base.locales import lazy_gettext as _l

Item = TypeVar("Item")
LARGEST_ID = 2**63 - 1  # a cursor may ask for any row, and a database takes no greater number


class NoSuchListPage(NotFound):
    """The list's address was cut off or made up."""

    def __init__(self) -> None:
        super().__init__(_l("This page of the list does not exist. Start again from its beginning."))


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Some items and, where more follow, the cursor of the next page."""

    items: Sequence[Item]
    next_cursor: str | None = None
    is_first: bool = True


def encode_cursor(*key: str | int | None) -> str:
    """Turn the sort key of a page's last row into an opaque URL argument."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None, length: int) -> list[str | int | None] | None:
    """Read a cursor of a given key length; None stands for the first page. Raises NoSuchListPage."""
    if not cursor:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        key = None
    if not isinstance(key, list) or len(key) != length or not all(_is_key_part(part) for part in key):
        raise NoSuchListPage
    return key


def decode_id(cursor: str | None) -> int | None:
    """Read a cursor that is the id of a page's last row; None stands for the first page. Raises NoSuchListPage."""
    key = decode_cursor(cursor, 1)
    if key is None:
        return None
    if not isinstance(key[0], int) or key[0] < 0:
        raise NoSuchListPage
    return key[0]


def _is_key_part(part: object) -> bool:
    """Take only what a column can hold: text without NUL, and whole numbers that fit a BIGINT."""
    if isinstance(part, str):
        return "\0" not in part
    return part is None or (isinstance(part, int) and abs(part) <= LARGEST_ID)


def page_of(rows: Sequence[Item], limit: int, cursor: str | None, key: Sequence[str | int | None] | None) -> Page[Item]:
    """Cut `limit + 1` fetched rows into a page; `key` is the sort key of row `limit`, where there are more."""
    more = len(rows) > limit
    return Page(rows[:limit], encode_cursor(*key) if more and key else None, is_first=not cursor)
