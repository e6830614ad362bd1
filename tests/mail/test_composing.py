"""Composed messages: right in every script, and no header can be smuggled in."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.parser import BytesParser
from email.utils import parseaddr

import pytest
from hypothesis import example, given, strategies as st

from app.mail.composing import Sender, compose
from app.mail.registry import RenderedMail
from app.mail.states import UnsafeHeader
from tests.factories.sentences import SENTENCES, WITHOUT_FACE

SENDER = Sender("Undersigned", "appeals@example.org")
MESSAGE = RenderedMail("Ada", "ada@example.org", "Subject", "Text\n", "<p>Text</p>", reply_to="person@example.org")
DATE = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NAMES = ["Олена Верховинець", "سارة البحيري", "林清河", "सुमित्रा नदीवाल", 'O\'Neil, "Ada" (x) <y>', "a" * 300, ""]


def _composed(message: RenderedMail) -> tuple[bytes, email.message.EmailMessage]:
    source = compose(message, SENDER, "<id@example.org>", DATE)
    return source, email.message_from_bytes(source, policy=email.policy.default)


def _named(source: bytes, header: str) -> str:
    """Return the name in a header as RFC 2047 has it read; Python's newer reader sets spaces between its words."""
    raw = email.message_from_string(source.decode(), policy=email.policy.compat32)[header]
    return str(make_header(decode_header(parseaddr(str(raw))[0])))


@pytest.mark.parametrize("name", NAMES)
def test_names_come_back_whole(name: str) -> None:
    source, mail = _composed(replace(MESSAGE, to_name=name, subject=name))
    assert _named(source, "To") == name
    assert mail["Subject"] == name
    assert mail["To"].addresses[0].addr_spec == "ada@example.org"
    assert max(len(line) for line in source.split(b"\r\n")) <= 998


@pytest.mark.parametrize(
    "bad", ["\r\nBcc: x@example.org", "\nX: y", "a\0b", "\r", "\x0b", "\x1b[2J", "\x7f", "\x85", "\u2028", "\ud800"]
)
@pytest.mark.parametrize("field", ["to_name", "to_address", "subject", "reply_to", "reply_to_name", "from_name"])
def test_refuse_line_breaks_in_every_header(field: str, bad: str) -> None:
    value = f"ada{bad}@example.org" if field in {"to_address", "reply_to"} else f"Ada{bad}"
    with pytest.raises(UnsafeHeader):
        _composed(replace(MESSAGE, **{field: value}))  # type: ignore[arg-type]


def test_refuse_line_breaks_in_extra_headers() -> None:
    with pytest.raises(UnsafeHeader):
        _composed(replace(MESSAGE, headers={"List-Unsubscribe": "<x>\r\nBcc: y@example.org"}))


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_name_and_subject_yield_the_same_headers(name: str, subject: str) -> None:
    plain = set(_composed(MESSAGE)[1].keys())
    try:
        _source, mail = _composed(replace(MESSAGE, to_name=name, subject=subject))
    except UnsafeHeader:
        return
    assert set(mail.keys()) == plain


def _read(source: bytes, header: str) -> str:
    """Read a header by RFC 2047, as mail programs do: Python's own reader of addresses adds spaces."""
    raw = BytesParser(policy=email.policy.compat32).parsebytes(source)[header]
    return str(make_header(decode_header(re.sub(r"\r?\n", "", raw))))


SAID = [*SENTENCES.values(), *WITHOUT_FACE.values(), "a" * 200, "漢" * 200, "👨‍👩‍👧" * 30, "a\ue000"]


@pytest.mark.parametrize("said", SAID)
def test_names_and_subjects_of_every_script_keep_their_spaces(said: str) -> None:
    source, _mail = _composed(replace(MESSAGE, to_name=said, subject=said))
    assert _read(source, "Subject").strip() == said
    assert _read(source, "To").replace('"', "").strip() == f"{said} <{MESSAGE.to_address}>"


def test_long_lines_and_scripts_survive_the_wire() -> None:
    text = "слово " * 2000 + "\n" + "х" * 3000 + "\n"
    source, mail = _composed(replace(MESSAGE, text=text, html=f"<p>{text}</p>"))
    assert max(len(line) for line in source.split(b"\r\n")) <= 998
    assert mail.get_body(("plain",)).get_content().replace("\r\n", "\n") == text  # type: ignore[union-attr]


