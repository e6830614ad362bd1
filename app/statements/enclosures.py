"""Read what goes with the texts of a version: whom they are addressed to, and the annexes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.base.rows import by_name
from app.base.sealing import Place, open_bytes
from app.institutions.models import Institution, InstitutionVersion
from app.institutions.proposals import accepted_fact
from app.statements.addressing import addressed_name
from app.statements.models import ANNEX_WORDS, Addressee, Annex, AnnexKind, Statement, Version
from app.statements.states import NoSuchAnnex


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
    return [_annex_row(session, row) for row in rows]


def annex_of(session: Session, version_id: int, public_id: str) -> AnnexRow:
    """Return one document of a version without its content; raises NoSuchAnnex."""
    row = session.execute(
        _annex_columns().where(Annex.version_id == version_id, Annex.public_id == public_id)
    ).one_or_none()
    if row is None:
        raise NoSuchAnnex
    return _annex_row(session, row)


def annex_content(session: Session, annex_id: int) -> bytes:
    """Return exactly the bytes that an annex's hash covers; raises NoSuchAnnex."""
    row = session.execute(
        select(Annex.public_id, Annex.content, Annex.content_sealed).where(Annex.id == annex_id)
    ).one_or_none()
    if row is None:
        raise NoSuchAnnex
    if row.content_sealed is None:
        return bytes(row.content)
    return open_bytes(session, annex_place(row.public_id), row.content_sealed, "read an annex")


def annex_place(public_id: str) -> Place:
    """Return where the content of an annex that is not published is sealed."""
    return Place("annexes", "content_sealed", public_id)


def _annex_columns() -> Select[*tuple[Any, ...]]:
    return select(
        Annex.id, Annex.public_id, Annex.language, Annex.kind, Annex.title, Annex.filename, Annex.size, Annex.pages,
        Annex.sha256, Annex.unpublished_sealed,
    ).order_by(Annex.position, Annex.id)  # fmt: skip


def _annex_row(session: Session, row: Any) -> AnnexRow:
    return AnnexRow(
        id=row.id, public_id=row.public_id, language=row.language, kind=row.kind, **ANNEX_WORDS.read(session, row)
    )
