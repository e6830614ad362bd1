"""The manifest: one list of SHA-256s over everything that is handed over; approvals are given to its hash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.appeals.models import Appeal
from app.appeals.queries import LetterRow, content_of, documents_of, frozen_letter, letters_of, sha256_of
from app.base.ports import ports_of
from app.base.sealing import blind_index
from app.institutions.models import Institution, Recipient
from app.institutions.queries import RecipientContact, contacts
from app.statements.models import Statement, Version
from app.statements.queries import addressees_of, languages_of

FORMAT = "undersigned appeal 1"
PURPOSE = "manifest of an appeal"


def manifest_now(session: Session, appeal: Appeal, *, reading_bytes: bool = True) -> bytes:
    """Return the manifest of what is stored now; it equals the appeal's own as long as nothing was changed.

    With `reading_bytes` every document and letter is hashed again; without, the stored hashes are believed, which is
    enough to tell an organiser that a recipient was corrected.
    """
    slug, version = session.execute(
        select(Statement.slug, Version.number)
        .join(Version, Version.statement_id == Statement.id)
        .where(Statement.id == appeal.statement_id, Version.id == appeal.version_id)
    ).one()
    listed = {
        "format": FORMAT,
        "statement": slug,
        "version": version,
        "appeal": appeal.number,
        "assembled_at": appeal.assembled_at.isoformat(),
        "one_person_organisation": bool(ports_of(session).one_person),
        "texts": {row.language: row.sha256 for row in languages_of(session, appeal.version_id)},
        "documents": list(_documents(session, appeal, reading_bytes=reading_bytes)),
        "letters": list(_letters(session, appeal, reading_bytes=reading_bytes)),
    }
    return json.dumps(listed, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"


def is_unchanged(session: Session, appeal: Appeal, *, reading_bytes: bool = True) -> bool:
    """Tell whether an appeal, its recipients included, is what was frozen."""
    now = manifest_now(session, appeal, reading_bytes=reading_bytes)
    return now == appeal.manifest and sha256_of(now) == appeal.manifest_sha256


def present_recipients(session: Session, version_id: int) -> list[tuple[str, RecipientContact]]:
    """Return everybody to be written to, with the institution's name: by institution, then as they were added."""
    institutions = addressees_of(session, version_id)
    rows = session.execute(
        select(Recipient, Institution.id)
        .join(Institution, Institution.id == Recipient.institution_id)
        .where(Institution.id.in_([row.institution_id for row in institutions]), Recipient.removed_at.is_(None))
        .order_by(Recipient.id)
        .execution_options(populate_existing=True)
    ).all()
    opened = contacts(session, [row[0] for row in rows], "letters of an appeal")
    by_institution = [(row[1], contact) for row, contact in zip(rows, opened, strict=True)]
    return [
        (institution.name, contact)
        for institution in institutions
        for number, contact in by_institution
        if number == institution.institution_id
    ]


def _documents(session: Session, appeal: Appeal, *, reading_bytes: bool) -> Iterator[dict[str, Any]]:
    for row in documents_of(session, appeal.id):
        content = content_of(session, row, PURPOSE) if reading_bytes else None
        yield {
            "filename": row.filename,
            "title": row.title,
            "language": row.language,
            "audience": row.audience.value,
            "is_annex": row.is_annex,
            "size": row.size if content is None else len(content),
            "sha256": row.sha256 if content is None else sha256_of(content),
        }


def _letters(session: Session, appeal: Appeal, *, reading_bytes: bool) -> Iterator[dict[str, Any]]:
    """Yield the letters, and recipients who should get one and have none: both ways a change of recipients shows."""
    present = {contact.public_id: (name, contact) for name, contact in present_recipients(session, appeal.version_id)}
    for letter in letters_of(session, appeal.id, PURPOSE):
        _name, contact = present.pop(letter.recipient, ("", None))
        digest = letter.sha256
        if reading_bytes:
            digest = sha256_of(frozen_letter(session, letter.public_id, PURPOSE).message)
        yield {
            "recipient": letter.recipient,
            "recipient_mark": _mark(session, letter, contact),
            "institution": letter.institution,
            "language": letter.language,
            "message_id": letter.message_id,
            "sha256": digest,
        }
    for public_id, (name, _contact) in present.items():
        yield {"recipient": public_id, "institution": name, "sha256": None}


def _mark(session: Session, letter: LetterRow, contact: RecipientContact | None) -> str | None:
    """Return a keyed digest of how a recipient is addressed and where the envelope goes; None once they are gone."""
    if contact is None:
        return None
    facts = json.dumps([asdict(contact), letter.to_address], ensure_ascii=False, sort_keys=True)
    return blind_index(session, "appeal recipient", facts).hex()
