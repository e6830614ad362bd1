"""How an import's file was read, in words: each guess beside its runner-up, and the form to choose another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from app.base.forms import Form, SelectOne
from app.base.locales import gettext as _, lazy_gettext as _l, ngettext
from app.sheets.decoding import ENCODINGS
from app.sheets.delimiting import DELIMITERS
from app.sheets.looks import NO_HEADINGS, ONE_COLUMN, Look
from app.sheets.reading import LookPart, OtherLook, Sheet

_PARTED, _LONGEST_CHOICE, _ROWS_TO_CHOOSE = " | ", 80, 15
_ENCODINGS = {
    "utf-8": _l("Unicode"), "utf-16": _l("Unicode"), "utf-16-le": _l("Unicode"), "utf-16-be": _l("Unicode"),
    "utf-32": _l("Unicode"), "windows-1250": _l("Central European"), "windows-1251": _l("Cyrillic"),
    "windows-1252": _l("Western European"), "windows-1253": _l("Greek"), "windows-1254": _l("Turkish"),
    "windows-1255": _l("Hebrew"), "windows-1256": _l("Arabic and Persian"), "windows-1257": _l("Baltic"),
    "windows-1258": _l("Vietnamese"), "windows-874": _l("Thai"), "iso-8859-2": _l("Central European"),
    "iso-8859-5": _l("Cyrillic"), "iso-8859-6": _l("Arabic"), "iso-8859-7": _l("Greek"),
    "iso-8859-15": _l("Western European"), "mac-roman": _l("Western European, old Mac"),
    "mac-latin2": _l("Central European, old Mac"), "mac-cyrillic": _l("Cyrillic, old Mac"),
    "mac-greek": _l("Greek, old Mac"), "mac-turkish": _l("Turkish, old Mac"), "koi8-r": _l("Russian"),
    "koi8-u": _l("Ukrainian"), "cp437": _l("DOS"), "cp850": _l("Western European, DOS"),
    "cp852": _l("Central European, DOS"), "cp866": _l("Cyrillic, DOS"), "gb18030": _l("Chinese, simplified"),
    "big5": _l("Chinese, traditional"), "shift_jis": _l("Japanese"), "euc-jp": _l("Japanese"),
    "iso-2022-jp": _l("Japanese"), "euc-kr": _l("Korean"),
}  # fmt: skip
_DELIMITERS = {
    ";": _l("Semicolon (;)"), "\t": _l("Tab"), ",": _l("Comma (,)"), "|": _l("Bar (|)"), "^": _l("Circumflex (^)"),
    "~": _l("Tilde (~)"), ":": _l("Colon (:)"), ONE_COLUMN: _l("Nothing: the list has one column"),
}  # fmt: skip


class LookForm(Form):
    """How the file of a list is read; what doesn't apply to it is not asked."""

    worksheet = SelectOne(_l("Worksheet"))
    heading_row = SelectOne(_l("Row of headings"))
    delimiter = SelectOne(_l("What parts the cells"))
    encoding = SelectOne(_l("Encoding of the letters"))

    def look(self, sheet: Sheet) -> Look:
        """Return what was chosen. Where headings stand is found anew in another table, unless it was chosen too."""
        chosen = {name: field.words for name, field in self._fields.items() if isinstance(field, SelectOne)}
        heading_row = int(chosen.pop("heading_row", "1"))
        look = replace(sheet.look, **chosen)  # type: ignore[arg-type]
        is_other = look != sheet.look and heading_row == sheet.look.heading_row
        return replace(look, heading_row=None if is_other else heading_row)


@dataclass(frozen=True)
class Rival:
    """Another way to read the file, in words: what it would be, and rows as they are read and as they would be."""

    question: str
    read_as: str
    instead: str
    rows: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]
    hidden: dict[str, str]


@dataclass(frozen=True)
class LookShown:
    """How the file was read: in a sentence, what is in doubt, what is not, and what stands above the headings."""

    summary: str
    doubts: tuple[Rival, ...]
    others: tuple[Rival, ...]
    above: tuple[tuple[int, str], ...]
    hidden_worksheets: tuple[str, ...]
    unread_links: int = 0


def look_form(sheet: Sheet, sent: Any = None) -> LookForm:
    """Return the form with what was used chosen, and only what applies to the file."""
    look = sheet.look
    form = LookForm(sent, data={name: _value(getattr(look, name)) for name in LookPart})
    choices = {
        LookPart.WORKSHEET: [(one.name, _worksheet(sheet, one.name)) for one in sheet.worksheets],
        LookPart.HEADING_ROW: _heading_choices(sheet),
        LookPart.DELIMITER: [(one, str(_DELIMITERS[one])) for one in (*DELIMITERS, ONE_COLUMN)],
        LookPart.ENCODING: [(one, _encoding(one)) for one in dict.fromkeys((look.encoding or "utf-8", *ENCODINGS))],
    }
    for name, offered in choices.items():
        if getattr(look, name) is None or (name is LookPart.HEADING_ROW and _is_card(look)):
            del form[name]
        else:
            _offer(form[name], offered)
    return form


