"""An application to be watched from a test while real workers serve it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.mail.actions import Outgoing, enqueue
from app.mail.models import Mail
from app.mail.sending.models import MailSeat
from app.mail.states import MailState
from config import Settings
from tests.background.worker_processes import GREETING, await_true, make_app

SOON_SECONDS = 8.0  # far less than the longest pause of a sender that has nothing to do


@dataclass
class House:
    """An application and its settings."""

    app: Flask
    settings: Settings

    @property
    def database(self) -> Database:
        database: Database = parts_of(self.app).database
        return database

    @property
    def log(self) -> Path:
        return self.settings.state_directory / "worker.log"

    def write(self, occasion: str) -> None:
        with self.database.writing() as session:
            references = {"to": "canary.person@example.org"}
            enqueue(session, Outgoing(GREETING, references["to"], occasion, references))

    def states(self) -> list[MailState]:
        with self.database.reading() as session:
            return list(session.scalars(select(Mail.state).order_by(Mail.id)))

    def holders(self) -> set[str]:
        """Return the processes that hold a connection to the mail server."""
        with self.database.reading() as session:
            return set(session.scalars(select(MailSeat.holder).where(MailSeat.held_until > clock.now())))

    def settle(self) -> None:
        """Wait until every mail is accepted."""
        await_true(lambda: set(self.states()) <= {MailState.ACCEPTED})


@contextmanager
def open_house(settings: Settings) -> Iterator[House]:
    app = make_app(settings)
    house = House(app, settings)
    try:
        yield house
    finally:
        house.database.engine.dispose()
