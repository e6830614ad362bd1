"""A request as it comes in, piece by piece: only as much of HTTP as it takes to know when it is there whole.

Whatever is not as it should be counts as whole: gunicorn reads it next, is stricter, and says what is wrong.
"""

from __future__ import annotations

import re

# More than gunicorn reads of a head or a trailer (100 fields of 8 KB), so that it says what is too long.
LONGEST_HEAD_BYTES = 832 * 1024
LONGEST_CHUNK_LINE_BYTES = 8 * 1024
_ENDS = b"\r\n\r\n"
_LENGTH = re.compile(rb"^content-length:[ \t]*0*(\d{1,12})[ \t]*\r$", re.IGNORECASE | re.MULTILINE)
_IN_CHUNKS = re.compile(rb"^transfer-encoding:[^\r\n]*chunked", re.IGNORECASE | re.MULTILINE)
_ASKS_FIRST = re.compile(rb"^expect:[ \t]*100-continue[ \t]*\r$", re.IGNORECASE | re.MULTILINE)


class ArrivingRequest:
    """What has come of one request so far; of a body of more than `most_bytes` nothing is waited for."""

    def __init__(self, most_bytes: int) -> None:
        self.content = bytearray()
        self.is_whole = False
        self.ends_cleanly = False  # whether the sender has said all that they announced
        self.asks_first = False  # whether the sender waits to be told to go on
        self._most_bytes = most_bytes
        self._head_ends_at = self._ends_at = self._chunk_at = 0

    def take(self, piece: bytes) -> bool:
        """Add what has come; tell whether the request is whole."""
        seen = max(0, len(self.content) - len(_ENDS) + 1)
        self.content += piece
        if self._head_ends_at or self._read_head(seen):
            self.is_whole = self._has_last_chunk(seen) if self._chunk_at else self._has_body()
        else:
            # Lines without CR never become a head, and whoever sent them is waiting for an answer.
            self.is_whole = self.content.find(b"\n\n", seen) >= 0 or len(self.content) > LONGEST_HEAD_BYTES
        return self.is_whole

    def _read_head(self, seen: int) -> bool:
        """Find out where the request ends; tell whether its head is there."""
        found = self.content.find(_ENDS, seen)
        if found < 0:
            return False
        self._head_ends_at = self._ends_at = found + len(_ENDS)
        head = bytes(self.content[: found + 2])
        length = max((int(number) for number in _LENGTH.findall(head)), default=0)
        if _IN_CHUNKS.search(head):
            self._chunk_at = self._head_ends_at
        else:
            self._ends_at += length
        is_understood = head.partition(b"\r\n")[0].endswith(b"HTTP/1.1")  # HTTP/1.0 would take it for the answer
        self.asks_first = is_understood and bool(_ASKS_FIRST.search(head)) and length <= self._most_bytes
        return True

    def _has_body(self) -> bool:
        """Tell whether the body is there, or is too long to be waited for."""
        self.ends_cleanly = len(self.content) >= self._ends_at
        return self.ends_cleanly or self._ends_at > self._head_ends_at + self._most_bytes

    def _has_last_chunk(self, seen: int) -> bool:
        """Go on from chunk to chunk; tell whether the last one is there, or there is no sense in waiting for it."""
        while self._chunk_at <= len(self.content) <= self._most_bytes + LONGEST_HEAD_BYTES:
            ends = self.content.find(b"\r\n", self._chunk_at)
            if ends < 0:
                return len(self.content) - self._chunk_at > LONGEST_CHUNK_LINE_BYTES
            size = _size(bytes(self.content[self._chunk_at : ends]))
            if size < 0:
                return True
            if size == 0:
                self.ends_cleanly = self.content.find(_ENDS, max(ends, seen)) >= 0
                return self.ends_cleanly or len(self.content) - ends > LONGEST_HEAD_BYTES
            self._chunk_at = ends + 2 + size + 2
        return len(self.content) > self._most_bytes + LONGEST_HEAD_BYTES


def _size(line: bytes) -> int:
    """Return how many bytes a chunk has by its first line, -1 where that is not to be read."""
    try:
        return int(line.partition(b";")[0], 16)
    except ValueError:
        return -1
