"""One connection: what has come on it, what is still to go, and until when the other side may take its time."""

from __future__ import annotations

import errno
import select
import socket
import struct
import time
from contextlib import suppress
from typing import BinaryIO

from app.serving.arriving import ArrivingRequest

READ_AT_ONCE_BYTES = 256 * 1024
PIECES_IN_A_TURN = 4
SEND_AT_ONCE_BYTES = 1024 * 1024
# How slow somebody may be, in either direction: twenty seconds, and more for what has gone to and fro meanwhile.
PATIENCE_SECONDS = 20.0
SLOWEST_BYTES_A_SECOND = 500
# What is kept of an answer for somebody who takes it slowly; of a longer one, the rest is waited for.
MOST_UNSENT_BYTES = 32 * 1024 * 1024
# With PATIENCE_SECONDS still below gunicorn's timeout, which would end the process with all that it holds.
LONGEST_HELD_SECONDS = 35.0
GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"
# tcp_info of Linux: how many milliseconds ago the last bytes came.
_LAST_CAME = struct.Struct("I"), 52, 104


class Conversation:
    """A connection with one request and its answer. To gunicorn it is the socket, on which nothing is waited for."""

    def __init__(self, connection: socket.socket, most_bytes: int) -> None:
        connection.setblocking(False)
        self.request = ArrivingRequest(most_bytes)
        self.is_answered = False
        self._socket = connection
        self._read_to = 0
        self._unsent = bytearray()
        self._moved = 0
        self._held_seconds = 0.0  # for how long it alone was waited for
        self._began_at = time.monotonic()
        self.is_broken = False  # whether the other side has gone

    @property
    def held_bytes(self) -> int:
        """How much memory is kept for it."""
        return len(self.request.content) + len(self._unsent)

    def is_too_slow(self, now: float) -> bool:
        """Tell whether it has taken longer than anybody needs."""
        return now > self._began_at + PATIENCE_SECONDS + self._moved / SLOWEST_BYTES_A_SECOND

    def waited_seconds(self) -> float:
        """Return how long ago the last bytes of the request came, as Linux knows it; elsewhere 0."""
        layout, at, size = _LAST_CAME
        with suppress(OSError, struct.error, AttributeError):
            told = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, size)
            return float(layout.unpack_from(told, at)[0]) / 1000
        return 0.0

    def listen(self) -> bool:
        """Take what has come, without waiting; tell whether the request is whole."""
        while not self.request.is_whole:
            try:
                piece = self._socket.recv(READ_AT_ONCE_BYTES)
            except BlockingIOError:
                return False
            except OSError:
                piece = b""
            if not piece:
                self.is_broken = True
                return False
            self._moved += len(piece)
            if not self.request.take(piece) and self.request.asks_first:
                self.request.asks_first = False
                self._send(GO_ON)
        return True

    def speak(self) -> bool:
        """Let go what is still to go, without waiting; tell whether all is said, or nobody listens any more."""
        while (
            self._unsent and not self.is_broken and (sent := self._push(memoryview(self._unsent)[:SEND_AT_ONCE_BYTES]))
        ):
            del self._unsent[:sent]
        return not self._unsent or self.is_broken

    def is_over(self) -> bool:
        """Tell whether to close now. Who still sends what nobody reads would lose the answer, and gets time to stop."""
        if self.request.ends_cleanly or self.is_broken:
            return True
        try:
            self._socket.shutdown(socket.SHUT_WR)
            # Some at a time: somebody on a fast line would have a process read for ever.
            for _ in range(PIECES_IN_A_TURN):
                if not self._socket.recv(READ_AT_ONCE_BYTES):
                    return True
        except BlockingIOError:
            return False
        except OSError:
            return True
        return False

    def fileno(self) -> int:
        """Return the connection's number, by which the kernel watches it."""
        return self._socket.fileno()

    def end(self) -> None:
        """Close the connection."""
        self._socket.close()

    # What gunicorn asks of a socket.

    def recv(self, size: int, _flags: int = 0) -> bytes:
        """Return the next bytes of the request; after the last one there is nothing, as at the end of a connection."""
        piece = bytes(self.request.content[self._read_to : self._read_to + size])
        self._read_to += len(piece)
        return piece

    def sendall(self, answer: bytes) -> None:
        """Send what the other side takes at once, and keep the rest for later; raises OSError where nobody listens."""
        self._send(answer)
        while len(self._unsent) > MOST_UNSENT_BYTES and not self.is_broken:
            began_at = time.monotonic()
            is_taken = select.select([], [self._socket], [], PATIENCE_SECONDS)[1]
            self._held_seconds += time.monotonic() - began_at
            # For the whole of an answer, not for each piece: others wait meanwhile, and gunicorn ends a silent process.
            self.is_broken = not is_taken or self._held_seconds > LONGEST_HELD_SECONDS
            self.speak()
        if self.is_broken:
            raise BrokenPipeError(errno.EPIPE, "nobody listens any more")

    def sendfile(self, file: BinaryIO, offset: int = 0, count: int | None = None) -> int:
        """Send a part of a file, or all of it; return how many bytes that were."""
        file.seek(offset)
        sent = 0
        while piece := file.read(min(SEND_AT_ONCE_BYTES, SEND_AT_ONCE_BYTES if count is None else count - sent)):
            self.sendall(piece)
            sent += len(piece)
        return sent

    def send(self, words: bytes) -> int:
        """Say no second time that the sender may go on with the body: it is here."""
        return len(words)

    def shutdown(self, _how: int) -> None:
        """Leave it to `end`, when all has gone."""

    def gettimeout(self) -> float:
        """Tell that nothing is waited for."""
        return 0.0

    def settimeout(self, _seconds: float | None) -> None:
        """Do without: nothing is waited for."""

    def setblocking(self, _flag: bool) -> None:
        """Do without: nothing is waited for."""

    def close(self) -> None:
        """Note that the answer is complete; it may still be on its way."""
        self.is_answered = True
        self._moved, self._began_at = 0, time.monotonic()
        self.request.content.clear()

    def _send(self, words: bytes) -> None:
        sent = 0 if self._unsent else self._push(memoryview(words))
        self._unsent += memoryview(words)[sent:]

    def _push(self, words: memoryview) -> int:
        """Hand over what is taken without waiting, and return how many bytes that were."""
        try:
            with words:
                sent = self._socket.send(words)
        except BlockingIOError:
            return 0
        except OSError:
            self.is_broken = True
            return 0
        self._moved += sent
        return sent
