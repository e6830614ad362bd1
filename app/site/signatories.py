"""The public list of those who stand behind a statement, as its pages and the sheet show it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from app.base.countries import country_name
from app.base.locales import direction, runs_right_to_left
from app.base.paging import Page
from app.base.rows import AT_ONCE
from app.directory.states import SignatoryKind
from app.signatures.lists import PAGE_LENGTH, ListedSignature, beginning_of, entries_at, public_page

# What tells one signature in a list, and how it appears there.
ListPlace = tuple[Any, ...]
T = TypeVar("T")


class Kinds(StrEnum):
    """Which part of the list a reader asks for."""

    ALL = ""
    ORGANISATIONS = "organisations"
    PEOPLE = "people"


_KIND_OF = {Kinds.ORGANISATIONS: SignatoryKind.ORGANISATION, Kinds.PEOPLE: SignatoryKind.PERSON}


@dataclass(frozen=True)
class PublishedSignature:
    """One signature as the public sees it."""

    name: str
    public_line: str
    country: str  # its name, where the public line does not say it already
    country_code: str
    is_organisation: bool
    is_pinned: bool
    is_pseudonym: bool


def public_signatories(
    session: Session, statement_id: int, language: str, kinds: Kinds = Kinds.ALL, cursor: str | None = None
) -> Page[PublishedSignature]:
    """Return a page of the list: organisations, then people; pinned ones first, then in its order."""
    page = public_page(session, statement_id, cursor, PAGE_LENGTH, _KIND_OF.get(kinds))
    return Page([_listed(entry, language) for entry in page.items], page.next_cursor, page.is_first)


def first_signatories(
    session: Session,
    statement_id: int,
    language: str,
    known: dict[ListPlace, T],
    make: Callable[[PublishedSignature], T],
) -> tuple[dict[ListPlace, T], bool]:
    """Make something of each signature on the list's first page, in its order; tell whether there are more.

    What is `known` was made before of the same place, visibility and envelope: it is taken as it is, nothing is opened.
    """
    found = beginning_of(session, statement_id, PAGE_LENGTH + 1)
    places = found[:PAGE_LENGTH]
    new = [place for place in places if place not in known]
    opened = dict(zip(new, entries_at(session, new) if new else [], strict=True))
    made: dict[ListPlace, T] = {}
    for place in places:
        if place in known:
            made[place] = known[place]
        elif opened[place].appearance is not None:
            made[place] = make(_listed(opened[place], language))
    return made, len(found) > PAGE_LENGTH


def every_public_signatory(session: Session, statement_id: int, language: str) -> Iterator[PublishedSignature]:
    """Yield the whole list in its order, opened in chunks."""
    cursor: str | None = None
    while True:
        page = public_page(session, statement_id, cursor, AT_ONCE)
        yield from (_listed(entry, language) for entry in page.items)
        cursor = page.next_cursor
        if cursor is None:
            return


def _listed(entry: ListedSignature, language: str) -> PublishedSignature:
    appearance = entry.appearance
    assert appearance is not None  # the public list holds none that only counts
    return PublishedSignature(
        name=appearance.name,
        public_line=appearance.public_line,
        country=country_beside(appearance.public_line, appearance.country, language),
        country_code=appearance.country,
        is_organisation=entry.kind is SignatoryKind.ORGANISATION,
        is_pinned=entry.is_pinned,
        is_pseudonym=appearance.is_pseudonym,
    )


def country_beside(public_line: str, code: str, language: str) -> str:
    """Return the country's name unless the public line names it already, in the reader's language or in English."""
    if not code:
        return ""
    name, english, line = country_name(code, language), country_name(code, "en"), public_line.casefold()
    if name.casefold() in line or english.casefold() in line:
        return ""
    # A line that runs the other way than the page stays in one piece, and one script.
    return english if public_line and direction(language) == "rtl" and not runs_right_to_left(public_line) else name
