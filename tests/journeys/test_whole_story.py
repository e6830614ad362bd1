"""The whole story in a browser: drafted, imported, invited, signed, followed, released by two, delivered, answered."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser

from tests.journeys import desk_steps, signatory_steps
from tests.journeys.house import House
from tests.journeys.walking import Person
from tests.servers.browser import visitor


@pytest.mark.browser
# No page has a script, so each browser walks with one of the databases.
@pytest.mark.parametrize(
    ("house", "javascript"),
    [("sqlite", False), pytest.param("postgres", True, marks=pytest.mark.postgres)],
    indirect=["house"],
    ids=["sqlite-no-javascript", "postgres-javascript"],
)
def test_whole_story(house: House, browser: Browser, javascript: bool) -> None:
    with ExitStack() as profiles:

        def somebody() -> Person:
            return Person(profiles.enter_context(visitor(browser, javascript=javascript)), house.url)

        ines, leila = somebody(), somebody()
        desk_steps.set_password(ines, house.first_owner_link(), "ines@example.org")
        campaign = desk_steps.begin_campaign(ines)
        desk_steps.add_colleague(ines, house, campaign, leila)
        desk_steps.confirm_colleague(somebody(), house)
        desk_steps.enter_institution(ines)
        statement = desk_steps.draft(ines, campaign)
        sha256 = desk_steps.open_for_signing(ines, statement)
        desk_steps.import_people(ines, campaign)
        desk_steps.invite(ines, house, statement)
        olena = somebody()
        manage = signatory_steps.sign_publicly(olena, house, sha256)
        signatory_steps.sign_for_the_institution(somebody(), house)
        signatory_steps.decline(somebody(), house)
        signatory_steps.ask_for_a_change(somebody(), house)
        signatory_steps.change_line(olena, manage)
        desk_steps.watch(ines, statement)
        desk_steps.remind(ines, house, statement)
        desk_steps.assemble(ines, house, statement)
        desk_steps.approve(leila, statement)
        desk_steps.release(ines, house, statement)
        desk_steps.record_answer(ines, statement, campaign)
        signatory_steps.read(somebody())
