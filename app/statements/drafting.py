"""Write a draft: its text in each language, its addressees and annexes. Everything is refused once it is frozen.

Every change first takes the draft's row while it isn't frozen, so that a save and an opening never overlap.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import Select, delete, exists, insert, select, update
from sqlalchemy.orm import Session

from app.audit.actions import record
from app.base import clock
from app.base.identifiers import new_public_id
from app.base.locales import STATEMENT_LANGUAGES, gettext as _
from app.base.rows import has_changed
from app.base.sealing import seal_bytes
from app.institutions.decisions import use_institutions
from app.institutions.models import Institution, RecipientGroup
from app.statements import queries
from app.statements.enclosures import annex_place
from app.statements.models import (
    ANNEX_WORDS,
    TEXT_WORDS,
    Addressee,
    Annex,
    AnnexKind,
    ChosenGroup,
    ChosenRecipient,
    Statement,
    Version,
    VersionText,
)
from app.statements.states import (
    AddresseeGone,
    AnnexRefused,
    LanguageRefused,
    NoSuchText,
    StatementState,
    TextChangedMeanwhile,
    VersionFrozen,
)

MOST_ANNEXES = 20
MOST_ADDRESSEES = 50
ANNEX_PAD_TO = 64 * 1024


@dataclass(frozen=True)
class DraftText:
    """A text in one language as an editor typed it."""

    title: str
    summary: str = ""
    body: str = ""
    demands: tuple[str, ...] = ()


@dataclass(frozen=True)
class NewAnnex:
    """A document to add: its bytes, checked when they were taken in, and for a PDF its pages."""

    kind: AnnexKind
    language: str
    title: str
    filename: str
    content: bytes
    pages: int | None = None


def save_draft(
    session: Session, actor: str, statement: Statement, language: str, draft: DraftText, seen_revision: int
) -> int:
    """Save a text over the revision that its editor saw, and return the new revision.

    Raises TextChangedMeanwhile where somebody else saved since; saving what is saved already does nothing.
    """
    version_id = hold_draft(session, statement)
    text = queries.text_of(session, version_id, language)
    if draft_of(text) == draft:
        return text.revision
    saved = session.execute(
        update(VersionText)
        .where(VersionText.id == text.id, VersionText.revision == seen_revision)
        .values(
            **TEXT_WORDS.sealed(session, text.id, asdict(draft)),
            revision=seen_revision + 1, saved_by=actor, saved_at=clock.now(),
        ),
        execution_options={"synchronize_session": False},
    )  # fmt: skip
    if not has_changed(saved):
        raise TextChangedMeanwhile
    _record(session, actor, "statement.text_saved", statement, language=language, revision=seen_revision + 1)
    return seen_revision + 1


def draft_of(text: queries.WrittenText) -> DraftText:
    """Return a saved text as an editor would type it."""
    return DraftText(text.title, text.summary, text.body, text.demands)


def begin_text(session: Session, actor: str, version_id: int, language: str, title: str) -> None:
    """Begin a text with nothing but its title; its envelope is bound to the row, which must be there first."""
    text = VersionText(version_id=version_id, language=language, title="", saved_by=actor, saved_at=clock.now())
    session.add(text)
    session.flush()
    sealed = TEXT_WORDS.sealed(session, text.id, asdict(DraftText(title)))
    session.execute(update(VersionText).where(VersionText.id == text.id).values(sealed))


def add_language(session: Session, actor: str, statement: Statement, language: str, title: str = "") -> None:
    """Add an empty text in another language. Adding one that is there does nothing."""
    if language not in STATEMENT_LANGUAGES:
        raise LanguageRefused(_("Choose one of the languages in the list."))
    version_id = hold_draft(session, statement)
    if language in {row.language for row in queries.languages_of(session, version_id)}:
        return
    begin_text(session, actor, version_id, language, title)
    _record(session, actor, "statement.language_added", statement, language=language)


def remove_language(session: Session, actor: str, statement: Statement, language: str) -> None:
    """Remove a text with its demands; never the authoritative one."""
    version_id = hold_draft(session, statement)
    if language == statement.language:
        raise LanguageRefused(_("This is the authoritative language. Make another one authoritative first."))
    removed = session.execute(
        delete(VersionText).where(VersionText.version_id == version_id, VersionText.language == language),
        execution_options={"synchronize_session": False},
    )
    if not has_changed(removed):
        raise NoSuchText(language)
    _record(session, actor, "statement.language_removed", statement, language=language)


def set_addressees(session: Session, actor: str, statement: Statement, institutions: Sequence[str]) -> None:
    """Address a draft to institutions, by their public ids in the order of the letterhead.

    The campaign uses them from then on, under the name they have now; whom it writes to there, it decides apart.
    """
    version_id = hold_draft(session, statement)
    wanted = list(dict.fromkeys(institutions))
    rows = session.execute(select(Institution.public_id, Institution.id).where(Institution.public_id.in_(wanted)))
    ids = {row.public_id: row.id for row in rows}
    if len(ids) != len(wanted) or len(wanted) > MOST_ADDRESSEES:
        raise AddresseeGone
    session.execute(delete(Addressee).where(Addressee.version_id == version_id))
    forget_groups(session, version_id, *ids.values())
    if wanted:
        session.execute(
            insert(Addressee),
            [
                {"version_id": version_id, "institution_id": ids[public_id], "position": position}
                for position, public_id in enumerate(wanted)
            ],
        )
    use_institutions(session, actor, statement.campaign_id, [ids[public_id] for public_id in wanted])
    _record(session, actor, "statement.addressees_set", statement, institutions=" ".join(wanted))


def forget_groups(session: Session, version_id: int, *kept: int) -> None:
    """Take back what groups were chosen, but for these institutions (row ids): all there are written to."""
    there = select(RecipientGroup.id).where(RecipientGroup.institution_id.not_in(kept))
    _forget(session, version_id, there)


def forget_groups_at(session: Session, version_id: int, institution_id: int) -> None:
    """Take back what groups were chosen at an institution."""
    _forget(session, version_id, select(RecipientGroup.id).where(RecipientGroup.institution_id == institution_id))


def _forget(session: Session, version_id: int, groups: Select[int]) -> None:
    mine = select(ChosenGroup.id).where(ChosenGroup.version_id == version_id, ChosenGroup.group_id.in_(groups))
    quietly = {"synchronize_session": False}
    chosen = delete(ChosenRecipient).where(ChosenRecipient.chosen_group_id.in_(mine))
    session.execute(chosen, execution_options=quietly)
    session.execute(delete(ChosenGroup).where(ChosenGroup.id.in_(mine)), execution_options=quietly)


def add_annex(session: Session, actor: str, statement: Statement, new: NewAnnex) -> queries.AnnexRow:
    """Add a document at the end of a draft's annexes. The same bytes twice are one annex."""
    version_id = hold_draft(session, statement)
    rows = queries.annexes_of(session, version_id)
    sha256 = hashlib.sha256(new.content).hexdigest()
    for row in rows:
        if row.sha256 == sha256 and row.language == new.language:
            raise AnnexRefused(
                _("This document is annexed already, as “%(title)s”. Nothing was added.", title=row.title)
            )
    if len(rows) >= MOST_ANNEXES:
        raise AnnexRefused(_("A statement has at most %(most)s annexes. Remove one first.", most=MOST_ANNEXES))
    filename = _free_filename(new.filename, {row.filename for row in rows})
    public_id = new_public_id()
    annex = Annex(
        public_id=public_id, version_id=version_id, language=new.language, kind=new.kind, position=len(rows),
        **_sealed_annex(session, public_id, new, filename),
    )  # fmt: skip
    session.add(annex)
    session.flush()
    _record(session, actor, "statement.annex_added", statement, annex=public_id, sha256=sha256)
    return queries.annex_of(session, version_id, public_id)


