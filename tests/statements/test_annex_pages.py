"""Annexes at the desk: bad uploads are refused by name and mend, and change nothing."""

from __future__ import annotations

import hashlib
import io

import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse

from app.campaigns.states import Role
from app.statements.models import AnnexKind
from tests.factories.pdfs import make_pdf
from tests.factories.statements import make_annex
from tests.statements.desks import Desk, shown, sit_down, value_of


@pytest.fixture
def desk(app: Flask) -> Desk:
    return sit_down(app)


def upload(desk: Desk, content: bytes, name: str = "report.pdf", **fields: str) -> TestResponse:
    typed = {"title": "Detailed report", "language": "en", **fields}
    return desk.post("/annexes/upload", **typed, file=FileStorage(io.BytesIO(content), name))


def written(desk: Desk, **changed: str) -> str:
    """Annex a written document and return the address of its page."""
    fields = {"title": "Report", "language": "en", "text": "# Report\n\nWith a note.", "do": "save"} | changed
    assert desk.post("/annexes/write", **fields).status_code == 303
    return f"/annexes/{desk.annexes()[-1].public_id}"


def test_upload_keeps_bytes_pages_and_hash(desk: Desk) -> None:
    content = make_pdf(3)
    assert upload(desk, content).status_code == 303
    (annex,) = desk.annexes()
    assert (annex.kind, annex.title, annex.pages, annex.size) == (AnnexKind.PDF, "Detailed report", 3, len(content))
    assert annex.sha256 == hashlib.sha256(content).hexdigest()
    download = desk.get(f"/annexes/{annex.public_id}/file")
    assert download.data == content
    assert download.headers["Content-Disposition"] == "attachment; filename=report.pdf"


def test_upload_names_what_was_taken_out_or_what_readers_can_read(desk: Desk) -> None:
    content = make_pdf(change=lambda writer: writer.add_metadata({"/Author": "Ana Vidal"}))
    upload(desk, content)
    assert "Taken out of the file, because readers could have read it: Author: Ana Vidal." in desk.get("/annexes").text
    upload(desk, content, keeps_traces="y")
    assert "Readers can read in the file: Author: Ana Vidal." in desk.get("/annexes").text
    cleaned, kept = (desk.get(f"/annexes/{annex.public_id}/file").data for annex in desk.annexes())
    assert (b"Ana Vidal" in cleaned, kept) == (False, content)


def test_upload_without_a_title_takes_the_name_of_the_file(desk: Desk) -> None:
    upload(desk, make_pdf(), "docs/Annual Report.PDF", title="")
    (annex,) = desk.annexes()
    assert (annex.title, annex.filename) == ("Annual Report", "Annual Report.PDF")


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"not a pdf " * 2_097_152, "report.pdf", "something else inside"),
        (b"%PDF-1.7" + b"\0" * 21 * 1024 * 1024, "report.pdf", "at most 20 MB fit"),
        (b"", "report.pdf", "is empty"),
        (make_pdf(), "report.txt", "is not a PDF by its name"),
        (make_pdf()[:300], "report.pdf", "was cut off"),
        (make_pdf(password="secret"), "report.pdf", "protected with a password"),
        (make_pdf(script=True), "report.pdf", "active content"),
        (make_pdf(), "re\u202efdp.exe.pdf", "invisible character (U+202E)"),
        (make_pdf(), "", "Choose a file"),
    ],
)
def test_bad_upload_names_the_mend_and_changes_nothing(desk: Desk, content: bytes, name: str, words: str) -> None:
    page = upload(desk, content, name, title="My long title")
    assert page.status_code == 422
    assert words in shown(page)
    assert 'href="#file"' in page.text
    assert value_of(page, "title") == "My long title"
    assert desk.annexes() == []


def test_upload_without_any_file_says_so(desk: Desk) -> None:
    page = desk.post("/annexes/upload", title="Report", language="en")
    assert page.status_code == 422
    assert "Choose a file" in shown(page)


def test_upload_that_is_far_too_large_is_refused_before_it_is_read(desk: Desk) -> None:
    page = upload(desk, b"\0" * 53_000_000)
    assert page.status_code == 413
    assert desk.annexes() == []


def test_the_same_document_twice_is_told(desk: Desk) -> None:
    content = make_pdf()
    upload(desk, content)
    page = upload(desk, content, title="Again")
    assert page.status_code == 422
    assert "annexed already, as “Detailed report”" in shown(page)
    assert len(desk.annexes()) == 1


