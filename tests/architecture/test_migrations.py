"""Migrations arrive at what the models say, and go up, down and up again with rows in the tables."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from app.base import migrating
from app.base.database import Base, Database
from app.base.keys import KEY_BYTES, Keys
from app.base.sealing import Vault
from tests.architecture import rows
from tests.servers.databases import create_tables

SCRIPTS = ScriptDirectory(str(migrating.SCRIPTS))
VAULT = Vault(Keys(b"2" * KEY_BYTES))
# Oldest first.
REVISIONS: list[tuple[str, str | None]] = [
    (script.revision, str(script.down_revision) if script.down_revision else None)
    for script in reversed(list(SCRIPTS.walk_revisions()))
]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of either kind, opened as the service opens it."""
    if request.param == "postgres":
        server = request.getfixturevalue("postgres_server")
        name = server.create()
        engine = Database(server.url(name)).engine
        yield engine
        engine.dispose()
        server.drop(name)
    else:
        engine = Database(f"sqlite:///{tmp_path / 'migrated.db'}").engine
        yield engine
        engine.dispose()


def _migrate(engine: Engine, revision: str, *, down: bool = False) -> None:
    migrating.migrate(engine, revision, down=down, vault=VAULT)


def test_revisions_form_one_line() -> None:
    assert REVISIONS, "there are no migrations"
    assert len(SCRIPTS.get_heads()) == 1
    assert [down for _revision, down in REVISIONS] == [None, *(revision for revision, _down in REVISIONS[:-1])]


def test_revision_files_are_numbered_sentences() -> None:
    names = sorted(path.name for path in (migrating.SCRIPTS / "versions").glob("*.py"))
    assert [name[:4] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]
    assert all("_" in name[4:] for name in names)


def test_models_match_the_head(engine: Engine) -> None:
    _migrate(engine, "head")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_triggers_match_the_models(engine: Engine, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """A table that a migration makes anew on SQLite loses its triggers without a word."""
    _migrate(engine, "head")
    if engine.dialect.name == "sqlite":
        create_tables(made := f"sqlite:///{tmp_path / 'made.db'}")
    else:
        server = request.getfixturevalue("postgres_server")
        create_tables(made := server.url(server.create()))
    others = Database(made).engine
    assert len(_triggers(engine)) >= 3
    assert _triggers(engine) == _triggers(others)
    others.dispose()


def _triggers(engine: Engine) -> list[object]:
    asked = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
    if engine.dialect.name == "postgresql":
        asked = """SELECT tgname, pg_get_triggerdef(pg_trigger.oid), prosrc FROM pg_trigger
            JOIN pg_proc ON pg_proc.oid = tgfoid WHERE NOT tgisinternal ORDER BY tgname"""
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(asked))]


def test_signatures_that_there_are_already_are_counted(engine: Engine) -> None:
    """A visibility, an organisation that the public sees and a day, of those that stand; also after a way back."""
    (file,) = (migrating.SCRIPTS / "versions").glob("*_let_the_database_count_signatures.py")
    counting = file.name[:4]
    before = f"{int(counting) - 1:04}"
    _migrate(engine, before)
    rows.fill(engine, rows.reflected(engine))
    with engine.begin() as connection:
        connection.execute(text("UPDATE signatures SET state = 'signed', visibility = 'counted', kind = NULL"))
        connection.execute(text("""UPDATE signatures SET visibility = 'public', kind = 'organisation'
            WHERE id = (SELECT min(id) FROM signatures)"""))  # fmt: skip
        connection.execute(text("""UPDATE signatures SET state = 'withdrawn'
            WHERE id = (SELECT max(id) FROM signatures)"""))  # fmt: skip
    for _ in range(2):
        _migrate(engine, counting)
        with engine.begin() as connection:
            asked = text("SELECT part, sum(number) FROM count_checkpoints GROUP BY part ORDER BY part")
            assert [tuple(row) for row in connection.execute(asked)] == [
                ("2026-01-05", 2), ("counted", 1), ("organisations", 1), ("public", 1),
            ]  # fmt: skip
        _migrate(engine, before, down=True)


@pytest.fixture
def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Alembic read the scripts once, not again at each of a hundred steps."""
    monkeypatch.setattr(ScriptDirectory, "from_config", lambda _config: SCRIPTS)


@pytest.mark.usefixtures("read_once")
def test_migrations_go_down_and_up_with_rows(engine: Engine) -> None:
    for revision, parent in REVISIONS:
        _migrate(engine, revision)
        rows.fill(engine, rows.reflected(engine))
        held = rows.counts(engine, rows.names(engine))
        _migrate(engine, parent or "base", down=True)
        kept = rows.counts(engine, rows.names(engine))
        assert {name: kept[name] for name in kept} == {name: held[name] for name in kept}, (
            f"{revision} lost rows downwards"
        )
        _migrate(engine, revision)
        again = rows.counts(engine, rows.names(engine))
        assert {name: again[name] for name in kept} == kept, f"{revision} lost rows upwards"
        assert again.keys() == held.keys()


def test_migrations_go_all_the_way_down_with_rows(engine: Engine) -> None:
    _migrate(engine, "head")
    rows.fill(engine, rows.reflected(engine))
    held = rows.counts(engine, rows.names(engine))
    assert held["reader_marks"] >= rows.MADE_PER_TABLE  # the triggers made some too
    assert {number for name, number in held.items() if name != "reader_marks"} == {rows.MADE_PER_TABLE}
    _migrate(engine, "base", down=True)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    _migrate(engine, "head")
    assert sorted(rows.names(engine)) == sorted(held)


@pytest.mark.postgres
@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_signatures_whose_ids_were_drawn_go_down_too(engine: Engine) -> None:
    """They are numbered anew, in their order, wherever they are named; later ones are counted on from there."""
    _migrate(engine, "0038")
    rows.fill(engine, rows.reflected(engine))
    drawn = "(1000000 - id) * 1000000000000"
    with engine.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        for table, column in (("appeal_signatures", "signature_id"), ("signature_changes", "signature_id"),
                              ("signature_changes", "id"), ("signatures", "id")):  # fmt: skip
            connection.execute(text(f"UPDATE {table} SET {column} = {drawn.replace('id', column)}"))
        before = _whose(connection)
        connection.execute(text("SET session_replication_role = DEFAULT"))
    _migrate(engine, "0037", down=True)
    with engine.begin() as connection:
        assert _whose(connection) == before
        found = connection.execute(text("SELECT id FROM signatures ORDER BY id")).scalars().all()
        assert found == list(range(1, len(found) + 1))
        assert connection.scalar(text("SELECT nextval('signatures_id_seq')")) == len(found) + 1


def _whose(connection: Connection) -> list[object]:
    """Return, in the order of signatures, who changed them and which appeal lists them, by what stays as it is."""
    asked = """SELECT s.public_id, c.public_id, a.appeal_id FROM signatures s
        JOIN signature_changes c ON c.signature_id = s.id JOIN appeal_signatures a ON a.signature_id = s.id
        ORDER BY s.id, c.id"""
    return [tuple(row) for row in connection.execute(text(asked))]
