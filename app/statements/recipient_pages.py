"""The desk's page of whom a statement's letters go to: what the campaign accepted, and what is proposed to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from sqlalchemy.orm import Session

from app.base.edge import flash_notice, reading, see_other, writing
from app.base.locales import gettext as _, ngettext, page_language
from app.base.saving import saved, status_of
from app.campaigns.queries import Colleague, colleagues
from app.campaigns.states import WRITERS, Capability, RoleTooNarrow
from app.institutions.decisions import accept_many, decide
from app.institutions.history import Changed, facts_changed
from app.institutions.proposals import (
    CampaignDecision,
    InstitutionStanding,
    ProposalKind,
    RecipientStanding,
    institution_standings,
    recipient_standings,
)
from app.institutions.versions import changes_between
from app.statements import queries
from app.statements.chosen import ChoiceShown, choices_shown, chosen_recipients
from app.statements.desk import Entered, blueprint, entered, here, posted, sees_recipients
from app.statements.enclosures import AddressedTo
from app.statements.forms import DecisionForm
from app.statements.states import UNSENT

_PAGE_ROWS = 50


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
    chosen: tuple[ChoiceShown, ...]
    outside: int  # recipients there who are in no chosen group, and so not listed


@dataclass(frozen=True)
class RecipientsPage:
    """Some of a statement's recipients by institution, what waits first, and the new ones to be accepted at once."""

    institutions: tuple[InstitutionShown, ...]
    total: int
    written: int
    first: int
    last: int
    new_here: tuple[str, ...]
    new_own: tuple[str, ...]
    next_url: str
    first_url: str


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
        shown=_shown(session, found),
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


@blueprint.post("/statements/<statement>/recipients/accept")
def accept_recipients(statement: str) -> ResponseReturnValue:
    """Accept several new recipients at once: those that the page showed, or those that the organiser entered."""
    with writing() as session:
        found = entered(session, statement, Capability.VIEW)
        _check_role(found)
        addressed = [row.institution_id for row in queries.addressees_of(session, found.version.id)]
        versions = set(request.form.get("versions", "").split())
        accepted = accept_many(session, found.actor, found.access.campaign.id, addressed, versions)
    flash_notice(ngettext("%(num)s recipient is accepted.", "%(num)s recipients are accepted.", accepted))
    if accepted < len(versions):
        flash_notice(_("The others were changed meanwhile, or their address is taken. Look at them again."))
    return see_other(".list_recipients", statement=statement)


def _shown(session: Session, found: Entered) -> RecipientsPage:
    """Return a page of the recipients: what waits for the campaign comes first."""
    addressed = queries.addressees_of(session, found.version.id)
    ids, campaign_id = [row.institution_id for row in addressed], found.access.campaign.id
    order = {institution_id: position for position, institution_id in enumerate(ids)}
    standings = recipient_standings(session, campaign_id, ids)
    chosen = chosen_recipients(session, found.version.id)
    meant = [each for each in standings if _is_meant(each, chosen)]
    meant.sort(key=lambda each: (order[each.latest.institution_id], not each.waits))
    start = _start(len(meant))
    page = meant[start : start + _PAGE_ROWS]
    new = {each.latest.public_id: each for each in meant if each.waits and each.kind is ProposalKind.ADDED}
    outside = Counter(each.latest.institution_id for each in standings if not _is_meant(each, chosen))
    here_url = partial(url_for, ".list_recipients", statement=found.statement.public_id)
    return RecipientsPage(
        institutions=tuple(_institutions(session, found, addressed, page, outside, is_first=start == 0)),
        total=len(meant),
        written=sum(1 for each in meant if each.is_written_to),
        first=start + 1,
        last=start + len(page),
        new_here=tuple(each.latest.public_id for each in page if each.latest.public_id in new),
        new_own=tuple(each.latest.public_id for each in new.values() if each.latest.made_by == found.actor),
        next_url=here_url(start=start + _PAGE_ROWS) if start + _PAGE_ROWS < len(meant) else "",
        first_url=here_url() if start else "",
    )


def _is_meant(standing: RecipientStanding, chosen: Mapping[int, frozenset[int]]) -> bool:
    mine = standing.latest.contact.recipient_id
    return mine in chosen.get(standing.latest.institution_id, {mine})


def _start(number: int) -> int:
    given = request.args.get("start", "0")
    start = int(given) if given.isascii() and given.isdigit() and len(given) < 9 else 0
    return start if start < number else 0


def _institutions(
    session: Session,
    found: Entered,
    addressed: Sequence[AddressedTo],
    page: Sequence[RecipientStanding],
    outside: Mapping[int, int],
    *,
    is_first: bool,
) -> Iterator[InstitutionShown]:
    """Yield the institutions that have somebody on this page; those with nobody stand on the first."""
    campaign_id = found.access.campaign.id
    institutions = institution_standings(session, campaign_id, [row.institution_id for row in addressed])
    people = colleagues(session, campaign_id, _actors(page, institutions.values()))
    chosen = choices_shown(session, campaign_id, found.version.id, page_language())
    listed = {each.latest.institution_id for each in page}
    for row in addressed:
        mine = [each for each in page if each.latest.institution_id == row.institution_id]
        if row.institution_id in listed or is_first:
            yield InstitutionShown(
                row.public_id,
                row.name,
                _renaming(institutions.get(row.institution_id), people),
                tuple(_recipient(standing, people) for standing in mine),
                tuple(each for each in chosen if each.institution_id == row.institution_id),
                outside.get(row.institution_id, 0),
            )


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
