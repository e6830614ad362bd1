"""Read statements: by name, in their languages, with demands, addressees and annexes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.orm import Session

from app.base import clock
from app.base.moments import HOUSE_ZONE, Moment, moment_of
from app.base.sealing import Place, blind_index, open_one
from app.campaigns.models import Campaign
from app.statements.enclosures import (
    AddressedTo,
    AnnexRow,
    addressees_of,
    annex_content,
    annex_of,
    annexes_of,
)
from app.statements.models import STATEMENT_SLUG, Statement, Version, VersionText
from app.statements.states import (
    NoSuchStatement,
    StatementClosed,
    StatementKind,
    StatementState,
    can_be_signed,
)
from app.statements.texts import (
    TITLE_COLUMNS,
    LanguageRow,
    WrittenText,
    canonical_of,
    demands,
    languages_of,
    text_of,
    texts_of,
    title_of_text,
)

__all__ = [
    "TITLE_COLUMNS", "AddressedTo", "AnnexRow", "LanguageRow", "WrittenText", "addressees_of", "annex_content",
    "annex_of", "annexes_of", "canonical_of", "demands", "languages_of", "text_of", "texts_of", "title_of_text",
]  # fmt: skip

MOST_STATEMENTS = 200
_STATEMENTS: Any = Statement.__table__
_LOCK = (
    select(_STATEMENTS.c.id).where(_STATEMENTS.c.id == bindparam("statement_id")).with_for_update(read=True)
)  # fmt: skip


@dataclass(frozen=True)
class ReplyContact:
    """The person who reads the replies to invitations."""

    name: str
    email: str


@dataclass(frozen=True)
class StatementRow:
    """A statement in a list, with its title in the authoritative language."""

    public_id: str
    kind: StatementKind
    state: StatementState
    language: str
    title: str
    deadline_at: datetime | None
    opened_at: datetime | None
    zone: str

    @property
    def opened(self) -> Moment | None:
        """When it was opened, at its place."""
        return moment_of(self.opened_at, self.zone)

    @property
    def deadline_passed(self) -> bool:
        """Tell whether its deadline is over."""
        return self.deadline_at is not None and self.deadline_at <= clock.now()


def statement_by_public_id(session: Session, public_id: str) -> Statement:
    """Return a statement; raises NoSuchStatement."""
    return _one_statement(session, Statement.public_id == public_id)


def statement_by_slug(session: Session, slug: str) -> Statement:
    """Return a statement by its name in URLs, once it has been opened; raises NoSuchStatement."""
    return _one_statement(session, Statement.slug == slug)


def slug_of(session: Session, statement: Statement) -> str:
    """Return a statement's name in URLs, or the one that it will have once it is open."""
    slug: str = STATEMENT_SLUG.read(session, statement)["slug"]
    return slug


def slug_digest(session: Session, slug: str) -> str:
    """Return what stands for the address of a statement that was never opened; no address looks like it."""
    return f"~{blind_index(session, 'statement slug', slug).hex()}"


def statement_by_id(session: Session, statement_id: int) -> Statement:
    """Return the statement that a row belongs to; raises NoSuchStatement."""
    return _one_statement(session, Statement.id == statement_id)


def statements_of(session: Session, campaign_id: int) -> list[StatementRow]:
    """Return a campaign's statements, newest first, in one query."""
    rows = session.execute(
        select(
            Statement.public_id, Statement.kind, Statement.state, Statement.language, *TITLE_COLUMNS,
            Statement.deadline_at, Statement.opened_at, Statement.zone,
        )
        .join(Version, Version.statement_id == Statement.id)
        .join(VersionText, (VersionText.version_id == Version.id) & (VersionText.language == Statement.language))
        .where(Statement.campaign_id == campaign_id, Version.number == _latest_number())
        .order_by(Statement.created_at.desc(), Statement.id.desc())
        .limit(MOST_STATEMENTS)
    )  # fmt: skip
    return [
        StatementRow(
            row.public_id, row.kind, row.state, row.language, title_of_text(session, row), row.deadline_at,
            row.opened_at, row.zone,
        )
        for row in rows
    ]  # fmt: skip


def version_of(session: Session, statement: Statement) -> Version:
    """Return the version in force, or the first draft while there is none; raises NoSuchStatement."""
    wanted = (
        Version.id == statement.current_version_id
        if statement.current_version_id is not None
        else (Version.statement_id == statement.id) & Version.frozen_at.is_(None)
    )
    found = session.scalar(select(Version).where(wanted).order_by(Version.number.desc()).limit(1))
    if found is None:
        raise NoSuchStatement
    return found


def contact_of(session: Session, statement: Statement) -> ReplyContact:
    """Return the person who reads replies to a statement's invitations; both parts are empty until they are entered."""
    place = Place("statements", "contact_sealed", statement.public_id)
    fields = open_one(session, place, statement.contact_sealed, "contact of a statement")
    return ReplyContact(fields["name"], fields["email"])


def campaign_public_id(session: Session, statement: Statement) -> str:
    """Return the public id of the campaign that a statement belongs to."""
    return session.scalars(select(Campaign.public_id).where(Campaign.id == statement.campaign_id)).one()


def zone_of_campaign(session: Session, campaign_id: int) -> str:
    """Return the place that a campaign's next statement begins with: that of its newest one, else UTC."""
    newest = select(Statement.zone).where(Statement.campaign_id == campaign_id).order_by(Statement.id.desc()).limit(1)
    return session.scalar(newest) or HOUSE_ZONE


def is_open(statement: Statement, at: datetime | None = None) -> bool:
    """Tell whether a statement can be signed now, or could `at`: open, and its deadline, if any, still ahead."""
    return can_be_signed(statement.state, statement.deadline_at, at or clock.now())


def deadline_passed(statement: Statement, at: datetime | None = None) -> bool:
    """Tell whether the deadline is over, whether or not anybody has closed the statement since."""
    return statement.deadline_at is not None and statement.deadline_at <= (at or clock.now())


def hold_open(session: Session, statement_id: int) -> Statement:
    """Return a statement that can be signed, and keep it open until this transaction ends; raises StatementClosed.

    On PostgreSQL its row is locked against closing, not against other signatures; on SQLite a writer is alone anyway.
    """
    found = session.scalar(
        select(Statement)
        .where(Statement.id == statement_id)
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    )
    if found is None or not is_open(found):
        raise StatementClosed
    return found


def lock_against_closing(session: Session, statement_id: int) -> None:
    """Keep a statement (row id) as it is until this transaction ends; it may be closed by now, so look at it then.

    On PostgreSQL its row is locked against closing, not against other signatures; on SQLite a writer is alone anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_LOCK, {"statement_id": statement_id})


def _one_statement(session: Session, condition: ColumnElement[bool]) -> Statement:
    found = session.scalar(select(Statement).where(condition))
    if found is None:
        raise NoSuchStatement
    return found


def _latest_number() -> ColumnElement[int]:
    latest = Version.__table__.alias("latest")
    return (
        select(func.max(latest.c.number))
        .where(latest.c.statement_id == Statement.id)
        .correlate(Statement)
        .scalar_subquery()
    )
