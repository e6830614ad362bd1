"""Letters in every living script: set, read back, and never stopped by a character that no face has."""

from __future__ import annotations

import io
import unicodedata

import pypdf
import pypdfium2
import pytest
from hypothesis import given, settings, strategies as st

from app.appeals.manuscripts import LEFT_OUT
from app.appeals.stand_ins import StandIn
from app.appeals.typesetting import AnnexLine, PrintedSignatory, TypesetAppeal, render_appeal, render_report
from app.base import glyphs
from app.base.typefaces import COVERAGE
from tests.appeals.test_typesetting import a_document, pdf_of, spoken_by, text_of
from tests.factories.sentences import PLAIN, STACKED, WITHOUT_FACE

PERSIAN = "می‌خواهیم"


def signed_by(*names: str, **changes: object) -> TypesetAppeal:
    return a_document(people=tuple(PrintedSignatory(name) for name in names), **changes)


def squeezed(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).replace("\u200b", "").split())


def boxes_of(pdf: bytes, character: str) -> list[tuple[float, float, float, float]]:
    """Return where a character stands on the first page: left, bottom, right, top."""
    with pypdfium2.PdfDocument(pdf) as opened:
        text = opened[0].get_textpage()
        written = [text.get_text_range(index, 1) for index in range(text.count_chars())]
        return [text.get_charbox(index) for index, one in enumerate(written) if one == character]


def test_sentences_of_every_script_are_printed_and_can_be_copied() -> None:
    printed = render_appeal(signed_by(*STACKED.values(), body_markdown="\n\n".join(PLAIN.values())))
    assert printed.stand_ins == ()
    copied = squeezed(text_of(printed.pdf))
    assert [tag for tag, sentence in PLAIN.items() if squeezed(sentence) not in copied] == []
    assert "\N{REPLACEMENT CHARACTER}" not in copied


def test_every_letter_of_stacked_scripts_can_be_copied() -> None:
    """Read with pypdf: pdfium drops letters beyond the first plane that carry a mark, other readers don't."""
    reader = pypdf.PdfReader(io.BytesIO(pdf_of(signed_by(*STACKED.values()))))
    copied = squeezed("".join(page.extract_text() for page in reader.pages))
    assert {one for one in squeezed("".join(STACKED.values())) if unicodedata.category(one)[0] == "L"} <= set(copied)


@pytest.mark.parametrize("tag", WITHOUT_FACE)
def test_scripts_without_a_face_are_told_by_their_numbers(tag: str) -> None:
    sentence = WITHOUT_FACE[tag]
    printed = render_appeal(signed_by(sentence))
    assert [one.place for one in printed.stand_ins] == ["people"]
    assert set(printed.stand_ins[0].characters) == {one for one in sentence if one > "\U00010000"}
    assert f"U+{ord(sentence[0]):04X}" in text_of(printed.pdf)


def test_every_range_of_the_coverage_is_printed() -> None:
    ends = [chr(int(end, 16)) for line in COVERAGE.read_text("ascii").split() for end in line.split("-")]
    ends = [one for one in dict.fromkeys(ends) if ord(one) not in LEFT_OUT]
    lines = [" ".join(ends[start : start + 60]) for start in range(0, len(ends), 60)]
    assert render_appeal(signed_by(*lines)).stand_ins == ()


PARTS = {
    "title": "before \U00012000 after",
    "convenors": ("before \U00012000 after",),
    "letterhead": ("before \U00012000 after",),
    "addressees": (("before \U00012000 after", ()),),
    "summary": "before \U00012000 after",
    "body": "before \U00012000 after",
    "demands": ("before \U00012000 after",),
    "organisations": (PrintedSignatory("Open Door", "before \U00012000 after"),),
    "people": (PrintedSignatory("before \U00012000 after"),),
    "annexes": (AnnexLine("before \U00012000 after", "x.pdf", "0" * 64, 1),),
    "campaign": "before \U00012000 after",
}


@pytest.mark.parametrize("place", PARTS)
def test_character_without_a_face_is_told_by_its_number_and_its_place(place: str) -> None:
    field = {"body": "body_markdown"}.get(place, place)
    printed = render_appeal(a_document(**{"campaign": "Us", field: PARTS[place]}))
    assert printed.stand_ins == (StandIn(place, "before \U00012000 after", "\U00012000"),)
    assert "before [U+12000] after" in spoken_by(printed.pdf)