def _offer(field: Any, choices: Sequence[tuple[str, str]]) -> None:
    field.choices = [SelectChoice(value, label) for value, label in choices]


def look_shown(sheet: Sheet, decided: Look) -> LookShown:
    """Put in words how the file was read."""
    doubts = sheet.in_doubt(decided)
    return LookShown(
        _summary(sheet),
        tuple(_rival(sheet, one) for one in doubts),
        tuple(_rival(sheet, one) for one in sheet.others if one not in doubts),
        tuple((row.number, _joined(row.cells)) for row in sheet.above),
        tuple(one.name for one in sheet.worksheets if one.is_hidden),
        sheet.unread_links,
    )


def _is_card(look: Look) -> bool:
    return look.worksheet is None and look.delimiter is None


def _value(used: str | int | None) -> str:
    return "" if used is None else str(used)


def _encoding(name: str) -> str:
    return f"{_ENCODINGS[name]} ({name})" if name in _ENCODINGS else name


def _worksheet(sheet: Sheet, name: str) -> str:
    found = next((one for one in sheet.worksheets if one.name == name), None)
    if found is None:
        return name
    rows = ngettext("%(num)s row", "%(num)s rows", found.rows)
    return _("%(name)s (hidden, %(rows)s)", name=name, rows=rows) if found.is_hidden else f"{name} ({rows})"


def _headings(row: int | None) -> str:
    return _("headings in row %(row)s", row=row) if row else _("no headings")


def _summary(sheet: Sheet) -> str:
    look = sheet.look
    if _is_card(look):
        return _("Read as cards of an address book (vCard), %(encoding)s", encoding=_encoding(look.encoding or ""))
    said = [_("worksheet “%(name)s”", name=look.worksheet)] if look.worksheet is not None else []
    said += [_encoding(look.encoding)] if look.encoding else []
    said += [str(_DELIMITERS.get(look.delimiter, look.delimiter))] if look.delimiter is not None else []
    return _("Read as: %(how)s", how=", ".join([*said, _headings(look.heading_row)]))


def _joined(cells: Sequence[str]) -> str:
    return _PARTED.join(cell for cell in cells if cell)


def _heading_choices(sheet: Sheet) -> list[tuple[str, str]]:
    used = sheet.look.heading_row
    rows = {row.number: row.cells for row in (*sheet.above, *sheet.rows[:_ROWS_TO_CHOOSE])}
    rows |= {used: sheet.header} if used else {}
    others = (one for one in sheet.others if one.guess is LookPart.HEADING_ROW and one.look.heading_row)
    rows |= {one.look.heading_row or 0: one.pairs[0][1].cells for one in others}
    shown = [(str(number), _shortened(f"{number}: {_joined(rows[number])}")) for number in sorted(rows)]
    return [(str(NO_HEADINGS), _("No headings: the first row belongs to the list")), *shown]


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_CHOICE else text[:_LONGEST_CHOICE] + "…"


_QUESTIONS = {
    LookPart.ENCODING: _l("Which letters are right?"),
    LookPart.DELIMITER: _l("What parts the cells?"),
    LookPart.WORKSHEET: _l("Which worksheet holds the list?"),
    LookPart.HEADING_ROW: _l("Where are the headings?"),
}


def _rival(sheet: Sheet, other: OtherLook) -> Rival:
    labels = (_("Headings"), _("First row")) if other.guess is LookPart.HEADING_ROW else ()
    rows = tuple(
        (labels[index] if index < len(labels) else str(one.number or two.number), one.cells, two.cells)
        for index, (one, two) in enumerate(other.pairs)
    )
    fields = {name.value: getattr(other.look, name) for name in LookPart}
    hidden = {name: _value(used) for name, used in fields.items() if used is not None}
    if other.guess is LookPart.WORKSHEET:
        hidden[LookPart.HEADING_ROW.value] = _value(sheet.look.heading_row)
    here, there = (_in_words(sheet, other.guess, look) for look in (sheet.look, other.look))
    return Rival(str(_QUESTIONS[other.guess]), here, there, rows, hidden)


def _in_words(sheet: Sheet, guess: LookPart, look: Look) -> str:
    if guess is LookPart.ENCODING:
        return _encoding(look.encoding or "")
    if guess is LookPart.DELIMITER:
        return str(_DELIMITERS[look.delimiter or ONE_COLUMN])
    return _worksheet(sheet, look.worksheet or "") if guess is LookPart.WORKSHEET else _headings(look.heading_row)
