"""Law 6: a letter goes where its own campaign has accepted; every way to redirect it from elsewhere is tried here."""

from __future__ import annotations

import json
from email.parser import BytesParser
from email.policy import default

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.appeals import actions
from app.appeals.dossier import prepare_dossier
from app.appeals.emails import render_letter
from app.appeals.models import AppealLetter
from app.appeals.queries import letters_of
from app.appeals.states import DossierChanged, MovedMeanwhile, NobodyToWriteTo
from app.audit.queries import history_of
from app.base.database import Database
from app.base.parts import parts_of
from app.campaigns.models import Campaign
from app.campaigns.states import Role
from app.deliveries.actions import hand_over
from app.institutions import actions as institutions, decisions
from app.institutions.models import Institution, Recipient, RecipientVersion
from app.institutions.proposals import recipient_standings
from app.institutions.states import (
    AddressTwice,
    InstitutionFacts,
    NothingProposed,
    ProposalOutdated,
    RecipientFacts,
)
from app.mail.models import Mail
from app.mail.registry import Frozen
from app.statements.actions import close_statement
from app.statements.emails import render_proposal
from app.statements.notices import tell_of_proposals
from app.statements.queries import addressees_of, statement_by_public_id, version_of
from app.visibility.states import Visibility
from tests.factories.accounts import sign_in
from tests.factories.appeals import Scene, make_appeal, make_scene, order_and_make
from tests.factories.campaigns import make_campaign, make_member
from tests.factories.institutions import accept_all, make_institution, make_recipient
from tests.factories.signatures import make_signature
from tests.factories.statements import make_statement

THEIRS = "minister@justice.example.org"
SPY = "minister@justlce.example.org"


def scene_with_attacker(session: Session) -> tuple[Scene, Organiser, Recipient]:
    """Make a closed statement to one known address, and an editor of another campaign that uses the institution."""
    scene = make_scene(session, recipients=0)
    recipient = make_recipient(session, scene.institution, email=THEIRS)
    accept_all(session, scene.campaign.id)
    other = make_campaign(session)
    make_statement(session, other, institutions=[scene.institution])
    return scene, make_member(session, other, Role.EDITOR), recipient


def another_statement(session: Session, scene: Scene) -> Scene:
    """Return the scene with a second closed statement of its campaign to the same institution."""
    statement = make_statement(session, scene.campaign, institutions=[scene.institution], title="Once more")
    signature = make_signature(session, statement)
    close_statement(session, scene.owner.public_id, statement)
    session.refresh(statement)
    return Scene(**{**vars(scene), "statement": statement, "signatures": {Visibility.PUBLIC: signature}})


def redirect(session: Session, actor: Organiser, recipient: Recipient, email: str = SPY) -> RecipientVersion:
    """Correct a recipient as somebody does at the desk, without accepting it for any campaign."""
    institution = session.get_one(Institution, recipient.institution_id)
    facts = RecipientFacts("Office of the Minister", "Dear Minister", email)
    version = institutions.change_recipient(session, actor.public_id, institution, recipient, facts)
    assert version is not None
    return version


def accept(session: Session, scene: Scene, version: RecipientVersion) -> None:
    """Accept a version as the owner of the scene's campaign."""
    ids = [scene.institution.id]
    decisions.decide(session, scene.owner.public_id, scene.campaign.id, ids, version.public_id, accept=True)


def addresses(session: Session, scene: Scene) -> list[str]:
    """Return where the letters would go that are prepared now."""
    return [letter.to_address for letter in prepare_dossier(session, scene.statement).letters]


