"""The door: guessing stays bounded over threads and processes, and nobody's tries shut an owner out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

import pytest
from flask import Flask
from sqlalchemy import event, update

from app import create_app
from app.accounts import door
from app.accounts.actions import password_link
from app.accounts.browsers import KnownBrowser
from app.accounts.door import Caller, is_password_looked_at
from app.accounts.models import Organiser
from app.accounts.states import (
    LINKS_PER_ADDRESS,
    RESET_LIFETIME,
    SIGN_IN_FROM_BROWSER,
    SIGN_IN_FROM_NETWORK,
    SIGN_IN_GLOBAL,
    SIGN_IN_PER_ADDRESS,
    SIGN_IN_PER_NETWORK,
    SIGN_IN_WITH_PROOF,
    Limit,
)
from app.base import clock
from app.base.parts import parts_of
from app.base.throttles import Throttle
from config import Settings
from tests.accounts.factor_scene import (
    ELSEWHERE,
    EMAIL,
    HOSTILE,
    OFFICE,
    browser_in,
    code_of,
    database_of,
    set_up,
    try_password,
    want_second_factors,
)
from tests.accounts.outbox import link_in, rendered_mails
from tests.factories.accounts import PASSWORD, make_organiser

NOBODY = "nobody@coalition.example.org"


@pytest.fixture
def organiser(app: Flask) -> Organiser:
    return _make(app)


def _make(app: Flask) -> Organiser:
    with app.app_context(), database_of(app).writing() as session:
        return make_organiser(session, "Inês", EMAIL, with_password=True)


def _use_up(app: Flask, limit: Limit) -> None:
    """Let an allowance be all but used up, no matter whose it is: a hash for each try would take minutes."""
    with database_of(app).writing() as session:
        session.execute(update(Throttle).where(Throttle.scope == limit.scope).values(times=limit.times))


def _guess(settings: Settings, times: int) -> list[int]:
    """Guess in an application of one's own, as another gunicorn worker would."""
    app = create_app(settings)
    app.config.update(WTF_CSRF_ENABLED=False)
    codes = [try_password(browser_in(app, HOSTILE), f"guess number {number}").status_code for number in range(times)]
    parts_of(app).database.engine.dispose()
    return codes


def test_guesses_in_two_processes_count_together(either_app: Flask) -> None:
    _make(either_app)
    settings = parts_of(either_app).settings
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        codes = [code for found in pool.map(_guess, [settings] * 2, [8] * 2) for code in found]
    assert Counter(codes) == {422: SIGN_IN_FROM_NETWORK.times, 429: 16 - SIGN_IN_FROM_NETWORK.times}


def test_guesses_in_threads_count_together(app: Flask, organiser: Organiser) -> None:
    with ThreadPoolExecutor(8) as pool:
        guesses = pool.map(lambda number: try_password(browser_in(app, HOSTILE), f"guess {number}"), range(16))
        codes = [answer.status_code for answer in guesses]
    assert Counter(codes) == {422: SIGN_IN_FROM_NETWORK.times, 429: 16 - SIGN_IN_FROM_NETWORK.times}


def test_ten_wrong_tries_of_a_stranger_leave_every_way_of_the_owner_open(app: Flask, organiser: Organiser) -> None:
    """The raid: a stranger spends the address's allowance from their network, and goes on."""
    clock.freeze(clock.now())
    codes = set_up(app, organiser)
    own = browser_in(app, HOSTILE)  # the worst case: the owner sits in the same network, as over Tor
    assert try_password(own).location == "/sign-in/code?next=/desk"
    assert own.post("/sign-in/code", data={"code": code_of(app, organiser, -1)}).location == "/desk"
    stranger = browser_in(app, HOSTILE)
    try_password(stranger, "guess")
    _use_up(app, SIGN_IN_FROM_NETWORK)
    refused = try_password(stranger, "guess")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "900")
    assert "you get in all the same" in refused.text
    assert 'name="code"' in refused.text
    # A browser that signed in before, one in another network, and one in the same network with a proof.
    assert try_password(own).location == "/sign-in/code?next=/desk"
    assert try_password(browser_in(app, ELSEWHERE)).location == "/sign-in/code?next=/desk"
    assert try_password(browser_in(app, HOSTILE)).status_code == 429
    assert try_password(browser_in(app, HOSTILE), code=code_of(app, organiser, 0)).status_code == 429
    assert try_password(browser_in(app, HOSTILE), code=code_of(app, organiser, 0, 1)).location == "/desk"
    assert try_password(browser_in(app, HOSTILE), code=codes[0].upper()).location == "/desk"


