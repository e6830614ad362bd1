"""The yardstick for signing: the rows that a signature leaves, written by SQLAlchemy Core in one transaction.

The database was filled by the product itself and lost its triggers; so tables, constraints and indexes are the
product's, and each answer that is written has been lying there. Nothing is checked, sealed or read.
"""

import os
import secrets
from datetime import UTC, datetime
from typing import Any

from flask import Flask, request
from sqlalchemy import Engine, MetaData, bindparam, create_engine, event, insert, select, text, update

ENVELOPE_BYTES = {"identity": 1536 + 29, "answer": 256 + 29, "entry": 128 + 29}
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "journal_size_limit=0")
TODAY = datetime(2026, 5, 1, tzinfo=UTC)


class Twin:
    """One process's connection to the database, with the statements put together once."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        metadata = MetaData()
        metadata.reflect(self.engine, only=["signatures", "answers", "audit_entries", "statements"])
        tables = metadata.tables
        signatures, answers, entries = tables["signatures"], tables["answers"], tables["audit_entries"]
        self._sign, self._record = insert(signatures), insert(entries)
        self._answer = (
            update(answers).where(answers.c.answer_key == bindparam("key")).values(answer_sealed=bindparam("sealed"))
        )
        with self.engine.connect() as connection:
            self._keys = list(connection.scalars(select(answers.c.answer_key)))
            newest = select(tables["statements"]).order_by(tables["statements"].c.id.desc()).limit(1)
            statement: Any = connection.execute(newest).one()
        self._statement_id: int = statement.id
        self._version_id: int = statement.current_version_id
        secrets.SystemRandom().shuffle(self._keys)
        self._next = 0

    def write(self, fields: dict[str, str]) -> None:
        """Write a signature, its answer and the audit's entry, and commit."""
        self._next += 1
        key = self._keys[self._next % len(self._keys)]
        day = TODAY if self.engine.dialect.name == "postgresql" else TODAY.replace(tzinfo=None)
        signature = {
            "id": secrets.randbits(50), "public_id": secrets.token_hex(10), "statement_id": self._statement_id,
            "version_id": self._version_id, "language": "en", "text_sha256": fields["sha256"],
            "signer_key": secrets.token_bytes(16), "kind": "person", "state": "signed",
            "visibility": fields["visibility"], "identity_sealed": secrets.token_bytes(ENVELOPE_BYTES["identity"]),
            "nonce": secrets.token_bytes(32), "position": 1_000_000, "collation_key": b"", "manage_generation": 1,
            "signed_at": day, "changed_at": day, "withdrawn_at": None,
        }  # fmt: skip
        entry = {
            "public_id": secrets.token_hex(10), "recorded_on": TODAY.date(),
            "subject_key": secrets.token_bytes(16), "campaign_key": None,
            "entry_sealed": secrets.token_bytes(ENVELOPE_BYTES["entry"]),
        }  # fmt: skip
        with self.engine.begin() as connection:
            connection.execute(self._sign, signature)
            connection.execute(self._answer, {"key": key, "sealed": secrets.token_bytes(ENVELOPE_BYTES["answer"])})
            connection.execute(self._record, entry)


def take_triggers_off(engine: Engine) -> None:
    """Leave the tables of a filled database without triggers."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            names = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
            for name in names:
                connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
            return
        found = connection.execute(
            text("SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
        ).all()
        for name, table in found:
            connection.exec_driver_sql(f'DROP TRIGGER "{name}" ON {table}')


def _engine(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": 10} if url.startswith("sqlite") else {})
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


app = Flask(__name__)
_twins: dict[int, Twin] = {}


@app.get("/")
def hello() -> str:
    """Answer the one who waits for the server."""
    return "Hello, world!"


@app.post("/signatures")
def sign() -> tuple[str, int, dict[str, str]]:
    """Write what a signature leaves."""
    process = os.getpid()
    if process not in _twins:
        _twins[process] = Twin(os.environ["BENCH_TWIN"])
    _twins[process].write(request.form.to_dict())
    return "", 303, {"Location": "/"}
