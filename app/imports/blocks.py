"""Keeps rows of an import sealed, some at a time, so that a page opens those that it shows and no others."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.base.plain import as_plain
from app.base.sealing import Place, open_bytes, seal_bytes
from app.imports.models import ImportBlock
from app.imports.states import BlockKind

IN_ONE_BLOCK = 100


def sealed_block(session: Session, import_id: int, kind: BlockKind, items: Sequence[Any]) -> ImportBlock:
    """Seal items as a block that is not kept yet: with a session that only reads, so that nobody waits meanwhile."""
    block = ImportBlock(import_id=import_id, kind=kind)
    block.items_sealed = _sealed(session, block.public_id, items)
    return block


def keep_sealed(session: Session, block: ImportBlock) -> None:
    """Keep a sealed block behind those of its kind that are kept already."""
    mine = (ImportBlock.import_id == block.import_id, ImportBlock.kind == block.kind)
    last = session.scalar(select(func.max(ImportBlock.number)).where(*mine))
    block.number = 0 if last is None else last + 1
    session.add(block)
    session.flush()


def keep_block(session: Session, import_id: int, kind: BlockKind, items: Sequence[Any]) -> None:
    """Keep items behind those of the same kind that are kept already."""
    keep_sealed(session, sealed_block(session, import_id, kind, items))


def sealed_again(session: Session, import_id: int, kind: BlockKind, number: int, items: Sequence[Any]) -> bytes:
    """Seal other items for a block: with a session that only reads, so that nobody waits meanwhile."""
    mine = (ImportBlock.import_id == import_id, ImportBlock.kind == kind, ImportBlock.number == number)
    return _sealed(session, session.scalars(select(ImportBlock.public_id).where(*mine)).one(), items)


def replace_block(session: Session, import_id: int, kind: BlockKind, number: int, sealed: bytes) -> None:
    """Keep in a block what was sealed for it."""
    mine = (ImportBlock.import_id == import_id, ImportBlock.kind == kind, ImportBlock.number == number)
    session.execute(update(ImportBlock).where(*mine).values(items_sealed=sealed))


def block_numbers(session: Session, import_id: int, kind: BlockKind) -> list[int]:
    """Return the numbers of the blocks of a kind, in order."""
    mine = (ImportBlock.import_id == import_id, ImportBlock.kind == kind)
    return list(session.scalars(select(ImportBlock.number).where(*mine).order_by(ImportBlock.number)))


def open_block(session: Session, import_id: int, kind: BlockKind, number: int) -> list[Any]:
    """Return what a block holds, as JSON has it."""
    columns = ImportBlock.public_id, ImportBlock.items_sealed
    mine = (ImportBlock.import_id == import_id, ImportBlock.kind == kind, ImportBlock.number == number)
    public_id, sealed = session.execute(select(*columns).where(*mine)).one()
    items: list[Any] = json.loads(zlib.decompress(open_bytes(session, _place(public_id), sealed, f"import: {kind}")))
    return items


def open_blocks(session: Session, import_id: int, kind: BlockKind) -> Iterator[Any]:
    """Yield all that is kept of a kind, one block in memory at a time."""
    for number in block_numbers(session, import_id, kind):
        yield from open_block(session, import_id, kind, number)


def drop_blocks(session: Session, import_id: int, kinds: Sequence[BlockKind]) -> None:
    """Delete all that is kept of some kinds."""
    session.execute(delete(ImportBlock).where(ImportBlock.import_id == import_id, ImportBlock.kind.in_(kinds)))


def drop_some_blocks(session: Session, import_id: int, kinds: Sequence[BlockKind], most: int) -> bool:
    """Delete a few blocks of some kinds, so that nobody waits for long; tell whether more may be left."""
    wanted = select(ImportBlock.id).where(ImportBlock.import_id == import_id, ImportBlock.kind.in_(kinds)).limit(most)
    ids = session.scalars(wanted).all()
    session.execute(delete(ImportBlock).where(ImportBlock.id.in_(ids)))
    return len(ids) == most


def drop_block(session: Session, import_id: int, kind: BlockKind, number: int) -> None:
    """Delete one block."""
    mine = (ImportBlock.import_id == import_id, ImportBlock.kind == kind, ImportBlock.number == number)
    session.execute(delete(ImportBlock).where(*mine))


def _sealed(session: Session, public_id: str, items: Sequence[Any]) -> bytes:
    plain = json.dumps(items, ensure_ascii=False, separators=(",", ":"), default=as_plain).encode()
    return seal_bytes(session, _place(public_id), zlib.compress(plain, 1))


def _place(public_id: str) -> Place:
    return Place("import_blocks", "items_sealed", public_id)
