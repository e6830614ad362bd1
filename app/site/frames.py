"""A statement's page without its signatures, kept with gaps in their place: they change a thousand times as often."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from flask import current_app, render_template, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from app.base.links import absolute_url
from app.base.locales import use_language
from app.base.marks import marks_of
from app.base.recent import GappedWords, Marks
from app.counts.queries import totals
from app.site.kept import Basis, RenderedPage
from app.site.signatories import ListPlace, PublishedSignature, first_signatories
from app.site.statement import StatementPage, statement_basis, statement_page
from app.statements.states import StatementState

MOST_FRAMES = 64
FRAMES = "frames of statements"  # under which the parts remember them
GAPS = ("count", "people")
PUBLIC_DOCUMENT = "appeals.download_public_document"


@dataclass(frozen=True)
class NamedLine:
    """A name as it is written on the page."""

    html: Markup
    is_organisation: bool


@dataclass
class PageFrame:
    """A page with gaps, and what the gaps are filled by."""

    words: GappedWords
    basis: Basis  # of the page without what fills the gaps
    language: str
    goal: int | None
    is_open: bool
    everyone_url: str
    # The lines of the names that it was filled with last: those that are there no more are forgotten with the next.
    lines: dict[ListPlace, NamedLine] = field(default_factory=dict, compare=False)

    @property
    def statement_id(self) -> int:
        """The statement that it shows."""
        return self.basis.statements[0]


class PageFrames:
    """The frames that were used last, by what was asked for. A frame is asked for only where its page is not kept."""

    def __init__(self) -> None:
        self._frames: dict[str, tuple[PageFrame, int]] = {}

    def get(self, session: Session, key: str) -> PageFrame | None:
        """Return a frame that is true in the session's snapshot."""
        found = self._frames.pop(key, None)
        if found is None or found[0].basis.is_over or marks_of(session, found[0].basis.scopes) != found[1]:
            return None
        self._frames[key] = found
        return found[0]

    def keep(self, session: Session, key: str, frame: PageFrame) -> None:
        """Keep a frame that was rendered in this session's snapshot."""
        self._frames[key] = frame, marks_of(session, frame.basis.scopes)
        for oldest in [*self._frames][:-MOST_FRAMES]:
            self._frames.pop(oldest, None)


def statement_frame(session: Session, slug: str, language: str | None) -> PageFrame:
    """Render a statement's page with gaps; raises NoSuchPage, StatementWithdrawn."""
    page = statement_page(session, slug, language)
    use_language(page.text.language)
    marks = Marks(GAPS)
    html = render_template(
        "site/show_statement.html", page=page, gaps=marks.words, language=language,
        canonical_url=absolute_url(session, url_for(".show_statement", slug=slug, language=language)),
        text_url=absolute_url(session, url_for(".download_text", slug=slug, language=language)),
        document_url=url_for(PUBLIC_DOCUMENT, slug=slug, language=page.document.language) if page.document else "",
    )  # fmt: skip
    statement = page.statement
    everyone_url = url_for(".list_signatories", slug=slug, language=language)
    return PageFrame(marks.cut(html), _basis(page), page.text.language, statement.goal, statement.is_open, everyone_url)


def filled(session: Session, frame: PageFrame) -> RenderedPage:
    """Put numbers and names into a frame, as they are in the session's snapshot."""
    use_language(frame.language)
    count = totals(session, frame.statement_id)
    parts: Any = current_app.jinja_env.get_template("site/_parts.html").module

    def line(each: PublishedSignature) -> NamedLine:
        return NamedLine(parts.signatory_line(each), each.is_organisation)

    frame.lines, has_more = first_signatories(session, frame.statement_id, frame.language, frame.lines, line)
    organisations, people = (
        Markup("".join(one.html for one in frame.lines.values() if one.is_organisation is which))  # noqa: S704 - escaped
        for which in (True, False)
    )
    everyone_url = frame.everyone_url if has_more else ""
    html = frame.words.filled(
        {
            "count": parts.count_line(count, frame.goal, frame.is_open),
            "people": parts.undersigned(count, organisations, people, everyone_url),
        }
    )
    return RenderedPage(html, replace(frame.basis, signed={frame.statement_id: count.total}))


def _basis(page: StatementPage) -> Basis:
    """Return what a frame depends on: once signing is over, the public PDF is there while nobody in it took back."""
    basis = statement_basis(page.statement)
    return basis if page.statement.state is StatementState.OPEN else replace(basis, signed={page.statement.id: 0})
