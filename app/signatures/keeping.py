"""Hold a signature, save it, and write down how it was changed; of each change its owner is told by mail later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.audit.actions import SIGNATORY
from app.base import clock
from app.base.identifiers import draw_row_id, new_public_id
from app.base.sealing import seal
from app.directory.states import SignatoryKind
from app.signatures.changes import OpenedChange, change_place, waiting_for
from app.signatures.lists import list_order
from app.signatures.models import Signature, SignatureChange
from app.signatures.orders import ListOrder
from app.signatures.queries import (
    details_of,
    identity_of,
    identity_sealed_place,
    number_of,
    opened_identity,
    times_of,
)
from app.signatures.states import UNPINNED, ChangeState, NoSuchSignature, NotStanding, SignatureState
from app.statements.states import NameOrder
from app.visibility.states import Audience, Visibility, shown

IDENTITY_BYTES = 1536  # for a long line of three bytes a letter; a row takes less than half a page
CHANGE_BYTES = 4096  # two names and two lines of the greatest length in most scripts
SHOWN_TO_PUBLIC = frozenset({Visibility.PUBLIC, Visibility.PSEUDONYM})


@dataclass(frozen=True)
class SignatureMove:
    """How a signature changes: before, after, and by whom; fields as in `OpenedChange`."""

    before: dict[str, str]
    after: dict[str, str]
    by: str = SIGNATORY
    word: str = ""


@dataclass(frozen=True)
class SignatureTimes:
    """When a signature was given, changed and withdrawn."""

    signed: datetime
    changed: datetime
    withdrawn: datetime | None = None

    @property
    def days(self) -> dict[str, datetime | None]:
        """What its row may know of them in the clear."""
        withdrawn = clock.start_of_day(self.withdrawn) if self.withdrawn else None
        return {
            "signed_at": clock.start_of_day(self.signed),
            "changed_at": clock.start_of_day(self.changed),
            "withdrawn_at": withdrawn,
        }


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
    """Save a signature's identity, anew where none is given, and columns of its row; times become days there."""
    fields = fields if fields is not None else opened_identity(session, row)
    signed, _changed, withdrawn = times_of(row, fields)
    times = SignatureTimes(signed, clock.now(), values.pop("withdrawn_at", withdrawn))
    sealed = sealed_identity(session, row.public_id, fields, times)
    session.execute(
        update(Signature).where(Signature.id == row.id).values(identity_sealed=sealed, **times.days, **values)
    )
    session.refresh(row)


def sealed_identity(session: Session, public_id: str, fields: dict[str, Any], times: SignatureTimes) -> bytes:
    """Seal who signed and when."""
    document = {**fields, "times": [number_of(at) for at in (times.signed, times.changed, times.withdrawn)]}
    return seal(session, identity_sealed_place(public_id), document, IDENTITY_BYTES)


def put_in_force(session: Session, row: Signature, fields: dict[str, Any], after: dict[str, str]) -> None:
    """Let a signature appear as a change says; a pseudonym is kept only while it is the one that appears."""
    visibility = Visibility(after.get("visibility", row.visibility))
    kept = {**fields, **{part: value for part, value in after.items() if part != "visibility"}}
    kept["pseudonym"] = kept["pseudonym"] if visibility is Visibility.PSEUDONYM else ""
    values: dict[str, Any] = {"visibility": visibility, "kind": kind_in_clear(visibility, kept["kind"])}
    if visibility is not Visibility.PUBLIC:
        values["position"] = UNPINNED
    values["collation_key"] = key_in_public(session, list_order(session, row.statement_id), visibility, kept)
    save(session, row, kept, **values)


def key_in_public(session: Session, order: ListOrder, visibility: Visibility, fields: dict[str, Any]) -> bytes:
    """Return the key by which a signature with these fields stands in the public list; empty where it does not."""
    seen = shown(visibility, Audience.PUBLIC, identity_of(fields))
    asks_directory = seen is not None and not seen.is_pseudonym and order.by is NameOrder.FAMILY
    known = details_of(session, str(fields["signatory"])) if asks_directory else None
    return order.key(seen, SignatoryKind(fields["kind"]), known)


def kind_in_clear(visibility: Visibility, kind: str) -> SignatoryKind | None:
    """Return what the row may tell of a signatory's kind: nothing unless the public sees the entry."""
    return SignatoryKind(kind) if visibility in SHOWN_TO_PUBLIC else None


def note_change(session: Session, signature_id: int, state: ChangeState, step: SignatureMove) -> str:
    """Write a change down and return its public id; its owner is told of it later, as `telling` finds it."""
    public_id, now = new_public_id(), clock.now()
    settled = now if state is ChangeState.IN_FORCE else None
    row = {
        "id": draw_row_id(now), "public_id": public_id, "signature_id": signature_id, "state": state,
        **change_values(session, public_id, step, now, settled),
    }  # fmt: skip
    session.execute(insert(SignatureChange.__table__), row)  # type: ignore[arg-type]
    return public_id


def settle(session: Session, found: OpenedChange, state: ChangeState, step: SignatureMove | None = None) -> None:
    """Write down what became of a change; `step` replaces what it holds."""
    step = step or SignatureMove(found.before, found.after, found.by, found.word)
    values = change_values(session, found.public_id, step, found.made_at, clock.now())
    session.execute(update(SignatureChange).where(SignatureChange.id == found.id).values(state=state, **values))


def lapse(session: Session, signature_id: int, *parts: str) -> None:
    """End what waits for a signature and touches any of these parts; without parts, all of it."""
    for found in waiting_for(session, signature_id):
        if not parts or any(part in found.after for part in parts):
            settle(session, found, ChangeState.LAPSED)


def change_values(
    session: Session, public_id: str, step: SignatureMove, made: datetime, settled: datetime | None
) -> dict[str, Any]:
    """Return what the row of a change holds: what and when, sealed, and the days."""
    content = {
        "before": step.before, "after": step.after, "by": step.by, "word": step.word,
        "times": [number_of(made), number_of(settled)],
    }  # fmt: skip
    return {
        "change_sealed": seal(session, change_place(public_id), content, CHANGE_BYTES),
        "made_at": clock.start_of_day(made),
        "settled_at": clock.start_of_day(settled) if settled else None,
    }
