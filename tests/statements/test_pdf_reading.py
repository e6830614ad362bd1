"""What the reading child finds in a PDF, and what it takes out."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NullObject,
    TextStringObject,
)

from app.statements.pdf_reading import MOST_OBJECTS, facts_of
from app.statements.pdf_traces import _without_segments
from tests.factories.pdfs import make_pdf

JPEG = b"\xff\xd8" + b"\xff\xe0\0\x04JF" + b"%s" + b"\xff\xda\0\x02pixels\xff\xd9"
EXIF = b"\xff\xe1\0\x12Exif GPS 52.5N 13"


def named(**entries: Any) -> DictionaryObject:
    """Make a dictionary; plain strings that begin with / become names."""
    made = {}
    for key, value in entries.items():
        is_name = isinstance(value, str) and value.startswith("/")
        made[NameObject(f"/{key}")] = (
            NameObject(value) if is_name else TextStringObject(value) if isinstance(value, str) else value
        )
    return DictionaryObject(made)


def at_root(**entries: Any) -> Callable[[PdfWriter], None]:
    return lambda writer: writer.root_object.update(named(**entries))


def on_page(**entries: Any) -> Callable[[PdfWriter], None]:
    where = ArrayObject([FloatObject(number) for number in (0, 0, 10, 10)])
    return lambda writer: writer.pages[0].update(
        named(Annots=ArrayObject([writer._add_object(named(Rect=where, **entries))]))
    )


def stream(data: bytes = b"x", **entries: Any) -> DecodedStreamObject:
    made = DecodedStreamObject()
    made.set_data(data)
    made.update(named(**entries))
    return made


def drawn(made: DecodedStreamObject) -> Callable[[PdfWriter], None]:
    return lambda writer: writer.pages[0].update(named(Resources=named(XObject=named(I=writer._add_object(made)))))


def referred_to(writer: PdfWriter) -> None:
    """Hide the kind of an action behind a reference."""
    kind = writer._add_object(NameObject("/Launch"))
    writer.pages[0].update(named(Annots=ArrayObject([named(Subtype="/Link", A=named(S=kind, F="calc.exe"))])))


BEACON = named(S="/URI", URI="https://tracker.example/?reader")


def test_facts_of_a_plain_pdf() -> None:
    facts: dict[str, Any] = {"pages": 2, "encrypted": False, "harmful": [], "traces": [], "signed": False}
    assert facts_of(make_pdf(2)) == (facts, b"")


def test_facts_of_an_encrypted_pdf_say_so_and_no_more() -> None:
    facts: dict[str, Any] = {"pages": None, "encrypted": True, "harmful": [], "traces": [], "signed": False}
    assert facts_of(make_pdf(password="secret")) == (facts, b"")


def test_facts_name_everything_harmful() -> None:
    found, _clean = facts_of(make_pdf(script=True, launch=True, attachment=True))
    assert found["harmful"] == ["/EmbeddedFiles", "/JavaScript", "/Launch"]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (at_root(OpenAction=BEACON), "/OpenAction: URI"),
        (at_root(OpenAction=named(S="/Named", N="/NextPage", Next=ArrayObject([BEACON]))), "/OpenAction: URI"),
        (at_root(AA=named(WC=BEACON)), "/OpenAction: URI"),
        (on_page(Subtype="/Link", A=named(S="/GoToR", F="\\\\host\\share\\x.pdf")), "/GoToR"),
        (on_page(Subtype="/Link", A=named(S="/GoToE")), "/GoToE"),
        (on_page(Subtype="/Link", A=named(S="/ImportData", F="x.fdf")), "/ImportData"),
        (on_page(Subtype="/Widget", A=named(S="/SubmitForm", F="https://x.example")), "/SubmitForm"),
        (on_page(Subtype="/FileAttachment", FS=named(Type="/Filespec", EF=named())), "/FileAttachment"),
        (on_page(Subtype="/RichMedia"), "/RichMedia"),
        (on_page(Subtype="/Link", A=named(S="/GoTo"), AA=named(PO=BEACON)), "/OpenAction: URI"),
        (drawn(stream(Subtype="/Image", F=named(FS="/URL", F="https://x.example/a.png"))), "/ExternalStream"),
        (drawn(stream(Type="/XObject", Subtype="/Form", Ref=named(F="other.pdf"))), "/ReferenceXObject"),
        (referred_to, "/Launch"),
    ],
)
def test_what_acts_by_itself_or_leads_elsewhere_is_named(change: Callable[[PdfWriter], None], name: str) -> None:
    facts, clean = facts_of(make_pdf(change=change))
    assert name in facts["harmful"]
    assert clean == b""


@pytest.mark.parametrize(
    "change",
    [
        on_page(Subtype="/Link", A=BEACON),  # a link that a reader follows or not
        lambda writer: at_root(OpenAction=ArrayObject([writer.pages[0].indirect_reference, NameObject("/Fit")]))(
            writer
        ),
        at_root(OpenAction=named(S="/GoTo", D=NullObject())),
    ],
)
def test_links_and_a_first_page_are_harmless(change: Callable[[PdfWriter], None]) -> None:
    assert facts_of(make_pdf(change=change))[0]["harmful"] == []


def comment(writer: PdfWriter) -> None:
    on_page(Subtype="/Text", T="Ana Vidal", Contents="Too long?", M="D:20260101")(writer)


def described(writer: PdfWriter) -> None:
    whole = named(More=writer._add_object(stream(b"<x:xmpmeta>Ana Vidal", Type="/Metadata")))
    at_root(Metadata=writer._add_object(stream(b"<x:xmpmeta>Ana Vidal", Next=writer._add_object(whole))))(writer)


def photograph(writer: PdfWriter) -> None:
    drawn(stream(JPEG % EXIF, Type="/XObject", Subtype="/Image", Filter="/DCTDecode"))(writer)


def revised(content: bytes) -> bytes:
    """Append a revision that changes nothing: what stood before is still in the file."""
    writer = PdfWriter(io.BytesIO(content), incremental=True)
    writer.root_object.update(named(Lang="en"))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "trace", "canary"),
    [
        (make_pdf(change=lambda pdf: pdf.add_metadata({"/Author": "Ana Vidal"})), ["Author", "Ana Vidal"], b"Ana Vid"),
        (make_pdf(change=described), ["XMP", ""], b"Ana Vid"),
        (make_pdf(change=at_root(PieceInfo=named(Word=named(User="Ana Vidal")))), ["PieceInfo", ""], b"Ana Vidal"),
        (make_pdf(change=comment), ["Author of a comment", ""], b"Ana Vidal"),
        (make_pdf(change=photograph), ["Data of the camera", ""], b"GPS 52.5N"),
        (revised(make_pdf()), ["Earlier versions", ""], b"/Prev"),
    ],
)
def test_traces_of_makers_are_named_and_taken_out(content: bytes, trace: list[str], canary: bytes) -> None:
    assert canary in content
    facts, clean = facts_of(content)
    assert trace in facts["traces"]
    assert canary not in clean
    assert facts_of(clean) == ({**facts, "traces": []}, b"")
    assert len(pypdfium2.PdfDocument(clean)) == facts["pages"]  # another reader than the one that wrote it


def test_words_of_a_comment_and_pixels_stay() -> None:
    (kept,) = PdfReader(io.BytesIO(facts_of(make_pdf(change=comment))[1])).pages[0].annotations or []
    assert kept.get_object()["/Contents"] == "Too long?"
    assert b"pixels" in facts_of(make_pdf(change=photograph))[1]


@pytest.mark.parametrize("jpeg", [b"", b"\xff", b"\xff\xd8", b"\xff\xd8\xff\xe1", b"\xff\xd8\xff\xe1\0\0", b"GIF8"])
def test_broken_photographs_stay_as_they_are_or_end(jpeg: bytes) -> None:
    assert jpeg.startswith(_without_segments(jpeg)[:2])


def test_nothing_is_taken_from_a_signed_file() -> None:
    def sign(writer: PdfWriter) -> None:
        writer.add_metadata({"/Author": "Ana Vidal"})
        writer._add_object(named(Type="/Sig", ByteRange=ArrayObject()))

    facts, clean = facts_of(make_pdf(change=sign))
    assert (facts["traces"], facts["signed"], clean) == ([["Author", "Ana Vidal"]], True, b"")


def test_a_file_of_more_objects_than_are_looked_at_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not looked at could be anything."""
    assert MOST_OBJECTS > 1
    monkeypatch.setattr("app.statements.pdf_reading.MOST_OBJECTS", 1)
    with pytest.raises(MemoryError):
        facts_of(make_pdf())


def test_nonsense_is_refused() -> None:
    with pytest.raises(PyPdfError):
        facts_of(b"%PDF-1.7\nnonsense\n%%EOF\n")
