"""The manifest: one list of SHA-256s over everything that is handed over; approvals are given to its hash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.appeals.histories import RecipientHistory, histories_of
from app.appeals.models import Appeal
from app.appeals.queries import LetterRow, content_of, documents_of, frozen_letter, letters_of, sha256_of
from app.base.ports import ports_of
from app.base.sealing import blind_index
from app.institutions.groups import groups_by_id
from app.institutions.proposals import accepted_recipients
from app.institutions.versions import OpenedVersion, RecipientContact
from app.statements.chosen import choices_of, chosen_recipients
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
    if groups := list(_groups(session, appeal)):
        listed["groups"] = groups
    return json.dumps(listed, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"


def is_unchanged(session: Session, appeal: Appeal, *, reading_bytes: bool = True) -> bool:
    """Tell whether an appeal, its recipients included, is what was frozen."""
    now = manifest_now(session, appeal, reading_bytes=reading_bytes)
    return now == appeal.manifest and sha256_of(now) == appeal.manifest_sha256


def recipients_now(session: Session, version_id: int) -> list[tuple[str, OpenedVersion]]:
    """Return everybody to be written to, as the campaign accepted them last, with the institution's name.

    Where groups of an institution were chosen, it is who was in one of them then.

    They come by institution, then as they were added. What others have made of a recipient since is a proposal.
    """
    institutions = addressees_of(session, version_id)
    campaign_id = session.scalars(
        select(Statement.campaign_id)
        .join(Version, Version.statement_id == Statement.id)
        .where(Version.id == version_id)
    ).one()
    accepted = accepted_recipients(session, campaign_id, [row.institution_id for row in institutions])
    chosen = chosen_recipients(session, version_id)
    return [
        (institution.name, version)
        for institution in institutions
        for version in accepted
        if version.institution_id == institution.institution_id
        and version.contact.recipient_id in chosen.get(version.institution_id, {version.contact.recipient_id})
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
    present = {
        version.contact.public_id: (name, version.contact)
        for name, version in recipients_now(session, appeal.version_id)
    }
    letters = letters_of(session, appeal.id, PURPOSE)
    histories = histories_of(session, appeal, letters)
    for letter in letters:
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
            **_history(histories.get(letter.public_id)),
        }
    for public_id, (name, _contact) in present.items():
        yield {"recipient": public_id, "institution": name, "sha256": None}


def _groups(session: Session, appeal: Appeal) -> Iterator[dict[str, Any]]:
    """Yield the groups that narrowed whom the letters go to, as they were chosen; appeals to everybody have none."""
    choices = choices_of(session, appeal.version_id)
    groups = {group.id: group for group in groups_by_id(session, [choice.group_id for choice in choices])}
    called = {row.institution_id: row.name for row in addressees_of(session, appeal.version_id)}
    for choice in choices:
        group = groups[choice.group_id]
        yield {
            "institution": called.get(choice.institution_id, ""),
            "kind": group.kind.value,
            "group": group.name,
            "recipients": len(choice.recipients),
            **_deed(choice.chosen_by, choice.chosen_at),
        }


def _history(history: RecipientHistory | None) -> dict[str, Any]:
    """Say which version of the recipient a letter goes to, who accepted it, and what changed; no address is in it."""
    if history is None:
        return {}
    return {
        "recipient_version": history.version.number,
        "recipient_accepted": _deed(history.acceptance.by, history.acceptance.at) if history.acceptance else None,
        "recipient_changes": [
            {"version": step.version.number, "parts": [change.part.value for change in step.changes]}
            | _deed(step.version.made_by, step.version.made_at)
            for step in history.steps
        ],
    }


def _deed(by: str, at: datetime) -> dict[str, str]:
    return {"by": by, "at": at.isoformat()}


def _mark(session: Session, letter: LetterRow, contact: RecipientContact | None) -> str | None:
    """Return a keyed digest of how a recipient is addressed and where the envelope goes; None once they are gone."""
    if contact is None:
        return None
    facts = json.dumps([asdict(contact), letter.to_address], ensure_ascii=False, sort_keys=True)
    return blind_index(session, "appeal recipient", facts).hex()
