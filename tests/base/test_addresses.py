"""One form of an address and of a domain in the whole house: UTS 46 without its transition, as the wire has it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given, strategies as st

from app.base.addresses import (
    canonical,
    canonical_domain,
    findable_forms,
    in_ascii,
    is_same,
    web_address_in_ascii,
)
from app.base.forms import clean_email

APP = Path(__file__).parents[2] / "app"


@pytest.mark.parametrize(
    ("written", "known"),
    [
        (" Ada.Lovelace@EXAMPLE.org ", "ada.lovelace@example.org"),
        ("ada+petition@example.org.", "ada+petition@example.org"),
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
        ("ada@XN--bcher-kva.example", "ada@xn--bcher-kva.example"),
        ("ada@faß.example", "ada@xn--fa-hia.example"),
        ("ada@FASS.example", "ada@fass.example"),
        ("ada@βόλος.example", "ada@xn--nxasmm1c.example"),
        ("Straße@example.org", "straße@example.org"),
        ("ＡＢ@ｅｘａｍｐｌｅ.org", "ab@example.org"),
        ("ада@пошта.укр", "ада@xn--80a1acn3a.xn--j1amh"),
        ("not an address", "@not an address"),
        ('"a@b"@example.org', '"a@b"@example.org'),
        (f"ada@{'ü' * 70}.example", f"ada@{'ü' * 70}.example"),
        ("ada@☃.example", "ada@☃.example"),
    ],
)
def test_an_address_is_one_however_it_is_written(written: str, known: str) -> None:
    assert canonical(written) == known
    assert canonical(known) == known


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@faß.example", "ada@fass.example"),
        ("straße@example.org", "strasse@example.org"),
        ("a@βόλος.gr", "a@βόλοσ.gr"),
    ],
)
def test_two_mailboxes_stay_two(one: str, other: str) -> None:
    assert not is_same(one, other)
    assert in_ascii(one) != in_ascii(other)


@given(st.text(st.characters(categories=["L", "M", "N"]), min_size=1, max_size=12), st.sampled_from(["example", "укр"]))
@example("faß", "example")
@example("नेपाल‍ी", "example")
def test_forms_wire_and_index_agree_on_a_domain(label: str, under: str) -> None:
    """What a form accepts is what the envelope names and what an address is found by."""
    try:
        checked = validate_email(f"ada@{label}.{under}", check_deliverability=False)
    except EmailNotValidError:
        return
    assert canonical_domain(f"{label}.{under}") == checked.ascii_domain
    assert in_ascii(f"ada@{label}.{under}").rpartition("@")[2].lower() == checked.ascii_domain
    assert is_same(clean_email(f"ada@{label}.{under}"), f"ada@{checked.ascii_domain}")


def test_older_forms_find_what_stands_in_the_database() -> None:
    assert findable_forms("Ada@example.org") == ("ada@example.org",)
    assert findable_forms("ada@faß.example") == ("ada@xn--fa-hia.example", "ada@fass.example")
    assert findable_forms("ada@bücher.example") == ("ada@xn--bcher-kva.example", "ada@bücher.example")


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://заява.укр:8443/a?b=ü", "https://xn--80aafs5j.xn--j1amh:8443/a?b=ü"),
        ("https://faß.example", "https://xn--fa-hia.example"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://example.org/ü", "https://example.org/ü"),
    ],
)
def test_the_host_of_a_web_address_is_written_as_browsers_send_it(url: str, sent: str) -> None:
    assert web_address_in_ascii(url) == sent


def test_nobody_else_turns_domains_or_folds_addresses() -> None:
    pattern = re.compile(r"import idna|encode\(.idna|email\)?\.(casefold|lower)\(")
    found = [str(path.relative_to(APP)) for path in sorted(APP.rglob("*.py")) if pattern.search(path.read_text())]
    assert found == ["base/addresses.py"]
