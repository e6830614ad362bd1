"""Choose whom of an institution the letters go to, by group, until the letters are written."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.audit.actions import record
from app.base import clock
from app.base.rows import portions
from app.institutions.decisions import hold_decisions
from app.institutions.groups import groups_of, members_of
from app.institutions.states import NoSuchInstitution
from app.statements import queries
from app.statements.drafting import forget_groups_at, hold_draft
from app.statements.models import ChosenGroup, ChosenRecipient, Statement, Version
from app.statements.states import UNSENT, LettersWritten, NoSuchGroupThere, StatementState


def choose_groups(session: Session, actor: str, statement: Statement, institution: str, groups: Collection[str]) -> int:
    """Let the letters to an institution go to who is in these groups (public ids) now; without any, to everybody there.

    Who joins or leaves a group later changes nothing before it is chosen anew. Returns how many recipients are meant.
    Raises NoSuchInstitution, NoSuchGroupThere, and LettersWritten once they are handed over.
    """
    hold_decisions(session, statement.campaign_id)
    session.refresh(statement)
    if statement.state not in UNSENT:
        raise LettersWritten
    if statement.state is StatementState.DRAFTING:
        hold_draft(session, statement)
    version = queries.version_of(session, statement)
    addressed = {row.public_id: row.institution_id for row in queries.addressees_of(session, version.id)}
    if institution not in addressed:
        raise NoSuchInstitution
    there = {group.public_id: group for group in groups_of(session, [addressed[institution]])}
    if set(groups) - there.keys():
        raise NoSuchGroupThere
    forget_groups_at(session, version.id, addressed[institution])
    number = _choose(session, actor, version, sorted(there[public_id].id for public_id in set(groups)))
    campaign = queries.campaign_public_id(session, statement)
    chosen = " ".join(sorted(set(groups)))
    record(session, actor, "statement.groups_chosen", statement.public_id, campaign, institution=institution,
           groups=chosen, recipients=number)  # fmt: skip
    return number


def _choose(session: Session, actor: str, version: Version, group_ids: list[int]) -> int:
    members = members_of(session, group_ids)
    for group_id in group_ids:
        chosen = ChosenGroup(version_id=version.id, group_id=group_id, chosen_by=actor, chosen_at=clock.now())
        session.add(chosen)
        session.flush()
        rows = [{"chosen_group_id": chosen.id, "recipient_id": each} for each in sorted(members[group_id])]
        for part in portions(rows):
            session.execute(insert(ChosenRecipient), list(part))
    return len(frozenset().union(*members.values()))
