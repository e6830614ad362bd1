"""The story of mail in two chapters: what people get and send back, and what institutions do; by real processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.journeys import post_steps
from tests.journeys.post_house import PostHouse
from tests.journeys.walking import Person
from tests.servers.browser import visitor

pytestmark = pytest.mark.browser
Profile = Callable[[bool], BrowserContext]


@pytest.fixture
def profile(browser: Browser) -> Iterator[Profile]:
    """Give each person a browser profile of their own, with or without JavaScript."""
    with ExitStack() as profiles:
        yield lambda javascript: profiles.enter_context(visitor(browser, javascript=javascript))


# Each chapter is told once: what the database could do differently in it, the tests of its steps try on both.
@pytest.mark.parametrize("post_house", ["sqlite"], indirect=True)
def test_mail_to_people(post_house: PostHouse, profile: Profile) -> None:
    """Held back, refused, come back, answered by one click; no page needs a script."""
    house = post_house
    scene = post_steps.set_the_scene(house)
    oleh, katarzyna, ines, olena = (Person(profile(False), house.url) for _ in range(4))
    program = profile(False)
    for person, address in ((oleh, post_steps.OPERATOR), (katarzyna, post_steps.COORDINATOR), (ines, post_steps.OWNER)):
        post_steps.sign_in(person, address)
    post_steps.become_operator(oleh, house)
    post_steps.ask_three(katarzyna, house, scene)
    post_steps.bounce(katarzyna, house, scene)
    post_steps.tell_the_owner(ines, house)
    post_steps.stop_reminders(program, olena, katarzyna, house, scene)
    post_steps.hold_back(oleh, house)
    post_steps.sign_while_held_back(katarzyna, olena, oleh, house, scene)
    post_steps.stop_news(ines, program, olena, house, scene)
    house.stop_worker()
    post_steps.check_log(house)


@pytest.mark.parametrize(
    "post_house", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True, ids=["postgres"]
)
def test_mail_to_institutions(post_house: PostHouse, profile: Profile) -> None:
    """Released, uncertain, proven by the copy in the archive, answered, filed."""
    house = post_house
    scene = post_steps.set_the_scene(house, signed_by=post_steps.OLENA, keeper=post_steps.OPERATOR)
    oleh, katarzyna, leila, reader = (Person(profile(True), house.url) for _ in range(4))
    for person, address in (
        (oleh, post_steps.OPERATOR),
        (katarzyna, post_steps.COORDINATOR),
        (leila, post_steps.APPROVER),
    ):
        post_steps.sign_in(person, address)
    post_steps.release(katarzyna, leila, house, scene)
    post_steps.survive_a_crash(katarzyna, oleh, house, scene)
    post_steps.prove(katarzyna, house, scene)
    post_steps.answer(katarzyna, reader, house, scene)
    post_steps.file_a_stray(oleh, katarzyna, house, scene)
    house.stop_worker()
    post_steps.check_log(house)
