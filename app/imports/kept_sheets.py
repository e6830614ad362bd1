"""Keeps a list as it was read, sealed, so that a page or a dry run does not read the file again for each look."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from app.base.plain import as_plain, from_plain
from app.base.rows import portions
from app.imports.blocks import drop_blocks, keep_sealed, open_blocks, sealed_block
from app.imports.models import Import, ImportBlock
from app.imports.states import BlockKind
from app.sheets.looks import Look
from app.sheets.reading import Sheet, SheetRow

OF_THE_FILE = (BlockKind.SHEET,)
_ROWS_IN_ONE_BLOCK = 2_000


def sealed_sheet(session: Session, asked: Look, sheet: Sheet) -> list[ImportBlock]:
    """Seal a list that was read with a look: with a session that only reads, so that nobody waits meanwhile."""
    head = {"asked": asked.as_fields(), **as_plain(replace(sheet, rows=())), "look": sheet.look.as_fields()}
    blocks = [sealed_block(session, 0, BlockKind.SHEET, [head])]
    for part in portions(sheet.rows, _ROWS_IN_ONE_BLOCK):
        blocks.append(sealed_block(session, 0, BlockKind.SHEET, [(row.number, row.cells) for row in part]))
    return blocks


def keep_sheet(session: Session, import_id: int, blocks: Iterable[ImportBlock]) -> None:
    """Keep a list as it was read in place of how it was read before."""
    drop_blocks(session, import_id, OF_THE_FILE)
    for block in blocks:
        block.import_id = import_id
        keep_sealed(session, block)


def kept_sheet(session: Session, row: Import, look: Look) -> Sheet | None:
    """Return the list as it is kept, or None where this look is another, or an older release took the list in."""
    items = open_blocks(session, row.id, BlockKind.SHEET)
    head: dict[str, Any] | None = next(items, None)
    if head is None or look.as_fields() not in (head["asked"], head["look"]):
        return None
    rows = tuple(SheetRow(number, tuple(cells)) for number, cells in items)
    return replace(from_plain(Sheet, head), rows=rows)
