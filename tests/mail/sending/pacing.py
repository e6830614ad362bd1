"""What the tests of pace share: batches of wishes, and what came of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import event
from sqlalchemy.engine import Engine

from app.base import clock
from app.base.database import Database
from app.mail.sending.pace import Admission, Pace, Wish, admit

BATCH = 25
NO_LIMIT = Pace("relay.example.org", 0, 0, 0, 0)
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def in_future(**parts: float) -> datetime:
    return clock.now() + timedelta(**parts)


def admit_batch(database: Database, limits: Pace, wishes: Sequence[Wish], holder: str = "one") -> dict[int, Admission]:
    with database.writing() as session:
        return admit(session, limits, wishes, holder, in_future(minutes=2))


def batch_of(domain: str, *, is_bulk: bool = True, first: int = 0, many: int = BATCH) -> list[Wish]:
    return [Wish(number, domain, is_bulk) for number in range(first, first + many)]


def going(admitted: dict[int, Admission]) -> list[int]:
    return [number for number, admission in admitted.items() if admission.later is None]


@contextmanager
def statements_of(engine: Engine) -> Iterator[list[str]]:
    noted: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            noted.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield noted
    event.remove(engine, "before_cursor_execute", note)
