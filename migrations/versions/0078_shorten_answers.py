"""Shorten answers: reminders and words stand apart from them, and there is room for the words of one in forty.

Until now each answer had a row for words, in 4 KB of its own. All answers are sealed anew, those without words too, and
the rows of words are made anew under drawn keys, so that neither their age nor their order tells who wrote any. Their
number does not tell either how many did, unless that is more than most of what there is room for, and then by eighths.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.upkeep.migration_seals import KeyNeeded, Sealer, sealer_of

revision = "0078"
down_revision = "0077"
branch_labels = None
depends_on = None

ANSWERS = sa.table(
    "answers", sa.column("answer_key", sa.LargeBinary), sa.column("statement_id"),
    sa.column("answer_sealed", sa.LargeBinary),
)  # fmt: skip
REMINDERS = sa.table(
    "reminders", sa.column("reminder_key", sa.LargeBinary), sa.column("statement_id"),
    sa.column("reminders_sealed", sa.LargeBinary),
)  # fmt: skip
SHORT, LONG, REMINDERS_BYTES, WORDS_BYTES, KEY_BYTES = 256, 512, 512, 4096, 16
LEAST_ROOMS = 16
AT_ONCE = 500


def upgrade() -> None:
    op.execute("ALTER TABLE answer_words RENAME COLUMN answer_key TO words_key")
    sealer, words = sealer_of(op.get_context()), _words("words_key")
    kept, number = [], 0
    for rows in _portions():
        found = _opened(sealer, rows)
        number += len(found)
        there = _opened_words(sealer, words, [key for key, _statement, _answer in found])
        op.get_bind().execute(sa.delete(words).where(words.c.words_key.in_(there)))
        for key, statement_id, answer in found:
            said = there.get(key, {}).get("words", "")
            answer["words"] = secrets.token_bytes(KEY_BYTES).hex() if said else ""
            kept += [(answer["words"], answer["invitation"], said)] if said else []
            _move_reminders(sealer, statement_id, answer)
        _seal_answers(sealer, found, SHORT)
    if number:
        empty = [(secrets.token_bytes(KEY_BYTES).hex(), "", "") for _ in range(_rooms(number, len(kept)) - len(kept))]
        _keep(sealer, words, sorted([*kept, *empty]))


def downgrade() -> None:
    sealer, words = sealer_of(op.get_context()), _words("words_key")
    own: list[dict[str, Any]] = []
    for rows in _portions():
        found = _opened(sealer, rows)
        wanted = [bytes.fromhex(answer["words"]) for _key, _statement, answer in found if answer["words"]]
        there = _opened_words(sealer, words, wanted)
        for key, _statement, answer in found:
            said = there.get(bytes.fromhex(answer.pop("words")), {}).get("words", "")
            own.append({"words_key": key, "words_sealed": _sealed(sealer, key, {"words": said})})
        _seal_answers(sealer, found, LONG)
    for key in _opened_words(sealer, words, None):
        op.get_bind().execute(sa.delete(words).where(words.c.words_key == key))
    if own:
        op.get_bind().execute(sa.insert(words), own)
    op.execute("ALTER TABLE answer_words RENAME COLUMN words_key TO answer_key")


def _rooms(answers: int, taken: int) -> int:
    """Return how many rows of words there are for so many answers, with a quarter of them free at least."""
    number = answers // 40 + LEAST_ROOMS
    while 4 * taken > 3 * number:
        number += max(LEAST_ROOMS, number // 8)
    return number


def _words(key: str) -> Any:
    return sa.table("answer_words", sa.column(key, sa.LargeBinary), sa.column("words_sealed", sa.LargeBinary))


def _portions() -> Iterator[list[Any]]:
    last = b""
    while True:
        wanted = sa.select(ANSWERS).where(ANSWERS.c.answer_key > last).order_by(ANSWERS.c.answer_key).limit(AT_ONCE)
        rows = list(op.get_bind().execute(wanted))
        if not rows:
            return
        last = bytes(rows[-1].answer_key)
        yield rows


def _opened(sealer: Sealer, rows: list[Any]) -> list[tuple[bytes, int, dict[str, Any]]]:
    """Return the answers that this house's keys open; there may be none of another house in it."""
    if sealer.vault is None:
        raise KeyNeeded
    opened = [
        (bytes(row.answer_key), row.statement_id,
         sealer.open("answers", "answer_sealed", bytes(row.answer_key).hex(), row.answer_sealed))
        for row in rows
    ]  # fmt: skip
    return [(key, statement_id, answer) for key, statement_id, answer in opened if answer is not None]


def _opened_words(sealer: Sealer, words: Any, keys: list[bytes] | None) -> dict[bytes, dict[str, Any]]:
    wanted = sa.select(words) if keys is None else sa.select(words).where(words.c.words_key.in_(keys))
    rows = [(bytes(row.words_key), row.words_sealed) for row in op.get_bind().execute(wanted)]
    opened = {key: sealer.open("answer_words", "words_sealed", key.hex(), sealed) for key, sealed in rows}
    return {key: found for key, found in opened.items() if found is not None}


def _move_reminders(sealer: Sealer, statement_id: int, answer: dict[str, Any]) -> None:
    """Give reminders that an answer holds a row of their own, unless it has one: then they are in it too."""
    sent, answer["reminders"] = answer.get("reminders", []), []
    key = sealer.blind_index("reminders", answer["invitation"])
    there = sa.select(REMINDERS.c.reminder_key).where(REMINDERS.c.reminder_key == key)
    if not sent or op.get_bind().scalar(there) is not None:
        return
    document = {"invitation": answer["invitation"], "reminders": sent}
    sealed = sealer.seal("reminders", "reminders_sealed", key.hex(), document, REMINDERS_BYTES)
    values = {"reminder_key": key, "statement_id": statement_id, "reminders_sealed": sealed}
    op.get_bind().execute(sa.insert(REMINDERS).values(values))


def _seal_answers(sealer: Sealer, found: list[tuple[bytes, int, dict[str, Any]]], pad_to: int) -> None:
    sealed = [
        {"key": key, "sealed": sealer.seal("answers", "answer_sealed", key.hex(), answer, pad_to)}
        for key, _statement, answer in found
    ]
    changed = sa.update(ANSWERS).where(ANSWERS.c.answer_key == sa.bindparam("key"))
    if sealed:
        op.get_bind().execute(changed.values(answer_sealed=sa.bindparam("sealed")), sealed)


def _keep(sealer: Sealer, words: Any, kept: list[tuple[str, str, str]]) -> None:
    for start in range(0, len(kept), AT_ONCE):
        rows = [
            {"words_key": bytes.fromhex(key),
             "words_sealed": _sealed(sealer, bytes.fromhex(key), {"invitation": invitation, "words": said})}
            for key, invitation, said in kept[start : start + AT_ONCE]
        ]  # fmt: skip
        op.get_bind().execute(sa.insert(words), rows)


def _sealed(sealer: Sealer, key: bytes, document: dict[str, Any]) -> bytes:
    return sealer.seal("answer_words", "words_sealed", key.hex(), document, WORDS_BYTES)
