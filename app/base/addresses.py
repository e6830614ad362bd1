"""One form of an e-mail address and of its domain, for the whole house: what is on the wire, and what is compared.

Domains follow UTS 46, non-transitional, and IDNA 2008, as browsers and mail servers do: faß.de and fass.de are two
people's. Python's own codec, IDNA 2003, takes them for one, so no name may reach `socket` or `ssl` with letters.
"""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit, urlunsplit

import idna


def canonical_domain(domain: str) -> str:
    """Return a domain as DNS compares it: lower case, and in ASCII; one without such a form stays in lower case."""
    folded = domain.strip().rstrip(".").lower()
    return folded if folded.isascii() else (_encoded(folded) or folded).rstrip(".")


def in_ascii(address: str) -> str:
    """Return an address with its domain in ASCII, so that only an international local part needs SMTPUTF8.

    A domain that has no ASCII form stays as it is.
    """
    local, at, domain = address.rpartition("@")
    if not at or domain.isascii():
        return address
    encoded = _encoded(domain)  # as it stands: what holds a space or line break must not be made good on the way
    return f"{local}@{encoded}" if encoded else address


def web_address_in_ascii(url: str) -> str:
    """Return a web address with its host in ASCII: browsers send it so, and headers of mails take no other."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].partition(":")[0]
    if host.isascii():
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.replace(host, canonical_domain(host))))


def canonical(address: str) -> str:
    """Return the form of an address under which it is found again and compared.

    Case and width go, since no mailbox provider tells people apart by them. Nothing else does: dots and +tags are one
    mailbox with some providers and different people's with others, and ß is not ss.
    """
    local, _at, domain = address.strip().rpartition("@")
    return f"{unicodedata.normalize('NFKC', local).lower()}@{canonical_domain(domain)}"


def is_same(one: str, other: str) -> bool:
    """Tell whether two addresses are one mailbox's."""
    return canonical(one) == canonical(other)


def findable_forms(address: str) -> tuple[str, ...]:
    """Return the forms under which an address may be indexed: today's first, then what older versions wrote.

    They folded ß into ss and kept international domains in letters. Two mailboxes can share such a form, so a
    caller who finds a row by it compares the address itself.
    """
    older = unicodedata.normalize("NFKC", address.strip()).casefold()
    return tuple(dict.fromkeys((canonical(address), older)))


def _encoded(domain: str) -> str:
    try:
        return idna.encode(domain, uts46=True, transitional=False).decode("ascii")
    except UnicodeError:  # of which idna's errors are kinds
        return ""
