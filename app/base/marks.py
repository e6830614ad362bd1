"""Marks that rise with whatever readers see, in the transaction that changes it, so that a kept page can be compared.

Triggers raise them, so that no action can forget to. A mark belongs to a scope, such as one statement; pages add up the
marks of what they show, and the sum is another one after every commit that touched any of it.

On PostgreSQL several transactions may raise one mark at the same time, and none must wait for another: each takes a
slot of its own while it lasts, and a mark is the sum of its slots. One transaction raises a mark once, however many
rows it changes, since it would have to walk past each version of its own that it left behind.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import BigInteger, Connection, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.base.database import Base

PREFIX = "reader_mark_"
EVERYTHING = "everything"  # the scope that every page's marks hold: raised where rows may have changed unseen
_ROWS: dict[str, tuple[str, ...]] = {"insert": ("NEW",), "update": ("OLD", "NEW"), "delete": ("OLD",)}
_EMPTYING = "truncate"  # PostgreSQL's way of deleting all rows, of which none is seen
# How the sum is asked for; what is bound is the text of `bound`. SQLite knows no arrays.
SQLITE_SUM = "SELECT sum(number) FROM reader_marks WHERE scope IN (SELECT value FROM json_each(?))"
POSTGRES_SUM = "SELECT sum(number)::bigint FROM reader_marks WHERE scope = ANY ($1::text[])"
_SLOTS = 1_380_012  # the first key of the advisory locks that slots are; answers lock by one large key, never by two
_RAISE = f"""
CREATE OR REPLACE FUNCTION {PREFIX}raise(raised text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  own integer := 0;
BEGIN
  IF NOT EXISTS (
    SELECT FROM unnest(raised) AS wanted (scope) WHERE NOT EXISTS (
      SELECT FROM reader_marks AS known WHERE known.scope = wanted.scope AND known.xmin = pg_current_xact_id()::xid
    )
  ) THEN
    RETURN;
  END IF;
  WHILE NOT pg_try_advisory_xact_lock({_SLOTS}, own) LOOP
    own := own + 1;
  END LOOP;
  INSERT INTO reader_marks (scope, slot, number) SELECT DISTINCT scope, own, 1 FROM unnest(raised) AS wanted (scope)
    ON CONFLICT (scope, slot) DO UPDATE SET number = reader_marks.number + 1;
END $$"""
_OURS = f"substr({{}}, 1, {len(PREFIX)}) = '{PREFIX}'"
_PLACED = {
    "sqlite": f"SELECT name FROM sqlite_master WHERE type = 'trigger' AND {_OURS.format('name')}",
    "postgresql": f"""SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE relnamespace = current_schema()::regnamespace AND tgenabled = 'O' AND {_OURS.format("tgname")}""",
}
_FUNCTIONS = f"""SELECT proname FROM pg_proc
    WHERE pronamespace = current_schema()::regnamespace AND {_OURS.format("proname")}"""


class ReaderMark(Base):
    """How often something in a scope was changed; numbers only, no times and no names."""

    __tablename__ = "reader_marks"

    scope: Mapped[str] = mapped_column(String(40), primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger)


@dataclass(frozen=True)
class Marked:
    """Which marks a changed row of a table raises.

    `scopes` are SELECTs `AS scope` in which `{row}` stands for the row; `reads` the columns whose change counts;
    `where` a condition on the row without which nobody reads it. Rows that only add may be left out.
    """

    scopes: tuple[str, ...]
    reads: tuple[str, ...]
    where: str = ""
    counts_inserts: bool = True

    @property
    def deeds(self) -> tuple[str, ...]:
        """What raises the marks."""
        return tuple(_ROWS) if self.counts_inserts else ("update", "delete")

    def found(self, deed: str) -> str:
        """Return the SELECT of the scopes that the rows of a deed belong to, before and after it."""
        wanted = " UNION ".join(scope.format(row=row) for row in _ROWS[deed] for scope in self.scopes)
        return f"SELECT scope FROM ({wanted}) AS found WHERE scope IS NOT NULL"

    def condition(self, deed: str, differs: str) -> str:
        """Return when a deed counts; `differs` compares two values, as the database writes it."""
        reading = " OR ".join(self.where.format(row=row) for row in _ROWS[deed]) if self.where else "true"
        changing = " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in self.reads)
        return f"({reading}) AND ({changing})" if deed == "update" else reading


def marks_of(session: Session, scopes: Iterable[str]) -> int:
    """Add up the marks of some scopes, as a reading session's snapshot has them; asked again, it remembers."""
    connection = session.connection()
    is_sqlite = connection.dialect.name == "sqlite"
    wanted = bound(scopes, is_sqlite=is_sqlite)
    known: dict[str, int] = session.info.setdefault("reader_marks", {})
    if wanted not in known:
        asked = SQLITE_SUM if is_sqlite else POSTGRES_SUM.replace("$1", "%s")
        known[wanted] = connection.exec_driver_sql(asked, (wanted,)).scalar_one() or 0
    return known[wanted]


def bound(scopes: Iterable[str], *, is_sqlite: bool) -> str:
    """Return scopes as the statement that adds up their marks takes them: one text."""
    return json.dumps([*scopes]) if is_sqlite else "{" + ",".join(f'"{scope}"' for scope in scopes) + "}"


def place(connection: Connection, marked: Mapping[str, Marked]) -> None:
    """Make the triggers, in the place of those that are there.

    That raises a mark as well: while there were none, a migration changed what it liked, and those that are there now
    may be others than what a process knows that still runs older code.
    """
    take_off(connection)
    connection.exec_driver_sql(
        f"INSERT INTO reader_marks (scope, slot, number) VALUES ('{EVERYTHING}', 0, 1) "
        "ON CONFLICT (scope, slot) DO UPDATE SET number = reader_marks.number + 1"
    )
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_RAISE)
    for table, one in marked.items():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(_postgres_function(table, one))
        for _name, trigger in _triggers(connection.dialect.name, table, one):
            connection.exec_driver_sql(trigger)


