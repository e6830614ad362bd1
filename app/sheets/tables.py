"""Runs in a child: finds where the table of a list begins and ends, among titles, legends and sums."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from app.sheets.looks import NO_HEADINGS, LookRequest, heading_key

Record = tuple[int, list[str]]
_LOOKED_AT, _CANDIDATES, _BELOW = 300, 60, 30
_NUMBER = re.compile(r"[\s\d.,:;/%+()€$£#-]*\d[\s\d.,:;/%+()€$£#-]*")
_KNOWN, _MOSTLY_KNOWN = 4.0, 4.0
_CLOSE = 3.0  # points under which the headings of no known word are in doubt
_TOTALS = frozenset(
    heading_key(word)
    for word in (
        "total", "totals", "grand total", "subtotal", "sum", "count", "summe", "gesamt", "insgesamt", "gesamtsumme",
        "somme", "totaux", "totale", "totaal", "totalt", "suma", "razem", "celkem", "spolu", "összesen", "ukupno",
        "skupaj", "i alt", "yhteensä", "kokku", "viso", "kopā", "toplam", "jami", "tổng", "tổng cộng", "итого", "всего",
        "усього", "всього", "разом", "общо", "укупно", "вкупно", "барлығы", "жалпы", "σύνολο", "ჯამი", "ընդամենը",
        "סך הכל", "סהכ", "المجموع", "الإجمالي", "مجموع", "جمع",
        "合计", "合計", "总计", "總計", "共计", "共計", "합계", "총계", "รวม",
        "कुल",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Headings:
    """In which row the headings stand, or NO_HEADINGS, and in which they may stand instead, with how close that is."""

    row: int
    others: tuple[tuple[int, bool], ...] = ()


def is_filled(cell: str) -> bool:
    """Tell whether a cell holds anything but white space."""
    return bool(cell) and not cell.isspace()


def find_headings(filled: Sequence[Record], asked: LookRequest) -> Headings:
    """Find the row of headings; where one is told, only the runners-up are found."""
    rows = filled[:_LOOKED_AT]
    points = {number: _points(index, rows, asked.headings) for index, number in _candidates(rows, asked.headings)}
    ranked = sorted((number for number in points if points[number] > 0), key=lambda number: (-points[number], number))
    best = _last_of_a_block(ranked, rows, asked.headings)
    if best == filled[-1][0] and not _known(filled[-1][1], asked.headings):
        best = NO_HEADINGS  # nothing stands below it, and no word says that these are headings: it is somebody
    told = asked.look.heading_row
    row = best if told is None else _next_filled(filled, told)
    first = min(points)
    doubt = abs(points.get(best or first, 0.0))
    is_sure = _known(dict(rows)[best or first], asked.headings) > 0 if best else False
    is_close = (doubt < _CLOSE and not is_sure) or _has_table_above(rows, best, asked.headings)
    others = [number for number in (NO_HEADINGS, *ranked, first) if number != row]
    return Headings(row, tuple((number, is_close) for number in dict.fromkeys(others))[:2])


def _has_table_above(rows: Sequence[Record], best: int, known: frozenset[str]) -> bool:
    """Tell whether rows above the headings may be signatories: several cells, and none of them a heading."""
    above = [cells for number, cells in rows if number < best]
    return sum(1 for cells in above if _filled_cells(cells) > 1 and not _known(cells, known)) > 1


def _next_filled(filled: Sequence[Record], told: int) -> int:
    if told == NO_HEADINGS:
        return NO_HEADINGS
    return next((number for number, _cells in filled if number >= told), filled[0][0])


def _candidates(rows: Sequence[Record], known: frozenset[str]) -> list[tuple[int, int]]:
    """Return the first row as wide as half the table, and each that holds two words that are known to be headings."""
    typical = median(_filled_cells(cells) for _number, cells in rows)
    first = next(index for index, (_number, cells) in enumerate(rows) if _filled_cells(cells) * 2 >= typical)
    named = (
        index
        for index, (_number, cells) in enumerate(rows[:_CANDIDATES])
        if (count := _known(cells, known)) and (count > 1 or typical < 2) and count * 3 >= _filled_cells(cells)
    )
    return [(index, rows[index][0]) for index in dict.fromkeys((first, *named))]


def _last_of_a_block(ranked: Sequence[int], rows: Sequence[Record], known: frozenset[str]) -> int:
    """Headings in two languages, one under the other, end with the second."""
    if not ranked:
        return NO_HEADINGS
    numbers, best = [number for number, _cells in rows], ranked[0]
    while True:
        following = numbers.index(best) + 1
        if following >= len(rows):
            return best
        cells = rows[following][1]
        if _known(cells, known) < 2 or _known(cells, known) * 3 < _filled_cells(cells) * 2:
            return best
        best = numbers[following]


def _filled_cells(cells: Sequence[str]) -> int:
    return sum(1 for cell in cells if is_filled(cell))


def _known(cells: Sequence[str], known: frozenset[str]) -> int:
    return sum(1 for cell in cells if len(cell) < 100 and heading_key(cell) in known)


def _points(index: int, rows: Sequence[Record], known: frozenset[str]) -> float:
    """Say how much a row looks like headings: by words that are known, and by what stands below each cell."""
    cells, count = rows[index][1], _known(rows[index][1], known)
    filled = _filled_cells(cells)
    points = _KNOWN * count + (_MOSTLY_KNOWN if count * 2 >= filled and count else 0.0)
    below = [record for _number, record in rows[index + 1 : index + 1 + _BELOW]]
    for column, cell in enumerate(cells):
        values = [record[column].strip() for record in below if column < len(record) and is_filled(record[column])]
        if is_filled(cell):
            points += _contrast(cell.strip(), [] if heading_key(cell) in known else values)
    return points


def _contrast(cell: str, values: Sequence[str]) -> float:
    """Say how much a cell differs in kind from those below it."""
    if "@" in cell:
        return -8.0
    points = -3.0 if _NUMBER.fullmatch(cell) else 0.0
    if cell.endswith(":") or "_" in cell or len(cell) > 80:
        points += 2.0
    if not values:
        return points
    if cell.casefold() in {value.casefold() for value in values}:
        points -= 4.0
    if _mostly(values, lambda value: "@" in value) or _mostly(values, lambda value: bool(_NUMBER.fullmatch(value))):
        points += 2.0
    return points + _contrast_of_words(cell, values)


def _contrast_of_words(cell: str, values: Sequence[str]) -> float:
    points = 0.0
    if _mostly(values, lambda value: len(value.split()) > 1):
        points += 1.0 if len(cell.split()) == 1 else -1.5 if cell.istitle() else 0.0
    if cell[0].islower() and _mostly(values, lambda value: value[0].isupper()):
        points += 2.0
    if cell.isupper() and len(cell) > 2 and not _mostly(values, str.isupper):
        points += 1.5
    return points


def _mostly(values: Sequence[str], holds: Callable[[str], bool]) -> bool:
    return sum(1 for value in values if holds(value)) * 2 > len(values)


def is_total(cells: Sequence[str]) -> bool:
    """Tell whether a row sums others up: a word for it beside numbers, or nothing but numbers."""
    filled = [cell for cell in cells if is_filled(cell)]
    words = [cell for cell in filled if not _NUMBER.fullmatch(cell)]
    if not words:
        return bool(filled)
    return len(words) == 1 and heading_key(re.sub(r"\d+", " ", words[0])) in _TOTALS
