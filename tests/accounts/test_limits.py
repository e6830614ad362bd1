"""Guessing passwords: limits that hold over threads and processes, and that a forgotten password gets around."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

from flask import Flask

from app import create_app
from app.accounts.actions import password_link
from app.accounts.states import SIGN_IN_PER_ADDRESS
from app.base import clock
from app.base.parts import parts_of
from config import Settings
from tests.factories.accounts import PASSWORD, make_organiser

EMAIL = "ines@coalition.example.org"


def _guess(settings: Settings, times: int) -> list[int]:
    """Guess in an application of one's own, as another gunicorn worker would."""
    app = create_app(settings)
    app.config.update(WTF_CSRF_ENABLED=False)
    codes = [_post(app, f"guess number {number}") for number in range(times)]
    parts_of(app).database.engine.dispose()
    return codes


def _post(app: Flask, password: str, email: str = EMAIL) -> int:
    return app.test_client().post("/sign-in", data={"email": email, "password": password}).status_code


def _make(app: Flask) -> str:
    with app.app_context(), parts_of(app).database.writing() as session:
        organiser = make_organiser(session, "Inês", EMAIL, with_password=True)
        return password_link(session, organiser).removeprefix("http://localhost")


def test_guesses_in_two_processes_count_together(either_app: Flask) -> None:
    _make(either_app)
    settings = parts_of(either_app).settings
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        codes = [code for found in pool.map(_guess, [settings] * 2, [8] * 2) for code in found]
    assert Counter(codes) == {422: SIGN_IN_PER_ADDRESS.times, 429: 16 - SIGN_IN_PER_ADDRESS.times}
    assert _post(either_app, PASSWORD) == 429  # the right one neither, or guessing would go on


def test_guesses_in_threads_count_together(app: Flask) -> None:
    _make(app)
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda number: _post(app, f"guess {number}"), range(24)))
    assert Counter(codes) == {422: SIGN_IN_PER_ADDRESS.times, 429: 24 - SIGN_IN_PER_ADDRESS.times}


def test_an_unknown_address_is_limited_alike(app: Flask) -> None:
    codes = [_post(app, "guess", "nobody@coalition.example.org") for _ in range(SIGN_IN_PER_ADDRESS.times + 1)]
    assert codes == [422] * SIGN_IN_PER_ADDRESS.times + [429]


def test_the_limit_passes_with_time_and_with_a_new_password(app: Flask) -> None:
    link = _make(app)
    clock.freeze(clock.now())
    for _ in range(SIGN_IN_PER_ADDRESS.times):
        _post(app, "guess")
    assert _post(app, PASSWORD) == 429
    assert app.test_client().post(link, data={"password": PASSWORD + " again"}).status_code == 303
    assert _post(app, PASSWORD + " again") == 303
    for _ in range(SIGN_IN_PER_ADDRESS.times):
        _post(app, "guess")
    assert _post(app, PASSWORD + " again") == 429
    clock.advance(minutes=15, seconds=1)
    assert _post(app, PASSWORD + " again") == 303
