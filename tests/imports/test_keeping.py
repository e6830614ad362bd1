"""The dry run is worked out once and kept: pages open what they show, and answers judge again what they touch."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.campaigns.models import Campaign
from app.imports import blocks
from app.imports.actions import apply_import, save_columns, undo_import
from app.imports.dry_runs import KeptReview, KeptRow
from app.imports.judging import judge_answers, save_judged
from app.imports.keeping import families_of, is_outdated, keep_review, kept_review
from app.imports.models import Import
from app.imports.paging import rows_in
from app.imports.parts import ReviewPart
from app.imports.queries import dry_run, plan_of
from app.imports.review import RowVerdict
from tests.factories.campaigns import make_campaign
from tests.factories.directory import make_import, make_signatory

ROWS = 23


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.imports.dry_runs.IN_ONE_BLOCK", 4)


def kept_import(session: Session, campaign: Campaign, content: str) -> tuple[Import, KeptReview]:
    row = make_import(session, campaign, content)
    save_columns(session, campaign, "olga", row, plan_of(session, row))
    return row, keep_review(session, row, dry_run(session, campaign.id, row))


def review_now(session: Session, row: Import) -> KeptReview:
    found = kept_review(session, row)
    assert found is not None
    return found


def told(rows: list[KeptRow]) -> list[tuple[object, ...]]:
    """What a row says but for the ids that are drawn anew each time."""
    return [(each.reviewed, each.cells, each.result, bool(each.leads_to), each.seen_at) for each in rows]


def test_what_was_kept_is_what_was_worked_out(session: Session) -> None:
    campaign = make_campaign(session)
    make_signatory(session, campaign, name="Ann May", country="NZ")
    people = "\n".join(f"Person {number};NZ" for number in range(ROWS))
    row, kept = kept_import(session, campaign, f"name;country\nAnn May;NZ\n{people}\nBo;Nowhere\n")
    seen = dry_run(session, campaign.id, row)
    assert [each.reviewed for each in rows_in(session, row, kept, ReviewPart.ALL)] == list(seen.review.rows)
    assert {verdict: kept.count(verdict) for verdict in RowVerdict} == {
        verdict: seen.review.count(verdict) for verdict in RowVerdict
    }
    assert kept.number_in(ReviewPart.COUNTRIES) == 1


def test_a_page_opens_only_what_it_shows(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = make_campaign(session)
    people = "\n".join(f"Person {chr(65 + number) * 3};NZ" for number in range(ROWS))
    row, kept = kept_import(session, campaign, f"name;country\n{people}\n;NZ\n")
    opened: list[int] = []
    real = blocks.open_block

    def noted(*given: Any) -> list[Any]:
        opened.append(given[-1])
        return real(*given)

    monkeypatch.setattr("app.imports.keeping.open_block", noted)
    assert len(rows_in(session, row, kept, ReviewPart.ALL, after=9, most=5)) == 5
    assert opened == [2, 3]
    opened.clear()
    assert [each.reviewed.number for each in rows_in(session, row, kept, ReviewPart.PROBLEMS)] == [ROWS + 2]
    assert opened == [ROWS // 4]


def test_answers_judge_again_what_they_touch_as_a_new_dry_run_would(session: Session) -> None:
    campaign = make_campaign(session)
    ann = make_signatory(session, campaign, name="Ann May", email="", country="NZ")
    content = (
        "name;country;affiliation\nAnn May;NZ;Poet\nDr Ann May;NZ;Judge\nBo Li;CN;Clerk\nBo Li;CN;\nCy;;\nDi;;\n"
        "Ann Mai;NZ;\n"
    )  # fmt: skip
    row, _kept = kept_import(session, campaign, content)
    answers = {2: f"same:{ann.public_id}", 3: f"same:{ann.public_id}", 5: "row:4", 8: "different"}
    for some in ({5: "row:4"}, {3: answers[3], 8: "different"}, {2: answers[2]}):
        judged = judge_answers(session, row, some)
        assert judged is not None
        assert save_judged(session, row, judged)
    kept = review_now(session, row)
    assert dict(plan_of(session, row).answers) == answers
    now = rows_in(session, row, kept, ReviewPart.ALL)
    fresh = keep_review(session, row, dry_run(session, campaign.id, row))
    assert told(now) == told(rows_in(session, row, fresh, ReviewPart.ALL))
    assert kept.blocks == fresh.blocks
    back = judge_answers(session, row, {5: ""})
    assert back is not None
    assert save_judged(session, row, back)
    assert review_now(session, row).open_questions == fresh.open_questions + 1


def test_rows_that_depend_on_each_other_are_a_family(session: Session) -> None:
    campaign = make_campaign(session)
    make_signatory(session, campaign, name="Ann May", email="")
    row, _kept = kept_import(session, campaign, "name\nAnn May\nCy Young\nDr Ann May\nBo Li\nDr Bo Li\n")
    assert families_of(session, row, [2]) == {2, 4}
    assert families_of(session, row, [6]) == {5, 6}
    assert families_of(session, row, [3]) == {3}


def test_a_second_answer_at_the_same_moment_is_not_written_over_the_first(session: Session) -> None:
    campaign = make_campaign(session)
    row, _kept = kept_import(session, campaign, "name\nBo Li\nDr Bo Li\n")
    one, other = (judge_answers(session, row, {3: said}) for said in ("row:2", "different"))
    assert one is not None
    assert other is not None
    assert save_judged(session, row, one)
    assert not save_judged(session, row, other)
    assert plan_of(session, row).answers == {3: "row:2"}


def test_a_dry_run_knows_that_the_directory_has_changed(session: Session) -> None:
    campaign = make_campaign(session)
    row, kept = kept_import(session, campaign, "name\nBo Li\n")
    assert not is_outdated(session, row, kept)
    make_signatory(session, campaign)
    assert is_outdated(session, row, kept)


def test_an_import_that_changed_nobody_makes_no_other_dry_run_outdated(session: Session) -> None:
    campaign = make_campaign(session)
    row, kept = kept_import(session, campaign, "name\nAnn May\n")
    for content, is_told in (("name;email\n-;ann@example.org\n", False), ("name\nBo Li\n", True)):
        other, _kept = kept_import(session, campaign, content)
        apply_import(session, campaign, "olga", other, leave_out=True)
        assert is_outdated(session, row, kept) is is_told
    undo_import(session, campaign, "olga", other)
    assert is_outdated(session, row, kept)
