"""What the desk's pages and lists cost as a campaign grows: `python -m bench growth`."""

from __future__ import annotations

import gc
import resource
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.database import Database
from app.base.paging import encode_cursor
from app.base.parts import parts_of
from app.base.sheets import write_csv
from app.campaigns.models import Campaign
from app.dashboards.people import chosen_by, every_line
from app.dashboards.signatories import every_signatory
from app.dashboards.states import PeopleFilter
from app.directory.queries import every_entry
from app.statements.models import Statement
from app.visibility.states import Audience
from bench.crowds import fill
from bench.report import Section
from bench.scene import Scene, prepare_scene

SIZES = (1_000, 100_000)
FIRST_ID = 1_000_000
HEAD = ("database", "what", "invited", "processor, ms", "of the smallest")
LEAD = (
    "Processor time of one request in one process, the best of five, with six tenths of the invited signed and two "
    "hundredths not reached. Cold is the first look of a process, which opens every answer. Lists are taken out as the "
    "worker does; beside them stands how long the database itself takes to dump the rows as they lie, sealed, as CSV."
)
REPEATS = 5
_DUMPS = {
    "the directory": "SELECT * FROM signatories",
    "signatures": "SELECT * FROM signatures",
    "people": (
        "SELECT * FROM invitations JOIN signatories ON signatories.id = invitations.signatory_id "
        "ORDER BY invitations.id"
    ),
}


@dataclass
class Growth:
    """What was measured on one database: by what was done, the milliseconds at each size."""

    kind: str
    rows: dict[str, dict[int, float]] = field(default_factory=dict)

    def note(self, what: str, size: int, milliseconds: float) -> None:
        """Keep one figure."""
        self.rows.setdefault(what, {})[size] = milliseconds

    def table(self) -> list[tuple[str, ...]]:
        """Give the rows of the table."""
        return [
            (self.kind, what, f"{size:,}", f"{taken:,.1f}", f"{taken / min(found.items())[1]:.2f}")
            for what, found in self.rows.items()
            for size, taken in found.items()
        ]


def measure_growth(app: Flask, growth: Growth, size: int) -> None:
    """Invite so many people into a fresh database and measure what organisers see of them."""
    database: Database = parts_of(app).database
    scene = prepare_scene(app, 1, readers=0)
    with database.reading() as session:
        statement = session.scalars(select(Statement).where(Statement.public_id == scene.readers_public_id)).one()
        campaign = session.scalars(select(Campaign.public_id).where(Campaign.id == statement.campaign_id)).one()
    fill(database, statement.id, FIRST_ID, size)
    gc.collect()
    gc.freeze()  # as the shipped servers do
    client = _entered(app, scene)
    for what, path in _pages(scene, campaign, size).items():
        client.get(path)
        if what in {"front page", "dashboard"}:
            parts_of(app).remembered.clear()
            growth.note(f"{what}, cold", size, _processor(lambda path=path: client.get(path)))  # type: ignore[misc]
        client.get(path)
        taken = min(_processor(lambda path=path: _got(client, path)) for _ in range(REPEATS))  # type: ignore[misc]
        growth.note(what, size, taken)
    for what, taken in _lists(database, statement).items():
        growth.note(what, size, taken)
    growth.note("highest memory of this process, MB", size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def section(growths: Iterable[Growth]) -> Section:
    """Give the table."""
    rows = [row for growth in growths for row in growth.table()]
    return Section("What grows with a campaign", LEAD, HEAD, rows, [])


def _pages(scene: Scene, campaign: str, size: int) -> dict[str, str]:
    statement = f"/desk/statements/{scene.readers_public_id}"
    people, directory = f"{statement}/people", f"/desk/campaigns/{campaign}/signatories"
    late = FIRST_ID + size - 100
    return {
        "front page": "/desk",
        "dashboard": f"{statement}/dashboard",
        "people": people,
        "people, late page": f"{people}?after={encode_cursor(late)}",
        "people who declined, middle page": f"{people}?standing=declined&after={encode_cursor(FIRST_ID + size // 2)}",
        "organisations asked": f"{people}?kind=organisation",
        "signatories": f"{statement}/signatories",
        "directory": directory,
        "directory, late page": f"{directory}?after={encode_cursor(0, late)}",
        "directory, organisations": f"{directory}?kind=organisation",
        "directory, without an address": f"{directory}?address=no",
        "directory, a search in vain": f"{directory}?q=nobody",
    }


def _lists(database: Database, statement: Statement) -> dict[str, float]:
    """Take the long lists out as CSV, and let the database dump the rows that they are made of."""
    taken: dict[str, float] = {}
    makers: dict[str, Callable[[Session], Iterable[tuple[object, ...]]]] = {
        "CSV of the directory": lambda session: (
            (each.details.name, each.details.email, each.details.public_line, each.details.country, each.kind)
            for each in every_entry(session, statement.campaign_id, "bench")
        ),
        "CSV of signatories": lambda session: (
            (each.name, each.public_line, each.country, each.kind, each.visibility, each.signed_at.isoformat())
            for each in every_signatory(session, statement.id, Audience.COORDINATOR)
        ),
        "CSV of people": lambda session: (
            (each.details.name, each.details.email, each.invited.standing, len(each.reply.reminders), each.words)
            for each in every_line(session, chosen_by(session, statement.id, PeopleFilter()))
        ),
    }
    for what, make in makers.items():
        with database.reading() as session:
            taken[what] = _processor(lambda: sum(len(piece) for piece in write_csv(["a"], make(session))))  # noqa: B023
    return taken | {f"the database's own dump of {table}": _dumped(database, query) for table, query in _DUMPS.items()}


def _dumped(database: Database, query: str) -> float:
    """Let the database's own tool write rows as CSV; the processor time of all who take part."""
    began = _spent()
    if database.is_sqlite:
        command = ["sqlite3", "-csv", str(database.engine.url.database), query]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return _spent() - began
    with database.engine.connect() as connection:
        started = time.monotonic()  # the server's part has no other clock; nothing else runs then
        driver: Any = connection.connection.dbapi_connection
        with driver.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)") as copied:
            for _piece in copied:
                pass
        return (time.monotonic() - started) * 1000


def _spent() -> float:
    return sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]) * 1000


def _entered(app: Flask, scene: Scene) -> FlaskClient:
    client = app.test_client()
    name, _equals, value = scene.cookie.partition("=")
    client.set_cookie(name, value)
    return client


def _got(client: FlaskClient, path: str) -> None:
    if client.get(path).status_code != 200:
        raise RuntimeError(f"{path} was not answered.")


def _processor(action: Callable[[], object]) -> float:
    began = time.process_time()
    action()
    return (time.process_time() - began) * 1000
