"""Law 5, for the people who are asked: the raw database does not tell who declined or who stands behind a signature."""

from __future__ import annotations

import logging
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import create_app
from app.base.parts import parts_of
from app.base.sealing import blind_index
from app.directory.models import Signatory
from app.directory.states import SignatoryKind
from app.inbox.sorting import sort_new
from app.inbox.states import InboundSource
from app.inbox.storage import store
from app.invitations import actions
from app.invitations.answering import ANSWERS_PER_ROOM, LEAST_ROOMS, SPARES
from app.invitations.emails import stop_url_of
from app.invitations.models import Invitation
from app.invitations.queries import answer_key
from app.mail.models import Mail
from app.mail.return_paths import envelope_sender
from app.mail.sending import results
from app.mail.sending.worker import send_due
from app.replies.jobs import match_replies
from app.signatures.jobs import blur_signatures, tell_signatories
from app.statements.models import Statement
from app.statements.states import NameOrder, StatementState
from config import Settings
from tests.factories.inbound import write_message
from tests.factories.statements import make_statement
from tests.inbox.messages import about, message
from tests.laws.seizure import Row, disguises, every_row, found_in, linked
from tests.servers.databases import create_tables
from tests.servers.postgres import PostgresServer
from tests.servers.smtp import SmtpServer
from tests.signatures.scene import Invited, invite

ANSWERS = (
    "silent", "left in peace", "declined", "change", "public", "institution", "counted", "pseudonym", "withdrawn",
    "waits", "renamed",
)  # fmt: skip
TELLING = {"answers", "answer_words", "signatures", "signature_changes"}
# What they chose who did more than sign.
CHOSE = {"withdrawn": "counted", "waits": "counted", "renamed": "institution"}


@dataclass
class World:
    """A statement with two people for each answer, asked and answering each in a transaction of their own."""

    app: Flask
    folder: Path
    guests: dict[str, list[Invited]] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)  # whatever nobody may find

    def rows(self) -> list[Row]:
        return every_row(self.app)

    def invitation_of(self, rows: list[Row], guest: Invited) -> Row:
        return next(row for row in rows if row.table == "invitations" and row.values["public_id"] == guest.invitation)


