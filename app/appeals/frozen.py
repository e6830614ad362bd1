"""What a frozen appeal shows of each signature, against how the signatures stand now."""

from __future__ import annotations

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.appeals.models import Appeal, AppealSignature
from app.base.sealing import blind_index
from app.signatures.lists import ListedSignature, entries_for
from app.signatures.models import Signature
from app.visibility.states import Appearance, Audience, Visibility, is_tighter


def shown_mark(session: Session, entry: ListedSignature) -> bytes:
    """Return a keyed digest of how a signature appears to the addressee."""
    return mark_of(session, entry.public_id, entry.appearance)


def mark_of(session: Session, signature: str, seen: Appearance | None) -> bytes:
    """Return the keyed digest of one way in which a signature (public id) can appear; None where it only counts."""
    words = [seen.name, seen.public_line, seen.country, seen.is_pseudonym] if seen else None
    return blind_index(session, "appeal appearance", f"{signature}\0{json.dumps(words, ensure_ascii=False)}")


def changed_signatories(session: Session, appeal: Appeal) -> int:
    """Return how many people in an appeal have withdrawn, show less, or appear in other words since."""
    now = {entry.id: entry for entry in entries_for(session, appeal.statement_id, Audience.ADDRESSEE)}
    frozen = session.execute(
        select(AppealSignature.signature_id, AppealSignature.visibility, AppealSignature.shown_mark).where(
            AppealSignature.appeal_id == appeal.id
        )
    )
    return sum(_has_changed(session, now.get(number), visibility, mark) for number, visibility, mark in frozen)


def hold_signatures(session: Session, appeal: Appeal) -> None:
    """Let withdrawals wait until this transaction ends, so that none slips in between check and decision."""
    frozen = select(AppealSignature.signature_id).where(AppealSignature.appeal_id == appeal.id)
    session.execute(select(Signature.id).where(Signature.id.in_(frozen)).with_for_update(read=True)).all()


def _has_changed(session: Session, entry: ListedSignature | None, visibility: Visibility, mark: bytes) -> bool:
    if entry is None or is_tighter(entry.visibility, visibility):
        return True
    return entry.visibility is visibility and shown_mark(session, entry) != mark
