"""What monitors are told: the process answers, and the service can do its work, writing included."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.base import clock
from app.base.database import Database
from app.base.keys import Keys
from app.base.opening import open_house
from app.base.parts import parts_of
from app.base.sealing import Vault
from app.base.turns import SharedMoment
from app.mail.models import Mail
from app.mail.states import MailClass, MailState, Pause
from app.mailroom.control import set_pause
from tests.crash.storage import FullDisk
from tests.factories.mails import make_mail
from tests.factories.parts import exchange
from tests.servers.databases import files_of
from tests.signatures.scene import invite

NOBODY = 65534


def test_process_answers(client: FlaskClient) -> None:
    assert client.get("/healthz").text == "ok\n"


def test_readiness_notices_a_foreign_schema(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.health._migration_heads", lambda: {"0001"})
    response = client.get("/readyz")
    assert (response.status_code, response.text) == (503, "database schema differs from the code\n")


@pytest.fixture
def opened(database: Database) -> None:
    open_house(database, demonstration=False)


@pytest.mark.usefixtures("opened")
def test_readiness_notices_another_key(app: Flask, client: FlaskClient, database: Database) -> None:
    assert database.ports is not None
    ports = replace(database.ports, vault=Vault(Keys(b"2" * 32)))
    exchange(app, database=Database(str(database.engine.url), ports))
    response = client.get("/readyz")
    assert (response.status_code, response.text) == (503, "key does not open the database\n")


@pytest.mark.usefixtures("opened")
def test_readiness_notices_the_database_of_a_real_house(app: Flask, client: FlaskClient) -> None:
    exchange(app, settings=replace(parts_of(app).settings, demonstration=True))
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "demonstration" in response.text


@pytest.mark.usefixtures("opened")
def test_service_is_ready(client: FlaskClient) -> None:
    assert (client.get("/readyz").status_code, client.get("/readyz").text) == (200, "ok\n")


@pytest.mark.usefixtures("opened")
def test_readiness_notices_that_no_worker_sends(client: FlaskClient, database: Database) -> None:
    with database.writing() as session:
        session.add(
            Mail(
                kind="invitation",
                mail_class=MailClass.BULK,
                priority=20,
                references_sealed=b"",
                occasion_key=b"k" * 16,
                message_id="<1@example.org>",
                state=MailState.QUEUED,
                due_at=clock.now() - timedelta(minutes=20),
                created_at=clock.now(),
            )
        )  # fmt: skip
    assert client.get("/readyz").text == "mail is waiting\n"


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize(
    ("pause", "said"),
    [(Pause.NOTHING, "mail is waiting"), (Pause.BULK, "mail is waiting"), (Pause.EVERYTHING, "ok")],
)
def test_what_is_held_back_waits_on_purpose(
    client: FlaskClient, app: Flask, database: Database, pause: Pause, said: str
) -> None:
    with app.app_context(), database.writing() as session:
        set_pause(session, "somebody", pause)
        make_mail(session, due_in=-timedelta(hours=1), mail_class=MailClass.BULK)
    assert client.get("/readyz").text == ("mail is waiting\n" if pause is Pause.NOTHING else "ok\n")
    with app.app_context(), database.writing() as session:
        make_mail(session, due_in=-timedelta(hours=1), mail_class=MailClass.PERSONAL)
    assert client.get("/readyz").text == f"{said}\n"


# What takes nothing more


@pytest.fixture
def read_only_file(database: Database) -> Iterator[Database]:
    """The house on files that its user may read and not write, as on a disk that the system has remounted."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    path = folder / "undersigned.db"
    shutil.copy(str(database.engine.url.database), path)
    found = Database(f"sqlite:///{path}", database.ports)
    open_house(found, demonstration=False)
    own = os.geteuid()
    with closing(sqlite3.connect(path)) as other:
        other.execute("SELECT * FROM key_proofs").fetchall()  # holds the journal's files open, as another process does
        found.engine.dispose()
        for file in files_of(found):
            file.chmod(0o444)
        if own == 0:
            os.seteuid(NOBODY)
        yield found
        os.seteuid(own)
        found.engine.dispose()
    shutil.rmtree(folder)


def _refuses(client: FlaskClient) -> str:
    response = client.get("/readyz")
    assert response.status_code == 503
    return response.text.strip()


def test_readiness_notices_files_that_cannot_be_written(
    app: Flask, client: FlaskClient, read_only_file: Database
) -> None:
    exchange(app, database=read_only_file)
    assert _refuses(client) == "database is read-only"
    assert client.get("/").status_code == 200


@pytest.mark.postgres
@pytest.mark.parametrize("either_app", ["postgres"], indirect=True)
def test_readiness_notices_a_server_that_takes_nothing(either_app: Flask) -> None:
    either_app.config["PROPAGATE_EXCEPTIONS"] = False
    database: Database = parts_of(either_app).database
    open_house(database, demonstration=False)
    guest = invite(either_app)
    form = {**guest.form(), "choice": "sign", "visibility": "public", "name": "Halyna"}
    assert guest.client.get("/readyz").text == "ok\n"
    with database.engine.begin() as connection:
        name = connection.scalar(text("SELECT current_database()"))
        connection.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
    database.engine.dispose()
    assert _refuses(guest.client) == "database is read-only"
    assert guest.client.get(guest.url).status_code == 200
    answer = guest.client.post(guest.url, data=form)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "Halyna" in answer.text
    assert guest.signatures() == []


@pytest.mark.usefixtures("opened")
def test_who_writes_now_does_not_make_the_database_read_only(client: FlaskClient, database: Database) -> None:
    with closing(sqlite3.connect(str(database.engine.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert client.get("/readyz").text == "ok\n"


@pytest.mark.usefixtures("opened")
def test_readiness_notices_a_write_that_was_refused_for_a_while(app: Flask, client: FlaskClient) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    guest = invite(app)
    form = {**guest.form(), "choice": "sign", "visibility": "public", "name": "Halyna"}
    disk = FullDisk(parts_of(app).database.engine)
    disk.begin()
    assert guest.client.post(guest.url, data=form).status_code == 503
    disk.end()
    assert _refuses(client) == "database refused to be written"
    exchange(app, database=parts_of(app).database)
    parts_of(app).database.refused = SharedMoment()
    assert client.get("/readyz").text == "ok\n"


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize("place", ["database", "state folder"])
def test_readiness_notices_a_disk_that_will_soon_be_full(
    app: Flask, client: FlaskClient, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = parts_of(app).settings
    exchange(app, settings=replace(settings, least_free_megabytes=1_000_000_000))
    if place == "state folder":
        monkeypatch.setattr(Database, "is_sqlite", False)
        monkeypatch.setattr("app.health._read_only", lambda _database: "")
    assert _refuses(client) == f"disk of the {place} is nearly full"
