"""Too many at once: who has waited for too long is told so, readers first, and nothing is half done."""

from __future__ import annotations

import http.client
import socket
import struct
import time
from contextlib import ExitStack, closing
from typing import Any

import pytest
from flask import Flask

from app.serving import shedding
from app.serving.shedding import WAITED_SECONDS
from tests.servers.slow import ask
from tests.serving.conftest import WebServer
from tests.signatures.scene import invite

QUEUED = 40


@pytest.mark.parametrize(
    ("method", "path", "answered_until"),
    [
        ("GET", "/sign-in", shedding.READER_SECONDS),
        ("HEAD", "/sign-in", shedding.READER_SECONDS),
        ("POST", "/sign-in", shedding.ORGANISER_SECONDS),
        ("GET", "/desk", shedding.ORGANISER_SECONDS),
        ("GET", "/desk/institutions", shedding.ORGANISER_SECONDS),
        ("POST", "/desk/institutions", shedding.ORGANISER_SECONDS),
        ("GET", "/desks", shedding.READER_SECONDS),
        ("GET", "/i/no-token", shedding.ORGANISER_SECONDS),
        ("POST", "/i/no-token", shedding.SIGNATORY_SECONDS),
        ("POST", "/m/no-token", shedding.SIGNATORY_SECONDS),
        ("POST", "/u/no-token", shedding.SIGNATORY_SECONDS),
    ],
)
def test_patience_is_longest_with_those_who_sign(app: Flask, method: str, path: str, answered_until: float) -> None:
    client = app.test_client()

    def status(waited: float) -> int:
        return client.open(path, method=method, environ_overrides={WAITED_SECONDS: waited}).status_code

    assert status(answered_until) != 503
    assert status(answered_until + 0.1) == 503


def test_what_is_kept_costs_less_than_being_sent_away(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/").status_code == 200
    assert client.get("/", environ_overrides={WAITED_SECONDS: 600.0}).status_code == 200


def test_a_monitor_is_always_answered(app: Flask) -> None:
    assert app.test_client().get("/healthz", environ_overrides={WAITED_SECONDS: 600.0}).status_code == 200


def test_who_is_sent_away_is_told_when_to_come_again_and_no_database_is_asked(app: Flask) -> None:
    guest = invite(app)
    asked: list[Any] = []
    form = {**guest.form(), "choice": "sign", "visibility": "public", "name": "Halyna"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.base.database.Database.new_reader", lambda *_: asked.append("reader"))
        patch.setattr("app.base.database.Database.writing", lambda *_: asked.append("writer"))
        answer = app.test_client().post(guest.url, data=form, environ_overrides={WAITED_SECONDS: 21.0})
    headers = answer.headers
    assert (answer.status_code, headers["Retry-After"], headers["Cache-Control"]) == (503, "10", "no-store")
    assert "Nothing was changed" in answer.text
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert not asked
    assert guest.signatures() == []


def test_a_queue_that_grew_too_long_is_sent_away_and_the_next_are_answered(web: WebServer) -> None:
    request = b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with ExitStack() as stack:
        with web.standing_still():
            readers = [_begin(stack, web.port, request % b"/sign-in") for _ in range(QUEUED)]
            monitor = _begin(stack, web.port, request % b"/healthz")
            while _sent_before(monitor) <= shedding.READER_SECONDS + 0.1:
                time.sleep(0.05)
        answers = [_read(each) for each in [*readers, monitor]]
    assert answers == [503] * QUEUED + [200]
    assert ask(web.port, "/sign-in")[0] == 200


def _sent_before(connection: socket.socket) -> float:
    """Return how many seconds ago something was last sent, by the kernel's own clock."""
    told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    return float(struct.unpack_from("I", told, 44)[0]) / 1000


def _begin(stack: ExitStack, port: int, request: bytes) -> socket.socket:
    connection = stack.enter_context(closing(socket.create_connection(("127.0.0.1", port), timeout=30)))
    connection.sendall(request)
    return connection


def _read(connection: socket.socket) -> int:
    response = http.client.HTTPResponse(connection)
    response.begin()
    response.read()
    return response.status
