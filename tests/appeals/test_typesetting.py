"""The typesetter: what comes out is archivable, repeatable, complete, and never run as code."""

from __future__ import annotations

import hashlib
import io
import resource
import time
import unicodedata
from dataclasses import replace
from datetime import date

import pikepdf
import pypdfium2
import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import given, settings, strategies as st

from app.appeals.labels import labels_of
from app.appeals.typesetting import (
    AnnexLine,
    PrintedSignatory,
    TypesetAppeal,
    render_appeal,
    render_report,
    secret_mark,
)

NAMES = {
    "en": "Łukasz Dvořák-Żółć",
    "uk": "Олександра Матвійчук Їжакевич",
    "ru": "Фёдор Эдуардович Щукин",
    "kk": "Қайрат Нұртасұлы Әлімжанов Өңғүһ",
    "el": "Γεώργιος Παπαδόπουλος Ὀδυσσεύς",
    "ka": "გიორგი მარგველაშვილი",
    "hy": "Արամ Խաչատրյան",
    "vi": "Nguyễn Thị Đặng Ươm",
    "ro": "Ștefan Țăndărică",
    "zh-Hans": "陈光诚",
    "zh-Hant": "陳光誠",
    "ja": "山田太郎 かな",
    "ko": "김민수",
    "ar": "محمد عبد الرحمن الأنصاري",
    "fa": "مسیح پژوهشگر چگینی",
    "he": "יעקב כהן",
}


SHA256 = hashlib.sha256(b"text").hexdigest()
PARTS = f"""Harbour Foundation
Ministry of Justice
Minister’s office
23 November 2026
Joint statement
Stop serving abusive requests
persecution.
A first paragraph.
A source.
1. Stop at once.
2. Answer in public.
Open Door Geneva
Ana Sample
Judge, Spain
Moss
signs under a pseudonym
and 12 further signatories whose names are not shown
15 signatories
{SHA256}
Public copy
Version 1 · {SHA256[:12]}""".splitlines()


def _in_english(total: int, hidden: int) -> dict[str, str]:
    bare = Flask("letter")
    Babel(bare)
    with bare.app_context():
        return labels_of(total, hidden)


def a_document(**changes: object) -> TypesetAppeal:
    document = TypesetAppeal(
        language="en",
        direction="ltr",
        kind="Joint statement",
        title="Stop serving abusive requests",
        convenors=("Harbour Foundation",),
        addressees=(("Ministry of Justice", ("Minister’s office", "1000 Brussels")),),
        date=date(2026, 11, 23),
        summary="We write to you about cooperation that serves persecution.",
        body_markdown="A **first** paragraph.\n\n## A heading\n\n- one\n- two[^1]\n\n[^1]: A source.",
        demands=("Stop at once.", "Answer in public."),
        organisations=(PrintedSignatory("Open Door", "Geneva"),),
        people=(PrintedSignatory("Ana Sample", "Judge, Spain"), PrintedSignatory("Moss", "", pseudonym=True)),
        hidden_count=12,
        total=15,
        version_number=1,
        text_sha256=SHA256,
        audience="public",
        labels=_in_english(15, 12),
    )
    return replace(document, **changes)  # type: ignore[arg-type]


def pdf_of(document: TypesetAppeal) -> bytes:
    return render_appeal(document).pdf


def text_of(pdf: bytes) -> str:
    """Return what a reader would copy, in reading order and with presentation forms undone."""
    with pypdfium2.PdfDocument(pdf) as opened:
        pages = [page.get_textpage().get_text_range() for page in opened]
    return unicodedata.normalize("NFKC", "\n".join(pages).replace("\r\n", "\n").replace("\u200b", ""))


def spoken_by(pdf: bytes) -> str:
    return " ".join(text_of(pdf).split())


def test_letter_is_tagged_and_says_its_language_and_title() -> None:
    with pikepdf.open(io.BytesIO(pdf_of(a_document(language="uk")))) as pdf:
        assert pdf.Root.Lang == "uk"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.StructTreeRoot
        assert pdf.docinfo.Title == "Stop serving abusive requests"
        metadata = pdf.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"], metadata["pdfuaid:part"]) == ("2", "A", "1")


def test_letter_shows_every_part() -> None:
    spoken = spoken_by(pdf_of(a_document()))
    for part in PARTS:
        assert part in spoken
    assert spoken.endswith(" 1 / 1")


