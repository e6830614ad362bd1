"""What the reading program finds in a PDF."""

from __future__ import annotations

import pytest
from pypdf.errors import PyPdfError

from app.statements.pdf_reading import facts_of
from tests.factories.pdfs import make_pdf


def test_facts_of_a_plain_pdf() -> None:
    assert facts_of(make_pdf(2)) == {"pages": 2, "encrypted": False, "harmful": []}


def test_facts_of_an_encrypted_pdf_say_so_and_no_more() -> None:
    assert facts_of(make_pdf(password="secret")) == {"pages": None, "encrypted": True, "harmful": []}


def test_facts_name_everything_harmful() -> None:
    found = facts_of(make_pdf(script=True, launch=True, attachment=True))
    assert found["harmful"] == ["/EmbeddedFiles", "/JavaScript", "/Launch"]


def test_nonsense_is_refused() -> None:
    with pytest.raises(PyPdfError):
        facts_of(b"%PDF-1.7\nnonsense\n%%EOF\n")