def change_annex(
    session: Session, actor: str, statement: Statement, public_id: str, new: NewAnnex, seen_sha256: str
) -> None:
    """Change an annex's title, language and, where it was written here, its text.

    Raises TextChangedMeanwhile where its content is no longer the one that its editor saw.
    """
    version_id = hold_draft(session, statement)
    annex = queries.annex_of(session, version_id, public_id)
    sha256 = hashlib.sha256(new.content).hexdigest()
    if annex.sha256 not in (seen_sha256, sha256):
        raise TextChangedMeanwhile
    session.execute(
        update(Annex)
        .where(Annex.id == annex.id)
        .values(language=new.language, **_sealed_annex(session, public_id, new, annex.filename, annex.pages)),
        execution_options={"synchronize_session": False},
    )
    _record(session, actor, "statement.annex_changed", statement, annex=public_id, sha256=sha256)


def remove_annex(session: Session, actor: str, statement: Statement, public_id: str) -> None:
    """Remove a document; the others close ranks. Raises NoSuchAnnex."""
    version_id = hold_draft(session, statement)
    annex = queries.annex_of(session, version_id, public_id)
    session.execute(delete(Annex).where(Annex.id == annex.id))
    rows = queries.annexes_of(session, version_id)
    _place(session, [row.id for row in rows])
    _record(session, actor, "statement.annex_removed", statement, annex=public_id, sha256=annex.sha256)


