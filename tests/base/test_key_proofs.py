"""Key and database belong together: proven by a sealed row, or by what an older database holds."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, text

from app.accounts.actions import create_organiser
from app.base.database import Database
from app.base.errors import HouseRefused
from app.base.key_proofs import KeyProof, OtherHouse, WrongKey, is_key_proven
from app.base.keys import Keys
from app.base.links import Links
from app.base.migrating import migrate
from app.base.opening import DatabaseOlder, DatabaseUnreachable, check_house, open_house
from app.base.parts import parts_of
from app.base.ports import Ports
from app.base.sealing import Place, Vault
from app.demonstration.load import check_not_real
from app.inbox.states import InboundSource
from app.inbox.storage import store

OTHER_KEY = Keys(b"2" * 32)
THIRD_KEY = Keys(b"3" * 32)


def _database(app: Flask) -> Database:
    found: Database = parts_of(app).database
    return found


def _ports(keys: Keys) -> Ports:
    return Ports(vault=Vault(keys), links=Links(keys, "https://appeals.example.org"))


def _with_key(database: Database, keys: Keys) -> Database:
    url = database.engine.url.render_as_string(hide_password=False)
    return Database(url, _ports(keys))


@pytest.fixture
def other(either_app: Flask) -> Iterator[Database]:
    """The same database, opened with another key."""
    found = _with_key(_database(either_app), OTHER_KEY)
    yield found
    found.engine.dispose()


def _add_organiser(database: Database, address: str) -> None:
    with database.writing() as session:
        create_organiser(session, "system", "Ada Vereskova", address)


def _proofs(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(KeyProof)) or 0


def test_another_key_is_refused_once_the_house_was_opened(either_app: Flask, other: Database) -> None:
    open_house(_database(either_app), demonstration=False)
    open_house(_database(either_app), demonstration=False)
    for look in (open_house, check_house):
        with pytest.raises(WrongKey, match=r"UNDERSIGNED_KEY_FILE.*UNDERSIGNED_DATABASE_URL"):
            look(other, demonstration=False)


def test_another_key_proves_nothing_where_rows_are_sealed(either_app: Flask, other: Database) -> None:
    """A house from before there were proofs: the wrong key must not be written down as the right one."""
    with either_app.app_context():
        _add_organiser(_database(either_app), "ada@example.org")
    for look in (open_house, check_house):
        with pytest.raises(WrongKey):
            look(other, demonstration=False)
    assert _proofs(other) == 0
    open_house(_database(either_app), demonstration=False)
    assert _proofs(other) == 1


def test_a_stray_row_of_another_key_does_not_lock_the_house(either_app: Flask, other: Database) -> None:
    """What `account add` and the mail pipe sealed with a second key, while nothing checked it."""
    with either_app.app_context():
        _add_organiser(_database(either_app), "ada@example.org")
        _add_organiser(other, "bea@example.org")
        with other.writing() as session:
            store(session, b"From: x@example.org\r\n\r\nHello\r\n", InboundSource.PIPE, "")
    with pytest.raises(WrongKey):
        open_house(other, demonstration=False)
    open_house(_database(either_app), demonstration=False)


def test_the_proof_may_be_lost_and_is_made_again_by_the_right_key_only(either_app: Flask, other: Database) -> None:
    with either_app.app_context():
        _add_organiser(_database(either_app), "ada@example.org")
    open_house(_database(either_app), demonstration=False)
    with _database(either_app).writing() as session:
        session.execute(delete(KeyProof))
    with pytest.raises(WrongKey):
        open_house(other, demonstration=False)
    open_house(_database(either_app), demonstration=False)


def test_two_keys_at_once_on_an_empty_database_leave_one(either_app: Flask) -> None:
    houses = [_with_key(_database(either_app), keys) for keys in (OTHER_KEY, THIRD_KEY) * 3]
    barrier = Barrier(len(houses))

    def come(database: Database) -> bool:
        barrier.wait(10)
        try:
            open_house(database, demonstration=False)
        except WrongKey:
            return False
        return True

    with ThreadPoolExecutor(len(houses)) as pool:
        let_in = list(pool.map(come, houses))
    for database in houses:
        database.engine.dispose()
    assert sorted((tuple(let_in[0::2]), tuple(let_in[1::2]))) == [(False,) * 3, (True,) * 3]
    assert _proofs(_database(either_app)) == 1


def test_looking_at_readiness_stores_nothing(either_app: Flask) -> None:
    with _database(either_app).reading() as session:
        assert not is_key_proven(session, demonstration=False)
    assert _proofs(_database(either_app)) == 0


def test_a_real_house_is_not_opened_for_the_demonstration_nor_the_reverse(either_app: Flask) -> None:
    database = _database(either_app)
    check_not_real(database)
    open_house(database, demonstration=True)
    with pytest.raises(OtherHouse, match="UNDERSIGNED_DEMONSTRATION=1 if"):
        open_house(database, demonstration=False)
    with database.writing() as session:
        session.execute(delete(KeyProof))
    with either_app.app_context():
        _add_organiser(database, "ada@example.org")
    with pytest.raises(OtherHouse, match="of a real house"):
        check_not_real(database)


def test_an_older_database_is_checked_as_far_as_it_can_be(tmp_path: Path) -> None:
    """`flask db upgrade` comes with the wrong key: it is refused before anything is migrated."""
    database = Database(f"sqlite:///{tmp_path / 'old.db'}", _ports(OTHER_KEY))
    migrate(database.engine, "0012")
    check_house(database, demonstration=False)
    right = Vault(THIRD_KEY).seal(Place("audit_entries", "entry_sealed", "x" * 20), b"{}", 64)
    with database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO audit_entries (recorded_on, subject_key, entry_sealed, public_id) "
                "VALUES ('2026-01-01', x'00', :sealed, :id)"
            ),
            {"sealed": right, "id": "x" * 20},
        )
    with pytest.raises(WrongKey):
        check_house(database, demonstration=False)
    with pytest.raises(DatabaseOlder, match="flask db upgrade"):
        open_house(database, demonstration=False)
    check_house(_with_key(database, THIRD_KEY), demonstration=False)
    database.engine.dispose()


def test_a_missing_file_is_said_and_not_made(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'none.db'}", _ports(OTHER_KEY))
    with pytest.raises(DatabaseOlder, match="no database at"):
        open_house(database, demonstration=False)
    check_house(database, demonstration=False)
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize("password", ["canary-password", "127.0.0.1"])
def test_a_server_that_does_not_answer_is_said_without_its_password(closed_port: int, password: str) -> None:
    database = Database(f"postgresql://ada:{password}@127.0.0.1:{closed_port}/house", _ports(OTHER_KEY))
    with pytest.raises(DatabaseUnreachable, match="UNDERSIGNED_DATABASE_URL") as refused:
        open_house(database, demonstration=False)
    assert password not in str(refused.value)


def test_another_file_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_text("Dear ministry, " * 200)
    database = Database(f"sqlite:///{tmp_path / 'letter.db'}", _ports(OTHER_KEY))
    with pytest.raises(HouseRefused, match="not a database"):
        open_house(database, demonstration=False)
