"""Set the tables of a PostgreSQL database, and what its triggers do, aside while others take their place."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, inspect, text

from app.base import clock
from app.upkeep.files import DatabaseInUse

LEAVING_SECONDS = 5.0
_LOOK_SECONDS = 0.05
_OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
_FUNCTIONS = """
    SELECT format('%I.%I(%s)', nspname, proname, pg_get_function_identity_arguments(pg_proc.oid))
    FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace
    WHERE nspname = :schema
    AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
"""


def check_alone(engine: Engine) -> None:
    """Raise DatabaseInUse where somebody else is connected; one that was just closed needs a moment to be gone."""
    engine.dispose()
    gives_up_at = time.monotonic() + LEAVING_SECONDS
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while connection.execute(text(_OTHERS)).scalar_one():
            if time.monotonic() > gives_up_at:
                raise DatabaseInUse
            time.sleep(_LOOK_SECONDS)
    engine.dispose()


@contextmanager
def aside(engine: Engine) -> Iterator[None]:
    """Move the tables into a schema of their own for the block; dropped after it, or moved back if it fails.

    A process that is killed in between leaves them in that schema, and the database empty beside it.
    """
    room = clock.now().strftime("before_restore_%Y%m%dt%H%M%S")
    names = inspect(engine).get_table_names()
    engine.dispose()
    with engine.begin() as connection:
        if names:
            _move(connection, names, room)
    try:
        yield
    except BaseException:
        _move_back(engine, names, room)
        raise
    if names:
        with engine.begin() as connection:
            connection.exec_driver_sql(f'DROP SCHEMA "{room}" CASCADE')


def _move(connection: Connection, names: list[str], room: str) -> None:
    connection.exec_driver_sql(f'CREATE SCHEMA "{room}"')
    for name in names:
        connection.exec_driver_sql(f'ALTER TABLE "{name}" SET SCHEMA "{room}"')
    for function in _functions(connection, _home(connection)):
        connection.exec_driver_sql(f'ALTER FUNCTION {function} SET SCHEMA "{room}"')


def _move_back(engine: Engine, names: list[str], room: str) -> None:
    engine.dispose()
    with engine.begin() as connection:
        home = _home(connection)
        for name in inspect(connection).get_table_names():
            connection.exec_driver_sql(f'DROP TABLE "{name}" CASCADE')
        for function in _functions(connection, home):
            connection.exec_driver_sql(f"DROP FUNCTION {function}")
        for name in names:
            connection.exec_driver_sql(f'ALTER TABLE "{room}"."{name}" SET SCHEMA "{home}"')
        for function in _functions(connection, room):
            connection.exec_driver_sql(f'ALTER FUNCTION {function} SET SCHEMA "{home}"')
        connection.exec_driver_sql(f'DROP SCHEMA IF EXISTS "{room}"')


def _home(connection: Connection) -> str:
    return str(inspect(connection).default_schema_name)


def _functions(connection: Connection, schema: str) -> list[str]:
    """Name the functions of a schema as SQL does; none that belongs to an extension."""
    return list(connection.scalars(text(_FUNCTIONS), {"schema": schema}))
