"""What only a person can say of a list's columns: the second meaning of a heading, and how names are written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from app.base.locales import gettext as _, lazy_gettext as _l, ngettext
from app.imports.cells import is_empty, tidied
from app.imports.fields import LABELS, PERSON_FIELDS, Field
from app.imports.mapping import guess_columns
from app.imports.person_names import OFFERED, HabitAnswer, NameHabit, habits_of, read_name, turns
from app.imports.plans import BODIES, PEOPLE, WHO_SIGNS, Plan
from app.imports.questions import changes_in_words
from app.imports.review import changes_between
from app.imports.rows import Reading, each_reading
from app.sheets.raw_sheets import column_letter
from app.sheets.reading import Sheet

_SAMPLES, _MOST_EXAMPLES, _MOST_NAMED = 5, 3, 5
_ROWS_COMPARED = 1_000
_HABIT_SENTENCES: dict[NameHabit, Callable[[int], str]] = {
    NameHabit.BULLETS: lambda n: ngettext(
        "%(num)s name has a bullet or a number before it.", "%(num)s names have a bullet or a number before them.", n
    ),
    NameHabit.LINES: lambda n: ngettext(
        "%(num)s cell of names has several lines.", "%(num)s cells of names have several lines.", n
    ),
    NameHabit.BRACKETS: lambda n: ngettext(
        "%(num)s name has something in brackets after it.", "%(num)s names have something in brackets after them.", n
    ),
    NameHabit.DASH: lambda n: ngettext(
        "%(num)s name has something after a dash.", "%(num)s names have something after a dash.", n
    ),
    NameHabit.COMMA: lambda n: ngettext("%(num)s name holds a comma.", "%(num)s names hold a comma.", n),
    NameHabit.CAPITALS: lambda n: ngettext(
        "%(num)s name begins with capitals, as family names do.",
        "%(num)s names begin with capitals, as family names do.", n,
    ),
}  # fmt: skip
_ANSWERS = {
    HabitAnswer.KEEP: _l("Keep it as it is"),
    HabitAnswer.TURN: _l("The family name comes first: turn it"),
    HabitAnswer.SPLIT: _l("That is no part of the name: put it into the affiliation"),
    HabitAnswer.STRIP: _l("Take it away"),
}


@dataclass(frozen=True)
class ShownDifference:
    """A row that would be read differently if a column held something else."""

    number: int
    reading: str


@dataclass(frozen=True)
class ShownColumn:
    """A column of the list: how many cells it fills, what it may hold instead, and its place if it is joined."""

    letter: str
    heading: str
    samples: Sequence[str]
    second_meaning: str
    differences: Sequence[ShownDifference]
    rank: int | None


@dataclass(frozen=True)
class ShownOption:
    """An answer for the whole column, with the first rows as it would make them."""

    value: str
    label: str
    examples: Sequence[tuple[int, str]]
    is_chosen: bool


@dataclass(frozen=True)
class ListQuestion:
    """Something that is asked once for the whole list."""

    key: str
    sentence: str
    options: Sequence[ShownOption]
    hint: str = ""


def shown_columns(sheet: Sheet, plan: Plan, language: str) -> list[ShownColumn]:
    """Return each column with samples and, where its heading is doubtful, with the rows where that matters."""
    guesses = guess_columns(sheet.header, (row.cells for row in sheet.rows[:50]))
    ranks = _ranks(plan)
    found = []
    for index, heading in enumerate(sheet.header):
        guess, field = guesses[index], plan.columns[index]
        other = guess.runner_up if field is guess.field else guess.field if field is guess.runner_up else None
        differences = _differences(sheet, plan, index, other, language) if other is not None else []
        samples = list(islice((row.cells[index] for row in sheet.rows if row.cells[index]), _SAMPLES))
        label = str(LABELS[other]) if other is not None and differences else ""
        found.append(ShownColumn(column_letter(index), heading, samples, label, differences, ranks.get(index)))
    return found


def left_out(sheet: Sheet, plan: Plan) -> list[tuple[str, int]]:
    """Return the headings of columns that hold something and are left out, with how many cells."""
    counts = [
        (heading, sum(1 for row in sheet.rows if row.cells[index] and not is_empty(row.cells[index])))
        for index, (heading, field) in enumerate(zip(sheet.header, plan.columns, strict=False))
        if field is Field.IGNORE
    ]
    return [(heading, number) for heading, number in counts if number]


def list_questions(sheet: Sheet, plan: Plan) -> list[ListQuestion]:
    """Return what is asked once for the whole list, with what was answered or else is likely."""
    return [*_who_signs(sheet, plan), *_habits(sheet, plan)]


def is_unseen(sheet: Sheet, plan: Plan, typed: Mapping[str, str]) -> bool:
    """Tell whether the columns as typed raise a question that the page did not show yet."""
    asked = any(f"habit-{question.key}" not in typed for question in list_questions(sheet, plan))
    return asked or any(f"rank-{index}" not in typed for index in _ranks(plan))


def _ranks(plan: Plan) -> dict[int, int]:
    """Return the place of each column among those that hold the same, where that matters."""
    joined = [columns for columns in plan.columns_of().values() if len(columns) > 1]
    return {index: place for columns in joined for place, index in enumerate(columns, start=1)}


def _differences(sheet: Sheet, plan: Plan, index: int, other: Field, language: str) -> list[ShownDifference]:
    """Find the first rows that would be read differently; a long list is not read to its end for that."""
    columns = (*plan.columns[:index], other, *plan.columns[index + 1 :])
    head = replace(sheet, rows=sheet.rows[:_ROWS_COMPARED])
    pairs = zip(each_reading(head, plan), each_reading(head, replace(plan, columns=columns)), strict=True)
    differing = (pair for pair in pairs if pair[0].entry != pair[1].entry)
    return [_difference(now, then, language) for now, then in islice(differing, _MOST_EXAMPLES)]


def _difference(now: Reading, then: Reading, language: str) -> ShownDifference:
    changes = changes_in_words(changes_between(now.entry, then.entry), language)
    gained = [_("%(label)s: %(text)s", label=change.label, text=change.new) for change in changes if change.new]
    lost = [_("no %(label)s", label=change.label) for change in changes if not change.new]
    return ShownDifference(now.number, " · ".join(gained or lost))


def _who_signs(sheet: Sheet, plan: Plan) -> list[ListQuestion]:
    """Ask who signs where people stand beside organisations that come several times."""
    columns = plan.columns_of()
    if Field.ORGANISATION not in columns or not set(columns) & PERSON_FIELDS:
        return []
    index = columns[Field.ORGANISATION][0]
    counts = Counter(tidied(row.cells[index]) for row in sheet.rows if tidied(row.cells[index]))
    often = [(name, number) for name, number in counts.most_common(_MOST_NAMED) if number > 1]
    if not often:
        return []
    named = ", ".join(_("“%(name)s” (%(number)s)", name=name, number=number) for name, number in often)
    chosen = plan.habits.get(WHO_SIGNS, PEOPLE)
    labels = {
        PEOPLE: _("The people sign; the organisation is their affiliation"),
        BODIES: _("The organisations sign; the person represents them"),
    }
    options = [ShownOption(value, label, (), value == chosen) for value, label in labels.items()]
    return [ListQuestion(WHO_SIGNS, _("Some organisations stand in many rows. Who signs?"), options, named)]


def _habits(sheet: Sheet, plan: Plan) -> list[ListQuestion]:
    columns = plan.columns_of().get(Field.NAME, ())
    if len(columns) != 1:
        return []
    names = [(row.number, tidied(row.cells[columns[0]])) for row in sheet.rows if row.cells[columns[0]]]
    having: dict[NameHabit, list[tuple[int, str]]] = {}
    for number, name in names:
        for habit in habits_of(name):
            having.setdefault(habit, []).append((number, name))
    return [_habit(habit, having[habit], len(names), plan) for habit in NameHabit if habit in having]


def _habit(habit: NameHabit, having: Sequence[tuple[int, str]], names: int, plan: Plan) -> ListQuestion:
    chosen = plan.habits.get(habit) or _likely(habit, having, names)
    options = [
        ShownOption(answer, str(_ANSWERS[answer]), _examples(habit, answer, having), answer == chosen)
        for answer in OFFERED[habit]
    ]
    return ListQuestion(habit, _HABIT_SENTENCES[habit](len(having)), options)


def _likely(habit: NameHabit, having: Sequence[tuple[int, str]], names: int) -> HabitAnswer:
    """Guess what a habit means: what one name in five has is no accident."""
    if habit in (NameHabit.BULLETS, NameHabit.LINES):
        return OFFERED[habit][0]
    if len(having) * 5 < names:
        return HabitAnswer.KEEP
    if habit is NameHabit.COMMA and sum(1 for _number, name in having if turns(name)) * 2 <= len(having):
        return HabitAnswer.SPLIT
    return OFFERED[habit][0]


def _examples(habit: NameHabit, answer: HabitAnswer, having: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Show the first rows as the answer would make them, where it makes any difference."""
    found = []
    for number, name in having:
        read, kept = read_name(name, {habit: answer}), read_name(name, {})
        if answer is not HabitAnswer.KEEP and read != kept:
            rest = [_("sorted as %(name)s", name=read.sort_name)] if read.sort_name else []
            rest += [_("affiliation: %(text)s", text=read.beside)] if read.beside else []
            found.append((number, f"{read.name} ({', '.join(rest)})" if rest else read.name))
        if len(found) == _MOST_EXAMPLES:
            break
    return found
