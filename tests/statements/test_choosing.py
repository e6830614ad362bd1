"""Whom of an institution the letters go to by group; what others do to a group later changes nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.appeals.manifest import is_unchanged, recipients_now
from app.audit.queries import history_of
from app.base.database import Database
from app.campaigns.states import Role
from app.institutions.actions import remove_recipient
from app.institutions.groups import groups_of, set_groups
from app.institutions.models import Institution, Recipient
from app.institutions.states import NoSuchInstitution, RecipientGroupKind
from app.statements import drafting
from app.statements.addressing import count_waiting
from app.statements.choosing import choose_groups
from app.statements.chosen import choices_of
from app.statements.models import Statement
from app.statements.queries import version_of
from app.statements.states import LettersWritten, NoSuchGroupThere
from tests.factories.accounts import sign_in
from tests.factories.appeals import make_appeal, make_scene
from tests.factories.campaigns import make_campaign, make_member
from tests.factories.institutions import accept_all, make_institution, make_recipient
from tests.factories.statements import make_statement

COMMITTEE = RecipientGroupKind.COMMITTEE


@dataclass(frozen=True)
class Parliament:
    """Four members; two of them in one committee, and two in another, which share one."""

    institution: Institution
    members: tuple[Recipient, ...]

    @property
    def public_id(self) -> str:
        return self.institution.public_id

    def group(self, session: Session, name: str) -> str:
        return next(each.public_id for each in groups_of(session, [self.institution.id]) if each.name == name)

    def put(self, session: Session, actor: str, member: int, *committees: str) -> None:
        set_groups(session, actor, self.institution, {self.members[member].id: {COMMITTEE: committees}})


def make_parliament(session: Session) -> Parliament:
    institution = make_institution(session, "Parliament", recipients=0)
    parliament = Parliament(institution, tuple(make_recipient(session, institution) for _ in range(4)))
    for member, committees in enumerate((["Trade"], ["Trade", "Budget"], ["Budget"])):
        parliament.put(session, "system", member, *committees)
    return parliament


@pytest.fixture
def parliament(session: Session) -> Parliament:
    return make_parliament(session)


@pytest.fixture
def statement(session: Session, parliament: Parliament) -> Statement:
    return make_statement(session, opened=False, institutions=[parliament.institution])


def written_to(session: Session, parliament: Parliament, statement: Statement) -> list[int]:
    found = recipients_now(session, version_of(session, statement).id)
    order = [member.id for member in parliament.members]
    return [order.index(version.contact.recipient_id) for _name, version in found]


def test_without_a_group_the_letters_go_to_everybody(
    session: Session, parliament: Parliament, statement: Statement
) -> None:
    assert written_to(session, parliament, statement) == [0, 1, 2, 3]


def test_letters_go_to_whoever_is_in_a_chosen_group_once(
    session: Session, parliament: Parliament, statement: Statement
) -> None:
    groups = [parliament.group(session, name) for name in ("Trade", "Budget")]
    assert choose_groups(session, "ann", statement, parliament.public_id, groups) == 3
    assert written_to(session, parliament, statement) == [0, 1, 2]
    assert choose_groups(session, "ann", statement, parliament.public_id, groups[:1]) == 2
    assert written_to(session, parliament, statement) == [0, 1]
    assert choose_groups(session, "ann", statement, parliament.public_id, []) == 0
    assert written_to(session, parliament, statement) == [0, 1, 2, 3]
    actions = [entry.action for entry in history_of(session, statement.public_id, 50)]
    assert actions.count("statement.groups_chosen") == 3


def test_who_joins_or_leaves_a_group_later_changes_no_letter(
    session: Session, parliament: Parliament, statement: Statement
) -> None:
    """Anybody with a role anywhere may keep groups; member 3 is accepted by the campaign already."""
    choose_groups(session, "ann", statement, parliament.public_id, [parliament.group(session, "Trade")])
    parliament.put(session, "stranger", 3, "Trade")
    parliament.put(session, "stranger", 0, "Budget")
    assert written_to(session, parliament, statement) == [0, 1]
    (choice,) = choices_of(session, version_of(session, statement).id)
    assert set(choice.joined) == {parliament.members[3].id}
    assert set(choice.left) == {parliament.members[0].id}
    choose_groups(session, "ann", statement, parliament.public_id, [parliament.group(session, "Trade")])
    assert written_to(session, parliament, statement) == [1, 3]


def test_everybody_leaving_a_group_does_not_widen_it(
    session: Session, parliament: Parliament, statement: Statement
) -> None:
    trade = parliament.group(session, "Trade")
    choose_groups(session, "ann", statement, parliament.public_id, [trade])
    for member in (0, 1):
        parliament.put(session, "stranger", member)
    assert written_to(session, parliament, statement) == [0, 1]
    with pytest.raises(NoSuchGroupThere):
        choose_groups(session, "ann", statement, parliament.public_id, [trade])


def test_what_waits_is_counted_for_chosen_recipients_only(session: Session, parliament: Parliament) -> None:
    campaign = make_campaign(session)
    statement = make_statement(session, campaign, opened=False)
    drafting.set_addressees(session, "ann", statement, [parliament.public_id])
    assert count_waiting(session, statement.id) == 4
    choose_groups(session, "ann", statement, parliament.public_id, [parliament.group(session, "Budget")])
    assert count_waiting(session, statement.id) == 2
    accept_all(session, campaign.id)
    remove_recipient(session, "stranger", parliament.institution, parliament.members[0])
    assert count_waiting(session, statement.id) == 0


def test_other_addressees_and_their_order_keep_the_choice(
    session: Session, parliament: Parliament, statement: Statement
) -> None:
    choose_groups(session, "ann", statement, parliament.public_id, [parliament.group(session, "Trade")])
    other = make_institution(session)
    drafting.set_addressees(session, "ann", statement, [other.public_id, parliament.public_id])
    assert len(choices_of(session, version_of(session, statement).id)) == 1
    drafting.set_addressees(session, "ann", statement, [other.public_id])
    drafting.set_addressees(session, "ann", statement, [parliament.public_id])
    assert choices_of(session, version_of(session, statement).id) == []


def test_groups_of_others_and_of_nobody_are_refused(
    session: Session, parliament: Parliament, statement: Statement
) -> None:
    elsewhere = make_parliament(session)
    with pytest.raises(NoSuchInstitution):
        choose_groups(session, "ann", statement, elsewhere.public_id, [elsewhere.group(session, "Trade")])
    with pytest.raises(NoSuchGroupThere):
        choose_groups(session, "ann", statement, parliament.public_id, [elsewhere.group(session, "Trade")])


def test_the_dossier_tells_the_groups_and_a_new_choice_voids_it(session: Session) -> None:
    scene = make_scene(session, recipients=3)
    first = next(iter(recipients_now(session, version_of(session, scene.statement).id)))[1].contact.recipient_id
    set_groups(session, "system", scene.institution, {first: {COMMITTEE: ["Trade"]}})
    (group,) = groups_of(session, [scene.institution.id])
    choose_groups(session, "ann", scene.statement, scene.institution.public_id, [group.public_id])
    appeal = make_appeal(session, scene)
    manifest = json.loads(appeal.manifest)
    assert len(manifest["letters"]) == 1
    (told,) = manifest["groups"]
    assert (told["kind"], told["group"], told["recipients"], told["by"]) == ("committee", "Trade", 1, "ann")
    assert is_unchanged(session, appeal)
    choose_groups(session, "ann", scene.statement, scene.institution.public_id, [])
    assert not is_unchanged(session, appeal)


def test_after_the_hand_over_nothing_is_chosen(session: Session, parliament: Parliament) -> None:
    statement = make_statement(session, delivered=True, institutions=[parliament.institution])
    with pytest.raises(LettersWritten):
        choose_groups(session, "ann", statement, parliament.public_id, [parliament.group(session, "Trade")])


def test_groups_are_chosen_and_new_recipients_accepted_together(app: Flask, database: Database) -> None:
    with app.app_context(), database.writing() as session:
        campaign = make_campaign(session)
        editor, approver = (make_member(session, campaign, role) for role in (Role.EDITOR, Role.APPROVER))
        statement = make_statement(session, campaign, opened=False)
        parliament = make_parliament(session)
        drafting.set_addressees(session, editor.public_id, statement, [parliament.public_id])
        trade = parliament.group(session, "Trade")
    desk = sign_in(app.test_client(), app, editor)
    url = f"/desk/statements/{statement.public_id}"
    groups_url = f"{url}/addressees/{parliament.public_id}/groups"
    assert groups_url in desk.get(f"{url}/addressees").text
    assert 'Trade</bdi> <span class="soft">(2)' in desk.get(groups_url).text
    assert desk.post(groups_url, data={"groups": trade}).status_code == 303
    page = desk.get(f"{url}/recipients").text
    assert "Letters go to 0 of 2 recipients." in page
    assert "2 other recipients there are in none of them" in page
    (versions,) = {form.partition('"')[0] for form in page.split('name="versions" value="')[1:]}
    other = sign_in(app.test_client(), app, approver)
    assert other.post(f"{url}/recipients/accept", data={"versions": versions}).status_code == 403
    assert other.post(groups_url, data={}).status_code == 403
    assert desk.post(f"{url}/recipients/accept", data={"versions": f"{versions} {'x' * 20}"}).status_code == 303
    page = desk.get(f"{url}/recipients").text
    assert "2 recipients are accepted." in page
    assert "The others were changed meanwhile" in page
    assert "Letters go to 2 of 2 recipients." in page
