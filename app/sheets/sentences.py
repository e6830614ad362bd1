"""What is said of a list that can't be read, and of its rows and cells: what is wrong, and the mend."""

from __future__ import annotations

from app.base.errors import Refusal
from app.base.locales import gettext as _, in_figures, lazy_gettext as _l
from app.sheets.cells import LONGEST_CELL, Flaw
from app.sheets.raw_sheets import Obstacle

# What a file is by its first bytes, whatever its name says.
OTHER_FILES: tuple[tuple[bytes, object], ...] = (
    (b"%PDF", _l("a PDF file")), (b"\x89PNG", _l("a PNG picture")), (b"\xff\xd8\xff", _l("a JPEG picture")),
    (b"GIF8", _l("a GIF picture")), (b"\x1f\x8b", _l("a gzip archive")), (b"Rar!", _l("a RAR archive")),
    (b"{\\rtf", _l("an RTF text")), (b"<!doctype", _l("a web page (HTML)")), (b"<html", _l("a web page (HTML)")),
    (b"<?xml", _l("an XML file")),
)  # fmt: skip
DAMAGED = _l("The spreadsheet is damaged or no spreadsheet. Open it, save it as XLSX or CSV, and upload that.")
TOO_HEAVY = _l(
    "Reading the file takes more time or memory than any list needs. Copy the list into a new spreadsheet, save it as "
    "CSV, and upload that."
)
_OBSTACLES = {
    Obstacle.EMPTY: _l("The file is empty. Choose a list with a row for each signatory."),
    Obstacle.ONLY_HEADINGS: _l(
        "Row %(row)s holds the headings, and no row stands below it. Choose a list with a row for each signatory."
    ),
    Obstacle.HIDDEN: _l(
        "Only hidden worksheets hold anything. Open the spreadsheet, show the worksheet with the list, save it and "
        "upload it again."
    ),
    Obstacle.UNDECODABLE: _l(
        "Line %(line)s can't be read as %(encoding)s. Save the file as CSV in UTF-8 and upload it again."
    ),
    Obstacle.NUL: _l(
        "Line %(line)s holds a NUL byte, which no name has. Open the file in a spreadsheet, save it as CSV in UTF-8."
    ),
    Obstacle.MIXTURE: _l(
        "The file mixes encodings: line %(good)s is in UTF-8 and line %(bad)s is not. Correct line %(bad)s, "
        "save the file as CSV in UTF-8 and upload it again."
    ),
    Obstacle.UNCLOSED: _l(
        "A quotation mark is opened and never closed, probably on line %(line)s. Close it, or delete it."
    ),
    Obstacle.DAMAGED: DAMAGED,
    Obstacle.CUT_SHORT: _l("The file is damaged: it ends too soon. Save the spreadsheet again and upload it."),
    Obstacle.NO_SPREADSHEET: _l(
        "This is a ZIP archive or another document, and no spreadsheet. Save the list as XLSX or CSV and upload that."
    ),
    Obstacle.NO_OLD_EXCEL: _l(
        "This is an old Microsoft Office file (.xls, .doc) in which no worksheet can be read. Open it, save the list "
        "as XLSX or CSV, and upload that."
    ),
    Obstacle.LOCKED: _l("The spreadsheet is locked with a password. Save it without one and upload that."),
    Obstacle.UNPACKED: _l(
        "The spreadsheet unpacks to more than %(most)s MB. Copy the list into a new one and save that."
    ),
    Obstacle.PARTS: TOO_HEAVY,
    Obstacle.ROWS: _l("The list has more than %(most)s rows. Split it and import the parts one after the other."),
    Obstacle.COLUMNS: _l(
        "The list has %(count)s columns; at most %(most)s fit. Delete those you don't need and upload it again."
    ),
    Obstacle.CELLS: _l(
        "The list has more than %(most)s cells that are filled in. Delete columns you don't need, or split it and "
        "import the parts one after the other."
    ),
    Obstacle.CHARACTERS: _l(
        "The list holds more than %(most)s characters. Delete columns you don't need, or split it and import the parts "
        "one after the other."
    ),
}
_FLAWS = {
    Flaw.WIDTH: _l(
        "It has %(fact)s cells where others have fewer. Perhaps a name holds the delimiter: put it in quotation marks."
    ),
    Flaw.TOTAL: _l("It sums up the rows above, so it is no signatory and is left out."),
    Flaw.HEADINGS_AGAIN: _l("It repeats the headings, so it is no signatory and is left out."),
    Flaw.CONTROL: _l("It holds a control character (U+%(fact)s). Type it again by hand."),
    Flaw.BIDI: _l("It holds an invisible character that turns the direction of writing (U+%(fact)s). Delete it."),
    Flaw.LENGTH: _l("It is %(fact)s characters long; at most %(most)s fit. Shorten it."),
    Flaw.NO_CHARACTER: _l("It holds a character that doesn't exist. Type it again."),
    Flaw.FORMULA: _l("It looks like a formula. It is kept as text."),
    Flaw.GARBLED: _l("Its letters look garbled: perhaps “%(fact)s” is meant. It is kept as it stands."),
    Flaw.ZAWGYI: _l(
        "It is Burmese written for the typeface Zawgyi, which most devices show wrongly. It is kept as it stands; "
        "convert it to Unicode and import it again."
    ),
}
# What is kept all the same, with its mark.
_KEPT = frozenset({Flaw.FORMULA, Flaw.GARBLED, Flaw.ZAWGYI})


def refusal(message: object) -> Refusal:
    """Return the refusal of a file."""
    return Refusal(message, "file")


def refusal_of(obstacle: str, facts: dict[str, object]) -> Refusal:
    """Return the refusal of a file that can't be read."""
    return refusal(str(_OBSTACLES[Obstacle(obstacle)]) % {name: in_figures(fact) for name, fact in facts.items()})


def refuse_other_files(content: bytes) -> None:
    """Raise a Refusal where the first bytes are those of something that is no list."""
    start = content[:64].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    for mark, kind in OTHER_FILES:
        if start.startswith(mark.lower()):
            raise refusal(
                _("This is %(kind)s, whatever its name says. Save the list as CSV or XLSX and upload that.", kind=kind)
            )


def sentence_of(flaw: str, fact: str) -> tuple[str, bool]:
    """Say what is wrong with a row or a cell, and whether the row is thereby refused."""
    kind = Flaw(flaw)
    return str(_FLAWS[kind]) % {"fact": fact, "most": LONGEST_CELL}, kind not in _KEPT
