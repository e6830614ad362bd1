"""Anybody who holds a text can ask what it is."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.appeals.models import Appeal, AppealDocument, AppealLetter, DocumentAudience
from app.appeals.queries import content_of, document
from app.base.database import Database
from app.campaigns.models import Campaign
from app.campaigns.states import Role
from app.mail.states import MailState
from app.signatures import actions as signing
from app.site.forms import hashes_of_pasted
from app.statements.actions import close_statement, open_statement
from app.statements.enclosures import AnnexRow
from app.statements.states import StatementState
from app.visibility.states import Visibility
from tests.factories.appeals import Scene, make_appeal, make_scene
from tests.factories.campaigns import make_member
from tests.factories.deliveries import make_deliveries
from tests.factories.institutions import make_institution
from tests.factories.published import REPORT, PublishedStatement, publish
from tests.factories.signatures import make_signature
from tests.factories.statements import make_annex, make_statement

NONE = "Not known here"


@pytest.fixture
def published(app: Flask, database: Database) -> PublishedStatement:
    with app.app_context(), database.writing() as session:
        return publish(session)


def test_hash_of_a_published_text_is_known(client: FlaskClient, published: PublishedStatement) -> None:
    text = client.get(f"/verify?sha256={published.sha256['en'].upper()}").text
    assert "The text of version 1 in English, word for word." in text
    assert 'href="/statements/stop-the-request"' in text


def test_hash_of_an_annex_is_known(client: FlaskClient, published: PublishedStatement) -> None:
    assert (
        "An annex to version 1: the file on the web page."
        in client.get(f"/verify?sha256={published.annex.sha256}").text
    )


@pytest.mark.usefixtures("published")
def test_unknown_hash_is_said_to_be_unknown(client: FlaskClient) -> None:
    text = client.get("/verify?sha256=" + "0" * 64).text
    assert NONE in text
    assert "That alone does not make it false." in text


def test_draft_is_unknown(app: Flask, client: FlaskClient, database: Database) -> None:
    with app.app_context(), database.writing() as session:
        draft = publish(session, state=StatementState.DRAFTING)
    assert NONE in client.get(f"/verify?sha256={draft.sha256['en']}").text


@pytest.mark.parametrize("asked", ["abc", "g" * 64, "0" * 65])
def test_what_is_no_hash_is_refused_in_words(client: FlaskClient, asked: str) -> None:
    response = client.get("/verify", query_string={"sha256": asked})
    assert response.status_code == 422
    assert "There is a problem" in response.text
    assert asked in response.text  # nothing typed is lost


def test_pasted_text_is_recognised_although_browsers_change_line_ends(
    client: FlaskClient, published: PublishedStatement
) -> None:
    exact = client.get("/statements/stop-the-request/text").text
    pasted = exact.rstrip("\n").replace("\n", "\r\n")
    response = client.post("/verify", data={"pasted": pasted})
    assert response.status_code == 303
    assert response.headers["Location"] == f"/verify?sha256={published.sha256['en']}"
    assert "Set-Cookie" not in response.headers


def test_uploaded_file_is_recognised(client: FlaskClient, published: PublishedStatement) -> None:
    upload = {"document": (io.BytesIO(REPORT.encode()), "anything.bin")}
    response = client.post("/verify", data=upload, content_type="multipart/form-data")
    assert response.headers["Location"].endswith(published.annex.sha256)


def test_nothing_pasted_is_refused_in_words(client: FlaskClient) -> None:
    response = client.post("/verify", data={"pasted": "  "})
    assert response.status_code == 422
    assert "Paste a fingerprint or a text, or choose a file." in response.text


@pytest.mark.parametrize(
    "pasted",
    [
        "ab" * 32,
        "AB" * 32,
        f"{'ab' * 32}  text",
        " ".join(["abababab"] * 8),
        f"{'ab' * 16}\n{'ab' * 16}",
        f"SHA-256 of the text: {'ab' * 32}",
        f"SHA-256 {'ab' * 32}",
        f"Fingerprint {'ab' * 32}.",
    ],
)
def test_hash_is_read_however_it_was_copied(pasted: str) -> None:
    assert hashes_of_pasted(pasted) == ["ab" * 32]


@pytest.mark.parametrize(
    "pasted",
    [
        "abababababab",
        "ABABABABABAB…",
        " abab abab abab ",
        "SHA-256: abababababab…",
        "Stop it · Version 1 · abababababab",
    ],
)
def test_beginning_is_read_however_it_was_copied(pasted: str) -> None:
    assert hashes_of_pasted(pasted) == ["abababababab"]


def test_short_word_is_a_text_and_no_fingerprint() -> None:
    assert len(hashes_of_pasted("abc")[0]) == 64


def test_beginning_as_a_pdf_prints_it_finds_the_text_and_says_how_little_that_proves(
    client: FlaskClient, published: PublishedStatement
) -> None:
    short = published.sha256["en"][:12]
    response = client.post("/verify", data={"pasted": f"{short}…"})
    assert response.headers["Location"] == f"/verify?sha256={short}"
    text = client.get(response.headers["Location"]).text
    assert "The text of version 1 in English" in text
    assert "12 of 64 characters fit" in text
    assert "Known here" not in text


def test_beginning_of_a_draft_is_unknown(app: Flask, client: FlaskClient, database: Database) -> None:
    with app.app_context(), database.writing() as session:
        draft = publish(session, state=StatementState.DRAFTING)
    assert NONE in client.get(f"/verify?sha256={draft.sha256['en'][:12]}").text


@dataclass(frozen=True)
class HandedOver:
    """A released appeal with a Markdown annex, and its documents by audience."""

    scene: Scene
    appeal: Appeal
    addressee: AppealDocument
    public: AppealDocument
    travelling: AppealDocument
    annex: AnnexRow


def _handed_over(session: Session, mail: MailState = MailState.ACCEPTED) -> HandedOver:
    institution = make_institution(session)
    draft = make_statement(session, opened=False, institutions=[institution])
    annex = make_annex(session, draft)
    open_statement(session, "factory", draft)
    make_signature(session, draft, visibility=Visibility.INSTITUTION, name="Ines Institution")
    close_statement(session, "factory", draft)
    campaign = session.get_one(Campaign, draft.campaign_id)
    owner = make_member(session, campaign, Role.OWNER)
    coordinator = make_member(session, campaign, Role.COORDINATOR)
    approver = make_member(session, campaign, Role.APPROVER)
    scene = Scene(campaign, draft, institution, owner, coordinator, approver, {})
    make_deliveries(session, scene, mail=mail)
    appeal = session.scalars(select(Appeal)).one()
    documents = session.scalars(select(AppealDocument).order_by(AppealDocument.id)).all()
    (addressee,) = [one for one in documents if one.audience is DocumentAudience.ADDRESSEE]
    (public,) = [one for one in documents if one.audience is DocumentAudience.PUBLIC and not one.is_annex]
    (travelling,) = [one for one in documents if one.is_annex]
    return HandedOver(scene, appeal, addressee, public, travelling, annex)


@pytest.fixture
def handed_over(app: Flask, database: Database) -> HandedOver:
    with app.app_context(), database.writing() as session:
        return _handed_over(session)


def _asked(client: FlaskClient, sha256: str) -> str:
    return client.get(f"/verify?sha256={sha256}").text


def test_the_pdf_that_was_mailed_is_known_and_names_nobody(client: FlaskClient, handed_over: HandedOver) -> None:
    text = _asked(client, handed_over.addressee.sha256)
    assert "Known here" in text
    assert "The addressee’s copy of the appeal in English." in text
    assert "Noted as handed over on" in text
    assert "Ines Institution" not in text
    assert handed_over.scene.institution.name not in text


def test_the_uploaded_pdf_of_the_addressee_is_known(
    client: FlaskClient, handed_over: HandedOver, database: Database
) -> None:
    with database.reading() as session:
        row = document(session, handed_over.appeal.id, handed_over.addressee.public_id)
        pdf = content_of(session, row, "test")
    upload = {"document": (io.BytesIO(pdf), "appeal.pdf")}
    response = client.post("/verify", data=upload, content_type="multipart/form-data")
    assert "The addressee’s copy" in client.get(response.headers["Location"]).text


def test_the_beginning_of_an_addressees_hash_tells_nothing(client: FlaskClient, handed_over: HandedOver) -> None:
    for beginning in (12, 40, 63):
        assert NONE in _asked(client, handed_over.addressee.sha256[:beginning])


def test_the_public_copy_is_not_called_the_one_handed_over(client: FlaskClient, handed_over: HandedOver) -> None:
    text = _asked(client, handed_over.public.sha256)
    assert "The public copy of the appeal in English." in text
    assert "handed over" not in text
    assert "The public copy of the appeal" in _asked(client, handed_over.public.sha256[:12])


def test_letter_and_manifest_are_known_by_their_whole_hash(
    client: FlaskClient, handed_over: HandedOver, database: Database
) -> None:
    with database.reading() as session:
        letter = session.scalars(select(AppealLetter)).one()
    assert "A letter to an addressee in English" in _asked(client, letter.message_sha256)
    assert NONE in _asked(client, letter.message_sha256[:12])
    assert "the manifest" in _asked(client, handed_over.appeal.manifest_sha256)


def test_what_no_server_took_is_not_called_handed_over(app: Flask, client: FlaskClient, database: Database) -> None:
    with app.app_context(), database.writing() as session:
        found = _handed_over(session, MailState.REFUSED)
    text = _asked(client, found.addressee.sha256)
    assert "there is no proof here that it was handed over" in text
    assert "Noted as handed over" not in text


def test_an_appeal_that_was_not_released_is_unknown(app: Flask, client: FlaskClient, database: Database) -> None:
    with app.app_context(), database.writing() as session:
        make_appeal(session)
        documents = session.scalars(select(AppealDocument)).all()
    for one in documents:
        assert NONE in _asked(client, one.sha256)


def test_both_files_of_an_annex_are_known_as_one(client: FlaskClient, handed_over: HandedOver) -> None:
    here, there = handed_over.annex, handed_over.travelling
    assert here.sha256 != there.sha256
    page, dossier = _asked(client, here.sha256), _asked(client, there.sha256)
    assert "the file on the web page." in page
    assert "goes with the appeal as another file" in page
    assert "the file that goes with the appeal." in dossier
    assert "stands on the web page as another file" in dossier
    for text in (page, dossier):
        bare = re.sub(r"</?span>|<wbr>", "", text)
        assert here.sha256 in bare
        assert there.sha256 in bare
    slug = handed_over.scene.statement.slug
    for address in (f"/statements/{slug}", f"/statements/{slug}/annexes/{here.public_id}"):
        assert there.sha256 in re.sub(r"</?span>|<wbr>", "", client.get(address).text)
    data = client.get(f"/statements/{slug}/data.json").get_json()
    (listed,) = data["version"]["annexes"]
    assert listed["in_the_appeal"] == {"filename": there.filename, "sha256": there.sha256}


def test_a_public_copy_that_names_too_many_says_so(app: Flask, client: FlaskClient, database: Database) -> None:
    with app.app_context(), database.writing() as session:
        scene = make_scene(session)
        make_deliveries(session, scene, mail=MailState.ACCEPTED)
        signing.withdraw(session, scene.signatures[Visibility.PUBLIC].public_id)
        (public,) = session.scalars(
            select(AppealDocument).where(AppealDocument.audience == DocumentAudience.PUBLIC)
        ).all()
    assert "It is not handed out any more" in _asked(client, public.sha256)
