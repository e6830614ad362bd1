"""One SMTP session that keeps its patience: every command has its time as a whole, and every answer has bounds.

The standard library's session waits anew for each packet, so that a server that sends a byte a second holds it for
ever, and it reads answers of any number of lines into memory.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import re
import smtplib
import socket
import ssl
import time
from dataclasses import dataclass

from app.base.addresses import canonical_domain
from app.smtp.states import Trouble

LONGEST_LINE = 4096  # RFC 5321 §4.5.3.1.5 allows 512
LARGEST_REPLY = 65_536
PIECE = 65_536
PARTING_SECONDS = 1.0
_REPLY_LINE = re.compile(rb"([2-5][0-9]{2})([ -]?)")
_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")


class Unintelligible(smtplib.SMTPException):
    """The server answers what is not SMTP, or without end."""


class CutShort(smtplib.SMTPException):
    """The connection broke before the end of the message was written, so nobody can have taken it."""


class RelayUnavailable(ConnectionError):
    """No session could be opened: `trouble` names the kind, `words` says it plainly, `code` is an answer's, if any."""

    def __init__(self, trouble: Trouble, words: str, code: int | None = None) -> None:
        super().__init__(words)
        self.trouble = trouble
        self.words = words
        self.code = code


@dataclass(frozen=True)
class Patience:
    """How many seconds each step may take, as a whole.

    All together stay below the lease of a mail. Ending `data` earlier makes doubles
    (RFC 5321 §4.5.3.2.6).
    """

    connect: float = 30
    command: float = 30
    writing: float = 180
    data: float = 600
    goodbye: float = 5
    idle: float = 10  # after so long a session is asked whether it still stands


@dataclass(frozen=True, slots=True)
class ServerReply:
    """What a server answered to one command."""

    code: int
    text: str

    @property
    def is_positive(self) -> bool:
        """The command was done."""
        return 200 <= self.code < 300

    @property
    def is_refusal(self) -> bool:
        """The command was not done, for now or for good."""
        return self.code >= 400