def test_written_document_can_be_read_and_changed(desk: Desk) -> None:
    tail = written(desk)
    page = desk.get(tail)
    assert value_of(page, "text") == "# Report\n\nWith a note."
    fields = {"title": "Report", "language": "en", "text": "Changed.", "seen": value_of(page, "seen"), "do": "save"}
    assert desk.post(tail, **fields).status_code == 303
    assert desk.get(tail + "/file").data == b"Changed.\n"


def test_written_document_with_a_nul_is_refused_and_kept(desk: Desk) -> None:
    page = desk.post("/annexes/write", title="Report", language="en", text="One\nTwo\x00", do="save")
    assert page.status_code == 422
    assert "Line 2 holds an invisible control character (U+0000)" in shown(page)
    assert value_of(page, "text") == "One\nTwo\x00"
    assert desk.annexes() == []


def test_two_people_changing_one_document(desk: Desk) -> None:
    tail = written(desk)
    seen = value_of(desk.get(tail), "seen")
    fields = {"title": "Report", "language": "en", "seen": seen, "do": "save"}
    desk.post(tail, **fields, text="Theirs.")
    page = desk.post(tail, **fields, text="Mine.")
    assert page.status_code == 409
    assert value_of(page, "text") == "Mine."
    assert "Theirs." in shown(page)
    again = fields | {"seen": value_of(page, "seen"), "text": "Mine."}
    assert desk.post(tail, **again).status_code == 303
    assert desk.get(tail + "/file").data == b"Mine.\n"


def test_preview_of_a_document_saves_nothing_and_is_harmless(desk: Desk) -> None:
    page = desk.post("/annexes/write", title="R", language="en", text="<script>x</script> **b**", do="preview")
    assert "<strong>b</strong>" in page.text
    assert "<script>" not in page.text
    assert desk.annexes() == []


def test_facts_of_a_pdf_change_and_its_file_stays(desk: Desk) -> None:
    upload(desk, make_pdf())
    (before,) = desk.annexes()
    tail = f"/annexes/{before.public_id}"
    assert desk.get(tail).status_code == 200
    assert desk.post(tail, title="Better title", language="uk").status_code == 303
    (after,) = desk.annexes()
    assert (after.title, after.language, after.sha256, after.pages) == ("Better title", "uk", before.sha256, 1)


def test_annexes_are_moved_and_removed(desk: Desk) -> None:
    written(desk, title="First", text="1")
    second = written(desk, title="Second", text="2").rpartition("/")[2]
    assert desk.post("/annexes", do=f"up:{second}").status_code == 303
    assert [row.title for row in desk.annexes()] == ["Second", "First"]
    assert "Remove this annex?" in shown(desk.get(f"/annexes?remove={second}"))
    desk.post("/annexes", do=f"remove:{second}")
    assert [row.title for row in desk.annexes()] == ["First"]


def test_removing_what_is_gone_is_not_found(desk: Desk) -> None:
    assert desk.post("/annexes", do="remove:nonsense").status_code == 404


def test_document_is_never_shown_in_place(desk: Desk) -> None:
    """A file from somewhere must not act as a page of this site."""
    download = desk.get(written(desk) + "/file")
    assert download.headers["Content-Disposition"].startswith("attachment")
    assert download.headers["X-Content-Type-Options"] == "nosniff"
    assert download.content_type == "text/markdown; charset=utf-8"


def test_viewer_reads_annexes_and_changes_none(app: Flask) -> None:
    desk = sit_down(app, Role.VIEWER)
    with app.app_context(), desk.database.writing() as session:
        annex = make_annex(session, desk.stored(session)).public_id
    assert desk.get("/annexes").status_code == 200
    assert desk.get(f"/annexes/{annex}/file").status_code == 200
    for tail in ("/annexes/upload", "/annexes/write", f"/annexes/{annex}"):
        assert desk.get(tail).status_code == 403
    assert desk.post("/annexes", do=f"remove:{annex}").status_code == 403


def test_annexes_of_an_open_statement_can_only_be_read(app: Flask) -> None:
    desk = sit_down(app, opened=True)
    page = desk.get("/annexes")
    assert "no longer a draft" in shown(page)
    answer = upload(desk, make_pdf(), title="Too late")
    assert (answer.status_code, value_of(answer, "title")) == (409, "Too late")
    assert "no longer a draft" in shown(answer)
