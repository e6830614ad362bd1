"""A relay of our own, byte by byte, that counts copies and calls a hook at each step of a session.

aiosmtpd can't stop in the middle of DATA or between storing a message and saying so; this one can.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections import Counter
from collections.abc import Callable
from enum import StrEnum

_MESSAGE_ID = re.compile(rb"^message-id:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)
# How much of a message is read before the hook of the middle is called.
MIDDLE_BYTES = 200
EXTENSIONS = (b"relay.example.org", b"PIPELINING", b"DSN", b"SMTPUTF8", b"8BITMIME")


class Step(StrEnum):
    """Where a session stands when its hook is called."""

    MAIL = "after MAIL"
    RCPT = "after RCPT"
    MID_DATA = "mid-DATA"
    STORED = "after the dot, before 250"
    QUIT = "at QUIT"


class Relay:
    """A loopback SMTP server. What it has stored counts, whether or not it could still say so."""

    def __init__(self) -> None:
        # Called at each step. True says that the client is gone: what its system has still in its buffers to send, and
        # would send after its death, is not waited for.
        self.hook: Callable[[Step], bool] | None = None
        self._lock = threading.Lock()
        self._copies: Counter[str] = Counter()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"smtp://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def copies(self) -> Counter[str]:
        """How many copies of each Message-ID it took."""
        with self._lock:
            return Counter(self._copies)

    def stop(self) -> None:
        """Close the door; sessions that are open end with their clients."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection, contextlib.suppress(OSError), connection.makefile("rb") as lines:
            connection.sendall(b"220 relay.example.org ESMTP\r\n")
            while line := lines.readline():
                if not self._answer(connection, lines, line[:4].upper().strip()):
                    return

    def _answer(self, connection: socket.socket, lines: object, verb: bytes) -> bool:
        if verb == b"EHLO":
            connection.sendall(
                b"250-relay.example.org\r\n250-PIPELINING\r\n250-DSN\r\n250-SMTPUTF8\r\n250 8BITMIME\r\n"
            )
        elif verb == b"MAIL":
            self._call(Step.MAIL)
            connection.sendall(b"250 2.1.0 ok\r\n")
        elif verb == b"RCPT":
            self._call(Step.RCPT)
            connection.sendall(b"250 2.1.5 ok\r\n")
        elif verb == b"DATA":
            connection.sendall(b"354 go on\r\n")
            self._take(lines)
            self._call(Step.STORED)
            connection.sendall(b"250 2.0.0 taken\r\n")
        elif verb == b"QUIT":
            self._call(Step.QUIT)
            connection.sendall(b"221 2.0.0 bye\r\n")
            return False
        else:
            connection.sendall(b"250 2.0.0 ok\r\n")
        return True

    def _take(self, lines: object) -> None:
        message, has_called = b"", False
        while (line := lines.readline()) != b".\r\n":  # type: ignore[attr-defined]
            if not line:
                raise ConnectionError("the client went away in the middle")
            message += line
            if not has_called and len(message) > MIDDLE_BYTES:
                self._call(Step.MID_DATA)
                has_called = True
        found = _MESSAGE_ID.search(message)
        with self._lock:
            self._copies[found[1].decode() if found else "(none)"] += 1

    def _call(self, step: Step) -> None:
        if self.hook is not None and self.hook(step):
            raise ConnectionError("the client died here")
