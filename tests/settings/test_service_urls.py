"""URLs with a password in them: read, or refused with what to encode and without a piece of the password."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from hypothesis import given, strategies as st

from app.settings.checks import read_inbox_url, read_relay_url
from app.settings.service_urls import ServiceUrl, WrongUrl, read_service_url


def _read(url: str) -> ServiceUrl:
    return read_service_url(url, ("smtp", "smtps", "postgresql"), "smtp://user:password@host:587")


@given(st.text(st.characters(codec="utf-8"), max_size=40), st.text(st.characters(codec="utf-8"), min_size=1))
def test_whatever_is_encoded_is_read(password: str, username: str) -> None:
    url = f"smtp://{quote(username, safe='')}:{quote(password, safe='')}@mail.example.org:587"
    assert _read(url) == ServiceUrl("smtp", "mail.example.org", 587, username, password)


@given(st.text(alphabet="aZ9@:/?#[]% \"'<>\\^{}|é漢\n", min_size=1, max_size=12))
def test_a_raw_password_is_read_right_or_refused_without_a_piece_of_it(middle: str) -> None:
    password = f"canary{middle}yranac"
    try:
        found = _read(f"smtp://user:{password}@mail.example.org")
    except WrongUrl as refused:
        said = f"{refused} {refused.__context__!r} {refused.__cause__!r}"
    else:
        # A % that happens to encode something is all that can't be told apart.
        said = "" if found.password == password or "%" in middle else "canary"
        assert found.host == "mail.example.org"
    assert not re.search("canary|yranac", said)


@pytest.mark.parametrize(
    "password", ["p@ss/w#rd", "p@s", "p/s", "p?s", "p#s", "p%ss", "100%", "%zz", "%ff", "p[s", "p]s", "p s", "p\ts"]
)
def test_say_what_to_encode(password: str) -> None:
    with pytest.raises(WrongUrl, match="%25") as refused:
        _read(f"smtp://user:{password}@mail.example.org:587")
    assert refused.value.__context__ is None


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.org", "smtp:mail.example.org", "'smtp://mail.example.org'", "http://mail.example.org",
        "smtp://mail.example.org:0", "smtp://mail.example.org:65536", "smtp://mail.example.org:", "smtp://host:1x",
        "smtp://ho st", "smtp://ho..st", "smtp://-/-", "smtp://mail.example.org/path", "smtp://",
    ],
)  # fmt: skip
def test_refuse_what_is_no_relay(url: str) -> None:
    with pytest.raises(WrongUrl):
        read_relay_url(url)


def test_read_addresses_of_version_six() -> None:
    assert _read("smtp://[::1]:25") == ServiceUrl("smtp", "::1", 25)
    assert _read("smtp://[::1]") == ServiceUrl("smtp", "::1")


def test_read_the_rest_of_a_database_url() -> None:
    assert _read("postgresql://u:p@db.example.org/house?sslmode=require").path == "/house?sslmode=require"
    assert _read("postgresql:///house?host=/run/postgresql").host == ""


@pytest.mark.parametrize("url", ["imaps://u@host/INBOX", "imaps://host", "imaps://:p@host", "imaps://u:p@host/I?x"])
def test_a_mailbox_needs_user_and_password(url: str) -> None:
    with pytest.raises(WrongUrl, match="imaps://user:password@host:993/INBOX"):
        read_inbox_url(url)
    assert "secret" not in repr(read_inbox_url("imaps://u:secret@host/INBOX"))
