"""What the web server itself says of requests that it can't read: nothing of who sent them or what stood in them."""

from __future__ import annotations

import re
import socket
from pathlib import Path

from config import Settings
from tests.journeys.house import running

CANARY = "canary-token"
# As a scanner sends them, and one that breaks off in the middle of a form.
MALFORMED = [
    f"GET /i/{CANARY} HTTP/9.9\r\n\r\n",
    f"G@T /i/{CANARY} HTTP/1.1\r\n\r\n",
    f"GET /i/{CANARY} HTTP/1.1\r\nBad Header {CANARY}: x\r\n\r\n",
    f"GET /i/{CANARY} HTTP/1.1\r\n X-Folded: {CANARY}\r\n\r\n",
    f"GET /{CANARY * 1000} HTTP/1.1\r\n\r\n",
    f"POST /i/{CANARY} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: {CANARY}\r\n\r\n",
    "POST /verify HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    f"Transfer-Encoding: chunked\r\n\r\n{CANARY}\r\n",
    f"PROXY TCP4 192.0.2.7 192.0.2.8 1 2\r\nGET /i/{CANARY} HTTP/1.1\r\n\r\n",
]


def test_malformed_requests_are_logged_without_address_or_content(
    settings: Settings, closed_port: int, tmp_path: Path
) -> None:
    with (tmp_path / "log").open("wb") as log, running(settings, closed_port, log):
        for request in MALFORMED:
            with socket.create_connection(("127.0.0.1", closed_port), timeout=30) as connection:
                connection.sendall(request.encode())
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass
    said = (tmp_path / "log").read_text()
    assert said.count("A request that can't be read was refused.") >= len(MALFORMED) - 2, said
    assert CANARY not in said
    assert not re.search(r"127\.0\.0\.1|192\.0\.2\.|ip=", said), said
