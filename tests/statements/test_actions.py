"""A statement's life from its first draft to its end."""

from __future__ import annotations

import hashlib

from sqlalchemy.orm import Session

from app.statements import queries
from app.statements.states import StatementState
from tests.factories.statements import make_statement


def test_open_statement_freezes_the_bytes_that_sha256sum_confirms(session: Session) -> None:
    statement = make_statement(session)
    version = queries.version_of(session, statement)
    text = queries.text_of(session, version.id, "en")
    canonical = queries.canonical_of(session, version.id, "en")
    assert statement.state is StatementState.OPEN
    assert hashlib.sha256(canonical).hexdigest() == text.sha256