def move_annex(session: Session, actor: str, statement: Statement, public_id: str, places: int) -> None:
    """Move a document up (-1) or down (1) in the list; at its end nothing happens."""
    version_id = hold_draft(session, statement)
    queries.annex_of(session, version_id, public_id)
    rows = queries.annexes_of(session, version_id)
    order = [row.id for row in rows]
    at = [row.public_id for row in rows].index(public_id)
    to = min(max(at + places, 0), len(order) - 1)
    if to == at:
        return
    order.insert(to, order.pop(at))
    _place(session, order)
    _record(session, actor, "statement.annex_moved", statement, annex=public_id, position=to)


def hold_draft(session: Session, statement: Statement) -> int:
    """Take the draft's row until this transaction ends, and return its id; raises VersionFrozen.

    The update changes nothing: it meets its condition only while the version is a draft, and makes an opening wait.
    """
    drafting = exists().where(Statement.id == Version.statement_id, Statement.state == StatementState.DRAFTING)
    held = session.execute(
        update(Version)
        .where(Version.statement_id == statement.id, Version.frozen_at.is_(None), drafting)
        .values(frozen_at=None)
        .returning(Version.id),
        execution_options={"synchronize_session": False},
    ).scalar_one_or_none()
    if held is None:
        raise VersionFrozen
    # What was loaded before the row was taken may be old by now.
    session.refresh(statement)
    return held


def _sealed_annex(
    session: Session, public_id: str, new: NewAnnex, filename: str, pages: int | None = None
) -> dict[str, Any]:
    """Return the columns of an annex that is not published, which say neither its size nor its hash."""
    words = {
        "title": new.title,
        "filename": filename,
        "size": len(new.content),
        "pages": new.pages if new.pages is not None else pages,
        "sha256": hashlib.sha256(new.content).hexdigest(),
    }
    content = seal_bytes(session, annex_place(public_id), new.content, pad_to=ANNEX_PAD_TO)
    return {**ANNEX_WORDS.sealed(session, public_id, words), "content": b"", "content_sealed": content}


def _place(session: Session, annex_ids: Sequence[int]) -> None:
    for position, annex_id in enumerate(annex_ids):
        session.execute(
            update(Annex).where(Annex.id == annex_id).values(position=position),
            execution_options={"synchronize_session": False},
        )


def _free_filename(filename: str, taken: set[str]) -> str:
    """Tell documents of one name apart, so that an archive or a mail holds them side by side."""
    path, number = PurePosixPath(filename), 2
    while filename in taken:
        filename = f"{path.stem}-{number}{path.suffix}"
        number += 1
    return filename


def _record(session: Session, actor: str, action: str, statement: Statement, **detail: str | int | None) -> None:
    record(session, actor, action, statement.public_id, queries.campaign_public_id(session, statement), **detail)
