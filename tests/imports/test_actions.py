"""An import from upload to the last row: shown before it is done, done once, and leaving nothing behind."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.audit.queries import history_of
from app.base.parts import parts_of
from app.campaigns.models import Campaign
from app.directory.matching.states import Likeness
from app.directory.queries import count_signatories, every_entry, list_groups, roles_of
from app.imports.actions import apply_import, discard_import, save_answers, save_columns
from app.imports.keeping import keep_review
from app.imports.models import Import
from app.imports.queries import dry_run, import_row, plan_of, sheet_of
from app.imports.review import Review, Reviewed, RowVerdict
from app.imports.states import ImportOver, ImportState, QuestionsOpen, ReviewOutdated
from app.sheets.looks import NO_HEADINGS
from tests.factories.campaigns import make_campaign
from tests.factories.directory import make_import, make_signatory

FIRST = (
    "name;country;affiliation;group;role\n"
    "Ann May;New Zealand;Poet;World Liberty Congress;Member\n"
    "René Łuk;Switzerland, Italy;Professor;;\n"
    "ann may;New Zealand;Poet;World Liberty Congress;Chair\n"
    "Bo Li;Unites States;Judge;;\n"
    "Bo Li;China;Clerk;;"
)


def mapped(session: Session, campaign: Campaign, content: str) -> Import:
    row = make_import(session, campaign, content)
    save_columns(session, campaign, "olga", row, plan_of(session, row))
    return row


def review_of(session: Session, row: Import) -> Review:
    return dry_run(session, row.campaign_id, row).review


def by_number(review: Review) -> dict[int, Reviewed]:
    return {row.number: row for row in review.rows}


def exact_answers(review: Review) -> dict[int, str]:
    return {row.number: row.possible[0].answer for row in review.rows if row.has_exact and not row.answer}


def apply(session: Session, campaign: Campaign, row: Import, leave_out: bool = False) -> None:
    keep_review(session, row, dry_run(session, campaign.id, row))
    apply_import(session, campaign, "olga", row, leave_out)


def names(session: Session, campaign: Campaign) -> list[str]:
    return [entry.details.name for entry in every_entry(session, campaign.id, "test")]


def test_dry_run_asks_about_countries_and_repeats_and_changes_nothing(session: Session) -> None:
    campaign = make_campaign(session)
    row = mapped(session, campaign, FIRST)
    review = review_of(session, row)
    assert [item.verdict for item in review.rows] == [
        RowVerdict.ADD, RowVerdict.ADD, RowVerdict.ASKED, RowVerdict.ADD, RowVerdict.ASKED,
    ]  # fmt: skip
    assert [(question.text, question.suggestions) for question in review.countries] == [
        ("Switzerland, Italy", ("CH", "IT")),
        ("Unites States", ("US",)),
    ]
    # The role is Member in one row and Chair in the other.
    assert (by_number(review)[4].possible[0].likeness, by_number(review)[4].possible[0].differs) == (
        Likeness.LIKELY,
        (4,),
    )
    assert by_number(review)[6].possible[0].likeness is Likeness.LIKELY
    assert count_signatories(session, campaign.id) == 0


def test_apply_writes_what_was_answered(session: Session) -> None:
    campaign = make_campaign(session)
    row = mapped(session, campaign, FIRST)
    save_answers(session, row, {4: "row:2", 6: "different"}, {"Switzerland, Italy": "CH", "Unites States": ""})
    apply(session, campaign, row)
    entries = {entry.details.affiliation: entry for entry in every_entry(session, campaign.id, "test")}
    assert {(e.details.name, e.details.country) for e in entries.values()} == {
        ("Ann May", "NZ"), ("René Łuk", "CH"), ("Bo Li", ""), ("Bo Li", "CN"),
    }  # fmt: skip
    held = roles_of(session, [entries["Poet"].id], "test")[entries["Poet"].id]
    assert [(role.group, role.role) for role in held] == [("World Liberty Congress", "Member")]
    assert (row.state, row.added, row.unchanged, row.left_out) == (ImportState.APPLIED, 4, 1, 0)


def test_apply_refuses_open_questions_unless_they_are_left_out(session: Session) -> None:
    campaign = make_campaign(session)
    row = mapped(session, campaign, FIRST)
    with pytest.raises(QuestionsOpen):
        apply(session, campaign, row)
    assert count_signatories(session, campaign.id) == 0
    apply(session, campaign, row, leave_out=True)
    assert names(session, campaign) == ["Ann May", "René Łuk", "Bo Li"]
    assert (row.added, row.left_out, row.refused) == (3, 2, 0)


def test_a_country_that_nobody_understood_leaves_nobody_out(session: Session) -> None:
    campaign = make_campaign(session)
    row = mapped(session, campaign, "name;country\nAnn May;Atlantis\nBo Li;New Zealaand\n")
    review = review_of(session, row)
    assert (review.open_questions, review.open_countries) == (0, 2)
    save_answers(session, row, {}, {"New Zealaand": "NZ"})
    apply(session, campaign, row)
    assert [(entry.details.country, entry.details.notes) for entry in every_entry(session, campaign.id, "test")] == [
        ("", "country: Atlantis"), ("NZ", ""),
    ]  # fmt: skip


def test_applying_twice_writes_once(session: Session) -> None:
    campaign = make_campaign(session)
    row = mapped(session, campaign, "name\nAnn May\n")
    keep_review(session, row, dry_run(session, campaign.id, row))
    apply_import(session, campaign, "olga", row)
    apply_import(session, campaign, "olga", row)
    assert names(session, campaign) == ["Ann May"]


def test_apply_refuses_when_the_directory_changed_since(session: Session) -> None:
    campaign = make_campaign(session)
    row = mapped(session, campaign, "name\nAnn May\n")
    keep_review(session, row, dry_run(session, campaign.id, row))
    make_signatory(session, campaign, name="Ann May")
    with pytest.raises(ReviewOutdated):
        apply_import(session, campaign, "olga", row)
    assert review_of(session, row).open_questions == 1


def test_a_second_list_of_addresses_is_accepted_in_bulk_where_exact(either_app: Flask) -> None:
    database = parts_of(either_app).database
    with either_app.app_context(), database.writing() as session:
        campaign = make_campaign(session)
        for name, line in (
            ("Ann May", "Poet"),
            ("Олена Коваль", "Юристка"),
            ("Wei Wang", "Judge"),
            ("Wei Wang", "Clerk"),
        ):
            make_signatory(session, campaign, name=name, country="NZ", affiliation=line, email="")
        row = mapped(
            session, campaign,
            "name;affiliation;email\nann may;Poet;ann@example.org\nОлена Коваль;Юристка;olena@example.org\n"
            "Wei Wang;;wei@example.org\nOlena Koval;;other@example.org",
        )  # fmt: skip
        answers = exact_answers(review_of(session, row))
        assert sorted(answers) == [2, 3]
        save_answers(session, row, answers, {})
        review = review_of(session, row)
        assert [item.verdict for item in review.rows] == [
            RowVerdict.UPDATE, RowVerdict.UPDATE, RowVerdict.ASKED, RowVerdict.ASKED,
        ]  # fmt: skip
        assert [(c.field, c.old, c.new) for c in by_number(review)[2].changes] == [("email", "", "ann@example.org")]
        apply(session, campaign, row, leave_out=True)
        found = {entry.details.name: entry.details for entry in every_entry(session, campaign.id, "test")}
        assert found["Ann May"].email == "ann@example.org"
        assert found["Ann May"].country == "NZ"
        assert found["Wei Wang"].email == ""
        assert (row.updated, row.left_out) == (2, 2)


def test_importing_the_same_list_again_changes_nothing(session: Session) -> None:
    campaign = make_campaign(session)
    content = "name;affiliation;group;role\nAnn May;Poet;Circle;Chair\nСара Әбенова;Журналист;;\n"
    apply(session, campaign, mapped(session, campaign, content))
    row = mapped(session, campaign, content)
    save_answers(session, row, exact_answers(review_of(session, row)), {})
    assert {item.verdict for item in review_of(session, row).rows} == {RowVerdict.UNCHANGED}
    apply(session, campaign, row)
    assert (row.added, row.updated, row.unchanged) == (0, 0, 2)


def test_an_update_erases_nothing_renames_nobody_and_adds_to_groups_and_notes(session: Session) -> None:
    campaign = make_campaign(session)
    person = make_signatory(
        session, campaign, name="René Łuk", email="rene@example.org", affiliation="Poet", notes="Shy",
        groups=(("Circle", "Chair"),),
    )  # fmt: skip
    row = mapped(session, campaign, "name;email;affiliation;notes;group\nRene Luk;;Judge;Call;Jurists\n")
    save_answers(session, row, {2: f"same:{person.public_id}"}, {})
    apply(session, campaign, row)
    (entry,) = every_entry(session, campaign.id, "test")
    assert (entry.details.name, entry.details.email) == ("René Łuk", "rene@example.org")
    assert (entry.details.affiliation, entry.details.notes) == ("Judge", "Shy\nCall")
    assert [(held.group, held.role) for held in roles_of(session, [entry.id], "test")[entry.id]] == [
        ("Circle", "Chair"),
        ("Jurists", ""),
    ]
    assert [item.action for item in history_of(session, person.public_id)] == ["signatory.imported", "signatory.added"]


def test_two_rows_for_one_entry_add_up(session: Session) -> None:
    campaign = make_campaign(session)
    person = make_signatory(session, campaign, name="Ann May", email="")
    row = mapped(session, campaign, "name;email;affiliation\nAnn May;ann@example.org;\nDr Ann May;;Poet\n")
    save_answers(session, row, dict.fromkeys((2, 3), f"same:{person.public_id}"), {})
    apply(session, campaign, row)
    (entry,) = every_entry(session, campaign.id, "test")
    assert (entry.details.email, entry.details.affiliation) == ("ann@example.org", "Poet")
    assert row.updated == 2


def test_an_answer_that_names_somebody_else_is_ignored(session: Session) -> None:
    campaign = make_campaign(session)
    stranger = make_signatory(session, name="Ann May")
    make_signatory(session, campaign, name="Ann May")
    row = mapped(session, campaign, "name\nAnn May\n")
    save_answers(session, row, {2: f"same:{stranger.public_id}"}, {})
    assert by_number(review_of(session, row))[2].verdict is RowVerdict.ASKED


def test_a_row_that_repeats_a_waiting_row_waits_too(session: Session) -> None:
    campaign = make_campaign(session)
    make_signatory(session, campaign, name="Ann May")
    row = mapped(session, campaign, "name;country\nAnn May;Peru\nAnn May;Peru\n")
    save_answers(session, row, {3: "row:2"}, {})
    assert [item.verdict for item in review_of(session, row).rows] == [RowVerdict.ASKED, RowVerdict.ASKED]
    save_answers(session, row, {2: "different"}, {})
    assert [item.verdict for item in review_of(session, row).rows] == [RowVerdict.ADD, RowVerdict.REPEAT]


def test_refused_rows_are_left_out_and_named(session: Session) -> None:
    campaign = make_campaign(session)
    row = mapped(
        session, campaign, 'name,email\nAnn,ann@localhost\n"Bo\nBcc: x@y.zz",bo@example.org\nCy,cy@example.org\n'
    )
    review = review_of(session, row)
    assert [item.verdict for item in review.rows] == [RowVerdict.ADD, RowVerdict.REFUSED, RowVerdict.ADD]
    apply(session, campaign, row)
    assert names(session, campaign) == ["Ann", "Cy"]


def test_other_columns_ask_anew_and_the_same_keep_the_answers(session: Session) -> None:
    campaign = make_campaign(session)
    row = mapped(session, campaign, FIRST)
    save_answers(session, row, {6: "different"}, {"Unites States": "US"})
    plan = plan_of(session, row)
    save_columns(session, campaign, "olga", row, plan)
    assert plan_of(session, row).answers == {6: "different"}
    save_columns(session, campaign, "olga", row, type(plan)(plan.filename, columns=plan.columns[::-1]))
    assert (plan_of(session, row).answers, plan_of(session, row).countries) == ({}, {})


def test_an_answer_can_be_taken_back(session: Session) -> None:
    campaign = make_campaign(session)
    row = mapped(session, campaign, FIRST)
    save_answers(session, row, {6: "different"}, {"Unites States": "US"})
    save_answers(session, row, {6: ""}, {"Unites States": None})
    assert (plan_of(session, row).answers, plan_of(session, row).countries) == ({}, {})


def test_file_and_decisions_are_sealed_and_gone_afterwards(session: Session) -> None:
    campaign = make_campaign(session)
    applied = mapped(session, campaign, "name;notes\nXenia Verborgen;Geheim\n")
    discarded = mapped(session, campaign, "name;notes\nXenia Verborgen;Geheim\n")
    save_answers(session, discarded, {}, {"Verborgenland": "NZ"})
    raw = b"".join(
        bytes(value) for row in session.execute(text("SELECT file_sealed, plan_sealed FROM imports")) for value in row
    )
    assert b"Xenia" not in raw
    assert b"Verborgen" not in raw
    apply(session, campaign, applied)
    discard_import(session, campaign, "olga", discarded)
    session.flush()
    rows = session.execute(text("SELECT file_sealed, plan_sealed FROM imports")).all()
    assert [tuple(row) for row in rows] == [(None, None), (None, None)]


def test_what_is_over_cannot_be_resumed_and_discarding_twice_is_quiet(session: Session) -> None:
    campaign = make_campaign(session)
    row = make_import(session, campaign)
    with pytest.raises(ImportOver):
        apply(session, campaign, row)
    discard_import(session, campaign, "olga", row)
    discard_import(session, campaign, "olga", row)
    again = import_row(session, campaign.id, row.public_id)
    assert again.state is ImportState.DISCARDED
    with pytest.raises(ImportOver):
        plan_of(session, again)
    applied = mapped(session, campaign, "name\nAnn\n")
    apply(session, campaign, applied)
    with pytest.raises(ImportOver):
        discard_import(session, campaign, "olga", applied)


def test_a_list_without_headings_is_taken_from_its_first_row(session: Session) -> None:
    campaign = make_campaign(session)
    row = make_import(session, campaign, "Ann May;ann@example.org\nBo Li;bo@example.org\n")
    sheet = sheet_of(session, row, plan_of(session, row))
    assert sheet.look.heading_row == NO_HEADINGS
    assert [item.cells[0] for item in sheet.rows] == ["Ann May", "Bo Li"]


def test_groups_of_a_list_are_made_once(session: Session) -> None:
    campaign = make_campaign(session)
    apply(
        session,
        campaign,
        mapped(session, campaign, "name;group\nAnn;World Liberty Congress\nBo;WORLD LIBERTY CONGRESS\n"),
    )
    assert [(group.name, group.members) for group in list_groups(session, campaign.id)] == [
        ("World Liberty Congress", 2)
    ]


def test_two_who_press_at_once_import_once(either_app: Flask) -> None:
    database = parts_of(either_app).database
    with either_app.app_context(), database.writing() as session:
        campaign = make_campaign(session)
        row = mapped(session, campaign, "name;group\nAnn May;Circle\n")
        keep_review(session, row, dry_run(session, campaign.id, row))
        upload = row.public_id
    started, results = Barrier(2), []

    def press() -> None:
        with either_app.app_context():
            started.wait(10)
            with database.writing() as session:
                row = import_row(session, campaign.id, upload, to_change=True)
                apply_import(session, campaign, "olga", row)
            results.append("done")

    threads = [Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert results == ["done", "done"]
    with either_app.app_context(), database.reading() as session:
        assert names(session, campaign) == ["Ann May"]
