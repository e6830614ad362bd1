"""Hold a signature, save it, and write down how it was changed; each change tells its owner by mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.audit.actions import SIGNATORY
from app.base import clock
from app.base.identifiers import new_public_id
from app.base.sealing import seal
from app.directory.states import SignatoryKind
from app.mail.actions import Outgoing, enqueue
from app.signatures import emails
from app.signatures.changes import OpenedChange, change_place, waiting_for
from app.signatures.models import Signature, SignatureChange
from app.signatures.queries import identity_sealed_place
from app.signatures.states import UNPINNED, ChangeState, NoSuchSignature, NotStanding, SignatureState
from app.visibility.states import Visibility

IDENTITY_BYTES = 1024
CHANGE_BYTES = 4096  # two names and two lines of the greatest length in most scripts
SHOWN_TO_PUBLIC = frozenset({Visibility.PUBLIC, Visibility.PSEUDONYM})


@dataclass(frozen=True)
class SignatureMove:
    """How a signature changes: before, after, and by whom; fields as in `OpenedChange`."""

    before: dict[str, str]
    after: dict[str, str]
    by: str = SIGNATORY
    word: str = ""


def locked(session: Session, public_id: str) -> Signature:
    """Return a signature that nobody else changes until the commit; raises NoSuchSignature."""
    row = session.scalar(
        select(Signature)
        .where(Signature.public_id == public_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NoSuchSignature
    return row


def locked_standing(session: Session, public_id: str) -> Signature:
    """Return a signature that stands, locked; raises NotStanding."""
    row = locked(session, public_id)
    if row.state is not SignatureState.SIGNED:
        raise NotStanding
    return row


def save(session: Session, row: Signature, fields: dict[str, Any] | None, **values: Any) -> None:
    """Save a signature's identity, where it is given, and columns of its row."""
    if fields is not None:
        values["identity_sealed"] = seal(session, identity_sealed_place(row.public_id), fields, IDENTITY_BYTES)
    session.execute(update(Signature).where(Signature.id == row.id).values(changed_at=clock.now(), **values))
    session.refresh(row)


def put_in_force(session: Session, row: Signature, fields: dict[str, Any], after: dict[str, str]) -> None:
    """Let a signature appear as a change says; a pseudonym is kept only while it is the one that appears."""
    visibility = Visibility(after.get("visibility", row.visibility))
    kept = {**fields, **{part: value for part, value in after.items() if part != "visibility"}}
    kept["pseudonym"] = kept["pseudonym"] if visibility is Visibility.PSEUDONYM else ""
    values: dict[str, Any] = {"visibility": visibility, "kind": kind_in_clear(visibility, kept["kind"])}
    if visibility is not Visibility.PUBLIC:
        values["position"] = UNPINNED
    save(session, row, kept, **values)


def kind_in_clear(visibility: Visibility, kind: str) -> SignatoryKind | None:
    """Return what the row may tell of a signatory's kind: nothing unless the public sees the entry."""
    return SignatoryKind(kind) if visibility in SHOWN_TO_PUBLIC else None


def note_change(session: Session, signature_id: int, state: ChangeState, step: SignatureMove) -> str:
    """Write a change down, mail it to the signature's owner, and return its public id."""
    public_id, now = new_public_id(), clock.now()
    row = {
        "public_id": public_id, "signature_id": signature_id, "state": state, "made_at": now,
        "settled_at": now if state is ChangeState.IN_FORCE else None,
        "change_sealed": _sealed(session, public_id, step),
    }  # fmt: skip
    session.execute(insert(SignatureChange.__table__), row)  # type: ignore[arg-type]
    _tell(session, public_id, state)
    return public_id


def settle(session: Session, found: OpenedChange, state: ChangeState, step: SignatureMove | None = None) -> None:
    """Write down what became of a change and mail it to the owner; `step` replaces what the change holds."""
    now: datetime = clock.now()
    values: dict[str, Any] = {"state": state, "settled_at": now}
    if step is not None:
        values["change_sealed"] = _sealed(session, found.public_id, step)
    session.execute(update(SignatureChange).where(SignatureChange.id == found.id).values(**values))
    _tell(session, found.public_id, state)


def lapse(session: Session, signature_id: int, *parts: str) -> None:
    """End what waits for a signature and touches any of these parts; without parts, all of it."""
    for found in waiting_for(session, signature_id):
        if not parts or any(part in found.after for part in parts):
            values = {"state": ChangeState.LAPSED, "settled_at": clock.now()}
            session.execute(update(SignatureChange).where(SignatureChange.id == found.id).values(**values))


def _tell(session: Session, public_id: str, state: ChangeState) -> None:
    references = {"change": public_id, "state": str(state)}
    enqueue(session, Outgoing(emails.SIGNATURE_CHANGE, public_id, str(state), references))


def _sealed(session: Session, public_id: str, step: SignatureMove) -> bytes:
    content = {"before": step.before, "after": step.after, "by": step.by, "word": step.word}
    return seal(session, change_place(public_id), content, CHANGE_BYTES)
