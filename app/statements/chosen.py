"""Whom of an institution a version's letters go to: everybody there, or who was in a group when it was chosen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, not_, or_, select
from sqlalchemy.orm import Session

from app.campaigns.queries import Colleague, colleagues
from app.institutions.groups import groups_by_id, members_of
from app.institutions.models import RecipientGroup
from app.statements.models import ChosenGroup, ChosenRecipient


@dataclass(frozen=True)
class Choice:
    """A group as it was chosen: the recipients (row ids) of then, and who joined or left it since."""

    group_id: int
    institution_id: int
    recipients: frozenset[int]
    joined: frozenset[int]
    left: frozenset[int]
    chosen_by: str
    chosen_at: datetime

    @property
    def is_as_chosen(self) -> bool:
        """Tell whether the same people are in the group now."""
        return not (self.joined or self.left)


def choices_of(session: Session, version_id: int) -> list[Choice]:
    """Return the groups that a version's letters go to, in the order in which they were chosen."""
    rows = session.execute(
        select(ChosenGroup, RecipientGroup.institution_id)
        .join(RecipientGroup, RecipientGroup.id == ChosenGroup.group_id)
        .where(ChosenGroup.version_id == version_id)
        .order_by(ChosenGroup.id)
    ).all()
    then = _recipients_then(session, [row.id for row, _institution in rows])
    now = members_of(session, [row.group_id for row, _institution in rows])
    return [
        Choice(
            row.group_id, institution_id, then[row.id], now[row.group_id] - then[row.id],
            then[row.id] - now[row.group_id], row.chosen_by, row.chosen_at,
        )
        for row, institution_id in rows
    ]  # fmt: skip


def chosen_recipients(session: Session, version_id: int) -> dict[int, frozenset[int]]:
    """Return, by institution, the only recipients there whom a version's letters go to; elsewhere it is everybody."""
    rows = session.execute(
        select(RecipientGroup.institution_id, ChosenRecipient.recipient_id)
        .select_from(ChosenGroup)
        .join(RecipientGroup, RecipientGroup.id == ChosenGroup.group_id)
        .outerjoin(ChosenRecipient, ChosenRecipient.chosen_group_id == ChosenGroup.id)
        .where(ChosenGroup.version_id == version_id)
    )
    found: dict[int, set[int]] = defaultdict(set)
    for institution_id, recipient_id in rows:
        found[institution_id] |= {recipient_id} - {None}
    return {institution_id: frozenset(recipients) for institution_id, recipients in found.items()}


def is_meant(version_id: Any, institution_id: Any, recipient_id: Any) -> ColumnElement[bool]:
    """Choose, inside a query, recipients whom a version's letters go to, accepted or not."""
    any_group = exists().where(
        ChosenGroup.version_id == version_id,
        RecipientGroup.id == ChosenGroup.group_id,
        RecipientGroup.institution_id == institution_id,
    )
    in_one = exists().where(
        ChosenGroup.version_id == version_id,
        ChosenRecipient.chosen_group_id == ChosenGroup.id,
        ChosenRecipient.recipient_id == recipient_id,
    )
    return or_(not_(any_group), in_one)


def _recipients_then(session: Session, chosen_ids: Sequence[int]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {each: set() for each in chosen_ids}
    rows = session.execute(
        select(ChosenRecipient.chosen_group_id, ChosenRecipient.recipient_id).where(
            ChosenRecipient.chosen_group_id.in_(chosen_ids)
        )
    )
    for chosen_id, recipient_id in rows:
        found[chosen_id].add(recipient_id)
    return {chosen_id: frozenset(recipients) for chosen_id, recipients in found.items()}


@dataclass(frozen=True)
class ChoiceShown:
    """A chosen group in words: how many are in it as chosen, and how many joined or left it since."""

    institution_id: int
    kind: str
    name: str
    recipients: int
    joined: int
    left: int
    by: Colleague | None
    at: datetime


def choices_shown(session: Session, campaign_id: int, version_id: int, language: str) -> list[ChoiceShown]:
    """Return the groups that a version's letters go to, as somebody of its campaign reads it."""
    choices = choices_of(session, version_id)
    groups = {each.id: each for each in groups_by_id(session, [choice.group_id for choice in choices])}
    people = colleagues(session, campaign_id, {choice.chosen_by for choice in choices}) if choices else {}
    return [
        ChoiceShown(
            choice.institution_id, groups[choice.group_id].kind.label, groups[choice.group_id].called(language),
            len(choice.recipients), len(choice.joined), len(choice.left), people.get(choice.chosen_by),
            choice.chosen_at,
        )
        for choice in choices
    ]  # fmt: skip
