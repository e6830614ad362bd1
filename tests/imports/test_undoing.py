"""An import is taken back as a whole: what it added goes, what it changed returns, and what can't is listed."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.audit.queries import history_of
from app.base.parts import parts_of
from app.campaigns.models import Campaign
from app.directory.actions import edit_signatory, remove_signatory
from app.directory.queries import every_entry, list_groups, roles_of, signatory_row
from app.directory.states import Details, NewEntry
from app.imports.actions import apply_import, save_answers, save_columns, undo_import
from app.imports.keeping import keep_review
from app.imports.models import Import
from app.imports.queries import dry_run, plan_of
from app.imports.review import RowVerdict
from app.imports.states import ImportState, NothingToUndo, OtherListBusy, WhyStayed
from app.imports.undoing import Stayed, outlook, stayed
from app.invitations.actions import prepare
from tests.factories.campaigns import make_campaign
from tests.factories.directory import make_import, make_signatory
from tests.factories.statements import make_statement

KEPT = ("imports", "import_blocks", "saved_mappings", "imported_rows")
LIST = (
    "name;email;affiliation;group;role\nAnn May;ann@example.org;Poet;Circle;Chair\nBo Li;bo@example.org;Judge;Guild;\n"
    "Cy Young;cy@example.org;;Guild;\nDi Doe;di@example.org;;;\n"
)  # fmt: skip


def imported(session: Session, campaign: Campaign, answers: dict[int, str], content: str = LIST) -> Import:
    row = make_import(session, campaign, content)
    save_columns(session, campaign, "olga", row, plan_of(session, row))
    save_answers(session, row, answers, {})
    keep_review(session, row, dry_run(session, campaign.id, row))
    apply_import(session, campaign, "olga", row)
    return row


def people(session: Session, campaign: Campaign) -> dict[str, Details]:
    return {entry.details.name: entry.details for entry in every_entry(session, campaign.id, "test")}


def public_id(session: Session, campaign: Campaign, name: str) -> str:
    (found,) = [e.public_id for e in every_entry(session, campaign.id, "test") if e.details.name == name]
    return found


def test_an_undo_leaves_the_directory_as_it_was(either_app: Flask) -> None:
    database = parts_of(either_app).database
    with either_app.app_context(), database.writing() as session:
        campaign = make_campaign(session)
        ann = make_signatory(
            session, campaign, name="Ann May", email="old@example.org", notes="Shy", groups=(("Circle", "Member"),)
        )
        before = people(session, campaign)
        row = imported(session, campaign, {2: f"same:{ann.public_id}"})
        assert len(people(session, campaign)) == 4
        assert {group.name for group in list_groups(session, campaign.id)} == {"Circle", "Guild"}
        found = outlook(session, campaign, row)
        assert (found.removed, found.returned, found.gone, list(found.stayed)) == (3, 1, 0, [])
        undo_import(session, campaign, "olga", row)
        assert people(session, campaign) == before
        assert [(h.group, h.role) for h in roles_of(session, [ann.id], "test")[ann.id]] == [("Circle", "Member")]
        assert [group.name for group in list_groups(session, campaign.id)] == ["Circle"]
        assert (row.state, row.taken_back) == (ImportState.UNDONE, 4)
        assert history_of(session, ann.public_id)[0].action == "signatory.restored"
        assert [event.action for event in history_of(session, row.public_id)][:2] == [
            "import.undone",
            "import.undo_begun",
        ]
        with pytest.raises(NothingToUndo):
            undo_import(session, campaign, "olga", row)


def test_who_was_asked_or_changed_since_stays_and_is_named(session: Session) -> None:
    campaign = make_campaign(session)
    asked_before = make_signatory(session, campaign, name="Ann May", email="old@example.org")
    prepare(session, "olga", make_statement(session, campaign), [asked_before.id])
    row = imported(session, campaign, {2: f"same:{asked_before.public_id}"})
    bo, cy = (signatory_row(session, campaign.id, public_id(session, campaign, name)) for name in ("Bo Li", "Cy Young"))
    prepare(session, "olga", make_statement(session, campaign), [bo.id])
    edit_signatory(session, campaign, "olga", cy, NewEntry(Details("Cy Young", affiliation="Painter")))
    di = signatory_row(session, campaign.id, public_id(session, campaign, "Di Doe"))
    remove_signatory(session, campaign, "olga", di)
    expected = {Stayed(bo.public_id, WhyStayed.ASKED), Stayed(cy.public_id, WhyStayed.EDITED)}
    found = outlook(session, campaign, row)
    assert (found.removed, found.returned, found.gone, set(found.stayed)) == (0, 1, 1, expected)
    undo_import(session, campaign, "olga", row)
    assert set(stayed(session, row)) == expected
    assert set(people(session, campaign)) == {"Ann May", "Bo Li", "Cy Young"}
    assert people(session, campaign)["Ann May"].email == "old@example.org"


def test_what_was_undone_is_not_remembered(session: Session) -> None:
    campaign = make_campaign(session)
    row = imported(session, campaign, {})
    undo_import(session, campaign, "olga", row)
    again = make_import(session, campaign, LIST)
    save_columns(session, campaign, "olga", again, plan_of(session, again))
    review = dry_run(session, campaign.id, again).review
    assert [each.verdict for each in review.rows] == [RowVerdict.ADD] * 4


def test_undoing_a_second_import_of_a_list_leaves_the_first_known(session: Session) -> None:
    campaign = make_campaign(session)
    imported(session, campaign, {})
    undo_import(session, campaign, "olga", imported(session, campaign, {}))
    third = imported(session, campaign, {})
    assert (third.added, third.unchanged) == (0, 4)


def test_nothing_that_is_kept_of_an_import_can_be_read(app: Flask) -> None:
    with app.app_context(), parts_of(app).database.writing() as session:
        campaign = make_campaign(session)
        ann = make_signatory(session, campaign, name="Ann May", email="old@example.org")
        imported(session, campaign, {2: f"same:{ann.public_id}"}, LIST + "Eve Roe;x;;;\nBo Lee;b@example.org;;;\n")
        row = make_import(session, campaign, LIST)
        save_columns(session, campaign, "olga", row, plan_of(session, row))
        keep_review(session, row, dry_run(session, campaign.id, row))
    with parts_of(app).database.engine.connect() as connection:
        tables = [connection.exec_driver_sql(f"SELECT * FROM {name}").all() for name in KEPT]
    assert all(tables)
    for word in ("Ann May", "affiliation", "example.org", "Cy Young"):
        assert word.encode() not in b" ".join(
            value if isinstance(value, bytes) else str(value).encode()
            for rows in tables
            for row in rows
            for value in row
        )


def test_nothing_is_written_or_undone_beside_another_list(session: Session) -> None:
    campaign = make_campaign(session)
    row = imported(session, campaign, {})
    other = make_import(session, campaign, "name\nEd Roe\n")
    other.state = ImportState.APPLYING
    session.flush()
    with pytest.raises(OtherListBusy):
        undo_import(session, campaign, "olga", row)


def test_undone_one_after_the_other_imports_leave_nothing(session: Session) -> None:
    """What a later import changed and its undo put back is not taken for a change since."""
    campaign = make_campaign(session)
    ann = make_signatory(session, campaign, name="Ann May", email="old@example.org")
    same = {2: f"same:{ann.public_id}"}
    before = people(session, campaign)
    first = imported(
        session, campaign, same, "name;email;affiliation\nAnn May;ann@example.org;Poet\nBo Li;b@example.org;\n"
    )
    bo = public_id(session, campaign, "Bo Li")
    second = imported(session, campaign, {**same, 3: f"same:{bo}"}, "name;affiliation\nAnn May;Painter\nBo Li;Judge\n")
    third = imported(session, campaign, same, "name;affiliation\nAnn May;Sculptor\n")
    for row, expected in ((third, (0, 1)), (second, (0, 2)), (first, (1, 1))):
        found = outlook(session, campaign, row)
        assert (found.removed, found.returned, list(found.stayed)) == (*expected, [])
        undo_import(session, campaign, "olga", row)
        assert stayed(session, row) == []
    assert people(session, campaign) == before


def test_what_was_edited_between_two_imports_stays(session: Session) -> None:
    campaign = make_campaign(session)
    first = imported(session, campaign, {}, "name;affiliation\nAnn May;Poet\n")
    ann = signatory_row(session, campaign.id, public_id(session, campaign, "Ann May"))
    edit_signatory(session, campaign, "olga", ann, NewEntry(Details("Ann May", affiliation="Weaver")))
    second = imported(session, campaign, {2: f"same:{ann.public_id}"}, "name;affiliation\nAnn May;Painter\n")
    undo_import(session, campaign, "olga", second)
    assert people(session, campaign)["Ann May"].affiliation == "Weaver"
    assert list(outlook(session, campaign, first).stayed) == [Stayed(ann.public_id, WhyStayed.EDITED)]
