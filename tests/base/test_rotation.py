"""Keys are exchanged while the house works, and the web server does without the worker's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, inspect, select

from app import create_app
from app.accounts.actions import invite_organiser
from app.accounts.queries import find_by_address
from app.base.database import Base, Database
from app.base.key_proofs import WrongWorkerKey, _oldest, exchange_worker_proof
from app.base.keys import KeyFileError, Keys, create_key_file, new_key, replace_key_file
from app.base.links import LinkBroken, LinkPurpose, Links
from app.base.opening import open_house
from app.base.parts import parts_of
from app.base.ports import Ports
from app.base.sealing import Place, SealBroken, Vault, vault_of
from app.base.worker_seals import WorkerSeal, public_half, written
from app.demonstration.load import load
from app.mail.models import Mail
from app.upkeep.resealing import reseal
from config import Settings
from tests.servers.smtp import SmtpServer

PLACE = Place("mails", "references_sealed", "x" * 20)
URL = "https://appeals.example.org"


def _rotate(path: Path) -> Keys:
    keys = Keys.from_file(path).with_newer(new_key())
    replace_key_file(path, keys)
    return keys


@pytest.fixture
def key_path(tmp_path: Path) -> Path:
    create_key_file(tmp_path / "key")
    return tmp_path / "key"


@pytest.fixture(autouse=True)
def _look_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.base.keys.LOOK_SECONDS", 0.0)


def test_a_running_process_seals_with_a_new_key_and_opens_with_both(key_path: Path) -> None:
    running, links = Vault(Keys.from_file(key_path)), Links(Keys.from_file(key_path), URL)
    old, index = running.seal(PLACE, b"old", 64), running.blind_index("scope", "value")
    mailed = links.make(LinkPurpose.MANAGE, "x" * 20, 1)
    first = Keys(*Keys.from_file(key_path).masters)
    _rotate(key_path)
    started = Vault(Keys.from_file(key_path))
    new = started.seal(PLACE, b"new", 64)
    assert running.open([(PLACE, new), (PLACE, old)], "test") == [b"new", b"old"]
    assert started.open([(PLACE, running.seal(PLACE, b"also", 64)), (PLACE, old)], "test") == [b"also", b"old"]
    with pytest.raises(SealBroken):
        Vault(first).open([(PLACE, running.seal(PLACE, b"also", 64))], "test")
    assert started.blind_index("scope", "value") == index
    made = Links(Keys.from_file(key_path), URL)
    assert links.read(LinkPurpose.MANAGE, made.make(LinkPurpose.MANAGE, "x" * 20, 2)).generation == 2
    assert made.read(LinkPurpose.MANAGE, mailed).generation == 1
    replace_key_file(key_path, Keys.from_file(key_path).without_older())
    assert Vault(Keys.from_file(key_path)).blind_index("scope", "value") == index
    with pytest.raises(LinkBroken):
        Links(Keys.from_file(key_path), URL).read(LinkPurpose.MANAGE, mailed)


def test_a_key_file_keeps_its_rights_and_says_what_is_wrong(key_path: Path) -> None:
    key_path.chmod(0o640)
    _rotate(key_path)
    assert key_path.stat().st_mode & 0o777 == 0o640
    assert len(key_path.read_text().splitlines()) == 3
    assert list(key_path.parent.iterdir()) == [key_path]
    for wrong in ("", "index " + key_path.read_text().split()[0], "no key\n"):
        key_path.write_text(wrong)
        with pytest.raises(KeyFileError):
            Keys.from_file(key_path)


@pytest.fixture
def settings(settings: Settings, smtp_server: SmtpServer) -> Settings:
    """Settings with a relay that takes mail: the demonstration hands an appeal over."""
    return replace(settings, mail_url=smtp_server.url)


@pytest.fixture
def worker_keys() -> Keys:
    return Keys(b"w" * 32)


def _opened(database: Database, keys: Keys, worker: Keys | None = None) -> Database:
    url = database.engine.url.render_as_string(hide_password=False)
    seal = WorkerSeal(public_half(worker), worker) if worker else None
    return Database(url, Ports(vault=Vault(keys, seal), links=Links(keys, URL)))


def test_every_table_that_seals_proves_a_key_and_is_resealed(either_app: Flask) -> None:
    """The demonstration has rows in nearly every table; each envelope is found where it was sealed, and opens."""
    first = Keys.from_file(parts_of(either_app).settings.key_file)
    database: Database = parts_of(either_app).database
    open_house(database, demonstration=True)
    load(either_app)
    _every_table_proves_a_key(database)
    both = first.with_newer(new_key())
    rotated, alone = _opened(database, both), _opened(database, both.without_older())
    counted: dict[str, int] = {}
    done = reseal(rotated, counted.__setitem__)
    assert done.closed == 0
    assert done.rows == sum(counted.values()) > 100
    assert counted["key_proofs.proof_sealed"] == 1
    open_house(alone, demonstration=True)
    again = reseal(alone, counted.__setitem__)
    assert (again.rows, again.closed) == (0, 0)
    with alone.reading() as session:
        assert find_by_address(session, "owner@example.org") is not None
    for each in (rotated, alone):
        each.engine.dispose()


def _every_table_proves_a_key(database: Database) -> None:
    with database.reading() as session:
        found = list(_oldest(session, inspect(session.connection())))
        vault_of(session).open(found, "test")
        asked = {place.table for place, _envelope in found}
        filled = set()
        for name, made in Base.metadata.tables.items():
            sealed = [each for each in made.columns if each.name.endswith("_sealed") and not each.nullable]
            if sealed and session.scalar(select(func.count()).select_from(made)):
                filled.add(name)
    assert filled - {"key_proofs"} <= asked
    assert len(filled) >= 12


def test_the_web_server_seals_mails_that_only_the_worker_opens(worker_keys: Keys) -> None:
    house = Keys(b"h" * 32)
    web = Vault(house, WorkerSeal(public_half(worker_keys)))
    worker = Vault(house, WorkerSeal(public_half(worker_keys), worker_keys))
    envelopes = [web.seal_for_worker(PLACE, str(number).encode(), 64) for number in range(70)]
    assert worker.open([(PLACE, each) for each in envelopes], "test") == [str(number).encode() for number in range(70)]
    assert len({each[1:33] for each in envelopes}) == 2
    for stranger in (web, Vault(house), Vault(house, WorkerSeal(public_half(house), house))):
        with pytest.raises(SealBroken, match="only the worker's key"):
            stranger.open([(PLACE, envelopes[0])], "test")
    with pytest.raises(SealBroken):
        worker.open([(PLACE._replace(row="y" * 20), envelopes[0])], "test")


def test_a_mail_is_sealed_for_the_worker(app: Flask, settings: Settings, tmp_path: Path, worker_keys: Keys) -> None:
    """Through the settings, as the services read them: the web server's name no key file of the worker."""
    path = tmp_path / "worker-key"
    create_key_file(path, keys=worker_keys, is_shared=False)
    public = written(public_half(worker_keys))
    web = create_app(replace(settings, worker_public_key=public, mail_url=""))
    worker = create_app(replace(settings, worker_public_key=public, worker_key_file=str(path)))
    for each in (web, worker):
        open_house(parts_of(each).database, demonstration=False)
    with pytest.raises(WrongWorkerKey, match=r"UNDERSIGNED_WORKER_PUBLIC_KEY"):
        open_house(parts_of(app).database, demonstration=False)
    with web.app_context(), parts_of(web).database.writing() as session:
        invite_organiser(session, "system", "Ada Vereskova", "ada@example.org")
    with parts_of(worker).database.reading() as session, parts_of(web).database.reading() as of_web:
        (envelope,) = session.scalars(select(Mail.references_sealed))
        place = PLACE._replace(row=session.scalar(select(Mail.public_id)) or "")
        assert vault_of(session).open([(place, envelope)], "test")
        with pytest.raises(SealBroken):
            vault_of(of_web).open([(place, envelope)], "test")
    _rotate_worker(parts_of(worker).database, settings, worker_keys)
    with pytest.raises(KeyFileError, match="does not belong"):
        create_app(replace(settings, worker_public_key=written(b"o" * 32), worker_key_file=str(path)))
    for each in (web, worker):
        parts_of(each).database.engine.dispose()


def _rotate_worker(database: Database, settings: Settings, worker_keys: Keys) -> None:
    house, newer = Keys.from_file(settings.key_file), worker_keys.with_newer(new_key())
    rotated, alone = _opened(database, house, newer), _opened(database, house, newer.without_older())
    with pytest.raises(WrongWorkerKey):
        open_house(rotated, demonstration=False)
    with rotated.writing() as session:
        exchange_worker_proof(session, public_half(newer))
    open_house(rotated, demonstration=False)
    counted: dict[str, int] = {}
    assert reseal(rotated, counted.__setitem__).rows == counted["mails.references_sealed"] == 1
    assert reseal(alone, counted.__setitem__).closed == 0
    for each in (rotated, alone):
        each.engine.dispose()
