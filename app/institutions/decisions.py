"""What a campaign decides about institutions and recipients: use them, accept what is proposed, or refuse it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit.actions import record, record_many
from app.base import clock
from app.base.addresses import canonical, is_same
from app.base.rows import has_changed, insert_into, portions
from app.campaigns.models import Campaign
from app.institutions.models import (
    Institution,
    InstitutionDecision,
    InstitutionVersion,
    Recipient,
    RecipientDecision,
    RecipientVersion,
)
from app.institutions.proposals import accepted_recipients, institution_standings
from app.institutions.states import AddressTwice, NothingProposed, ProposalOutdated
from app.institutions.versions import OpenedVersion, is_latest, versions_of

Version = RecipientVersion | InstitutionVersion
_PURPOSE = "decision about a recipient"


def use_institutions(session: Session, actor: str, campaign_id: int, institution_ids: Sequence[int]) -> None:
    """Let a campaign use institutions under the names they have now; those that it uses already keep theirs.

    Nobody there is accepted by this: each recipient is looked at before a letter goes to it.
    """
    used = institution_standings(session, campaign_id, institution_ids)
    for institution_id in institution_ids:
        if institution_id not in used:
            latest = session.scalars(
                select(InstitutionVersion)
                .where(InstitutionVersion.institution_id == institution_id)
                .order_by(InstitutionVersion.number.desc())
                .limit(1)
            ).one()
            _decide(session, actor, campaign_id, latest, is_accepted=True)


def decide(
    session: Session, actor: str, campaign_id: int, institution_ids: Sequence[int], version: str, *, accept: bool
) -> None:
    """Accept or refuse a proposed version (public id) for a campaign; deciding the same again changes nothing.

    `institution_ids` are those that the organiser has before them. Raises NothingProposed for what belongs to none of
    them, ProposalOutdated where the version is no longer the latest, and AddressTwice where two letters would go to one
    address.
    """
    hold_decisions(session, campaign_id)
    found = _recipient_version(session, version) or _institution_version(session, version)
    if found is None or _institution_of(session, found) not in institution_ids:
        raise NothingProposed
    if found.number != _latest_number(session, found):
        raise ProposalOutdated
    if accept and isinstance(found, RecipientVersion):
        _check_twice(session, campaign_id, found)
    if _decide(session, actor, campaign_id, found, is_accepted=accept):
        campaign = session.scalar(select(Campaign.public_id).where(Campaign.id == campaign_id))
        what = "recipient" if isinstance(found, RecipientVersion) else "institution"
        action = f"{what}.{'accepted' if accept else 'refused'}"
        record(session, actor, action, _subject(session, found), campaign, number=found.number)


def accept_own(session: Session, actor: str, version: Version | None, campaign_ids: Sequence[int]) -> None:
    """Accept a change that the organiser has just made for those of their campaigns that they named."""
    if version is None:
        return
    for campaign_id in campaign_ids:
        institution_id = _institution_of(session, version)
        decide(session, actor, campaign_id, [institution_id], version.public_id, accept=True)


def accept_own_many(
    session: Session, actor: str, versions: Sequence[RecipientVersion], campaign_ids: Sequence[int]
) -> None:
    """Accept changes of one institution's recipients that the organiser has just made for campaigns they named."""
    if versions:
        institution_id = _institution_of(session, versions[0])
        for campaign_id in campaign_ids:
            accept_many(session, actor, campaign_id, [institution_id], [each.public_id for each in versions])


def accept_many(
    session: Session, actor: str, campaign_id: int, institution_ids: Sequence[int], versions: Collection[str]
) -> int:
    """Accept proposed versions of recipients (public ids) for a campaign, and return how many of them are accepted.

    What is outdated, of another institution, or would send a second letter to one address waits on.
    """
    hold_decisions(session, campaign_id)
    latest = versions_of(session, Recipient.institution_id.in_(institution_ids) & is_latest(), _PURPOSE)
    written = {
        (each.institution_id, canonical(each.contact.email)): each.contact.recipient_id
        for each in accepted_recipients(session, campaign_id, institution_ids)
    }
    accepted: list[OpenedVersion] = []
    for each in latest:
        mine, address = each.contact.recipient_id, (each.institution_id, canonical(each.contact.email))
        if each.public_id in versions and (each.is_removed or written.setdefault(address, mine) == mine):
            accepted.append(each)
    _accept_all(session, actor, campaign_id, accepted)
    return len(accepted)


