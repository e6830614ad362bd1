"""Law 2: a signature names a version and language by hash, so what that hash stands for never changes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.institutions.models import Institution
from app.statements import actions, drafting, queries
from app.statements.canonical import from_bytes
from app.statements.models import AnnexKind, Statement
from app.statements.states import VersionFrozen
from tests.factories.institutions import make_institution
from tests.factories.statements import make_annex, make_statement

ACTOR = "owner"
OTHER = drafting.DraftText("Something else", "", "Nobody signed this.", ("Do another thing.",))
OTHER_ANNEX = drafting.NewAnnex(AnnexKind.MARKDOWN, "en", "Another report", "other.md", b"other\n")
# Every way in which a part of a version could be changed; each is tried on a statement that people can sign.
ATTEMPTS: dict[str, Callable[[Session, Statement, str], Any]] = {
    "text": lambda session, it, _annex: drafting.save_draft(session, ACTOR, it, "en", OTHER, 2),
    "another language": lambda session, it, _annex: drafting.add_language(session, ACTOR, it, "fr", "Titre"),
    "one language less": lambda session, it, _annex: drafting.remove_language(session, ACTOR, it, "uk"),
    "addressees": lambda session, it, _annex: drafting.set_addressees(session, ACTOR, it, []),
    "another annex": lambda session, it, _annex: drafting.add_annex(session, ACTOR, it, OTHER_ANNEX),
    "annex": lambda session, it, annex: drafting.change_annex(
        session, ACTOR, it, annex, OTHER_ANNEX, hashlib.sha256(b"").hexdigest()
    ),
    "one annex less": lambda session, it, annex: drafting.remove_annex(session, ACTOR, it, annex),
    "order of annexes": lambda session, it, annex: drafting.move_annex(session, ACTOR, it, annex, 1),
}


def _signable(session: Session) -> tuple[Statement, str]:
    statement = make_statement(session, opened=False)
    drafting.add_language(session, ACTOR, statement, "uk")
    text = drafting.DraftText("Зупиніть", "", "Ми, що підписалися.", ("Перше.", "Друге."))
    drafting.save_draft(session, ACTOR, statement, "uk", text, 1)
    annex = make_annex(session, statement)
    actions.open_statement(session, ACTOR, statement)
    return statement, annex.public_id


def _everything(session: Session, statement: Statement) -> list[object]:
    """Return all that a signature of this statement consents to, as it is stored and as it would be frozen anew."""
    version = queries.version_of(session, statement)
    return [
        [(row.language, row.sha256, row.title) for row in queries.languages_of(session, version.id)],
        [queries.canonical_of(session, version.id, language) for language in ("en", "uk")],
        [drafting.draft_of(queries.text_of(session, version.id, language)) for language in ("en", "uk")],
        queries.addressees_of(session, version.id),
        [(row, queries.annex_content(session, row.id)) for row in queries.annexes_of(session, version.id)],
    ]


@pytest.mark.parametrize("state", ["open", "closed", "delivered", "concluded", "withdrawn"])
@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_nothing_that_was_signed_can_be_changed(session: Session, attempt: str, state: str) -> None:
    statement, annex = _signable(session)
    if state == "withdrawn":
        actions.withdraw(session, ACTOR, statement)
    steps = {"closed": 1, "delivered": 2, "concluded": 3}.get(state, 0)
    for step in (actions.close_statement, actions.mark_delivered, actions.conclude)[:steps]:
        step(session, ACTOR, statement)
    before = _everything(session, statement)
    with pytest.raises(VersionFrozen):
        ATTEMPTS[attempt](session, statement, annex)
    assert _everything(session, statement) == before


def test_every_language_has_a_hash_of_its_own_bytes(session: Session) -> None:
    statement, _annex = _signable(session)
    version = queries.version_of(session, statement)
    hashes = {row.language: row.sha256 for row in queries.languages_of(session, version.id)}
    assert len(set(hashes.values())) == 2
    for language, sha256 in hashes.items():
        assert hashlib.sha256(queries.canonical_of(session, version.id, language)).hexdigest() == sha256


def test_annexes_are_consented_to_by_their_hash(session: Session) -> None:
    statement, _annex = _signable(session)
    version = queries.version_of(session, statement)
    content = from_bytes(queries.canonical_of(session, version.id, "en"))
    stored = [queries.annex_content(session, row.id) for row in queries.annexes_of(session, version.id)]
    assert [annex.sha256 for annex in content.annexes] == [hashlib.sha256(each).hexdigest() for each in stored]


def test_institution_renamed_later_keeps_the_name_that_people_signed(session: Session) -> None:
    ministry = make_institution(session, "Ministry of Justice")
    statement = make_statement(session, institutions=[ministry])
    ministry.name = "Ministry of Something Else"
    session.flush()
    version = queries.version_of(session, statement)
    assert session.scalar(select(Institution.name)) == "Ministry of Something Else"
    assert [row.name for row in queries.addressees_of(session, version.id)] == ["Ministry of Justice"]


def test_settings_of_an_open_statement_leave_its_hash(session: Session) -> None:
    """The slug and the authoritative language are part of what was signed."""
    statement, _annex = _signable(session)
    before, slug = _everything(session, statement), statement.slug
    wanted = actions.StatementSettings(
        statement.kind, "another-slug", "uk", None, "UTC", 10, "Somebody", "somebody@example.org"
    )
    actions.change_settings(session, ACTOR, statement, wanted)
    assert (statement.slug, statement.language) == (slug, "en")
    assert _everything(session, statement) == before
