"""Clients on bad lines: they begin to send a request and leave it unfinished, and look at nothing that is sent back."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

UNFINISHED = (
    # In the middle of the head, of a form, of a chunk; and one who has said nothing yet.
    b"POST /verify HTTP/1.1\r\nHost: localhost\r\nContent-Ty",
    b"POST /verify HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\ntext=We",
    b"POST /verify HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n400\r\ntext=We",
    b"",
)


@contextmanager
def unfinished(port: int, number: int, host: str = "127.0.0.1") -> Iterator[list[socket.socket]]:
    """Hold so many connections open on which a request was begun; they cost no processor time."""
    with ExitStack() as stack:
        held = []
        for each in range(number):
            connection = stack.enter_context(socket.create_connection((host, port), timeout=30))
            connection.sendall(UNFINISHED[each % len(UNFINISHED)])
            held.append(connection)
        yield held


def ask(port: int, path: str, host: str = "127.0.0.1", seconds: float = 30) -> tuple[int, bytes]:
    """Return the status and the body of an answer; raises TimeoutError after so many seconds without a word."""
    with closing(http.client.HTTPConnection(host, port, timeout=seconds)) as connection:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
