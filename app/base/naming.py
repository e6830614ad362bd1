"""What can stand as a name, or beside one: no web address, no e-mail address, no number and no code.

A name is shown where its bearer speaks: on the public page, in a letter to a ministry, in mails. Whatever mail programs
and browsers turn into a link would speak for somebody else there.
"""

from __future__ import annotations

import re
import unicodedata

from app.base.countries import is_country
from app.base.locales import gettext as _
from app.base.names import NAME_LENGTH, UnfitNameError, comparison_key, tidy_name

_WITH_SCHEME = re.compile(r"\b[a-z][a-z0-9+.-]*:/|\bwww\.|\b(?:mailto|tel|javascript|data):", re.IGNORECASE)
_HOST = re.compile(r"(?<![\w.@-])((?:[\w-]+\.)+([a-z]{2,12}|xn--[a-z0-9-]+))(?![\w-])(/?)", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
_MARKUP = re.compile(r"[<>]|\]\(|\[/?(?:url|img|b)\b|&(?:#\w+|[a-z]+);|\{\{|\{%", re.IGNORECASE)
# Endings that are no country's but make a link of "example.org" all the same.
_ENDINGS = frozenset({
    "com", "org", "net", "info", "biz", "int", "edu", "gov", "mil", "app", "dev", "xyz", "io", "online", "site", "shop",
    "club", "top", "link", "page", "news", "live", "blog", "eu", "uk",
})  # fmt: skip
# "Dr.Li" and "St.Jo" are people, though Liechtenstein and Jordan have such endings.
_BEFORE_A_NAME = frozenset({
    "dr", "prof", "mr", "mrs", "ms", "st", "fr", "sr", "jr", "rev", "hon", "ing", "dipl", "mag", "col", "gen", "lt",
    "capt",
})  # fmt: skip
_MOST_DIGITS = 6  # of a person's name; a telephone number has more
_MOST_DIGITS_OF_A_BODY = 9


def person_name(text: str, longest: int = NAME_LENGTH) -> str:
    """Return a person's name or pseudonym, tidied; raise UnfitNameError where it can't be one."""
    line = tidy_name(text, longest)
    _check(line, _MOST_DIGITS)
    if found := _hosts(line):
        raise UnfitNameError(_("It holds a web address (%(address)s). Write only the name.", address=found[0]))
    return line


def body_name(text: str, longest: int = NAME_LENGTH) -> str:
    """Return the name of an organisation, a group or an office, tidied; raise UnfitNameError where it can't be one.

    Some bodies bear the name of their website ("example.org"), so a bare host name is let through.
    """
    line = tidy_name(text, longest)
    _check(line, _MOST_DIGITS_OF_A_BODY)
    _check_hosts(line)
    return line


def line_beside(text: str, longest: int = NAME_LENGTH) -> str:
    """Return what stands beside a name, tidied: a credential, an affiliation, an office; raise UnfitNameError.

    It may be empty and may name one website; it is no place for addresses and links.
    """
    line = tidy_name(text, longest)
    if line:
        _check_codes(line)
        _check_hosts(line)
    return line


def _check(line: str, most_digits: int) -> None:
    if not line:
        return  # whether a name is needed is the form's business
    _check_codes(line)
    digits = sum(1 for character in line if unicodedata.category(character) == "Nd")
    if digits > most_digits:
        raise UnfitNameError(_("It holds a telephone number or another long number. Write only the name."))
    if not any(unicodedata.category(character)[0] == "L" for character in line):
        raise UnfitNameError(_("It holds no letter, so it is no name. Write the name in letters of any script."))


def _check_codes(line: str) -> None:
    """Refuse what is for machines: addresses with their prefix, e-mail addresses, markup."""
    if found := _MARKUP.search(line):
        raise UnfitNameError(_("It holds a piece of code (%(code)s). Write it without.", code=found[0]))
    if _WITH_SCHEME.search(line):
        raise UnfitNameError(_("It holds a web address. Write only words here."))
    if found := _EMAIL.search(line):
        raise UnfitNameError(_("It holds an e-mail address (%(address)s). Write only words here.", address=found[0]))


def _check_hosts(line: str) -> None:
    found = _hosts(line)
    if len(found) > 1:
        raise UnfitNameError(_("It holds several web addresses. Name one website at most."))
    if found and found[0].endswith("/"):
        raise UnfitNameError(
            _("It holds a web address (%(address)s). Name the website without its pages.", address=found[0])
        )


def _hosts(line: str) -> list[str]:
    """Return the host names in a line, with a slash where a path follows."""
    return [host + slash for host, ending, slash in _HOST.findall(line) if _is_host(host, ending, has_path=bool(slash))]


def _is_host(host: str, ending: str, *, has_path: bool) -> bool:
    is_common = ending.lower() in _ENDINGS
    known = is_common or is_country(ending.upper()) or ending.lower().startswith("xn--")
    first = host.split(".")[-2]
    # An initial may stand before a short family name: "A.Li".
    return known and (is_common or has_path or len(first) > 1) and comparison_key(first) not in _BEFORE_A_NAME
