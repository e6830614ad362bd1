"""Take a statement through its life: create, set, open, extend, close, deliver, conclude, withdraw.

Its parts are written in `drafting`. Every change leaves an audit entry; the actor is an organiser's public id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import Update

from app.audit.actions import record
from app.base import clock
from app.base.identifiers import new_public_id
from app.base.locales import gettext as _
from app.base.moments import Moment
from app.base.rows import has_changed
from app.base.sealing import Place, seal
from app.campaigns.actions import publish
from app.campaigns.models import Campaign
from app.campaigns.states import SLUG_LENGTH, slug_from
from app.statements import canonical, queries
from app.statements.drafting import begin_text, hold_draft
from app.statements.drafts import canonical_texts
from app.statements.models import STATEMENT_SLUG, Statement, Version
from app.statements.readiness import lacks_of
from app.statements.states import (
    DeadlineRefused,
    DifferentFromConfirmed,
    IllegalMove,
    NameOrder,
    NotReady,
    StatementKind,
    StatementSlugTaken,
    StatementState,
    VersionFrozen,
    check_move,
)
from app.statements.unsealing import unseal


@dataclass(frozen=True)
class StatementSettings:
    """What is set beside the text. Kind, slug, language and deadline stay as they are once the statement is open."""

    kind: StatementKind
    slug: str
    language: str
    deadline_at: datetime | None
    zone: str
    goal: int | None
    contact_name: str
    contact_email: str


def create_statement(
    session: Session, actor: str, campaign: Campaign, *, title: str, language: str, kind: StatementKind
) -> Statement:
    """Create a statement in drafting with the first draft of its text, which has a title and is empty otherwise."""
    public_id = new_public_id()
    statement = Statement(
        public_id=public_id,
        campaign_id=campaign.id,
        **_sealed_slug(session, public_id, slug_from(title)),
        kind=kind,
        state=StatementState.DRAFTING,
        language=language,
        contact_sealed=_sealed_contact(session, public_id, "", ""),
        zone=queries.zone_of_campaign(session, campaign.id),
        created_at=clock.now(),
    )
    _insert(session, statement, slug_from(title))
    version = Version(statement_id=statement.id, number=1)
    session.add(version)
    session.flush()
    begin_text(session, actor, version.id, language, title)
    record(session, actor, "statement.created", public_id, campaign.public_id, language=language)
    return statement


def change_settings(session: Session, actor: str, statement: Statement, settings: StatementSettings) -> None:
    """Set what stands beside the text. Once open, only goal and contact follow; the rest must be what it was.

    Raises SlugTaken, DeadlineRefused, VersionFrozen.
    """
    values: dict[str, Any] = {
        "goal": settings.goal,
        "contact_sealed": _sealed_contact(session, statement.public_id, settings.contact_name, settings.contact_email),
    }
    drafting = statement.state is StatementState.DRAFTING
    if drafting:
        if _is_taken(session, settings.slug):
            raise StatementSlugTaken(settings.slug)
        if settings.deadline_at is not None and settings.deadline_at <= clock.now():
            raise DeadlineRefused(_("This moment has already passed. Choose a later one."))
        values |= {
            "kind": settings.kind,
            **_sealed_slug(session, statement.public_id, settings.slug),
            "language": settings.language,
            "deadline_at": settings.deadline_at,
            "zone": settings.zone,
        }
    same_state = update(Statement).where(Statement.id == statement.id, Statement.state == statement.state)
    try:
        with session.begin_nested():
            changed = _changed(session, same_state.values(**values))
    except IntegrityError as error:
        raise StatementSlugTaken(settings.slug) from error
    if not changed:
        raise VersionFrozen
    session.refresh(statement)
    if drafting:
        # Held, so that nobody removes the text of the language that has just become authoritative.
        queries.text_of(session, hold_draft(session, statement), statement.language)
    slug = queries.slug_of(session, statement)
    _record(session, actor, "statement.settings_changed", statement, goal=settings.goal, slug=slug)


def order_names(session: Session, actor: str, statement: Statement, order: NameOrder) -> None:
    """Choose in which order the names stand; at any time, since it is no part of the text. The same changes nothing.

    What has been signed is put in that order by the worker. Whoever is signing now holds the statement until that is
    committed, so that none is written by the former order afterwards.
    """
    session.refresh(statement, with_for_update={"key_share": True})
    if statement.name_order is order:
        return
    before, statement.name_order = statement.name_order, order
    session.flush()
    _record(session, actor, "statement.names_ordered", statement, was=before, now=order)


def open_statement(
    session: Session, actor: str, statement: Statement, confirmed: Mapping[str, str] | None = None
) -> Version:
    """Open a draft for signing: freeze its version with the hash of each language, and publish the campaign.

    `confirmed` maps each language to the hash that the organiser saw; where what would be frozen differs,
    DifferentFromConfirmed is raised. Raises NotReady where something is missing. A statement that is open already
    stays as it is, and its version is returned.
    """
    version = _hold_first_draft(session, statement)
    if version is None:
        session.refresh(statement)
        if statement.state is not StatementState.OPEN:
            raise IllegalMove(statement.state)
        return queries.version_of(session, statement)
    lacks = lacks_of(session, statement, version)
    if lacks:
        raise NotReady(" ".join(lack.message for lack in lacks))
    texts = canonical_texts(session, statement, version)
    frozen = {text_id: canonical.to_bytes(content) for text_id, content in texts.items()}
    hashes = {content.language: canonical.sha256_of(frozen[text_id]) for text_id, content in texts.items()}
    # Before anything is unsealed: what a transaction wrote that is taken back stays in PostgreSQL's files for a while.
    if confirmed is not None and dict(confirmed) != hashes:
        raise DifferentFromConfirmed
    unseal(session, statement, version, frozen)
    _publish(session, statement, version)
    _record(session, actor, "statement.opened", statement, version=version.number, **_by_language(hashes))
    return version


def extend_deadline(
    session: Session, actor: str, statement: Statement, deadline_at: datetime, zone: str | None = None
) -> None:
    """Move the deadline of an open statement later, also when it has just passed; never before now.

    Raises DeadlineRefused, and IllegalMove where the statement isn't open.
    """
    session.refresh(statement, with_for_update=True)
    if statement.state is not StatementState.OPEN:
        raise IllegalMove(statement.state)
    previous = statement.deadline_at
    if deadline_at == previous:  # only the place may differ, in whose time it is said
        statement.zone = zone or statement.zone
        return
    if deadline_at <= clock.now():
        raise DeadlineRefused(_("This moment has already passed. Choose a later one."))
    if previous is not None and deadline_at < previous:
        raise DeadlineRefused(
            _("People were told that they can sign until %(deadline)s. Choose a later moment; to end sooner, "
              "close the statement.", deadline=Moment(previous, statement.zone).words)
        )  # fmt: skip
    statement.deadline_at, statement.zone = deadline_at, zone or statement.zone
    session.flush()
    was = previous.isoformat() if previous else None
    _record(session, actor, "statement.deadline_extended", statement, was=was, now=deadline_at.isoformat())


def close_statement(session: Session, actor: str, statement: Statement) -> None:
    """End the signing. Closing a closed statement again does nothing."""
    _move(session, actor, statement, StatementState.CLOSED, "statement.closed", "closed_at")


def mark_delivered(session: Session, actor: str, statement: Statement) -> None:
    """Note that the appeal was handed over. Doing it again does nothing."""
    _move(session, actor, statement, StatementState.DELIVERED, "statement.delivered", "delivered_at")


def conclude(session: Session, actor: str, statement: Statement) -> None:
    """Note that the matter has come to its end. Doing it again does nothing."""
    _move(session, actor, statement, StatementState.CONCLUDED, "statement.concluded", "concluded_at")


def withdraw(session: Session, actor: str, statement: Statement) -> None:
    """Take a draft or an open statement back for good. Doing it again does nothing."""
    _move(session, actor, statement, StatementState.WITHDRAWN, "statement.withdrawn", "withdrawn_at")


def _hold_first_draft(session: Session, statement: Statement) -> Version | None:
    """Take the statement and its draft for opening; None where somebody was quicker."""
    session.refresh(statement, with_for_update={"key_share": True})
    if statement.state is not StatementState.DRAFTING:
        return None
    version = queries.version_of(session, statement)
    session.refresh(version, with_for_update={"key_share": True})
    if version.frozen_at is not None:
        raise VersionFrozen
    # Both rows are held by now, so the last save of the text is older than this.
    now = clock.now()
    statement.state, statement.opened_at, version.frozen_at = StatementState.OPEN, now, now
    session.flush()
    return version


def _publish(session: Session, statement: Statement, version: Version) -> None:
    statement.current_version_id = version.id
    session.flush()
    publish(session, statement.campaign_id)


def _move(session: Session, actor: str, statement: Statement, wanted: StatementState, action: str, stamp: str) -> None:
    """Bring a statement into a state with its row held; raises IllegalMove.

    Signing holds the row as well: once it is ours every signature that was accepted is committed, and older than the
    time that is taken then.
    """
    session.refresh(statement, with_for_update={"key_share": True})
    if statement.state is wanted:
        return
    check_move(statement.state, wanted)
    before = statement.state
    statement.state = wanted
    setattr(statement, stamp, clock.now())
    session.flush()
    _record(session, actor, action, statement, was=before.value)


def _insert(session: Session, statement: Statement, slug: str) -> None:
    """Insert a statement; where its slug is taken, with another ending."""
    try:
        if _is_taken(session, slug):
            raise StatementSlugTaken(slug)
        with session.begin_nested():
            session.add(statement)
    except (IntegrityError, StatementSlugTaken):
        ending = f"-{statement.public_id[:6]}"
        sealed = _sealed_slug(session, statement.public_id, slug[: SLUG_LENGTH - len(ending)] + ending)
        for name, value in sealed.items():
            setattr(statement, name, value)
        session.add(statement)
        session.flush()


def _is_taken(session: Session, slug: str) -> bool:
    """Tell whether a statement that was opened has an address; two drafts that want one collide by their digests."""
    return session.scalar(select(Statement.id).where(Statement.slug == slug)) is not None


def _sealed_slug(session: Session, public_id: str, slug: str) -> dict[str, Any]:
    return {**STATEMENT_SLUG.sealed(session, public_id, {"slug": slug}), "slug": queries.slug_digest(session, slug)}


def _sealed_contact(session: Session, public_id: str, name: str, email: str) -> bytes:
    return seal(session, Place("statements", "contact_sealed", public_id), {"name": name, "email": email}, pad_to=512)


def _changed(session: Session, change: Update) -> bool:
    """Run a conditional update; tell whether it met its condition."""
    result = session.execute(change, execution_options={"synchronize_session": False})
    return has_changed(result)


def _by_language(hashes: Mapping[str, str]) -> dict[str, str]:
    return {f"sha256_{language}": sha256 for language, sha256 in hashes.items()}


def _record(session: Session, actor: str, action: str, statement: Statement, **detail: str | int | None) -> None:
    record(session, actor, action, statement.public_id, queries.campaign_public_id(session, statement), **detail)
