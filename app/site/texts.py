"""Rendered texts of frozen versions, kept in memory by hash: a frozen text is rendered once in a process."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.markdown import to_html
from app.statements.models import Annex, Demand, VersionText

KEPT_TEXTS = 256
KEPT_ANNEXES = 32
Kept = TypeVar("Kept")
_HEADING = re.compile(r"<h([2-6])>(.*?)</h\1>", re.DOTALL)


@dataclass(frozen=True)
class PublishedText:
    """One version in one language, as a page shows it."""

    summary: Markup
    body: Markup
    demands: tuple[Markup, ...]


@dataclass(frozen=True)
class Heading:
    """One line of a contents list: the anchor it leads to, its text, and how deep it lies (1 is the top)."""

    anchor: str
    text: str
    depth: int


@dataclass(frozen=True)
class RenderedAnnex:
    """A Markdown annex as a page, with its contents list."""

    body: Markup
    contents: tuple[Heading, ...]


class _Memory(Generic[Kept]):
    """The latest used results by SHA-256. Content addresses never go stale."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[str, Kept] = OrderedDict()

    def get_or_make(self, sha256: str, make: Callable[[], Kept]) -> Kept:
        """Return what is kept under a hash, or make and keep it."""
        found = self._kept.pop(sha256, None)
        if found is None:
            found = make()
        self._kept[sha256] = found
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return found


_texts: _Memory[PublishedText] = _Memory(KEPT_TEXTS)
_annexes: _Memory[RenderedAnnex] = _Memory(KEPT_ANNEXES)


def rendered_text(session: Session, text_id: int, sha256: str) -> PublishedText:
    """Return a frozen text as HTML; the database is asked only the first time."""
    return _texts.get_or_make(sha256, lambda: _render_text(session, text_id))


def rendered_annex(session: Session, annex_id: int, sha256: str) -> RenderedAnnex:
    """Return a frozen Markdown annex as HTML with anchors at its headings."""
    return _annexes.get_or_make(sha256, lambda: _render_annex(session, annex_id))


def _render_text(session: Session, text_id: int) -> PublishedText:
    summary, body = session.execute(
        select(VersionText.summary, VersionText.body).where(VersionText.id == text_id)
    ).one()
    demands = session.scalars(select(Demand.text).where(Demand.version_text_id == text_id).order_by(Demand.number))
    return PublishedText(to_html(summary), to_html(body), tuple(to_html(demand) for demand in demands))


def _render_annex(session: Session, annex_id: int) -> RenderedAnnex:
    content = session.scalar(select(Annex.content).where(Annex.id == annex_id)) or b""
    return with_anchors(to_html(content.decode("utf-8", "replace")))


def with_anchors(html: Markup) -> RenderedAnnex:
    """Give every heading of cleaned HTML an anchor and list them."""
    contents: list[Heading] = []

    def anchored(match: re.Match[str]) -> str:
        level, inner = match[1], match[2]
        anchor = f"section-{len(contents) + 1}"
        contents.append(Heading(anchor, Markup(inner).striptags(), int(level) - 1))  # noqa: S704 - cleaned before
        return f'<h{level} id="{anchor}">{inner}</h{level}>'

    body = Markup(_HEADING.sub(anchored, html))  # noqa: S704 - the same cleaned HTML with our own anchors
    return RenderedAnnex(body, tuple(contents))
