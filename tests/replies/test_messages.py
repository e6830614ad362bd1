"""What an incoming message says: words first, never a crash, nothing rendered, files told by name and size."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from hypothesis import given, settings, strategies as st

from app.inbox.markup import text_of_html
from app.replies.messages import LONGEST_TEXT, attachment_of, contents_of
from tests.inbox.messages import bombs
from tests.servers.bounds import fits_into


def mail(headers: str, body: bytes) -> bytes:
    return headers.encode() + b"\r\n\r\n" + body


def test_plain_text_is_preferred_to_its_html() -> None:
    message = EmailMessage()
    message.set_content("We have received your letter.")
    message.add_alternative("<p>We have <b>received</b> it, in HTML.</p>", subtype="html")
    found = contents_of(message.as_bytes())
    assert found.text == "We have received your letter."
    assert found.attachments == ()


def test_html_alone_is_turned_to_text() -> None:
    raw = mail(
        "Content-Type: text/html; charset=utf-8",
        b"<html><head><style>p{color:red}</style><title>x</title></head><body><script>alert(1)</script>"
        b"<p>Dear   all,</p><p>see <a href='https://example.org/a'>our page</a>.</p><ul><li>one<li>two</ul>"
        b"<img src=x onerror=alert(1)></body></html>",
    )
    text = contents_of(raw).text
    assert text == "Dear all,\n\nsee our page <https://example.org/a>.\n\n- one\n- two"


def test_empty_plain_part_gives_way_to_html() -> None:
    message = EmailMessage()
    message.set_content("\n")
    message.add_alternative("<p>Only here.</p>", subtype="html")
    assert contents_of(message.as_bytes()).text == "Only here."


@pytest.mark.parametrize(
    ("charset", "body", "text"),
    [
        ("windows-1251", "Министр".encode("cp1251"), "Министр"),
        ("koi8-r", "Министр".encode("koi8-r"), "Министр"),
        ("iso-2022-jp", "大臣".encode("iso-2022-jp"), "大臣"),
        ("us-ascii", "Міністр".encode(), "Міністр"),
        ("no-such-charset", "Міністр".encode(), "Міністр"),
        ("utf-8", b"caf\xe9", "café"),
        ("punycode", b"plain", "plain"),
    ],
)
def test_any_charset_is_read(charset: str, body: bytes, text: str) -> None:
    assert contents_of(mail(f"Content-Type: text/plain; charset={charset}", body)).text == text


def test_files_are_listed_and_handed_out_as_they_came() -> None:
    message = EmailMessage()
    message.set_content("See attached.")
    message.add_attachment(b"%PDF-1.7 x", maintype="application", subtype="pdf", filename="відповідь.pdf")
    message.add_attachment("a,b", subtype="csv", filename="../../etc/pass\u202egpj.csv")
    found = contents_of(message.as_bytes())
    assert found.text == "See attached."
    first, second = found.attachments
    assert (first.filename, first.content_type, first.size) == ("відповідь.pdf", "application/pdf", 10)
    assert second.filename == "etc-passgpj.csv"
    assert attachment_of(message.as_bytes(), 0) == (first, b"%PDF-1.7 x")
    assert attachment_of(message.as_bytes(), 2) is None
    assert attachment_of(message.as_bytes(), -1) is None


def test_forwarded_message_is_a_file() -> None:
    inner = EmailMessage()
    inner["Subject"] = "Inner"
    inner.set_content("Inner words.")
    outer = EmailMessage()
    outer.set_content("Outer words.")
    outer.add_attachment(inner)
    found = contents_of(outer.as_bytes())
    assert found.text == "Outer words."
    assert [one.filename for one in found.attachments] == ["Inner.eml"]
    named = attachment_of(outer.as_bytes(), 0)
    assert named is not None
    assert b"Inner words." in named[1]


def test_hidden_characters_are_taken_out_and_long_texts_cut() -> None:
    raw = mail("Content-Type: text/plain; charset=utf-8", "a\u202eb\x00c\u2066d".encode() + b"x" * (LONGEST_TEXT + 9))
    found = contents_of(raw)
    assert found.text.startswith("abcdx")
    assert len(found.text) == LONGEST_TEXT
    assert found.is_cut


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe",
        b"Content-Type: multipart/mixed\r\n\r\nno boundary",
        b"Content-Type: text/html\r\n\r\n<![broken <!-- <a href='" + b"<div>" * 100_000,
        b"Content-Type: text/plain; charset=unicode_escape\r\n\r\n\\ud800",
        b"Content-Transfer-Encoding: base64\r\n\r\n!!!!====",
        b"Content-Type: message/rfc822\r\n\r\n" * 2000,
        b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(2000)),
    ],
    ids=["empty", "bytes", "no-boundary", "html", "half", "base64", "rfc822", "nested"],
)
def test_odd_messages_never_crash(raw: bytes) -> None:
    contents_of(raw).text.encode()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["text/plain", "text/html", "multipart/mixed; boundary=a", "a/b; c"]))
def test_fuzzed_messages_never_crash(body: bytes, kind: str) -> None:
    raw = f"Content-Type: {kind}\r\n".encode() + body
    for one in contents_of(raw).attachments:
        assert attachment_of(raw, one.number) is not None


@pytest.mark.parametrize("name", bombs())
def test_bombs_take_little_time_and_memory(name: str) -> None:
    """A person who opens a held mail waits for this, and everybody else for the memory."""
    bomb = bombs()[name]
    assert fits_into(5, 200_000_000, lambda: contents_of(bomb))


def test_the_bounds_would_stop_a_bomb() -> None:
    assert not fits_into(5, 200_000_000, lambda: bytearray(300_000_000))
    assert not fits_into(1, 200_000_000, lambda: all(True for _ in iter(int, 1)))


def test_more_parts_than_can_be_looked_through_are_told_of() -> None:
    assert contents_of(bombs()["parts of markup"]).is_cut


def test_html_says_where_a_link_leads() -> None:
    assert text_of_html("<a href='https://evil.example.org'>https://bank.example.org</a>") == (
        "https://bank.example.org <https://evil.example.org>"
    )
    assert text_of_html("<a href='mailto:a@example.org'>a@example.org</a>") == "a@example.org"
