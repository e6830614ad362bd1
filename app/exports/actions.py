"""Order an export, keep what a worker makes of it, and let it go."""

from __future__ import annotations

import zlib

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.audit.actions import record
from app.background.long_works import WorkDropped, drop_work, order_work
from app.base import clock
from app.base.identifiers import new_public_id
from app.base.rows import has_changed, insert_into
from app.base.sealing import seal_bytes
from app.campaigns.access import Access
from app.campaigns.models import Membership
from app.exports.kinds import ExportAsked
from app.exports.models import Export, ExportBlock
from app.exports.queries import MadeExport, asked_of, block_place, made_of, mark_of, sealed_asked, standing_export
from app.exports.states import KEPT, MAKE

BLOCK_BYTES = 256 * 1024


def order_export(session: Session, access: Access, asked: ExportAsked, expected: int) -> str:
    """Order a list of about so many rows, and return its public id; what is being made already goes on.

    One that was made before, of the same kind and choice, is made anew: people and answers have changed since.
    """
    mark = mark_of(session, asked)
    same = (Export.owner == access.organiser, Export.mark == mark)
    standing = standing_export(session, access, asked)
    if standing is None or standing.made_at is not None:
        for former in session.scalars(select(Export.public_id).where(*same)).all():
            drop_export(session, former)
    public_id = new_public_id()
    ordering = insert_into(session, Export).values(
        public_id=public_id, campaign_id=access.campaign.id, owner=access.organiser, role=access.role, kind=asked.kind,
        mark=mark, asked_sealed=sealed_asked(session, public_id, asked), expected=expected,
        attempt="", ordered_at=clock.now(),
    )  # fmt: skip
    is_new = has_changed(session.execute(ordering.on_conflict_do_nothing(index_elements=["owner", "mark"])))
    public_id = session.scalars(select(Export.public_id).where(*same)).one()
    order_work(session, MAKE, public_id, access.organiser, expected)
    if is_new:
        record(session, access.organiser, "export.ordered", public_id, access.campaign.public_id, kind=asked.kind)
    return public_id


def begin_export(session: Session, found: Export) -> str:
    """Begin to make an export, without what was begun before; return the name of this attempt."""
    session.execute(delete(ExportBlock).where(ExportBlock.export_id == found.id))
    found.attempt = new_public_id()
    session.flush()
    return found.attempt


def keep_block(session: Session, export_id: int, attempt: str, number: int, content: bytes) -> None:
    """Keep the next piece of an export's file; raises WorkDropped if it is gone, or another process makes it."""
    hold_attempt(session, export_id, attempt)
    block = ExportBlock(export_id=export_id, number=number)
    block.content_sealed = seal_bytes(session, block_place(block.public_id), zlib.compress(content, 1), BLOCK_BYTES)
    session.add(block)
    session.flush()


def finish_export(session: Session, found: Export, attempt: str, made: MadeExport) -> None:
    """Say that an export is made; raises WorkDropped as `keep_block` does."""
    hold_attempt(session, found.id, attempt)
    asked = asked_of(session, found)
    found.asked_sealed = sealed_asked(session, found.public_id, asked, made)
    found.made_at = clock.now()
    session.flush()


def hold_attempt(session: Session, export_id: int, attempt: str) -> None:
    """Hold an export that is being made; raises WorkDropped if it is gone or begun anew by another process."""
    mine = select(Export.id).where(Export.id == export_id, Export.attempt == attempt).with_for_update()
    if session.scalar(mine) is None:
        raise WorkDropped


def drop_export(session: Session, public_id: str) -> None:
    """Delete an export with its order; doing it again changes nothing."""
    drop_work(session, public_id)
    session.execute(delete(Export).where(Export.public_id == public_id))
    session.expire_all()


def forget_exports(session: Session) -> None:
    """Delete exports whose day is over, and those of people who are not in the campaign any more in the same role."""
    ends = clock.now() - KEPT
    still = (
        select(Membership.id)
        .join(Organiser, Organiser.id == Membership.organiser_id)
        .where(
            Organiser.public_id == Export.owner, Organiser.disabled_at.is_(None),
            Membership.campaign_id == Export.campaign_id, Membership.role == Export.role,
        )
    )  # fmt: skip
    is_late = or_(Export.made_at < ends, and_(Export.made_at.is_(None), Export.ordered_at < ends))
    for public_id in session.scalars(select(Export.public_id).where(or_(is_late, ~still.exists()))).all():
        drop_export(session, public_id)


def tell_download(session: Session, access: Access, found: Export) -> None:
    """Write down that an export was handed out."""
    rows = made_of(session, found).rows
    record(session, access.organiser, "export.handed out", found.public_id, access.campaign.public_id, rows=rows)