class SmtpSession(smtplib.SMTP):
    """A session whose reads and writes end in time. What fails closes it: see `is_open`."""

    def __init__(self, patience: Patience) -> None:
        super().__init__(local_hostname=_own_name())
        self.patience = patience
        self.used_at = time.monotonic()
        self.greeting = ""
        self._buffer = bytearray()

    @property
    def is_open(self) -> bool:
        """Tell whether the next command can be sent."""
        return self.sock is not None

    @property
    def is_encrypted(self) -> bool:
        """Tell whether the session runs over TLS."""
        return isinstance(self.sock, ssl.SSLSocket)

    def open(self, host: str, port: int, context: ssl.SSLContext | None) -> None:
        """Connect, over TLS from the first byte if a context is given, and read the greeting. Raises OSError."""
        host = canonical_domain(host)
        plain = socket.create_connection((host, port), self.patience.connect)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.local_hostname = self.local_hostname or _literal(plain.getsockname()[0])
        self.sock = plain if context is None else context.wrap_socket(plain, server_hostname=host)
        greeting = self.read_reply(self.patience.connect)
        self.greeting = greeting.text
        if greeting.code != 220:
            trouble = Trouble.BUSY if greeting.code < 500 else Trouble.BLOCKED
            raise RelayUnavailable(trouble, f"It greeted with {greeting.code} {greeting.text}", greeting.code)

    def introduce(self) -> None:
        """Say EHLO, or HELO where that is all the server knows."""
        code, answer = self.ehlo()
        if code >= 500:
            code, answer = self.helo()
        if code != 250:
            words = f"It answered {code} {readable(answer)} when we introduced ourselves."
            raise RelayUnavailable(Trouble.BUSY if code < 500 else Trouble.BLOCKED, words, code)

    def start_tls(self, host: str, context: ssl.SSLContext) -> None:
        """Turn the session into an encrypted one, or raise RelayUnavailable or an OSError; never go on in clear."""
        if not self.has_extn("starttls"):
            raise RelayUnavailable(Trouble.NO_TLS, "It does not offer encryption (STARTTLS).")
        reply = self.command(b"STARTTLS\r\n")
        if reply.code != 220:
            raise RelayUnavailable(Trouble.NO_TLS, f"It refused encryption: {reply.code} {reply.text}", reply.code)
        if self._buffer:
            # What was said in clear must not pass for something said under encryption.
            raise RelayUnavailable(Trouble.NO_TLS, "It went on talking in clear where encryption should begin.")
        plain: socket.socket = self.sock  # type: ignore[assignment]
        plain.settimeout(self.patience.connect)
        self.sock = context.wrap_socket(plain, server_hostname=canonical_domain(host))
        self.ehlo_resp = self.helo_resp = None
        self.esmtp_features = {}
        self.does_esmtp = False
        self.introduce()

    def sign_in(self, username: str, password: str) -> None:
        """Sign in by PLAIN or LOGIN (RFC 4954); raises RelayUnavailable with what the server answered."""
        offered = self.esmtp_features.get("auth", "").upper().split()
        if "PLAIN" in offered:
            reply = self.command(b"AUTH PLAIN " + _base64(f"\0{username}\0{password}") + b"\r\n")
        elif "LOGIN" in offered:
            reply = self.command(b"AUTH LOGIN\r\n")
            for secret in (username, password):
                if reply.code == 334:
                    reply = self.command(_base64(secret) + b"\r\n")
        else:
            raise RelayUnavailable(Trouble.SIGN_IN, "It offers no way to sign in that we know (PLAIN or LOGIN).")
        if reply.code != 235:
            raise RelayUnavailable(Trouble.SIGN_IN, f"It answered {reply.code} {reply.text}", reply.code)

    def command(self, line: bytes) -> ServerReply:
        """Send one command and return the answer."""
        self.write_commands(line)
        return self.read_reply(self.patience.command)

    def write_commands(self, lines: bytes) -> None:
        """Send one command or, where the server allows it, several; their answers are to be read in order."""
        if self._buffer:
            self.close()
            raise Unintelligible("It answered more often than it was asked.")
        self._write(lines, self.patience.command)

    def write_message(self, message: bytes) -> ServerReply:
        """Send the content after DATA and return the answer to its end.

        Raises CutShort when it broke before the end was written; after any other error nobody knows who has the mail.
        """
        content = memoryview(as_content(message))
        last = (len(content) - 1) // PIECE * PIECE
        deadline = time.monotonic() + self.patience.writing
        try:
            self._write(content[:last], deadline - time.monotonic())
        except (OSError, smtplib.SMTPException):
            return self._parting_reply(CutShort("The connection broke while the message was being sent."))
        try:
            self._write(content[last:], max(PARTING_SECONDS, deadline - time.monotonic()))
        except (OSError, smtplib.SMTPException) as error:
            return self._parting_reply(error)
        return self.read_reply(self.patience.data)

    def read_reply(self, seconds: float) -> ServerReply:
        """Read one answer, which may have many lines and come in many packets, within so many seconds."""
        deadline = time.monotonic() + seconds
        lines: list[bytes] = []
        size = 0
        while True:
            line = self._read_line(deadline)
            size += len(line)
            match = _REPLY_LINE.match(line)
            if match is None or size > LARGEST_REPLY:
                self.close()
                raise Unintelligible("Its answer is not SMTP." if match is None else "Its answer has no end.")
            lines.append(line[4:].strip())
            if match[2] != b"-":
                self.used_at = time.monotonic()
                return ServerReply(int(match[1]), readable(b"\n".join(lines)))

    def say_goodbye(self) -> None:
        """Close the session; whether the server answers no longer matters."""
        if self.is_open:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self.write_commands(b"QUIT\r\n")
                self.read_reply(min(self.patience.goodbye, self.patience.command))
        self.close()

    def send(self, s: bytes | str) -> None:  # type: ignore[override]
        """Send what the standard library's methods have to say, within a command's time."""
        self._write(s.encode(self.command_encoding) if isinstance(s, str) else s, self.patience.command)

    def getreply(self) -> tuple[int, bytes]:
        """Return the answer to what the standard library's methods asked."""
        reply = self.read_reply(self.patience.command)
        return reply.code, reply.text.encode()

    def _write(self, content: bytes | memoryview, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        view = memoryview(content)
        while view:
            sock = self._socket_until(deadline)
            view = view[sock.send(view[:PIECE]) :]

    def _parting_reply(self, error: Exception) -> ServerReply:
        """Close the session; return why the server hung up, if it said so in time, or raise the error."""
        try:
            reply: ServerReply | None = self.read_reply(PARTING_SECONDS)
        except (OSError, smtplib.SMTPException):
            reply = None
        self.close()
        if reply is None or not reply.is_refusal:
            raise error
        return reply

    def _read_line(self, deadline: float) -> bytes:
        while True:
            end = self._buffer.find(b"\n") + 1
            if end > LONGEST_LINE or (not end and len(self._buffer) > LONGEST_LINE):
                self.close()
                raise Unintelligible("Its answer has no end.")
            if end:
                line = bytes(self._buffer[:end])
                del self._buffer[:end]
                return line
            received = self._socket_until(deadline).recv(PIECE)
            if not received:
                self.close()
                raise smtplib.SMTPServerDisconnected("The server closed the connection.")
            self._buffer += received

    def _socket_until(self, deadline: float) -> socket.socket:
        """Return the socket with what is left of the time as its timeout."""
        left = deadline - time.monotonic()
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("There is no connection.")
        if left <= 0:
            raise TimeoutError("The server took too long.")
        self.sock.settimeout(left)
        return self.sock

    def close(self) -> None:
        """Drop the connection without a word."""
        super().close()
        self._buffer.clear()


def as_content(message: bytes) -> bytes:
    """Return a message as it goes over the wire after DATA: CRLF line ends, dots doubled, and the final dot.

    A lone CR or LF would let a message end where a careless server thinks it does, so there is none.
    """
    lines = message.count(b"\r\n")
    if lines != message.count(b"\n") or lines != message.count(b"\r"):
        message = re.sub(rb"\r\n|\r|\n", b"\r\n", message)
    content = message.replace(b"\r\n.", b"\r\n..")
    if content.startswith(b"."):
        content = b"." + content
    return content + (b".\r\n" if content.endswith(b"\r\n") or not content else b"\r\n.\r\n")


def readable(answer: bytes | str) -> str:
    """Return an answer as text, without what could steer a terminal."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return _CONTROLS.sub(" ", text)


def words_of(error: BaseException) -> str:
    """Say in plain words what broke a session."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"Its certificate was not accepted: {error.verify_message.rstrip('.')}."
    if isinstance(error, TimeoutError):
        return "It did not answer in time."
    if isinstance(error, ssl.SSLError):
        return f"Encryption failed: {(error.reason or 'unknown reason').replace('_', ' ').lower()}."
    if isinstance(error, ConnectionRefusedError):
        return "It refused the connection."
    if isinstance(error, socket.gaierror):
        return "Its name could not be found."
    if isinstance(error, ConnectionError | smtplib.SMTPServerDisconnected):
        return "The connection broke."
    if isinstance(error, Unintelligible | CutShort):
        return str(error)
    return f"{type(error).__name__}: {error.strerror}" if isinstance(error, OSError) else type(error).__name__


def _base64(text: str) -> bytes:
    return base64.b64encode(text.encode())


@functools.cache
def _own_name() -> str:
    """Return this machine's full name, or nothing; asked for once, since a name server may be slow."""
    name = socket.getfqdn()
    return name if "." in name and name.isascii() else ""


def _literal(address: str) -> str:
    """Return what a machine without a name says in EHLO (RFC 5321 §4.1.3)."""
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
