"""A mail server that speaks SMTP to the letter, or as badly as it is told: TLS, signing in, pipelining, and faults.

`tests.servers.smtp` keeps what a good server is handed; this one sees every packet and controls every byte it says.
"""

from __future__ import annotations

import base64
import contextlib
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

import pytest

Stage = Literal[
    "CONNECT", "EHLO", "HELO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "CONTENT", "RSET", "NOOP", "QUIT"
]
FEATURES = ("PIPELINING", "SIZE 33554432", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES")
_DEFAULT = {
    "CONNECT": "220 relay.example.org ready", "HELO": "250 relay.example.org", "MAIL": "250 2.1.0 OK",
    "RCPT": "250 2.1.5 OK", "DATA": "354 Go on", "CONTENT": "250 2.0.0 queued as 7F2A", "RSET": "250 2.0.0 OK",
    "NOOP": "250 2.0.0 OK", "QUIT": "221 2.0.0 Bye", "STARTTLS": "220 2.0.0 Go on", "AUTH": "235 2.7.0 Welcome",
}  # fmt: skip


@dataclass(frozen=True)
class Act:
    """Something other than an answer: send `octets`, then go on, or end by reset, hanging up, silence or a stall.

    In silence the server still reads; in a stall it doesn't.

    `every_seconds` sends the octets one at a time, again and again until the client gives up.
    """

    octets: bytes = b""
    ends: Literal["", "reset", "hang up", "silence", "stall"] = ""
    every_seconds: float = 0.0


RESET = Act(ends="reset")
HANG_UP = Act(ends="hang up")
SILENCE = Act(ends="silence")
STALL = Act(b"354 Go on\r\n", ends="stall")


@dataclass
class Taken:
    """A message that the server answered for with 2xx."""

    mail: str
    rcpts: list[str]
    content: bytes
    signed_in: bool
    encrypted: bool


@dataclass
class Behaviour:
    """What the server offers and demands."""

    features: tuple[str, ...] = FEATURES
    context: ssl.SSLContext | None = None
    implicit_tls: bool = False
    offers_starttls: bool = True
    credentials: tuple[str, str] | None = None
    auth: str = "PLAIN LOGIN"
    piece: int = 0  # answers go out in pieces of so many bytes; 0: whole
    acts: list[tuple[Stage, str | Act, int]] = field(default_factory=list)
    for_recipients: dict[str, str | Act] = field(default_factory=dict)  # what RCPT for one address is answered with


class _Over(Exception):
    """The conversation ends here."""


class Relay:
    """The server: `behaviour` is what it does, the rest is what it saw."""

    def __init__(self) -> None:
        self._listeners: list[socket.socket] = []
        self.port = 0
        self.behaviour = Behaviour()
        self.taken: list[Taken] = []
        self.unanswered: list[Taken] = []  # came whole, and neither yes nor no was said: a server may have kept it
        self.lines: list[str] = []
        self.packets: list[bytes] = []
        self.connections = 0
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self.listen("127.0.0.1")

    def listen(self, host: str) -> None:
        """Take connections at an address of this machine, at the one port.

        The settings take any but 127.0.0.1 for another machine, to which nothing goes in clear.
        """
        listener = socket.create_server((host, self.port))
        self.port = listener.getsockname()[1]
        self._listeners.append(listener)
        thread = threading.Thread(target=self._accept, args=(listener,), daemon=True)
        self._threads.append(thread)
        thread.start()

    def on(self, stage: Stage, act: str | Act, times: int = 0) -> None:
        """Answer `stage` with this instead, so many times (0: always); the first that was asked for comes first."""
        self.behaviour.acts.append((stage, act, times))

    def verbs(self) -> list[str]:
        """Return the verbs of the commands that came in, in order."""
        return [line.split(" ")[0].upper() for line in self.lines]

    def stop(self) -> None:
        self._stopping.set()
        for listener in self._listeners:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for each in list(self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def act_for(self, stage: Stage) -> str | Act:
        for position, (wanted, act, left) in enumerate(self.behaviour.acts):
            if wanted != stage:
                continue
            if left == 1:
                del self.behaviour.acts[position]
            elif left:
                self.behaviour.acts[position] = (wanted, act, left - 1)
            return act
        return _DEFAULT[stage]

    def waits(self, seconds: float) -> bool:
        """Wait, and tell whether to go on."""
        return not self._stopping.wait(seconds)

    def _accept(self, listener: socket.socket) -> None:
        while not self._stopping.is_set():
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        self._open.add(connection)
        conversation = _Conversation(self, connection)
        with contextlib.suppress(_Over, OSError):
            conversation.run()
        conversation.close()
        self._open.discard(connection)


class _Conversation:
    """One client's session."""

    def __init__(self, relay: Relay, connection: socket.socket) -> None:
        self._relay = relay
        self._behaviour = relay.behaviour
        self._socket = connection
        self._buffer = b""
        self._mail = ""
        self._rcpts: list[str] = []
        self._signed_in = False

    def run(self) -> None:
        if self._behaviour.implicit_tls:
            self._encrypt()
        self._perform("CONNECT")
        verbs: dict[str, Callable[[str], None]] = {
            "EHLO": self._ehlo, "STARTTLS": self._starttls, "AUTH": self._auth, "MAIL": self._take_mail,
            "RCPT": self._take_rcpt, "DATA": self._data, "RSET": self._rset, "QUIT": self._quit,
        }  # fmt: skip
        while True:
            line = self._read_line()
            self._relay.lines.append(line)
            verb = line.split(" ")[0].upper()
            if verb in verbs:
                verbs[verb](line)
            elif verb in {"HELO", "NOOP"}:
                self._perform("HELO" if verb == "HELO" else "NOOP")
            else:
                self._say("502 5.5.2 no such command")

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.close()

    def _ehlo(self, _line: str) -> None:
        act = self._relay.act_for("EHLO") if any(s == "EHLO" for s, _a, _n in self._behaviour.acts) else ""
        if act:
            self._do(act)
            return
        features = list(self._behaviour.features)
        is_encrypted = isinstance(self._socket, ssl.SSLSocket)
        if self._behaviour.context is not None and self._behaviour.offers_starttls and not is_encrypted:
            features.append("STARTTLS")
        if self._behaviour.credentials is not None:
            features.append(f"AUTH {self._behaviour.auth}")
        lines = ["relay.example.org", *features]
        marks = ["-"] * (len(lines) - 1) + [" "]
        self._say("\r\n".join(f"250{mark}{line}" for mark, line in zip(marks, lines, strict=True)))

    def _starttls(self, _line: str) -> None:
        if self._perform("STARTTLS").startswith("220"):
            self._encrypt()

    def _auth(self, line: str) -> None:
        words = line.split(" ")
        if words[1] == "PLAIN":
            given = tuple(base64.b64decode(words[2]).decode().split("\0")[1:])
        else:
            given = tuple(base64.b64decode(self._ask(each)).decode() for each in ("VXNlcm5hbWU6", "UGFzc3dvcmQ6"))
        if given != self._behaviour.credentials:
            self._say("535 5.7.8 Error: authentication failed")
            return
        self._signed_in = self._perform("AUTH").startswith("235")

    def _ask(self, challenge: str) -> str:
        self._say(f"334 {challenge}")
        return self._read_line()

    def _take_mail(self, line: str) -> None:
        if self._behaviour.credentials is not None and not self._signed_in:
            self._say("530 5.7.0 Authentication required")
        elif self._perform("MAIL").startswith("2"):
            self._mail, self._rcpts = line, []

    def _take_rcpt(self, line: str) -> None:
        if not self._mail:
            self._say("503 5.5.1 need MAIL command")
            return
        act = next((each for to, each in self._behaviour.for_recipients.items() if f"<{to}>" in line), None)
        if act is not None:
            self._do(act)
        elif self._perform("RCPT").startswith("2"):
            self._rcpts.append(line)

    def _data(self, _line: str) -> None:
        is_told = any(stage == "DATA" for stage, _act, _times in self._behaviour.acts)
        if not self._rcpts and not is_told:
            self._say("554 5.5.1 no valid recipients")
            return
        if not self._perform("DATA").startswith("354"):
            return
        content = self._read_content()
        encrypted = isinstance(self._socket, ssl.SSLSocket)
        taken = Taken(self._mail, list(self._rcpts), content, self._signed_in, encrypted)
        self._mail, self._rcpts = "", []
        act = self._relay.act_for("CONTENT")
        if not isinstance(act, str):
            self._relay.unanswered.append(taken)
        elif act.startswith("2"):
            self._relay.taken.append(taken)
        self._do(act)

    def _rset(self, _line: str) -> None:
        self._mail, self._rcpts = "", []
        self._perform("RSET")

    def _quit(self, _line: str) -> None:
        self._perform("QUIT")
        raise _Over

    def _encrypt(self) -> None:
        assert self._behaviour.context is not None
        self._buffer = b""
        self._socket = self._behaviour.context.wrap_socket(self._socket, server_side=True)

    def _perform(self, stage: Stage) -> str:
        act = self._relay.act_for(stage)
        self._do(act)
        return act if isinstance(act, str) else ""

    def _do(self, act: str | Act) -> None:
        if isinstance(act, str):
            self._say(act)
            if act.startswith("421"):
                raise _Over
            return
        while act.octets and act.every_seconds and self._relay.waits(act.every_seconds):
            self._socket.sendall(act.octets)
        if act.octets:
            self._socket.sendall(act.octets)
        if act.ends == "silence":
            while True:
                self._read_more()
        if act.ends == "stall":
            self._relay.waits(30)
        if act.ends == "reset":
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if act.ends:
            raise _Over

    def _say(self, text: str) -> None:
        octets = text.encode() + b"\r\n"
        step = self._behaviour.piece or len(octets)
        for start in range(0, len(octets), step):
            self._socket.sendall(octets[start : start + step])

    def _read_line(self) -> str:
        while b"\r\n" not in self._buffer:
            self._read_more()
        line, self._buffer = self._buffer.split(b"\r\n", 1)
        return line.decode()

    def _read_content(self) -> bytes:
        """Read to the lone dot and take the doubled dots back."""
        while not (self._buffer.startswith(b".\r\n") or b"\r\n.\r\n" in self._buffer):
            self._read_more()
        if self._buffer.startswith(b".\r\n"):
            self._buffer = self._buffer[3:]
            return b""
        content, self._buffer = self._buffer.split(b"\r\n.\r\n", 1)
        return re.sub(rb"(?m)^\.(?=.)", b"", content + b"\r\n")

    def _read_more(self) -> None:
        octets = self._socket.recv(65_536)
        if not octets:
            raise _Over
        self._relay.packets.append(octets)
        self._buffer += octets


@pytest.fixture
def relay() -> Iterator[Relay]:
    """Give a mail server on loopback that does what it is told to the byte."""
    server = Relay()
    yield server
    server.stop()
