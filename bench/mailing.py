"""Measure mailing: personalised mails per second beside a plain loop and beside smtp-source, and asking 100,000."""

import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from app.base.database import Database
from app.base.forking import fork
from app.base.parts import parts_of
from app.invitations.emails import render_invitation
from app.invitations.models import Invitation
from app.mail.models import Mail, MailAttempt
from app.mail.states import MailState
from bench.comparison import UnsoundRunError
from bench.mailing_scene import ask_all, open_wide_statement, order_all, prepare_people, queue_again, work_off_orders
from bench.senders import empty_outbox, point_at
from bench.sink import Sink, program_path, sink

ROUNDS = 3
MAILS = 4_000
ASKED, CAMPAIGNS = 100_000, 2
SENDERS = (1, 2, 4)
MESSAGE_BYTES = 10_240
HEAD = ("database", "senders", "mails per second", "plain loop, per second", "ratio (a)", "smtp-source -d", "ratio (b)")
ASKING_HEAD = ("database", "asked", "rows per second", "memory beyond the start", "killed on the way")


@dataclass
class Mailing:
    """What was measured with so many senders, round by round, in mails per second."""

    database: str
    senders: int
    product: list[float]
    plain: list[float]
    source: list[float]

    def row(self) -> tuple[str, ...]:
        """Give the table's cells; a ratio is the median of the rounds' ratios."""
        return (
            self.database, str(self.senders), _spread(self.product), _spread(self.plain),
            f"{_ratio(self.product, self.plain):.2f}", _spread(self.source), f"{_ratio(self.product, self.source):.2f}",
        )  # fmt: skip


def is_possible() -> bool:
    """Tell whether Postfix's two programs are here."""
    return bool(program_path("smtp-sink") and program_path("smtp-source"))


def measure_mailing(kind: str, app: Flask, folder: Path) -> tuple[list[Mailing], str]:
    """Send the same outbox again and again, in turns with both yardsticks; say how large its mails are."""
    statement_id = open_wide_statement(app, "mailing")
    prepare_people(app, statement_id, MAILS)
    ask_all(app, statement_id, MAILS)
    words = folder / "words.json"
    size = _write_words(app, words)
    results = [Mailing(kind, senders, [], [], []) for senders in SENDERS]
    with sink() as server:
        point_at(app, server.port)
        for _ in range(ROUNDS):
            plain, source = _plain(server, words), _source(server)
            for result in results:
                result.product.append(_product(app, server, result.senders))
                result.plain.append(plain)
                result.source.append(source)
    return results, f"{kind}: an invitation has {size:,} bytes; every row and every attempt was counted after each run"


def measure_asking(kind: str, app: Flask) -> tuple[str, ...]:
    """Ask 100,000 people in a process of its own, killed once on the way; give the row of the table.

    They stand in two campaigns, since a directory holds 50,000; the orders are worked off by turns.
    """
    database: Database = parts_of(app).database
    statement_ids = [open_wide_statement(app, f"asking{each}") for each in range(CAMPAIGNS)]
    for statement_id in statement_ids:
        prepare_people(app, statement_id, ASKED // CAMPAIGNS)
        order_all(app, statement_id, ASKED // CAMPAIGNS)
    killed_at, seconds, kilobytes = _work_off_with_a_kill(app, database)
    mails = _queued(database)
    with database.reading() as session:
        distinct = session.scalar(
            select(func.count(func.distinct(Invitation.mail_id))).where(Invitation.statement_id.in_(statement_ids))
        )
    if not mails == distinct == ASKED:
        raise UnsoundRunError(f"{kind}: asked {ASKED}, but {mails} mails for {distinct} invitations wait")
    memory = f"{kilobytes / 1024:.0f} MB"
    return kind, f"{ASKED:,}", f"{ASKED / seconds:,.0f}", memory, f"at {killed_at:,}, resumed, each asked once"


def _work_off_with_a_kill(app: Flask, database: Database) -> tuple[int, float, int]:
    """Return where the first process was killed, the seconds that both worked, and the second one's memory in KiB."""
    engine = database.engine
    started = time.monotonic()
    engine.dispose()
    first = fork(work_off_orders, app)
    while _queued(database) < ASKED // 3:
        time.sleep(0.2)
    os.kill(first.pid or 0, signal.SIGKILL)
    first.join()
    worked = time.monotonic() - started
    killed_at = _queued(database)
    reader, writer = os.pipe()
    engine.dispose()
    started = time.monotonic()
    second = fork(_report_memory, app, writer)
    second.join()
    os.close(writer)
    with os.fdopen(reader) as told:
        return killed_at, worked + time.monotonic() - started, int(told.read())


def _report_memory(app: Flask, writer: int) -> None:
    at_start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    work_off_orders(app)
    os.write(writer, str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - at_start).encode())


def _product(app: Flask, server: Sink, senders: int) -> float:
    queue_again(app)
    before = server.taken()
    seconds = empty_outbox(app, senders)
    database: Database = parts_of(app).database
    with database.reading() as session:
        done = session.scalar(select(func.count()).where(Mail.state == MailState.ACCEPTED))
        tries = session.scalar(select(func.count()).select_from(MailAttempt))
    if not done == tries == server.taken() - before == MAILS:
        raise UnsoundRunError(f"{MAILS} queued, {done} accepted, {tries} tries, {server.taken() - before} arrived")
    return MAILS / seconds


def _plain(server: Sink, words: Path) -> float:
    before = server.taken()
    command = [sys.executable, "-m", "bench.plain_loop", str(server.port), str(MAILS), str(words)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    if server.taken() - before != MAILS:
        raise UnsoundRunError("the plain loop lost mails")
    return MAILS / float(done.stdout)


def _source(server: Sink) -> float:
    """Send as many with one session of smtp-source, which sends the same bytes each time."""
    number, before = MAILS * 3, server.taken()
    command = [program_path("smtp-source"), "-d", "-s", "1", "-l", str(MESSAGE_BYTES), "-m", str(number)]
    started = time.monotonic()
    subprocess.run([*command, f"127.0.0.1:{server.port}"], check=True, capture_output=True)
    seconds = time.monotonic() - started
    if server.taken() - before != number:
        raise UnsoundRunError("smtp-source lost mails")
    return number / seconds


def _write_words(app: Flask, words: Path) -> int:
    """Write the invitation's own words for the plain loop, with its placeholders; return how large one is as sent."""
    database: Database = parts_of(app).database
    with database.reading() as session:
        public_id = session.scalars(select(Invitation.public_id).order_by(Invitation.id).limit(1)).one()
        mail = render_invitation(session, {"invitation": public_id})
    link = next(word for word in mail.text.split() if "/i/" in word)
    parts = {
        name: part.replace(mail.to_name, "NAME").replace(link, "LINK")
        for name, part in (("text", mail.text), ("html", mail.html))
    }
    words.write_text(json.dumps(parts), encoding="utf-8")
    sample = subprocess.run(
        [sys.executable, "-c", _SIZE, str(words)], capture_output=True, text=True, check=True
    )  # fmt: skip
    return int(sample.stdout)


_SIZE = """
import json, sys
from pathlib import Path
from bench.plain_loop import message_to
words = json.loads(Path(sys.argv[1]).read_text())
print(len(message_to(1, words["text"], words["html"]).as_bytes()))
"""


def _queued(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Mail)) or 0


def _ratio(ours: list[float], theirs: list[float]) -> float:
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def _spread(rates: list[float]) -> str:
    return f"{statistics.median(rates):,.0f} ({min(rates):,.0f}–{max(rates):,.0f})"