@pytest.mark.parametrize("limit", [SIGN_IN_GLOBAL, SIGN_IN_PER_ADDRESS], ids=["house", "address"])
def test_what_strangers_use_up_together_leaves_the_owner_in(app: Flask, organiser: Organiser, limit: Limit) -> None:
    codes = set_up(app, organiser)
    known = browser_in(app, OFFICE)
    try_password(known)
    known.post("/sign-in/code", data={"code": code_of(app, organiser)})
    try_password(browser_in(app, HOSTILE), "guess")
    _use_up(app, limit)
    assert try_password(browser_in(app, ELSEWHERE)).status_code == 429
    assert try_password(known).status_code == 303
    assert try_password(browser_in(app, ELSEWHERE), code=codes[0]).location == "/desk"


def test_one_client_uses_up_its_own_network_and_nothing_of_the_house(app: Flask) -> None:
    """Three connections reached the limit of everybody in 49 seconds."""
    raider = Caller(door.network_of(HOSTILE), KnownBrowser("0" * 32))
    other = Caller(door.network_of(ELSEWHERE), KnownBrowser("1" * 32))
    with app.app_context(), database_of(app).writing() as session:
        tries = [is_password_looked_at(session, f"somebody{number}@example.org", None, raider) for number in range(700)]
        assert sum(tries) == SIGN_IN_PER_NETWORK.times < SIGN_IN_GLOBAL.times
        assert is_password_looked_at(session, EMAIL, None, other)


def test_guesses_at_one_address_from_everywhere_are_bounded(app: Flask) -> None:
    with app.app_context(), database_of(app).writing() as session:
        tries = [
            is_password_looked_at(session, EMAIL, None, Caller(f"network {number}", KnownBrowser("0" * 32)))
            for number in range(SIGN_IN_PER_ADDRESS.times + 20)
        ]
    assert sum(tries) == SIGN_IN_PER_ADDRESS.times


def test_own_wrong_tries_are_bounded_too_and_a_proof_opens(app: Flask, organiser: Organiser) -> None:
    codes = set_up(app, organiser)
    known = browser_in(app, OFFICE)
    try_password(known)
    known.post("/sign-in/code", data={"code": code_of(app, organiser)})
    try_password(known, "guess")
    _use_up(app, SIGN_IN_FROM_BROWSER)
    assert try_password(known).status_code == 429
    assert try_password(known, code=codes[0]).location == "/desk"
    assert try_password(known).status_code == 303  # the right one made good what was spent


def test_who_holds_a_proof_may_not_guess_for_ever(app: Flask, organiser: Organiser) -> None:
    codes = set_up(app, organiser)
    stranger = browser_in(app, HOSTILE)
    try_password(stranger, "guess")
    _use_up(app, SIGN_IN_FROM_NETWORK)
    assert try_password(stranger, "guess", codes[0]).status_code == 422
    _use_up(app, SIGN_IN_WITH_PROOF)
    assert try_password(stranger, PASSWORD, codes[0]).status_code == 429
    assert try_password(browser_in(app, ELSEWHERE)).status_code == 303
    assert try_password(stranger, PASSWORD, codes[1]).status_code == 429  # nothing was used up by being looked at


def test_the_door_answers_alike_whether_or_not_there_is_an_account(app: Flask, organiser: Organiser) -> None:
    set_up(app, organiser)
    seen: dict[str, list[tuple[int, str, list[str]]]] = {EMAIL: [], NOBODY: []}
    for is_used_up in (False, True):
        for email, found in seen.items():
            for code in ("", "123456", "123456 654321", "abcdefghijklmnop"):
                client = browser_in(app, HOSTILE)
                client.get("/sign-in")
                if is_used_up:
                    _use_up(app, SIGN_IN_FROM_NETWORK)
                with _statements(app) as statements:
                    answer = try_password(client, "guess", code, email)
                shown = re.sub(r'name="csrf_token" value="[^"]*"', "", answer.text).replace(email, "…")
                found.append((answer.status_code, shown, statements))
    assert seen[EMAIL] == seen[NOBODY]
    assert [status for status, _text, _statements in seen[EMAIL]] == [422] * 4 + [429] * 4


