"""Mend the address of a mailed link that a mail program or a person has mangled on its way.

Signs that follow a link in a sentence, quotes and brackets around it, capitals, wide letters, a line break with what
quoted-printable or a reply puts there: all of it is taken off, and what is left must be a genuine token as ever. Links
are written in one case and without letters that look alike, so nothing is lost with the case: an id has 99 random bits,
its HMAC 120. The address is replaced before it is routed, so there is no redirect that could lead elsewhere.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import quote, unquote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_TOKEN = re.compile(r"(?<![a-z0-9])[a-z0-9]{20}-[0-9]{1,6}-[a-z2-7]{24}(?![a-z0-9])", re.ASCII | re.IGNORECASE)
_SOUND = re.compile(r"[a-z0-9]{20}-[0-9]{1,6}-[a-z2-7]{24}(/[A-Za-z-]*[A-Za-z])*", re.ASCII)
_PATH = re.compile(r"(/[\w.-]*\w)+")
_STEP = re.compile(r"[^\W_]+(-[^\W_]+)*")
# A line's end inside a link, with what a reply puts before the next line; `=` is what quoted-printable puts there.
_BREAK = re.compile(r"[\r\n]\s*(?:>\s*)*|\s|=")
_DOTLESS = str.maketrans({"İ": "i", "ı": "i"})  # capitals and small letters as Turkish programs make them


class MendedPaths:
    """A WSGI layer that gives the application mended addresses for its mailed links, and every other as it came."""

    def __init__(self, application: WSGIApplication, prefixes: Iterable[str]) -> None:
        self._application = application
        self._prefixes = sorted(prefixes, key=len, reverse=True)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, at its mended address."""
        # PATH_INFO holds the bytes of the path as if they were Latin-1 (PEP 3333).
        path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
        mended = mended_path(path, self._prefixes)
        if mended != path:
            environ["PATH_INFO"] = mended.encode().decode("latin-1")
        return self._application(environ, start_response)


def mended_path(path: str, prefixes: Iterable[str]) -> str:
    """Return the address of a mailed link without what mangled it; any other path as it is."""
    prefixes = list(prefixes)
    if any(path.startswith(prefix) and _SOUND.fullmatch(path, len(prefix)) for prefix in prefixes):
        return path
    plain = _plain(path)
    for prefix in prefixes:
        if plain.lower().startswith(prefix):
            rest = plain[len(prefix) :]
            return next((prefix + link for text in (rest, _BREAK.sub("", rest)) if (link := _link_in(text))), path)
    return path


def elsewhere(method: str, path: str) -> str:
    """Return where the page may be that was looked for in vain: the path without the signs that followed it in a text.

    Quoted for a Location header. Nothing where there is nothing to take off, where a whole step of the path would go,
    or where a browser could take the rest for another host.
    """
    bare = written = html.unescape(unquote(path))
    while bare and not bare[-1].isalnum():
        bare = bare[:-1]
    keeps_steps = bare.count("/") == written.rstrip("/").count("/")
    is_ours = _PATH.fullmatch(bare) is not None and keeps_steps and not path.startswith("/api/")
    return quote(bare) if method in {"GET", "HEAD"} and is_ours and bare != path else ""


def _plain(text: str) -> str:
    """Return a text in plain letters: undone are quoting for URLs and HTML, width, kinds of dash, invisible signs."""
    plain = unicodedata.normalize("NFKC", html.unescape(unquote(text)).translate(_DOTLESS))
    return "".join("-" if _is_dash(each) else each for each in plain if unicodedata.category(each) != "Cf")


def _is_dash(letter: str) -> bool:
    return letter == "−" or unicodedata.category(letter) == "Pd"


def _link_in(text: str) -> str:
    """Return a token and what follows it after a slash, or nothing."""
    found = _TOKEN.search(text)
    if found is None:
        return ""
    steps = [step[0] for each in text[found.end() :].split("/")[1:] if (step := _STEP.search(each))]
    link = "/".join((found[0].lower(), *steps))
    return link if found[0].islower() else link.lower()