def test_an_edit_in_another_campaign_redirects_no_letter(client: FlaskClient, app: Flask, database: Database) -> None:
    with app.app_context(), database.writing() as session:
        scene, attacker, recipient = scene_with_attacker(session)
        path = f"/desk/institutions/{scene.institution.public_id}/recipients/{recipient.public_id}"
    sign_in(client, app, attacker)
    contact = {"office": "Office of the Minister", "person": "", "salutation": "Dear Minister", "language": "en"}
    assert client.post(path, data={**contact, "email": SPY}).status_code == 303
    with app.app_context(), database.writing() as session:
        statement = statement_by_public_id(session, scene.statement.public_id)
        assert [letter.to_address for letter in prepare_dossier(session, statement).letters] == [THEIRS]
    sign_in(client, app, scene.coordinator)
    desk = f"/desk/statements/{scene.statement.public_id}"
    assert order_and_make(app, client, f"{desk}/appeal").status_code == 303
    shown = client.get(f"{desk}/appeal").text
    assert "1 change of a recipient or an institution waits for this campaign." in shown
    assert THEIRS in shown
    assert SPY not in shown
    proposal = client.get(f"{desk}/recipients").text
    assert SPY in proposal
    assert "editor of another campaign" in proposal


def test_what_was_accepted_between_preparing_and_freezing_is_not_frozen_unseen(session: Session) -> None:
    scene, attacker, recipient = scene_with_attacker(session)
    dossier = prepare_dossier(session, scene.statement)
    version = redirect(session, attacker, recipient)
    accept(session, scene, version)
    with pytest.raises(MovedMeanwhile):
        actions.assemble(session, scene.coordinator.public_id, scene.statement, dossier)
    assert session.scalar(select(func.count()).select_from(AppealLetter)) == 0


def test_an_edit_between_preparing_and_freezing_changes_nothing(session: Session) -> None:
    scene, attacker, recipient = scene_with_attacker(session)
    dossier = prepare_dossier(session, scene.statement)
    redirect(session, attacker, recipient)
    appeal = actions.assemble(session, scene.coordinator.public_id, scene.statement, dossier)
    assert [letter.to_address for letter in letters_of(session, appeal.id, "test")] == [THEIRS]


def test_a_stale_version_is_not_accepted(session: Session) -> None:
    scene, attacker, recipient = scene_with_attacker(session)
    seen = redirect(session, attacker, recipient, "harmless@justice.example.org")
    redirect(session, attacker, recipient)
    with pytest.raises(ProposalOutdated):
        accept(session, scene, seen)
    assert addresses(session, scene) == [THEIRS]


def test_an_accepted_change_is_written_to_and_a_refused_one_is_not(session: Session) -> None:
    scene, attacker, recipient = scene_with_attacker(session)
    version = redirect(session, attacker, recipient, "new@justice.example.org")
    ids = [scene.institution.id]
    owner = scene.owner.public_id
    decisions.decide(session, owner, scene.campaign.id, ids, version.public_id, accept=False)
    assert addresses(session, scene) == [THEIRS]
    accept(session, scene, version)
    decisions.decide(session, owner, scene.campaign.id, ids, version.public_id, accept=False)  # what is accepted stays
    assert addresses(session, scene) == ["new@justice.example.org"]
    entries = [(entry.action, entry.actor) for entry in history_of(session, recipient.public_id)]
    assert ("recipient.accepted", owner) in entries
    assert ("recipient.refused", owner) in entries


def test_a_removal_takes_no_letter_away_and_an_addition_adds_none(session: Session) -> None:
    scene, attacker, recipient = scene_with_attacker(session)
    institutions.add_recipient(
        session, attacker.public_id, scene.institution, RecipientFacts("Registry", "Dear all", SPY)
    )
    removed = institutions.remove_recipient(session, attacker.public_id, scene.institution, recipient)
    assert removed is not None
    assert addresses(session, scene) == [THEIRS]
    accept(session, scene, removed)
    with pytest.raises(NobodyToWriteTo):
        addresses(session, scene)


