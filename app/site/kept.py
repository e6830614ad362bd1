"""Whole pages, kept in memory while they are as true as the database.

What was taken back is gone from the very next answer, whichever process gives it: a page holds the sum of the marks of
all that it shows (`app.base.marks`), which is compared each time. What was added may be a second late: after that, the
totals that the page shows are compared as well, since a signature that is added raises no mark.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.base import clock
from app.base.database import Database
from app.base.mark_watch import MarksUnknown, MarkWatch, SeenMarks
from app.base.marks import EVERYTHING, are_placed, bound, marks_of
from app.counts.queries import totals_of_many
from app.site.marks import HOUSE, MARKED, campaign_scope, signatures_scope, statement_scope

FRESH_SECONDS = 1.0
MOST_BYTES = 24 * 1024 * 1024
LARGEST_BYTES = 1024 * 1024  # of one page
GZIP_LEVEL = 6  # 1 ms for a statement's page; 9 takes three times as long for a hundredth less

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Basis:
    """What a page shows, and when it would look different without any change, as at a deadline."""

    statements: tuple[int, ...]
    campaigns: tuple[int, ...] = ()
    is_house: bool = False
    signed: Mapping[int, int] = field(default_factory=dict)  # how many stand behind a statement, where it says so
    changes_at: datetime | None = None

    @property
    def scopes(self) -> list[str]:
        """The scopes whose marks it depends on."""
        parts = map(campaign_scope, self.campaigns), map(statement_scope, self.statements)
        return [EVERYTHING, *([HOUSE] if self.is_house else []), *chain(*parts), *map(signatures_scope, self.signed)]

    @property
    def is_over(self) -> bool:
        """Tell whether the moment has passed at which it would look different."""
        return self.changes_at is not None and self.changes_at <= clock.now()


@dataclass(frozen=True)
class RenderedPage:
    """A page as it goes out, with what it shows; its ETag where that is more than a digest of the page."""

    body: str | Response
    basis: Basis
    etag: str = ""


@dataclass
class KeptPage:
    """A page as it was rendered, and what has been found out about it since."""

    body: bytes
    etag: str
    basis: Basis
    asked: str  # its scopes, as marks are asked for
    seen: SeenMarks
    fresh_until: float
    headers: Sequence[tuple[str, str]] = ()  # as the application gave them; none until it has
    used_at: float = 0.0
    _zipped: bytes = field(default=b"", repr=False)

    @property
    def zipped(self) -> bytes:
        """The page compressed, which is done when somebody first asks for it so."""
        if not self._zipped:
            self._zipped = gzip.compress(self.body, GZIP_LEVEL, mtime=0)
        return self._zipped

    @property
    def size(self) -> int:
        """How many bytes it takes."""
        return len(self.body) + len(self._zipped)


@dataclass(frozen=True)
class AskedPage:
    """Under which name a request's page is kept, and when the request came in."""

    key: str
    at: float


class KeptPages:
    """The latest read pages of this process, by what was asked for."""

    def __init__(self, database: Database) -> None:
        self._pages: dict[str, KeptPage] = {}
        self._keeping = threading.Lock()
        self._watch = MarkWatch(database)
        self._is_sqlite = database.is_sqlite
        self._is_marked: dict[int, bool] = {}  # by the mark of everything, which placing triggers raises
        self.ticks = time.monotonic

    def get(self, asked: AskedPage) -> KeptPage | None:
        """Return a page that is true now: nothing of it taken back, and additions at most a second old."""
        page = self._pages.get(asked.key)
        if page is None or not page.headers or asked.at >= page.fresh_until or page.basis.is_over:
            return None
        try:
            seen = self._watch.look(page.asked, page.seen)
        except MarksUnknown:
            return None  # whoever answers now will find out what is wrong
        if seen.number != page.seen.number:
            return None
        page.seen, page.used_at = seen, asked.at
        return page

    def renewed(self, session: Session, asked: AskedPage) -> KeptPage | None:
        """Return a page that is true in the session's snapshot, its totals too, and know it for another second."""
        page = self._pages.get(asked.key)
        if page is None or not page.headers or page.basis.is_over:
            return None
        if marks_of(session, page.basis.scopes) != page.seen.number:
            return None
        if _signed(session, page.basis.signed) != page.basis.signed:
            return None
        page.fresh_until = asked.at + FRESH_SECONDS
        return page

    def keep(self, session: Session, asked: AskedPage, body: bytes, rendered: RenderedPage) -> KeptPage | None:
        """Keep a page that was rendered in this session's snapshot, in the place of what was there.

        Nothing is kept of a page that is too large, or where the database raises no marks.
        """
        if len(body) > LARGEST_BYTES or not self._has_marks(session):
            self._pages.pop(asked.key, None)
            return None
        basis = rendered.basis
        page = KeptPage(
            body, rendered.etag or hashlib.sha256(body).hexdigest()[:32], basis,
            bound(basis.scopes, is_sqlite=self._is_sqlite), SeenMarks(marks_of(session, basis.scopes), None),
            asked.at + FRESH_SECONDS, used_at=asked.at,
        )  # fmt: skip
        with self._keeping:
            self._pages[asked.key] = page
            self._make_room(page)
        return page

    def _make_room(self, newest: KeptPage) -> None:
        """Let go of those that were not asked for the longest."""
        size = sum(page.size for page in self._pages.values())
        for key, page in sorted(self._pages.items(), key=lambda each: each[1].used_at):
            if size <= MOST_BYTES:
                return
            if page is not newest:
                size -= page.size
                del self._pages[key]

    def _has_marks(self, session: Session) -> bool:
        """Tell whether the database has its triggers: else a name that was taken back would be shown for long."""
        placed = marks_of(session, [EVERYTHING])
        if placed not in self._is_marked:
            self._is_marked = {placed: are_placed(session.connection(), MARKED)}
            if not self._is_marked[placed]:
                log.error("kept_pages.no_marks")
        return self._is_marked[placed]


def _signed(session: Session, statements: Iterable[int]) -> dict[int, int]:
    totals = totals_of_many(session, statements)
    return {one: totals[one].total if one in totals else 0 for one in statements}
