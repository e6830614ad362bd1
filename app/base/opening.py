"""Open a house: see that code, database and key belong together before anything is read or written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from app.base.database import Database
from app.base.errors import HouseRefused
from app.base.failures import DATABASE_FAILS
from app.base.key_proofs import is_key_proven, store_proof
from app.base.migrating import check_not_newer, is_current


class DatabaseOlder(HouseRefused):
    """The database was not brought to this version yet, or there is none."""


class DatabaseUnreachable(HouseRefused):
    """The database does not answer, or is none."""


def open_house(database: Database, *, demonstration: bool) -> None:
    """Check everything, and store the key's proof where there is none yet.

    Raises HouseRefused with a sentence for the operator: the database is newer or older than the code, it is sealed
    with another key, it belongs to a demonstration, or it can't be reached.
    """
    check_exists(database)
    with _in_plain_words(database):
        check_not_newer(database.engine)
        if not is_current(database.engine):
            raise DatabaseOlder("The database is older than this version. Run: flask db upgrade")
        if _is_proven(database, demonstration=demonstration):
            return
        with database.writing() as session:
            store_proof(session, demonstration=demonstration)
        # Somebody with another key may have been faster.
        _is_proven(database, demonstration=demonstration)


def check_house(database: Database, *, demonstration: bool, may_be_newer: bool = False) -> None:
    """Check whatever a database can show that is empty or older than the code; write nothing. Raises HouseRefused."""
    if is_missing(database):
        return
    with _in_plain_words(database):
        if not may_be_newer:
            check_not_newer(database.engine)
        _is_proven(database, demonstration=demonstration)


def check_exists(database: Database) -> None:
    """Raise DatabaseOlder where the embedded database is not there: opening it would make an empty file."""
    if is_missing(database):
        raise DatabaseOlder(
            f"There is no database at {database.engine.url.database}. Let UNDERSIGNED_DATABASE_URL name the one that "
            f"you mean, or make a new one with: flask db upgrade"
        )


def is_missing(database: Database) -> bool:
    """Tell whether the embedded database has no file yet."""
    path = database.engine.url.database
    return database.is_sqlite and bool(path) and not Path(str(path)).exists()


def _is_proven(database: Database, *, demonstration: bool) -> bool:
    with database.reading() as session:
        return is_key_proven(session, demonstration=demonstration)


@contextmanager
def _in_plain_words(database: Database) -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, *DATABASE_FAILS) as error:
        reason = str(getattr(error, "orig", error) or type(error).__name__).strip().split("\n")[0]
        password = database.engine.url.password
        raise DatabaseUnreachable(
            f"The database in UNDERSIGNED_DATABASE_URL can't be used: {_without(reason, password)}. See that it runs, "
            f"that the address is right and that this user may use it."
        ) from None


def _without(text: str, password: str | None) -> str:
    return text.replace(password, "…").rstrip(".") if password else text.rstrip(".")
