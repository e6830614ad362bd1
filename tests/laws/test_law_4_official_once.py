"""Law 4: the machine hands nothing official over twice, whichever process dies when, and however many press at once."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import create_app
from app.appeals.models import Appeal, AppealLetter, AppealState
from app.appeals.queries import frozen_letter, letters_of, message_place
from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.base.sealing import seal_bytes
from app.deliveries.actions import hand_over, rule, try_again
from app.deliveries.models import Delivery
from app.deliveries.queries import deliveries_of
from app.deliveries.states import DeliveryNotUncertain, DeliveryRuling, DeliveryState, NotRefused
from app.mail.models import Mail
from app.mail.sending.worker import Worker, send_due
from app.mail.states import LEASE, MailState
from config import Settings
from tests.factories.appeals import Scene, make_appeal, make_scene
from tests.servers.smtp import SmtpServer

pytestmark = pytest.mark.usefixtures("smtp_server")

# The worker as a process of its own, so that it can be killed without a word.
WORKING = """
import sys
from pathlib import Path
from app import create_app
from app.mail.sending.worker import send_due
from config import Settings
url, key, mail, state = sys.argv[1:]
settings = Settings(database_url=url, key_file=Path(key), public_url="http://localhost", mail_url=mail,
                    mail_from="appeals@example.org", state_directory=Path(state))
