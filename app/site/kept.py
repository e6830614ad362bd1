"""Whole pages, kept in memory for as long as nothing in the database has changed since they were rendered."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from app.base.clock import now

MOST_PAGES = 128


@dataclass(frozen=True)
class RenderedPage:
    """A page, and when it would look different without any change, as at a deadline."""

    html: str
    changes_at: datetime | None = None


@dataclass(frozen=True)
class KeptPage:
    """A page's bytes and their ETag, with the mark of the snapshot that they show."""

    mark: str
    body: bytes
    etag: str
    changes_at: datetime | None


class KeptPages:
    """The latest read pages by address. A mark is of one snapshot, so that a name taken back is gone at once."""

    def __init__(self) -> None:
        self._pages: OrderedDict[str, KeptPage] = OrderedDict()

    def get(self, address: str, mark: str) -> KeptPage | None:
        """Return a page that is still as true as when it was rendered."""
        page = self._pages.get(address)
        if page is None or page.mark != mark or (page.changes_at is not None and page.changes_at <= now()):
            return None
        return page

    def keep(self, address: str, mark: str, rendered: RenderedPage) -> KeptPage:
        """Keep a page instead of what was there."""
        body = rendered.html.encode()
        page = KeptPage(mark, body, hashlib.sha256(body).hexdigest()[:32], rendered.changes_at)
        self._pages[address] = page
        self._pages.move_to_end(address)
        while len(self._pages) > MOST_PAGES:
            self._pages.popitem(last=False)
        return page
