"""The triggers by which the database counts signatures, in the transaction that changes them.

A signature that stands is counted in the part of its visibility, in that of its day, and, where the public sees that
it is an organisation's, in that of organisations. Nothing is told that the signature's own row does not tell. The
migration that made them has a copy; a test compares the two.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

_WATCHED = ("statement_id", "state", "visibility", "kind", "signed_at")


def _counted(row: str, sign: int) -> str:
    """Return SQLite's statement that adds one row, OLD or NEW, to the checkpoint's parts or takes it away."""
    return f"""
    INSERT INTO count_checkpoints (statement_id, part, number)
    SELECT {row}.statement_id, part, {sign} FROM (
        SELECT {row}.visibility AS part UNION ALL SELECT date({row}.signed_at)
        UNION ALL SELECT 'organisations' WHERE {row}.kind = 'organisation'
    ) WHERE {row}.state = 'signed'
    ON CONFLICT (statement_id, part) DO UPDATE SET number = number + excluded.number;"""  # noqa: S608 - our own words


_IS_MOVED = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in _WATCHED)
SQLITE = (
    f"CREATE TRIGGER count_added_signature AFTER INSERT ON signatures BEGIN{_counted('NEW', 1)} END",
    f"CREATE TRIGGER count_removed_signature AFTER DELETE ON signatures BEGIN{_counted('OLD', -1)} END",
    f"CREATE TRIGGER count_changed_signature AFTER UPDATE OF {', '.join(_WATCHED)} ON signatures WHEN {_IS_MOVED} "
    f"BEGIN{_counted('OLD', -1)}{_counted('NEW', 1)} END",
)

# Added and removed rows are counted a statement at a time, so that very many cost few deltas; one that changes is
# looked at alone, since only so PostgreSQL leaves out those in which nothing changes that counts.
POSTGRES = (
    """CREATE FUNCTION count_signatures() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO count_deltas (statement_id, id, part, number)
    SELECT statement_id, uuid_send(gen_random_uuid()), part, count(*) * CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END
    FROM counted CROSS JOIN LATERAL (
        SELECT visibility AS part UNION ALL SELECT to_char(signed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')
        UNION ALL SELECT 'organisations' WHERE kind = 'organisation'
    ) AS parts
    WHERE state = 'signed' GROUP BY statement_id, part;
    RETURN NULL;
END $$""",
    """CREATE FUNCTION count_changed_signature() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO count_deltas (statement_id, id, part, number)
    SELECT statement_id, uuid_send(gen_random_uuid()), part, sum(sign) FROM (
        VALUES (OLD.statement_id, OLD.state, OLD.visibility, OLD.kind, OLD.signed_at, -1),
               (NEW.statement_id, NEW.state, NEW.visibility, NEW.kind, NEW.signed_at, 1)
    ) AS counted (statement_id, state, visibility, kind, signed_at, sign) CROSS JOIN LATERAL (
        SELECT visibility AS part UNION ALL SELECT to_char(signed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')
        UNION ALL SELECT 'organisations' WHERE kind = 'organisation'
    ) AS parts
    WHERE state = 'signed' GROUP BY statement_id, part HAVING sum(sign) <> 0;
    RETURN NULL;
END $$""",
    "CREATE TRIGGER count_added_signatures AFTER INSERT ON signatures REFERENCING NEW TABLE AS counted "
    "FOR EACH STATEMENT EXECUTE FUNCTION count_signatures()",
    "CREATE TRIGGER count_removed_signatures AFTER DELETE ON signatures REFERENCING OLD TABLE AS counted "
    "FOR EACH STATEMENT EXECUTE FUNCTION count_signatures()",
    f"CREATE TRIGGER count_changed_signature AFTER UPDATE OF {', '.join(_WATCHED)} ON signatures FOR EACH ROW WHEN ("
    + " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in _WATCHED)
    + ") EXECUTE FUNCTION count_changed_signature()",
)


def create_triggers(_metadata: object, connection: Connection, **_more: Any) -> None:
    """Let the database count from now on; called where all tables are made as the models say."""
    for statement in POSTGRES if connection.dialect.name == "postgresql" else SQLITE:
        connection.exec_driver_sql(statement)
