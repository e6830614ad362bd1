"""Mailed links arrive mangled: what can be taken off is, and nothing else opens."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from hypothesis import given, strategies as st

from app.base.keys import Keys
from app.base.links import LinkPurpose, Links
from app.base.logs import redacted
from app.base.mended_paths import elsewhere, mended_path

# The same in every process that collects these tests.
LINKS = Links(Keys(bytes(range(32))), "https://appeals.example.org")
TOKEN = LINKS.make(LinkPurpose.INVITATION, "hmyh94tsh7npdpbaf2dt", 7)
PREFIXES = ("/u/reminders/", "/i/", "/m/", "/u/")
HALVES = TOKEN[:30], TOKEN[30:]
WIDE = "".join(chr(ord(letter) + 0xFEE0) for letter in TOKEN)


@pytest.mark.parametrize(
    "mangled",
    [
        *(f"/i/{TOKEN}{tail}" for tail in ".>),;:!?/]}'\"»”’…。），*_`|"),
        *(
            f"/i/{TOKEN}{tail}"
            for tail in (" ", ").", "%3E", "%3E.", "&gt;", "%20", "/.", "//", "\\", "\u200b", "\xa0")
        ),
        *(f"/i/{TOKEN}{tail}" for tail in (" Thanks!", ".Thanks", "\nBest regards, Ines", "/)/")),
        *(f"/i/{head}{TOKEN}" for head in (" ", "<", "%3C", "(", '"', "\u200b", "=\n", "/")),
        *(
            f"/i/{joint.join(HALVES)}"
            for joint in ("=\n", "=\r\n", "\n", " ", "=", "\r\n> ", "\n > > ", "\xad", "\u2028")
        ),
        f"/I/{TOKEN.upper()}",
        f"/i/{TOKEN.upper()}.",
        f"/I/{TOKEN.upper().replace('I', 'İ')}",
        f"/i/{TOKEN.title()}",
        f"/i/{WIDE}",
        f"/i／{TOKEN}",
        f"/i/{TOKEN.replace('-', '–')}",
        f"/i/{TOKEN.replace('-', '‑')}",
        f"/i/{TOKEN.replace('-', '−')}",
        f"/i/{quote(quote(TOKEN + ' '))}",
    ],
)
def test_take_off_what_mangles_a_link(mangled: str) -> None:
    assert mended_path(mangled, PREFIXES) == f"/i/{TOKEN}"


@pytest.mark.parametrize("tail", ["/uk", "/zh-Hans", "/withdraw", "/no-such-thing"])
def test_what_follows_a_link_is_kept(tail: str) -> None:
    assert mended_path(f"/i/{TOKEN}{tail}", PREFIXES) == f"/i/{TOKEN}{tail}"
    assert mended_path(f"/i/{TOKEN}{tail}).", PREFIXES) == f"/i/{TOKEN}{tail}"
    assert mended_path(f"/I/{TOKEN.upper()}{tail.upper()}/", PREFIXES) == f"/i/{TOKEN}{tail.lower()}"


def test_longer_prefixes_are_known_from_shorter_ones() -> None:
    assert mended_path(f"/U/Reminders/{TOKEN}>", PREFIXES) == f"/u/reminders/{TOKEN}"
    assert mended_path(f"/u/{TOKEN}>", PREFIXES) == f"/u/{TOKEN}"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/i/",
        "/i/abc.",
        "/statements/x.",
        f"/i/{TOKEN}x",
        f"/i/x{TOKEN}.",
        f"/desk/{TOKEN}.",
        f"//evil.example/{TOKEN}.",
    ],
)
def test_other_paths_stay_as_they_are(path: str) -> None:
    assert mended_path(path, PREFIXES) == path


@given(st.text(max_size=80))
def test_whatever_comes_a_mended_path_is_ours(text: str) -> None:
    path = f"/i/{text}{TOKEN}{text}"
    mended = mended_path(path, PREFIXES)
    assert mended == path or re.match(r"/i/[a-z0-9]{20}-[0-9]{1,6}-[a-z2-7]{24}(/|$)", mended)
    assert mended_path(mended, PREFIXES) == mended


@given(st.integers(min_value=0, max_value=len(TOKEN) - 1), st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789"))
def test_another_letter_is_never_guessed(position: int, letter: str) -> None:
    altered = TOKEN[:position] + letter + TOKEN[position + 1 :]
    if altered != TOKEN:
        assert TOKEN not in mended_path(f"/i/{altered}.", PREFIXES)


@pytest.mark.parametrize(
    ("path", "mended"),
    [
        ("/statements/river/uk).", "/statements/river/uk"),
        ("/desk/campaigns/", "/desk/campaigns"),
        ("/campaigns/архів»", "/campaigns/%D0%B0%D1%80%D1%85%D1%96%D0%B2"),
        ("/verify%3E", "/verify"),
        ("/verify", ""),
        ("/api/v1/x.", ""),
        ("/.", ""),
        ("/mailbox/..", ""),
        ("/campaigns/%00", ""),
        ("/campaigns/x/members/' OR 1=1 --", ""),
        ("//evil.example.", ""),
        ("/\\evil.example.", ""),
        ("/%2Fevil.example.", ""),
        ("/%5Cevil.example.", ""),
    ],
)
def test_elsewhere_is_on_this_site(path: str, mended: str) -> None:
    assert elsewhere("GET", path) == mended
    assert elsewhere("POST", path) == ""


def test_mangled_tokens_are_kept_out_of_logs() -> None:
    assert TOKEN[:10].upper() not in redacted(f"GET /I/{TOKEN.upper()}.")
