"""The one clock: aware UTC, and tests can set it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class _Frozen:
    at: datetime | None = None


def now() -> datetime:
    """Return the current time, in UTC with time zone."""
    return _Frozen.at or datetime.now(UTC)


def start_of_day(at: datetime) -> datetime:
    """Return when the day of a moment began, in UTC: what is stored of moments that would tell who did something."""
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def number_of(at: datetime) -> int:
    """Return a moment as it is sealed: in microseconds since 1970, which take little room."""
    return (at - _EPOCH) // _MICROSECOND


def moment_in(number: int) -> datetime:
    """Return the moment that `number_of` made a number of."""
    return _EPOCH + number * _MICROSECOND


def freeze(at: datetime) -> None:
    """Stop the clock at an aware time. For tests only."""
    if at.tzinfo is None:
        raise ValueError("The clock knows aware times only.")
    _Frozen.at = at.astimezone(UTC)


def advance(**parts: float) -> None:
    """Move a stopped clock on by the parts of a timedelta. For tests only."""
    freeze(now() + timedelta(**parts))


def reset() -> None:
    """Let the clock run again."""
    _Frozen.at = None
