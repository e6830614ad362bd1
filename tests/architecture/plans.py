"""How both databases would answer what was asked of them: whether they go by an index wherever there is much.

SQLite plans by the schema alone, since nobody ever tells it figures (`ANALYZE`). PostgreSQL plans by figures, so it is
given ten thousand rows of each, spread over two hundred statements, before it is asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

from sqlalchemy import Column, Connection, Engine, LargeBinary, String, Table, UniqueConstraint, event, text

from app.base.database import Base

# What grows with the people who are asked and sign, and with what is mailed to them.
LARGE = (
    "signatories", "invitations", "answers", "answer_words", "reminders", "signatures", "signature_changes", "mails",
    "mail_attempts", "mail_addresses", "audit_entries", "appeal_signatures", "group_memberships",
)  # fmt: skip
ROWS, STATEMENTS = 10_000, 200
FIRST = 1_000_000
PAGE = 500  # rows that may be sorted: what one portion reads
_LIST = re.compile(r"\((\?|%\(\w+\)s(::\w+)?)(, (\?|%\(\w+\)s(::\w+)?))+\)")
# Parts of statements that may sort, and why.
ALLOWED = {
    "AS anon_1 ORDER BY anon_1.position": "merges what one page may hold of each visibility",
    "FROM signature_changes JOIN signatures": "what waits is as much as people look at one by one",
    "signatories.id IN (SELECT group_memberships": "one group's members, found by their ids",
    "SELECT mails.id, mails.public_id, mails.kind": "operators' list of the outbox, from the index of states alone",
}
# Without this, a page of the public list and a signer's row are found no more; else the test could not fail.
_SPOILT = {
    "sqlite": "DROP INDEX ix_signatures_listing",
    "postgresql": "ALTER TABLE signatures DROP CONSTRAINT uq_signatures_signer_key",
}
# What a row of the demonstration would say ten thousand times, and as good as none of a large house's rows do.
_SPREAD = {
    "signature_changes.state": "'in force'", "mails.state": "'accepted'", "mails.trouble": "NULL",
    "invitations.mail_id": "'x' || lpad(n::text, 19, '0')",
    "mails.finished_at": "now() - n * interval '15 minutes'",
}  # fmt: skip
_NO_REMINDER = "SELECT ''::bytea AS reminder_key, 1 AS statement_id, ''::bytea AS reminders_sealed"
_NUMBERS = count()
_FOUND_ALONE = ("sqlite_autoindex", "PRIMARY KEY")


@dataclass(frozen=True)
class Asked:
    """A statement of SQL as a database was first asked it."""

    statement: str
    parameters: Any


@contextmanager
def noting(engine: Engine) -> Iterator[dict[str, Asked]]:
    """Note each statement that reads, once, however long the lists in it are."""
    noted: dict[str, Asked] = {}

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            noted.setdefault(_LIST.sub("(?)", statement), Asked(statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield noted
    finally:
        event.remove(engine, "before_cursor_execute", note)


def walks(engine: Engine, asked: Mapping[str, Asked]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the statements that walk or sort a large table, and how; and those that would without one index more."""
    with engine.connect() as connection:
        large = _grown(connection) if connection.dialect.name == "postgresql" else frozenset(LARGE)
        found = _walks(connection, asked, large)
        connection.execute(text(_SPOILT[connection.dialect.name]))
        spoilt = _walks(connection, asked, large)
        connection.rollback()
    return found, spoilt


def _walks(connection: Connection, asked: Mapping[str, Asked], large: frozenset[str]) -> dict[str, str]:
    look = _sqlite_walk if connection.dialect.name == "sqlite" else _postgres_walk
    found = {key: look(connection, one, large) for key, one in asked.items() if _is_about_much(key)}
    return {key: walk for key, walk in found.items() if walk and not any(part in key for part in ALLOWED)}


def _is_about_much(statement: str) -> bool:
    return any(re.search(rf"\b{table}\b", statement) for table in LARGE)


def _sqlite_walk(connection: Connection, one: Asked, large: frozenset[str]) -> str:
    # The driver keeps what it has prepared, and SQLite plans an explanation once: each is another text.
    plan = f"EXPLAIN QUERY PLAN /* {next(_NUMBERS)} */ {one.statement}"
    rows = connection.exec_driver_sql(plan, one.parameters).all()
    steps = [str(row[3]) for row in rows]
    for step in steps:
        if step.startswith("SCAN ") and _table(step.split()[1]) in large:
            return step
    reads_many = any(
        step.startswith("SEARCH ") and _table(step.split()[1]) in large and not any(one in step for one in _FOUND_ALONE)
        for step in steps
    )
    sorts = any("TEMP B-TREE FOR ORDER BY" in step for step in steps)
    return " | ".join(steps) if sorts and reads_many and "LIMIT" in one.statement else ""


def _table(name: str) -> str:
    return re.sub(r"_\d+$", "", name)


def _postgres_walk(connection: Connection, one: Asked, large: frozenset[str]) -> str:
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {one.statement}", one.parameters).scalar_one()
    (root,) = plan if isinstance(plan, list) else json.loads(plan)
    for node in _nodes(root["Plan"]):
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in large:
            return f"Seq Scan on {node['Relation Name']}"
        if node["Node Type"] == "Sort" and node["Plan Rows"] > PAGE:
            return f"Sort of {node['Plan Rows']} rows"
    return ""


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)


def _grown(connection: Connection) -> frozenset[str]:
    """Copy a row of each large table until there are many, of many statements; no reference is looked at.

    Return which have any now: without a row there is nothing to copy.
    """
    grown = set()
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    for name in LARGE:
        table = Base.metadata.tables[name]
        columns = ", ".join(f'"{column.name}"' for column in table.columns)
        values = ", ".join(_value(table, column) for column in table.columns)
        one = _NO_REMINDER if name == "reminders" else f'SELECT * FROM "{name}" LIMIT 1'
        some = f"({one}) AS one CROSS JOIN generate_series(0, {ROWS - 1}) AS n"
        if connection.execute(text(f'INSERT INTO "{name}" ({columns}) SELECT {values} FROM {some}')).rowcount:
            grown.add(name)
    connection.execute(text("ANALYZE"))
    return frozenset(grown)


def _value(table: Table, column: Column[Any]) -> str:
    """Return another value for each row where it must be unique or is another table's, else the copied row's own."""
    if f"{table.name}.{column.name}" in _SPREAD:
        return _SPREAD[f"{table.name}.{column.name}"]
    key = column.foreign_keys and next(iter(column.foreign_keys)).column.table.name
    if key:
        return f"{FIRST} + n" + ("" if key in LARGE else f" % {STATEMENTS}")
    is_unique = (
        column.primary_key
        or column.unique
        or any(column.name in each.columns for each in table.constraints if isinstance(each, UniqueConstraint))
    )
    if is_unique and isinstance(column.type, LargeBinary):
        return f"decode(md5('{column.name}' || n), 'hex')"
    if is_unique and isinstance(column.type, String):
        return f"left('x' || lpad(n::text, 19, '0') || '{column.name}', {column.type.length})"
    return f"{FIRST} + n" if column.primary_key else f'one."{column.name}"'
