"""Mail merge: what is filled in means the same as what would have been composed, for any name and link."""

from __future__ import annotations

import email
import email.policy
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

import pytest
from hypothesis import example, given, settings, strategies as st
from markupsafe import escape

from app.mail.composing import Sender, compose
from app.mail.header_lines import header_line
from app.mail.merging import Skeletons, is_one_line, make_skeleton, to_line
from app.mail.registry import RenderedMail
from app.mail.skeletons import Filled, Skeleton
from app.mail.states import UnsafeHeader

SENDER = Sender("Хата Undersigned", "appeals@example.org")
DATE = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MESSAGE_ID = "<abcdefgh@example.org>"
LONG = "Дуже довге слово " * 30
GAPS = ("name", "link")
LETTERS = st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"))
VALUES = st.one_of(
    st.text(LETTERS, max_size=300),
    st.sampled_from(
        [
            "", ".", "..", "....", "From the start", "=", "=3D", "=?utf-8?q?Ada?=", "<script>alert('x')</script>",
            "100 % %(name)s {}", "\"quoted\" \\ 'name'", "شیرین عبادی", "צבי \u200fרביד", "👩🏽\u200d🚀 Ada",
            "а\u0301" * 90, "x" * 900, " leading and trailing ", "name", "x000", "a" * 24 + "x001", "{{ link }}",
            "&amp;", "李明 (Example), x@y; z:", "e\u0301 decomposed",
        ]
    ),
)  # fmt: skip


def _render(values: Mapping[str, str]) -> RenderedMail:
    name, link = values["name"], values["link"]
    return RenderedMail(
        to_name=name,
        to_address="ada@example.org",
        subject="Чи підпишете ви цей текст? " * 4,
        text=f"Dear {name},\n\n{name}\n{LONG}\n.\nFrom us, with = and %\n{link}\n",
        html=f'<p>Dear <bdi>{escape(name)}</bdi>,</p>\n<p>{LONG}<a href="{escape(link)}">{escape(link)}</a></p>\n',
        reply_to="marta@example.org",
        reply_to_name="Марта Ковальська",
        headers={"List-Unsubscribe": f"<https://appeals.example.org/u/{link}>", "X-Name": name},
    )


SKELETON: Skeleton = make_skeleton(GAPS, _render, SENDER)


def _filled(name: str, link: str, address: str = "ada@example.org", skeleton: Skeleton = SKELETON) -> bytes:
    return skeleton.fill(
        Filled(skeleton, name, address, {"name": name, "link": link}), MESSAGE_ID, format_datetime(DATE)
    )


def _composed(name: str, link: str) -> bytes:
    normal = {"name": unicodedata.normalize("NFC", name), "link": unicodedata.normalize("NFC", link)}
    return compose(_render(normal), SENDER, MESSAGE_ID, DATE)


def _read(source: bytes) -> EmailMessage:
    return email.message_from_bytes(source, policy=email.policy.default)


def _decoded(value: str) -> str:
    """Read a header as RFC 2047 §6.2 demands; email.policy.default puts spaces between the encoded words of a name."""
    return " ".join(str(make_header(decode_header(value.replace("\r\n", "")))).split())


def _meaning(source: bytes) -> tuple[dict[str, str], list[tuple[str, str]]]:
    mail = _read(source)
    headers = {name.lower(): " ".join(str(value).split()) for name, value in mail.items() if name != "Content-Type"}
    raw = email.message_from_bytes(source, policy=email.policy.compat32)
    headers["to"] = str((_decoded(parseaddr(raw["To"])[0]), mail["To"].addresses[0].addr_spec))
    return headers, [(part.get_content_type(), part.get_content()) for part in mail.iter_parts()]


@given(VALUES, VALUES)
@settings(max_examples=200, deadline=None)
@example("\u00a0", "\u2003")
def test_filled_means_what_composed_means(name: str, link: str) -> None:
    filled, composed = _meaning(_filled(name, link)), _meaning(_composed(name, link))
    # email.message takes such letters for its own encoded words, and loses spaces of free text outside ASCII; what
    # ours make of it is tested below.
    mangled = {"to"} if "=?" in name else set()
    mangled |= {"x-name", "list-unsubscribe"} if "=?" in name + link or not (name + link).isascii() else set()
    for header in mangled:
        del filled[0][header], composed[0][header]
    assert filled == composed


@given(VALUES, VALUES)
@settings(max_examples=50, deadline=None)
def test_what_is_filled_in_comes_out_whole(name: str, link: str) -> None:
    name = unicodedata.normalize("NFC", name)
    mail = _read(_filled(name, link))
    text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")  # type: ignore[union-attr]
    assert text.startswith(f"Dear {name},\n\n{name}\n")
    raw = email.message_from_bytes(_filled(name, link), policy=email.policy.compat32)
    assert _decoded(raw["X-Name"]) == " ".join(name.split())
    assert _decoded(parseaddr(raw["To"])[0]) == " ".join(name.split())
    assert mail["To"].addresses[0].addr_spec == "ada@example.org"
    assert len(mail.defects) == 0


