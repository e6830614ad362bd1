"""Deadlines as people say them, and demands that are rearranged in a form."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from app.statements.forms import DeadlineForm, StatementSettingsForm, StatementTextForm, local_parts


@pytest.fixture(autouse=True)
def _interface(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def deadline(day: str, time: str, zone: str = "Europe/Warsaw") -> DeadlineForm:
    return DeadlineForm(MultiDict({"deadline_on": day, "deadline_time": time, "deadline_zone": zone}))


@pytest.mark.parametrize(
    ("day", "time", "zone", "at"),
    [
        ("2027-01-15", "18:00", "Europe/Warsaw", datetime(2027, 1, 15, 17, 0, tzinfo=UTC)),
        ("2027-07-15", "18:00", "Europe/Warsaw", datetime(2027, 7, 15, 16, 0, tzinfo=UTC)),
        ("2027-07-15", "", "UTC", datetime(2027, 7, 15, 23, 59, tzinfo=UTC)),
        ("2027-07-15", "00:00", "Asia/Kathmandu", datetime(2027, 7, 14, 18, 15, tzinfo=UTC)),
        # The clocks are put back: of the two half past two, the later, so that nobody is cut off early.
        ("2027-10-31", "02:30", "Europe/Warsaw", datetime(2027, 10, 31, 1, 30, tzinfo=UTC)),
    ],
)
def test_deadline_is_the_moment_at_its_place(day: str, time: str, zone: str, at: datetime) -> None:
    form = deadline(day, time, zone)
    assert form.validate(), form.errors
    assert form.deadline_at == at


def test_deadline_may_be_left_empty() -> None:
    form = deadline("", "")
    assert form.validate()
    assert form.deadline_at is None


def test_emptied_deadline_does_not_keep_the_saved_one() -> None:
    saved = local_parts(datetime(2027, 1, 15, 17, 0, tzinfo=UTC), "Europe/Warsaw")
    form = DeadlineForm(MultiDict({"deadline_on": "", "deadline_time": "", "deadline_zone": "UTC"}), data=saved)
    assert form.validate()
    assert form.deadline_at is None


def test_skipped_hour_is_refused() -> None:
    form = deadline("2027-03-28", "02:30")
    assert not form.validate()
    assert "clocks are put forward" in str(form.deadline_time.errors)


def test_zone_that_is_none_is_refused() -> None:
    assert not deadline("2027-01-15", "18:00", "Mars/Olympus").validate()


def test_saved_deadline_comes_back_as_it_was_set() -> None:
    parts = local_parts(datetime(2027, 1, 15, 17, 0, tzinfo=UTC), "Europe/Warsaw")
    assert (str(parts["deadline_on"]), str(parts["deadline_time"])) == ("2027-01-15", "18:00:00")
    assert local_parts(None, "Asia/Almaty") == {"deadline_zone": "Asia/Almaty"}


@pytest.mark.parametrize("slug", ["free-the-press", "a", "2027-appeal"])
def test_slug_of_letters_digits_and_hyphens_is_taken(slug: str) -> None:
    form = StatementSettingsForm(MultiDict({"slug": slug}))
    form.language.choices = [("en", "English")]
    form.validate()
    assert not form.slug.errors


@pytest.mark.parametrize("slug", ["Free", "a--b", "-a", "a-", "ä", "a b", "a/b", "x" * 81])
def test_slug_of_anything_else_is_refused(slug: str) -> None:
    form = StatementSettingsForm(MultiDict({"slug": slug}))
    form.language.choices = [("en", "English")]
    form.validate()
    assert form.slug.errors


def demands_of(*texts: str) -> StatementTextForm:
    return StatementTextForm(MultiDict({f"demands-{number}": text for number, text in enumerate(texts)}))


@pytest.mark.parametrize(
    ("what", "number", "texts", "look_at"),
    [
        ("add", 0, ["A", "B", ""], 3),
        ("remove", 2, ["A"], 1),
        ("up", 2, ["B", "A"], 1),
        ("down", 1, ["B", "A"], 2),
        ("down", 2, ["A", "B"], 2),
        ("up", 7, ["A", "B"], 7),
        ("nonsense", 0, ["A", "B"], None),
    ],
)
def test_rearrange_moves_what_was_typed(what: str, number: int, texts: list[str], look_at: int | None) -> None:
    form = demands_of("A", "B")
    assert form.rearrange(what, number) == look_at
    assert form.typed_demands == texts
    assert [entry.label.text for entry in form.demands.entries] == [f"Demand {n}" for n in range(1, len(texts) + 1)]
    assert [entry.name for entry in form.demands.entries] == [f"demands-{n}" for n in range(len(texts))]


def test_gaps_between_demands_are_closed() -> None:
    form = StatementTextForm(MultiDict({"demands-7": "B", "demands-3": "A"}))
    assert form.typed_demands == ["A", "B"]


@pytest.mark.parametrize(("typed", "seen"), [("7", 7), ("", 0), ("x", 0), ("²", 0), ("9" * 40, 0), ("-1", 0)])
def test_seen_revision_is_a_number_or_none_that_exists(typed: str, seen: int) -> None:
    assert StatementTextForm(MultiDict({"revision": typed})).revision.number == seen
