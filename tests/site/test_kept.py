"""Pages that are kept in memory: nothing that was taken back is in the next answer, and what was added soon is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask, template_rendered
from sqlalchemy import event, select, text, update
from sqlalchemy.orm import Session

from app.base import clock
from app.base.database import Database
from app.base.marks import ReaderMark, take_off
from app.base.parts import parts_of
from app.base.sealing import Place, seal
from app.institutions.models import Institution
from app.replies.models import Outcome
from app.signatures.models import Signature
from app.signatures.states import SignatureState
from app.site import kept
from app.site.kept import FRESH_SECONDS, KeptPages
from app.statements.models import VersionText
from app.statements.states import StatementState
from app.visibility.states import Visibility
from tests.factories.parts import exchange
from tests.factories.published import PublishedStatement, publish, sign

PATH = "/statements/stop-the-request"
NAMING = (PATH, f"{PATH}/en", f"{PATH}/signatories", f"{PATH}/en/signatories", f"{PATH}/signatories?kind=people")
COUNTING = ("/", "/campaigns/stop-the-request-campaign", f"{PATH}/data.json")
ONLY_POSTGRES = pytest.mark.parametrize(
    "either_app", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
def published(either_app: Flask) -> PublishedStatement:
    with either_app.app_context(), _database(either_app).writing() as session:
        return publish(session, deadline_at=clock.now() + timedelta(hours=1))


def _database(app: Flask) -> Database:
    found: Database = parts_of(app).database
    return found


def _sign(app: Flask, of: PublishedStatement, name: str, **values: Any) -> str:
    with _database(app).writing() as session:
        return sign(session, of, name, **values).public_id


def _wait(app: Flask, seconds: float) -> None:
    """Let the time of kept pages go on."""
    pages: KeptPages = parts_of(app).kept_pages
    at = pages.ticks() + seconds
    pages.ticks = lambda: at


@contextmanager
def _rendered(app: Flask) -> Iterator[list[str]]:
    """Note the templates of pages that are rendered."""
    found: list[str] = []

    def note(_app: Flask, template: Any, **_more: object) -> None:
        found.append(template.name)

    with template_rendered.connected_to(note, app):
        yield found


def _by_hand(app: Flask, statement: str) -> None:
    """Change a row as another program would, which this process learns nothing of."""
    url = _database(app).engine.url
    if _database(app).is_sqlite:
        with closing(sqlite3.connect(str(url.database))) as file, file:
            file.execute(statement)
        return
    with psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False)) as server:
        server.execute(statement)


def test_kept_page_asks_no_session_and_renders_nothing(either_app: Flask, published: PublishedStatement) -> None:
    client = either_app.test_client()
    first = client.get(PATH)
    assert published.statement.slug in PATH
    asked: list[str] = []
    event.listen(_database(either_app).engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    with _rendered(either_app) as rendered:
        again = client.get(PATH)
    assert (again.data, again.headers) == (first.data, first.headers)
    assert (asked, rendered) == ([], [])


@pytest.mark.parametrize(
    "values",
    [
        "visibility = 'counted', kind = NULL",
        "visibility = 'institution', kind = NULL",
        "state = 'withdrawn'",
    ],
)
def test_name_taken_back_anywhere_is_gone_with_the_next_request(
    either_app: Flask, published: PublishedStatement, values: str
) -> None:
    client = either_app.test_client()
    public_id = _sign(either_app, published, "Ana Example")
    before = {path: client.get(path).text for path in (*NAMING, *COUNTING)}
    assert all("Ana Example" in before[path] for path in NAMING)
    _by_hand(either_app, f"UPDATE signatures SET {values} WHERE public_id = '{public_id}'")
    for path in NAMING:
        assert "Ana Example" not in client.get(path).text, path
    if "state" in values:
        assert all(client.get(path).text != before[path] for path in COUNTING)
    _by_hand(either_app, "DELETE FROM signatures")
    assert all("0" in client.get(path).text for path in NAMING)


def test_name_that_became_another_is_gone_with_the_next_request(
    either_app: Flask, published: PublishedStatement
) -> None:
    client, database = either_app.test_client(), _database(either_app)
    public_id = _sign(either_app, published, "Ana Example")
    assert "Ana Example" in client.get(PATH).text
    fields = {"name": "Anna Other", "kind": "person", "signatory": "", "invitation": ""}
    with database.writing() as session:
        sealed = seal(session, Place("signatures", "identity_sealed", public_id), fields)
        session.execute(update(Signature).values(identity_sealed=sealed))
    assert all("Ana Example" not in client.get(path).text for path in NAMING)
    assert "Anna Other" in client.get(PATH).text


def test_signature_that_is_added_shows_after_a_second(either_app: Flask, published: PublishedStatement) -> None:
    client = either_app.test_client()
    for path in (*NAMING, *COUNTING):
        client.get(path)
    _sign(either_app, published, "Ana Example")
    assert "Ana Example" not in client.get(PATH).text
    _wait(either_app, FRESH_SECONDS)
    assert all("Ana Example" in client.get(path).text for path in NAMING)
    assert all("1" in client.get(path).text for path in COUNTING)


def test_page_without_news_is_looked_at_each_second_and_rendered_once(
    either_app: Flask, published: PublishedStatement
) -> None:
    client = either_app.test_client()
    with _rendered(either_app) as rendered:
        for _second in range(5):
            assert published.statement.slug in client.get(PATH).text
            _wait(either_app, FRESH_SECONDS)
    assert rendered == ["site/show_statement.html"]


def test_commits_about_another_statement_void_nothing(either_app: Flask, published: PublishedStatement) -> None:
    client = either_app.test_client()
    with either_app.app_context(), _database(either_app).writing() as session:
        other = publish(session, "another-statement")
        public_id = sign(session, other, "Ben Example").public_id
    client.get(PATH)
    with _rendered(either_app) as rendered:
        for state in (SignatureState.WITHDRAWN, SignatureState.SIGNED):
            with _database(either_app).writing() as session:
                session.execute(update(Signature).where(Signature.public_id == public_id).values(state=state))
                session.execute(
                    update(VersionText).where(VersionText.version_id == other.version.id).values(title=state)
                )
                session.merge(other.campaign).press_contact = state
                sign(session, other, "Someone else")
            client.get(PATH)
            _wait(either_app, FRESH_SECONDS)
            assert published.statement.slug in client.get(PATH).text
    assert rendered == []


def test_whatever_else_changes_is_seen_with_the_next_request(either_app: Flask, published: PublishedStatement) -> None:
    client, campaign = either_app.test_client(), published.campaign
    pages = (PATH, f"/campaigns/{campaign.slug}", "/")
    with _database(either_app).reading() as session:
        institution = session.scalars(select(Institution.id)).one()
    changes = [
        (pages, "statements", f"goal = 77, state = 'closed' WHERE id = {published.statement.id}"),
        (pages[:1], "institutions", f"name = 'Another ministry' WHERE id = {institution}"),
        (pages[:2], "convenors", "name = 'Another foundation'"),
        (pages, "campaign_texts", "title = 'Another title'"),
        (pages[:2], "campaigns", "press_contact = 'Another desk'"),
        (pages[:1], "annexes", "title = 'Another annex'"),
        (pages[1:2], "chronology_entries", "text = 'Another event.'"),
        (pages, "version_texts", "title = 'Another statement'"),
    ]
    for touched, table, values in changes:
        before = {path: client.get(path).text for path in pages}
        _by_hand(either_app, f"UPDATE {table} SET {values}")
        assert [path for path in pages if client.get(path).text != before[path]] == [*touched], table
    with _database(either_app).writing() as session:
        session.add(
            Outcome(campaign_id=campaign.id, language="en", happened_on=date(2026, 6, 1), title="A ruling",
                    created_at=clock.now())
        )  # fmt: skip
    assert all("A ruling" in client.get(path).text for path in pages[:2])
    _by_hand(either_app, "DELETE FROM outcomes")
    assert not any("A ruling" in client.get(path).text for path in pages[:2])


def test_withdrawn_statement_is_gone_with_the_next_request(either_app: Flask, published: PublishedStatement) -> None:
    client = either_app.test_client()
    paths = (*NAMING, f"{PATH}/text", f"{PATH}/data.json")
    assert [client.get(path).status_code for path in paths] == [200] * len(paths)
    with _database(either_app).writing() as session:
        session.merge(published.statement).state = StatementState.WITHDRAWN
    assert [client.get(path).status_code for path in paths] == [410] * len(paths)
    assert PATH not in client.get("/").text


def test_deadline_passes_without_a_change_in_the_database(either_app: Flask, published: PublishedStatement) -> None:
    client = either_app.test_client()
    assert "Signing has ended" not in client.get(PATH).text + client.get("/").text
    assert published.statement.deadline_at is not None
    clock.freeze(published.statement.deadline_at)
    assert "Signing has ended" in client.get(PATH).text
    assert "Signing has ended" in client.get("/").text


@ONLY_POSTGRES
def test_transaction_that_commits_late_is_noticed_and_holds_nobody_up(
    either_app: Flask, published: PublishedStatement
) -> None:
    client, database = either_app.test_client(), _database(either_app)
    late, early = (_sign(either_app, published, name) for name in ("Late", "Early"))
    hidden = {"visibility": Visibility.COUNTED}
    with database.writing() as slow:
        slow.execute(update(Signature).where(Signature.public_id == late).values(hidden))
        assert all(name in client.get(PATH).text for name in ("Late", "Early"))
        with database.writing() as quick:
            quick.execute(text("SET LOCAL lock_timeout = 100"))
            quick.execute(update(Signature).where(Signature.public_id == early).values(hidden))
        assert "Late" in client.get(PATH).text
        assert "Early" not in client.get(PATH).text
    assert "Late" not in client.get(PATH).text


def test_what_is_rolled_back_voids_nothing(either_app: Flask, published: PublishedStatement) -> None:
    client, database = either_app.test_client(), _database(either_app)
    _sign(either_app, published, "Ana Example")
    client.get(PATH)
    with Session(database.engine) as session:
        session.execute(update(Signature).values(visibility=Visibility.COUNTED))
        session.rollback()
    with _rendered(either_app) as rendered:
        assert "Ana Example" in client.get(PATH).text
    assert rendered == []


def test_many_rows_of_one_transaction_raise_a_mark_once_on_postgres(
    either_app: Flask, published: PublishedStatement
) -> None:
    """Otherwise each would leave a version of the mark behind that the next one has to walk past."""
    database = _database(either_app)
    for name in ("Ana", "Ben", "Cem"):
        _sign(either_app, published, name)
    with database.writing() as session:
        for public_id in session.scalars(select(Signature.public_id)).all():
            session.execute(update(Signature).where(Signature.public_id == public_id).values(position=5))
        session.execute(update(Signature).values(position=6))
    with database.reading() as session:
        scope = f"signatures {published.statement.id}"
        number = session.scalars(select(ReaderMark.number).where(ReaderMark.scope == scope)).one()
    assert number == 1 or database.is_sqlite


def test_database_without_triggers_keeps_no_page(either_app: Flask, published: PublishedStatement) -> None:
    client, database = either_app.test_client(), _database(either_app)
    with database.engine.begin() as connection:
        take_off(connection)
    exchange(either_app, kept_pages=KeptPages(database))
    public_id = _sign(either_app, published, "Ana Example")
    assert "Ana Example" in client.get(PATH).text
    _by_hand(either_app, f"UPDATE signatures SET state = 'withdrawn' WHERE public_id = '{public_id}'")
    assert "Ana Example" not in client.get(PATH).text


@ONLY_POSTGRES
def test_table_that_is_emptied_is_seen_with_the_next_request(either_app: Flask, published: PublishedStatement) -> None:
    client = either_app.test_client()
    _sign(either_app, published, "Ana Example")
    assert all("Ana Example" in client.get(path).text for path in NAMING)
    _by_hand(either_app, "TRUNCATE signatures CASCADE")
    assert not any("Ana Example" in client.get(path).text for path in NAMING)


def test_connection_that_broke_is_replaced(either_app: Flask, published: PublishedStatement) -> None:
    client = either_app.test_client()
    first = client.get(PATH)
    pages: KeptPages = parts_of(either_app).kept_pages
    client.get(PATH)
    pages._watch._idle[0].close()
    with _rendered(either_app) as rendered:
        assert client.get(PATH).data == first.data
        assert client.get(PATH).data == first.data
    assert rendered == []
    assert published.statement.slug in PATH


def test_memory_is_bounded_in_bytes(
    either_app: Flask, published: PublishedStatement, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = either_app.test_client()
    pages: KeptPages = parts_of(either_app).kept_pages
    size = len(client.get(PATH).data)
    monkeypatch.setattr(kept, "MOST_BYTES", size * 3)
    for number in range(6):
        _wait(either_app, 0.01)
        client.get(PATH, headers={"Accept-Encoding": "gzip"})
        client.get(f"//{'/' * number}statements/{published.statement.slug}", follow_redirects=False)
        client.get(f"{PATH}/signatories{'?kind=people' if number % 2 else ''}")
        client.get("/")
    assert sum(page.size for page in pages._pages.values()) <= size * 3
    assert PATH in pages._pages, "what is read most is let go of last"
    monkeypatch.setattr(kept, "LARGEST_BYTES", 10)
    _wait(either_app, FRESH_SECONDS)
    _sign(either_app, published, "Ana Example")
    assert "Ana Example" in client.get(PATH).text
    assert PATH not in pages._pages
