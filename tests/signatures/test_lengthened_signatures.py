"""Signatures of long names and lines look like those of short ones, and so do those that an older house brings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, LargeBinary, column, select, table, text, update

from app.base.database import Database
from app.base.keys import KEY_BYTES, Keys
from app.base.migrating import SCRIPTS, migrate
from app.base.parts import parts_of
from app.base.sealing import Vault
from app.signatures.queries import identity_sealed_place
from app.upkeep.migration_seals import KeyNeeded
from tests.architecture import rows
from tests.factories.statements import make_statement
from tests.signatures.scene import invite

(FILE,) = (SCRIPTS / "versions").glob("*_lengthen_signatures.py")
AFTER = FILE.name[:4]
BEFORE = f"{int(AFTER) - 1:04}"
VAULT = Vault(Keys(b"2" * KEY_BYTES))
SIGNATURES = table("signatures", column("id"), column("public_id"), column("identity_sealed", LargeBinary))
ENVELOPE = 29  # of an envelope beside its padded words: version, nonce and tag


def _engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    if request.param == "postgres":
        server = request.getfixturevalue("postgres_server")
        return Database(server.url(server.create())).engine
    return Database(f"sqlite:///{tmp_path / 'house.db'}").engine


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """A house at the release before, with a signature that its key opens, and others that it does not."""
    engine = _engine(request, tmp_path)
    migrate(engine, BEFORE, vault=VAULT)
    rows.fill(engine, rows.reflected(engine))
    with engine.begin() as connection:
        row = connection.execute(select(SIGNATURES).order_by(SIGNATURES.c.id)).first()
        assert row is not None
        sealed = VAULT.seal(identity_sealed_place(row.public_id), b'{"name":"Ana"}', 1024)
        connection.execute(update(SIGNATURES).where(SIGNATURES.c.id == row.id).values(identity_sealed=sealed))
    return engine


def test_signatures_of_long_words_are_as_long_as_others(app: Flask) -> None:
    """A poet of Bengal with a long line, who is only counted, would be known beside their long row of the directory."""
    with app.app_context(), parts_of(app).database.writing() as session:
        statement = make_statement(session)
    for name, line in (("Ana", ""), ("বাংলাদেশের লেখক " * 3, "বাংলাদেশের লেখক " * 18)):
        guest = invite(app, statement, name=name.strip())
        assert guest.sign("counted", name=name.strip(), public_line=line.strip()).status_code == 303
    with parts_of(app).database.engine.connect() as connection:
        lengths = [len(sealed) for sealed in connection.scalars(text("SELECT identity_sealed FROM signatures"))]
    assert lengths == [1536 + ENVELOPE] * 2


def test_those_of_an_older_house_are_lengthened_and_shortened_again(engine: Engine) -> None:
    for revision, is_down, length in ((AFTER, False, 1536), (BEFORE, True, 1024)):
        migrate(engine, revision, down=is_down, vault=VAULT)
        with engine.connect() as connection:
            row, *_others = connection.execute(select(SIGNATURES).order_by(SIGNATURES.c.id)).all()
        assert len(bytes(row.identity_sealed)) == length + ENVELOPE
        (plain,) = VAULT.open([(identity_sealed_place(row.public_id), bytes(row.identity_sealed))], "test")
        assert json.loads(plain) == {"name": "Ana"}
    with pytest.raises(KeyNeeded):
        migrate(engine, AFTER)
    engine.dispose()
