"""A whole service for a journey: gunicorn, the worker, a real SMTP server, on either database."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pytest
from flask import Flask

from app import create_app
from app.accounts.actions import password_link
from app.accounts.rights import add_from_command_line
from app.accounts.states import HouseRights
from app.appeals.jobs import work_on_appeals
from app.base.database import Database
from app.base.parts import parts_of
from app.mail.sending.worker import send_due
from app.signatures.jobs import tell_signatories
from config import PREFIX, Settings

if TYPE_CHECKING:
    from tests.servers.smtp import Received, SmtpServer

FOLDER = Path(__file__).parents[2]
READY_SECONDS = 60


@dataclass
class House:
    """The running service, as the journey's people meet it."""

    url: str
    app: Flask
    smtp: SmtpServer

    @property
    def database(self) -> Database:
        found: Database = parts_of(self.app).database
        return found

    def send_mail(self) -> None:
        """Let the worker find what signatories are to be told, and empty the outbox."""
        tell_signatories(self.app)
        send_due(self.app)

    def work_on_appeals(self) -> None:
        """Let the worker assemble what was ordered."""
        with self.app.app_context():
            work_on_appeals(self.app)

    def mails_to(self, address: str) -> list[Received]:
        """Send what waits and return what this address has received, oldest first."""
        self.send_mail()
        return [mail for mail in self.smtp.received if mail.recipients == (address,)]

    def first_owner_link(self) -> str:
        """Add the first owner as the operator does, and return the link that sets the password."""
        with self.app.app_context(), self.database.writing() as session:
            ines = add_from_command_line(session, "Ines Talvik", "ines@example.org", HouseRights())
            return password_link(session, ines)

    def administrator_link(self, address: str, name: str) -> str:
        """Add an administrator from the command line, and return the link that sets the password."""
        rights = HouseRights(is_administrator=True)
        with self.app.app_context(), self.database.writing() as session:
            return password_link(session, add_from_command_line(session, name, address, rights))


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the environment in which a process reads these settings."""
    return {
        **os.environ,
        **{f"{PREFIX}{each.name.upper()}": str(getattr(settings, each.name)) for each in fields(settings)},
    }


@contextlib.contextmanager
def running(settings: Settings, port: int, log: IO[bytes] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run gunicorn with the settings as production does, for the block; its first process is given.

    What it says goes to `log`, where there is one.
    """
    command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen([*command, "wsgi:app"], cwd=FOLDER, env=environment_of(settings), stderr=log)
    try:
        _await(port, process)
        yield process
    finally:
        process.terminate()
        process.wait(30)


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError("The web server did not start.")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2):
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
    raise RuntimeError("The web server did not answer.")


@pytest.fixture
def house(
    request: pytest.FixtureRequest, settings: Settings, smtp_server: SmtpServer, closed_port: int
) -> Iterator[House]:
    """The service, on the database that the test names."""
    url = f"http://127.0.0.1:{closed_port}"
    # The story takes minutes, so nobody waits; an approver is confirmed all the same.
    settings = replace(settings, public_url=url, mail_url=smtp_server.url, approver_waiting_days=0)
    if request.param == "postgres":
        settings = replace(settings, database_url=request.getfixturevalue("postgres_database_url"))
    app = create_app(settings)
    with running(settings, closed_port):
        yield House(url, app, smtp_server)
    parts_of(app).database.engine.dispose()