class _Notes(logging.Handler):
    """Keep what the service logs, but not what the test's own SMTP server does."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith("mail.log"):
            self.lines.append(record.getMessage())


@pytest.fixture(scope="module")
def logged() -> Iterator[list[str]]:
    notes, root = _Notes(), logging.getLogger()
    level = root.level
    root.addHandler(notes)
    root.setLevel(logging.DEBUG)
    yield notes.lines
    root.setLevel(level)
    root.removeHandler(notes)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path, key_file: Path,
    logged: list[str],
) -> Iterator[World]:  # fmt: skip
    folder = tmp_path_factory.mktemp("seized")
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.url(server.create(server.template("tables", create_tables)))
    else:
        shutil.copy(empty_sqlite, folder / "undersigned.db")
        url = f"sqlite:///{folder / 'undersigned.db'}"
    relay: SmtpServer = request.getfixturevalue("_running_smtp_server")
    app = create_app(Settings(
        database_url=url, key_file=key_file, public_url="http://localhost", mail_url=relay.url,
        mail_from="appeals@example.org", state_directory=folder, return_path="bounces+{}@example.org",
        reply_address="replies+{}@example.org",
    ))  # fmt: skip
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    found = World(app, folder)
    _live(found)
    tell_signatories(app)
    blur_signatures(app)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(results, "SETTLE_SECONDS", 600.0)  # a slow machine cuts no batch: that would tie people together
        send_due(app)
    _come_back(found)
    yield found
    parts_of(app).database.engine.dispose()


def _live(world: World) -> None:
    with world.app.app_context(), parts_of(world.app).database.writing() as session:
        statement = make_statement(session)
        statement.name_order = NameOrder.FAMILY
    # The answers of many are made with the first who is invited, so that its transaction leads to none of them.
    first = invite(world.app, statement, name="First asked")
    for answer in ANSWERS:
        for number in (1, 2):
            world.guests.setdefault(answer, []).append(_person(world, statement, answer, number))
    # An organiser's later work, so that nothing is told by who was touched last.
    last = invite(world.app, statement, name="Last asked", kind=SignatoryKind.ORGANISATION)
    world.guests["silent"] += [first, last]
    with world.app.app_context(), parts_of(world.app).database.writing() as session:
        everyone = list(session.scalars(select(Invitation.public_id)))
        actions.remind(session, "test", session.merge(statement), everyone)
    for answer in ANSWERS:
        for number, guest in enumerate(world.guests[answer][:2]):
            _answer(world, guest, answer, f"{answer}{number}")
    world.guests["silent"][0].client.get(world.guests["silent"][0].url)
    mine = f"/statements/{statement.slug}/my-signature"
    for address in ("stranger.unknown@example.com", "person.declined1@example.net"):
        world.guests["silent"][0].client.post(mine, data={"email": address})
    world.words.append("stranger.unknown@example.com")


def _person(world: World, statement: Statement, answer: str, number: int) -> Invited:
    name, email = f"Верховина {answer.title()} {number}", f"person.{answer.replace(' ', '.')}{number}@example.net"
    world.words += [name, email] if answer != "public" else [email]
    return invite(world.app, statement, name=name, email=email, credential="", affiliation="")


def _come_back(world: World) -> None:
    """Let mail come in about everybody alike: a notice, a delay, a letter that nobody can file; and one bounce."""
    everyone = [guest for guests in world.guests.values() for guest in guests]
    for number, guest in enumerate(everyone):
        with world.app.app_context(), parts_of(world.app).database.reading() as session:
            mail_id = session.scalars(select(Invitation.mail_id).where(Invitation.public_id == guest.invitation)).one()
            assert mail_id is not None
            message_id = session.scalars(select(Mail.message_id).where(Mail.public_id == mail_id)).one()
            return_path = envelope_sender(session, mail_id)
        canary = f"canary{number:02}"
        sender, subject = f"Sender-{canary} <{canary}@example.net>", f"Subject-{canary}"
        notice = write_message(
            sender=sender, subject=subject, automatic=True, refers_to=message_id, text=f"Text-{canary}"
        )
        files = {f"file-{canary}.pdf": f"words-{canary}".encode()}
        world.words += [f"Sender-{canary}", f"{canary}@example.net", f"Subject-{canary}", f"Text-{canary}"]
        world.words += [f"file-{canary}.pdf", f"words-{canary}"]
        fate = "postfix-bounce" if guest is world.guests["silent"][-1] else "postfix-delay"
        report = about(message(fate), mail_id, message_id, return_path)
        report = report.replace(b"ada@institution.example", f"{canary}@example.net".encode())
        _take_in(world, notice)
        _take_in(world, report.replace(b"Message-Id: <", f"Message-Id: <{canary}.".encode(), 1), return_path)
        _take_in(world, write_message(sender=sender, subject=subject, files=files))
    match_replies(world.app)
    match_replies(world.app)


def _take_in(world: World, raw: bytes, envelope_to: str = "replies@example.org") -> None:
    with parts_of(world.app).database.writing() as session:
        store(session, raw, InboundSource.PIPE, envelope_to)
    sort_new(world.app)


def _answer(world: World, guest: Invited, answer: str, mark: str) -> None:
    words = f"Reason of {mark}: страх за родину"
    if answer == "declined":
        world.words.append(words)
        assert guest.send(choice="decline", words=words).status_code == 303
    elif answer == "change":
        world.words.append(words)
        assert guest.send(choice="ask change", words=words).status_code == 303
    elif answer == "left in peace":
        with parts_of(world.app).database.reading() as session:
            path = stop_url_of(session, guest.invitation).removeprefix("http://localhost")
        assert guest.client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    elif answer != "silent":
        line, name = f"Hidden line {mark}", f"Верховина {answer.title()} {int(mark[-1]) + 1}"
        alias = f"Nightreader {len(world.words)}"
        world.words += [line, alias]
        signed = guest.sign(CHOSE.get(answer, answer), name=name, public_line=line, pseudonym=alias)
        assert signed.status_code == 303
    manage = guest.client.get(guest.url).text.split('href="/m/')[1].split('"')[0] if answer in CHOSE else ""
    if answer == "waits":
        _change(guest, manage, "visibility", visibility="public")
    elif answer == "renamed":
        world.words += [f"Інша людина {mark}", f"Another line {mark}"]
        _change(guest, manage, "line", name=f"Інша людина {mark}", public_line=f"Another line {mark}")
    elif answer == "withdrawn":
        token = guest.client.get(f"/m/{manage}/withdraw").text.split('name="form_token" value="')[1].split('"')[0]
        guest.client.post(f"/m/{manage}/withdraw", data={"form_token": token, "sure": "yes"})


def _change(guest: Invited, manage: str, path: str, **fields: str) -> None:
    token = guest.client.get(f"/m/{manage}").text.split('name="form_token" value="')[1].split('"')[0]
    assert guest.client.post(f"/m/{manage}/{path}", data={"form_token": token, **fields}).status_code == 303


def test_rows_of_silent_and_declined_people_look_alike(world: World) -> None:
    """Plain words, lengths and empty columns of all that leads from an invitation are the same for every answer."""
    rows = world.rows()
    by_key = {row.key: row for row in rows}
    shapes = {
        answer: [
            Counter(by_key[key].shape for key in linked(rows, world.invitation_of(rows, guest))) for guest in guests[:2]
        ]
        for answer, guests in world.guests.items()
    }
    expected = shapes["silent"][0]
    assert sum(expected.values()) >= 2, "the attacker should at least find the invitation and its signatory"
    assert {answer: found for answer, found in shapes.items() if any(each != expected for each in found)} == {}


def test_no_chain_of_equal_values_leads_from_a_person_to_an_answer(world: World) -> None:
    """Ids, digests, mails and, on PostgreSQL, the transaction that wrote a row: none ties the two together."""
    rows = world.rows()
    reached = {
        (answer, table)
        for answer, guests in world.guests.items()
        for guest in guests
        for table, _place in linked(rows, world.invitation_of(rows, guest))
        if table in TELLING
    }
    assert reached == set()


def test_every_answer_has_the_same_length(world: World) -> None:
    rows = world.rows()
    for table, column in (
        ("answers", "answer_sealed"), ("answer_words", "words_sealed"), ("signatures", "identity_sealed"),
        ("signature_changes", "change_sealed"),
    ):  # fmt: skip
        lengths = Counter(len(bytes(row.values[column])) for row in rows if row.table == table)
        assert len(lengths) == 1, (table, lengths)
    invited = [row for row in rows if row.table == "invitations"]
    number = sum(row.table == "answers" for row in rows)
    assert number % (SPARES + 1) == 0 < len(invited) <= number, "made many at a time, however many are invited"
    rooms = sum(row.table == "answer_words" for row in rows)
    assert rooms == LEAST_ROOMS + number // ANSWERS_PER_ROOM, "made with the answers, whoever wrote words"


def test_the_order_of_answers_does_not_follow_the_invitations(world: World) -> None:
    rows = world.rows()
    with world.app.app_context(), parts_of(world.app).database.reading() as session:
        keys = [answer_key(session, row.values["public_id"]) for row in rows if row.table == "invitations"]
    kept = [bytes(row.values["answer_key"]) for row in rows if row.table == "answers"]
    rooms = [bytes(row.values["words_key"]) for row in rows if row.table == "answer_words"]
    assert set(keys) < set(kept)
    assert not set(kept) & set(rooms), "words stand under drawn keys, and only the sealed answer knows which"
    if parts_of(world.app).database.is_sqlite:
        assert kept == sorted(kept), "kept in the order of the digests, which is no order"
        assert rooms == sorted(rooms)


def test_a_hidden_signature_does_not_show_its_kind_or_place(world: World) -> None:
    """The one organisation that was asked would be found behind the one signature of an organisation."""
    hidden = [row for row in world.rows() if row.table == "signatures"]
    told = [row.values for row in hidden if row.values["visibility"] in {"institution", "counted"}]
    assert len(told) == 10
    assert {(each["kind"], each["position"], each["collation_key"]) for each in told} == {(None, 1_000_000, b"")}


def test_mail_that_came_in_was_used_and_held(world: World) -> None:
    """The tests above and below are worth nothing if it was not."""
    rows = [row for row in world.rows() if row.table == "inbound_messages"]
    states = Counter((row.values["kind"], row.values["state"]) for row in rows)
    number = len(rows) // 3
    assert states == {("report", "read"): number, ("automatic", "held"): number, ("letter", "held"): number}
    proofs = Counter(row.values["proof"] for row in world.rows() if row.table == "mail_evidence")
    assert proofs == {"delayed": number - 1, "bounced": 1}


def test_letters_that_came_in_lead_to_nobody(world: World) -> None:
    """What people write to us in person is tied to no row but its own: a search for a confidant finds nothing."""
    rows = world.rows()
    by_key = {row.key: row for row in rows}
    for row in rows:
        if row.table == "inbound_messages" and row.values["kind"] != "report":
            tables = {by_key[key].table for key in linked(rows, row)}
            assert tables <= {"inbound_messages"}, tables


def test_nothing_that_was_entered_is_found_in_files_or_logs(world: World, logged: list[str]) -> None:
    haystacks: list[bytes] = [line.encode() for line in logged]
    if parts_of(world.app).database.is_sqlite:
        files = [path for path in sorted(world.folder.rglob("*")) if path.is_file()]
        assert {file.suffix for file in files} >= {".db", ".db-wal", ".db-shm"}
        haystacks += [file.read_bytes() for file in files]
    haystacks += [_as_bytes(value) for row in world.rows() for value in row.values.values()]
    assert len(world.words) > 40
    assert found_in(haystacks, world.words) == []


def test_the_search_finds_what_is_there() -> None:
    """The test above is worth nothing if it can't find."""
    for word in ("person.declined1@example.net", "страх за родину"):
        for how, needle in disguises(word).items():
            assert found_in([b"xx" + needle + b"yy"], [word]), how
        assert ("base64 at 1" in disguises(word)) is True


def test_the_raw_database_does_not_know_a_declined_person(world: World) -> None:
    """Nobody's row in the directory was touched by what they answered."""
    with world.app.app_context(), parts_of(world.app).database.reading() as session:
        touched = session.scalars(select(Signatory.public_id).where(Signatory.changed_at != Signatory.created_at))
        assert list(touched) == []
        assert session.scalars(select(Statement.state)).one() is StatementState.OPEN


def _as_bytes(value: Any) -> bytes:
    return bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()


def test_the_audit_of_an_invitation_is_as_long_for_every_answer(world: World) -> None:
    """Its first entries stand in the order of the invitations, so later ones under the same digest would tell."""
    rows = world.rows()
    with world.app.app_context(), parts_of(world.app).database.reading() as session:
        numbers = {
            sum(bytes(row.values["subject_key"]) == key for row in rows if row.table == "audit_entries")
            for guests in world.guests.values()
            for guest in guests
            for key in [blind_index(session, "audit subject", guest.invitation)]
        }
    assert numbers == {2}, "prepared and asked, and nothing more"