def test_addressees_copy_marks_names_that_are_not_public() -> None:
    people = (PrintedSignatory("Ana Sample", entrusted=True),)
    spoken = spoken_by(pdf_of(a_document(audience="addressee", people=people)))
    assert "named to the addressee only, not for publication" in spoken
    assert "Addressee’s copy" in spoken


def test_same_document_gives_the_same_bytes() -> None:
    assert pdf_of(a_document()) == pdf_of(a_document())
    assert pdf_of(a_document()) != pdf_of(a_document(version_number=2))
    assert pdf_of(a_document()) != pdf_of(a_document(date=date(2026, 11, 24)))


@pytest.mark.parametrize("language", NAMES)
def test_names_of_every_script_can_be_read_and_copied(language: str) -> None:
    right_to_left = language in {"ar", "fa", "he"}
    document = a_document(
        language=language,
        direction="rtl" if right_to_left else "ltr",
        title=NAMES[language],
        body_markdown=NAMES[language],
        people=tuple(PrintedSignatory(name) for name in NAMES.values()),
    )
    pdf = pdf_of(document)
    spoken = spoken_by(pdf)
    for other, name in NAMES.items():
        # On a page that runs from right to left, pdfium hands out the words of other lines in reverse.
        if not right_to_left or other in {"ar", "fa", "he"}:
            assert unicodedata.normalize("NFKC", name) in spoken, other
    with pypdfium2.PdfDocument(pdf) as opened:
        assert all(len(set(bytes(page.render(scale=0.3).buffer))) > 2 for page in opened)


def test_devanagari_is_printed() -> None:
    """Its vowel signs are drawn before their consonants, so copied text is compared by its letters."""
    spoken = text_of(pdf_of(a_document(people=(PrintedSignatory("अमर्त्य कुमार"),))))
    assert {"अ", "क", "म"} <= set(spoken)


@pytest.mark.parametrize("accented", ["e\u0301", "x\u030c", "o\u0304\u0302", "Ṧ"])
def test_combining_accents_find_their_letter(accented: str) -> None:
    assert unicodedata.normalize("NFKC", accented) in text_of(pdf_of(a_document(title=f"Za{accented}b")))


HOSTILE = [
    '#read("/etc/passwd")',
    '#import "@preview/x:1.0.0"',
    "#include \"appeal.typ\"",
    "#panic()",
    "$ sum_x $",
    "*not bold* _not italic_ `not code`",
    "= Not a heading",
    "@label <label>",
    "// no comment /* none */",
    "#{while true {}}",
    "\\u{41} \\ ~ -- ... 'q' \"q\"",
    "]#eval(\"1\")[",
    "{\"kind\": \"note\"}",
]  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE)
def test_typst_code_is_printed_and_not_run(hostile: str) -> None:
    document = a_document(
        title=hostile,
        summary=hostile,
        convenors=(hostile,),
        addressees=((hostile, (hostile,)),),
        demands=(hostile,),
        people=(PrintedSignatory(hostile, hostile),),
        letterhead=(hostile,),
        annexes=(AnnexLine(hostile, hostile, "0" * 64, 3, hostile, "1" * 64),),
    )
    spoken = spoken_by(pdf_of(document))
    assert spoken.count(unicodedata.normalize("NFKC", hostile)) >= 9
    with pikepdf.open(io.BytesIO(pdf_of(document))) as pdf:
        assert str(pdf.docinfo.Title) == hostile


@settings(max_examples=40, deadline=None)
@given(st.text(st.sampled_from("#$*_`@<>\\[]{}()=-/~'\"|&%;:abc 1é\n"), max_size=60))
def test_any_text_comes_out_as_it_went_in(text: str) -> None:
    document = a_document(people=(PrintedSignatory("begin" + text + "end", text),), demands=(text,))
    expected = "".join(("begin" + text + "end").split())
    assert expected in "".join(text_of(pdf_of(document)).split())


MARKS = ["# ", "> ", "- ", "1. ", "**", "*", "`", "\n", "\n\n", "[x](https://x.example)", "[^1]", "[^1]: "]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([*MARKS, "|a|b|\n|-|-|\n", "#read(", "text"])).map("".join))
def test_any_markdown_is_set(text: str) -> None:
    assert pdf_of(a_document(body_markdown=text)).startswith(b"%PDF-")