def test_the_limit_passes_with_time_and_with_a_new_password(app: Flask, organiser: Organiser) -> None:
    with app.app_context(), database_of(app).writing() as session:
        link = password_link(session, session.merge(organiser)).removeprefix("http://localhost")
    clock.freeze(clock.now())
    try_password(browser_in(app, HOSTILE), "guess")
    _use_up(app, SIGN_IN_FROM_NETWORK)
    browser = browser_in(app, HOSTILE)
    assert try_password(browser).status_code == 429
    assert browser.post(link, data={"password": PASSWORD + " again"}).status_code == 303
    assert (
        try_password(browser, PASSWORD + " again").status_code == 303
    )  # a person who reads the mailbox is no stranger
    assert try_password(browser_in(app, HOSTILE), PASSWORD + " again").status_code == 429
    clock.advance(minutes=15, seconds=1)
    assert try_password(browser_in(app, HOSTILE), PASSWORD + " again").status_code == 303


def test_wishes_of_strangers_for_links_leave_the_owner_a_link(app: Flask, organiser: Organiser) -> None:
    """Each wish of a stranger voided the link before, and the fourth shut the owner's own out."""
    want_second_factors(app)
    clock.freeze(clock.now())
    stranger, owner = browser_in(app, HOSTILE), browser_in(app, ELSEWHERE)
    wishes = [stranger.post("/password/forgotten", data={"email": EMAIL}) for _ in range(LINKS_PER_ADDRESS.times + 3)]
    assert {wish.status_code for wish in wishes} == {200}
    mails = rendered_mails(app, "password_link")
    assert len(mails) == LINKS_PER_ADDRESS.times
    assert len({link_in(mail) for mail in mails}) == 1
    clock.advance(seconds=RESET_LIFETIME.total_seconds() - 1)  # just before the next mail would go out
    assert owner.post("/password/forgotten", data={"email": EMAIL}).text == wishes[-1].text
    assert owner.post(link_in(mails[0]), data={"password": PASSWORD + " again"}).status_code == 303
    assert try_password(owner, PASSWORD + " again").location == "/sign-in/code?next=/desk"
    # The link is used up: somebody who forgets the new password is mailed at once.
    stranger.post("/password/forgotten", data={"email": EMAIL})
    (newest,) = rendered_mails(app, "password_link")[-1:]
    assert owner.get(link_in(newest)).status_code == 200


def test_known_browser_gets_a_link_mailed_when_strangers_have_used_theirs_up(app: Flask, organiser: Organiser) -> None:
    known = browser_in(app, OFFICE)
    assert try_password(known).status_code == 303
    for _ in range(LINKS_PER_ADDRESS.times + 1):
        browser_in(app, HOSTILE).post("/password/forgotten", data={"email": EMAIL})
    before = len(rendered_mails(app, "password_link"))
    known.post("/password/forgotten", data={"email": EMAIL})
    assert len(rendered_mails(app, "password_link")) == before + 1


def test_networks_are_told_apart_by_day_and_never_stored(app: Flask, organiser: Organiser) -> None:
    clock.freeze(clock.now())
    assert door.network_of("192.0.2.10") == door.network_of("::ffff:192.0.2.99") != door.network_of("192.0.3.10")
    assert door.network_of("2001:db8:1:2::1") == door.network_of("2001:db8:1:3::1") != door.network_of("2001:db8:2::1")
    today = door.network_of("192.0.2.10")
    clock.advance(days=1)
    assert door.network_of("192.0.2.10") != today
    assert door.network_of(None) == door.network_of("unix:") == "everybody"


@contextmanager
def _statements(app: Flask) -> Iterator[list[str]]:
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        found.append(" ".join(statement.split()))

    engine = database_of(app).engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)
