"""How the signatures of a statement spread over visibility, kind and country, of which the last two are sealed."""

from __future__ import annotations

import json
import re
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, String, select, type_coerce
from sqlalchemy.orm import Session

from app.base.rows import portions
from app.base.sealing import open_plain
from app.directory.states import SignatoryKind
from app.signatures.models import Signature
from app.signatures.queries import identity_sealed_place
from app.signatures.states import SignatureState
from app.visibility.states import Visibility

_FETCHED_AT_ONCE = 2_000
_PURPOSE = "figures of signatures"
# As JSON writes them; within a string a quotation mark has a backslash before it, so that no name can look so.
_KIND = re.compile(rb'[{,]"kind":"([^"\\]*)"')
_COUNTRY = re.compile(rb'[{,]"country":"([^"\\]*)"')
_INVITATION = re.compile(rb'[{,]"invitation":"([^"\\]*)"')
_GONE = -1


class SpreadPart(NamedTuple):
    """What signatures are counted by."""

    visibility: Visibility
    kind: SignatoryKind
    country: str


class SpreadRow(NamedTuple):
    """One signature as it counts; no part, if it does not stand."""

    id: int
    part: SpreadPart | None


class Spread:
    """The standing signatures of one statement, each by a number for its part: 10 bytes each."""

    def __init__(self, rows: Iterable[SpreadRow] = ()) -> None:
        self._numbers: dict[SpreadPart, int] = {}
        ids, parts = array("q"), array("h")
        for row in rows:  # they come in any order
            ids.append(row.id)
            parts.append(self._number(row.part))
        order = sorted(range(len(ids)), key=ids.__getitem__)
        self._ids = array("q", (ids[at] for at in order))
        self._parts = array("h", (parts[at] for at in order))
        self._counted = Counter(self._parts)

    def __len__(self) -> int:
        return len(self._ids)

    def put(self, row: SpreadRow) -> None:
        """Count a signature, or count it anew."""
        part = self._number(row.part)
        at = bisect_left(self._ids, row.id) if self._ids and self._ids[-1] >= row.id else len(self._ids)
        if at < len(self._ids) and self._ids[at] == row.id:
            self._counted[self._parts[at]] -= 1
            self._parts[at] = part
        else:
            self._ids.insert(at, row.id)
            self._parts.insert(at, part)
        self._counted[part] += 1

    def _number(self, part: SpreadPart | None) -> int:
        return _GONE if part is None else self._numbers.setdefault(part, len(self._numbers))

    def counted(self) -> dict[SpreadPart, int]:
        """Return how many stand in each part."""
        return {part: self._counted[number] for part, number in self._numbers.items() if self._counted[number]}


def all_signed(session: Session, statement_id: int) -> Spread:
    """Open and count all standing signatures of a statement."""
    wanted = _signed().where(Signature.statement_id == statement_id, Signature.state == SignatureState.SIGNED)
    fetched = session.execute(wanted, execution_options={"yield_per": _FETCHED_AT_ONCE}).partitions()
    return Spread(
        SpreadRow(row.id, _part(row.visibility, plain))
        for rows in fetched
        for row, plain in zip(rows, _opened(session, rows), strict=True)
    )


def signed_among(session: Session, public_ids: Sequence[str]) -> Iterator[tuple[int, str, SpreadRow]]:
    """Yield statement, invitation (public id) and part of some signatures, standing or not."""
    for part in portions(public_ids):
        rows = session.execute(_signed().where(Signature.public_id.in_(part))).all()
        for row, plain in zip(rows, _opened(session, rows), strict=True):
            counted = _part(row.visibility, plain) if row.state == SignatureState.SIGNED else None
            yield row.statement_id, _field(_INVITATION, plain, "invitation"), SpreadRow(row.id, counted)


def _part(visibility: str, plain: bytes) -> SpreadPart:
    kind, country = _field(_KIND, plain, "kind"), _field(_COUNTRY, plain, "country")
    return SpreadPart(_VISIBILITIES[visibility], _KINDS[kind], country)


_VISIBILITIES = {visibility.value: visibility for visibility in Visibility}
_KINDS = {kind.value: kind for kind in SignatoryKind}


def _field(pattern: re.Pattern[bytes], plain: bytes, name: str) -> str:
    found = pattern.search(plain)
    return found[1].decode() if found is not None else str(json.loads(plain).get(name) or "")


def _opened(session: Session, rows: Sequence[Any]) -> list[bytes]:
    return open_plain(session, [(identity_sealed_place(row.public_id), row.identity_sealed) for row in rows], _PURPOSE)


def _signed() -> Select[Any]:
    columns = Signature.__table__.c  # of the table and not of the model, which takes twice as long to read
    return select(
        *columns["id", "public_id", "statement_id", "identity_sealed"],
        type_coerce(columns.state, String).label("state"),
        type_coerce(columns.visibility, String).label("visibility"),
    )
