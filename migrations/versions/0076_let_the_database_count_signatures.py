"""Let the database count signatures, beginning with those that there are.

The triggers come first: on PostgreSQL they wait for whoever is just signing, so that the count that follows misses
nobody.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None

WATCHED = ("statement_id", "state", "visibility", "kind", "signed_at")


def _counted(row: str, sign: int) -> str:
    """Return SQLite's statement that adds one row, OLD or NEW, to the checkpoint's parts or takes it away."""
    return f"""
    INSERT INTO count_checkpoints (statement_id, part, number)
    SELECT {row}.statement_id, part, {sign} FROM (
        SELECT {row}.visibility AS part UNION ALL SELECT date({row}.signed_at)
        UNION ALL SELECT 'organisations' WHERE {row}.kind = 'organisation'
    ) WHERE {row}.state = 'signed'
    ON CONFLICT (statement_id, part) DO UPDATE SET number = number + excluded.number;"""


IS_MOVED = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in WATCHED)
SQLITE = (
    f"CREATE TRIGGER count_added_signature AFTER INSERT ON signatures BEGIN{_counted('NEW', 1)} END",
    f"CREATE TRIGGER count_removed_signature AFTER DELETE ON signatures BEGIN{_counted('OLD', -1)} END",
    f"CREATE TRIGGER count_changed_signature AFTER UPDATE OF {', '.join(WATCHED)} ON signatures WHEN {IS_MOVED} "
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
    f"CREATE TRIGGER count_changed_signature AFTER UPDATE OF {', '.join(WATCHED)} ON signatures FOR EACH ROW WHEN ("
    + " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in WATCHED)
    + ") EXECUTE FUNCTION count_changed_signature()",
)


DAYS = {"sqlite": "date(signed_at)", "postgresql": "to_char(signed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')"}


def upgrade() -> None:
    op.create_table(
        "count_checkpoints",
        sa.Column("statement_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("part", sa.String(length=24), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("statement_id", "part", name=op.f("pk_count_checkpoints")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "count_deltas",
        sa.Column("statement_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("part", sa.String(length=24), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("statement_id", "id", name=op.f("pk_count_deltas")),
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    name = connection.dialect.name
    for statement in POSTGRES if name == "postgresql" else SQLITE:
        connection.exec_driver_sql(statement)
    for part, condition in (("visibility", ""), (DAYS[name], ""), ("'organisations'", "AND kind = 'organisation'")):
        op.execute(
            "INSERT INTO count_checkpoints (statement_id, part, number) "
            f"SELECT statement_id, {part}, count(*) FROM signatures WHERE state = 'signed' {condition} "
            "GROUP BY 1, 2"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for trigger in ("count_added_signatures", "count_removed_signatures", "count_changed_signature"):
            op.execute(f"DROP TRIGGER {trigger} ON signatures")
        op.execute("DROP FUNCTION count_signatures()")
        op.execute("DROP FUNCTION count_changed_signature()")
    else:
        for trigger in ("count_added_signature", "count_removed_signature", "count_changed_signature"):
            op.execute(f"DROP TRIGGER {trigger}")
    op.drop_table("count_deltas")
    op.drop_table("count_checkpoints")
