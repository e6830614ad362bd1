"""The desk's pages for an appeal, and the public PDF, as organisers and readers meet them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.accounts.models import Organiser
from app.appeals.models import Appeal, AppealState, DocumentAudience
from app.appeals.queries import content_of, documents_of, latest_appeal, letters_of, sha256_of
from app.base.database import Database
from app.campaigns.states import Role
from app.signatures import actions as signing
from app.statements.actions import close_statement
from app.visibility.states import Visibility
from tests.appeals.test_typesetting import spoken_by
from tests.factories.accounts import sign_in
from tests.factories.appeals import NAMES, Scene, make_appeal, make_scene, order_and_make
from tests.factories.campaigns import make_member
from tests.factories.deliveries import make_deliveries
from tests.factories.sentences import SENTENCES, WITHOUT_FACE
from tests.factories.signatures import appear, make_signature


@dataclass(frozen=True)
class Stage:
    """A scene that was committed, and how to walk onto it."""

    app: Flask
    scene: Scene

    def as_(self, organiser: Organiser) -> FlaskClient:
        return sign_in(self.app.test_client(), self.app, organiser)

    def assemble(self, client: FlaskClient) -> TestResponse:
        return order_and_make(self.app, client, self.dossier_url)

    @property
    def dossier_url(self) -> str:
        return f"/desk/statements/{self.scene.statement.public_id}/appeal"

    def appeal(self, session: Session) -> Appeal:
        found = latest_appeal(session, self.scene.statement.id)
        assert found is not None
        return found


@pytest.fixture
def stage(app: Flask, database: Database) -> Stage:
    with app.app_context(), database.writing() as session:
        scene = make_scene(session)
    return Stage(app, scene)


def the_manifest(page: str) -> str:
    found = re.search(r'name="manifest" value="([0-9a-f]{64})"', page)
    assert found is not None
    return found[1]


def test_coordinator_assembles_and_approver_approves(stage: Stage, database: Database) -> None:
    coordinator, approver = stage.as_(stage.scene.coordinator), stage.as_(stage.scene.approver)
    assert "Assemble the appeal" in coordinator.get(stage.dossier_url).text
    assert stage.assemble(coordinator).status_code == 303
    page = coordinator.get(stage.dossier_url).text
    assert "Waiting for a second person" in page
    assert "Approve exactly this" not in page
    with database.reading() as session:
        appeal = stage.appeal(session)
    manifest = the_manifest(approver.get(stage.dossier_url).text)
    url = f"/desk/appeals/{appeal.public_id}/approval"
    assert approver.post(url, data={"manifest": manifest}).status_code == 422
    done = approver.post(url, data={"manifest": manifest, "understood": "y", "note": "Read twice"})
    assert done.status_code == 303
    page = coordinator.get(stage.dossier_url).text
    assert "Read twice" in page
    assert "Go on to the release" in page
    page = approver.get(stage.dossier_url).text
    assert "You have approved it" in page
    assert "Approve exactly this" not in page


def test_own_work_is_explained(stage: Stage, database: Database) -> None:
    owner = stage.as_(stage.scene.owner)
    stage.assemble(owner)
    page = owner.get(stage.dossier_url).text
    assert "somebody else has to approve it" in page
    with database.reading() as session:
        appeal = stage.appeal(session)
    data = {"manifest": appeal.manifest_sha256, "understood": "y"}
    refused = owner.post(f"/desk/appeals/{appeal.public_id}/approval", data=data)
    assert refused.status_code == 403
    assert "Nobody sends alone" in refused.text


def test_desk_downloads_are_what_was_frozen(stage: Stage, database: Database) -> None:
    coordinator = stage.as_(stage.scene.coordinator)
    stage.assemble(coordinator)
    with database.reading() as session:
        appeal = stage.appeal(session)
        documents = documents_of(session, appeal.id)
        (letter,) = letters_of(session, appeal.id, "test")
    for row in documents:
        assert (
            sha256_of(coordinator.get(f"/desk/appeals/{appeal.public_id}/documents/{row.public_id}").data) == row.sha256
        )
    manifest = coordinator.get(f"/desk/appeals/{appeal.public_id}/manifest.json").data
    assert sha256_of(manifest) == appeal.manifest_sha256
    assert json.loads(manifest)["letters"][0]["sha256"] == letter.sha256
    frozen = coordinator.get(f"/desk/appeals/{appeal.public_id}/letters/{letter.public_id}/letter.eml")
    assert sha256_of(frozen.data) == letter.sha256
    shown = coordinator.get(f"/desk/appeals/{appeal.public_id}/letters/{letter.public_id}").text
    assert "Dear Minister," in shown


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
def test_roles_that_see_the_public_view_get_no_letter(stage: Stage, database: Database, app: Flask, role: Role) -> None:
    with app.app_context(), database.writing() as session:
        somebody = make_member(session, stage.scene.campaign, role)
        appeal = make_appeal(session, stage.scene)
        documents = documents_of(session, appeal.id)
        (letter,) = letters_of(session, appeal.id, "test")
    client = stage.as_(somebody)
    page = client.get(stage.dossier_url)
    assert page.status_code == 200
    assert letter.to_address not in page.text
    for row in documents:
        status = client.get(f"/desk/appeals/{appeal.public_id}/documents/{row.public_id}").status_code
        assert status == (403 if row.audience.value == "addressee" else 200)
    for end in ("", "/letter.eml", "/edit"):
        assert client.get(f"/desk/appeals/{appeal.public_id}/letters/{letter.public_id}{end}").status_code == 403
    assert client.post(stage.dossier_url).status_code == 403
    assert client.post(f"/desk/appeals/{appeal.public_id}/approval").status_code == 403


def test_letter_is_rewritten_and_conflict_is_shown(stage: Stage, database: Database) -> None:
    coordinator = stage.as_(stage.scene.coordinator)
    stage.assemble(coordinator)
    with database.reading() as session:
        appeal = stage.appeal(session)
        (letter,) = letters_of(session, appeal.id, "test")
    url = f"/desk/appeals/{appeal.public_id}/letters/{letter.public_id}/edit"
    assert letter.subject in coordinator.get(url).text.replace("&#39;", "'")
    first = {"sha256": letter.sha256, "subject": "Our first wording", "text": "We write to you."}
    assert coordinator.post(url, data=first).status_code == 303
    second = {"sha256": letter.sha256, "subject": "My wording", "text": "I would rather say this."}
    conflict = coordinator.post(url, data=second)
    assert conflict.status_code == 409
    assert "Our first wording" in conflict.text
    assert "I would rather say this." in conflict.text
    for subject in ("Two\r\nBcc: x@example.org", ""):
        refused = coordinator.post(url, data={**second, "subject": subject})
        assert refused.status_code == 422
        assert "There is a problem" in refused.text
        assert "I would rather say this." in refused.text


def test_withdrawal_is_told_by_number_only(stage: Stage, app: Flask, database: Database) -> None:
    coordinator = stage.as_(stage.scene.coordinator)
    with app.app_context(), database.writing() as session:
        make_appeal(session, stage.scene, approved=True)
    assert "Counts" in coordinator.get(stage.dossier_url).text
    with app.app_context(), database.writing() as session:
        signing.withdraw(session, stage.scene.signatures[Visibility.COUNTED].public_id)
    page = coordinator.get(stage.dossier_url).text
    assert "1 person has withdrawn, or changed how they appear" in page
    assert NAMES[Visibility.COUNTED] not in page
    assert "Assemble it again" in page
    assert "Out of date" in page
    assert "Void: something changed since" in page
    assert "Go on to the release" not in page


def test_nothing_is_public_before_release(stage: Stage) -> None:
    coordinator = stage.as_(stage.scene.coordinator)
    stage.assemble(coordinator)
    assert stage.app.test_client().get(f"/statements/{stage.scene.statement.slug}/appeal.pdf").status_code == 404


def test_public_pdf_is_served_until_somebody_takes_their_name_back(
    stage: Stage, app: Flask, database: Database
) -> None:
    with app.app_context(), database.writing() as session:
        make_deliveries(session, stage.scene)
    reader = app.test_client()
    for url in (
        f"/statements/{stage.scene.statement.slug}/appeal.pdf",
        f"/statements/{stage.scene.statement.slug}/en/appeal.pdf",
    ):
        response = reader.get(url)
        assert response.status_code == 200
        assert response.mimetype == "application/pdf"
        assert "Set-Cookie" not in response.headers
    spoken = spoken_by(response.data)
    assert NAMES[Visibility.PUBLIC] in spoken
    assert NAMES[Visibility.INSTITUTION] not in spoken
    assert reader.get(url, headers={"If-None-Match": response.headers["ETag"]}).status_code == 304
    assert reader.get(f"/statements/{stage.scene.statement.slug}/fr/appeal.pdf").status_code == 404
    with app.app_context(), database.writing() as session:
        signing.withdraw(session, stage.scene.signatures[Visibility.INSTITUTION].public_id)
    assert reader.get(url).status_code == 200
    with app.app_context(), database.writing() as session:
        appear(session, stage.scene.signatures[Visibility.PUBLIC].public_id, Visibility.COUNTED)
    gone = reader.get(url)
    assert gone.status_code == 410
    assert NAMES[Visibility.PUBLIC].encode() not in gone.data
    coordinator = stage.as_(stage.scene.coordinator)
    assert "1 person named in it has taken their name back" in coordinator.get(stage.dossier_url).text
    with database.reading() as session:
        appeal = stage.appeal(session)
    renewed = f"/desk/appeals/{appeal.public_id}/public-copies"
    assert stage.as_(stage.scene.approver).post(renewed).status_code == 403
    for _ in range(2):
        assert order_and_make(app, coordinator, renewed).status_code == 303
    response = reader.get(url)
    assert response.status_code == 200
    assert NAMES[Visibility.PUBLIC] not in spoken_by(response.data)
    assert "3 signatories" in spoken_by(response.data)
    with database.reading() as session:
        assert stage.appeal(session).manifest == appeal.manifest
        assert [row.sha256 for row in documents_of(session, appeal.id)] != []


def test_released_appeal_stays(stage: Stage, app: Flask, database: Database) -> None:
    with app.app_context(), database.writing() as session:
        make_deliveries(session, stage.scene)
    coordinator = stage.as_(stage.scene.coordinator)
    refused = stage.assemble(coordinator)
    assert refused.status_code == 409
    assert "has been released" in refused.text
    with database.reading() as session:
        assert stage.appeal(session).state is AppealState.RELEASED


def signed_as(app: Flask, database: Database, *names: str) -> Stage:
    """Stage a closed statement that people of these names stand behind, who show themselves to the addressee only."""
    with app.app_context(), database.writing() as session:
        scene = make_scene(session, closed=False)
        for name in names:
            make_signature(session, scene.statement, visibility=Visibility.INSTITUTION, name=name)
        close_statement(session, scene.owner.public_id, scene.statement)
    return Stage(app, scene)


def test_names_of_every_script_are_assembled(app: Flask, database: Database) -> None:
    stage = signed_as(app, database, *SENTENCES.values())
    coordinator = stage.as_(stage.scene.coordinator)
    assert stage.assemble(coordinator).status_code == 303
    assert "printed by their number" not in coordinator.get(stage.dossier_url).text


def test_name_without_a_face_is_assembled_and_told_to_those_who_may_know_it(app: Flask, database: Database) -> None:
    hard = WITHOUT_FACE["kaw-Kawi"]
    stage = signed_as(app, database, hard, "Ana \U0001f9ff \U00012000")
    coordinator = stage.as_(stage.scene.coordinator)
    assert stage.assemble(coordinator).status_code == 303
    page = coordinator.get(stage.dossier_url).text
    assert "Some characters are printed by their number" in page
    assert f"Signatory: <bdi>{hard}</bdi>" in page
    assert "Signatory: <bdi>Ana \U0001f9ff \U00012000</bdi>" in page
    assert "(U+12000 CUNEIFORM SIGN A)" in page
    with database.reading() as session:
        appeal = stage.appeal(session)
        documents = [row for row in documents_of(session, appeal.id) if row.audience is DocumentAudience.ADDRESSEE]
        spoken = spoken_by(content_of(session, documents[0], "test"))
        assert f"U+{ord(hard[0]):04X}" in spoken
        assert "Ana \U0001f9ff [U+12000]" in spoken
        assert appeal.stand_ins_sealed is not None
        assert b"U+12000" not in appeal.stand_ins_sealed


def test_those_who_may_not_see_letters_are_told_how_many_names_have_no_face(app: Flask, database: Database) -> None:
    stage = signed_as(app, database, "Ana \U00012000")
    assert stage.assemble(stage.as_(stage.scene.coordinator)).status_code == 303
    with app.app_context(), database.writing() as session:
        viewer = make_member(session, stage.scene.campaign, Role.VIEWER)
    page = stage.as_(viewer).get(stage.dossier_url).text
    assert "1 passage is not listed here." in page
    assert "\U00012000" not in page


def test_title_without_a_face_is_printed_by_its_number(app: Flask, database: Database) -> None:
    with app.app_context(), database.writing() as session:
        scene = make_scene(session, title="Stop \U00012000 now")
    stage = Stage(app, scene)
    coordinator = stage.as_(scene.coordinator)
    assert stage.assemble(coordinator).status_code == 303
    assert "Title: <bdi>Stop \U00012000 now</bdi>" in coordinator.get(stage.dossier_url).text
