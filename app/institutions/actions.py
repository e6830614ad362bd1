"""What changes institutions and their recipients: each change is a version that stays, and is in the audit.

A campaign that uses the institution goes on with what it has accepted: see `decisions`.
"""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit.actions import record
from app.base import clock
from app.base.addresses import is_same
from app.base.identifiers import new_public_id
from app.base.sealing import Place, seal
from app.institutions.models import Institution, InstitutionVersion, Recipient, RecipientVersion
from app.institutions.queries import latest_version, likely_double, recipients_of
from app.institutions.states import AddressTwice, InstitutionFacts, LikelyDouble, RecipientFacts, name_key
from app.institutions.versions import version_place


def create_institution(
    session: Session, actor: str, facts: InstitutionFacts, *, is_another: bool = False
) -> Institution:
    """Add a body; raises LikelyDouble unless the organiser said that it is another one."""
    _check_double(session, facts.name, is_another=is_another)
    added = Institution(
        name=facts.name,
        name_key=name_key(facts.name),
        country=facts.country,
        website=facts.website,
        created_at=clock.now(),
    )
    session.add(added)
    session.flush()
    _keep_institution(session, actor, added, facts)
    record(session, actor, "institution.created", added.public_id, name=facts.name)
    return added


def change_institution(
    session: Session, actor: str, institution: Institution, facts: InstitutionFacts, *, is_another: bool = False
) -> InstitutionVersion | None:
    """Change name, country or website, and return the new version; None where nothing differs. Raises LikelyDouble."""
    _lock(session, institution)
    session.refresh(institution)
    if facts == InstitutionFacts(institution.name, institution.country, institution.website):
        return None
    if facts.name != institution.name:
        _check_double(session, facts.name, is_another=is_another, except_id=institution.id)
    before = institution.name
    institution.name, institution.name_key = facts.name, name_key(facts.name)
    institution.country, institution.website = facts.country, facts.website
    record(session, actor, "institution.changed", institution.public_id, name=facts.name, name_before=before)
    return _keep_institution(session, actor, institution, facts)


def add_recipient(session: Session, actor: str, institution: Institution, facts: RecipientFacts) -> RecipientVersion:
    """Add an office or a person who receives what is addressed to an institution; raises AddressTwice."""
    _lock(session, institution)
    _check_address(session, institution, facts.email)
    added = Recipient(
        institution_id=institution.id, contact_sealed=b"", language=facts.language, created_at=clock.now()
    )
    added.contact_sealed = _sealed(session, Place("recipients", "contact_sealed", added.public_id), facts)
    session.add(added)
    session.flush()
    version = RecipientVersion(
        recipient_id=added.id, number=1, language=facts.language, made_by=actor, made_at=added.created_at
    )
    session.add(version)
    session.flush()
    record(session, actor, "recipient.added", added.public_id, institution=institution.public_id)
    return version


def change_recipient(
    session: Session, actor: str, institution: Institution, recipient: Recipient, facts: RecipientFacts
) -> RecipientVersion | None:
    """Correct a recipient, and return the new version; None where nothing differs. Raises AddressTwice."""
    _lock(session, institution)
    before = latest_version(session, recipient, "correction of a recipient").contact
    now = asdict(facts)
    changed = {name: getattr(before, name) for name in now if getattr(before, name) != now[name]}
    if not changed:
        return None
    if "email" in changed:
        _check_address(session, institution, facts.email, except_id=recipient.id)
    detail = {f"{name}_before": value for name, value in changed.items()} | {name: now[name] for name in changed}
    record(session, actor, "recipient.changed", recipient.public_id, None, **detail)
    return _keep_recipient(session, actor, recipient, facts)


def remove_recipient(
    session: Session, actor: str, institution: Institution, recipient: Recipient
) -> RecipientVersion | None:
    """Propose to write to a recipient no longer, and return that version; doing it again changes nothing.

    Past deliveries keep their record.
    """
    _lock(session, institution)
    session.refresh(recipient)
    if recipient.removed_at is not None:
        return None
    recipient.removed_at = clock.now()
    contact = latest_version(session, recipient, "removal of a recipient").contact
    facts = RecipientFacts(contact.office, contact.salutation, contact.email, contact.person, contact.language)
    record(session, actor, "recipient.removed", recipient.public_id, institution=institution.public_id)
    return _keep_recipient(session, actor, recipient, facts, is_removed=True)


def _keep_institution(
    session: Session, actor: str, institution: Institution, facts: InstitutionFacts
) -> InstitutionVersion:
    latest = session.scalar(
        select(func.max(InstitutionVersion.number)).where(InstitutionVersion.institution_id == institution.id)
    )
    version = InstitutionVersion(
        institution_id=institution.id, number=(latest or 0) + 1, made_by=actor, made_at=clock.now(), **asdict(facts)
    )
    session.add(version)
    session.flush()
    return version


def _keep_recipient(
    session: Session, actor: str, recipient: Recipient, facts: RecipientFacts, *, is_removed: bool = False
) -> RecipientVersion:
    latest = session.scalar(
        select(func.max(RecipientVersion.number)).where(RecipientVersion.recipient_id == recipient.id)
    )
    public_id = new_public_id()
    version = RecipientVersion(
        public_id=public_id, recipient_id=recipient.id, number=(latest or 0) + 1, language=facts.language,
        contact_sealed=_sealed(session, version_place(public_id), facts), is_removed=is_removed, made_by=actor,
        made_at=clock.now(),
    )  # fmt: skip
    session.add(version)
    session.flush()
    return version


def _lock(session: Session, institution: Institution) -> None:
    """Let changes of an institution happen one after the other: sealed addresses have no unique key."""
    session.execute(select(Institution.id).where(Institution.id == institution.id).with_for_update())


def _check_double(session: Session, name: str, *, is_another: bool, except_id: int | None = None) -> None:
    found = None if is_another else likely_double(session, name, except_id)
    if found is not None:
        raise LikelyDouble(found)


def _check_address(session: Session, institution: Institution, email: str, except_id: int | None = None) -> None:
    for contact in recipients_of(session, institution):
        if is_same(contact.email, email) and contact.recipient_id != except_id:
            raise AddressTwice


def _sealed(session: Session, place: Place, facts: RecipientFacts) -> bytes:
    contact = {
        "office": facts.office,
        "person": facts.person,
        "salutation": facts.salutation,
        "email": facts.email,
    }
    return seal(session, place, contact)
