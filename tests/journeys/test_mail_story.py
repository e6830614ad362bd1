"""The whole story of mail: held back, refused, come back, uncertain, proven, answered, stopped; by real processes."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser

from tests.journeys import post_steps
from tests.journeys.post_house import PostHouse
from tests.journeys.walking import Person
from tests.servers.browser import visitor


@pytest.mark.browser
@pytest.mark.parametrize(
    ("post_house", "javascript"),
    [("sqlite", False), pytest.param("postgres", True, marks=pytest.mark.postgres)],
    indirect=["post_house"],
    ids=["sqlite-no-javascript", "postgres-javascript"],
)
def test_mail_story(post_house: PostHouse, browser: Browser, javascript: bool) -> None:
    house = post_house
    scene = post_steps.set_the_scene(house)
    with ExitStack() as profiles:

        def somebody(address: str = "") -> Person:
            person = Person(profiles.enter_context(visitor(browser, javascript=javascript)), house.url)
            return post_steps.sign_in(person, address) if address else person

        oleh, katarzyna = somebody(post_steps.OPERATOR), somebody(post_steps.COORDINATOR)
        ines, leila = somebody(post_steps.OWNER), somebody(post_steps.APPROVER)
        olena, program = somebody(), profiles.enter_context(visitor(browser, javascript=False))
        post_steps.become_operator(oleh, house)
        post_steps.ask_three(katarzyna, house, scene)
        post_steps.bounce(katarzyna, house, scene)
        post_steps.tell_the_owner(ines, house)
        post_steps.stop_reminders(program, olena, katarzyna, house, scene)
        post_steps.hold_back(oleh, house)
        post_steps.sign_while_held_back(katarzyna, olena, oleh, house, scene)
        post_steps.release(katarzyna, leila, house, scene)
        post_steps.survive_a_crash(katarzyna, oleh, house, scene)
        # Either proves it, so each is told in one of the stories.
        post_steps.prove(katarzyna, house, scene, by_receipt=not javascript)
        post_steps.answer(katarzyna, olena, house, scene)
        post_steps.file_a_stray(oleh, katarzyna, house, scene)
        post_steps.stop_news(ines, program, olena, house, scene)
    house.stop_worker()
    post_steps.check_log(house)
