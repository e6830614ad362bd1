"""Migrations that seal what lay in the clear: nothing is lost, and nothing of it stays in the files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from app.base.database import Database, vault_at
from app.base.migrating import is_current, migrate, upgrade
from app.base.parts import parts_of
from app.campaigns.actions import add_convenor, add_event, change_settings
from app.campaigns.models import Campaign
from app.campaigns.queries import chronology_of, convenors_of, settings_of, texts_of
from app.campaigns.states import CampaignFacts, ConvenorFacts, EventFacts
from app.directory.actions import add_group
from app.directory.queries import list_groups
from app.statements import queries
from app.statements.drafting import add_language
from app.statements.models import Statement
from app.updates.queries import updates_of
from app.upkeep.migration_seals import KeyNeeded
from tests.factories.statements import make_annex, make_statement
from tests.factories.updates import make_update
from tests.laws.seizure import every_row, found_in

BEFORE = "0050"
WORDS = {
    "title": "Nachtfalter heading", "annex": "Blaubeere annexed", "demand": "Kupferbach demand",
    "press": "Birkenrinde desk", "convenor": "Moorauge house", "event": "Steinbruch event", "news": "Silberdistel news",
    "group": "Uferschwalbe congress",
}  # fmt: skip


def test_drafts_are_sealed_by_the_migration_and_read_as_before(either_app: Flask, tmp_path: Path) -> None:
    database: Database = parts_of(either_app).database
    with either_app.app_context(), database.writing() as session:
        drafts = [
            make_statement(session, opened=opened, title=title, demands=(WORDS["demand"],))
            for opened, title in ((False, WORDS["title"]), (True, "Opened and public"))
        ]
        add_language(session, "test", drafts[0], "uk")
        make_annex(session, drafts[0], title=WORDS["annex"])
        campaign = session.get_one(Campaign, drafts[0].campaign_id)
        facts = CampaignFacts("", slug="eisvogel-cause", press_contact=WORDS["press"])
        change_settings(session, campaign, "test", facts)
        add_convenor(session, campaign, "test", ConvenorFacts(WORDS["convenor"]))
        add_event(session, campaign, "test", EventFacts(date(2019, 10, 17), WORDS["event"]))
        add_group(session, campaign, "test", WORDS["group"], "https://bachstelze.example.org")
        make_update(session, campaign.id, title=WORDS["news"])
    before = [_shown(either_app, one) for one in drafts]
    migrate(database.engine, BEFORE, down=True, vault=vault_at(database))
    with database.engine.begin() as connection:
        assert connection.scalar(text("SELECT name FROM groups")) == WORDS["group"]
        assert connection.scalar(text("SELECT name FROM convenors")) == WORDS["convenor"]
        assert str(connection.scalar(text("SELECT happened_on FROM chronology_entries"))) == "2019-10-17"
        assert WORDS["title"] in connection.scalars(text("SELECT title FROM version_texts")).all()
        assert connection.scalar(text("SELECT count(*) FROM addressees")) == 2
        assert not any(slug.startswith("~") for slug in connection.scalars(text("SELECT slug FROM statements")))
    with pytest.raises(KeyNeeded):
        migrate(database.engine, "head")
    upgrade(database.engine, None, vault_at(database))
    assert is_current(database.engine)
    assert [_shown(either_app, one) for one in drafts] == before
    rows = [bytes(each) if isinstance(each, (bytes, memoryview)) else str(each).encode()
            for row in every_row(either_app) for each in row.values.values()]  # fmt: skip
    files = [path.read_bytes() for path in tmp_path.rglob("undersigned.db*")]
    hidden = [word for name, word in WORDS.items() if name != "demand"] + [str(before[0][0]), "eisvogel-cause"]
    assert found_in(rows + files, hidden) == []
    database.engine.dispose()


def _shown(app: Flask, statement: Statement) -> tuple[object, ...]:
    database: Database = parts_of(app).database
    with app.app_context(), database.reading() as session:
        found = queries.statement_by_public_id(session, statement.public_id)
        version = queries.version_of(session, found)
        campaign = session.get_one(Campaign, found.campaign_id)
        annexes = queries.annexes_of(session, version.id)
        return (
            queries.slug_of(session, found), queries.texts_of(session, version.id), annexes,
            [queries.annex_content(session, row.id) for row in annexes], queries.addressees_of(session, version.id),
            settings_of(session, campaign), texts_of(session, campaign), convenors_of(session, campaign.id),
            chronology_of(session, campaign), updates_of(session, campaign.id).items,
            list_groups(session, campaign.id),
        )  # fmt: skip
