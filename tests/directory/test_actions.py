"""Changing the directory: sealed at rest, audited, and never half done."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.audit.queries import history_of
from app.base.parts import parts_of
from app.campaigns.models import Campaign
from app.directory.actions import (
    add_group,
    add_signatories,
    add_signatory,
    edit_group,
    edit_signatory,
    remove_group,
    remove_signatory,
)
from app.directory.models import Signatory
from app.directory.queries import entry, group_row, list_groups, roles_of, signatory_row, words_of
from app.directory.states import (
    Details,
    GroupInUse,
    GroupNameTaken,
    GroupPlace,
    NewEntry,
    NoSuchSignatory,
    SignatoryAsked,
    SignatoryKind,
)
from tests.factories.campaigns import make_campaign
from tests.factories.directory import make_signatory
from tests.factories.invitations import make_invitation

WLC = "World Liberty Congress"


def actions_of(session: Session, subject: str) -> list[str]:
    return [item.action for item in history_of(session, subject)]


def test_add_signatory_keeps_every_detail_and_the_role_in_a_group(session: Session) -> None:
    campaign = make_campaign(session)
    details = Details(
        name="Олександра Бондаренко", sort_name="Бондаренко", email="olena@example.org", credential="Laureate 2022",
        affiliation="Center X", country="UA", language="uk", notes="Call in the morning",
    )  # fmt: skip
    new = NewEntry(details, SignatoryKind.PERSON, True, (GroupPlace(WLC, "Leadership Council"),))
    public_id = add_signatory(session, campaign, "olga", new)
    found = entry(session, campaign.id, public_id, "test")
    assert (found.details, found.kind, found.is_prominent) == (details, SignatoryKind.PERSON, True)
    (held,) = roles_of(session, [found.id], "test")[found.id]
    assert (held.group, held.role) == (WLC, "Leadership Council")
    assert found.details.public_line == "Laureate 2022, Center X"
    assert actions_of(session, public_id) == ["signatory.added"]


def test_add_signatories_puts_them_into_one_group_whatever_its_capitals(session: Session) -> None:
    campaign = make_campaign(session)
    entries = [
        NewEntry(Details(name=name), places=(GroupPlace(group),))
        for name, group in (("Ann", WLC), ("Bo", "world  liberty congress"), ("Cy", WLC))
    ]
    add_signatories(session, campaign, "olga", entries)
    assert [(group.name, group.members) for group in list_groups(session, campaign.id)] == [(WLC, 3)]


def test_nothing_of_a_signatory_stands_in_the_clear(session: Session) -> None:
    make_signatory(
        session, name="Xenia Verborgen", email="xenia@geheim.example", affiliation="Zauberhaus", notes="Heimlich",
        groups=(("Circle", "Quartermaster"),),
    )  # fmt: skip
    raw = b""
    for table in ("signatories", "group_memberships", "audit_entries"):
        for row in session.execute(text(f"SELECT * FROM {table}")):
            raw += b"|".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    for secret in ("Xenia", "geheim", "Zauberhaus", "Heimlich", "Quartermaster"):
        assert secret.encode() not in raw


def test_edit_signatory_saves_what_changed_and_records_which_fields(session: Session) -> None:
    campaign = make_campaign(session)
    row = make_signatory(session, campaign, name="Ann May", email="old@example.org", groups=((WLC, "Member"),))
    before = entry(session, campaign.id, row.public_id, "test")
    details = replace(before.details, email="new@example.org")
    changed = edit_signatory(
        session, campaign, "olga", row, NewEntry(details, places=(GroupPlace(WLC, "Chair"), GroupPlace("Jurists")))
    )
    after = entry(session, campaign.id, row.public_id, "test")
    assert changed
    assert after.details.email == "new@example.org"
    assert [(held.group, held.role) for held in roles_of(session, [row.id], "test")[row.id]] == [
        ("Jurists", ""),
        (WLC, "Chair"),
    ]
    assert history_of(session, row.public_id)[0].detail == {"fields": "email, groups"}


def test_edit_signatory_without_a_change_records_nothing(session: Session) -> None:
    campaign = make_campaign(session)
    row = make_signatory(session, campaign, groups=((WLC, "Member"),))
    same = entry(session, campaign.id, row.public_id, "test")
    envelope = row.identity_sealed
    assert not edit_signatory(
        session, campaign, "olga", row, NewEntry(same.details, places=(GroupPlace(WLC, "Member"),))
    )
    assert row.identity_sealed == envelope
    assert actions_of(session, row.public_id) == ["signatory.added"]


def test_remove_signatory_deletes_the_row_and_the_roles(session: Session) -> None:
    campaign = make_campaign(session)
    row = make_signatory(session, campaign, groups=((WLC, "Member"),))
    public_id = row.public_id
    remove_signatory(session, campaign, "olga", row)
    with pytest.raises(NoSuchSignatory):
        signatory_row(session, campaign.id, public_id)
    assert [group.members for group in list_groups(session, campaign.id)] == [0]
    assert "signatory.removed" in actions_of(session, public_id)


def test_remove_signatory_refuses_a_person_who_was_asked(either_app: Flask) -> None:
    database = parts_of(either_app).database
    with either_app.app_context(), database.writing() as session:
        invitation = make_invitation(session, asked=False)
        row = session.get_one(Signatory, invitation.signatory_id)
        campaign = session.get_one(Campaign, row.campaign_id)
        with pytest.raises(SignatoryAsked):
            remove_signatory(session, campaign, "olga", row)
        assert session.scalar(select(Signatory.id).where(Signatory.id == row.id)) == row.id


def test_add_group_refuses_a_name_that_is_taken(session: Session) -> None:
    campaign = make_campaign(session)
    add_group(session, campaign, "olga", WLC, "")
    with pytest.raises(GroupNameTaken):
        add_group(session, campaign, "olga", WLC.upper(), "")


def test_edit_group_renames_and_refuses_another_groups_name(session: Session) -> None:
    campaign = make_campaign(session)
    first = group_row(session, campaign.id, add_group(session, campaign, "olga", "First", ""))
    add_group(session, campaign, "olga", "Second", "")
    edit_group(session, campaign, "olga", first, "FIRST", "https://example.org")
    assert words_of(session, first) == {"name": "FIRST", "website": "https://example.org"}
    with pytest.raises(GroupNameTaken):
        edit_group(session, campaign, "olga", first, "second", "")


def test_remove_group_refuses_while_somebody_is_in_it(session: Session) -> None:
    campaign = make_campaign(session)
    make_signatory(session, campaign, groups=(("Circle", ""),))
    empty = group_row(session, campaign.id, add_group(session, campaign, "olga", "Empty", ""))
    remove_group(session, campaign, "olga", empty)
    (circle,) = list_groups(session, campaign.id)
    with pytest.raises(GroupInUse):
        remove_group(session, campaign, "olga", group_row(session, campaign.id, circle.public_id))