def test_a_recipient_planted_before_is_not_written_to_unseen(session: Session) -> None:
    """An address or a whole body that another campaign entered in advance, alike to the eye, waits as well."""
    attacker = make_member(session, make_campaign(session), Role.EDITOR)
    bait = institutions.create_institution(
        session, attacker.public_id, InstitutionFacts("Mіnistry of Justice"), is_another=True
    )
    institutions.add_recipient(session, attacker.public_id, bait, RecipientFacts("Minister", "Dear Minister", SPY))
    scene = make_scene(session, closed=False)
    decisions.use_institutions(session, scene.owner.public_id, scene.campaign.id, [bait.id])
    (standing,) = recipient_standings(session, scene.campaign.id, [bait.id])
    assert standing.waits
    assert not standing.is_written_to


def test_a_rename_alters_no_statement(session: Session) -> None:
    scene, attacker, _recipient = scene_with_attacker(session)
    draft = make_statement(session, scene.campaign, opened=False, institutions=[scene.institution])
    name = scene.institution.name
    facts = InstitutionFacts("Ministry of Silence", "CH")
    renamed = institutions.change_institution(session, attacker.public_id, scene.institution, facts, is_another=True)
    assert renamed is not None
    for statement in (draft, scene.statement):
        (row,) = addressees_of(session, version_of(session, statement).id)
        assert (row.name, row.country) == (name, "")
    ids = [scene.institution.id]
    decisions.decide(session, scene.owner.public_id, scene.campaign.id, ids, renamed.public_id, accept=True)
    assert addressees_of(session, version_of(session, draft).id)[0].name == "Ministry of Silence"
    assert addressees_of(session, version_of(session, scene.statement).id)[0].name == name


def test_who_works_in_both_campaigns_accepts_for_the_one_they_name(
    client: FlaskClient, app: Flask, database: Database
) -> None:
    with app.app_context(), database.writing() as session:
        scene, attacker, recipient = scene_with_attacker(session)
        make_member(session, scene.campaign, Role.EDITOR, attacker)
        other = session.scalars(select(Campaign).where(Campaign.id != scene.campaign.id)).one()
        path = f"/desk/institutions/{scene.institution.public_id}/recipients/{recipient.public_id}"
    sign_in(client, app, attacker)
    form = {"office": "Office of the Minister", "person": "", "salutation": "Dear Minister", "language": "en"}
    shown = client.get(path).text
    assert shown.count('name="accept_for"') == 2
    assert "checked" not in shown
    assert client.post(path, data={**form, "email": SPY, "accept_for": other.public_id}).status_code == 303
    with database.reading() as session:
        ids = [scene.institution.id]
        (theirs,) = recipient_standings(session, other.id, ids)
        (ours,) = recipient_standings(session, scene.campaign.id, ids)
    assert theirs.accepted is not None
    assert theirs.accepted.contact.email == SPY
    assert ours.accepted is not None
    assert ours.accepted.contact.email == THEIRS
    foreign = {**form, "email": "other@justice.example.org", "accept_for": "x" * 20}
    assert client.post(path, data=foreign).status_code == 422


@pytest.mark.parametrize(
    ("role", "status"), [(Role.VIEWER, 403), (Role.APPROVER, 403), (Role.EDITOR, 303), (None, 404)]
)
def test_who_may_decide(client: FlaskClient, app: Flask, database: Database, role: Role | None, status: int) -> None:
    with app.app_context(), database.writing() as session:
        scene, attacker, recipient = scene_with_attacker(session)
        version = redirect(session, attacker, recipient).public_id
        somebody = make_member(session, scene.campaign, role) if role is not None else attacker
    sign_in(client, app, somebody)
    path = f"/desk/statements/{scene.statement.public_id}/recipients"
    assert client.post(path, data={"version": version}).status_code == (422 if status == 303 else status)
    answer = client.post(path, data={"version": version, "decision": "accept"})
    assert answer.status_code == status


def test_a_version_of_another_institution_is_no_proposal(session: Session) -> None:
    scene, attacker, _recipient = scene_with_attacker(session)
    elsewhere = make_recipient(session, make_institution(session, recipients=0))
    with pytest.raises(NothingProposed):
        accept(session, scene, redirect(session, attacker, elsewhere))


