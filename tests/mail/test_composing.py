"""Composed messages: right in every script, and no header can be smuggled in."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from app.mail.composing import Sender, compose
from app.mail.registry import Rendered
from app.mail.states import UnsafeHeader

SENDER = Sender("Undersigned", "appeals@example.org")
MESSAGE = Rendered("Ada", "ada@example.org", "Subject", "Text\n", "<p>Text</p>", reply_to="person@example.org")
DATE = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NAMES = ["Олена Верховинець", "سارة البحيري", "林清河", "सुमित्रा नदीवाल", 'O\'Neil, "Ada" (x) <y>', "a" * 300, ""]


def _composed(message: Rendered) -> tuple[bytes, email.message.EmailMessage]:
    source = compose(message, SENDER, "<id@example.org>", DATE)
    return source, email.message_from_bytes(source, policy=email.policy.default)


@pytest.mark.parametrize("name", NAMES)
def test_names_come_back_whole(name: str) -> None:
    source, mail = _composed(replace(MESSAGE, to_name=name, subject=name))
    assert mail["To"].addresses[0].display_name == name
    assert mail["Subject"] == name
    assert mail["To"].addresses[0].addr_spec == "ada@example.org"
    assert max(len(line) for line in source.split(b"\r\n")) <= 998


@pytest.mark.parametrize("bad", ["\r\nBcc: x@example.org", "\nX: y", "a\0b", "\r"])
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
    except (UnsafeHeader, UnicodeEncodeError):
        return
    assert set(mail.keys()) == plain


def test_long_lines_and_scripts_survive_the_wire() -> None:
    text = "слово " * 2000 + "\n" + "х" * 3000 + "\n"
    source, mail = _composed(replace(MESSAGE, text=text, html=f"<p>{text}</p>"))
    assert max(len(line) for line in source.split(b"\r\n")) <= 998
    assert mail.get_body(("plain",)).get_content().replace("\r\n", "\n") == text  # type: ignore[union-attr]


def test_international_address_keeps_its_letters() -> None:
    source, _mail = _composed(replace(MESSAGE, to_address="почта@example.org"))
    assert "To: Ada <почта@example.org>\r\n".encode() in source
