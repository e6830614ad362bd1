"""Read exports: whose they are, what was asked for, and their blocks one at a time."""

from __future__ import annotations

import json
import zlib
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock
from app.base.sealing import Place, blind_index, open_bytes, open_one, seal
from app.campaigns.access import Access
from app.exports.kinds import ExportAsked
from app.exports.models import Export, ExportBlock
from app.exports.states import KEPT, NoSuchExport

ASKED_BYTES = 1024


@dataclass(frozen=True)
class MadeExport:
    """A file that is ready: its name, its rows below the heading, and its bytes."""

    filename: str = ""
    rows: int = 0
    size: int = 0


def export_of(session: Session, access: Access, public_id: str) -> Export:
    """Return an export to its owner, in the role in which they ordered it; raises NoSuchExport."""
    found = session.scalar(
        select(Export).where(
            Export.public_id == public_id, Export.campaign_id == access.campaign.id, Export.owner == access.organiser
        )
    )
    if found is None or found.role is not access.role or is_over(found):
        raise NoSuchExport
    return found


def standing_export(session: Session, access: Access, asked: ExportAsked) -> Export | None:
    """Return what somebody ordered of the same kind and choice before, as long as it is theirs to have."""
    wanted = select(Export).where(Export.owner == access.organiser, Export.mark == mark_of(session, asked))
    found = session.scalar(wanted)
    return found if found is not None and found.role is access.role and not is_over(found) else None


def export_by_id(session: Session, public_id: str) -> Export:
    """Return an export to the worker that makes it; raises NoSuchExport."""
    found = session.scalar(select(Export).where(Export.public_id == public_id))
    if found is None:
        raise NoSuchExport
    return found


def is_over(found: Export) -> bool:
    """Tell whether the day of an export is over."""
    return clock.now() - (found.made_at or found.ordered_at) > KEPT


def asked_of(session: Session, found: Export) -> ExportAsked:
    """Return what was asked for."""
    opened = open_one(session, asked_place(found.public_id), found.asked_sealed, "make an export")
    return ExportAsked(found.kind, opened["subject"], opened["arguments"])


def made_of(session: Session, found: Export) -> MadeExport:
    """Return what is known of an export's file once it is made."""
    opened = open_one(session, asked_place(found.public_id), found.asked_sealed, "hand out an export")
    return MadeExport(opened["filename"], opened["rows"], opened["size"])


def sealed_asked(session: Session, public_id: str, asked: ExportAsked, made: MadeExport | None = None) -> bytes:
    """Seal what was asked for, and what came of it."""
    opened = {"subject": asked.subject, "arguments": dict(asked.arguments), **asdict(made or MadeExport())}
    return seal(session, asked_place(public_id), opened, ASKED_BYTES)


def mark_of(session: Session, asked: ExportAsked) -> bytes:
    """Return a keyed digest of what is asked for, by which a second click finds the first."""
    words = json.dumps([asked.kind, asked.subject, sorted(asked.arguments.items())], ensure_ascii=False)
    return blind_index(session, "exports", words)


def content_of(session: Session, export_id: int, number: int) -> bytes | None:
    """Return what stands in a block of an export; None behind the last, or once it is gone."""
    block = session.execute(
        select(ExportBlock.public_id, ExportBlock.content_sealed).where(
            ExportBlock.export_id == export_id, ExportBlock.number == number
        )
    ).one_or_none()
    if block is None:
        return None
    return zlib.decompress(
        open_bytes(session, block_place(block.public_id), block.content_sealed, "hand out an export")
    )


def asked_place(public_id: str) -> Place:
    """Return where it is sealed what was asked for."""
    return Place("exports", "asked_sealed", public_id)


def block_place(public_id: str) -> Place:
    """Return where a block is sealed."""
    return Place("export_blocks", "content_sealed", public_id)
