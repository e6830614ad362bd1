"""Where somebody stands in a list by name: told by what the list's readers are shown of them, and by nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from app.base.collation import EDITION, collation_key
from app.base.names import comparison_key
from app.directory.sort_names import family_fields, given_fields
from app.directory.states import Details, SignatoryKind
from app.statements.states import NameOrder
from app.visibility.states import Appearance

# Rises whenever the rules by which keys are made change, so that stored ones are made anew.
RULES = 1
BY_DAY = b""


@dataclass(frozen=True)
class ListOrder:
    """In which order a statement's list stands, and by which language's alphabet."""

    by: NameOrder
    language: str

    @property
    def mark(self) -> str:
        """What differs as soon as stored keys have to be made anew."""
        return str(self.by) if self.by is NameOrder.DAY else f"{self.by} {self.language} {RULES} {EDITION}"

    def key(self, seen: Appearance | None, kind: SignatoryKind, known: Details | None = None) -> bytes:
        """Return the key of somebody who is shown like this, and who is `known` to the directory.

        The name to sort by counts only where the directory's name is the one that is shown: beside another one it
        would tell who hides behind that.
        """
        if seen is None or self.by is NameOrder.DAY:
            return BY_DAY
        return collation_key(self._fields(seen, kind, known), self.language)

    def _fields(self, seen: Appearance, kind: SignatoryKind, known: Details | None) -> tuple[str, ...]:
        if self.by is NameOrder.GIVEN or seen.is_pseudonym:
            return (seen.name,)
        if known is not None and known.sort_name and comparison_key(known.name) == comparison_key(seen.name):
            return given_fields(known.sort_name) or (seen.name,)
        return (seen.name,) if kind is SignatoryKind.ORGANISATION else family_fields(seen.name, self.language)
