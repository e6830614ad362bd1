"""Writing a draft, alone and two at once; what is frozen refuses every change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.audit.queries import history_of
from app.base.database import Database
from app.base.parts import parts_of
from app.statements import drafting, queries
from app.statements.actions import open_statement
from app.statements.drafting import DraftText, NewAnnex
from app.statements.models import AnnexKind, Statement
from app.statements.states import (
    AddresseeGone,
    AnnexRefused,
    LanguageRefused,
    NoSuchAnnex,
    NoSuchText,
    TextChangedMeanwhile,
    VersionFrozen,
)
from tests.factories.institutions import make_institution
from tests.factories.statements import make_annex, make_statement
from tests.statements.races import Race

ACTOR = "editor"
NEW_TEXT = DraftText("Another title", "Another summary", "Another text", ("One demand.",))


def saved(session: Session, statement: Statement, language: str = "en") -> DraftText:
    version = queries.version_of(session, statement)
    return drafting.draft_of(queries.text_of(session, version.id, language))


def annex_titles(session: Session, statement: Statement) -> list[str]:
    return [row.title for row in queries.annexes_of(session, queries.version_of(session, statement).id)]


def test_save_draft_keeps_text_and_demands_in_order(session: Session) -> None:
    statement = make_statement(session, opened=False)
    text = DraftText("Title", "Summary", "Body", ("Third.", "First.", "Second."))
    assert drafting.save_draft(session, ACTOR, statement, "en", text, 2) == 3
    assert saved(session, statement) == text


def test_save_draft_over_an_older_revision_is_refused_and_changes_nothing(session: Session) -> None:
    statement = make_statement(session, opened=False)
    before = saved(session, statement)
    with pytest.raises(TextChangedMeanwhile):
        drafting.save_draft(session, ACTOR, statement, "en", NEW_TEXT, 1)
    assert saved(session, statement) == before


def test_saving_what_is_saved_does_nothing(session: Session) -> None:
    """A double click is no conflict with oneself, and leaves no second audit entry."""
    statement = make_statement(session, opened=False)
    drafting.save_draft(session, ACTOR, statement, "en", NEW_TEXT, 2)
    entries = len(history_of(session, statement.public_id))
    assert drafting.save_draft(session, ACTOR, statement, "en", NEW_TEXT, 2) == 3
    assert len(history_of(session, statement.public_id)) == entries


def test_every_change_leaves_an_audit_entry_without_the_text(session: Session) -> None:
    statement = make_statement(session, opened=False)
    drafting.save_draft(session, ACTOR, statement, "en", NEW_TEXT, 2)
    entry = history_of(session, statement.public_id)[0]
    assert (entry.actor, entry.action) == (ACTOR, "statement.text_saved")
    assert entry.detail == {"language": "en", "revision": 3}


def test_add_language_twice_is_one_language(session: Session) -> None:
    statement = make_statement(session, opened=False)
    drafting.add_language(session, ACTOR, statement, "fa")
    drafting.add_language(session, ACTOR, statement, "fa")
    version = queries.version_of(session, statement)
    assert [row.language for row in queries.languages_of(session, version.id)] == ["en", "fa"]


def test_unknown_language_is_refused(session: Session) -> None:
    with pytest.raises(LanguageRefused):
        drafting.add_language(session, ACTOR, make_statement(session, opened=False), "xx")


def test_remove_language_takes_its_text_and_demands(session: Session) -> None:
    statement = make_statement(session, opened=False)
    drafting.add_language(session, ACTOR, statement, "fa")
    drafting.save_draft(session, ACTOR, statement, "fa", NEW_TEXT, 1)
    drafting.remove_language(session, ACTOR, statement, "fa")
    with pytest.raises(NoSuchText):
        saved(session, statement, "fa")
    with pytest.raises(NoSuchText):
        drafting.remove_language(session, ACTOR, statement, "fa")


def test_authoritative_language_stays(session: Session) -> None:
    with pytest.raises(LanguageRefused):
        drafting.remove_language(session, ACTOR, make_statement(session, opened=False), "en")


def test_set_addressees_keeps_their_order_and_drops_doubles(session: Session) -> None:
    statement = make_statement(session, opened=False)
    one, other = make_institution(session), make_institution(session)
    chosen = [other.public_id, one.public_id, other.public_id]
    drafting.set_addressees(session, ACTOR, statement, chosen)
    version = queries.version_of(session, statement)
    assert [row.name for row in queries.addressees_of(session, version.id)] == [other.name, one.name]


def test_set_addressees_refuses_what_is_no_institution(session: Session) -> None:
    statement = make_statement(session, opened=False)
    with pytest.raises(AddresseeGone):
        drafting.set_addressees(session, ACTOR, statement, ["nonsense"])


def test_annexes_of_one_name_are_told_apart(session: Session) -> None:
    statement = make_statement(session, opened=False)
    make_annex(session, statement)
    make_annex(session, statement)
    version = queries.version_of(session, statement)
    assert [row.filename for row in queries.annexes_of(session, version.id)] == ["report.md", "report-2.md"]


def test_annex_with_the_same_bytes_is_refused(session: Session) -> None:
    statement = make_statement(session, opened=False)
    new = NewAnnex(AnnexKind.MARKDOWN, "en", "Report", "report.md", b"the same\n")
    drafting.add_annex(session, ACTOR, statement, new)
    with pytest.raises(AnnexRefused, match="annexed already"):
        drafting.add_annex(session, ACTOR, statement, new)


def test_annexes_have_a_limit(session: Session) -> None:
    statement = make_statement(session, opened=False)
    for _ in range(drafting.MOST_ANNEXES):
        make_annex(session, statement)
    with pytest.raises(AnnexRefused, match="at most 20"):
        make_annex(session, statement)


def test_move_and_remove_annex_keep_the_others_in_order(session: Session) -> None:
    statement = make_statement(session, opened=False)
    first, second, third = (make_annex(session, statement, title=title) for title in ("A", "B", "C"))
    drafting.move_annex(session, ACTOR, statement, third.public_id, -1)
    assert annex_titles(session, statement) == ["A", "C", "B"]
    drafting.move_annex(session, ACTOR, statement, first.public_id, -1)
    drafting.remove_annex(session, ACTOR, statement, third.public_id)
    assert annex_titles(session, statement) == ["A", "B"]
    drafting.move_annex(session, ACTOR, statement, second.public_id, -1)
    assert annex_titles(session, statement) == ["B", "A"]


def test_change_annex_over_another_change_is_refused(session: Session) -> None:
    statement = make_statement(session, opened=False)
    annex = make_annex(session, statement)
    seen = annex.sha256
    mine = NewAnnex(AnnexKind.MARKDOWN, "en", "Mine", "report.md", b"mine\n")
    theirs = NewAnnex(AnnexKind.MARKDOWN, "en", "Theirs", "report.md", b"theirs\n")
    drafting.change_annex(session, ACTOR, statement, annex.public_id, theirs, seen)
    with pytest.raises(TextChangedMeanwhile):
        drafting.change_annex(session, ACTOR, statement, annex.public_id, mine, seen)
    assert annex_titles(session, statement) == ["Theirs"]


def test_annex_of_another_statement_is_not_found(session: Session) -> None:
    annex = make_annex(session, make_statement(session, opened=False))
    with pytest.raises(NoSuchAnnex):
        drafting.remove_annex(session, ACTOR, make_statement(session, opened=False), annex.public_id)


CHANGES: dict[str, Callable[[Session, Statement], Any]] = {
    "text": lambda session, it: drafting.save_draft(session, ACTOR, it, "en", NEW_TEXT, 2),
    "new language": lambda session, it: drafting.add_language(session, ACTOR, it, "fa"),
    "no language": lambda session, it: drafting.remove_language(session, ACTOR, it, "pl"),
    "addressees": lambda session, it: drafting.set_addressees(session, ACTOR, it, []),
    "new annex": make_annex,
    "no annex": lambda session, it: drafting.remove_annex(session, ACTOR, it, "any"),
    "other order": lambda session, it: drafting.move_annex(session, ACTOR, it, "any", 1),
    "other annex": lambda session, it: drafting.change_annex(
        session, ACTOR, it, "any", NewAnnex(AnnexKind.MARKDOWN, "en", "T", "t.md", b""), ""
    ),
}


@pytest.mark.parametrize("state", ["opened", "closed", "delivered", "withdrawn"])
def test_no_change_once_it_is_no_draft(session: Session, state: str) -> None:
    statement = make_statement(session, **{"opened": False, state: True})  # type: ignore[arg-type]
    for change in CHANGES.values():
        with pytest.raises(VersionFrozen):
            change(session, statement)


def made(app: Flask, **states: bool) -> str:
    database: Database = parts_of(app).database
    with app.app_context(), database.writing() as session:
        return make_statement(session, **states).public_id  # type: ignore[arg-type]


def loaded(session: Session, public_id: str) -> Statement:
    return queries.statement_by_public_id(session, public_id)


def test_two_editors_at_once_one_is_told(either_app: Flask) -> None:
    """Both saw revision 2; the one who comes second learns it, and the first's text stays."""
    public_id = made(either_app, opened=False)
    texts = [DraftText(f"Title of editor {number}", "", "Body") for number in range(4)]

    def save(text: DraftText) -> Callable[[Session], Any]:
        return lambda session: drafting.save_draft(session, ACTOR, loaded(session, public_id), "en", text, 2)

    results = Race(either_app).run(*(save(text) for text in texts))
    assert sorted(type(result).__name__ for result in results) == ["TextChangedMeanwhile"] * 3 + ["int"]
    winner = texts[next(number for number, result in enumerate(results) if result == 3)]
    with either_app.app_context(), parts_of(either_app).database.reading() as session:
        assert saved(session, loaded(session, public_id)) == winner


def test_saving_while_it_opens_never_changes_what_was_frozen(either_app: Flask) -> None:
    """Either the save came first and is frozen, or it is refused; the stored bytes always match the stored text."""
    for _ in range(3):
        public_id = made(either_app, opened=False)

        def open_it(session: Session, it: str = public_id) -> None:
            open_statement(session, ACTOR, loaded(session, it))

        def save_it(session: Session, it: str = public_id) -> int:
            return drafting.save_draft(session, ACTOR, loaded(session, it), "en", NEW_TEXT, 2)

        opened, written = Race(either_app).run(open_it, save_it)
        assert not isinstance(opened, Exception)
        assert isinstance(written, int | VersionFrozen)
        with either_app.app_context(), parts_of(either_app).database.reading() as session:
            statement = loaded(session, public_id)
            canonical = queries.canonical_of(session, queries.version_of(session, statement).id, "en")
            assert (b"Another title" in canonical) == isinstance(written, int)
            assert (saved(session, statement) == NEW_TEXT) == isinstance(written, int)
