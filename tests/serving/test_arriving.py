"""When a request is there whole, however it was cut on the way."""

from __future__ import annotations

import pytest

from app.serving.arriving import LONGEST_HEAD_BYTES, ArrivingRequest

MOST_BYTES = 1000
HEAD = b"POST /verify HTTP/1.1\r\nHost: localhost\r\n"
WHOLE = {
    "without a body": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "with a length": HEAD + b"content-length:  11 \r\n\r\ntext=We+ask",
    "with noughts before its length": HEAD + b"Content-Length: 0000000000000011\r\n\r\ntext=We+ask",
    "coded as it is": HEAD + b"Transfer-Encoding: identity\r\nContent-Length: 11\r\n\r\ntext=We+ask",
    "with no length": HEAD + b"\r\n",
    "in chunks": HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\ntext=\r\n6;x=y\r\nWe+ask\r\n0\r\n\r\n",
    "with a trailer": HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nSum: 1\r\n\r\n",
    "with a break in it": HEAD + b"Content-Length: 8\r\n\r\n\r\n\r\n\r\n\r\n",
}
# What is not waited for: gunicorn, or the application, refuses it.
REFUSED = {
    "too long": HEAD + b"Content-Length: 1001\r\n\r\n",
    "a length that is none": HEAD + b"Content-Length: many\r\n\r\n",
    "a length without end": HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
    "a chunk that is none": HEAD + b"Transfer-Encoding: chunked\r\n\r\nmany\r\n",
    "a chunk of less than nothing": HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n",
    "lines that end otherwise": b"GET / HTTP/1.1\nHost: localhost\n\n",
    "a head without end": b"GET / HTTP/1.1\r\nX: " + b"x" * LONGEST_HEAD_BYTES,
    "a trailer without end": HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: " + b"x" * LONGEST_HEAD_BYTES,
    "a chunk's line without end": HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"x" * 9000,
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_request_is_whole_with_its_last_byte_and_not_before(name: str) -> None:
    content = WHOLE[name]
    for cut in range(1, len(content)):
        request = ArrivingRequest(MOST_BYTES)
        assert not request.take(content[:cut])
        assert request.take(content[cut:])
        assert request.ends_cleanly or name == "without a body"
        assert bytes(request.content) == content
    slowly = ArrivingRequest(MOST_BYTES)
    told = [slowly.take(content[at : at + 1]) for at in range(len(content))]
    assert told == [False] * (len(content) - 1) + [True]


@pytest.mark.parametrize("name", REFUSED)
def test_what_will_be_refused_is_not_waited_for(name: str) -> None:
    request = ArrivingRequest(MOST_BYTES)
    assert request.take(REFUSED[name])


def test_chunks_that_are_too_much_together_are_not_waited_for() -> None:
    request = ArrivingRequest(MOST_BYTES)
    request.take(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    chunk = b"3e8\r\n" + b"x" * 1000 + b"\r\n"
    taken = [request.take(chunk) for _ in range(2 + (MOST_BYTES + LONGEST_HEAD_BYTES) // len(chunk))]
    assert taken[-1]
    assert not request.ends_cleanly


def test_who_speaks_http_1_0_is_not_told_to_go_on() -> None:
    for version, asks in ((b"1.1", True), (b"1.0", False)):
        request = ArrivingRequest(MOST_BYTES)
        request.take(b"POST / HTTP/" + version + b"\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        assert request.asks_first is asks
