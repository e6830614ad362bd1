"""What a frozen appeal shows of each signature, against how the signatures stand now."""

from __future__ import annotations

import json

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.appeals.models import Appeal, AppealSignature
from app.base import clock
from app.base.sealing import blind_index
from app.signatures.lists import ListedSignature, entries_of
from app.signatures.models import Signature
from app.signatures.states import SignatureState
from app.visibility.states import Appearance, Audience, Visibility, is_tighter


def shown_mark(session: Session, entry: ListedSignature) -> bytes:
    """Return a keyed digest of how a signature appears to the addressee."""
    return mark_of(session, entry.public_id, entry.appearance)


def mark_of(session: Session, signature: str, seen: Appearance | None) -> bytes:
    """Return the keyed digest of one way in which a signature (public id) can appear; None where it only counts."""
    words = [seen.name, seen.public_line, seen.country, seen.is_pseudonym] if seen else None
    return blind_index(session, "appeal appearance", f"{signature}\0{json.dumps(words, ensure_ascii=False)}")


def changed_signatories(session: Session, appeal: Appeal) -> int:
    """Return how many people in an appeal have withdrawn, show less, or appear in other words since.

    Only those are opened to whom something was done since the day of the assembly: every page of an appeal asks.
    """
    since = clock.start_of_day(appeal.assembled_at)
    may_have_changed = or_(
        Signature.id.is_(None),
        Signature.state != SignatureState.SIGNED,
        Signature.visibility != AppealSignature.visibility,
        Signature.changed_at >= since,
    )
    rows = session.execute(
        select(AppealSignature.visibility, AppealSignature.shown_mark, Signature)
        .outerjoin(Signature, Signature.id == AppealSignature.signature_id)
        .where(AppealSignature.appeal_id == appeal.id, may_have_changed)
    ).all()
    gone = 0
    alike: list[tuple[Signature, bytes]] = []
    for visibility, mark, signature in rows:
        if signature is None or _shows_less(signature, visibility):
            gone += 1
        elif signature.visibility is visibility:
            alike.append((signature, mark))
    shown = entries_of(session, [signature for signature, _mark in alike], Audience.ADDRESSEE)
    marks = zip(shown, (mark for _signature, mark in alike), strict=True)
    return gone + sum(shown_mark(session, entry) != mark for entry, mark in marks)


def hold_signatures(session: Session, appeal: Appeal) -> None:
    """Let withdrawals wait until this transaction ends, so that none slips in between check and decision."""
    frozen = select(AppealSignature.signature_id).where(AppealSignature.appeal_id == appeal.id)
    session.execute(select(Signature.id).where(Signature.id.in_(frozen)).with_for_update(read=True)).all()


def _shows_less(signature: Signature, frozen: Visibility) -> bool:
    return signature.state is not SignatureState.SIGNED or is_tighter(signature.visibility, frozen)