@example("000" + "\u00a0" * 14, "", "")  # Python's own folding set the address behind it, without a look at the line
@example("000" + "\u3000" * 10, "", "")
@example("000" + "é" * 14, "", "")
@given(
    st.text(max_size=300), st.text(max_size=300), st.text(st.characters(exclude_categories=["Cs"]), max_size=2000)
)  # fmt: skip
def test_no_line_is_longer_than_mail_may_have(name: str, subject: str, text: str) -> None:
    try:
        source, _mail = _composed(replace(MESSAGE, to_name=name, from_name=name, subject=subject, text=text, html=text))
    except UnsafeHeader:
        return
    lines = source.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert not any(b"\r" in line or b"\n" in line or b"\0" in line for line in lines)
    # Only a word that can't be broken, such as an address, may stand out of the 78 that are wished for.
    assert all(len(line) <= 78 or b" " not in line.strip() for line in lines)


@pytest.mark.parametrize(
    "letter", ["é", "і", "林", "\u00a0", "\u1680", "\u2003", "\u202f", "\u205f", "\u3000", "😀", "ا", "a"]
)
def test_a_name_of_any_length_leaves_its_address_room(letter: str) -> None:
    for length in range(1, 80):
        name = f"0{letter * length}0"
        source, _mail = _composed(replace(MESSAGE, to_name=name, from_name=name, reply_to_name=name, subject=name))
        assert all(len(line) <= 78 for line in source.split(b"\r\n\r\n")[0].split(b"\r\n"))
        assert {_named(source, each) for each in ("From", "To", "Reply-To")} == {name}


@pytest.mark.parametrize("length", [5, 20, 60, 200])
def test_a_name_beside_an_international_address_is_folded_too(length: int) -> None:
    name = "Ж" * length
    source, _mail = _composed(replace(MESSAGE, to_name=name, to_address="почта@example.org"))
    head = source.split(b"\r\n\r\n")[0].decode().split("\r\n")
    assert all(len(line) <= 78 for line in head)
    assert any("<почта@example.org>" in line for line in head)
    assert _named(source, "To") == name


def test_refuse_a_word_that_no_line_can_hold() -> None:
    with pytest.raises(UnsafeHeader):
        _composed(replace(MESSAGE, to_name="a" * 1000))
    with pytest.raises(UnsafeHeader):
        _composed(replace(MESSAGE, headers={"List-Unsubscribe": f"<https://example.org/{'a' * 1000}>"}))


@pytest.mark.parametrize("name", ["List-Unsubscribe", "List-Help", "References", "In-Reply-To"])
def test_addresses_of_the_web_are_not_encoded(name: str) -> None:
    """Python's own policy makes encoded words of them, in which mail programs see no address."""
    value = f"<mailto:stop@example.org>, <https://appeals.example.org/{'a' * 90}>"
    source, mail = _composed(replace(MESSAGE, headers={name: value}))
    assert f"{name}: <mailto:stop@example.org>,\r\n <https://appeals.example.org/{'a' * 90}>\r\n".encode() in source
    assert mail[name] == value


def test_long_message_id_is_not_encoded() -> None:
    message_id = f"<{'m' * 40}@{'d' * 60}.example.org>"
    assert f"Message-ID: {message_id}\r\n".encode() in compose(MESSAGE, SENDER, message_id, DATE)


def test_headers_that_every_mail_has() -> None:
    source, mail = _composed(MESSAGE)
    assert mail["Date"] == "Mon, 23 Nov 2026 12:00:00 +0000"
    assert (mail["Message-ID"], mail["From"]) == ("<id@example.org>", "Undersigned <appeals@example.org>")
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert source.isascii()


def test_international_domains_need_no_international_server() -> None:
    sender = Sender("Undersigned", "appeals@приклад.укр")
    assert sender.domain == "xn--80aikifvh.xn--j1amh"
    source = compose(
        replace(MESSAGE, to_address="ada@приклад.укр", reply_to="x@приклад.укр"), sender, "<1@example.org>", DATE
    )
    assert source.isascii()
    assert b"To: Ada <ada@xn--80aikifvh.xn--j1amh>\r\n" in source


@pytest.mark.parametrize("field", ["to_address", "reply_to"])
def test_international_address_is_written_as_it_is(field: str) -> None:
    source, _mail = _composed(replace(MESSAGE, **{field: "почта@example.org"}))  # type: ignore[arg-type]
    assert "почта@example.org".encode() in source


def test_international_address_keeps_its_letters() -> None:
    source, _mail = _composed(replace(MESSAGE, to_address="почта@example.org"))
    assert "To: Ada <почта@example.org>\r\n".encode() in source
