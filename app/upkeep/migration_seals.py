"""What a migration seals with: the house's keys, handed over by the one who migrates."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from alembic.runtime.migration import MigrationContext

from app.base.errors import HouseRefused
from app.base.migrating import VAULT
from app.base.sealing import Place, SealBroken, Vault


class KeyNeeded(HouseRefused):
    """Rows are to be sealed, and no key was handed over."""

    def __init__(self) -> None:
        super().__init__("This migration seals rows and needs the key. Run: flask db upgrade")


@dataclass(frozen=True)
class Sealer:
    """Seals and opens rows as the stages do, at any age of the database; without a vault it knows no row."""

    vault: Vault | None

    def seal(self, table: str, column: str, row: object, words: dict[str, Any], pad_to: int) -> bytes:
        """Seal a small document; raises KeyNeeded."""
        plain = json.dumps(words, ensure_ascii=False, separators=(",", ":")).encode()
        return self.seal_bytes(table, column, row, plain, pad_to)

    def seal_bytes(self, table: str, column: str, row: object, plain: bytes, pad_to: int) -> bytes:
        """Seal bytes; raises KeyNeeded."""
        if self.vault is None:
            raise KeyNeeded
        return self.vault.seal(Place(table, column, str(row)), plain, pad_to)

    def open(self, table: str, column: str, row: object, envelope: bytes) -> dict[str, Any] | None:
        """Open a small document; None where this house's keys don't."""
        plain = self.open_bytes(table, column, row, envelope)
        found: dict[str, Any] | None = None if plain is None else json.loads(plain)
        return found

    def open_bytes(self, table: str, column: str, row: object, envelope: bytes) -> bytes | None:
        """Open bytes; None where this house's keys don't."""
        if self.vault is None:
            return None
        try:
            return self.vault.open([(Place(table, column, str(row)), bytes(envelope))], "migrate")[0]
        except SealBroken:
            return None

    def blind_index(self, scope: str, value: str) -> bytes:
        """Return the keyed index of a value; raises KeyNeeded."""
        if self.vault is None:
            raise KeyNeeded
        return self.vault.blind_index(scope, value)


def sealer_of(context: MigrationContext) -> Sealer:
    """Return what seals in the migration that runs."""
    config = context.config
    return Sealer(config.attributes.get(VAULT) if config is not None else None)
