"""Moments at a place: the one way in which pages, mails and documents say a date or a time.

A statement has a place (an IANA time zone, chosen by its editors), and what happens to it is said in that place's time
with the place and UTC beside it, so that 23:30 in Los Angeles is not read as the next day. Where no place is known,
it is UTC. A day that people wrote down themselves, such as the date of a ruling, belongs to no zone and never moves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, get_timezone_location
from flask import Flask
from flask_babel import get_locale

from app.base.locales import gettext as _

HOUSE_ZONE = "UTC"
_AREAS = ("Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
_MINUTE = timedelta(minutes=1)


@cache
def zones() -> tuple[str, ...]:
    """Return the places of the time zone database; old aliases and fixed offsets are left out."""
    return (HOUSE_ZONE, *sorted(zone for zone in available_timezones() if zone.startswith(_AREAS)))


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment and the place in whose time it is said; it speaks the language of the page or mail around it."""

    at: datetime
    zone: str = HOUSE_ZONE

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("A moment is aware of its zone.")

    @property
    def local(self) -> datetime:
        """What the clocks show there."""
        return self.at.astimezone(ZoneInfo(self.zone))

    @property
    def on(self) -> date:
        """The day that it is there."""
        return self.local.date()

    @property
    def iso(self) -> str:
        """The moment for machines, with its offset from UTC."""
        return self.local.isoformat()

    @property
    def place(self) -> str:
        """The place's name in the page's language."""
        return place_name(self.zone, get_locale())

    @property
    def offset(self) -> str:
        """How far its clocks are from UTC then: UTC−7, UTC+5:45; UTC where they don't differ."""
        minutes = round((self.local.utcoffset() or timedelta()).total_seconds() / 60)
        hours, rest = divmod(abs(minutes), 60)
        sign = "−" if minutes < 0 else "+"
        return f"UTC{sign}{hours}{f':{rest:02}' if rest else ''}" if minutes else "UTC"

    @property
    def words(self) -> str:
        """The moment there and in UTC: 31 March 2027, 23:30 in Los Angeles (1 April 2027, 06:30 UTC)."""
        here = format_datetime(self.local, "d MMMM y, HH:mm", locale=get_locale())
        if self.zone == HOUSE_ZONE:
            return f"{here} UTC"
        pattern = "HH:mm" if self.at.astimezone(UTC).date() == self.on else "d MMMM y, HH:mm"
        there = format_datetime(self.at.astimezone(UTC), pattern, locale=get_locale())
        return _("%(local)s in %(place)s (%(utc)s UTC)", local=here, place=self.place, utc=there)

    @property
    def clock(self) -> str:
        """Only the time of day, for what has just happened: 23:30 in Los Angeles (06:30 UTC)."""
        if self.zone == HOUSE_ZONE:
            return f"{self.local:%H:%M} UTC"
        utc = f"{self.at.astimezone(UTC):%H:%M}"
        return _("%(local)s in %(place)s (%(utc)s UTC)", local=f"{self.local:%H:%M}", place=self.place, utc=utc)

    @property
    def day(self) -> str:
        """Only the day there: 31 March 2027 (Los Angeles, UTC−7)."""
        return self.day_in(get_locale())

    def day_in(self, locale: Locale | None) -> str:
        """Return the day as `day` does, in another language than the page's: for documents."""
        where = self.offset if self.zone == HOUSE_ZONE else f"{place_name(self.zone, locale)}, {self.offset}"
        return f"{format_date(self.on, 'long', locale=locale)} ({where})"


def place_name(zone: str, locale: Locale | None) -> str:
    """Return the name of a zone's place, from CLDR: Los Angeles, Лос-Анджелес; the city alone."""
    if zone == HOUSE_ZONE:
        return zone
    name = get_timezone_location(ZoneInfo(zone), locale=locale or Locale("en"), return_city=True)
    return name.rpartition("/")[2]


def moment_of(at: datetime | None, zone: str = HOUSE_ZONE) -> Moment | None:
    """Return a moment at a place; nothing for nothing."""
    return None if at is None else Moment(at, zone)


def written_day(on: date | Moment, pattern: str = "long", locale: Locale | None = None) -> str:
    """Write out a day: one that belongs to no zone as it stands, a moment's with its place.

    Raises TypeError for a bare datetime: its day depends on a place that it does not name.
    """
    if isinstance(on, Moment):
        return on.day
    if isinstance(on, datetime):
        raise TypeError("The day of a moment depends on a place: give a Moment.")
    return format_date(on, pattern, locale=locale or get_locale())


def day_for_machines(on: date | Moment) -> str:
    """Return a day for the `datetime` attribute, as it is at its place."""
    return (on.on if isinstance(on, Moment) else on).isoformat()


def locale_of(language: str) -> Locale | None:
    """Return the locale of a statement's language, British for English; none where CLDR has none."""
    try:
        return Locale.parse("en-GB" if language == "en" else language, sep="-")
    except (UnknownLocaleError, ValueError):
        return None


def moment_at(day: date, at: time, zone: str) -> datetime:
    """Return in UTC what the clocks of a place show; where they show it twice, the later: nobody is cut off early."""
    return datetime.combine(day, at, ZoneInfo(zone)).replace(fold=1).astimezone(UTC)


def end_of_day(day: date, zone: str) -> datetime:
    """Return the last minute of a day at a place, which is not 23:59 where the clocks are put forward in it."""
    midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
    return midnight.astimezone(UTC) - _MINUTE


def is_skipped(day: date, at: time, zone: str) -> bool:
    """Tell whether the clocks of a place jump over a time, so that it does not exist on that day."""
    there = datetime.combine(day, at, ZoneInfo(zone))
    return there.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != there.replace(tzinfo=None)


def init_moments(app: Flask) -> None:
    """Give templates what they may say dates and times with; a test keeps every other way out."""
    at_place: Callable[[datetime, str], Moment] = Moment
    app.add_template_filter(at_place, "at_place")
    app.add_template_filter(lambda at: at if isinstance(at, Moment) else Moment(at), "as_moment")
    app.add_template_filter(written_day)
    app.add_template_filter(day_for_machines)
    app.add_template_filter(lambda zone: place_name(zone, get_locale()), "place_name")
