"""Every date and time that people read goes through app.base.moments, so that it says the place that it is said in."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
PAGES_AND_MAILS = sorted(
    path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*") if path.suffix in {".html", ".txt"}
)
# Where a template may say a time: the macros, and for mails the words of a Moment.
MACROS = "_layout/macros.html"
# Flask-Babel's own filters know no place; an aware time's attributes are those of UTC.
RAW = re.compile(
    r"\|\s*(?:date|time|datetime)format\b|\.(?:strftime|isoformat|date|time|astimezone)\(|(?:\}\}|\)s) UTC\b"
)
# A column's name tells its kind: a time ends in _at, a date in _on. Printing either by itself tells no place.
BARE = re.compile(r"\{\{-?\s*[\w.]+_(?:at|on|until)\s*(?:\||-?\}\})")
SAID = re.compile(r"\{\{-?\s*[\w.]+_(?:at|on|until)\s*\|\s*(?:at_place|as_moment|written_day)\b")
# What a person never reads as a date: mail headers, marks in rows, names of files, and forms' own spelling of a day.
NOT_FOR_READING = {
    "accounts/door.py", "accounts/factors/actions.py", "appeals/emails.py", "audit/actions.py", "base/clock.py",
    "base/database.py", "base/moments.py", "deliveries/notices.py", "demonstration/incoming.py",
    "demonstration/invented_rows.py", "sheets/workbook_reading.py", "mail/addresses.py", "mail/composing.py",
    "mail/sending/preparing.py", "mailroom/checking.py", "mailroom/mailbox.py", "replies/actions.py",
    "replies/filing.py", "replies/outcomes.py", "statements/forms.py", "statements/notices.py",
    "upkeep/keeping.py", "upkeep/postgres_rooms.py",
}  # fmt: skip
FORMATTING = {"strftime", "format_date", "format_datetime", "format_time", "astimezone", "date"}


def _raw_in_template(source: str) -> list[str]:
    spoken = re.sub(r"\{#.*?#\}", "", source, flags=re.DOTALL)
    bare = [found[0] for found in BARE.finditer(spoken) if SAID.match(spoken, found.start()) is None]
    return [found[0] for found in RAW.finditer(spoken)] + bare


def _raw_in_code(source: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in FORMATTING and not (name == "date" and (node.args or isinstance(node.func, ast.Name))):
                found.append(f"{node.lineno}: {name}")
        if isinstance(node, ast.FormattedValue) and isinstance(node.format_spec, ast.JoinedStr):
            spec = "".join(str(part.value) for part in node.format_spec.values if isinstance(part, ast.Constant))
            if re.search(r"%[a-zA-Z]", spec):
                found.append(f"{node.lineno}: {spec}")
    return found


@pytest.mark.parametrize("name", PAGES_AND_MAILS)
def test_no_template_says_a_time_without_its_place(name: str) -> None:
    if name != MACROS:
        assert _raw_in_template((TEMPLATES / name).read_text(encoding="utf-8")) == []


def test_no_code_writes_a_time_for_people_by_itself() -> None:
    found = {
        name: raw
        for path in sorted((ROOT / "app").rglob("*.py"))
        if (name := path.relative_to(ROOT / "app").as_posix()) not in NOT_FOR_READING
        and (raw := _raw_in_code(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_what_is_let_through_still_needs_it() -> None:
    idle = [name for name in sorted(NOT_FOR_READING) if not _raw_in_code((ROOT / "app" / name).read_text("utf-8"))]
    assert idle == []


@pytest.mark.parametrize(
    "source",
    [
        '{{ row.opened_at|dateformat("long") }}', "{{ row.opened_at | datetimeformat }}", "{{ row.opened_at }}",
        "{{ row.at.isoformat() }}", "{{ letter.deadline_at|timeformat }} UTC", '{{ row.at.strftime("%d") }}',
        "{{- page.expires_at|string }}", "{{ reply.received_on }}",
    ],
)  # fmt: skip
def test_raw_time_in_a_template_is_found(source: str) -> None:
    assert _raw_in_template(source)


@pytest.mark.parametrize(
    "source",
    [
        "at.strftime('%d')", "f'{at:%H:%M}'", "format_date(at)", "day = at.date()", "at.astimezone(zone)",
        "x(babel.dates.format_datetime(at))",
    ],
)  # fmt: skip
def test_raw_time_in_code_is_found(source: str) -> None:
    assert _raw_in_code(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ moment(row.at|at_place(zone)) }}", "{{ (row.expires_at|as_moment).words }}",
        "{{ event.happened_on|written_day(event.pattern) }}", "{{ signed.withdrawn_at|at_place(zone)|written_day }}",
    ],
)  # fmt: skip
def test_time_with_its_place_is_let_through(source: str) -> None:
    assert _raw_in_template(source) == []


def test_moments_in_code_are_let_through() -> None:
    assert _raw_in_code("day = date(2027, 1, 1); words = Moment(at, zone).words") == []