send_due(create_app(settings))
"""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def law_settings(request: pytest.FixtureRequest, settings: Settings, smtp_server: SmtpServer) -> Settings:
    if request.param == "postgres":
        settings = replace(settings, database_url=request.getfixturevalue("postgres_database_url"))
    return replace(settings, mail_url=smtp_server.url)


@pytest.fixture
def law_app(law_settings: Settings) -> Iterator[Flask]:
    app = create_app(law_settings)
    with app.app_context():
        yield app
    parts_of(app).database.engine.dispose()


def database_of(app: Flask) -> Database:
    found: Database = parts_of(app).database
    return found


def approved_appeal(app: Flask, recipients: int = 1) -> tuple[Scene, str, str]:
    with database_of(app).writing() as session:
        scene = make_scene(session, recipients=recipients)
        appeal = make_appeal(session, scene, approved=True)
        session.execute(update(Mail).values(state=MailState.DROPPED))  # the receipts of those who signed
    return scene, appeal.public_id, appeal.manifest_sha256


def released(app: Flask, recipients: int = 1) -> Scene:
    scene, appeal, manifest = approved_appeal(app, recipients)
    with database_of(app).writing() as session:
        hand_over(session, scene.coordinator.public_id, appeal, manifest)
    return scene


def states_of(app: Flask, scene: Scene) -> list[DeliveryState]:
    with database_of(app).reading() as session:
        return [row.state for row in deliveries_of(session, scene.statement.id, "test")]


def at_once(number: int, act: Callable[[], None]) -> list[BaseException]:
    """Run an act in several threads that start together; return what they raised."""
    barrier = threading.Barrier(number)
    raised: list[BaseException] = []

    def run() -> None:
        barrier.wait()
        try:
            act()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test looks at it
            raised.append(error)

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def worker_process(settings: Settings) -> subprocess.Popen[bytes]:
    arguments = [settings.database_url, str(settings.key_file), settings.mail_url, str(settings.state_directory)]
    return subprocess.Popen([sys.executable, "-c", WORKING, *arguments])


def kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


def wait_for_state(app: Flask, scene: Scene, *wanted: MailState, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with database_of(app).reading() as session:
            rows = deliveries_of(session, scene.statement.id, "test")
        if rows and rows[0].fate.state in wanted:
            return
        threading.Event().wait(0.05)
    raise AssertionError(f"never came to {wanted}")


def test_release_by_many_at_once_hands_over_once(law_app: Flask, smtp_server: SmtpServer) -> None:
    scene, appeal, manifest = approved_appeal(law_app, recipients=3)

    def release() -> None:
        with law_app.app_context(), database_of(law_app).writing() as session:
            hand_over(session, scene.coordinator.public_id, appeal, manifest)

    assert at_once(6, release) == []
    at_once(3, lambda: _work(law_app))
    assert smtp_server.count() == 3
    assert len({received.message["Message-ID"] for received in smtp_server.received}) == 3
    with database_of(law_app).reading() as session:
        assert session.scalar(select(func.count()).select_from(Delivery)) == 3


def test_release_again_later_queues_nothing(law_app: Flask, smtp_server: SmtpServer) -> None:
    scene, appeal, manifest = approved_appeal(law_app)
    for _ in range(3):
        with database_of(law_app).writing() as session:
            (row,) = hand_over(session, scene.coordinator.public_id, appeal, manifest)
        send_due(law_app)
    assert smtp_server.count() == 1
    assert row.mail_id
    assert states_of(law_app, scene) == [DeliveryState.HANDED_OVER]


def test_what_arrives_is_what_was_approved(law_app: Flask, smtp_server: SmtpServer) -> None:
    scene = released(law_app)
    send_due(law_app)
    with database_of(law_app).reading() as session:
        (row,) = deliveries_of(session, scene.statement.id, "test")
        frozen = frozen_letter(session, row.letter.public_id, "test")
    (received,) = smtp_server.received
    assert received.recipients == (row.letter.to_address,)
    assert hashlib.sha256(frozen.message).hexdigest() == row.letter.sha256
    assert received.source.rstrip(b"\r\n") == frozen.message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n").rstrip(
        b"\r\n"
    )
    assert received.message["Message-ID"] == row.fate.message_id == row.letter.message_id


def test_crash_before_commit_leaves_nothing(law_app: Flask, smtp_server: SmtpServer) -> None:
    scene, appeal, manifest = approved_appeal(law_app)

    def die() -> None:
        with database_of(law_app).writing() as session:
            hand_over(session, scene.coordinator.public_id, appeal, manifest)
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        die()
    send_due(law_app)
    assert smtp_server.count() == 0
    with database_of(law_app).reading() as session:
        assert session.scalars(select(Appeal.state)).one() is AppealState.APPROVED
        assert session.scalar(select(func.count()).select_from(Delivery)) == 0


def test_worker_killed_before_data_tries_again(law_settings: Settings, law_app: Flask, smtp_server: SmtpServer) -> None:
    scene = released(law_app)
    smtp_server.answer("RCPT", "250 OK", times=1, after_seconds=30)
    process = worker_process(law_settings)
    wait_for_state(law_app, scene, MailState.CLAIMED)
    kill(process)
    smtp_server.clear()
    clock.advance(seconds=LEASE.total_seconds() + 1)
    Worker(law_app).sweep()
    assert send_due(law_app) == 1
    assert smtp_server.count() == 1
    assert states_of(law_app, scene) == [DeliveryState.HANDED_OVER]


def test_worker_killed_after_data_leaves_it_to_a_person(
    law_settings: Settings, law_app: Flask, smtp_server: SmtpServer
) -> None:
    scene = released(law_app)
    smtp_server.answer("DATA", "250 queued", keep=True, times=1, after_seconds=30)
    process = worker_process(law_settings)
    first = smtp_server.await_messages(1, 30)[0]
    kill(process)
    for _ in range(3):
        clock.advance(seconds=LEASE.total_seconds() + 1)
        Worker(law_app).sweep()
        assert send_due(law_app) == 0
    assert states_of(law_app, scene) == [DeliveryState.UNCERTAIN]
    assert smtp_server.count() == 1
    _decide(law_app, scene, DeliveryRuling.AGAIN)
    assert send_due(law_app) == 1
    again = smtp_server.received[-1]
    assert smtp_server.count() == 2
    assert again.source == first.source
    assert states_of(law_app, scene) == [DeliveryState.HANDED_OVER]


def test_silence_after_data_is_uncertain_and_can_be_settled(law_app: Flask, smtp_server: SmtpServer) -> None:
    scene = released(law_app)
    smtp_server.answer("DATA", None, keep=True, times=1)
    send_due(law_app)
    clock.advance(seconds=timedelta(days=3).total_seconds())
    Worker(law_app).sweep()
    assert send_due(law_app) == 0
    assert states_of(law_app, scene) == [DeliveryState.UNCERTAIN]
    _decide(law_app, scene, DeliveryRuling.ARRIVED)
    assert send_due(law_app) == 0
    assert states_of(law_app, scene) == [DeliveryState.HANDED_OVER]
    assert smtp_server.count() == 1


def test_decision_by_two_at_once_counts_once(law_app: Flask, smtp_server: SmtpServer) -> None:
    scene = released(law_app)
    smtp_server.answer("DATA", None, keep=True, times=1)
    send_due(law_app)
    raised = at_once(4, lambda: _decide(law_app, scene, DeliveryRuling.AGAIN))
    assert [type(error) for error in raised] == [DeliveryNotUncertain] * 3
    assert send_due(law_app) == 1
    assert smtp_server.count() == 2


def test_what_was_handed_over_cannot_be_tried_again(law_app: Flask, smtp_server: SmtpServer) -> None:
    released(law_app)
    send_due(law_app)
    with database_of(law_app).writing() as session:
        row = session.scalars(select(Delivery)).one()
        with pytest.raises(NotRefused):
            try_again(session, "somebody", row)
    assert smtp_server.count() == 1


def test_bytes_altered_after_release_never_leave(law_app: Flask, smtp_server: SmtpServer) -> None:
    scene = released(law_app)
    with database_of(law_app).writing() as session:
        _alter(session, scene)
    send_due(law_app)
    assert smtp_server.count() == 0
    assert states_of(law_app, scene) == [DeliveryState.REFUSED]


def test_letter_that_was_not_released_never_leaves(law_app: Flask, smtp_server: SmtpServer) -> None:
    scene = released(law_app)
    with database_of(law_app).writing() as session:
        session.execute(update(Appeal).values(state=AppealState.APPROVED))
    send_due(law_app)
    assert smtp_server.count() == 0
    assert states_of(law_app, scene) == [DeliveryState.REFUSED]


def test_database_knows_one_release_and_one_delivery(session: Session) -> None:
    scene = make_scene(session)
    first = make_appeal(session, scene)
    second = make_appeal(session, scene, released=True)
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(update(Appeal).where(Appeal.id == first.id).values(state=AppealState.RELEASED))
    letter = session.scalars(select(AppealLetter).where(AppealLetter.appeal_id == second.id)).one()
    values = {"appeal_id": second.id, "letter_id": letter.id, "mail_id": "x", "created_at": clock.now()}
    session.add(Delivery(**values))
    session.flush()
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(insert(Delivery).values(public_id="another", **values))


def _work(app: Flask) -> None:
    send_due(app)


def _decide(app: Flask, scene: Scene, ruling: DeliveryRuling) -> None:
    with app.app_context(), database_of(app).writing() as session:
        row = session.scalars(select(Delivery).order_by(Delivery.id)).first()
        assert row is not None
        rule(session, scene.coordinator.public_id, row, ruling, "The office was asked on the telephone.")


def _alter(session: Session, scene: Scene) -> None:
    appeal = session.scalars(select(Appeal).where(Appeal.statement_id == scene.statement.id)).one()
    (letter,) = letters_of(session, appeal.id, "test")
    message = frozen_letter(session, letter.public_id, "test").message.replace(b"Subject: ", b"Subject: X", 1)
    sealed = seal_bytes(session, message_place(letter.public_id), message)
    session.execute(update(AppealLetter).where(AppealLetter.id == letter.id).values(message_sealed=sealed))
