"""The proof that key and database belong together: one sealed row, made once and opened before anything else is.

Without it, a database opened with another key works until the first thing is opened, and whatever is sealed meanwhile
is lost to the right one. A database from before there were proofs proves the key by what it holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import structlog
from sqlalchemy import ColumnElement, LargeBinary, column, inspect, select, table, update
from sqlalchemy.engine import Inspector
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.base.database import Base
from app.base.errors import HouseRefused
from app.base.rows import insert_into
from app.base.sealing import Place, SealBroken, open_one, seal, vault_of
from app.base.worker_seals import WORKER_VERSION, written

FIRST_KEY = 1
WORKER_KEY = 2
FORMAT = 1
SEALED = "_sealed"
log = structlog.get_logger()


class KeyProof(Base):
    """A row that only the house's key opens: {format, demonstration}; a second one: {format, public}."""

    __tablename__ = "key_proofs"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    proof_sealed: Mapped[bytes] = mapped_column(LargeBinary)


class WrongKey(HouseRefused):
    """The key does not open what the database holds."""

    in_short = "key does not open the database"

    def __init__(self) -> None:
        super().__init__(
            "The key in UNDERSIGNED_KEY_FILE is not the one that this database is sealed with; nothing was changed. "
            "Either let UNDERSIGNED_KEY_FILE name the key of this database (your copy of it, if the file was lost or "
            "replaced), or let UNDERSIGNED_DATABASE_URL name the database that belongs to this key."
        )


class WrongWorkerKey(HouseRefused):
    """The worker's key in the settings is not the one that this house seals for."""

    in_short = "worker's key is not the database's"

    def __init__(self, public: bytes) -> None:
        super().__init__(
            f"The worker's key of this database has the public half {written(public)}; nothing was changed. Let "
            f"UNDERSIGNED_WORKER_PUBLIC_KEY be that and, for the worker only, UNDERSIGNED_WORKER_KEY_FILE name "
            f"the file of that key."
        )


class OtherHouse(HouseRefused):
    """A demonstration's database was opened for real, or a real one for the demonstration."""

    in_short = "database of a demonstration and settings of a real house, or the reverse"

    def __init__(self, *, is_demonstration: bool) -> None:
        held = "of a demonstration" if is_demonstration else "of a real house, and the demonstration is not for it"
        super().__init__(
            f"This database is the one {held}; nothing was changed. Let UNDERSIGNED_DATABASE_URL name another "
            f"database, or set UNDERSIGNED_DEMONSTRATION={int(is_demonstration)} if this one is meant."
        )


def is_key_proven(session: Session, *, demonstration: bool) -> bool:
    """Tell whether the key is proven to be the database's. Writes nothing; raises WrongKey and OtherHouse.

    False means that nothing speaks against the key and no proof is stored yet. The database may be of any age.
    """
    inspector = inspect(session.connection())
    stored = None
    if inspector.has_table(KeyProof.__tablename__):
        stored = session.scalar(select(KeyProof.proof_sealed).where(KeyProof.number == FIRST_KEY))
    if stored is None:
        _check_what_is_sealed(session, inspector)
        return False
    try:
        proof = open_one(session, _place(FIRST_KEY), stored, "proof of the key")
    except SealBroken as error:
        raise WrongKey from error
    if proof["demonstration"] is not demonstration:
        raise OtherHouse(is_demonstration=proof["demonstration"])
    return _is_worker_proven(session)


def store_proof(session: Session, *, demonstration: bool) -> None:
    """Store the proofs unless there are some: of two who come at once, the first wins. Look again after the commit."""
    proofs: dict[int, dict[str, Any]] = {FIRST_KEY: {"format": FORMAT, "demonstration": demonstration}}
    worker = vault_of(session).worker
    if worker is not None:
        proofs[WORKER_KEY] = {"format": FORMAT, "public": worker.public.hex()}
    for number, fields in proofs.items():
        proof = seal(session, _place(number), fields)
        session.execute(
            insert_into(session, KeyProof).values(number=number, proof_sealed=proof).on_conflict_do_nothing()
        )


def exchange_worker_proof(session: Session, public: bytes) -> None:
    """Let the house seal for another key of its worker from now on."""
    proof = seal(session, _place(WORKER_KEY), {"format": FORMAT, "public": public.hex()})
    session.execute(update(KeyProof).where(KeyProof.number == WORKER_KEY).values(proof_sealed=proof))


def row_name(value: object) -> str:
    """Return by which name envelopes are bound to a row, of whatever its key or public id is."""
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)


def _is_worker_proven(session: Session) -> bool:
    """Tell whether the worker's key is the house's, or the house knows of none; raises WrongWorkerKey."""
    worker = vault_of(session).worker
    stored = session.scalar(select(KeyProof.proof_sealed).where(KeyProof.number == WORKER_KEY))
    if stored is None:
        return worker is None
    proof = open_one(session, _place(WORKER_KEY), stored, "proof of the worker's key")
    if worker is None or worker.public.hex() != proof["public"]:
        raise WrongWorkerKey(bytes.fromhex(proof["public"]))
    return True


def _check_what_is_sealed(session: Session, inspector: Inspector) -> None:
    """Raise WrongKey unless this key opens the oldest row of most tables that hold something sealed.

    A few rows may have been sealed with another key, by a command that was given the wrong one when nothing checked it.
    """
    opens = {place.table: _is_opened(session, place, envelope) for place, envelope in _oldest(session, inspector)}
    if opens and sum(opens.values()) * 2 <= len(opens):
        raise WrongKey
    for name in (name for name, is_open in opens.items() if not is_open):
        log.warning("key.rows_of_another_key", table=name)


def _is_opened(session: Session, place: Place, envelope: bytes) -> bool:
    try:
        vault_of(session).open([(place, envelope)], "proof of the key")
    except SealBroken:
        return False
    return True


def _oldest(session: Session, inspector: Inspector) -> Iterator[tuple[Place, bytes]]:
    """Find an envelope in each table that has one, the oldest where rows are numbered.

    The tables are asked for and not the models, since the database may be older than these.
    """
    for name in sorted(set(inspector.get_table_names()) - {KeyProof.__tablename__}):
        columns = [each["name"] for each in inspector.get_columns(name)]
        key = inspector.get_pk_constraint(name)["constrained_columns"][0]
        row = "public_id" if "public_id" in columns else key
        names: ColumnElement[Any] = column(row)
        for sealed in (each for each in columns if each.endswith(SEALED)):
            wanted = select(names, column(sealed, LargeBinary)).select_from(table(name))
            found = session.execute(wanted.where(column(sealed).is_not(None)).order_by(column(key)).limit(1)).first()
            if found is not None and bytes(found[1])[:1] != bytes([WORKER_VERSION]):
                yield Place(name, sealed, row_name(found[0])), bytes(found[1])
                break


def _place(number: int) -> Place:
    return Place(KeyProof.__tablename__, "proof_sealed", str(number))
