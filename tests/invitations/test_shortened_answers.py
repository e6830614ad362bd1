"""Answers of an older house are shortened without a loss, and are made long again where somebody goes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, LargeBinary, column, insert, select, table, text

from app.base.database import Database
from app.base.keys import KEY_BYTES, Keys
from app.base.migrating import SCRIPTS, migrate
from app.base.sealing import Vault
from app.upkeep.migration_seals import KeyNeeded, Sealer
from tests.architecture import rows

(FILE,) = (SCRIPTS / "versions").glob("*_shorten_answers.py")
AFTER = FILE.name[:4]
BEFORE = f"{int(AFTER) - 1:04}"
VAULT = Vault(Keys(b"2" * KEY_BYTES))
SEALER = Sealer(VAULT)
ANSWERS = table(
    "answers", column("answer_key", LargeBinary), column("statement_id"), column("answer_sealed", LargeBinary)
)
REMINDERS = table("reminders", column("reminder_key", LargeBinary), column("reminders_sealed", LargeBinary))
LONG = "Не з цією вимогою. " * 50
WORDS = {**dict.fromkeys((f"silent{number:014}" for number in range(30)), ""), "d" * 20: LONG[:1000], "c" * 20: "No."}
SENT = [["2026-05-01T08:00:00+00:00", "m" * 20]]


def _words(key: str) -> Any:
    return table("answer_words", column(key, LargeBinary), column("words_sealed", LargeBinary))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A house at the release before, where somebody declined, somebody asked for a change, and most were silent."""
    if request.param == "postgres":
        server = request.getfixturevalue("postgres_server")
        url = server.url(server.create())
    else:
        url = f"sqlite:///{tmp_path / 'house.db'}"
    engine = Database(url).engine
    migrate(engine, BEFORE, vault=VAULT)
    rows.fill(engine, rows.reflected(engine))
    with engine.begin() as connection:
        for name in ("answer_words", "answers"):
            connection.execute(text(f"DELETE FROM {name}"))
        statement_id = connection.scalar(text("SELECT min(id) FROM statements"))
        for invitation, said in WORDS.items():
            key = VAULT.blind_index("answer", invitation)
            answer = {
                "invitation": invitation, "answer": "declined" if said else "none", "at": None,
                "reminders": SENT if invitation == "c" * 20 else [], "peace": False,
            }  # fmt: skip
            sealed = SEALER.seal("answers", "answer_sealed", key.hex(), answer, 512)
            connection.execute(
                insert(ANSWERS), {"answer_key": key, "statement_id": statement_id, "answer_sealed": sealed}
            )
            sealed = SEALER.seal("answer_words", "words_sealed", key.hex(), {"words": said}, 4096)
            connection.execute(insert(_words("answer_key")), {"answer_key": key, "words_sealed": sealed})
    yield engine
    engine.dispose()


def _answers(engine: Engine) -> dict[str, dict[str, Any]]:
    with engine.connect() as connection:
        found = connection.execute(select(ANSWERS.c.answer_key, ANSWERS.c.answer_sealed)).all()
    opened = [SEALER.open("answers", "answer_sealed", bytes(key).hex(), sealed) for key, sealed in found]
    return {one["invitation"]: one for one in opened if one is not None}


def _opened_words(engine: Engine, key: str) -> dict[str, dict[str, Any]]:
    with engine.connect() as connection:
        found = connection.execute(select(_words(key))).all()
    lengths = Counter(len(bytes(sealed)) for _key, sealed in found)
    assert len(lengths) == 1
    opened = {
        bytes(at).hex(): SEALER.open("answer_words", "words_sealed", bytes(at).hex(), sealed) for at, sealed in found
    }
    return {at: one for at, one in opened.items() if one is not None}


def test_words_and_reminders_are_where_they_are_looked_for_and_back_again(engine: Engine) -> None:
    migrate(engine, AFTER, vault=VAULT)
    answers, kept = _answers(engine), _opened_words(engine, "words_key")
    assert {one: kept[found["words"]]["words"] if found["words"] else "" for one, found in answers.items()} == WORDS
    assert {kept[found["words"]]["invitation"] for found in answers.values() if found["words"]} == {"c" * 20, "d" * 20}
    assert not {VAULT.blind_index("answer", one).hex() for one in WORDS} & kept.keys(), "under drawn keys"
    assert len(kept) == 16 + len(WORDS) // 40, "as many rows as if nobody had written anything"
    with engine.connect() as connection:
        lengths = {len(bytes(sealed)) for sealed in connection.scalars(select(ANSWERS.c.answer_sealed))}
        assert lengths == {256 + 29}
        sent = {bytes(row.reminder_key): row.reminders_sealed for row in connection.execute(select(REMINDERS))}
    key = VAULT.blind_index("reminders", "c" * 20)
    opened = SEALER.open("reminders", "reminders_sealed", key.hex(), sent[key])
    assert opened == {"invitation": "c" * 20, "reminders": SENT}

    migrate(engine, BEFORE, down=True, vault=VAULT)
    back = _opened_words(engine, "answer_key")
    assert {one: back[VAULT.blind_index("answer", one).hex()]["words"] for one in WORDS} == WORDS
    assert len(back) == len(WORDS)
    assert all("words" not in found for found in _answers(engine).values())


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_nothing_is_shortened_without_the_key(engine: Engine) -> None:
    with pytest.raises(KeyNeeded):
        migrate(engine, AFTER)
    assert len(_opened_words(engine, "answer_key")) == len(WORDS)
