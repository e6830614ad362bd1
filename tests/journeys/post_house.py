"""A whole service with its post: gunicorn, `flask worker` on its own, SMTP with receipts, and IMAP over TLS."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import select, update

from app import create_app
from app.background.models import CalendarEntry
from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.mail.models import Mail
from app.mail.return_paths import read_mark
from config import Settings
from tests.journeys.house import FOLDER, House, environment_of, running
from tests.journeys.walking import Person
from tests.servers.certificates import Authority
from tests.servers.imap import PASSWORD, USER, ImapServer, ImapServers
from tests.servers.smtp import Received, SmtpServer

SIGN_IN_NOTICE = "A new browser signed in to your account"
PATIENCE_SECONDS = 20.0
GLANCE_SECONDS = 0.1
WITNESS = "archive@example.org"
# Another machine's worker holds this one and is late: meanwhile the calendar looks every half second, and not every
# five, so that nobody waits for it here.
LATE_JOB = "purge lanes"
FETCH, SORT, MATCH, TELL = "fetch incoming mail", "read incoming mail", "match replies", "tell of bounces"


@dataclass
class PostHouse(House):
    """The running service: nothing is sent but by the worker's process, nothing read but what came over the wire."""

    imap: ImapServer
    settings: Settings
    log: Path
    worker: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.start_worker()

    def send_mail(self) -> None:
        """Leave it to the worker."""

    def mails_to(self, address: str) -> list[Received]:
        """Wait for the first mail to an address and return what it has received, oldest first.

        What tells organisers of a sign-in with a browser of theirs is not counted: it comes before all else.
        """
        received = self.smtp.await_mails_to(address, 1, PATIENCE_SECONDS)
        while not (told := [mail for mail in received if mail.subject != SIGN_IN_NOTICE]):
            received = self.smtp.await_mails_to(address, len(received) + 1, PATIENCE_SECONDS)
        return told

    def start_worker(self) -> None:
        """Start `flask worker` as a process of its own; what it logs goes to a file."""
        with self.log.open("ab") as log:
            self.worker = subprocess.Popen(
                [sys.executable, "-m", "flask", "worker"], cwd=FOLDER, env=environment_of(self.settings), stderr=log
            )

    def kill_worker(self) -> None:
        """Kill the worker with all its processes, as a machine that loses power does."""
        children = Path(f"/proc/{self.worker.pid}/task/{self.worker.pid}/children").read_text().split()
        for pid in (self.worker.pid, *map(int, children)):
            os.kill(pid, signal.SIGKILL)
        self.worker.wait(PATIENCE_SECONDS)

    def stop_worker(self) -> None:
        """Ask the worker to stop, as an operator does; it ends without complaint."""
        self.worker.terminate()
        assert self.worker.wait(PATIENCE_SECONDS) == 0

    def command(self, *words: str, given: bytes = b"") -> str:
        """Run a `flask` command as an operator or a mail server's pipe does; return what it says."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", *words], cwd=FOLDER, env=environment_of(self.settings), input=given,
            capture_output=True, timeout=PATIENCE_SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def make_due(self, *jobs: str) -> None:
        """Let jobs of the calendar come round at once, wherever nobody runs them just now."""
        with self.database.writing() as session:
            session.execute(
                update(CalendarEntry)
                .where(CalendarEntry.job.in_(jobs), CalendarEntry.held_until.is_(None))
                .values(due_at=clock.now())
            )

    def await_worker(self) -> None:
        """Wait until the worker has done something for the first time."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._finished_at("sweep outbox") is None:
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(GLANCE_SECONDS)

    def run_job(self, name: str) -> None:
        """Let a job come round at once and wait until it is over."""
        begun = self._finished_at(name)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._finished_at(name) == begun:
            assert time.monotonic() < deadline, f"nobody runs the job {name}"
            self.make_due(name)
            time.sleep(GLANCE_SECONDS)

    def _finished_at(self, job: str) -> datetime | None:
        with self.database.reading() as session:
            return session.scalar(select(CalendarEntry.finished_at).where(CalendarEntry.job == job))

    def let_time_pass(self, minutes: int) -> None:
        """Make what became of every mail so much older."""
        with self.database.writing() as session:
            for mail in session.scalars(select(Mail).where(Mail.finished_at.is_not(None))):
                mail.finished_at = (mail.finished_at or clock.now()) - timedelta(minutes=minutes)

    def mail_behind(self, return_path: str) -> str:
        """Return the public id of the mail whose mark a return path carries."""
        with self.database.reading() as session:
            found = read_mark(session, return_path)
        assert found is not None, f"{return_path} carries no mark of ours"
        return found

    def await_page(self, person: Person, path: str, *words: str, jobs: tuple[str, ...] = ()) -> Person:
        """Let a person load a page again and again until it says something, with jobs that are made due meanwhile."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not all(each in person.opens(path).reads() for each in words):
            assert time.monotonic() < deadline, f"{path} never says {words}:\n{person.reads()[:3000]}"
            self.make_due(*jobs)
            time.sleep(GLANCE_SECONDS)
        return person


def _begin(database: Database) -> None:
    """Write down which job is held elsewhere."""
    with database.writing() as session:
        now = clock.now()
        session.add(CalendarEntry(job=LATE_JOB, due_at=now, holder="elsewhere", held_until=now + timedelta(hours=1)))


@pytest.fixture
def receipt_server() -> Iterator[SmtpServer]:
    """A mail server that knows delivery receipts, as Postfix does."""
    server = SmtpServer(gives_receipts=True)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def post_house(
    request: pytest.FixtureRequest,
    settings: Settings,
    receipt_server: SmtpServer,
    closed_port: int,
    kept_keywords: None,
    imap_servers: ImapServers,
    trusted_authority: Authority,
    tmp_path: Path,
) -> Iterator[PostHouse]:
    """The service with its post, on the database that the test names."""
    url = f"http://127.0.0.1:{closed_port}"
    imap = imap_servers(trusted_authority.server_context(["127.0.0.1"]))
    settings = replace(
        settings,
        public_url=url,
        mail_url=receipt_server.url,
        return_path="bounces+{}@example.org",
        reply_address="replies+{}@example.org",
        witness_address=WITNESS,
        inbox_url=f"imaps://{quote(USER)}:{quote(PASSWORD)}@127.0.0.1:{imap.port}/INBOX",
    )
    if request.param == "postgres":
        settings = replace(settings, database_url=request.getfixturevalue("postgres_database_url"))
    app = create_app(settings)
    _begin(parts_of(app).database)
    with running(settings, closed_port):
        house = PostHouse(url, app, receipt_server, imap, settings, tmp_path / "worker.log")
        try:
            yield house
        finally:
            if house.worker.poll() is None:
                house.worker.kill()
                house.worker.wait(PATIENCE_SECONDS)
            parts_of(app).database.engine.dispose()
