"""Read statements: by name, in their languages, with demands, addressees and annexes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session, selectinload

from app.base import clock
from app.base.locales import InOneLanguage
from app.base.moments import HOUSE_ZONE, Moment, moment_of
from app.base.rows import by_name
from app.base.sealing import Place, open_one
from app.campaigns.models import Campaign
from app.institutions.models import Institution, InstitutionVersion
from app.institutions.proposals import accepted_fact
from app.statements.addressing import addressed_name
from app.statements.models import Addressee, Annex, AnnexKind, Demand, Statement, Version, VersionText
from app.statements.states import (
    NoSuchAnnex,
    NoSuchStatement,
    NoSuchText,
    StatementClosed,
    StatementKind,
    StatementState,
    can_be_signed,
)

MOST_STATEMENTS = 200


@dataclass(frozen=True)
class ReplyContact:
    """The person who reads the replies to invitations."""

    name: str
    email: str


@dataclass(frozen=True)
class AddressedTo:
    """An institution that a version is addressed to, by the name it is addressed with."""

    institution_id: int
    public_id: str
    name: str
    country: str


@dataclass(frozen=True)
class AnnexRow:
    """A document of a version without its content."""

    id: int
    public_id: str
    language: str
    kind: AnnexKind
    title: str
    filename: str
    size: int
    pages: int | None
    sha256: str


@dataclass(frozen=True)
class LanguageRow(InOneLanguage):
    """A version's text in one language, without its body."""

    text_id: int
    language: str
    title: str
    revision: int
    saved_at: datetime
    sha256: str | None
    has_body: bool
    demand_count: int


@dataclass(frozen=True)
class StatementRow:
    """A statement in a list, with its title in the authoritative language."""

    public_id: str
    slug: str
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
    """Return a statement by its name in URLs, whatever its state; raises NoSuchStatement."""
    return _one_statement(session, Statement.slug == slug)


def statement_by_id(session: Session, statement_id: int) -> Statement:
    """Return the statement that a row belongs to; raises NoSuchStatement."""
    return _one_statement(session, Statement.id == statement_id)


def statements_of(session: Session, campaign_id: int) -> list[StatementRow]:
    """Return a campaign's statements, newest first, in one query."""
    rows = session.execute(
        select(
            Statement.public_id, Statement.slug, Statement.kind, Statement.state, Statement.language,
            VersionText.title, Statement.deadline_at, Statement.opened_at, Statement.zone,
        )
        .join(Version, Version.statement_id == Statement.id)
        .join(VersionText, (VersionText.version_id == Version.id) & (VersionText.language == Statement.language))
        .where(Statement.campaign_id == campaign_id, Version.number == _latest_number())
        .order_by(Statement.created_at.desc(), Statement.id.desc())
        .limit(MOST_STATEMENTS)
    )  # fmt: skip
    return [by_name(StatementRow, row) for row in rows]


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


def text_of(session: Session, version_id: int, language: str) -> VersionText:
    """Return a version's text in a language, its demands loaded; raises NoSuchText."""
    found = session.scalar(
        select(VersionText)
        .options(selectinload(VersionText.demands))
        .where(VersionText.version_id == version_id, VersionText.language == language)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NoSuchText(language)
    return found


def texts_of(session: Session, version_id: int) -> Sequence[VersionText]:
    """Return a version's texts in every language, their demands loaded."""
    return session.scalars(
        select(VersionText)
        .options(selectinload(VersionText.demands))
        .where(VersionText.version_id == version_id)
        .order_by(VersionText.language)
        .execution_options(populate_existing=True)
    ).all()


def languages_of(session: Session, version_id: int) -> list[LanguageRow]:
    """Return a version's languages, the authoritative one first, without the texts themselves."""
    is_main = VersionText.language == Statement.language
    rows = session.execute(
        select(
            VersionText.id.label("text_id"), VersionText.language, VersionText.title, VersionText.revision,
            VersionText.saved_at, VersionText.sha256, (VersionText.body != "").label("has_body"),
            _demand_count().label("demand_count"),
        )
        .join(Version, Version.id == VersionText.version_id)
        .join(Statement, Statement.id == Version.statement_id)
        .where(VersionText.version_id == version_id)
        .order_by(case((is_main, 0), else_=1), VersionText.language)
    )  # fmt: skip
    return [by_name(LanguageRow, row) for row in rows]


def demands(session: Session, version_id: int, language: str) -> list[str]:
    """Return the demands of a version in a language, in their order."""
    return [demand.text for demand in text_of(session, version_id, language).demands]


def addressees_of(session: Session, version_id: int) -> list[AddressedTo]:
    """Return the institutions that a version is addressed to, in their order.

    A draft calls them as its campaign has accepted last, whatever other campaigns have made of them since.
    """
    rows = session.execute(
        select(
            Institution.id.label("institution_id"),
            Institution.public_id,
            addressed_name().label("name"),
            func.coalesce(
                Addressee.frozen_country,
                accepted_fact(InstitutionVersion.country, Statement.campaign_id),
                Institution.country,
            ).label("country"),
        )
        .join(Addressee, Addressee.institution_id == Institution.id)
        .join(Version, Version.id == Addressee.version_id)
        .join(Statement, Statement.id == Version.statement_id)
        .where(Addressee.version_id == version_id)
        .order_by(Addressee.position, Addressee.id)
    )
    return [by_name(AddressedTo, row) for row in rows]


def annexes_of(session: Session, version_id: int) -> list[AnnexRow]:
    """Return the documents of a version in their order, without their contents."""
    rows = session.execute(_annex_columns().where(Annex.version_id == version_id))
    return [by_name(AnnexRow, row) for row in rows]


def annex_of(session: Session, version_id: int, public_id: str) -> AnnexRow:
    """Return one document of a version without its content; raises NoSuchAnnex."""
    row = session.execute(
        _annex_columns().where(Annex.version_id == version_id, Annex.public_id == public_id)
    ).one_or_none()
    if row is None:
        raise NoSuchAnnex
    return by_name(AnnexRow, row)


def annex_content(session: Session, annex_id: int) -> bytes:
    """Return exactly the bytes that an annex's hash covers; raises NoSuchAnnex."""
    content = session.scalar(select(Annex.content).where(Annex.id == annex_id))
    if content is None:
        raise NoSuchAnnex
    return content


def canonical_of(session: Session, version_id: int, language: str) -> bytes:
    """Return exactly the bytes that a frozen text's hash covers; raises NoSuchText."""
    canonical = session.scalar(
        select(VersionText.canonical).where(VersionText.version_id == version_id, VersionText.language == language)
    )
    if canonical is None:
        raise NoSuchText(language)
    return canonical


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


def _demand_count() -> ColumnElement[int]:
    demand = Demand.__table__
    return (
        select(func.count())
        .select_from(demand)
        .where(demand.c.version_text_id == VersionText.id)
        .correlate(VersionText)
        .scalar_subquery()
    )


def _annex_columns() -> Select[int, str, str, AnnexKind, str, str, int, int | None, str]:
    return select(
        Annex.id, Annex.public_id, Annex.language, Annex.kind, Annex.title, Annex.filename, Annex.size, Annex.pages,
        Annex.sha256,
    ).order_by(Annex.position, Annex.id)  # fmt: skip
