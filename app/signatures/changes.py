"""Read how signatures were changed, and what still waits for their owners or for a coordinator."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.base import clock
from app.base.rows import portions
from app.base.sealing import Place, open_many
from app.directory.matching.judging import is_same_name
from app.signatures.models import Signature, SignatureChange
from app.signatures.queries import Signed, details_of, moment_in
from app.signatures.states import CONFIRM_WITHIN, UNDO_WITHIN, WAITING, ChangeState, NoSuchChange, SignatureState
from app.visibility.states import Identity, Visibility

MOST_WAITING = 200
_PARTS = ("name", "public_line", "country", "pseudonym")


@dataclass(frozen=True)
class OpenedChange:
    """One change, opened. `before` and `after` hold what differs: visibility, pseudonym, name, public_line, country.

    `by` is who made it: a signatory's link or an organiser's public id; `word` is a coordinator's, about a name.
    """

    id: int
    public_id: str
    signature_id: int
    signature: str
    statement_id: int
    state: ChangeState
    before: dict[str, str]
    after: dict[str, str]
    by: str
    word: str
    made_at: datetime
    settled_at: datetime | None

    @property
    def visibility(self) -> Visibility | None:
        """How the name is to appear, where that changes."""
        return Visibility(self.after["visibility"]) if "visibility" in self.after else None

    @property
    def name(self) -> str:
        """The name that is to appear, where a person has to look at it."""
        return self.after.get("name", "")

    @property
    def name_given(self) -> str:
        """The name that is looked at with something else; empty where it is itself what changes."""
        return self.name if self.before.get("name") == self.name else ""

    @property
    def is_open(self) -> bool:
        """Tell whether its owner can still say something to it."""
        since = clock.now() - self.made_at
        if self.state is ChangeState.WAITS_FOR_OWNER:
            return since <= CONFIRM_WITHIN
        if self.state is ChangeState.IN_FORCE:
            return clock.now() - (self.settled_at or self.made_at) <= UNDO_WITHIN
        return self.state is ChangeState.WAITS_FOR_COORDINATOR


def change(session: Session, public_id: str, statement_id: int | None = None) -> OpenedChange:
    """Return one change, of this statement (row id) if one is named; raises NoSuchChange. No other is opened."""
    wanted = _wanted().where(SignatureChange.public_id == public_id)
    if statement_id is not None:
        wanted = wanted.where(Signature.statement_id == statement_id)
    for found in _opened(session, wanted):
        return found
    raise NoSuchChange


def changes_among(session: Session, public_ids: Iterable[str]) -> list[OpenedChange]:
    """Return some changes by their public ids, oldest first in each portion."""
    return [
        found
        for part in portions(list(public_ids))
        for found in _opened(session, _wanted().where(SignatureChange.public_id.in_(part)))
    ]


def waiting_for(session: Session, signature_id: int) -> list[OpenedChange]:
    """Return what waits for a signature (row id), oldest first."""
    wanted = _wanted().where(SignatureChange.signature_id == signature_id, SignatureChange.state.in_(WAITING))
    return [found for found in _opened(session, wanted) if found.is_open]


def as_chosen(signed: Signed, changes: Iterable[OpenedChange]) -> Signed:
    """Return a signature as it would be with these changes in force."""
    for found in changes:
        identity = appearance_after(found, signed.identity)
        signed = replace(signed, identity=identity, visibility=found.visibility or signed.visibility)
    return signed


def waiting_names(session: Session, statement_id: int) -> list[OpenedChange]:
    """Return the names of a statement's signatures that wait for a coordinator, oldest first."""
    return _opened(session, _wanted().where(Signature.statement_id == statement_id, *_names()).limit(MOST_WAITING))


def count_waiting_names(session: Session, statement_ids: Sequence[int]) -> dict[int, int]:
    """Count the names that wait for a coordinator, by statement (row id); nothing is opened."""
    wanted = select(Signature.statement_id, func.count()).join(
        SignatureChange, SignatureChange.signature_id == Signature.id
    )
    conditions = Signature.statement_id.in_(statement_ids), *_names()
    return dict(session.execute(wanted.where(*conditions).group_by(Signature.statement_id)).all())


def known_names(session: Session, fields: dict[str, Any]) -> list[str]:
    """Return the names by which the people who asked know who signed: the one asked, and one that they accepted.

    `fields` is a signature's opened identity. Earlier names do not count: many small steps lead anywhere.
    """
    details = details_of(session, str(fields["signatory"]))
    return [name for name in (details.name if details else "", str(fields.get("accepted_name") or "")) if name]


def is_known(name: str, known: Iterable[str]) -> bool:
    """Tell whether a name is another spelling of one of those that are known."""
    return any(name == one or is_same_name(name, one) for one in known)


def appearance_after(found: OpenedChange, identity: Identity) -> Identity:
    """Return the identity of a signature as it would be with a change in force."""
    values = {part: found.after.get(part, getattr(identity, part)) for part in _PARTS}
    return Identity(**values)


def mark_of(found: OpenedChange, identity: Identity) -> str:
    """Return a mark of what a page showed of a change; it differs as soon as anything of it does."""
    parts = [getattr(identity, part) for part in _PARTS]
    shown = [found.state, found.before, found.after, *parts]
    return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()[:16]


def change_place(public_id: str) -> Place:
    """Return where a change is sealed."""
    return Place("signature_changes", "change_sealed", public_id)


def _names() -> tuple[Any, ...]:
    return (
        SignatureChange.state == ChangeState.WAITS_FOR_COORDINATOR,
        Signature.state == SignatureState.SIGNED,
    )


def _wanted() -> Select[SignatureChange, str, int]:
    return (
        select(SignatureChange, Signature.public_id, Signature.statement_id)
        .join(Signature, Signature.id == SignatureChange.signature_id)
        .order_by(SignatureChange.id)
        .execution_options(populate_existing=True)
    )


def _opened(session: Session, wanted: Select[SignatureChange, str, int]) -> list[OpenedChange]:
    rows = session.execute(wanted).all()
    places = [(change_place(row.SignatureChange.public_id), row.SignatureChange.change_sealed) for row in rows]
    opened = open_many(session, places, "changes of signatures") if places else []
    found_changes = [
        OpenedChange(
            row.SignatureChange.id, row.SignatureChange.public_id, row.SignatureChange.signature_id, row.public_id,
            row.statement_id, row.SignatureChange.state, found["before"], found["after"], found["by"], found["word"],
            *_times(row.SignatureChange, found),
        )
        for row, found in zip(rows, opened, strict=True)
    ]  # fmt: skip
    return sorted(found_changes, key=lambda found: found.made_at)


def _times(row: SignatureChange, opened: dict[str, Any]) -> tuple[datetime, datetime | None]:
    """Return when a change was made and settled; the row knows the days."""
    made, settled = (moment_in(one) for one in opened.get("times") or (None, None))
    return made or row.made_at, settled or row.settled_at
