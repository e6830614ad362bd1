"""Writes CSV that opens rightly in a spreadsheet, in any script, and that no spreadsheet takes for a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

_BYTE_ORDER_MARK = "\ufeff"
# What spreadsheets read as the start of a formula; the full-width forms count in East Asian locales.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
ROWS_PER_CHUNK = 500


def starts_a_formula(text: str) -> bool:
    """Tell whether a spreadsheet might run this cell; a byte order mark or spaces in front hide nothing."""
    if text.startswith(("\t", "\r", "\n")):
        return True
    return text.lstrip(_BYTE_ORDER_MARK + " \u00a0\u3000").startswith(_FORMULA_STARTS)


def guarded(value: object) -> str:
    """Return the cell as text; text that might be run gets an apostrophe in front. Numbers stay numbers."""
    if isinstance(value, str) and (not value or value[0].isalnum()):
        return value  # nearly every cell of a long list
    if value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    return "'" + text if starts_a_formula(text) else text


def write_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Yield a CSV file piece by piece: UTF-8 with a byte order mark and CRLF, so that Excel shows every script."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write(_BYTE_ORDER_MARK)
    writer.writerow([guarded(cell) for cell in header])
    for number, row in enumerate(rows, start=1):
        writer.writerow([guarded(cell) for cell in row])
        if number % ROWS_PER_CHUNK == 0:
            yield _drain(buffer)
    yield _drain(buffer)


def _drain(buffer: io.StringIO) -> bytes:
    piece = buffer.getvalue().encode("utf-8")
    buffer.seek(0)
    buffer.truncate()
    return piece
