"""The signatory's pages: beside honest yardsticks, beside a crowd that has signed, and the bytes that asking leaves."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import select, text

from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.mail.sending import claims
from app.mail.sending.claims import Settled, Tried
from app.mail.states import MailState, Pause
from app.statements.models import Statement
from bench.comparison import Result, Side, compare
from bench.load import Request
from bench.scene import Scene, invite_more, prepare_scene, product, settings_for
from bench.signing import Ledger, sign_requests
from bench.twin import take_triggers_off
from tests.factories.crowds import many_signatures

# As many as sign in all rounds; and how many others stand behind the statement before the last of them.
TO_SIGN = int(os.environ.get("BENCH_TO_SIGN", "16000"))
CROWD = int(os.environ.get("BENCH_CROWD", "1000000"))
CROWD_AT_ONCE = 50_000
LONG_AGO = timedelta(days=120)
ASKED = 3_000
LEAD = (
    "Same rows by Core: a signature, its answer and the audit's entry, as long as the product's, in tables that the "
    "product filled, without its triggers, in one transaction of SQLAlchemy Core, put together once; nothing is "
    "checked, read or sealed. Both databases are durable as in production (SQLite: synchronous=FULL; PostgreSQL: fsync "
    "on), both servers the same gunicorn. The crowd was written in bulk, sealed as signatures are."
)
SIZE_HEAD = ("database", "bytes for each invited person who was asked")
SIZE_LEAD = (
    f"{ASKED:,} people in the directory, invited and asked, their mails accepted: all tables and indexes with what "
    "their pages leave free, PostgreSQL's after VACUUM FULL."
)
_SIZES = """
    SELECT sum(pg_total_relation_size(oid)) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""


@dataclass(frozen=True)
class Ports:
    """Where product, yardsticks and twin listen."""

    product: int
    bare: int
    twin: int


@contextmanager
def twin_of(folder: Path, url: str, port: int) -> Iterator[None]:
    """Fill a database as the product does, and leave it without triggers for the yardstick."""
    with product(settings_for(folder, url, port)) as app:
        prepare_scene(app, 2_000, readers=0)
        take_triggers_off(parts_of(app).database.engine)
    yield


def measure_signatories(kind: str, app: Flask, scene: Scene, ports: Ports) -> Iterator[Result]:
    """Measure the invitation page and signing, first with few who signed and then with a crowd."""
    requests, ledger = sign_requests(app, scene), Ledger(app, scene)
    pages = [Request(path) for path in scene.invitation_paths[-500:]]

    def rest() -> list[Request]:
        return requests[ledger.next_request : -500]

    def page(name: str) -> Result:
        side, bare = Side(ports.product, lambda: pages, 200), Side(ports.bare, lambda: [Request("/page")], 200)
        return compare(Result(kind, name, "15 KB by Jinja"), side, bare, lambda _run: None)

    def sign(name: str) -> Result:
        bodies = [Request("/signatures", "POST", body=each.body) for each in requests]
        side = Side(ports.product, rest, 303, repeated=False)
        return compare(
            Result(kind, name, "same rows by Core"), side, Side(ports.twin, lambda: bodies, 303), ledger.check
        )

    yield page("invitation page")
    yield sign("sign (POST)")
    add_crowd(app, scene, CROWD)
    ledger.add(CROWD)
    yield page(f"invitation page, {CROWD:,} signed")
    yield sign(f"sign (POST), {CROWD:,} signed")


def add_crowd(app: Flask, scene: Scene, number: int) -> None:
    """Let a crowd stand behind the statement that is signed."""
    database: Database = parts_of(app).database
    clock.freeze(clock.now() - LONG_AGO)  # or the worker would look for what they are to be told
    for start in range(0, number, CROWD_AT_ONCE):
        with database.writing() as session:
            statement = session.scalars(select(Statement).where(Statement.public_id == scene.signing_public_id)).one()
            many_signatures(session, statement, min(CROWD_AT_ONCE, number - start))
    clock.reset()
    database.empty_journal()


def bytes_for_each(app: Flask) -> float:
    """Ask people and let their mails be accepted; return how much larger the database is, for each of them."""
    database: Database = parts_of(app).database
    scene = prepare_scene(app, 0, readers=0)
    before = _size(database)
    invite_more(app, scene, ASKED)
    while True:
        with database.writing() as session:
            claimed = claims.claim(session, 100, Pause.NOTHING, "bench")
            claims.announce(session, claimed)
        if not claimed:
            return (_size(database) - before) / ASKED
        now = clock.now()
        tried = Tried("mail.example.org:25", now, now, 250, "2.0.0 Ok: queued as 4F2B91234")
        with database.writing() as session:
            claims.settle(session, [Settled(one, MailState.ACCEPTED, tried=tried) for one in claimed])


def _size(database: Database) -> int:
    if database.is_sqlite:
        database.empty_journal()
        with database.engine.connect() as connection:
            free = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            return int((pages - free) * connection.exec_driver_sql("PRAGMA page_size").scalar_one())
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM FULL")
        return int(connection.scalar(text(_SIZES)) or 0)
