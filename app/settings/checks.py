"""Say what is wrong with the value of a setting.

Each check returns the rest of a sentence that begins with the setting's name, or nothing. No value is repeated, since a
secret may stand in the wrong place.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pyrage

from app.settings.service_urls import ServiceUrl, WrongUrl, read_service_url

Rule = Callable[[str], str]
ADDRESS = re.compile(r"[^\s@<>(),;:\"\\\[\]]+@[^\s@<>(),;:\"\\\[\]/]+")
# 64 octets (RFC 5321 §4.5.3.1.1) less the 47 of a signed mark, plus the two of the {} that it replaces.
LONGEST_LOCAL_PART = 64 - 47 + 2
LONGEST_NAME = 100
KEY_BYTES = 32
DATABASES = "sqlite:////path/undersigned.db or postgresql://user:password@host/name"
YES = frozenset({"1", "true", "yes", "on"})
NO = frozenset({"0", "false", "no", "off"})


def number(least: int, most: int) -> Rule:
    """Rule a whole number within limits."""

    def check(value: str) -> str:
        is_one = re.fullmatch(r"-?[0-9]{1,9}", value) is not None and least <= int(value) <= most
        return "" if is_one else f"must be a whole number from {least} to {most}"

    return check


def one_of(*words: str) -> Rule:
    """Rule one of a few words."""
    return lambda value: "" if value in words else f"must be {', '.join(words[:-1])} or {words[-1]}"


def switch(value: str) -> str:
    """Rule a yes or no."""
    return "" if value.lower() in YES | NO else "must be 1 or 0"


def address(value: str) -> str:
    """Rule one e-mail address, without a name beside it."""
    return "" if ADDRESS.fullmatch(value) else "must be one e-mail address, such as appeals@example.org, and no name"


def line(value: str) -> str:
    """Rule a name that stands in a mail's header."""
    return "" if len(value) <= LONGEST_NAME else f"must have {LONGEST_NAME} characters at most"


def marked_address(value: str) -> str:
    """Rule an address with a gap for a mark."""
    local, _at, domain = value.partition("@")
    is_one = local.count("{}") == 1 and "{" not in domain and len(local) <= LONGEST_LOCAL_PART
    if is_one and ADDRESS.fullmatch(value):
        return ""
    return (
        f"must be an address with one {{}} before the @, such as in+{{}}@example.org, and at most "
        f"{LONGEST_LOCAL_PART - 2} other characters there"
    )


def public_url(value: str) -> str:
    """Rule the address that readers use: scheme, host and port alone."""
    wrong = "must be http(s)://host[:port] without a path, user or anything else"
    try:
        found = read_service_url(value, ("http", "https"), "https://appeals.example.org")
    except WrongUrl:
        return wrong
    return "" if found.host and found.username is None and found.path in {"", "/"} else wrong


def public_key(value: str) -> str:
    """Rule the public half of the worker's key."""
    try:
        is_one = len(base64.urlsafe_b64decode(value)) == KEY_BYTES
    except ValueError:
        is_one = False
    return "" if is_one else "must be the line that flask key create --worker printed"


def key_path(value: str) -> str:
    """Refuse a key where the path of its file belongs, before anything prints that path."""
    try:
        is_key = len(base64.urlsafe_b64decode(value)) == KEY_BYTES
    except ValueError:
        is_key = False
    return "must be the path of the key file; it holds a key itself, which must not stand in settings" if is_key else ""


def recipient(value: str) -> str:
    """Rule a public key of age; the secret one must not stand in settings."""
    try:
        pyrage.x25519.Recipient.from_str(value)
    except pyrage.RecipientError:
        return "must be the public key that flask key create-for-backups prints; it begins with age1"
    return ""


def folder(value: str) -> str:
    """Rule that a folder can be written to, or made."""
    nearest = next(path for path in (Path(value), *Path(value).absolute().parents) if path.exists())
    if not nearest.is_dir():
        return "must be a folder; a file is in its way"
    return "" if os.access(nearest, os.W_OK | os.X_OK) else "names a folder that this user may not write to"


def database_url(value: str) -> str:
    """Rule where the database is; an embedded one needs its folder."""
    if not value.startswith("sqlite:"):
        return _wrong(lambda: read_service_url(value, ("postgresql", "postgresql+psycopg"), DATABASES))
    path = value.removeprefix("sqlite:///")
    if not path.startswith("/") or path.endswith("/"):
        # A relative one would be another database for each folder that a command is run from.
        return f"must name a file by its whole path, with four slashes: {DATABASES}"
    if not Path(path).parent.is_dir():
        return "names a file in a folder that does not exist"
    return "" if os.access(Path(path).parent, os.W_OK) else "names a file in a folder that this user may not write to"


def relay_url(value: str) -> str:
    """Rule the outgoing mail server's address."""
    return _wrong(lambda: read_relay_url(value))


def inbox_url(value: str) -> str:
    """Rule the mailbox's address."""
    return _wrong(lambda: read_inbox_url(value))


def read_relay_url(value: str) -> ServiceUrl:
    """Read `smtp://user:password@host:port` or `smtps://…`; raise WrongUrl."""
    example = "smtp://user:password@host:587 or smtps://user:password@host:465"
    found = read_service_url(value, ("smtp", "smtps"), example)
    if not found.host or found.path not in {"", "/"}:
        raise WrongUrl(f"must look like {example}")
    return found


def read_inbox_url(value: str) -> ServiceUrl:
    """Read `imaps://user:password@host:port/folder` or `imap://…`; raise WrongUrl."""
    example = "imaps://user:password@host:993/INBOX"
    found = read_service_url(value, ("imap", "imaps"), example)
    if not found.host or not found.username or not found.password or "?" in found.path:
        raise WrongUrl(f"must look like {example}")
    return found


def host_of(url: str) -> str:
    """Return the host of a URL that was checked."""
    return urlsplit(url).hostname or ""


def _wrong(read: Callable[[], ServiceUrl]) -> str:
    try:
        read()
    except WrongUrl as error:
        return str(error)
    return ""
