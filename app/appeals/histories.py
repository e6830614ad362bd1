"""What became of each recipient since the campaign's last appeal to it: a letter's approver sees it first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.appeals.models import Appeal, AppealLetter, AppealState
from app.appeals.queries import LetterRow
from app.campaigns.queries import Colleague, colleagues
from app.institutions.models import RecipientDecision, RecipientVersion
from app.institutions.proposals import CampaignDecision
from app.institutions.versions import ContactChange, OpenedVersion, changes_between, versions_of
from app.statements.models import Statement

PURPOSE = "what changed about the recipients of an appeal"


@dataclass(frozen=True)
class HistoryStep:
    """One version of a recipient, with what it changed."""

    version: OpenedVersion
    changes: tuple[ContactChange, ...]


@dataclass(frozen=True)
class RecipientHistory:
    """The version that a letter was frozen with, when and by whom the campaign accepted it, and what led to it.

    `former` is the version that the campaign's last appeal went to, or else the first that it accepted; without steps
    nothing has changed since. `is_first` tells that no appeal of the campaign went there before.
    """

    version: OpenedVersion
    former: OpenedVersion
    acceptance: CampaignDecision | None
    steps: tuple[HistoryStep, ...]
    is_first: bool

    @property
    def changes(self) -> tuple[ContactChange, ...]:
        """What differs between the two, all steps together."""
        return changes_between(self.former, self.version)


@dataclass(frozen=True)
class ToldHistory:
    """The history of a letter's recipient as an approver reads it, with the people in it by name and role."""

    letter: LetterRow
    history: RecipientHistory
    accepted_by: Colleague | None
    steps: tuple[tuple[HistoryStep, Colleague | None], ...]


def former_versions(session: Session, campaign_id: int, recipient_ids: Sequence[int]) -> dict[int, int]:
    """Return the version of each recipient that a campaign's last appeal went to; none where there was no appeal."""
    last = (
        select(AppealLetter.recipient_id, AppealLetter.recipient_version_id)
        .join(Appeal, Appeal.id == AppealLetter.appeal_id)
        .join(Statement, Statement.id == Appeal.statement_id)
        .where(
            Statement.campaign_id == campaign_id,
            Appeal.state == AppealState.RELEASED,
            AppealLetter.recipient_id.in_(recipient_ids),
            AppealLetter.recipient_version_id.is_not(None),
        )
        .order_by(Appeal.released_at, Appeal.id)
    )
    return {recipient: version for recipient, version in session.execute(last) if version is not None}


def histories_of(session: Session, appeal: Appeal, letters: Sequence[LetterRow]) -> dict[str, RecipientHistory]:
    """Return what became of the recipients of letters, by the letter's public id; of older letters it isn't known.

    It is told between two versions that the letter keeps, so that it stays the same for everybody who reads it.
    """
    known = [letter for letter in letters if letter.version_id is not None]
    if not known:
        return {}
    recipients = [letter.recipient_id for letter in known]
    versions = versions_of(session, RecipientVersion.recipient_id.in_(recipients), PURPOSE)
    acceptances = _acceptances(session, appeal, [version.id for version in versions])
    found = {}
    for letter in known:
        own = [version for version in versions if version.contact.recipient_id == letter.recipient_id]
        version = next(each for each in own if each.id == letter.version_id)
        accepted = next((each for each in own if each.id in acceptances), version)
        former = next((each for each in own if each.id == letter.former_version_id), accepted)
        is_first = letter.former_version_id is None
        steps = _steps(own, former, version)
        found[letter.public_id] = RecipientHistory(version, former, acceptances.get(version.id), steps, is_first)
    return found


def told_histories(session: Session, appeal: Appeal, letters: Sequence[LetterRow]) -> list[ToldHistory]:
    """Return the histories of some letters' recipients as an approver reads them, in the order of the letters."""
    histories = histories_of(session, appeal, letters)
    actors = {step.version.made_by for history in histories.values() for step in history.steps}
    actors |= {history.acceptance.by for history in histories.values() if history.acceptance is not None}
    campaign_id = session.scalars(select(Statement.campaign_id).where(Statement.id == appeal.statement_id)).one()
    people = colleagues(session, campaign_id, actors)
    return [
        ToldHistory(
            letter,
            history,
            people.get(history.acceptance.by) if history.acceptance is not None else None,
            tuple((step, people.get(step.version.made_by)) for step in history.steps),
        )
        for letter in letters
        if (history := histories.get(letter.public_id)) is not None
    ]


def _steps(own: Sequence[OpenedVersion], former: OpenedVersion, version: OpenedVersion) -> tuple[HistoryStep, ...]:
    """Return the versions after `former` up to `version`, each with what it changed."""
    between = [each for each in own if former.number <= each.number <= version.number]
    return tuple(HistoryStep(after, changes_between(before, after)) for before, after in pairwise(between))


def _acceptances(session: Session, appeal: Appeal, version_ids: Sequence[int]) -> dict[int, CampaignDecision]:
    rows = session.execute(
        select(RecipientDecision.version_id, RecipientDecision.decided_by, RecipientDecision.decided_at)
        .join(Statement, Statement.campaign_id == RecipientDecision.campaign_id)
        .where(
            Statement.id == appeal.statement_id,
            RecipientDecision.is_accepted,
            RecipientDecision.version_id.in_(version_ids),
        )
    )
    return {version: CampaignDecision(True, by, at) for version, by, at in rows}
