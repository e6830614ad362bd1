"""Law 5, for who replays the journal: no order of commits, of rows or of times pairs a person with an answer.

The attacker holds the database, its journal as long as it is, and the mail relay's log (address, Message-ID, time),
and no key. What remains readable all the same is told in docs/security/seized.md.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.base.parts import parts_of
from app.base.sealing import Place, open_one
from app.invitations.queries import answer_key, answers_to
from app.mail.models import Mail
from app.signatures.queries import every_signature
from tests.factories.statements import make_statement
from tests.laws.journal import Committed, generations, heap, replayed
from tests.laws.seizure import Row, linked
from tests.signatures.scene import Invited, invite

TABLES = (
    "invitations", "answers", "answer_words", "signatures", "signature_changes", "mails", "audit_entries", "reminders",
    "count_checkpoints", "count_deltas",
)  # fmt: skip
SEALED = (("answers", "answer_sealed"), ("answer_words", "words_sealed"), ("audit_entries", "entry_sealed"))
SIGNERS = 12
# Who guesses a pairing of twelve at random is right once on average, and seven times or more once in 12,000 tries.
LUCK = 7
# A commit that writes more rows of a table than this points to none of them.
CROWD = 5


@dataclass
class House:
    """A house with a few people, prepared one by one, and what the attacker made of it."""

    app: Flask
    statement: Any
    guests: list[Invited] = field(default_factory=list)

    @property
    def file(self) -> Path:
        return Path(str(parts_of(self.app).database.engine.url.database))

    def keys(self) -> dict[str, bytes]:
        """The truth that the attacker is after: which answer is whose."""
        with self.app.app_context(), parts_of(self.app).database.reading() as session:
            return {guest.invitation: answer_key(session, guest.invitation) for guest in self.guests}

    def rooms(self) -> dict[str, bytes]:
        """Where the words are kept of those who declined or asked for a change."""
        with self.app.app_context(), parts_of(self.app).database.reading() as session:
            replies = answers_to(session, [guest.invitation for guest in self.guests])
            return {invitation: bytes.fromhex(reply.words) for invitation, reply in replies.items() if reply.words}

    def signers(self) -> dict[str, str]:
        """The other truth: which signature is whose invitation's."""
        with self.app.app_context(), parts_of(self.app).database.reading() as session:
            return {one.public_id: one.invitation for one in every_signature(session, self.statement.id)}

    def relay_log(self) -> dict[str, str]:
        """What the relay knows of each Message-ID: to whom it went, here by the invitation."""
        with self.app.app_context(), parts_of(self.app).database.reading() as session:
            opened = {
                mail.message_id: open_one(
                    session, Place("mails", "references_sealed", mail.public_id), mail.references_sealed, "test"
                )
                for mail in session.scalars(select(Mail))
            }
        return {message_id: found["invitation"] for message_id, found in opened.items() if "invitation" in found}

    def commits(self, work: Path) -> list[Committed]:
        return replayed(self.file, work, TABLES)


@pytest.fixture
def house(app: Flask) -> Iterator[House]:
    found = _house(app, 4)
    holder = sqlite3.connect(found.file)  # as in a running house, the journal is not taken away with a connection
    yield found
    holder.close()


def _house(app: Flask, people: int) -> House:
    with app.app_context(), parts_of(app).database.writing() as session:
        found = House(app, make_statement(session))
    found.guests = [invite(app, found.statement) for _ in range(people)]
    return found


def _tell(app: Flask) -> None:
    """Let the worker tell signatories what it has to tell them."""
    for job in parts_of(app).calendar.jobs():
        if job.name == "tell signatories":
            job.run(app)


def test_no_commit_leads_from_a_person_to_an_answer(house: House, tmp_path: Path) -> None:
    """Four people prepared one by one, one signs, one declines: each answer's row came right after its person's."""
    house.guests[2].sign("counted")
    house.guests[1].send(choice="decline", words="Not with this demand.")
    commits = house.commits(tmp_path / "replayed.db")
    pairs: set[tuple[str, bytes]] = set()
    for commit in commits:
        people = [row["public_id"] for row in commit.written["invitations"]]
        for table, key in (("answers", "answer_key"), ("answer_words", "words_key")):
            if len(people) == 1 and 0 < len(commit.written[table]) <= CROWD:
                pairs |= {(people[0], row[key]) for row in commit.written[table]}
    assert sum(bool(commit.new["invitations"]) for commit in commits) == len(house.guests), "the journal is whole"
    assert sum(bool(commit.written["answers"]) for commit in commits) >= 2, "the answers are in it"
    right = set(house.keys().items()) | set(house.rooms().items())
    assert pairs & right == set()


def test_commits_of_declines_look_alike_whatever_is_said(house: House, tmp_path: Path) -> None:
    """With a long reason, a short one and none: as many rows of the same tables, each as long as before."""
    for guest, words in zip(house.guests, ("Not with this demand. " * 40, "No.", ""), strict=False):
        guest.send(choice="decline", words=words)
    declines = [commit for commit in house.commits(tmp_path / "replayed.db") if commit.written["answer_words"]]
    declines = [commit for commit in declines if not commit.new["answer_words"]]
    assert len(declines) == 3
    shapes = {
        tuple((table, len(rows), len(commit.new[table])) for table, rows in sorted(commit.written.items()))
        for commit in declines
    }
    assert len(shapes) == 1
    lengths = {tuple(len(row[name]) for table, name in SEALED for row in commit.written[table]) for commit in declines}
    assert len(lengths) == 1
    assert len({row["words_key"] for commit in declines for row in commit.written["answer_words"]}) == 3