@given(VALUES, VALUES)
@settings(max_examples=50, deadline=None)
def test_lines_are_short_and_ascii(name: str, link: str) -> None:
    source = _filled(name, link)
    assert source.isascii()
    head, body = source.split(b"\r\n\r\n", 1)
    assert all(len(line) <= 78 for line in body.split(b"\r\n"))
    assert all(len(line) <= 998 for line in head.split(b"\r\n"))
    to = [line for line in head.split(b"\r\nTo:")[1].split(b"\r\n") if not line.startswith((b"Reply", b"Date"))]
    assert all(len(line) <= 78 for line in to[:2])
    assert b"\n" not in source.replace(b"\r\n", b"")
    assert b"\r" not in source.replace(b"\r\n", b"")


@pytest.mark.parametrize("bad", ["\r\nBcc: x@example.org", "\nX: y", "a\0b", "\r", "\x85", "\u2028"])
def test_refuse_line_breaks_in_every_header(bad: str) -> None:
    with pytest.raises(UnsafeHeader):
        _filled(f"Ada{bad}", "x")
    with pytest.raises(UnsafeHeader):
        _filled("Ada", f"x{bad}")
    with pytest.raises(UnsafeHeader):
        _filled("Ada", "x", f"ada{bad}@example.org")
    mail = Filled(SKELETON, "Ada", "ada@example.org", {"name": "Ada", "link": "x"})
    with pytest.raises(UnsafeHeader):
        SKELETON.fill(mail, f"<x{bad}@example.org>", format_datetime(DATE))


def test_a_value_of_several_lines_stays_in_the_body() -> None:
    def render(values: Mapping[str, str]) -> RenderedMail:
        return RenderedMail("", "ada@example.org", "Subject", f"One {values['x']}\n", f"<p>{escape(values['x'])}</p>\n")

    skeleton = make_skeleton(("x",), render, SENDER)
    for value in ("a\r\nb\n\nc", "a\n", "\n.\nFrom x", "\n"):
        mail = Filled(skeleton, "Ada", "ada@example.org", {"x": value})
        assert (
            _meaning(skeleton.fill(mail, MESSAGE_ID, format_datetime(DATE)))[1]
            == _meaning(compose(render({"x": value}), SENDER, MESSAGE_ID, DATE))[1]
        )


def test_an_international_address_keeps_its_letters() -> None:
    source = _filled("Ada", "x", "почта@example.org")
    assert "To: Ada <почта@example.org>\r\n".encode() in source


def test_an_international_host_is_written_in_ascii_and_the_name_beside_it_too() -> None:
    assert _filled("Олена", "x", "ada@приклад.example.org").isascii()


def test_a_web_address_in_a_header_is_never_cut_into_encoded_words() -> None:
    link = "https://appeals.example.org/" + "x" * 200
    assert header_line("List-Unsubscribe", f"<{link}>") == f"List-Unsubscribe:\r\n <{link}>\r\n"


@pytest.mark.parametrize(
    "name", ["Ada", 'O\'Neil, "Ada" (x) <y>', "", "a" * 300, "=?utf-8?q?Ada?=", "Олена Верховинець " * 9]
)
def test_names_come_back_whole(name: str) -> None:
    line = to_line(name, "ada@example.org")
    raw = email.message_from_bytes(line + b"\r\n", policy=email.policy.compat32)
    assert _decoded(parseaddr(raw["To"])[0]) == name.strip()
    assert all(len(each) <= 78 for each in line.split(b"\r\n"))


def test_every_skeleton_has_a_boundary_of_its_own_that_no_value_can_imitate() -> None:
    boundary = _read(_filled("Ada", "x")).get_boundary()
    assert boundary is not None
    assert boundary != _read(_filled("Ada", "x", skeleton=make_skeleton(GAPS, _render, SENDER))).get_boundary()
    mail = _read(_filled("Ada", f"--{boundary}--"))
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_skeletons_are_kept_by_all_that_went_into_them_and_only_the_last() -> None:
    kept, made = Skeletons(2), []

    def render(values: Mapping[str, str]) -> RenderedMail:
        made.append(values)
        return _render(values)

    first = kept.get("a", GAPS, render, SENDER)
    assert kept.get("a", GAPS, render, SENDER) is first
    assert kept.get("a", GAPS, render, Sender("Other", "other@example.org")) is not first
    assert len(made) == 2
    kept.get("a", GAPS, render, SENDER)
    kept.get("b", GAPS, render, SENDER)
    assert kept.get("a", GAPS, render, SENDER) is first
    assert len(made) == 3
    kept.get("c", GAPS, render, SENDER)
    kept.get("b", GAPS, render, SENDER)
    assert len(made) == 5


@pytest.mark.parametrize(
    ("value", "is_line"), [("Ada", True), ("", False), (" ", False), ("a\nb", False), ("a\x85b", False)]
)
def test_only_one_line_leaves_a_templates_lines_as_they_are(value: str, is_line: bool) -> None:
    assert is_one_line(value) is is_line
