"""What is sent away where there is more to do than can be done: readers first, who signs last, and never half of it.

How long a request has waited for its turn is known before anything is done for it. Whoever would have to wait longer
still is told so at once, with a page that needs no database: that takes a tenth of a millisecond instead of ten, so the
queue is short again within seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from http import HTTPStatus
from typing import Any

WAITED_SECONDS = "undersigned.waited_seconds"  # in a request's environment; only a server of ours knows it
RETRY_AFTER_SECONDS = 10
# For how long somebody may have waited and still be answered.
READER_SECONDS = 2.0
ORGANISER_SECONDS = 5.0
SIGNATORY_SECONDS = 20.0
ALWAYS_ANSWERED = frozenset({"/healthz", "/readyz"})
_DESK = "/desk"
_LOOKING = frozenset({"GET", "HEAD"})
_STATUS = f"{HTTPStatus.SERVICE_UNAVAILABLE.value} {HTTPStatus.SERVICE_UNAVAILABLE.phrase}"

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Shedding:
    """A WSGI application before another one, which it spares what has waited for too long.

    `signed_under` are the beginnings of the addresses at which people decide something; `page` gives what says that it
    is busy, the same for everybody.
    """

    def __init__(
        self,
        application: Application,
        signed_under: Collection[str],
        page: Callable[[], bytes],
        headers: Iterable[tuple[str, str]],
    ) -> None:
        self._application, self._page = application, page
        self._signed_under = tuple(signed_under)
        self._headers = [
            *headers,
            ("Content-Type", "text/html; charset=utf-8"),
            ("Cache-Control", "no-store"),
            ("Retry-After", str(RETRY_AFTER_SECONDS)),
        ]

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer, or say that it is busy."""
        waited = environ.get(WAITED_SECONDS, 0.0)
        if waited <= READER_SECONDS or waited <= self._patience(environ["REQUEST_METHOD"], environ["PATH_INFO"]):
            return self._application(environ, start_response)
        page = self._page()
        start_response(_STATUS, [*self._headers, ("Content-Length", str(len(page)))])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [page]

    def _patience(self, method: str, path: str) -> float:
        if path in ALWAYS_ANSWERED:
            return float("inf")
        if path.startswith(self._signed_under):
            return ORGANISER_SECONDS if method in _LOOKING else SIGNATORY_SECONDS
        is_at_the_desk = path == _DESK or path.startswith(f"{_DESK}/")
        return READER_SECONDS if method in _LOOKING and not is_at_the_desk else ORGANISER_SECONDS
