"""Search in names, lines and addresses of a directory: all of them are opened, in portions, and none is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.base.names import comparison_key
from app.base.sealing import open_plain
from app.directory.models import Signatory
from app.directory.queries import (
    EVERYBODY,
    MOST_FOUND,
    DirectoryEntry,
    DirectoryFilter,
    chosen_parts,
    email_keys,
    entries_by_email,
    identity_place,
    opened,
)

FIELDS = ("name", "sort_name", "email", "credential", "affiliation", "representative")
_PURPOSE = "directory search"
_FETCHED_AT_ONCE = 2_000
# What `comparison_key` makes of ASCII: small letters, and spaces for all that is neither letter nor figure.
_FOLDED = bytes(ord(chr(each).lower()) if chr(each).isalnum() and each < 128 else 32 for each in range(256))
_DROPPED = b"'"


def find_signatories(
    session: Session, campaign_id: int, words: str, chosen: DirectoryFilter = EVERYBODY
) -> list[DirectoryEntry]:
    """Search a part of the directory; a whole address is looked up by its key, without opening others.

    All entries are looked through, in the order of the list, until `MOST_FOUND` are found.
    """
    if "@" in words:
        exact = entries_by_email(session, campaign_id, words, _PURPOSE)
        if exact:
            return exact
    parts = (part.with_only_columns(*_COLUMNS) for part in chosen_parts(campaign_id, chosen))
    found = list(islice(chain.from_iterable(_matching(session, part, words) for part in parts), MOST_FOUND))
    rows = {row.id: row for row in session.scalars(select(Signatory).where(Signatory.id.in_(found)))}
    return opened(session, [rows[row_id] for row_id in found], _PURPOSE)


def find_rows(session: Session, campaign_id: int, words: str) -> set[int]:
    """Return the row ids of all signatories of a campaign whom words find, as `find_signatories` does."""
    if "@" in words:
        keys = email_keys(session, campaign_id, words)
        of_campaign = select(Signatory.id).where(Signatory.campaign_id == campaign_id)
        exact = set(session.scalars(of_campaign.where(Signatory.email_key.in_(keys))))
        if exact:
            return exact
    everybody = select(*_COLUMNS).where(Signatory.campaign_id == campaign_id)
    return set(_matching(session, everybody, words))


_COLUMNS = tuple(Signatory.__table__.c["id", "public_id", "identity_sealed"])


def _matching(session: Session, wanted: Select[Any], words: str) -> Iterator[int]:
    parts = comparison_key(words).split()
    if not parts:
        return
    for rows in session.execute(wanted, execution_options={"yield_per": _FETCHED_AT_ONCE}).partitions():
        places = [(identity_place(row.public_id), row.identity_sealed) for row in rows]
        for row, plain in zip(rows, open_plain(session, places, _PURPOSE), strict=True):
            if _may_match(plain, parts) and _matches(json.loads(plain), parts):
                yield row.id


def _may_match(plain: bytes, parts: Sequence[str]) -> bool:
    """Tell whether it is worth while to read a document whole, which takes longest: whether all words are in it."""
    folded = plain.translate(_FOLDED, _DROPPED).decode("ascii")
    missing = [part for part in parts if part not in folded]
    if not missing or plain.isascii():
        return not missing
    words = plain.decode().replace('"', " ").split()
    others = [_key(word) for word in words if not word.isascii()]
    return all(any(part in word for word in others) for part in missing)


@lru_cache(maxsize=50_000)
def _key(word: str) -> str:
    return comparison_key(word)


def _matches(fields: dict[str, Any], parts: Sequence[str]) -> bool:
    text = comparison_key(" ".join(str(fields.get(name) or "") for name in FIELDS))
    return all(part in text for part in parts)
