"""The desk's page of whom a statement's letters go to: what the campaign accepted, and what is proposed to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from sqlalchemy.orm import Session

from app.base.edge import flash_notice, reading, see_other
from app.base.locales import gettext as _
from app.base.saving import saved, status_of
from app.campaigns.queries import Colleague, colleagues
from app.campaigns.states import WRITERS, Capability, RoleTooNarrow
from app.institutions.decisions import decide
from app.institutions.history import Changed, facts_changed
from app.institutions.proposals import (
    CampaignDecision,
    InstitutionStanding,
    RecipientStanding,
    institution_standings,
    recipient_standings,
)
from app.institutions.versions import changes_between
from app.statements import queries
from app.statements.desk import Entered, blueprint, entered, here, posted, sees_recipients
from app.statements.forms import DecisionForm
from app.statements.states import UNSENT


@dataclass(frozen=True)
class ProposalShown:
    """One proposal: what it changes, by whom and when, and the version that a decision names."""

    version: str
    kind: str
    title: str
    changes: tuple[Changed, ...]
    by: Colleague | None
    at: datetime
    is_refused: bool


@dataclass(frozen=True)
class RecipientShown:
    """A recipient as the campaign writes to it, and what is proposed; either may be missing."""

    standing: RecipientStanding
    accepted_by: Colleague | None
    proposal: ProposalShown | None


@dataclass(frozen=True)
class InstitutionShown:
    """An institution under the name that the statement gives it, with its recipients."""

    public_id: str
    name: str
    proposal: ProposalShown | None
    recipients: tuple[RecipientShown, ...]


@blueprint.route("/statements/<statement>/recipients", methods=["GET", "POST"])
def list_recipients(statement: str) -> ResponseReturnValue:
    """Show whom the letters go to; accept or refuse what somebody proposes about it."""
    _check_role(entered(reading(), statement, Capability.VIEW))
    form = DecisionForm(posted())
    if saved(form, lambda session: _decide(session, statement, form)):
        flash_notice(
            _("Accepted for this campaign.") if form.accepts else _("Refused. The campaign goes on as before.")
        )
        return see_other(".list_recipients", statement=statement)
    session = reading()
    found = entered(session, statement, Capability.VIEW)
    page = render_template(
        "statements/list_recipients.html",
        here=here(session, found),
        institutions=_institutions(session, found),
        may_decide=found.access.role in WRITERS and found.statement.state in UNSENT,
        form=form,
    )
    return page, status_of(form)


def _check_role(found: Entered) -> None:
    """Raise RoleTooNarrow for people who may not see addresses, or may not decide where they do."""
    if not sees_recipients(found) or (request.method == "POST" and found.access.role not in WRITERS):
        raise RoleTooNarrow(found.access.role)


def _decide(session: Session, statement: str, form: DecisionForm) -> None:
    found = entered(session, statement, Capability.VIEW)
    _check_role(found)
    addressed = [row.institution_id for row in queries.addressees_of(session, found.version.id)]
    campaign_id = found.access.campaign.id
    decide(session, found.actor, campaign_id, addressed, form.version.words, accept=form.accepts)


def _institutions(session: Session, found: Entered) -> list[InstitutionShown]:
    addressed = queries.addressees_of(session, found.version.id)
    ids, campaign_id = [row.institution_id for row in addressed], found.access.campaign.id
    recipients = recipient_standings(session, campaign_id, ids)
    institutions = institution_standings(session, campaign_id, ids)
    people = colleagues(session, campaign_id, _actors(recipients, institutions.values()))
    return [
        InstitutionShown(
            row.public_id,
            row.name,
            _renaming(institutions.get(row.institution_id), people),
            tuple(
                _recipient(standing, people)
                for standing in recipients
                if standing.latest.institution_id == row.institution_id
            ),
        )
        for row in addressed
    ]


def _actors(recipients: Iterable[RecipientStanding], institutions: Iterable[InstitutionStanding]) -> set[str]:
    decided: list[CampaignDecision | None] = [standing.acceptance for standing in recipients]
    makers = {standing.latest.made_by for standing in recipients} | {each.latest.made_by for each in institutions}
    return makers | {decision.by for decision in decided if decision is not None}


def _recipient(standing: RecipientStanding, people: dict[str, Colleague]) -> RecipientShown:
    acceptance, latest = standing.acceptance, standing.latest
    proposal = None
    if standing.waits or standing.is_refused:
        found = () if latest.is_removed else changes_between(standing.accepted, latest)
        changes = tuple(Changed(each.label, each.before, each.after) for each in found)
        proposal = ProposalShown(
            latest.public_id, standing.kind.value, latest.contact.called, changes, people.get(latest.made_by),
            latest.made_at, standing.is_refused,
        )  # fmt: skip
    return RecipientShown(standing, people.get(acceptance.by) if acceptance else None, proposal)


def _renaming(standing: InstitutionStanding | None, people: dict[str, Colleague]) -> ProposalShown | None:
    if standing is None or not (standing.waits or standing.is_refused):
        return None
    after = standing.latest
    changes = facts_changed(standing.accepted, after, str(get_locale() or "en"))
    return ProposalShown(
        after.public_id, "renamed", after.name, changes, people.get(after.made_by), after.made_at, standing.is_refused
    )
