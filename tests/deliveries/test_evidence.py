"""The page of a delivery that is uncertain or came back: what is known, what could tell, and what a person may do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.base.sealing import Place, seal
from app.deliveries.actions import rule, try_again
from app.deliveries.evidence import Signs, clues
from app.deliveries.models import Delivery
from app.deliveries.queries import count_by_state, delivery
from app.deliveries.states import DeliveryRuling, DeliveryState, NotRefused, may_go_again, state_of
from app.mail.evidence import Evidence, record_proof
from app.mail.models import Mail, MailAttempt
from app.mail.states import MailState, Proof
from app.smtp.states import Trouble
from tests.factories.accounts import sign_in
from tests.factories.appeals import Scene, make_scene
from tests.factories.deliveries import make_deliveries
from tests.factories.parts import exchange

EVERY_SIGN = Signs(reads_inbox=True, has_witness=True, reads_log=True)


@pytest.fixture
def scene(app: Flask, database: Database) -> Scene:
    with app.app_context(), database.writing() as session:
        return make_scene(session, recipients=1)


@pytest.fixture
def client(app: Flask, scene: Scene) -> FlaskClient:
    return sign_in(app.test_client(), app, scene.coordinator)


def _released(app: Flask, database: Database, scene: Scene, mail: MailState) -> Delivery:
    with app.app_context(), database.writing() as session:
        (row,) = make_deliveries(session, scene, mail=mail)
    return row


def _prove(
    database: Database, row: Delivery, proof: Proof, status: str = "", words: str = "", source: str = "r"
) -> None:
    with database.writing() as session:
        assert record_proof(session, row.mail_id, proof, status, source, words)


def _state(database: Database, scene: Scene) -> DeliveryState:
    with database.reading() as session:
        counts = count_by_state(session, scene.statement.id)
    return next(state for state, number in counts.items() if number)


def _attempt(session: Session, row: Delivery, code: int | None, answer: str, *answers: list[object]) -> None:
    mail_id = session.query(Mail.id).filter_by(public_id=row.mail_id).scalar()
    at = clock.now()
    attempt = MailAttempt(
        mail_id=mail_id, number=1, server="relay.example.org", started_at=at, finished_at=at, code=code
    )
    said = {"answer": answer, "answers": list(answers)}
    attempt.answer_sealed = seal(session, Place("mail_attempts", "answer_sealed", attempt.public_id), said)
    session.add(attempt)


@pytest.mark.parametrize("mail", MailState)
def test_every_state_of_a_mail_is_one_of_its_delivery(mail: MailState) -> None:
    assert state_of(mail).label


def test_uncertain_delivery_shows_how_far_it_came(
    app: Flask, database: Database, scene: Scene, client: FlaskClient
) -> None:
    row = _released(app, database, scene, MailState.UNCERTAIN)
    url = f"/desk/deliveries/{row.public_id}"
    assert "The hand-over was interrupted before an answer was written down" in client.get(url).text
    with database.writing() as session:
        _attempt(
            session, row, None, "The connection broke", ["minister@office.example.org", 250, "2.1.5 recipient ok"],
            ["archive@example.org", 451, "4.3.0 later"],
        )  # fmt: skip
    page = client.get(url).text
    assert "The whole letter had been sent when the connection broke, before the server answered." in page
    assert "was interrupted before" not in page
    for part in ("relay.example.org", "minister@office.example.org", "250 2.1.5 recipient ok", "451 4.3.0 later"):
        assert part in page
    for sign in ("No mailbox is read here", "It can’t be read from here", "No archive mailbox is set up"):
        assert sign in page
    assert "Record the decision" in page


@pytest.mark.parametrize(
    ("proofs", "told"),
    [
        ([], ["None has come so far", "has not told of this letter so far", "It has not arrived"]),
        ([Proof.RELAYED], ["It has come.", "has not told", "It has not arrived"]),
        ([Proof.WITNESSED], ["None has come", "has not told", "It has arrived, so the mail server took the letter."]),
    ],
)
def test_each_sign_says_what_it_told_or_what_its_silence_means(proofs: list[Proof], told: list[str]) -> None:
    evidence = [Evidence(proof, "", "report", "", clock.now()) for proof in proofs]
    assert all(part in clue.words for part, clue in zip(told, clues(evidence, EVERY_SIGN), strict=True))


def test_log_that_told_is_named() -> None:
    (_receipt, log, _witness) = clues([Evidence(Proof.LOGGED, "2.0.0", "log", "sent", clock.now())], EVERY_SIGN)
    assert log.words.startswith("It tells of this letter")


def test_witness_without_a_reader_says_where_to_look() -> None:
    assert "Look into the archive mailbox" in clues([], Signs(has_witness=True))[2].words


def test_receipt_settles_an_uncertain_delivery(
    app: Flask, database: Database, scene: Scene, client: FlaskClient
) -> None:
    row = _released(app, database, scene, MailState.UNCERTAIN)
    _prove(database, row, Proof.DELIVERED, "2.0.0", "250 stored in the mailbox")
    assert _state(database, scene) is DeliveryState.HANDED_OVER
    page = client.get(f"/desk/deliveries/{row.public_id}").text
    assert "A receipt: it reached the mailbox" in page
    assert "250 stored in the mailbox" in page
    assert "Record the decision" not in page


@pytest.mark.parametrize(
    ("status", "trouble", "helps", "goes_again"),
    [
        ("5.1.1", "says that there is no such address", "Find out the right address", False),
        ("5.3.4", "takes no letter of this size", "how it wants to get the documents", False),
        ("4.2.2", "The mailbox of the office is full", "once there is room", True),
        ("5.7.1", "takes us for a sender of unwanted mail", "let us through", True),
        ("5.0.0", "The server refused it", "A mail server on the way gave up", True),
    ],
)
def test_letter_that_came_back_says_why_and_what_helps(
    app: Flask, database: Database, scene: Scene, client: FlaskClient,
    status: str, trouble: str, helps: str, goes_again: bool,
) -> None:  # fmt: skip
    row = _released(app, database, scene, MailState.ACCEPTED)
    _prove(database, row, Proof.BOUNCED_HARD, status, f"550 {status} canary words")
    assert _state(database, scene) is DeliveryState.BOUNCED
    listed = client.get(f"/desk/statements/{scene.statement.public_id}/deliveries").text
    assert "1 letter came back" in listed
    assert "Came back undelivered" in listed
    url = f"/desk/deliveries/{row.public_id}"
    page = client.get(url).text
    for part in (trouble, helps, f"({status})", "canary words"):
        assert part in page
    assert ("Try once more" in page) is goes_again
    assert client.post(f"{url}/again").status_code == (303 if goes_again else 409)
    assert _state(database, scene) is (DeliveryState.PLANNED if goes_again else DeliveryState.BOUNCED)
    assert client.post(f"{url}/again").status_code == 409


def test_letter_held_back_for_earlier_bounces_goes_when_a_person_says_so(
    app: Flask, database: Database, scene: Scene, client: FlaskClient
) -> None:
    row = _released(app, database, scene, MailState.DROPPED)
    url = f"/desk/deliveries/{row.public_id}"
    assert client.post(f"{url}/again").status_code == 409
    with database.writing() as session:
        session.execute(update(Mail).where(Mail.public_id == row.mail_id).values(trouble=Trouble.BOUNCING))
    page = client.get(url).text
    assert "Earlier mail to this address came back" in page
    assert "Try once more" in page
    assert client.post(f"{url}/again").status_code == 303
    assert _state(database, scene) is DeliveryState.PLANNED


def test_page_and_action_agree_on_what_may_go_again(session: Session) -> None:
    (row,) = make_deliveries(session, make_scene(session, recipients=1))
    mail = update(Mail).where(Mail.public_id == row.mail_id)
    # What came back always has a reason.
    every = [(state, trouble) for state in MailState for trouble in (None, *Trouble)]
    for state, trouble in set(every) - {(MailState.BOUNCED, None)}:
        session.execute(mail.values(state=state, trouble=trouble))
        if may_go_again(state, trouble):
            try_again(session, "somebody", row)
        else:
            with pytest.raises(NotRefused):
                try_again(session, "somebody", row)


def test_evidence_against_a_decision_is_shown_and_changes_nothing(
    app: Flask, database: Database, scene: Scene, client: FlaskClient
) -> None:
    row = _released(app, database, scene, MailState.UNCERTAIN)
    with database.writing() as session:
        found = delivery(session, row.public_id)
        rule(session, scene.coordinator.public_id, found, DeliveryRuling.AGAIN, "Nobody there has seen it.")
    clock.advance(minutes=5)
    _prove(database, row, Proof.DELIVERED, "2.0.0")
    assert _state(database, scene) is DeliveryState.PLANNED
    page = client.get(f"/desk/deliveries/{row.public_id}").text
    assert "This speaks against the decision" in page
    assert "Nobody there has seen it." in page


def test_bounce_after_it_was_said_to_have_arrived_counts(
    app: Flask, database: Database, scene: Scene, client: FlaskClient
) -> None:
    row = _released(app, database, scene, MailState.UNCERTAIN)
    with database.writing() as session:
        found = delivery(session, row.public_id)
        rule(session, scene.coordinator.public_id, found, DeliveryRuling.ARRIVED, "They said so.")
    clock.advance(minutes=5)
    _prove(database, row, Proof.BOUNCED_SOFT, "4.2.2")
    assert _state(database, scene) is DeliveryState.BOUNCED
    assert "This speaks against the decision" in client.get(f"/desk/deliveries/{row.public_id}").text


def test_configured_signs_reach_the_page(app: Flask, database: Database, scene: Scene, client: FlaskClient) -> None:
    row = _released(app, database, scene, MailState.UNCERTAIN)
    settings = replace(
        parts_of(app).settings, relay_log="/var/log/mail.log", witness_address="archive@example.org",
        inbox_url="imap://reader:secret@127.0.0.1/INBOX",
    )  # fmt: skip
    exchange(app, settings=settings)
    page = client.get(f"/desk/deliveries/{row.public_id}").text
    assert "It is searched for the Message-ID every minute" in page
    assert "secret" not in page
