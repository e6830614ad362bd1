"""A statement's life from its first draft to its end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit.queries import history_of
from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.campaigns.models import Campaign
from app.statements import actions, drafting, queries
from app.statements.canonical import from_bytes
from app.statements.models import Statement, Version
from app.statements.states import (
    DeadlineRefused,
    DifferentFromConfirmed,
    IllegalMove,
    NotReady,
    StatementKind,
    StatementSlugTaken,
    StatementState,
)
from tests.factories.campaigns import make_campaign
from tests.factories.institutions import make_institution
from tests.factories.statements import make_annex, make_statement, sha256_of
from tests.statements.races import Race

ACTOR = "owner"


def settings_of(session: Session, statement: Statement, **changed: Any) -> actions.StatementSettings:
    values: dict[str, Any] = {
        "slug": queries.slug_of(session, statement),
        "kind": statement.kind,
        "language": statement.language,
        "deadline_at": statement.deadline_at,
        "zone": statement.zone,
        "goal": statement.goal,
        "contact_name": "Marta",
        "contact_email": "marta@example.org",
    }
    return actions.StatementSettings(**values | changed)


def test_create_statement_begins_a_draft_with_a_slug_of_its_title(session: Session) -> None:
    campaign = make_campaign(session)
    created = actions.create_statement(
        session, ACTOR, campaign, title="Зупиніть це", language="uk", kind=StatementKind.APPEAL
    )
    assert created.state is StatementState.DRAFTING
    assert queries.slug_of(session, created) == "zupinit-tse"
    assert created.slug.startswith("~")
    assert queries.contact_of(session, created) == queries.ReplyContact("", "")
    assert history_of(session, created.public_id)[0].action == "statement.created"


def test_two_statements_of_one_title_have_two_slugs(session: Session) -> None:
    campaign = make_campaign(session)
    one, other = make_statement(session, campaign), make_statement(session, campaign)
    assert other.slug.startswith(one.slug)
    assert other.slug != one.slug


def test_open_statement_freezes_the_bytes_that_sha256sum_confirms(session: Session) -> None:
    statement = make_statement(session)
    version = queries.version_of(session, statement)
    canonical = queries.canonical_of(session, version.id, "en")
    assert statement.state is StatementState.OPEN
    assert statement.current_version_id == version.id
    assert hashlib.sha256(canonical).hexdigest() == sha256_of(session, statement)
    content = from_bytes(canonical)
    assert (content.statement, content.version, content.language) == (statement.slug, 1, "en")


def test_open_statement_covers_addressees_and_annexes(session: Session) -> None:
    ministry = make_institution(session, "Ministry of Justice")
    statement = make_statement(session, opened=False, institutions=[ministry])
    annex = make_annex(session, statement)
    actions.open_statement(session, ACTOR, statement)
    content = from_bytes(queries.canonical_of(session, queries.version_of(session, statement).id, "en"))
    assert content.addressees == ("Ministry of Justice",)
    assert [row.sha256 for row in content.annexes] == [annex.sha256]


def test_open_statement_publishes_its_campaign_once(session: Session) -> None:
    campaign = make_campaign(session)
    make_statement(session, campaign)
    session.refresh(campaign)
    published_at = campaign.published_at
    assert published_at is not None
    make_statement(session, campaign)
    session.refresh(campaign)
    assert campaign.published_at == published_at


def test_opening_an_open_statement_again_does_nothing(session: Session) -> None:
    statement = make_statement(session)
    before, entries = statement.opened_at, len(history_of(session, statement.public_id))
    version = actions.open_statement(session, ACTOR, statement)
    assert (version.number, statement.opened_at) == (1, before)
    assert len(history_of(session, statement.public_id)) == entries


def test_open_statement_takes_only_what_was_confirmed(session: Session) -> None:
    statement = make_statement(session, opened=False)
    with pytest.raises(DifferentFromConfirmed):
        actions.open_statement(session, ACTOR, statement, {"en": "0" * 64})


def test_open_statement_names_everything_that_is_missing(session: Session) -> None:
    campaign = make_campaign(session)
    empty = actions.create_statement(
        session, ACTOR, campaign, title="Empty", language="en", kind=StatementKind.STATEMENT
    )
    with pytest.raises(NotReady) as refused:
        actions.open_statement(session, ACTOR, empty)
    for words in ("text is empty", "addressed to nobody", "Nobody is named who reads the replies"):
        assert words in refused.value.message


@pytest.mark.parametrize("state", ["closed", "delivered", "withdrawn"])
def test_open_statement_refuses_what_is_past(session: Session, state: str) -> None:
    statement = make_statement(session, opened=state != "withdrawn", **{state: True})  # type: ignore[arg-type]
    with pytest.raises(IllegalMove):
        actions.open_statement(session, ACTOR, statement)


def test_change_settings_of_a_draft(session: Session) -> None:
    statement = make_statement(session, opened=False)
    deadline = clock.now() + timedelta(days=10)
    actions.change_settings(
        session, ACTOR, statement,
        settings_of(session, statement, slug="another", deadline_at=deadline, zone="Asia/Almaty", goal=500),
    )  # fmt: skip
    assert (queries.slug_of(session, statement), statement.zone, statement.goal) == ("another", "Asia/Almaty", 500)
    assert queries.contact_of(session, statement) == queries.ReplyContact("Marta", "marta@example.org")


def test_change_settings_refuses_a_slug_that_is_taken(session: Session) -> None:
    taken, statement = make_statement(session), make_statement(session, opened=False)
    with pytest.raises(StatementSlugTaken):
        actions.change_settings(session, ACTOR, statement, settings_of(session, statement, slug=taken.slug))


def test_change_settings_refuses_a_deadline_that_has_passed(session: Session) -> None:
    statement = make_statement(session, opened=False)
    passed = settings_of(session, statement, deadline_at=clock.now() - timedelta(seconds=1))
    with pytest.raises(DeadlineRefused):
        actions.change_settings(session, ACTOR, statement, passed)


def test_change_settings_once_open_leaves_what_people_were_told(session: Session) -> None:
    statement = make_statement(session)
    slug = statement.slug
    changed = {"slug": "other", "kind": StatementKind.PETITION, "deadline_at": clock.now()}
    wanted = settings_of(session, statement, **changed, goal=9, contact_name="Anna")
    actions.change_settings(session, ACTOR, statement, wanted)
    assert (statement.slug, statement.kind, statement.deadline_at) == (slug, StatementKind.STATEMENT, None)
    assert (statement.goal, queries.contact_of(session, statement).name) == (9, "Anna")


def test_contact_is_sealed(session: Session) -> None:
    statement = make_statement(session)
    assert b"Marta" not in statement.contact_sealed
    assert b"example.org" not in statement.contact_sealed


def test_extend_deadline_moves_it_later_and_is_recorded(session: Session) -> None:
    first = clock.now() + timedelta(days=1)
    statement = make_statement(session, deadline_at=first)
    actions.extend_deadline(session, ACTOR, statement, first + timedelta(days=1), "Europe/Kyiv")
    assert statement.deadline_at == first + timedelta(days=1)
    entry = history_of(session, statement.public_id)[0]
    assert (entry.action, entry.detail["was"]) == ("statement.deadline_extended", first.isoformat())


@pytest.mark.parametrize("days", [-2, 0.5])
def test_extend_deadline_never_shortens_what_was_announced(session: Session, days: float) -> None:
    first = clock.now() + timedelta(days=1)
    statement = make_statement(session, deadline_at=first)
    with pytest.raises(DeadlineRefused):
        actions.extend_deadline(session, ACTOR, statement, clock.now() + timedelta(days=days))
    assert statement.deadline_at == first


def test_extend_deadline_that_has_just_passed_opens_signing_again(session: Session) -> None:
    first = clock.now() + timedelta(days=1)
    statement = make_statement(session, deadline_at=first)
    clock.freeze(first + timedelta(minutes=5))
    assert not queries.is_open(statement)
    actions.extend_deadline(session, ACTOR, statement, first + timedelta(days=1))
    assert queries.is_open(statement)


def test_extend_deadline_needs_an_open_statement(session: Session) -> None:
    with pytest.raises(IllegalMove):
        actions.extend_deadline(session, ACTOR, make_statement(session, closed=True), clock.now() + timedelta(days=1))


def test_statement_goes_through_its_life_and_each_step_twice_is_once(session: Session) -> None:
    statement = make_statement(session)
    for step in (actions.close_statement, actions.mark_delivered, actions.conclude):
        step(session, ACTOR, statement)
        step(session, ACTOR, statement)
    assert statement.state is StatementState.CONCLUDED
    recorded = [entry.action for entry in history_of(session, statement.public_id)]
    assert recorded[:3] == ["statement.concluded", "statement.delivered", "statement.closed"]


@pytest.mark.parametrize(
    ("states", "step"),
    [
        ({"opened": False}, actions.close_statement),
        ({"opened": True}, actions.mark_delivered),
        ({"closed": True}, actions.conclude),
        ({"closed": True}, actions.withdraw),
        ({"opened": False, "withdrawn": True}, actions.close_statement),
    ],
)
def test_steps_out_of_order_are_refused(
    session: Session, states: dict[str, Any], step: Callable[[Session, str, Statement], None]
) -> None:
    with pytest.raises(IllegalMove):
        step(session, ACTOR, make_statement(session, **states))


def test_two_openings_at_once_make_one_version(either_app: Flask) -> None:
    database: Database = parts_of(either_app).database
    with either_app.app_context(), database.writing() as session:
        public_id = make_statement(session, opened=False).public_id

    def open_it(session: Session) -> int:
        return actions.open_statement(session, ACTOR, queries.statement_by_public_id(session, public_id)).number

    assert Race(either_app).run(*[open_it] * 4) == [1, 1, 1, 1]
    with either_app.app_context(), database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Version)) == 1
        recorded = [entry.action for entry in history_of(session, public_id)]
        assert recorded.count("statement.opened") == 1


def test_an_address_is_taken_once_though_its_holder_opens_at_that_moment(either_app: Flask) -> None:
    """While one opens, another draft may get the address past the digest; then its own opening says so."""
    database: Database = parts_of(either_app).database
    with either_app.app_context(), database.writing() as session:
        first, second = make_statement(session, opened=False), make_statement(session, opened=False)
        wanted, public_ids = queries.slug_of(session, first), (first.public_id, second.public_id)

    def open_it(session: Session, public_id: str) -> str:
        opened = queries.statement_by_public_id(session, public_id)
        actions.open_statement(session, ACTOR, opened)
        return opened.slug

    def want_it(session: Session) -> None:
        statement = queries.statement_by_public_id(session, public_ids[1])
        actions.change_settings(session, ACTOR, statement, settings_of(session, statement, slug=wanted))

    opened, refused = Race(either_app).run(lambda session: open_it(session, public_ids[0]), want_it)
    assert opened == wanted
    (later,) = Race(either_app).run(lambda session: open_it(session, public_ids[1]))
    if refused is None:
        assert isinstance(later, StatementSlugTaken)
        with either_app.app_context(), database.reading() as session:
            assert queries.statement_by_public_id(session, public_ids[1]).state is StatementState.DRAFTING
    else:
        assert isinstance(refused, StatementSlugTaken)
        assert later != wanted


def test_opening_says_that_another_has_the_address_by_now_and_publishes_nothing(session: Session) -> None:
    holder, statement = make_statement(session), make_statement(session, opened=False)
    holder.slug = queries.slug_of(session, statement)
    session.flush()
    with pytest.raises(StatementSlugTaken, match=holder.slug), session.begin_nested():
        actions.open_statement(session, ACTOR, statement)
    session.refresh(statement)
    assert (statement.state, statement.slug[0]) == (StatementState.DRAFTING, "~")


def test_closing_and_extending_at_once_agree(either_app: Flask) -> None:
    """Whichever comes first, a closed statement's deadline is not moved afterwards."""
    database: Database = parts_of(either_app).database
    later = clock.now() + timedelta(days=9)
    with either_app.app_context(), database.writing() as session:
        public_id = make_statement(session, deadline_at=clock.now() + timedelta(days=1)).public_id
    _closed, extended = Race(either_app).run(
        lambda session: actions.close_statement(session, ACTOR, queries.statement_by_public_id(session, public_id)),
        lambda session: actions.extend_deadline(
            session, ACTOR, queries.statement_by_public_id(session, public_id), later
        ),
    )
    with either_app.app_context(), database.reading() as session:
        statement = queries.statement_by_public_id(session, public_id)
        assert statement.state is StatementState.CLOSED
        assert (statement.deadline_at == later) == (extended is None)


def test_removing_the_language_that_becomes_authoritative(either_app: Flask) -> None:
    """A statement never ends up with an authoritative language that has no text."""
    database: Database = parts_of(either_app).database
    with either_app.app_context(), database.writing() as session:
        statement = make_statement(session, opened=False)
        drafting.add_language(session, ACTOR, statement, "uk", "Назва")
        public_id = statement.public_id

    def make_authoritative(session: Session) -> None:
        found = queries.statement_by_public_id(session, public_id)
        actions.change_settings(session, ACTOR, found, settings_of(session, found, language="uk"))

    def remove(session: Session) -> None:
        drafting.remove_language(session, ACTOR, queries.statement_by_public_id(session, public_id), "uk")

    Race(either_app).run(make_authoritative, remove)
    with either_app.app_context(), database.reading() as session:
        statement = queries.statement_by_public_id(session, public_id)
        assert queries.text_of(session, queries.version_of(session, statement).id, statement.language)


def test_campaign_stays_unpublished_while_its_statement_is_a_draft(session: Session) -> None:
    campaign = make_campaign(session)
    make_statement(session, campaign, opened=False)
    assert session.scalar(select(Campaign.published_at).where(Campaign.id == campaign.id)) is None
