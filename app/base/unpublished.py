"""What is sealed until it is published: one envelope holds a row's words first, and their own columns afterwards.

A draft says who is about to be addressed, by whom and with what; what is published, everybody may read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.base.sealing import Place, open_one, seal

SEALED = "unpublished_sealed"
PAD_TO = 4096


@dataclass(frozen=True)
class UnpublishedWords:
    """The words of one table's rows that are sealed until they are published.

    `nothing` says what their own columns hold meanwhile. `key` is the attribute that envelopes are bound to.
    """

    table: str
    nothing: Mapping[str, Any]
    key: str = "public_id"

    def sealed(self, session: Session, key: object, words: Mapping[str, Any]) -> dict[str, Any]:
        """Return the columns of a row that is not published."""
        fields = {name: value.isoformat() if isinstance(value, date) else value for name, value in words.items()}
        return {**self.nothing, SEALED: seal(session, self._place(key), fields, pad_to=PAD_TO)}

    def published(self, words: Mapping[str, Any]) -> dict[str, Any]:
        """Return the columns of a row that anybody may read."""
        return {**{name: words[name] for name in self.nothing}, SEALED: None}

    def kept(self, session: Session, key: object, words: Mapping[str, Any], *, is_public: bool) -> dict[str, Any]:
        """Return the columns of a row that is published or is not."""
        return self.published(words) if is_public else self.sealed(session, key, words)

    def read(self, session: Session, row: Any) -> dict[str, Any]:
        """Return the words of a row, wherever they are. It may be a row of a query that asked for these columns."""
        if row.unpublished_sealed is None:
            return {name: getattr(row, name) for name in self.nothing}
        place = self._place(getattr(row, self.key))
        fields = open_one(session, place, row.unpublished_sealed, f"read {self.table}")
        dates = [name for name, value in self.nothing.items() if isinstance(value, date)]
        return fields | {name: date.fromisoformat(fields[name]) for name in dates}

    def _place(self, key: object) -> Place:
        return Place(self.table, SEALED, str(key))
