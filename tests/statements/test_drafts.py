"""What would be frozen, and whom a draft could be addressed to as well."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.statements import actions, canonical, drafting, queries
from app.statements.drafting import DraftText
from app.statements.drafts import canonical_texts, institutions_to_choose
from tests.factories.institutions import make_institution
from tests.factories.statements import ACTOR, BODY, DEMANDS, make_annex, make_statement


def test_canonical_texts_holds_every_language_with_all_that_is_signed(session: Session) -> None:
    statement = make_statement(session, opened=False)
    drafting.add_language(session, ACTOR, statement, "uk")
    drafting.save_draft(session, ACTOR, statement, "uk", DraftText("Назва", "", "Текст", DEMANDS), 1)
    annex = make_annex(session, statement)
    version = queries.version_of(session, statement)
    texts = {text.language: text for text in canonical_texts(session, statement, version).values()}
    assert set(texts) == {"en", "uk"}
    assert (texts["en"].text, texts["en"].demands) == (BODY, DEMANDS)
    assert [each.sha256 for each in texts["uk"].annexes] == [annex.sha256]


def test_what_would_be_frozen_is_what_is_frozen(session: Session) -> None:
    statement = make_statement(session, opened=False)
    version = queries.version_of(session, statement)
    (expected,) = canonical_texts(session, statement, version).values()
    actions.open_statement(session, ACTOR, statement)
    assert queries.canonical_of(session, version.id, "en") == canonical.to_bytes(expected)


def test_institutions_to_choose_leaves_out_the_chosen(session: Session) -> None:
    chosen, other = make_institution(session, "B"), make_institution(session, "A")
    assert [row.name for row in institutions_to_choose(session)] == ["A", "B"]
    assert [row.name for row in institutions_to_choose(session, [chosen.id])] == [other.name]