@pytest.mark.parametrize(
    "deep", [">" * 15 + " deep", "\n".join("  " * depth + "- deep" for depth in range(8)), ">" * 3000 + "x"]
)
def test_nested_text_is_set(deep: str) -> None:
    assert "deep" in text_of(pdf_of(a_document(body_markdown="deep\n\n" + deep)))


def test_long_word_stays_on_the_page() -> None:
    pdf = pdf_of(a_document(people=(PrintedSignatory("W" * 300, "ä" * 300),)))
    with pypdfium2.PdfDocument(pdf) as opened:
        page = opened[0]
        width, _ = page.get_size()
        text = page.get_textpage()
        rights = [text.get_charbox(index)[2] for index in range(text.count_chars())]
    assert max(rights) < width - 50


def test_overriding_directions_are_left_out() -> None:
    assert "\u202e" not in text_of(pdf_of(a_document(title="a\u202eb")))
    assert "ab" in text_of(pdf_of(a_document(title="a\u202eb")))


def test_time_grows_with_the_number_of_names_and_not_faster() -> None:
    def seconds(count: int) -> float:
        people = tuple(PrintedSignatory(f"Person of Some Length {number}", f"Role {number}") for number in range(count))
        document = a_document(people=people, total=count)
        begun = time.process_time()
        assert f"Person of Some Length {count - 1}" in spoken_by(pdf_of(document))
        return time.process_time() - begun

    seconds(10)
    assert seconds(4000) < 4 * 4 * max(seconds(1000), 0.05)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1_500_000  # kilobytes, the whole test process


def test_report_has_contents_footnotes_and_page_numbers() -> None:
    markdown = "\n\n".join(
        f"# Part {number}\n\nWords.[^{number}]\n\n[^{number}]: Source {number}." for number in range(1, 5)
    )
    pdf = render_report("The report", markdown, "en", "ltr", date(2026, 11, 23), "Annex 1").pdf
    spoken = spoken_by(pdf)
    assert spoken.count("Part 3") == 2
    assert "Source 4." in spoken
    assert "Annex 1 1 /" in spoken
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert opened.Root.Lang == "en"
    assert pdf == render_report("The report", markdown, "en", "ltr", date(2026, 11, 23), "Annex 1").pdf


def test_short_report_has_no_contents() -> None:
    assert "Contents" not in text_of(render_report("Note", "Words.", "en", "ltr", date(2026, 11, 23), "").pdf)


@pytest.mark.parametrize(
    "odd",
    [
        *(
            "# \n\n## x",
            "# \n\n### y\n\n# z",
            "\ufeff#x",
            "\u202e",
            "1. \n2. ",
            "|a|\n|-|",
            "```\n```",
            "[](https://x.example)",
        ),
        "x[^1]\n\n[^1]: # head\n\n    - l\n\n    > q",
        "x[^1]\n\n[^1]: y[^2]\n\n[^2]: z[^1]",
    ],
)
def test_odd_markdown_is_set(odd: str) -> None:
    assert pdf_of(a_document(body_markdown=odd)).startswith(b"%PDF-")
    assert render_report("T", odd, "en", "ltr", date(2026, 11, 23), "").pdf.startswith(b"%PDF-")


def test_a_secret_mark_changes_hash_and_size_and_shows_nowhere() -> None:
    plain = pdf_of(a_document(audience="addressee"))
    sizes = set()
    for _number in range(4):
        mark = secret_mark()
        marked = pdf_of(a_document(audience="addressee", mark=mark))
        assert marked != plain
        assert spoken_by(marked) == spoken_by(plain)
        with pikepdf.open(io.BytesIO(marked)) as pdf:
            assert mark in str(pdf.docinfo.Keywords)
        sizes.add(len(marked))
    assert len(sizes) > 1


def test_letter_ties_an_annex_to_its_file_on_the_web_page() -> None:
    line = AnnexLine("The report", "report.pdf", "ab" * 32, 3, "report.md", "cd" * 32)
    spoken = spoken_by(pdf_of(a_document(annexes=(line,))))
    assert "The same annex on its web page: report.md" in spoken
    assert "ab" * 32 in spoken.replace(" ", "")
    assert "cd" * 32 in spoken.replace(" ", "")


def test_where_nobody_is_named_nobody_is_called_further(app: Flask) -> None:
    with app.app_context():
        assert labels_of(1, 1)["hidden"] == "the name is not shown"
        assert labels_of(3, 3)["hidden"] == "none of the names is shown"
        assert labels_of(3, 1)["hidden"] == "and 1 further signatory whose name is not shown"
