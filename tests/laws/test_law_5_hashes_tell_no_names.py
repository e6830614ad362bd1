"""Law 5: hashes and sizes stand in the clear, and nobody can find out by them which names an addressee's PDF holds."""

from __future__ import annotations

import io

import pikepdf
from flask import Flask
from sqlalchemy import select, text

from app.appeals.dossier import prepare_dossier
from app.appeals.models import AppealDocument, DocumentAudience
from app.appeals.queries import content_of, documents_of, sha256_of
from app.base.database import Base, Database
from tests.factories.appeals import make_appeal, make_scene


def _as_bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()


def test_a_person_who_guesses_every_name_can_not_see_that_the_guess_was_right(app: Flask, database: Database) -> None:
    """The attacker has the raw database and this program. Setting the dossier again is guessing all names rightly."""
    with app.app_context(), database.writing() as session:
        scene = make_scene(session)
        make_appeal(session, scene, released=True)
        stored = {one.audience: one for one in session.scalars(select(AppealDocument))}
        guesses = [one for _number in range(3) for one in prepare_dossier(session, scene.statement).documents]
    public = {sha256_of(one.content) for one in guesses if one.audience is DocumentAudience.PUBLIC}
    private = [one.content for one in guesses if one.audience is DocumentAudience.ADDRESSEE]
    assert public == {stored[DocumentAudience.PUBLIC].sha256}  # so the guesses are right, and the setting repeatable
    assert stored[DocumentAudience.ADDRESSEE].sha256 not in {sha256_of(content) for content in private}
    assert len({len(content) for content in private}) > 1


def test_the_mark_of_an_addressees_pdf_stands_in_no_row(app: Flask, database: Database) -> None:
    with app.app_context(), database.writing() as session:
        appeal = make_appeal(session, make_scene(session), released=True)
        (row,) = [one for one in documents_of(session, appeal.id) if one.audience is DocumentAudience.ADDRESSEE]
        pdf = content_of(session, row, "test")
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        mark = str(opened.docinfo.Keywords)
    assert len(mark) >= 32
    with database.engine.connect() as connection:
        rows = [row for name in Base.metadata.tables for row in connection.execute(text(f'SELECT * FROM "{name}"'))]
    assert rows
    assert not any(mark.encode() in _as_bytes(value) for row in rows for value in row)
