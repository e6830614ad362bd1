"""What changes institutions and their recipients: each change is a version that stays, and is in the audit.

A campaign that uses the institution goes on with what it has accepted: see `decisions`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit.actions import record, record_many
from app.base import clock
from app.base.addresses import canonical
from app.base.identifiers import new_public_id
from app.base.sealing import Place, seal
from app.institutions.models import Institution, InstitutionVersion, Recipient, RecipientVersion
from app.institutions.queries import latest_version, likely_double, notes_of, notes_place, recipients_of
from app.institutions.states import (
    AddressTwice,
    InstitutionFacts,
    LikelyDouble,
    NoSuchRecipient,
    RecipientFacts,
    name_key,
)
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
    return add_recipients(session, actor, institution, [facts])[0]


def add_recipients(
    session: Session, actor: str, institution: Institution, facts: Sequence[RecipientFacts]
) -> list[RecipientVersion]:
    """Add several offices or persons, in their order; raises AddressTwice, and then nobody is added."""
    _lock(session, institution)
    taken = {canonical(contact.email) for contact in recipients_of(session, institution)}
    for each in facts:
        if canonical(each.email) in taken:
            raise AddressTwice
        taken.add(canonical(each.email))
    added = [_entered(session, institution, each) for each in facts]
    session.add_all(added)
    session.flush()
    versions = [
        RecipientVersion(recipient_id=row.id, number=1, language=row.language, made_by=actor, made_at=row.created_at)
        for row in added
    ]
    session.add_all(versions)
    session.flush()
    record_many(session, actor, "recipient.added", [row.public_id for row in added], institution=institution.public_id)
    return versions


def change_recipient(
    session: Session, actor: str, institution: Institution, recipient: Recipient, facts: RecipientFacts
) -> RecipientVersion | None:
    """Correct a recipient, and return the new version; None where nothing differs. Raises AddressTwice."""
    return next(iter(change_recipients(session, actor, institution, {recipient.id: facts})), None)


def change_recipients(
    session: Session, actor: str, institution: Institution, changes: Mapping[int, RecipientFacts]
) -> list[RecipientVersion]:
    """Correct several recipients (row ids) of an institution, and return a new version of each that differs.

    Raises AddressTwice, and NoSuchRecipient for one who was removed; then nobody is changed.
    """
    _lock(session, institution)
    present = {contact.recipient_id: contact for contact in recipients_of(session, institution)}
    if changes.keys() - present.keys():
        raise NoSuchRecipient
    addresses = {row_id: canonical(contact.email) for row_id, contact in present.items()}
    addresses |= {row_id: canonical(facts.email) for row_id, facts in changes.items()}
    held = Counter(addresses.values())
    versions = []
    for row_id, facts in changes.items():
        before, now = present[row_id], asdict(facts)
        changed = {name: getattr(before, name) for name in now if getattr(before, name) != now[name]}
        if "email" in changed and held[addresses[row_id]] > 1:
            raise AddressTwice
        if changed:
            detail = {f"{name}_before": value for name, value in changed.items()} | {
                name: now[name] for name in changed
            }
            record(session, actor, "recipient.changed", before.public_id, None, **detail)
            versions.append(_keep_recipient(session, actor, row_id, facts))
    return versions


def note_recipient(session: Session, actor: str, recipient: Recipient, notes: str) -> None:
    """Keep what else is known of a recipient: telephone, room, postal address. No letter holds it."""
    if notes_of(session, [recipient]).get(recipient.id, "") == notes:
        return
    recipient.notes_sealed = seal(session, notes_place(recipient.public_id), {"notes": notes}) if notes else None
    record(session, actor, "recipient.noted", recipient.public_id)


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
    return _keep_recipient(session, actor, recipient.id, facts, is_removed=True)


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
    session: Session, actor: str, recipient_id: int, facts: RecipientFacts, *, is_removed: bool = False
) -> RecipientVersion:
    latest = session.scalar(
        select(func.max(RecipientVersion.number)).where(RecipientVersion.recipient_id == recipient_id)
    )
    public_id = new_public_id()
    version = RecipientVersion(
        public_id=public_id, recipient_id=recipient_id, number=(latest or 0) + 1, language=facts.language,
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


def _entered(session: Session, institution: Institution, facts: RecipientFacts) -> Recipient:
    added = Recipient(
        public_id=new_public_id(), institution_id=institution.id, contact_sealed=b"", language=facts.language,
        created_at=clock.now(),
    )  # fmt: skip
    added.contact_sealed = _sealed(session, Place("recipients", "contact_sealed", added.public_id), facts)
    return added


def _sealed(session: Session, place: Place, facts: RecipientFacts) -> bytes:
    contact = {
        "office": facts.office,
        "person": facts.person,
        "salutation": facts.salutation,
        "email": facts.email,
    }
    return seal(session, place, contact)
