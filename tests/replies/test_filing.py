"""Incoming mail: filed where that is certain, held where it is not, never twice, and never a notice as an answer."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.appeals.queries import letters_by_id
from app.audit.queries import history_of
from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.campaigns.models import Campaign
from app.deliveries.models import Delivery
from app.inbox.models import InboundMessage
from app.inbox.states import InboundState
from app.mail.models import Mail
from app.mail.return_paths import reply_address
from app.mail.states import MailState
from app.replies import filing, jobs, queries
from app.replies.actions import ReplyFacts, correct_reply
from app.replies.held import Incoming, held_page, incoming
from app.replies.jobs import match_replies, remind_of_replies
from app.replies.models import Reply, ReplyKind
from app.replies.queries import replies_of_campaign, words_of_reply
from app.statements.queries import statement_by_public_id
from app.statements.states import StatementState
from tests.factories.appeals import Scene, make_scene
from tests.factories.deliveries import make_deliveries
from tests.factories.inbound import make_inbound, write_message
from tests.factories.ports import exchange_ports
from tests.servers.databases import files_of

PATTERN = "replies+{}@example.org"


@dataclass
class Stage:
    """A delivered letter, and the job that looks into what came in."""

    app: Flask
    database: Database
    scene: Scene
    delivery: str
    mark: str  # the address with the letter's mark
    message_id: str
    office: str

    def receive(self, **facts: object) -> str:
        state = facts.pop("state", InboundState.WAITING)
        envelope_to = str(facts.pop("envelope_to", ""))
        with self.app.app_context(), self.database.writing() as session:
            return make_inbound(session, write_message(**facts), state=state, envelope_to=envelope_to)  # type: ignore[arg-type]

    def match(self) -> None:
        match_replies(self.app)

    def replies(self) -> list[tuple[ReplyKind, str]]:
        with self.app.app_context(), self.database.reading() as session:
            rows = session.scalars(select(Reply).order_by(Reply.id)).all()
            return [(row.kind, words_of_reply(session, row, "test").text) for row in rows]

    def state_of(self, message: str) -> InboundState:
        with self.database.reading() as session:
            return session.scalars(select(InboundMessage.state).where(InboundMessage.public_id == message)).one()

    def statement_state(self) -> StatementState:
        with self.database.reading() as session:
            return statement_by_public_id(session, self.scene.statement.public_id).state

    def mail_is(self, state: MailState) -> None:
        with self.database.writing() as session:
            session.execute(update(Mail).where(Mail.kind == "appeal letter").values(state=state))


def _stage(app: Flask) -> Stage:
    database: Database = parts_of(app).database
    exchange_ports(database, reply_address=PATTERN)
    with app.app_context(), database.writing() as session:
        scene = make_scene(session)
        (delivery,) = make_deliveries(session, scene, mail=MailState.ACCEPTED)
        letter = letters_by_id(session, [delivery.letter_id], "test")[delivery.letter_id]
        mark = reply_address(session, letter.public_id)
        return Stage(app, database, scene, delivery.public_id, mark, letter.message_id, letter.to_address)


@pytest.fixture
def stage(either_app: Flask) -> Stage:
    return _stage(either_app)


@pytest.fixture
def one(app: Flask) -> Stage:
    """The same on SQLite alone."""
    return _stage(app)


def test_answer_with_the_mark_is_filed_as_not_read_yet(stage: Stage) -> None:
    message = stage.receive(to=stage.mark, sender=f"The office <{stage.office}>", text="Noted.\n\n> Your letter\n")
    stage.match()
    assert stage.replies() == [(ReplyKind.UNREAD, "Noted.\n\n> Your letter")]
    assert stage.state_of(message) is InboundState.FILED
    with stage.app.app_context(), stage.database.reading() as session:
        (row,) = replies_of_campaign(session, stage.scene.campaign.id)
        assert (row.delivery, row.recorded_by, row.public_summary) == (stage.delivery, "system", "")
        words = words_of_reply(session, session.scalars(select(Reply)).one(), "test")
        assert (words.sender, words.sender_name, words.is_from_elsewhere) == (stage.office, "The office", False)
        (entry,) = history_of(session, row.public_id)
        assert entry.action == "reply.filed"
        assert stage.office not in str(entry)


def test_nobody_has_read_it_so_nothing_is_said_in_public(one: Stage) -> None:
    one.receive(to=one.mark)
    one.match()
    assert one.statement_state() is StatementState.CLOSED


@pytest.mark.parametrize("where", ["envelope_to", "upper", "refers_to"])
def test_mark_and_reference_are_found_where_servers_leave_them(one: Stage, where: str) -> None:
    facts = {
        "envelope_to": {"envelope_to": one.mark},
        "upper": {"to": one.mark.upper()},
        "refers_to": {"refers_to": f"<other@example.org> {one.message_id}"},
    }
    one.receive(**facts[where])
    one.match()
    assert [kind for kind, _text in one.replies()] == [ReplyKind.UNREAD]


def test_automatic_answer_is_a_notice_and_no_reply(one: Stage) -> None:
    one.receive(to=one.mark, automatic=True, subject="Out of office", text="I am away.")
    one.match()
    assert one.replies() == [(ReplyKind.OUT_OF_OFFICE, "I am away.")]
    assert one.statement_state() is StatementState.CLOSED
    with one.database.reading() as session:
        assert session.scalars(select(Mail).where(Mail.kind == "new replies")).all() == []


def test_other_domain_is_filed_with_a_note(one: Stage) -> None:
    one.receive(to=one.mark, sender="someone@elsewhere.example.net")
    one.match()
    with one.app.app_context(), one.database.reading() as session:
        assert words_of_reply(session, session.scalars(select(Reply)).one(), "test").is_from_elsewhere


@pytest.mark.parametrize("to", ["replies+aaaa@example.org", "appeals@example.org"])
def test_unknown_mail_is_held_and_never_filed_by_a_guess(one: Stage, to: str) -> None:
    message = one.receive(to=to, sender="stranger@elsewhere.example.net", subject="Hello")
    likely = one.receive(to=to, sender=one.office, subject="Your appeal")
    one.match()
    assert one.replies() == []
    assert [one.state_of(message), one.state_of(likely)] == [InboundState.HELD, InboundState.HELD]


def test_forged_mark_is_worth_nothing(one: Stage) -> None:
    local, _at, domain = one.mark.partition("@")
    one.receive(to=f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}")
    one.match()
    assert one.replies() == []


def test_matching_twice_files_once(stage: Stage) -> None:
    stage.receive(to=stage.mark)
    stage.match()
    stage.match()
    assert len(stage.replies()) == 1


def test_two_at_once_file_once(stage: Stage) -> None:
    message = stage.receive(to=stage.mark)
    with stage.app.app_context(), stage.database.reading() as session:
        found = opened(session, message)
    for _ in range(2):
        with stage.app.app_context(), stage.database.writing() as session:
            filing.match(session, found)
    assert len(stage.replies()) == 1


def test_answer_that_is_quicker_than_the_worker_waits_for_it(one: Stage) -> None:
    one.mail_is(MailState.HANDING_OVER)
    message = one.receive(to=one.mark)
    one.match()
    assert one.state_of(message) is InboundState.WAITING
    one.mail_is(MailState.ACCEPTED)
    one.match()
    assert one.state_of(message) is InboundState.FILED


def test_answer_to_a_letter_that_never_left_is_held(one: Stage) -> None:
    one.mail_is(MailState.HANDING_OVER)
    clock.freeze(clock.now())
    message = one.receive(to=one.mark)
    clock.advance(hours=2)
    one.match()
    assert one.state_of(message) is InboundState.HELD


def test_a_person_who_says_what_it_is_has_read_it(one: Stage) -> None:
    one.receive(to=one.mark, text="The Minister agrees.")
    one.match()
    with one.app.app_context(), one.database.writing() as session:
        reply = session.scalars(select(Reply)).one()
        correct_reply(
            session,
            one.scene.owner.public_id,
            reply,
            ReplyFacts(ReplyKind.ANSWER, reply.received_on, "", "They agree."),
        )
    assert one.replies() == [(ReplyKind.ANSWER, "The Minister agrees.")]
    assert one.statement_state() is StatementState.DELIVERED


def test_put_back_is_held_again_and_can_be_filed_by_hand(one: Stage) -> None:
    message = one.receive(to=one.mark)
    one.match()
    with one.app.app_context(), one.database.writing() as session:
        filing.put_back(session, one.scene.owner.public_id, session.scalars(select(Reply)).one())
    assert one.replies() == []
    assert one.state_of(message) is InboundState.HELD
    with one.app.app_context(), one.database.writing() as session:
        delivery = session.scalars(select(Delivery)).one()
        found = opened(session, message)
        filing.file_held(session, one.scene.owner.public_id, found, delivery, ReplyKind.ANSWER)
    assert [kind for kind, _text in one.replies()] == [ReplyKind.ANSWER]
    assert one.statement_state() is StatementState.DELIVERED


def test_seized_database_tells_nobody_who_answered_what(one: Stage) -> None:
    words = {
        "sender": "Ida Informant <ida@ministry.example.org>",
        "subject": "Concerning-Ida",
        "text": "Ida-wrote-this",
    }
    one.receive(to=one.mark, files={"paper-of-ida.pdf": b"bytes-of-ida"}, **words)
    one.receive(**words)
    one.match()
    assert [text for _kind, text in one.replies()] == ["Ida-wrote-this"]
    one.database.engine.dispose()
    raw = b"".join(path.read_bytes() for path in files_of(one.database))
    assert one.delivery.encode() in raw, "what is in the clear is found"
    assert [word for word in (b"Ida", b"ida@", b"bytes-of-ida", b"paper-of-ida") if word in raw] == []


def test_log_names_no_sender(one: Stage, capfd: pytest.CaptureFixture[str]) -> None:
    message = one.receive(to=one.mark, sender="Ida Informant <ida@ministry.example.org>", subject="Concerning-Ida")
    with one.database.writing() as session:
        session.execute(
            update(InboundMessage).where(InboundMessage.public_id == message).values(raw_sealed=b"\x01 not an envelope")
        )
    one.match()
    said = "".join(capfd.readouterr())
    assert "replies.not_matched" in said
    assert "ida" not in said.lower()


def test_message_that_breaks_the_matching_is_held(one: Stage) -> None:
    message, other = one.receive(to=one.mark), one.receive(to=one.mark)
    with one.database.writing() as session:
        session.execute(
            update(InboundMessage).where(InboundMessage.public_id == message).values(raw_sealed=b"\x01 not an envelope")
        )
    one.match()
    assert [one.state_of(message), one.state_of(other)] == [InboundState.HELD, InboundState.FILED]


def test_message_whose_note_is_broken_is_held_and_can_be_read(one: Stage) -> None:
    """Not even holding it works in the usual way, since nobody can say whose it may be; those behind it still go on."""
    message, other = one.receive(to=one.mark), one.receive(to=one.mark)
    with one.database.writing() as session:
        broken = update(InboundMessage).where(InboundMessage.public_id == message)
        session.execute(broken.values(summary_sealed=b"\x01 not an envelope"))
    one.match()
    assert [one.state_of(message), one.state_of(other)] == [InboundState.HELD, InboundState.FILED]
    with one.app.app_context(), one.database.reading() as session:
        assert "We have received" in incoming(session, message, [InboundState.HELD], "test").contents.text
        assert [row.public_id for row in held_page(session, InboundState.HELD, None, []).items] == [message]


def test_message_that_the_database_can_not_take_keeps_none_waiting(one: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    message, other = one.receive(to=one.mark), one.receive(to=one.mark)

    def fail(session: Session, found: Incoming) -> InboundState:
        if found.public_id == message:
            raise OperationalError("", {}, Exception())
        return filing.match(session, found)

    monkeypatch.setattr(jobs, "match", fail)
    one.match()
    assert [one.state_of(message), one.state_of(other)] == [InboundState.WAITING, InboundState.FILED]


def test_what_nobody_has_read_is_not_pushed_off_the_list(one: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The letter's reader can answer as often as they like, and a machine does."""
    monkeypatch.setattr(queries, "MOST_REPLIES", 2)
    one.receive(to=one.mark)
    for _ in range(3):
        one.receive(to=one.mark, automatic=True)
    one.match()
    with one.app.app_context(), one.database.reading() as session:
        campaign_id = session.scalars(select(Campaign.id)).one()
        kinds = [row.kind for row in replies_of_campaign(session, campaign_id)]
    assert kinds == [ReplyKind.UNREAD, ReplyKind.OUT_OF_OFFICE]


def told(stage: Stage) -> int:
    with stage.database.reading() as session:
        return len(session.scalars(select(Mail.id).where(Mail.kind == "new replies")).all())


def test_owners_coordinators_and_the_contact_are_told_once_a_day(stage: Stage) -> None:
    clock.freeze(clock.now().replace(hour=9))
    for _ in range(3):
        stage.receive(to=stage.mark)
        stage.match()
    assert told(stage) == 3  # owner, coordinator and contact; the approver records no replies
    clock.advance(days=1)
    remind_of_replies(stage.app)
    remind_of_replies(stage.app)
    assert told(stage) == 6
    clock.advance(days=1)
    remind_of_replies(stage.app)
    assert told(stage) == 6


def test_those_whose_mail_may_be_held_are_told(one: Stage) -> None:
    one.receive(sender=one.office, subject="Your appeal")
    one.receive(sender="stranger@elsewhere.example.net", subject="Hello")
    one.match()
    assert told(one) == 2


def opened(session: Session, message: str) -> Incoming:
    return incoming(session, message, [InboundState.WAITING, InboundState.HELD], "test")