def test_what_is_told_by_mail_leads_to_no_signature(app: Flask, tmp_path: Path) -> None:
    """A receipt is queued beside nothing that it is about, in no order that says anything, and at no telling time."""
    house = _house(app, SIGNERS)
    holder = sqlite3.connect(house.file)
    for guest in house.guests:
        guest.sign("counted")
    before = house.commits(tmp_path / "replayed.db")
    signed_first = [row for commit in before for row in commit.new["signatures"]]
    assert len(signed_first) == SIGNERS
    _tell(app)
    log = house.relay_log()
    beside = {
        row["public_id"]: [log[mail["message_id"]] for mail in commit.new["mails"]]
        for commit in before for row in commit.new["signatures"]
    }  # fmt: skip
    truth = house.signers()
    assert sum(beside[signature] == [invitation] for signature, invitation in truth.items()) == 0
    receipts, signatures = _rows(house, "mails", "kind = 'receipt'"), _rows(house, "signatures")
    assert len(receipts) == SIGNERS
    orders: dict[str, Callable[[dict[str, Any]], Any]] = {
        "row": lambda row: row["id"], "time": lambda row: row.get("signed_at") or row["created_at"],
    }  # fmt: skip
    for name, order in orders.items():
        guessed = [log[row["message_id"]] for row in sorted(receipts, key=order)]
        for those in (signed_first, sorted(signatures, key=order)):
            luck = sum(truth[row["public_id"]] == whose for row, whose in zip(those, guessed, strict=True))
            assert luck < LUCK, name
    holder.close()


def test_telling_begins_with_an_empty_journal(house: House, tmp_path: Path) -> None:
    """No generation of the journal holds both a signature and what its owner is told; none of an older one stays."""
    house.guests[0].sign("counted")
    _tell(house.app)
    commits = house.commits(tmp_path / "replayed.db")
    assert sum(len(commit.new["mails"]) for commit in commits) == 1
    assert sum(len(commit.written["signatures"]) + len(commit.written["answers"]) for commit in commits) == 0
    assert len(generations(house.file.with_name(house.file.name + "-wal"))) == 1


def test_the_database_knows_days_and_no_times_of_signatures(house: House) -> None:
    for guest in house.guests[:2]:
        guest.sign("counted")
    for row in _rows(house, "signatures"):
        assert row["signed_at"].endswith(" 00:00:00.000000")
        assert row["changed_at"].endswith(" 00:00:00.000000")
    assert [signed.signed_at.time() for signed in house.guests[0].signatures()] != []


def test_what_is_counted_tells_what_the_signature_beside_it_tells(house: House, tmp_path: Path) -> None:
    """A commit that changes a count changes that of a visibility or a day which a signature in it has in the clear."""
    for guest, visibility in zip(house.guests, ("counted", "institution", "public"), strict=False):
        guest.sign(visibility)
    house.guests[3].send(choice="decline", words="No.")
    counted = 0
    for commit in house.commits(tmp_path / "replayed.db"):
        parts = {row["part"] for table in ("count_checkpoints", "count_deltas") for row in commit.written[table]}
        signed = commit.written["signatures"]
        told = {part for row in signed for part in (row["visibility"], row["signed_at"][:10])}
        assert parts <= told
        assert not (parts and commit.written["invitations"] + commit.written["mails"])
        counted += bool(parts)
    assert counted == 3


def _rows(house: House, table: str, condition: str = "1") -> list[dict[str, Any]]:
    connection = sqlite3.connect(house.file)
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table} WHERE {condition}")]
    finally:
        connection.close()


@pytest.mark.postgres
@pytest.mark.parametrize("either_app", ["postgres"], indirect=True)
def test_no_version_of_a_row_leads_from_a_person_to_an_answer(
    request: pytest.FixtureRequest, either_app: Flask
) -> None:
    """On PostgreSQL old versions lie in the tables' files, each with the numbers of its transactions."""
    house = _house(either_app, 4)
    house.guests[2].sign("counted")
    house.guests[1].send(choice="decline", words="Not with this demand.")
    with parts_of(either_app).database.engine.connect() as connection:
        people, answers = heap(connection, "invitations"), heap(connection, "answers")
        counted, signed = (
            set(connection.execute(text(f"SELECT xmin::text FROM {table}")).scalars())
            for table in ("count_deltas", "signatures")
        )
    assert len(people) > len(house.guests), "dead versions are read too"
    pairs = 0
    for invitation, key in house.keys().items():
        theirs = {one for version in people if invitation.encode() in version.content for one in version.transactions}
        for transaction in theirs:
            beside = [version for version in answers if transaction in version.transactions]
            pairs += len(beside) <= CROWD and any(key in version.content for version in beside)
    assert pairs == 0
    assert counted
    assert counted <= signed, "a delta bears the number of its signature's transaction and no other"


def test_the_attack_would_find_a_link() -> None:
    """The tests above are worth nothing if the attacker is blind."""
    asked = Row("invitations", {"id": 1, "signatory_id": 1, "mail_id": "m" * 20}, 7, 0)
    mail = Row("mails", {"id": 9, "public_id": "m" * 20}, 8, 0)
    signature = Row("signatures", {"id": 3, "signer_key": b"k" * 16}, 7, 0)
    answer = Row("answers", {"answer_key": b"k" * 16}, None, 0)
    other = Row("signatures", {"id": 4, "signer_key": b"o" * 16}, 6, 1)
    found = linked([asked, mail, signature, answer, other], asked)
    assert found == {row.key for row in (asked, mail, signature, answer)}
