"""What the worker does with its connections where a server can't be brought to it from outside."""

from __future__ import annotations

import errno
import selectors
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from types import SimpleNamespace
from typing import Any

import pytest

from app.serving import conversations
from app.serving.conversations import Conversation
from app.serving.patient_worker import PatientWorker

WHOLE = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Answering(PatientWorker):
    """The worker without gunicorn around it: it answers everything with one word."""

    def __init__(self, stack: ExitStack) -> None:
        self.alive, self._waited_seconds, self._most_bytes = True, 0.0, 1000
        self.sockets: list[Any] = []
        self._looked_at, self._open, self._selector = 0.0, {}, selectors.DefaultSelector()
        stack.callback(self._selector.close)
        self._stack = stack
        self.PIPE = (-1, -1)

    def notify(self) -> None: ...

    def handle(self, _listener: Any, client: Any, _address: Any) -> None:
        client.sendall(b"answered")
        client.close()

    def begin(self, words: bytes) -> socket.socket:
        server, client = socket.socketpair()
        self._stack.enter_context(closing(client))
        conversation = Conversation(server, 1000)
        self._stack.callback(conversation.end)
        self._open[conversation] = (None, None)
        self._hear(conversation)
        client.sendall(words)
        client.settimeout(10)
        return client


@pytest.fixture
def worker() -> Iterator[Answering]:
    with ExitStack() as stack:
        yield Answering(stack)


def test_what_came_whole_before_the_worker_leaves_is_answered(worker: Answering) -> None:
    whole, half = worker.begin(WHOLE), worker.begin(WHOLE[:9])
    worker.alive = False
    worker._leave()
    assert whole.recv(100) == b"answered"
    assert half.recv(100) == b""


def test_where_no_more_files_may_be_open_who_came_first_goes_and_the_worker_stays(worker: Answering) -> None:
    first, second = worker.begin(WHOLE[:9]), worker.begin(WHOLE[:9])

    class Full:
        def accept(self) -> None:
            raise OSError(errno.EMFILE, "too many open files")

    worker._accept(Full())
    with pytest.raises(ConnectionResetError):
        first.recv(100)
    second.setblocking(False)
    with pytest.raises(BlockingIOError):
        second.recv(100)


def test_a_long_answer_that_is_taken_in_drops_is_given_up_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversations, "MOST_UNSENT_BYTES", 0)
    server, client = socket.socketpair()
    with closing(server), closing(client):
        conversation, asked = Conversation(server, 1000), 0

        def drip(*_given: Any) -> tuple[list[Any], list[Any], list[Any]]:
            nonlocal asked
            asked += 1
            assert asked < 100
            client.recv(200_000)
            return [], [server], []

        ticks = iter(range(0, 10_000, 7))
        monkeypatch.setattr(conversations, "time", SimpleNamespace(monotonic=lambda: float(next(ticks))))
        monkeypatch.setattr(conversations, "select", SimpleNamespace(select=drip))
        with pytest.raises(BrokenPipeError):
            conversation.sendall(b"x" * 50_000_000)
