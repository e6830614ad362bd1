"""What is found out about one row while it is read: its cells as text, what is wrong with them, what goes elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.base.locales import gettext as _
from app.base.names import UnfitNameError, tidy_name
from app.base.sheets import starts_a_formula
from app.directory.states import LONGEST_NOTES
from app.imports.cells import is_empty, is_open, on_one_line, tidied
from app.imports.fields import JOINTS, PERSON_FIELDS, Field
from app.imports.plans import Plan
from app.sheets.reading import Problem, SheetRow

_LONGEST_QUOTE = 80


@dataclass(frozen=True)
class Part:
    """The text of one cell, with its column and heading; a text that a person wrote has no column."""

    text: str
    column: int | None
    heading: str


class RowCells:
    """The cells of a row by what they hold, tidied; what a person mended stands in place of the cells."""

    def __init__(
        self, row: SheetRow, header: Sequence[str], columns: Mapping[Field, Sequence[int]], edits: Mapping[Field, str]
    ) -> None:
        self._row, self._header, self._columns, self._edits = row, header, columns, edits
        self._read: dict[Field, list[Part]] = {}

    def parts(self, one: Field) -> Sequence[Part]:
        """Return the cells of a field that say something, in the order in which they are joined."""
        if one not in self._columns and one not in self._edits:
            return ()
        if one not in self._read:
            self._read[one] = self._parts(one)
        return self._read[one]

    def _parts(self, one: Field) -> list[Part]:
        if one in self._edits:
            text = self._edits[one].strip()
            return [Part(text, None, self.heading(one))] if text else []
        found = [
            Part(tidied(self._row.cells[index]), index, self._header[index]) for index in self._columns.get(one, ())
        ]
        return [part for part in found if part.text and not is_empty(part.text)]

    def text(self, one: Field) -> str:
        """Return the cells of a field as one text; of a field that can't be joined, the first that says something."""
        texts = [part.text for part in self.parts(one)]
        if len(texts) < 2:
            return "".join(texts)
        joint = JOINTS.get(one, "\n" if one in (Field.NOTES, Field.EMAIL) else None)
        return texts[0] if joint is None else joint.join(texts)

    def first(self, one: Field) -> Part:
        """Return the first cell that says something, or an empty one."""
        return next(iter(self.parts(one)), Part("", None, ""))

    def heading(self, one: Field) -> str:
        """Return what stands above the first column of a field."""
        columns = self._columns.get(one, ())
        return self._header[columns[0]] if columns else ""

    def fields(self) -> Sequence[Field]:
        """Return what the columns of the list hold."""
        return tuple(self._columns)

    def is_mended(self, one: Field) -> bool:
        """Tell whether a person wrote this."""
        return one in self._edits

    def has_column(self, one: Field) -> bool:
        """Tell whether the list has such a column."""
        return one in self._columns


