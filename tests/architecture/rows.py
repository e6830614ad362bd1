"""Fill any schema with rows and compare what tables hold, knowing nothing of what the tables mean."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    ForeignKeyConstraint,
    MetaData,
    Table,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.sql.ddl import sort_tables_and_constraints

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MADE_PER_TABLE = 3


def reflected(engine: Engine) -> MetaData:
    """Read the schema that a database has now."""
    metadata = MetaData()
    metadata.reflect(engine)
    return metadata


def _is_loose(constraint: ForeignKeyConstraint) -> bool:
    return all(element.parent.nullable for element in constraint.elements)


def in_order(metadata: MetaData) -> list[Table]:
    """Order the tables so that what a row needs comes first; a reference that may be empty needs nothing."""
    ordered = sort_tables_and_constraints(list(metadata.tables.values()), filter_fn=_is_loose)  # type: ignore[no-untyped-call]
    return [table for table, _constraints in ordered if table is not None and table.name != "alembic_version"]


def invented(column: Column[Any], number: int) -> object:
    """Invent a value: each call with another `number` gives another value, so that unique columns stay unique."""
    kind = column.type.python_type
    if kind is str:
        length = getattr(column.type, "length", None) or 24
        return f"{number:x}{column.name}"[:length]
    makers: Mapping[type, Any] = {
        bool: lambda: number % 2 == 0,
        int: lambda: number,
        float: lambda: float(number),
        Decimal: lambda: Decimal(number),
        bytes: lambda: number.to_bytes(16, "big"),
        datetime: lambda: START + timedelta(minutes=number),
        date: lambda: (START + timedelta(days=number)).date(),
        dict: lambda: {"number": number},
        list: lambda: [number],
    }
    return makers[kind]()


def is_counted(table: Table, column: Column[Any]) -> bool:
    """Tell whether the database numbers this column itself."""
    return bool(column.autoincrement) and column.type.python_type is int and [*table.primary_key.columns] == [column]


def _row(connection: Connection, table: Table, number: int) -> dict[str, object]:
    row: dict[str, object] = {}
    for column in table.columns:
        if column.foreign_keys:
            (foreign,) = column.foreign_keys
            parents = connection.scalars(select(foreign.column).order_by(foreign.column)).all()
            if parents:
                row[column.name] = parents[number % len(parents)]
        elif not is_counted(table, column):
            row[column.name] = invented(column, number)
    return row


def fill(engine: Engine, metadata: MetaData) -> None:
    """Put a few rows into every empty table; references that form a circle are set once both ends exist."""
    tables = in_order(metadata)
    held = counts(engine, [table.name for table in tables])
    with engine.begin() as connection:
        for table in tables:
            if held[table.name]:
                continue
            for number in range(1, 1 + MADE_PER_TABLE):
                connection.execute(insert(table).values(**_row(connection, table, number)))
        for column in _unset(connection, tables):
            (foreign,) = column.foreign_keys
            parent = connection.scalar(select(func.min(foreign.column)))
            connection.execute(update(column.table).where(column.is_(None)).values({column.name: parent}))


def _unset(connection: Connection, tables: Sequence[Table]) -> list[Column[Any]]:
    """List the references that some row has left empty, found in one statement."""
    loose = [column for each in tables for column in each.columns if column.foreign_keys and column.nullable]
    asked = [f'EXISTS (SELECT 1 FROM "{each.table.name}" WHERE "{each.name}" IS NULL)' for each in loose]
    found = connection.execute(text(f"SELECT {', '.join(asked)}")).one() if asked else ()
    return [column for column, is_unset in zip(loose, found, strict=True) if is_unset]


def names(engine: Engine) -> list[str]:
    """Name every table but Alembic's own, without reading what is in them."""
    return [name for name in inspect(engine).get_table_names() if name != "alembic_version"]


def counts(engine: Engine, tables: Sequence[str]) -> dict[str, int]:
    """Count the rows of tables, all in one statement."""
    counted = [f'(SELECT count(*) FROM "{name}")' for name in tables]
    with engine.connect() as connection:
        found = connection.execute(text(f"SELECT {', '.join(counted)}")).one() if counted else ()
    return dict(zip(tables, found, strict=True))


def contents(engine: Engine, metadata: MetaData) -> dict[str, list[tuple[object, ...]]]:
    """Read everything that the database holds, in a fixed order."""
    with engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in in_order(metadata)
        }


def changed_tables(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """Name the tables that differ between two readings."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