def test_no_address_gets_two_letters(session: Session) -> None:
    scene, attacker, recipient = scene_with_attacker(session)
    institutions.remove_recipient(session, attacker.public_id, scene.institution, recipient)
    again = institutions.add_recipient(
        session, attacker.public_id, scene.institution, RecipientFacts("Registry", "Dear all", THEIRS)
    )
    with pytest.raises(AddressTwice):
        accept(session, scene, again)


def test_a_frozen_letter_goes_where_it_was_approved(session: Session) -> None:
    scene, attacker, recipient = scene_with_attacker(session)
    appeal, name = make_appeal(session, scene, approved=True), scene.institution.name
    redirect(session, attacker, recipient)
    institutions.change_institution(
        session, attacker.public_id, scene.institution, InstitutionFacts("Another Ministry"), is_another=True
    )
    make_recipient(session, scene.institution)
    hand_over(session, scene.coordinator.public_id, appeal.public_id, appeal.manifest_sha256)
    accept_all(session, scene.campaign.id)
    (letter,) = letters_of(session, appeal.id, "test")
    sent = render_letter(session, {"letter": letter.public_id})
    assert isinstance(sent, Frozen)
    assert sent.to_address == THEIRS
    assert THEIRS in str(BytesParser(policy=default).parsebytes(sent.message)["To"])
    assert letter.institution == name


def test_what_the_campaign_accepts_after_freezing_voids_the_approval(session: Session) -> None:
    scene, attacker, recipient = scene_with_attacker(session)
    appeal = make_appeal(session, scene, approved=True)
    accept(session, scene, redirect(session, attacker, recipient))
    with pytest.raises(DossierChanged):
        hand_over(session, scene.coordinator.public_id, appeal.public_id, appeal.manifest_sha256)


def test_an_approver_reads_what_changed_when_and_by_whom(client: FlaskClient, app: Flask, database: Database) -> None:
    with app.app_context(), database.writing() as session:
        scene, attacker, recipient = scene_with_attacker(session)
        make_appeal(session, scene, released=True)
        second = another_statement(session, scene)
        version = redirect(session, attacker, recipient)
        accept(session, scene, version)
        appeal = make_appeal(session, second)
    sign_in(client, app, scene.approver)
    page = client.get(f"/desk/statements/{second.statement.public_id}/appeal").text
    assert "Changed since this campaign’s last appeal to it:" in page
    assert f"<del><bdi>{THEIRS}</bdi></del>" in page
    assert "editor of another campaign" in page
    assert "owner of this campaign" in page
    (letter,) = json.loads(appeal.manifest)["letters"]
    (change,) = letter["recipient_changes"]
    assert change == {
        "version": 2, "parts": ["email"], "by": attacker.public_id, "at": version.made_at.isoformat(),
    }  # fmt: skip
    assert letter["recipient_accepted"]["by"] == scene.owner.public_id
    assert SPY.encode() not in appeal.manifest


def test_owners_of_other_campaigns_are_told_once_and_without_an_address(either_app: Flask) -> None:
    with either_app.app_context(), parts_of(either_app).database.writing() as session:
        scene, attacker, recipient = scene_with_attacker(session)
        redirect(session, attacker, recipient)
        redirect(session, attacker, recipient, "third@justice.example.org")
        assert addresses(session, scene) == [THEIRS]
        tell_of_proposals(session)
        tell_of_proposals(session)
        mails = session.scalars(select(Mail).where(Mail.kind == "recipient_proposal")).all()
        references = {
            "organiser": scene.owner.public_id, "campaign": scene.campaign.public_id, "by": attacker.public_id,
            "institution": scene.institution.public_id, "statement": scene.statement.public_id,
        }  # fmt: skip
        mail = render_proposal(session, references)
    assert len(mails) == 2  # one for the owner of each campaign
    for part in (mail.text, mail.html):
        assert scene.institution.name in part
        assert "editor of another campaign" in part
        assert f"/desk/statements/{scene.statement.public_id}/recipients" in part
    assert not [part for part in (mail.subject, mail.text, mail.html) if "justice.example.org" in part]