def test_report_tells_its_characters_too() -> None:
    printed = render_report("T", "# a\n\nx \U00012000 y", "en", "ltr", a_document().date, "foot")
    assert [one.characters for one in printed.stand_ins] == ["\U00012000"]
    assert "x [U+12000] y" in spoken_by(printed.pdf)


@pytest.mark.parametrize("odd", ["\x01", "\ud800", "\ue000", "\uffff", "\U000e1234", "\U0010ffff"])
def test_characters_that_mean_nothing_stop_nobody(odd: str) -> None:
    printed = render_appeal(signed_by(f"Ana {odd}", title=f"T{odd}", convenors=(f"C{odd}",), summary=f"S{odd}"))
    assert f"Ana [U+{ord(odd):04X}]" in spoken_by(printed.pdf)
    assert {one.characters for one in printed.stand_ins} == {odd}


EVERYDAY = ["👍🏽", "👨‍👩‍👧", "🇺🇦", "🏴\U000e0067\U000e0062\U000e007f", "❤️", "x̌", "ı̆", "a⃝", "क́", "葛\U000e0100", "ﷺ"]


def test_emoji_and_combining_sequences_are_printed() -> None:
    assert render_appeal(signed_by(*EVERYDAY, title=" ".join(EVERYDAY))).stand_ins == ()


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(st.characters(), min_size=1, max_size=30), min_size=20, max_size=20))
def test_no_text_stops_an_appeal(texts: list[str]) -> None:
    printed = render_appeal(signed_by(*texts, title=texts[0], demands=tuple(texts), body_markdown="\n\n".join(texts)))
    assert printed.pdf.startswith(b"%PDF-")


def test_what_the_typesetter_refuses_unexpectedly_is_told_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """The faces may lose a character that the coverage still promises."""
    promising = bytearray(glyphs._has_face())
    promising[0x12000:0x12002] = b"\x01\x01"
    monkeypatch.setattr(glyphs, "_has_face", lambda: promising)
    printed = render_appeal(signed_by("Ana \U00012000 \U00012001 \U00012002"))
    assert printed.stand_ins[0].text == "Ana \U00012000 \U00012001 \U00012002"
    assert set(printed.stand_ins[0].characters) == {"\U00012000", "\U00012001", "\U00012002"}
    assert "Ana [U+12000] [U+12001] [U+12002]" in spoken_by(printed.pdf)


@pytest.mark.parametrize(("language", "direction"), [("fa", "rtl"), ("en", "ltr")])
def test_letters_around_a_joiner_keep_their_joined_forms(language: str, direction: str) -> None:
    def khah_within(word: str) -> list[tuple[float, float]]:
        pdf = pdf_of(signed_by(word, language=language, direction=direction, title="T"))
        return [(round(right - left, 2), round(top - bottom, 2)) for left, bottom, right, top in boxes_of(pdf, "خ")]

    assert khah_within(PERSIAN) == khah_within(PERSIAN.replace("\u200c", " ")) != []


def test_pages_are_counted_from_left_to_right_in_every_direction() -> None:
    for language, direction in (("en", "ltr"), ("ar", "rtl")):
        document = a_document(language=language, direction=direction, body_markdown="\n\n".join(["x"] * 60))
        pdf = pdf_of(document)
        foot = [box for box in boxes_of(pdf, "/") if box[1] < 90]
        ones = [box for box in boxes_of(pdf, "1") if box[1] < 90 and abs(box[0] - foot[-1][0]) < 12]
        assert [one[0] < foot[-1][0] for one in ones] == [True], language


LONG_WORDS = [
    "W" * 200,
    "/" * 200,
    "א" * 200,
    "ش" * 200,
    "ހަ" * 100,
    "क्" * 100,
    "𒀀" * 60,
    "a𒀀" * 60,
    "ⴰ" * 200,
    "🇺" * 99,
]


def test_long_words_of_every_script_stay_in_their_column() -> None:
    pdf = pdf_of(signed_by(*LONG_WORDS, title="T"))
    with pypdfium2.PdfDocument(pdf) as opened:
        for page in opened:
            width, _ = page.get_size()
            text = page.get_textpage()
            assert max(text.get_charbox(index)[2] for index in range(text.count_chars())) < width - 50
