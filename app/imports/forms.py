"""What organisers say of a list: the upload, what its columns hold, answers to the questions of its review."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from wtforms import FieldList, FileField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from app.base.countries import is_country
from app.base.errors import Refusal
from app.base.forms import Form, PastedText, SelectOne
from app.base.locales import gettext as _, lazy_gettext as _l
from app.base.names import tidy_name
from app.directory.forms import BodyLine
from app.imports.cells import tidied
from app.imports.fields import LABELS, NAME_FIELDS, Field
from app.imports.person_names import OFFERED
from app.imports.plans import BODIES, DIFFERENT, PEOPLE, WHO_SIGNS
from app.imports.states import MendedMeanwhile
from app.sheets.reading import MOST_BYTES

_LONGEST_EDIT = 2_000
# By row number and field: texts that stand in place of cells.
Edits = Mapping[int, Mapping[str, str]]
_MOST_FIGURES = 9


class ListUploadForm(Form):
    """A list as a file or pasted."""

    file = FileField(_l("Choose a file"))
    pasted = PastedText(_l("Or paste rows from a spreadsheet"))

    def content(self) -> tuple[str, bytes]:
        """Return the list's name and its bytes, one more than may be at most; raises a Refusal where there is none."""
        upload = self.file.data
        if upload is not None and upload.filename:
            try:
                name = tidy_name(upload.filename, 120)
            except ValueError:
                name = _("Uploaded list")
            content: bytes = upload.stream.read(MOST_BYTES + 1)
            upload.close()
            return name, content
        pasted = self.pasted.words
        if not pasted.strip():
            raise Refusal(_("Choose a file, or paste the rows into the box below."), "file")
        return _("Pasted rows"), pasted.encode("utf-8", "surrogatepass")

    def blame(self, _field: str | None, message: str) -> None:
        """Say what is wrong where the list came from: at the box if rows stand in it, or else at the file."""
        super().blame("pasted" if self.pasted.words.strip() else "file", message)


class ColumnsForm(Form):
    """What each column of a list holds."""

    columns = FieldList(SelectOne(choices=[SelectChoice(field.value, LABELS[field]) for field in Field]))
    group = BodyLine(_l("Put everybody in this list into a group"))

    def validate_columns(self, field: FieldList[SelectOne]) -> None:
        """Demand a name; several columns may hold the same and are joined."""
        chosen = [Field(column.data) for column in field if column.data in set(Field)]
        if not NAME_FIELDS & set(chosen):
            raise ValidationError(
                _("Choose which column holds the names: full name, first and last name, or organisation.")
            )


def read_answers(typed: Mapping[str, str]) -> dict[int, str]:
    """Read "row-12" = "same:…" from a form of the review; what makes no sense is left out.

    Three buttons answer for many. "all" answers for every "pair-12" of the page, with that pair or as "different";
    "rest" for those that have no answer yet; "alike" names rows, of this page or not, that are all different.
    """
    answers, pairs = _numbered(typed, "row-"), _numbered(typed, "pair-")
    if typed.get("all") in ("same", DIFFERENT):
        answers |= pairs if typed["all"] == "same" else dict.fromkeys(pairs, DIFFERENT)
    if "rest" in typed:
        answers |= {number: DIFFERENT for number in pairs if not answers.get(number)}
    alike = (word for word in typed.get("alike", "").split() if word.isascii() and word.isdigit() and len(word) < 9)
    return answers | {int(word): DIFFERENT for word in alike}


def read_countries(typed: Mapping[str, str]) -> dict[str, str | None]:
    """Read pairs of "text-3" and "country-3": a code, "none" for no country, or "" for not yet.

    "other-3" is the code from the list, where "country-3" says "other".
    """
    answers: dict[str, str | None] = {}
    for number, text in _numbered(typed, "text-").items():
        listed = typed.get(f"other-{number}", "")
        # If you choose from the list and forget the dot before it, you mean the list.
        chosen = typed.get(f"country-{number}", "other" if listed else None)
        code = listed if chosen == "other" else chosen
        if text and code is not None and (code in ("", "none") or is_country(code)):
            answers[text] = {"": None, "none": ""}.get(code, code)
    return answers


def read_ranks(typed: Mapping[str, str], columns: int) -> tuple[int, ...]:
    """Read "rank-3" = "2": in which order columns of one field are joined; what is no number keeps its place."""
    ranks = {index: int(rank) for index, rank in _numbered(typed, "rank-").items() if _is_small_number(rank)}
    return tuple(ranks.get(index, 0) for index in range(columns)) if ranks else ()


def read_habits(typed: Mapping[str, str]) -> dict[str, str]:
    """Read "habit-comma" = "turn": what holds for the whole list."""
    habits = {key.removeprefix("habit-"): value for key, value in typed.items() if key.startswith("habit-")}
    known = {habit: set(answers) for habit, answers in OFFERED.items()} | {WHO_SIGNS: {PEOPLE, BODIES}}
    return {key: value for key, value in habits.items() if key in known and value in known[key]}


def read_edits(typed: Mapping[str, str], known: Collection[str] = frozenset(Field)) -> dict[int, dict[str, str]]:
    """Read "mend-12-email" where it differs from "was-12-email", which is what the page showed; `known` are fields."""
    edits: dict[int, dict[str, str]] = {}
    for key, text in typed.items():
        row, _dash, name = key.removeprefix("mend-").partition("-")
        is_ours = key.startswith("mend-") and _is_small_number(row) and name in known
        if is_ours and text.strip() != typed.get(f"was-{row}-{name}", "").strip():
            edits.setdefault(int(row), {})[name] = text[:_LONGEST_EDIT]
    return edits


def read_shown(typed: Mapping[str, str]) -> dict[int, dict[str, str]]:
    """Read "was-12-email": what the page showed of cells that can be written anew."""
    shown: dict[int, dict[str, str]] = {}
    for key, text in typed.items():
        row, _dash, name = key.removeprefix("was-").partition("-")
        if key.startswith("was-") and _is_small_number(row):
            shown.setdefault(int(row), {})[name] = text
    return shown


def read_taken_back(typed: Mapping[str, str]) -> int | None:
    """Read "take_back", the number of a row that is to be as in the list again."""
    number = typed.get("take_back", "")
    return int(number) if _is_small_number(number) else None


def with_edits(
    edits: Edits, more: Edits, taken_back: int | None, shown: Edits = MappingProxyType({})
) -> dict[int, Mapping[str, str]]:
    """Return what was written in place of cells, with more of it, and without that of one row.

    Raises MendedMeanwhile where something else stands there by now than the page showed.
    """
    for number, texts in more.items():
        for name, text in texts.items():
            now, seen = (tidied(each.get(number, {}).get(name, "")) for each in (edits, shown))
            if name in edits.get(number, {}) and name in shown.get(number, {}) and now not in (seen, tidied(text)):
                raise MendedMeanwhile(number, now)
    merged = {**edits, **{number: {**edits.get(number, {}), **texts} for number, texts in more.items()}}
    if taken_back is not None:
        merged.pop(taken_back, None)
    return merged


def _is_small_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < _MOST_FIGURES


def _numbered(typed: Mapping[str, str], prefix: str) -> dict[int, str]:
    found = {}
    for key, value in typed.items():
        number = key.removeprefix(prefix)
        if key.startswith(prefix) and _is_small_number(number):
            found[int(number)] = value
    return found
