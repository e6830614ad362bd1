"""A database that somebody keeps for long: who reads is answered while others wait, and nothing typed is lost."""

from __future__ import annotations

import http.client
import sqlite3
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from flask import Flask

from app import create_app
from app.base.opening import open_house
from app.base.parts import parts_of
from config import Settings
from tests.journeys.house import running
from tests.signatures.scene import Invited, invite

SIGNERS = 4
Answer = tuple[int, str, str]


@pytest.fixture
def served(settings: Settings, closed_port: int) -> Iterator[Flask]:
    app = create_app(replace(settings, public_url=f"http://127.0.0.1:{closed_port}"))
    app.config["WTF_CSRF_ENABLED"] = False
    open_house(parts_of(app).database, demonstration=False)
    yield app
    parts_of(app).database.engine.dispose()


def _ask(port: int, path: str, body: str | None = None) -> Answer:
    """Return the status, Retry-After and page that the server answers with."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST" if body else "GET", path, body, headers if body else {})
        response = connection.getresponse()
        return response.status, response.headers.get("Retry-After", ""), response.read().decode()


def test_readers_are_answered_while_signers_wait_for_a_lock(served: Flask, closed_port: int) -> None:
    guests = [invite(served) for _ in range(SIGNERS)]
    bodies = [urlencode({**_form(guest), "name": f"Halyna {number}"}) for number, guest in enumerate(guests)]
    path = str(parts_of(served).database.engine.url.database)
    with (
        running(parts_of(served).settings, closed_port),
        ThreadPoolExecutor(SIGNERS) as pool,
        closing(sqlite3.connect(path, isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        posts = [pool.submit(_ask, closed_port, *each) for each in zip([g.url for g in guests], bodies, strict=True)]
        wait(posts, return_when=FIRST_COMPLETED)
        assert [_ask(closed_port, path)[0] for path in ("/", guests[0].url, "/healthz")] == [200, 200, 200]
        waiting = [each for each in posts if not each.done()]
        other.execute("ROLLBACK")
        answers = [each.result() for each in posts]
    assert len(waiting) == 1, "a reader had to wait until nobody waited to write"
    _check(guests, posts, waiting[0], answers)


def _form(guest: Invited) -> dict[str, str]:
    return {**guest.form(), "choice": "sign", "visibility": "public"}


def _check(
    guests: list[Invited],
    posts: list[Future[tuple[int, str, str]]],
    waiting: object,
    answers: list[tuple[int, str, str]],
) -> None:
    """Who waited has signed; who was sent away was told so, with what they had typed, and has not."""
    for number, (guest, post, (status, retry_after, page)) in enumerate(zip(guests, posts, answers, strict=True)):
        if post is waiting:
            assert (status, len(guest.signatures())) == (303, 1)
        else:
            assert (status, retry_after, len(guest.signatures())) == (503, "60", 0)
            assert f"Halyna {number}" in page
