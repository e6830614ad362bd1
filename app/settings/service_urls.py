"""Read the URL of a server with a user and password in it; say what is wrong with one and never what it holds.

The libraries that read such URLs repeat pieces of them in their errors, and a password with an unencoded sign in it
is cut at that sign: half of it would be taken for a host, looked up and logged.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import unquote

ENCODED = "% as %25, @ as %40, : as %3A, / as %2F, ? as %3F, # as %23, [ as %5B, ] as %5D and a space as %20"
_HOST = re.compile(r"[\w-]+(\.[\w-]+)*\.?|\[[0-9A-Fa-f:.]+\]")
_LARGEST_PORT = 65535


class WrongUrl(ValueError):
    """The URL can't be used; the message completes a sentence that begins with the setting's name."""


@dataclass(frozen=True)
class ServiceUrl:
    """A server's address, decoded."""

    scheme: str
    host: str
    port: int | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    path: str = ""  # and whatever follows it, as it was written


def read_service_url(text: str, schemes: Collection[str], example: str) -> ServiceUrl:
    """Read `scheme://user:password@host:port/path`; raise WrongUrl."""
    scheme, has_scheme, rest = text.partition("://")
    if not has_scheme or scheme not in schemes:
        raise WrongUrl(f"must look like {example}")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    path = rest[len(authority) :]
    if re.search(r"[\s#]", rest) or "@" in path or authority.count("@") > 1:
        raise _unencoded(example)
    user, has_user, server = authority.rpartition("@")
    host, port = _host_and_port(server, example)
    username, has_password, password = user.partition(":")
    return ServiceUrl(
        scheme=scheme,
        host=host,
        port=port,
        username=_decoded(username) if has_user and username else None,
        password=_decoded(password) if has_password else None,
        path=path,
    )


def _unencoded(example: str) -> WrongUrl:
    return WrongUrl(
        f"has a user name or password with signs that must be encoded there: write {ENCODED} (flask config encode does "
        f"it for you). It must look like {example}"
    )


def _decoded(text: str) -> str:
    if re.search(r"%(?![0-9A-Fa-f]{2})|[\[\]]", text):
        raise _unencoded("scheme://user:password@host")
    with suppress(UnicodeDecodeError):  # it would hold the password, so it may not even be a cause
        return unquote(text, errors="strict")
    raise WrongUrl(
        "has a user name or password with a % in it that encodes no letter: write % as %25, unless it encodes a letter "
        "in UTF-8"
    )


def _host_and_port(server: str, example: str) -> tuple[str, int | None]:
    host, has_port, port = server.rpartition(":") if re.search(r":[^\]]*$", server) else (server, "", "")
    if host and not _HOST.fullmatch(host):
        raise WrongUrl(
            f"names no host that there could be. If a user name or password stands before it, an @ must follow it, and "
            f"signs in it be encoded: {ENCODED}. It must look like {example}"
        )
    if has_port and not (port.isascii() and port.isdecimal() and 0 < int(port) <= _LARGEST_PORT):
        raise WrongUrl(
            f"must have a number from 1 to {_LARGEST_PORT} after its host. If a password stands there, an @ must "
            f"follow it, and signs in it be encoded: {ENCODED}. It must look like {example}"
        )
    return host.strip("[]"), int(port) if has_port else None
