"""The corpus of incoming messages, and ways to break them that come out the same each time."""

from __future__ import annotations

import random
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
MAIL_ID = "k7mq2v9xw4hd3tbn8rpc"
MESSAGE_ID = f"<{MAIL_ID}@example.org>"
_LITTER = (b"\r", b"\n\n", b"--", b"=?", b"?=", b";", b'"', b"<", b"\xff\xfe", b"\0", b"(", b"boundary=")
_LINE_ENDS = (b"\r\n", b"\r", b"\n\n", b"\n ")


def names() -> list[str]:
    return sorted(path.stem for path in CORPUS.glob("*.eml"))


def message(name: str) -> bytes:
    return (CORPUS / f"{name}.eml").read_bytes()


def about(raw: bytes, mail_id: str, message_id: str, return_path: str) -> bytes:
    """Return a message of the corpus about a mail that exists."""
    raw = raw.replace(MESSAGE_ID.encode(), message_id.encode()).replace(MAIL_ID.encode(), mail_id.encode())
    return raw.replace(b"bounces+MARK@example.org", return_path.encode())


def without_marks(raw: bytes) -> bytes:
    """Return a report as somebody writes it who knows an address, but neither mark nor message id."""
    return about(raw, "aaaaaaaaaaaaaaaaaaaa", "<guessed@example.org>", "bounces@example.org")


def broken(rng: random.Random, messages: list[bytes]) -> bytes:
    """Return a message of the corpus, broken in one to four ways."""
    raw = bytearray(rng.choice(messages))
    for _ in range(rng.randint(1, 4)):
        raw = _break(rng, raw, messages)
    return bytes(raw)


def bombs() -> dict[str, bytes]:
    """Return messages built to take a reader's time or stack."""
    head = b"From: MAILER-DAEMON@example.org\nReturn-Path: <>\nSubject: failure notice\nMessage-ID: <a@example.org>\n"
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(10_000))
    status = b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"
    markup = b"From: a@example.org\nContent-Type: text/html\n\n"
    many = 400_000
    return {
        "nested ten thousand deep": head + nested + b"\nx",
        "nested ninety deep and long": head + nested[:4500] + b"\na" * many,
        "messages in messages": head + b"Content-Type: message/rfc822\n\n" * 10_000,
        "five megabytes of parameters": head + b"Content-Type: text/plain" + b";" * 5_000_000 + b"\n\nx",
        "folded parameters": head + b"Content-Type: text/plain" + b";\n a" * 100_000 + b"\n\nx",
        "encoded words that never end": b"Subject: " + b"=?a?q?" * many + b"\n\nx",
        "brackets": b"From: " + b"(" * many + b"\nDate: " + b"(" * many + b"\n\nx",
        "quotes": b"To: " + b'"\\' * many + b"\n\nx",
        "escaped quotes": b"".join(b"%s: %s\n" % (name, b'\\"' * 8000) for name in (b"From", b"To", b"Cc") * 3)
        + b"\nx",
        "angles": b"To: " + b"<" * many + b"\nReferences: " + b"<a" * many + b"\n\nx",
        "many headers": b"a:\n" * many + b"\nx",
        "many recipients": b"To: a@example.org\n" * many + b"\nx",
        "empty lines": head + b"\n" * many,
        "blanks": head + b"\n" + b"\n \t" * many,
        "many parts": head + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * many,
        "many blocks": head + status + b"Content-Type: message/delivery-status\n\n" + b"a:\n\n" * many,
        "signs": markup + b"&" * many * 2,
        "parts of markup": head
        + b"Content-Type: multipart/mixed; boundary=b\n\n"
        + (b"--b\nContent-Type: text/html\n\n" + b"<p>" * 14_000 + b"\n") * 50,
        "tags": markup + b"<div>" * many,
        "styles": markup + b"<style>" * many,
        "scripts": markup + b"<script></style>" * many,
        "message ids": head + b"\n" + b"message-id: \n" * many,
        "addresses": head + b"X-Failed-Recipients: " + b"a@example.org, " * many + b"\n\n" + b"a@example.org\n" * many,
    }


def _break(rng: random.Random, raw: bytearray, messages: list[bytes]) -> bytearray:
    at = rng.randrange(len(raw) + 1)
    way = rng.randrange(8)
    if way == 0:  # other bytes
        for _ in range(rng.randint(1, 30) if raw else 0):
            raw[rng.randrange(len(raw))] = rng.randrange(256)
    elif way == 1:  # cut off
        del raw[at:]
    elif way == 2:  # a header or line again and again
        lines = bytes(raw).split(b"\n")
        number = rng.randrange(len(lines))
        raw = bytearray(b"\n".join([*lines[:number], *[lines[number]] * rng.randint(1, 50), *lines[number:]]))
    elif way == 3:  # a boundary that is not there
        raw = bytearray(bytes(raw).replace(b"boundary=", b"boundary=x", 1))
    elif way == 4:  # a piece of another message
        raw[at:at] = rng.choice(messages)[:2000]
    elif way == 5:  # lines in any order
        lines = bytes(raw).split(b"\n")
        rng.shuffle(lines)
        raw = bytearray(b"\n".join(lines))
    elif way == 6:  # litter
        raw[at:at] = rng.choice(_LITTER) * rng.randint(1, 200)
    else:  # other line ends
        raw = bytearray(bytes(raw).replace(b"\n", rng.choice(_LINE_ENDS)))
    return raw[: 256 * 1024]