def stir(session: Session) -> None:
    """Write every mark anew, for one transaction's number to be on all: PostgreSQL stamps rows with when they changed.

    A mark that somebody raises right now is left out. SQLite stamps none. Nothing else may be changed in this
    transaction: the marks would look as if it had raised them.
    """
    if session.connection().dialect.name == "postgresql":
        free = select(ReaderMark.scope, ReaderMark.slot).with_for_update(skip_locked=True)
        for scope, slot in session.execute(free).all():
            session.execute(
                update(ReaderMark)
                .where(ReaderMark.scope == scope, ReaderMark.slot == slot)
                .values(number=ReaderMark.number)
                .execution_options(synchronize_session=False)
            )


def take_off(connection: Connection) -> None:
    """Drop the triggers: a migration may rebuild a table, and SQLite renames none that a trigger's text names."""
    if connection.dialect.name == "sqlite":
        for name in connection.exec_driver_sql(_PLACED["sqlite"]).scalars().all():
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        return
    for name in connection.exec_driver_sql(_FUNCTIONS).scalars().all():
        connection.exec_driver_sql(f'DROP FUNCTION "{name}" CASCADE')


def are_placed(connection: Connection, marked: Mapping[str, Marked]) -> bool:
    """Tell whether the triggers are there as this version of the code has them, none missing and none switched off."""
    kind = connection.dialect.name
    wanted = {name for table, one in marked.items() for name, _made in _triggers(kind, table, one)}
    return wanted == {*connection.exec_driver_sql(_PLACED[kind]).scalars()}


def _triggers(kind: str, table: str, one: Marked) -> Iterator[tuple[str, str]]:
    """Yield a table's triggers, each with its name, which ends in a digest of all that it does."""
    make = _sqlite_trigger if kind == "sqlite" else _postgres_trigger
    rest = _RAISE + _postgres_function(table, one)
    for deed in one.deeds if kind == "sqlite" else (*one.deeds, _EMPTYING):
        made = make(table, one, deed)
        name = f"{PREFIX}{table}_{deed}_{hashlib.sha256((made + rest).encode()).hexdigest()[:8]}"
        yield name, f"CREATE TRIGGER {name} {made}"


def _sqlite_trigger(table: str, one: Marked, deed: str) -> str:
    return f"""AFTER {deed} ON {table} WHEN {one.condition(deed, "IS NOT")} BEGIN
  INSERT INTO reader_marks (scope, slot, number) SELECT scope, 0, 1 FROM ({one.found(deed)}) WHERE true
    ON CONFLICT (scope, slot) DO UPDATE SET number = number + 1;
END"""


def _postgres_trigger(table: str, one: Marked, deed: str) -> str:
    if deed == _EMPTYING:
        return f"AFTER {deed} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {PREFIX}{table}()"
    condition = one.condition(deed, "IS DISTINCT FROM")
    return f"AFTER {deed} ON {table} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {PREFIX}{table}()"


def _postgres_function(table: str, one: Marked) -> str:
    cases = "".join(
        f"  IF TG_OP = '{deed.upper()}' THEN PERFORM {PREFIX}raise(ARRAY({one.found(deed)})); END IF;\n"
        for deed in one.deeds
    )
    return f"""CREATE OR REPLACE FUNCTION {PREFIX}{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
{cases}  IF TG_OP = '{_EMPTYING.upper()}' THEN PERFORM {PREFIX}raise(ARRAY['{EVERYTHING}']); END IF;
  RETURN NULL;
END $$"""
