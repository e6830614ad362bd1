"""What a reader may read: published statements, their campaigns and convenors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.base.clock import now
from app.base.moments import Moment, moment_of
from app.base.rows import by_name
from app.campaigns.models import Campaign
from app.site.states import NothingPublished, StatementWithdrawn
from app.statements.models import Statement, Version
from app.statements.queries import LanguageRow
from app.statements.states import PUBLISHED, StatementKind, StatementState, can_be_signed


class SigningTimes:
    """When a published statement was opened, until when it can be signed, and when signing ended."""

    state: StatementState
    opened_at: datetime
    deadline_at: datetime | None
    closed_at: datetime | None
    zone: str

    @property
    def opened(self) -> Moment:
        """When it was opened, at its place."""
        return Moment(self.opened_at, self.zone)

    @property
    def deadline(self) -> Moment | None:
        """Until when it can be signed, at its place."""
        return moment_of(self.deadline_at, self.zone)

    @property
    def closed(self) -> Moment | None:
        """When signing ended, at its place."""
        return moment_of(self.closed_at, self.zone)

    @cached_property
    def is_open(self) -> bool:
        """Tell whether it can still be signed: its deadline may have passed before anybody closed it.

        Told once: a page that still says so, and is kept, has to know that it changes at the deadline.
        """
        return can_be_signed(self.state, self.deadline_at, now())


@dataclass(frozen=True)
class Published(SigningTimes):
    """A statement that readers may see, with its campaign and the version in force."""

    id: int
    slug: str
    state: StatementState
    kind: StatementKind
    language: str
    goal: int | None
    opened_at: datetime
    deadline_at: datetime | None
    closed_at: datetime | None
    withdrawn_at: datetime | None
    zone: str
    campaign_id: int
    campaign_slug: str
    campaign_language: str
    press_contact: str
    version_id: int
    version_number: int

    @property
    def changes_at(self) -> datetime | None:
        """When its page changes by itself: at the deadline, while it is open."""
        return self.deadline_at if self.is_open else None


def published(session: Session, slug: str) -> Published:
    """Return a statement by its slug; raises NoSuchPage for drafts, StatementWithdrawn for what was taken back."""
    row: Any = session.execute(_published_columns().where(Statement.slug == slug)).one_or_none()
    if row is None or row.opened_at is None:
        raise NothingPublished
    if row.state is StatementState.WITHDRAWN:
        raise StatementWithdrawn
    if row.state not in PUBLISHED:
        raise NothingPublished
    return by_name(Published, row)


def _published_columns() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Statement.id, Statement.slug, Statement.state, Statement.kind, Statement.language, Statement.goal,
            Statement.opened_at, Statement.deadline_at, Statement.closed_at, Statement.withdrawn_at,
            Statement.zone,
            Campaign.id.label("campaign_id"), Campaign.slug.label("campaign_slug"),
            Campaign.language.label("campaign_language"), Campaign.press_contact,
            Version.id.label("version_id"), Version.number.label("version_number"),
        )
        .join(Campaign, Campaign.id == Statement.campaign_id)
        .join(Version, Version.id == Statement.current_version_id)
        .where(Version.frozen_at.is_not(None))
    )  # fmt: skip


def text_in(texts: list[LanguageRow], language: str) -> LanguageRow:
    """Pick the text in a language; raises NoSuchPage where there is none."""
    for text in texts:
        if text.language == language:
            return text
    raise NothingPublished