@dataclass
class Findings:
    """Problems and remarks on one row, and the texts that its notes take in so that they are not lost."""

    number: int
    cells: RowCells
    problems: list[Problem] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)
    mends: dict[Field, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    unfit: list[Part] = field(default_factory=list)
    in_notes: list[Problem] = field(default_factory=list)  # problems whose texts are kept there
    is_barred: bool = False

    def take_flaws(self, flaws: Sequence[Problem], plan: Plan) -> None:
        """Take over what the reader of the file saw; a flaw of one cell refuses nobody.

        A row whose cells have shifted, or that is no signatory at all, waits until a person has written its name.
        """
        for flaw in flaws:
            one = Field.IGNORE if flaw.column is None else plan.holds(flaw.column)
            if self.cells.is_mended(_mended_as(one)):
                continue
            if flaw.column is None and flaw.refused:
                self._bar(flaw)
                continue
            if flaw.refused or not self._is_no_formula(one, flaw.column):
                self.problems.append(replace(flaw, refused=False))
            if flaw.refused and one is not Field.IGNORE:
                self._offer(one)

    def _bar(self, flaw: Problem) -> None:
        if not any(self.cells.is_mended(one) for one in (Field.NAME, Field.ORGANISATION)):
            self.problems.append(flaw)
            self.is_barred = True
        for one in self.cells.fields():
            self._offer(one)

    def _is_no_formula(self, one: Field, column: int | None) -> bool:
        """Tell a telephone, or a dash before a name, from what a spreadsheet would run."""
        text = next((part.text for part in self.cells.parts(one) if part.column == column), "")
        return starts_a_formula(text) and (one is Field.PHONE or text.startswith("- "))

    def mark(self, one: Field, part: Part, message: str) -> None:
        """Say what is wrong with a cell; its text goes to the notes, and it can be mended."""
        problem = Problem(self.number, part.column, message, refused=False)
        self.problems.append(problem)
        self.in_notes.append(problem)
        self._offer(one)
        self.lines.append(_line(part))

    def doubt(self, one: Field, column: int | None, message: str) -> None:
        """Say that a cell was understood, but perhaps not rightly."""
        self.problems.append(Problem(self.number, column, message, refused=False))
        self._offer(one)

    def refuse(self, one: Field, part: Part, message: str, text: str = "") -> None:
        """Say why a cell holds no name; `text` is what a person starts from when they write it."""
        if self.is_barred:
            return
        self.problems.append(Problem(self.number, part.column, message, refused=True))
        self.mends[_mended_as(one)] = text
        self.unfit.extend([part] if text else [])

    def forgive(self) -> None:
        """Let the row in, since it has a name all the same; what could be no part of it goes to the notes."""
        if self.is_barred:
            return
        self.problems[:] = [replace(each, refused=False) if each.refused else each for each in self.problems]
        for part in self.unfit:
            self.keep(part)

    def told(self) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
        """Return problems and remarks as the page tells them; of a row that is left out, nothing is kept in notes."""
        if any(problem.refused for problem in self.problems):
            return tuple(self.problems), ()
        kept = {id(problem) for problem in self.in_notes}
        problems = (
            replace(each, message=_("%(why)s It is kept in the notes.", why=each.message)) if id(each) in kept else each
            for each in self.problems
        )
        return tuple(problems), tuple(sorted(self.remarks, key=lambda one: -1 if one.column is None else one.column))

    def note(self, part: Part) -> None:
        """Put into the notes what the column was chosen to put there."""
        self.lines.append(_line(part))

    def keep(self, part: Part) -> None:
        """Put into the notes what has no place of its own, and say so."""
        shown = part.text.replace("\n", ", ")
        shown = shown if len(shown) <= _LONGEST_QUOTE else shown[: _LONGEST_QUOTE - 1] + "…"
        self.remarks.append(
            Problem(self.number, part.column, _("“%(text)s” is kept in the notes.", text=shown), refused=False)
        )
        self.lines.append(_line(part))

    def lose(self, part: Part) -> None:
        """Say that a text is taken for nothing."""
        self.remarks.append(
            Problem(
                self.number, part.column, _("“%(text)s” is taken as empty.", text=part.text[:_LONGEST_QUOTE]), False
            )
        )

    def said(self, one: Field) -> list[Part]:
        """Return the cells of a field that say something for good; "TBC" is remarked on."""
        found = []
        for part in self.cells.parts(one):
            if part.column is not None and is_open(part.text):
                self.lose(part)
            else:
                found.append(part)
        return found

    def notes(self) -> str:
        """Return the notes of the row: its own, then what came from elsewhere; what doesn't fit is said."""
        own = self.said(Field.NOTES)
        lines = [_line(part) if len(own) > 1 else part.text for part in own] + self.lines
        kept: list[str] = []
        for line in lines:
            try:
                text = "\n".join(tidy_name(each, LONGEST_NOTES) for each in line.split("\n"))
            except UnfitNameError as error:
                self._left(line, str(error))
                continue
            if len("\n".join([*kept, text])) > LONGEST_NOTES:
                self._left(line, _("The notes would be too long."))
            else:
                kept.append(text)
        return "\n".join(kept)

    def _left(self, line: str, why: str) -> None:
        shown = f"{line[:_LONGEST_QUOTE]}…" if len(line) > _LONGEST_QUOTE else line
        message = _("%(why)s This is not kept: “%(text)s”.", why=why, text=on_one_line(shown))
        self.problems.append(Problem(self.number, None, message, refused=False))

    def _offer(self, one: Field) -> None:
        if one is not Field.NOTES:
            mended = _mended_as(one)
            halves = (Field.FIRST_NAME, Field.MIDDLE_NAME, Field.LAST_NAME)
            texts = [self.cells.text(each) for each in ([mended] if self.cells.has_column(mended) else halves)]
            self.mends.setdefault(mended, on_one_line(" ".join(text for text in texts if text)))


def _mended_as(one: Field) -> Field:
    """Halves of a name are mended as the whole."""
    return Field.NAME if one in PERSON_FIELDS or one in (Field.MIDDLE_NAME, Field.SUFFIX) else one


def _line(part: Part) -> str:
    return f"{part.heading}: {part.text}" if part.heading else part.text
