"""What both databases do with rows, each under one name: insert or else, how many changed, so many at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Result, Row
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

AT_ONCE = 500  # rows that one statement names: SQLite's oldest limit on parameters is 999
T = TypeVar("T")


def insert_into(session: Session, table: Any) -> Any:
    """Return an insert that can do something else on a conflict, for the database in use."""
    is_postgres = session.get_bind().dialect.name == "postgresql"
    return postgresql.insert(table) if is_postgres else sqlite.insert(table)


def number_changed(result: Result[Any]) -> int:
    """Return how many rows an UPDATE or DELETE changed, or an INSERT added."""
    number: int = result.rowcount  # type: ignore[attr-defined]
    return number


def has_changed(result: Result[Any]) -> bool:
    """Tell whether a statement changed any row: this is how a race goes to the one who came first."""
    return number_changed(result) > 0


def portions(items: Sequence[T], size: int = AT_ONCE) -> Iterator[Sequence[T]]:
    """Give a sequence in portions of at most `size`, so that no statement names too many rows."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def belongs_to(column: Any, value: int) -> ColumnElement[bool]:
    """Compare what rows belong to, beside a list of their own ids, so that they are found by these.

    SQLite takes the index of a campaign or a statement for a list of 25 ids and more, and walks all that belongs to it.
    """
    found: ColumnElement[bool] = column + 0 == value
    return found


def by_name(kind: Callable[..., T], row: Row[*tuple[Any, ...]]) -> T:
    """Make something of a row by the names of its columns; one too many or too few is an error."""
    return kind(**row._mapping)
