"""What changes institutions and their recipients; each change is in the audit, a corrected address with its old one."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.actions import record
from app.base import clock
from app.base.addresses import is_same
from app.base.sealing import Place, seal
from app.institutions.models import Institution, Recipient
from app.institutions.queries import contacts, likely_double, recipients_of
from app.institutions.states import AddressTwice, InstitutionFacts, LikelyDouble, RecipientFacts, name_key


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
    record(session, actor, "institution.created", added.public_id, name=facts.name)
    return added


def change_institution(
    session: Session, actor: str, institution: Institution, facts: InstitutionFacts, *, is_another: bool = False
) -> None:
    """Change name, country or website; raises LikelyDouble."""
    if facts.name != institution.name:
        _check_double(session, facts.name, is_another=is_another, except_id=institution.id)
    before = institution.name
    institution.name, institution.name_key = facts.name, name_key(facts.name)
    institution.country, institution.website = facts.country, facts.website
    record(session, actor, "institution.changed", institution.public_id, name=facts.name, name_before=before)


def add_recipient(session: Session, actor: str, institution: Institution, facts: RecipientFacts) -> Recipient:
    """Add an office or a person who receives what is addressed to an institution; raises AddressTwice."""
    _lock(session, institution)
    _check_address(session, institution, facts.email)
    added = Recipient(
        institution_id=institution.id, contact_sealed=b"", language=facts.language, created_at=clock.now()
    )
    added.contact_sealed = _sealed(session, added, facts)
    session.add(added)
    session.flush()
    record(session, actor, "recipient.added", added.public_id, institution=institution.public_id)
    return added


def change_recipient(
    session: Session, actor: str, institution: Institution, recipient: Recipient, facts: RecipientFacts
) -> None:
    """Correct a recipient; what stood there before stays in the audit, which is sealed. Raises AddressTwice."""
    _lock(session, institution)
    before = contacts(session, [recipient], "correction of a recipient")[0]
    now = asdict(facts)
    changed = {name: getattr(before, name) for name in now if getattr(before, name) != now[name]}
    if not changed:
        return
    if "email" in changed:
        _check_address(session, institution, facts.email, except_id=recipient.id)
    recipient.contact_sealed = _sealed(session, recipient, facts)
    recipient.language = facts.language
    detail = {f"{name}_before": value for name, value in changed.items()} | {name: now[name] for name in changed}
    record(session, actor, "recipient.changed", recipient.public_id, None, **detail)


def remove_recipient(session: Session, actor: str, institution: Institution, recipient: Recipient) -> None:
    """Send nothing new to a recipient; past deliveries keep their record. Doing it again changes nothing."""
    if recipient.removed_at is None:
        recipient.removed_at = clock.now()
        record(session, actor, "recipient.removed", recipient.public_id, institution=institution.public_id)


def _lock(session: Session, institution: Institution) -> None:
    """Let changes of an institution's recipients happen one after the other: sealed addresses have no unique key."""
    session.execute(select(Institution.id).where(Institution.id == institution.id).with_for_update())


def _check_double(session: Session, name: str, *, is_another: bool, except_id: int | None = None) -> None:
    found = None if is_another else likely_double(session, name, except_id)
    if found is not None:
        raise LikelyDouble(found)


def _check_address(session: Session, institution: Institution, email: str, except_id: int | None = None) -> None:
    for contact in recipients_of(session, institution):
        if is_same(contact.email, email) and contact.recipient_id != except_id:
            raise AddressTwice


def _sealed(session: Session, recipient: Recipient, facts: RecipientFacts) -> bytes:
    place = Place("recipients", "contact_sealed", recipient.public_id)
    contact = {
        "office": facts.office,
        "person": facts.person,
        "salutation": facts.salutation,
        "email": facts.email,
    }
    return seal(session, place, contact)