def _accept_all(session: Session, actor: str, campaign_id: int, versions: Sequence[OpenedVersion]) -> None:
    """Write that versions are accepted; those that are already stay as they were decided."""
    known = select(RecipientDecision.version_id).where(
        RecipientDecision.campaign_id == campaign_id, RecipientDecision.is_accepted
    )
    before = set(session.scalars(known))
    new = [each for each in versions if each.id not in before]
    values = {"is_accepted": True, "decided_by": actor, "decided_at": clock.now()}
    once = [RecipientDecision.campaign_id, RecipientDecision.version_id]
    for part in portions(new, 150):
        rows = [{"campaign_id": campaign_id, "version_id": each.id, **values} for each in part]
        insert = insert_into(session, RecipientDecision).values(rows)
        session.execute(insert.on_conflict_do_update(index_elements=once, set_=values))
    campaign = session.scalar(select(Campaign.public_id).where(Campaign.id == campaign_id))
    for number in sorted({each.number for each in new}):
        subjects = [each.contact.public_id for each in new if each.number == number]
        record_many(session, actor, "recipient.accepted", subjects, campaign, number=number)


def hold_decisions(session: Session, campaign_id: int) -> None:
    """Let a campaign's decisions and the freezing of its letters happen one after the other."""
    session.execute(select(Campaign.id).where(Campaign.id == campaign_id).with_for_update())


def _decide(session: Session, actor: str, campaign_id: int, version: Version, *, is_accepted: bool) -> bool:
    """Write a decision; tell whether it is new. What was accepted stays so: going back is a change of its own."""
    table = RecipientDecision if isinstance(version, RecipientVersion) else InstitutionDecision
    values = {"is_accepted": is_accepted, "decided_by": actor, "decided_at": clock.now()}
    row = insert_into(session, table).values(campaign_id=campaign_id, version_id=version.id, **values)
    once = [table.campaign_id, table.version_id]
    if is_accepted:
        row = row.on_conflict_do_update(index_elements=once, set_=values, where=table.is_accepted.is_(False))
        return has_changed(session.execute(row))
    return has_changed(session.execute(row.on_conflict_do_nothing(index_elements=once)))


def _recipient_version(session: Session, public_id: str) -> RecipientVersion | None:
    return session.scalar(select(RecipientVersion).where(RecipientVersion.public_id == public_id))


def _institution_version(session: Session, public_id: str) -> InstitutionVersion | None:
    return session.scalar(select(InstitutionVersion).where(InstitutionVersion.public_id == public_id))


def _institution_of(session: Session, version: Version) -> int:
    if isinstance(version, InstitutionVersion):
        return version.institution_id
    return session.scalars(select(Recipient.institution_id).where(Recipient.id == version.recipient_id)).one()


def _latest_number(session: Session, version: Version) -> int | None:
    if isinstance(version, InstitutionVersion):
        of_it = InstitutionVersion.institution_id == version.institution_id
        return session.scalar(select(func.max(InstitutionVersion.number)).where(of_it))
    of_it = RecipientVersion.recipient_id == version.recipient_id
    return session.scalar(select(func.max(RecipientVersion.number)).where(of_it))


def _check_twice(session: Session, campaign_id: int, version: RecipientVersion) -> None:
    if version.is_removed:
        return
    (opened,) = versions_of(session, RecipientVersion.id == version.id, _PURPOSE)
    for other in accepted_recipients(session, campaign_id, [opened.institution_id]):
        is_another = other.contact.recipient_id != opened.contact.recipient_id
        if is_another and is_same(other.contact.email, opened.contact.email):
            raise AddressTwice


def _subject(session: Session, version: Version) -> str:
    if isinstance(version, InstitutionVersion):
        return session.scalars(select(Institution.public_id).where(Institution.id == version.institution_id)).one()
    return session.scalars(select(Recipient.public_id).where(Recipient.id == version.recipient_id)).one()
