"""Clients on bad lines: whoever sends or reads slowly keeps nobody else waiting, without a proxy too."""

from __future__ import annotations

import resource
import socket
from contextlib import closing

import pytest

from app.serving.conversations import MOST_UNSENT_BYTES, PATIENCE_SECONDS, Conversation
from app.serving.patient_worker import MOST_CONVERSATIONS
from tests.journeys.house import FOLDER
from tests.servers.slow import ask, unfinished
from tests.serving.conftest import WebServer

HEALTH_REQUESTS = 20
MANY = 2 * MOST_CONVERSATIONS + 100  # more than two processes keep


def test_everybody_is_answered_beside_500_who_send_slowly(web: WebServer) -> None:
    with unfinished(web.port, 500) as held:
        answers = [ask(web.port, "/healthz") for _ in range(HEALTH_REQUESTS)]
        assert answers == [(200, b"ok\n")] * HEALTH_REQUESTS
        assert [_is_closed(each) for each in held] == [False] * len(held)


def test_of_more_than_can_wait_those_go_who_came_first(web: WebServer) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2 * MANY:
        pytest.skip("no room for so many connections")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * MANY), hard))
    with unfinished(web.port, MANY) as held:
        assert [ask(web.port, "/healthz")[0] for _ in range(HEALTH_REQUESTS)] == [200] * HEALTH_REQUESTS
        closed = [_is_closed(each) for each in held]
    assert any(closed)
    assert not any(closed[MOST_CONVERSATIONS + 100 :])
    assert ask(web.port, "/healthz") == (200, b"ok\n")


def test_a_form_that_comes_in_pieces_is_read_whole(web: WebServer) -> None:
    body = b"text=" + b"We+ask.+" * 2000
    head = b"POST /verify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    measured = b"Content-Length: %d\r\n\r\n" % len(body)
    pieces = [head[:30], head[30:] + measured[:10], measured[10:] + body[:9], body[9:7000], body[7000:]]
    expected = _status_and_page(_tell(web.port, [head + measured + body]))
    assert expected[0] in {b"200", b"400", b"403", b"422"}
    assert _status_and_page(_tell(web.port, pieces)) == expected
    in_chunks = [head + b"Transfer-Encoding: chunked\r\n\r\n", *_chunks(body), b"0\r\n\r\n"]
    assert _status_and_page(_tell(web.port, in_chunks)) == expected


def test_who_asks_before_sending_is_told_to_go_on_once(web: WebServer) -> None:
    head = b"POST /verify HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 6\r\n\r\n"
    with closing(socket.create_connection(("127.0.0.1", web.port), timeout=30)) as connection:
        connection.sendall(head)
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"text=x")
        assert b"100 Continue" not in _rest(connection)


def test_what_is_too_large_is_refused_though_more_of_it_comes(web: WebServer) -> None:
    head = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    head += b"Content-Length: 900000000\r\n\r\n"
    answer = _tell(web.port, [head, b"x" * 300_000])
    assert answer.startswith((b"HTTP/1.1 413", b"HTTP/1.1 400"))
    assert b"</html>" in answer


def test_an_answer_that_nobody_takes_keeps_nobody_waiting() -> None:
    server, client = socket.socketpair()
    with closing(server), closing(client):
        conversation = Conversation(server, 1000)
        answer = bytes(range(256)) * 40_000  # ten megabytes
        assert len(answer) < MOST_UNSENT_BYTES
        conversation.sendall(answer)
        assert not conversation.speak()
        taken = b""
        while not conversation.speak():
            taken += client.recv(1024 * 1024)
        conversation.end()
        assert taken + _rest(client) == answer


def test_a_file_goes_whole(web: WebServer) -> None:
    status, content = ask(web.port, "/static/undersigned.css")
    assert (status, content) == (200, (FOLDER / "app" / "static" / "undersigned.css").read_bytes())


def test_who_sends_on_and_on_holds_nobody() -> None:
    server, client = socket.socketpair()
    with closing(server), closing(client):
        conversation, taken = Conversation(server, 1000), 0

        class Endless:
            """A line so fast that there is always more to read."""

            def shutdown(self, _how: int) -> None: ...

            def recv(self, size: int) -> bytes:
                nonlocal taken
                taken += 1
                assert taken < 100
                return b"x" * size

        conversation._socket = Endless()  # type: ignore[assignment]
        assert not conversation.is_over()


def test_a_long_head_is_read_and_one_that_is_too_long_is_refused_in_words(web: WebServer) -> None:
    head = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
    for fields, expected in ((14, b"HTTP/1.1 200"), (130, b"HTTP/1.1 4")):
        long = head + b"".join(b"X-%d: %b\r\n" % (number, b"x" * 7000) for number in range(fields))
        assert _tell(web.port, [long[:50_000], long[50_000:90_000], long[90_000:], b"\r\n"]).startswith(expected)


def test_patience_grows_with_what_comes() -> None:
    server, client = socket.socketpair()
    with closing(server), closing(client):
        conversation = Conversation(server, 1_000_000)
        begun = conversation._began_at
        assert not conversation.is_too_slow(begun + PATIENCE_SECONDS - 1)
        assert conversation.is_too_slow(begun + PATIENCE_SECONDS + 1)
        client.sendall(b"POST / HTTP/1.1\r\nContent-Length: 9999\r\n\r\n" + b"x" * 5000)
        assert not conversation.listen()
        assert not conversation.is_too_slow(begun + PATIENCE_SECONDS + 9)
        assert conversation.is_too_slow(begun + PATIENCE_SECONDS + 12)


def _is_closed(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def _tell(port: int, pieces: list[bytes]) -> bytes:
    with closing(socket.create_connection(("127.0.0.1", port), timeout=30)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            connection.sendall(piece)
        return _rest(connection)


def _rest(connection: socket.socket) -> bytes:
    found = b""
    while piece := connection.recv(65536):
        found += piece
    return found


def _chunks(body: bytes) -> list[bytes]:
    pieces = [body[start : start + 3000] for start in range(0, len(body), 3000)]
    return [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces]


def _status_and_page(answer: bytes) -> tuple[bytes, bytes]:
    head, _, page = answer.partition(b"\r\n\r\n")
    return head.split(b" ")[1], page
