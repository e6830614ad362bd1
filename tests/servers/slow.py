"""Clients on bad lines: they begin to send a request and leave it unfinished, and look at nothing that is sent back."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

UNFINISHED = (
    # In the middle of the head, of a form, of a chunk; and one who has said nothing yet.
    b"POST /verify HTTP/1.1\r\nHost: %b\r\nContent-Ty",
    b"POST /verify HTTP/1.1\r\nHost: %b\r\nContent-Length: 5000\r\n\r\ntext=We",
    b"POST /verify HTTP/1.1\r\nHost: %b\r\nTransfer-Encoding: chunked\r\n\r\n400\r\ntext=We",
    b"",
)


@contextmanager
def unfinished(port: int, number: int, name: str = "localhost") -> Iterator[list[socket.socket]]:
    """Hold so many connections open on which a request to a site was begun; they cost no processor time."""
    with ExitStack() as stack:
        held = []
        for each in range(number):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
            said = UNFINISHED[each % len(UNFINISHED)]
            connection.sendall(said % name.encode() if said else b"")
            held.append(connection)
        yield held


def ask(port: int, path: str, name: str = "localhost") -> tuple[int, bytes]:
    """Return the status and the body of a site's answer."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", path, headers={"Host": name})
        response = connection.getresponse()
        return response.status, response.read()
