"""The desk's pages for handing over: release, deliveries with their proof, decisions about what is uncertain."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.appeals.actions import approve
from app.appeals.queries import sha256_of
from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.campaigns.states import Role
from app.deliveries.actions import hand_over
from app.deliveries.queries import DeliveryRow, count_by_state, deliveries_of
from app.deliveries.states import DeliveryState
from app.mail.evidence import record_proof, settle_known
from app.mail.models import Mail
from app.mail.sending.worker import Worker
from app.mail.states import MailState, Proof
from app.statements.queries import statement_by_public_id
from app.statements.states import StatementState
from app.visibility.states import Visibility
from config import Settings
from tests.factories.accounts import sign_in
from tests.factories.appeals import NAMES, Scene, make_appeal, make_scene
from tests.factories.campaigns import make_member
from tests.factories.deliveries import make_deliveries
from tests.servers.databases import Lend, files_of
from tests.servers.smtp import SmtpServer


@dataclass(frozen=True)
class Stage:
    """A scene that was committed, on an application whose mail goes to a real server."""

    app: Flask
    scene: Scene

    @property
    def database(self) -> Database:
        found: Database = parts_of(self.app).database
        return found

    def as_(self, organiser: Organiser) -> FlaskClient:
        return sign_in(self.app.test_client(), self.app, organiser)

    def release(self, mail: MailState = MailState.QUEUED) -> DeliveryRow:
        with self.app.app_context(), self.database.writing() as session:
            session.execute(update(Mail).values(state=MailState.DROPPED))
            make_deliveries(session, self.scene, mail=mail)
        return self.row()

    def work(self) -> None:
        with closing(Worker(self.app)) as worker:
            worker.sweep()
            worker.work_off()

    def row(self) -> DeliveryRow:
        with self.database.reading() as session:
            return deliveries_of(session, self.scene.statement.id, "test")[0]

    @property
    def list_url(self) -> str:
        return f"/desk/statements/{self.scene.statement.public_id}/deliveries"


@pytest.fixture
def stage(lend: Lend, settings: Settings, smtp_server: SmtpServer) -> Iterator[Stage]:
    with lend(replace(settings, mail_url=smtp_server.url)) as app:
        with app.app_context(), parts_of(app).database.writing() as session:
            scene = make_scene(session, recipients=1)
        yield Stage(app, scene)


def test_release_needs_the_box_and_an_approval(stage: Stage) -> None:
    with stage.app.app_context(), stage.database.writing() as session:
        appeal = make_appeal(session, stage.scene)
    coordinator, url = stage.as_(stage.scene.coordinator), f"/desk/appeals/{appeal.public_id}/release"
    assert "Not approved" in coordinator.get(url).text
    seen = {"manifest": appeal.manifest_sha256}
    assert coordinator.post(url, data=seen).status_code == 422
    refused = coordinator.post(url, data={**seen, "understood": "y"})
    assert refused.status_code == 409
    assert "Nobody has approved the appeal as it is now" in refused.text


def test_release_and_watch_it_arrive(stage: Stage, smtp_server: SmtpServer) -> None:
    with stage.app.app_context(), stage.database.writing() as session:
        session.execute(update(Mail).values(state=MailState.DROPPED))
        appeal = make_appeal(session, stage.scene, approved=True)
    coordinator, url = stage.as_(stage.scene.coordinator), f"/desk/appeals/{appeal.public_id}/release"
    asked = coordinator.get(url).text
    assert "1 letter goes out now" in asked
    data = {"manifest": appeal.manifest_sha256, "understood": "y"}
    for _ in range(2):
        assert coordinator.post(url, data=data).location == stage.list_url
    assert "On its way" in coordinator.get(stage.list_url).text
    stage.work()
    page = coordinator.get(stage.list_url).text
    assert "Handed over" in page
    assert "Mark it as delivered" in page
    row = stage.row()
    shown = coordinator.get(f"/desk/deliveries/{row.public_id}").text
    for evidence in ("250", "2.0.0 queued as 1", row.fate.message_id.strip("<>"), "Download exactly what was frozen"):
        assert evidence in shown
    frozen = coordinator.get(f"/desk/deliveries/{row.public_id}/letter.eml").data
    assert sha256_of(frozen) == row.letter.sha256
    assert smtp_server.count() == 1


def test_statement_is_delivered_once_a_server_took_it(stage: Stage) -> None:
    stage.release()
    coordinator = stage.as_(stage.scene.coordinator)
    url = f"/desk/statements/{stage.scene.statement.public_id}/delivered"
    assert coordinator.post(url).status_code == 409
    stage.work()
    for _ in range(2):
        assert coordinator.post(url).status_code == 303
    with stage.database.reading() as session:
        statement = statement_by_public_id(session, stage.scene.statement.public_id)
        assert statement.state is StatementState.DELIVERED
        assert count_by_state(session, statement.id)[DeliveryState.HANDED_OVER] == 1


def test_refused_mail_says_why_and_can_go_again(stage: Stage, smtp_server: SmtpServer) -> None:
    smtp_server.answer("RCPT", "550 5.1.1 no such mailbox", times=1)
    row = stage.release()
    stage.work()
    coordinator = stage.as_(stage.scene.coordinator)
    assert "1 letter was refused" in coordinator.get(stage.list_url).text
    shown = coordinator.get(f"/desk/deliveries/{row.public_id}").text
    assert "no such mailbox" in shown
    assert "Try once more" in shown
    assert coordinator.post(f"/desk/deliveries/{row.public_id}/again").status_code == 303
    stage.work()
    assert stage.row().state is DeliveryState.HANDED_OVER
    assert coordinator.post(f"/desk/deliveries/{row.public_id}/again").status_code == 409


def test_letter_that_came_back_goes_again_only_by_a_person(stage: Stage, smtp_server: SmtpServer) -> None:
    row = stage.release()
    stage.work()
    with stage.database.writing() as session:
        assert record_proof(session, row.fate.mail_id, Proof.BOUNCED_SOFT, "4.2.2", "report", "452 4.2.2 mailbox full")
    for _ in range(3):
        clock.advance(days=2)
        stage.work()
    assert stage.row().state is DeliveryState.BOUNCED
    assert smtp_server.count() == 1
    coordinator, url = stage.as_(stage.scene.coordinator), f"/desk/deliveries/{row.public_id}"
    assert [coordinator.post(f"{url}/again").status_code for _ in range(2)] == [303, 409]
    for _ in range(3):
        stage.work()
    assert smtp_server.count() == 2
    assert smtp_server.received[0].source == smtp_server.received[1].source
    assert stage.row().state is DeliveryState.HANDED_OVER
    # The report about the first copy tells nothing of the second.
    with stage.database.writing() as session:
        assert settle_known(session) == 0
    assert coordinator.post(f"{url}/again").status_code == 409


def test_uncertain_delivery_is_decided_by_a_person(stage: Stage) -> None:
    row = stage.release(MailState.UNCERTAIN)
    coordinator, url = stage.as_(stage.scene.coordinator), f"/desk/deliveries/{row.public_id}"
    assert "A decision is needed" in coordinator.get(stage.list_url).text
    assert "We never send an official letter twice by ourselves" in coordinator.get(url).text
    undecided = coordinator.post(f"{url}/ruling", data={"evidence": "They rang back."})
    assert undecided.status_code == 422
    assert "They rang back." in undecided.text
    decided = {"ruling": "arrived", "evidence": "They rang back."}
    assert coordinator.post(f"{url}/ruling", data=decided).status_code == 303
    assert "They rang back." in coordinator.get(url).text
    assert coordinator.post(f"{url}/ruling", data=decided).status_code == 409
    assert stage.row().state is DeliveryState.HANDED_OVER


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR, Role.APPROVER])
def test_roles_do_what_they_may(stage: Stage, role: Role) -> None:
    row = stage.release(MailState.UNCERTAIN)
    with stage.app.app_context(), stage.database.writing() as session:
        somebody = make_member(session, stage.scene.campaign, role)
    client, url = stage.as_(somebody), f"/desk/deliveries/{row.public_id}"
    reads = 200 if role is Role.APPROVER else 403
    for page in (stage.list_url, url, f"{url}/letter.eml"):
        assert client.get(page).status_code == reads
    for act in (f"{url}/ruling", f"{url}/again"):
        assert client.post(act, data={"ruling": "again", "evidence": "x"}).status_code == 403
    assert stage.row().state is DeliveryState.UNCERTAIN


def test_members_of_other_campaigns_find_nothing(stage: Stage) -> None:
    row = stage.release()
    with stage.app.app_context(), stage.database.writing() as session:
        stranger = _stranger(session)
    client = stage.as_(stranger)
    for page in (stage.list_url, f"/desk/deliveries/{row.public_id}", "/desk/deliveries/nothing"):
        assert client.get(page).status_code == 404


def _stranger(session: Session) -> Organiser:
    return make_scene(session, closed=False).owner


def test_raw_database_tells_no_recipient_note_or_hidden_name(stage: Stage) -> None:
    with stage.app.app_context(), stage.database.writing() as session:
        appeal = make_appeal(session, stage.scene)
        approve(session, stage.scene.approver.public_id, appeal.public_id, appeal.manifest_sha256, "Rang Ines twice")
        hand_over(session, stage.scene.coordinator.public_id, appeal.public_id, appeal.manifest_sha256)
    stage.work()
    row = stage.row()
    coordinator = stage.as_(stage.scene.coordinator)
    coordinator.post(
        f"/desk/deliveries/{row.public_id}/replies/new",
        data={"kind": "answer", "received_on": "2026-11-20", "text": "Unsere Antwort lautet nein."},
    )
    raw = b"".join(path.read_bytes() for path in files_of(stage.database))
    hidden = [NAMES[Visibility.INSTITUTION], NAMES[Visibility.COUNTED], NAMES[Visibility.PSEUDONYM], "Rang Ines twice"]
    for secret in (*hidden, row.letter.to_address, row.letter.text[:40], "Dear Minister", "Antwort lautet"):
        assert secret.encode() not in raw, secret
