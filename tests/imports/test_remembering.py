"""A list that comes again: its columns and rows are known, what was decided stays decided, and nobody is doubled."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.campaigns.models import Campaign
from app.directory.actions import edit_signatory, remove_signatory
from app.directory.queries import every_entry, signatory_row
from app.directory.states import Details, NewEntry
from app.imports.actions import apply_import, save_answers, save_columns, save_edits
from app.imports.fields import Field
from app.imports.keeping import keep_review
from app.imports.models import Import
from app.imports.plans import Plan
from app.imports.queries import dry_run, plan_of
from app.imports.review import RowVerdict
from tests.factories.campaigns import make_campaign
from tests.factories.directory import make_import, make_signatory

LIST = (
    "name;country;affiliation;email\n"
    "Ann May;New Zealand;Poet;ann@example.org\n"
    "Wei Wang;Atlantis;PhD student;\n"
    "Anonymous;France;Teacher;\n"
    "Anonymous;France;Teacher;\n"
    "Ann May;New Zealand;Poet;\n"
)


def again(session: Session, campaign: Campaign, content: str, **changed: object) -> Import:
    row = make_import(session, campaign, content)
    plan = plan_of(session, row)
    save_columns(session, campaign, "olga", row, Plan(**{**vars(plan), **changed}))
    return row


def verdicts(session: Session, row: Import) -> list[RowVerdict]:
    return [item.verdict for item in dry_run(session, row.campaign_id, row).review.rows]


def apply(session: Session, campaign: Campaign, row: Import) -> None:
    keep_review(session, row, dry_run(session, campaign.id, row))
    apply_import(session, campaign, "olga", row)


def decided(session: Session) -> Campaign:
    """A campaign into which the list came: one of its people was there, one "different", one repeated, one doubtful."""
    campaign = make_campaign(session)
    known = make_signatory(session, campaign, name="Wei Wang", country="CN", email="")
    row = again(session, campaign, LIST)
    answers = {3: f"same:{known.public_id}", 4: "different", 5: "different", 6: "row:2"}
    save_answers(session, row, answers, {"Atlantis": ""})
    apply(session, campaign, row)
    assert len(list(every_entry(session, campaign.id, "test"))) == 4
    return campaign


def test_the_same_list_again_is_already_there_without_a_question(session: Session) -> None:
    campaign = decided(session)
    row = again(session, campaign, LIST)
    seen = dry_run(session, campaign.id, row)
    assert {item.verdict for item in seen.review.rows} == {RowVerdict.UNCHANGED}
    assert seen.review.open_questions == 0
    apply(session, campaign, row)
    assert (row.added, row.updated, row.unchanged, row.left_out) == (0, 0, 5, 0)
    assert verdicts(session, again(session, campaign, LIST)) == [RowVerdict.UNCHANGED] * 5


def test_an_entry_that_was_edited_since_is_known_and_stays_as_it_is(session: Session) -> None:
    campaign = decided(session)
    for entry in list(every_entry(session, campaign.id, "test")):
        row = signatory_row(session, campaign.id, entry.public_id)
        edited = Details(f"{entry.details.name} the Younger", country="DE", email="other@example.org")
        edit_signatory(session, campaign, "olga", row, NewEntry(edited))
    assert verdicts(session, again(session, campaign, LIST)) == [RowVerdict.UNCHANGED] * 5


def test_rows_in_another_order_with_another_column_are_known(session: Session) -> None:
    campaign = decided(session)
    header, *rows = LIST.splitlines()
    shuffled = "\n".join([f"Paid;{header}", *(f"x;{row}" for row in reversed(rows))])
    row = again(session, campaign, shuffled)
    assert plan_of(session, row).columns[0] is Field.IGNORE
    assert verdicts(session, row) == [RowVerdict.UNCHANGED] * 5


def test_a_row_that_says_something_new_updates_its_entry_by_name_and_address(session: Session) -> None:
    campaign = decided(session)
    row = again(session, campaign, LIST.replace("Poet;ann@", "Judge;ann@"))
    assert verdicts(session, row)[0] is RowVerdict.UPDATE
    apply(session, campaign, row)
    assert [e.details.affiliation for e in every_entry(session, campaign.id, "test")].count("Judge") == 1
    assert len(list(every_entry(session, campaign.id, "test"))) == 4


def test_a_list_again_can_put_everybody_into_a_group(session: Session) -> None:
    campaign = decided(session)
    row = again(session, campaign, LIST, group="First callers")
    assert verdicts(session, row) == [RowVerdict.UPDATE] * 4 + [RowVerdict.UNCHANGED]
    apply(session, campaign, row)
    assert row.updated == 4


def test_who_was_removed_since_is_new_and_another_campaign_knows_nothing(session: Session) -> None:
    campaign = decided(session)
    (ann,) = [e for e in every_entry(session, campaign.id, "test") if e.details.name == "Ann May"]
    remove_signatory(session, campaign, "olga", signatory_row(session, campaign.id, ann.public_id))
    assert verdicts(session, again(session, campaign, LIST))[0] is RowVerdict.ADD
    elsewhere = again(session, make_campaign(session), LIST)
    assert verdicts(session, elsewhere)[4] is RowVerdict.ASKED


def test_headings_hold_what_they_held_last(session: Session) -> None:
    campaign = make_campaign(session)
    first = "Quux;Land;Paid\nAnn May;NZ;yes\n"
    row = again(session, campaign, first, columns=(Field.NAME, Field.COUNTRY, Field.NOTES))
    apply(session, campaign, row)
    columns = plan_of(
        session, make_import(session, campaign, "E-mail;PAID;quux;Land\nbo@example.org;x;Bo;NZ\n")
    ).columns
    assert columns == (Field.EMAIL, Field.NOTES, Field.NAME, Field.COUNTRY)
    without_names = plan_of(session, make_import(session, campaign, "Land;Paid\nNZ;x\n")).columns
    assert without_names == (Field.COUNTRY, Field.IGNORE)


def test_a_person_is_known_however_the_address_stands_in_the_cell(session: Session) -> None:
    campaign = make_campaign(session)
    apply(session, campaign, again(session, campaign, "name;email\nMara Lind;Mara Lind <mara@example.org>\n"))
    row = again(session, campaign, "name;email;affiliation\nMara Lind;mara@example.org;Lanterns\n")
    assert verdicts(session, row) == [RowVerdict.UPDATE]


def test_a_middle_name_makes_it_a_question_whose_name_that_is(session: Session) -> None:
    campaign = make_campaign(session)
    apply(session, campaign, again(session, campaign, "first name;last name;email\nAda;Okoro;ada@example.org\n"))
    row = again(session, campaign, "first name;middle name;last name;email\nAda;N.;Okoro;ada@example.org\n")
    assert verdicts(session, row) == [RowVerdict.ASKED]


def test_a_row_that_was_mended_stands_as_its_entry_when_it_comes_again(session: Session) -> None:
    content = "name;email;country\n#REF!;x@;NZ\n"
    campaign = make_campaign(session)
    row = again(session, campaign, content)
    save_edits(session, row, {2: {"name": "Eve Roe", "email": "eve@example.org"}})
    apply(session, campaign, row)
    second = again(session, campaign, content)
    (seen,) = dry_run(session, campaign.id, second).review.rows
    assert (seen.verdict, seen.entry.details.name, seen.problems) == (RowVerdict.UNCHANGED, "Eve Roe", ())
    save_edits(session, second, {2: {"name": "Eve Roe", "email": "eve@example.org", "country": "Chile"}})
    assert verdicts(session, second) == [RowVerdict.UPDATE]
