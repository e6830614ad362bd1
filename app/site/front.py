"""Answers readers from kept pages, before the application is asked for anything.

Whatever is not plainly such a page goes through to the application: other methods, other addresses, every doubt. What
the application renders for a page that is kept is answered from here too, so that the first answer is the same as all
others. Cookies are not looked at. No kept page holds a token or what a request says, so compressing it tells nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header, parse_etags

from app.site.kept import AskedPage, KeptPage, KeptPages
from app.site.signatories import Kinds

ASKED, KEPT = "undersigned.asked", "undersigned.kept"
KIND = "kind"
_METHODS = frozenset({"GET", "HEAD"})
_KINDS = frozenset(Kinds)
# What says a body's length, form and version is said anew for each form that the page is sent in.
_OF_THE_BODY = frozenset({"content-length", "content-encoding", "etag", "vary", "date"})
_OF_A_BODY = frozenset({"content-type", "content-disposition"})
_NOTHING_NEW = f"{HTTPStatus.NOT_MODIFIED.value} NOT MODIFIED"


class Front:
    """A WSGI layer around the application."""

    def __init__(self, application: WSGIApplication, pages_now: Callable[[], KeptPages]) -> None:
        self._application = application
        self._pages_now = pages_now

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request from a kept page, or let the application answer it."""
        key = key_of(environ)
        if key is None:
            return self._application(environ, start_response)
        pages = self._pages_now()
        asked = AskedPage(key, pages.ticks())
        page = pages.get(asked)
        if page is None:
            return self._rendered(environ, start_response, asked)
        return answer(page, environ, start_response)

    def _rendered(self, environ: WSGIEnvironment, start_response: StartResponse, asked: AskedPage) -> Iterable[bytes]:
        """Let the application render; where it kept the page, learn its headers and answer from it."""
        environ[ASKED] = asked
        said: list[Any] = []

        def hold(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            if KEPT not in environ or not _is_for_all(status, headers):
                return start_response(status, headers, exc_info)
            said[:] = [status, headers]
            return lambda _piece: None

        body = self._application(environ, hold)
        if not said:
            return body
        page: KeptPage = environ[KEPT]
        if hasattr(body, "close"):
            body.close()
        if not page.headers:
            page.headers = [each for each in said[1] if each[0].lower() not in _OF_THE_BODY]
        return answer(page, environ, start_response)


def key_of(environ: WSGIEnvironment) -> str | None:
    """Return under which name a request's page is kept; None where it can't be.

    Pages read one word of a query, which part of a list is wanted; what links from elsewhere add to it changes nothing.
    A page has few names: whoever makes addresses up, with another word or more slashes, fills no memory and puts no
    page out that others read. A path that holds a question mark would look like one with a query.
    """
    if environ["REQUEST_METHOD"] not in _METHODS or environ.get("SCRIPT_NAME"):
        return None
    path: str = environ.get("PATH_INFO", "")
    if path.startswith("//") or "?" in path:
        return None
    query = environ.get("QUERY_STRING", "")
    if not query:
        return path
    asked = dict(reversed(parse_qsl(query, keep_blank_values=True)))  # the first one of a name counts
    if "after" in asked or "\0" in query or "%00" in query:
        return None
    if KIND not in asked:
        return path
    return f"{path}?{asked[KIND]}" if asked[KIND] in _KINDS else None


def answer(page: KeptPage, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer with a kept page, compressed where that is understood, or with the word that nothing is new."""
    is_zipped = takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
    etag = f'"{page.etag}-gzip"' if is_zipped else f'"{page.etag}"'
    headers = [*page.headers, ("ETag", etag), ("Vary", "Accept-Encoding")]
    if _is_known(page, environ.get("HTTP_IF_NONE_MATCH", "")):
        start_response(_NOTHING_NEW, [each for each in headers if each[0].lower() not in _OF_A_BODY])
        return ()
    body = page.zipped if is_zipped else page.body
    headers.append(("Content-Length", str(len(body))))
    if is_zipped:
        headers.append(("Content-Encoding", "gzip"))
    start_response("200 OK", headers)
    return () if environ["REQUEST_METHOD"] == "HEAD" else (body,)


def _is_for_all(status: str, headers: Iterable[tuple[str, str]]) -> bool:
    """Tell whether everybody may have an answer: it went well, and nothing in it comes from a cookie or sets one."""
    said = {name.lower() for name, _value in headers}
    return status.startswith("200 ") and not said & {"set-cookie", "vary"}


@lru_cache(maxsize=256)
def takes_gzip(accepted: str) -> bool:
    """Tell whether a request's Accept-Encoding takes gzip."""
    return bool(accepted) and parse_accept_header(accepted, Accept).quality("gzip") > 0


def _is_known(page: KeptPage, tags: str) -> bool:
    if not tags:
        return False
    known = parse_etags(tags)
    return known.contains_weak(page.etag) or known.contains_weak(f"{page.etag}-gzip")
