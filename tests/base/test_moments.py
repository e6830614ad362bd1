"""Moments are said at their place and in UTC; days that people wrote down never move; the clocks' jumps lose nobody."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.base.locales import rendering_in
from app.base.moments import (
    Moment,
    day_for_machines,
    end_of_day,
    is_skipped,
    locale_of,
    moment_at,
    moment_of,
    written_day,
    zones,
)


def at_place(year: int, month: int, day: int, hour: int, minute: int, zone: str) -> Moment:
    return Moment(datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC), zone)


LATE_IN_LOS_ANGELES = at_place(2027, 3, 31, 23, 30, "America/Los_Angeles")


@pytest.mark.parametrize(
    ("moment", "words", "day"),
    [
        (
            LATE_IN_LOS_ANGELES,
            "31 March 2027, 23:30 in Los Angeles (1 April 2027, 06:30 UTC)",
            "31 March 2027 (Los Angeles, UTC−7)",
        ),
        (
            at_place(2027, 1, 1, 3, 0, "Asia/Kathmandu"),
            "1 January 2027, 03:00 in Kathmandu (31 December 2026, 21:15 UTC)",
            "1 January 2027 (Kathmandu, UTC+5:45)",
        ),
        (
            at_place(2027, 1, 1, 13, 30, "Pacific/Kiritimati"),
            "1 January 2027, 13:30 in Kiritimati (31 December 2026, 23:30 UTC)",
            "1 January 2027 (Kiritimati, UTC+14)",
        ),
        (
            at_place(2027, 1, 1, 18, 0, "Pacific/Apia"),
            "1 January 2027, 18:00 in Apia (05:00 UTC)",
            "1 January 2027 (Apia, UTC+13)",
        ),
        (
            at_place(2027, 6, 1, 9, 5, "America/Argentina/Buenos_Aires"),
            "1 June 2027, 09:05 in Buenos Aires (12:05 UTC)",
            "1 June 2027 (Buenos Aires, UTC−3)",
        ),
        (Moment(datetime(2027, 3, 31, 16, tzinfo=UTC)), "31 March 2027, 16:00 UTC", "31 March 2027 (UTC)"),
    ],
)
def test_moment_is_said_at_its_place_and_in_utc(app: Flask, moment: Moment, words: str, day: str) -> None:
    with app.test_request_context():
        assert (moment.words, moment.day) == (words, day)


def test_hour_that_comes_twice_is_told_apart(app: Flask) -> None:
    """The clocks of New York show 01:30 twice on 7 November 2027; UTC says which."""
    first = Moment(datetime(2027, 11, 7, 5, 30, tzinfo=UTC), "America/New_York")
    with app.test_request_context():
        assert first.words == "7 November 2027, 01:30 in New York (05:30 UTC)"
        assert (
            Moment(first.at + timedelta(hours=1), first.zone).words == "7 November 2027, 01:30 in New York (06:30 UTC)"
        )


def test_offset_is_that_of_the_day(app: Flask) -> None:
    with app.test_request_context():
        winter, summer = (at_place(2027, month, 1, 12, 0, "Europe/Warsaw").day for month in (1, 7))
    assert (winter, summer) == ("1 January 2027 (Warsaw, UTC+1)", "1 July 2027 (Warsaw, UTC+2)")


def test_machines_get_the_day_and_the_offset_of_the_place() -> None:
    assert LATE_IN_LOS_ANGELES.iso == "2027-03-31T23:30:00-07:00"
    assert day_for_machines(LATE_IN_LOS_ANGELES) == "2027-03-31"
    assert day_for_machines(date(2027, 3, 31)) == "2027-03-31"


def test_time_of_day_alone_says_its_place_too(app: Flask) -> None:
    with app.test_request_context():
        assert LATE_IN_LOS_ANGELES.clock == "23:30 in Los Angeles (06:30 UTC)"
        assert Moment(LATE_IN_LOS_ANGELES.at).clock == "06:30 UTC"


def test_document_says_the_day_in_its_own_language() -> None:
    assert LATE_IN_LOS_ANGELES.day_in(locale_of("ru")) == "31 марта 2027\u202fг. (Лос-Анджелес, UTC−7)"
    assert locale_of("tlh-Latn-xx-bad") is None


@pytest.mark.parametrize("language", ["en", "ar", "uk"])
def test_day_that_people_wrote_down_never_moves(app: Flask, language: str) -> None:
    with app.test_request_context(), rendering_in(language):
        assert "2026" in written_day(date(2026, 1, 1))
        assert written_day(date(2026, 1, 1), "MMMM y") == "January 2026"  # no other catalogue is shipped


def test_day_of_a_bare_datetime_is_refused() -> None:
    with pytest.raises(TypeError, match="depends on a place"):
        written_day(datetime(2027, 3, 31, tzinfo=UTC))
    with pytest.raises(ValueError, match="aware"):
        Moment(datetime(2027, 3, 31))  # noqa: DTZ001 - a time without a zone is what is refused


def test_nothing_has_no_moment() -> None:
    assert moment_of(None, "Asia/Almaty") is None


@pytest.mark.parametrize(
    ("zone", "day", "last"),
    [
        ("America/Los_Angeles", date(2027, 3, 31), "23:59"),
        ("America/Nuuk", date(2027, 3, 27), "22:59"),  # the clocks go from 23:00 to 24:00
        ("Africa/Cairo", date(2027, 4, 29), "23:59"),  # midnight itself is jumped over
        ("America/Havana", date(2027, 11, 6), "23:59"),  # 00:30 of the next day comes twice
        ("Pacific/Apia", date(2011, 12, 29), "23:59"),  # the next day was left out altogether
    ],
)
def test_day_ends_with_its_last_minute_there(zone: str, day: date, last: str) -> None:
    end = end_of_day(day, zone)
    there = end.astimezone(ZoneInfo(zone))
    assert (there.date(), f"{there:%H:%M}") == (day, last)
    assert (end + timedelta(minutes=1)).astimezone(ZoneInfo(zone)).date() > day


def test_day_whose_last_hour_comes_twice_ends_with_the_second() -> None:
    """In Santiago the clocks go from 24:00 back to 23:00."""
    assert end_of_day(date(2027, 4, 3), "America/Santiago") == datetime(2027, 4, 4, 3, 59, tzinfo=UTC)
    assert moment_at(date(2027, 4, 3), time(23, 59), "America/Santiago") == datetime(2027, 4, 4, 3, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "at", "zone", "skipped"),
    [
        (date(2027, 3, 28), time(2, 30), "Europe/Warsaw", True),
        (date(2027, 3, 27), time(23, 30), "America/Nuuk", True),
        (date(2027, 3, 27), time(22, 59), "America/Nuuk", False),
        (date(2027, 10, 31), time(2, 30), "Europe/Warsaw", False),
    ],
)
def test_time_that_does_not_exist_is_known(day: date, at: time, zone: str, skipped: bool) -> None:
    assert is_skipped(day, at, zone) is skipped


def test_every_zone_has_a_place_name_in_every_language(app: Flask) -> None:
    with app.test_request_context():
        names = {zone: Moment(LATE_IN_LOS_ANGELES.at, zone).place for zone in zones()}
    assert [zone for zone, name in names.items() if not name or "/" in name] == []
