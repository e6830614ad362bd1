"""What is refused as an annex, and in which words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from app.statements import documents
from app.statements.documents import LARGEST_BYTES, check_pdf, clean_filename, markdown_filename
from app.statements.states import AnnexRefused
from tests.factories.pdfs import make_pdf

pytestmark = pytest.mark.usefixtures("_interface")


@pytest.fixture
def _interface(app: Flask) -> object:
    """Sentences are translated, so they need an application."""
    with app.app_context():
        yield


def test_good_pdf_is_taken_with_its_pages() -> None:
    checked = check_pdf("C:\\fakepath\\Report 2026.pdf", make_pdf(3))
    assert (checked.filename, checked.pages) == ("Report 2026.pdf", 3)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("report.pdf", b"", "is empty"),
        ("", b"", "Choose a file"),
        ("report.docx", b"PK\x03\x04", "is not a PDF by its name"),
        ("report.pdf.exe", make_pdf(), "is not a PDF by its name"),
        ("report.pdf", b"PK\x03\x04" * 100, "something else inside"),
        ("report.pdf", b"\0" * (20 * 1024 * 1024), "something else inside"),
        ("report.pdf", b"%PDF-1.7\n" + b"\0" * LARGEST_BYTES, "20.0 MB large; at most 20 MB fit"),
        ("report.pdf", make_pdf()[:-200], "was cut off"),
        ("report.pdf", b"%PDF-1.7\nnonsense\n%%EOF\n", "damaged"),
        ("report.pdf", make_pdf(password="secret"), "protected with a password"),
        ("report.pdf", make_pdf(password=""), "protected with a password"),
        ("report.pdf", make_pdf(script=True), "active content (JavaScript)"),
        ("report.pdf", make_pdf(launch=True), "active content (Launch)"),
        ("report.pdf", make_pdf(attachment=True), "active content (EmbeddedFiles)"),
        ("report.pdf", make_pdf(0), "has no pages"),
        ("report.pdf", b"<html><script>x</script>" + make_pdf(), "in front of the PDF"),
        ("report.pdf", make_pdf() + b"PK\x03\x04" + b"\0" * 99, "behind the end of the PDF"),
    ],
)
def test_bad_upload_is_refused_with_its_mend(name: str, content: bytes, words: str) -> None:
    with pytest.raises(AnnexRefused) as refused:
        check_pdf(name, content)
    assert words in refused.value.message
    assert refused.value.field == "file"


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("/var/www/report.pdf", "report.pdf"),
        ("C:\\Users\\ana\\report.pdf", "report.pdf"),
        ('re"port:<1>.pdf', "re-port-1-.pdf"),
        ("Bericht u\u0308ber.pdf", "Bericht über.pdf"),
        ("تقرير\u200f.pdf", "تقرير.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_filename_loses_its_path_and_what_systems_forbid(name: str, clean: str) -> None:
    assert clean_filename(name) == clean
    assert len(clean) <= documents.LONGEST_FILENAME


@pytest.mark.parametrize("name", ["report\u202efdp.exe.pdf", "re\x00port.pdf", "re\nport.pdf", "\u2066report.pdf"])
def test_filename_that_deceives_is_refused(name: str) -> None:
    with pytest.raises(AnnexRefused, match="invisible character"):
        clean_filename(name)


def test_markdown_filename_keeps_letters_of_every_script() -> None:
    assert markdown_filename("Докладна записка: част 2", "bg") == "докладна-записка-част-2.bg.md"
    assert markdown_filename("…", "en") == "annex.en.md"


def test_reading_ends_when_a_file_asks_for_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reading program is ended; the upload is refused and the request goes on."""
    monkeypatch.setattr(documents, "_READER", replace(documents._READER, processor_seconds=0))
    with pytest.raises(AnnexRefused, match="more time or memory"):
        check_pdf("report.pdf", make_pdf())


def test_traces_are_taken_out_before_the_file_is_kept_unless_it_shall_stay() -> None:
    named = make_pdf(change=lambda writer: writer.add_metadata({"/Author": "Ana Vidal"}))
    checked = check_pdf("report.pdf", named)
    assert (checked.traces, checked.is_cleaned) == ((("Author", "Ana Vidal"),), True)
    assert b"Ana Vidal" not in checked.content
    kept = check_pdf("report.pdf", named, keeps_traces=True)
    assert (kept.content, kept.traces, kept.is_cleaned) == (named, checked.traces, False)
