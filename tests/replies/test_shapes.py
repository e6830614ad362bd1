"""What a person reads of an answer: all that its reader was meant to see, in every shape that real programs write."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from app.base.database import Database
from app.inbox.messages import summarise
from app.inbox.parsing import parse
from app.inbox.states import InboundState
from app.replies.messages import Contents, attachment_of, contents_of
from app.replies.quoting import newest_words
from tests.factories.accounts import make_organiser, sign_in
from tests.factories.inbound import make_inbound

CORPUS = Path(__file__).parent / "corpus"
PDF = b"%PDF-1.4 a decision\n"
REFUSED_RU = "Министерство рассмотрело обращение и отказывает в нём."
NAME = "Рішення-міністерства-юстиції.pdf"
# Words that must be read, and words that must not.
WORDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "notice-en": (("Section 12 leaves no discretion",), ("can't show",)),
    "notice-de": (("lehnt ihn ab",), ("HTML",)),
    "notice-ru": (("отказывает",), ("HTML",)),
    "notice-ja": (("第十二条",), ("HTML",)),
    "notice-ar": (("المادة الثانية عشرة",), ("HTML",)),
    "notice-link": (("Section 12 leaves no discretion", "View this message"), ()),
    "empty-plain": (("Section 12 leaves no discretion",), ()),
    "outlook-alternative": (("Section 12 leaves no discretion",), ("<p>",)),
    "two-minds": (("on 4 December at ten", "Registered under number 1127"), ()),
    "apple-attachment-in-html": (("Please find our decision attached.", "J. Doe"), ()),
    "lotus-top": (("forwarded to the competent department", "We, the undersigned"), ()),
    "charset-1251-as-latin": ((REFUSED_RU,), ()),
    "charset-koi8-as-ascii": ((REFUSED_RU,), ()),
    "charset-1251-as-utf8": ((REFUSED_RU,), ()),
    "charset-utf8-as-1251": ((REFUSED_RU,), ()),
    "charset-1252-as-latin": (("“Nous refusons” – l’été",), ()),
    "charset-gbk-as-gb2312": (("镕基先生：我们不同意。",), ()),
    "charset-latin-as-ascii": (("Nous avons bien reçu votre lettre, datée du 3.",), ()),
    "exchange-winmail": (("Решение прилагается.",), ()),
    "only-a-pdf": ((), ()),
    "forwarded-as-file": ((), ()),
    "gateway-forwarded-in-base64": (("For your attention.",), ()),
    "gateway-named-text": (("We do not agree.",), ()),
    "outlook-meeting": (("on 4 December",), ("VCALENDAR",)),
    "hidden-preheader": (("Your request was refused.",), ("granted",)),
    "indented-law": (("The law says:", "Section 12. No discretion."), (">",)),
    "smime-signed": (("We refuse.",), ()),
    "flowed-delsp": (("第十二条により受け入れることはできません。",), ()),
}
FILES: dict[str, list[str]] = {
    "apple-attachment-in-html": ["decision.pdf"],
    "raw-utf8-names": ["Рішення-міністерства.pdf"],
    "raw-windows-1251": ["Решение-министерства.pdf"],
    "outlook-name-encoded-words-in-quotes": [NAME],
    "thunderbird-name-in-pieces": [NAME],
    "gmail-name-twice": [NAME],
    "webmail-name-in-percents": [NAME],
    "name-koi8": [NAME],
    "gateway-name-unquoted": ["Decision-of-the-Ministry.pdf"],
    "exchange-winmail": ["winmail.dat", "Решение.pdf"],
    "only-a-pdf": ["scan0001.pdf"],
    "forwarded-as-file": ["Décision-n°-12.eml"],
    "gateway-forwarded-in-base64": ["decision.eml"],
    "gateway-named-text": ["message.txt"],
    "outlook-meeting": ["attachment-1.ics"],
    "smime-signed": ["smime.p7s"],
}
# What stands first of an answer, to the last word.
NEWEST: dict[str, str] = {
    "gmail-inline": (
        "Dear Ana,\n\nOn Mon, 23 Nov 2026 at 10:00, Ana <a@example.org> wrote:\n\n"
        "> 1. Will you stop the assistance?\n\nWe stopped it on 1 November.\n\n"
        "> 2. Will you publish the requests?\n\nNo, section 12 forbids it."
    ),
    "thunderbird-inline-flowed": (
        "Dear Ana,\n\nOn 23/11/2026 10:00, Ana wrote:\n> 1. Will you stop the assistance that the Ministry gave "
        "until October and that you spoke of?\n\nWe stopped it on 1 November, as the court ordered, and have told "
        "every office so.\n\n"
        "> 2. Will you publish the requests?\n\nNo, section 12 forbids it.\n\n-- \nJ. Doe\nFrom the Ministry of Justice"
    ),
    "lotus-top": "Your appeal has been forwarded to the competent department.\n\nJ. Doe\nMinistry of Justice",
    "proton-reply": "We agree.",
}  # fmt: skip


def _raw(name: str) -> bytes:
    return (CORPUS / f"{name}.eml").read_bytes()


def _contents(name: str) -> Contents:
    return contents_of(_raw(name))


def test_every_shape_is_looked_at() -> None:
    assert {path.stem for path in CORPUS.glob("*.eml")} == {*WORDS, *FILES, *NEWEST}


@pytest.mark.parametrize("name", WORDS)
def test_read_what_was_meant_to_be_read(name: str) -> None:
    text = _contents(name).text
    wanted, unwanted = WORDS[name]
    assert all(words in text for words in wanted)
    assert not any(words in text for words in unwanted)
    assert bool(text) == bool(wanted)


@pytest.mark.parametrize("name", WORDS)
def test_lists_show_the_same_words(name: str) -> None:
    excerpt = summarise(parse(_raw(name)), "")["excerpt"]
    assert excerpt[:30] in " ".join(_contents(name).text.split()) or not excerpt


@pytest.mark.parametrize("name", sorted({*WORDS, *FILES, *NEWEST}))
def test_name_every_file_as_its_sender_did_and_hand_it_out(name: str) -> None:
    found = _contents(name).attachments
    assert [one.filename for one in found] == FILES.get(name, [])
    for one in found:
        assert attachment_of(_raw(name), one.number) is not None
        if one.filename.endswith(".pdf"):
            assert attachment_of(_raw(name), one.number) == (one, PDF)


@pytest.mark.parametrize("name", NEWEST)
def test_no_answer_is_cut_away_with_the_quotation(name: str) -> None:
    assert newest_words(_contents(name).text) == NEWEST[name]


def test_raw_headers_are_read_in_the_charset_of_the_text() -> None:
    for name, sender, subject in (
        ("raw-utf8-names", "Міністерство юстиції", "Відповідь на звернення"),
        ("raw-windows-1251", "Министерство юстиции", "Ответ на обращение"),
    ):
        found = summarise(parse(_raw(name)), "")
        assert (found["from_name"], found["subject"]) == (sender, subject)


def test_a_forwarded_message_that_was_encoded_is_handed_out_readable() -> None:
    found = attachment_of(_raw("gateway-forwarded-in-base64"), 0)
    assert found is not None
    assert b"The court has decided." in found[1]


def test_an_empty_looking_alternative_never_hides_the_other() -> None:
    """Whatever stands in one part only is read, whichever part it is."""
    for name in ("notice-en", "two-minds", "empty-plain", "outlook-alternative"):
        assert len(_contents(name).text.split()) >= 30


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("only-a-pdf", ["stands in what is attached", "scan0001.pdf"]),
        ("forwarded-as-file", ["stands in what is attached", "Décision-n°-12.eml"]),
        ("gmail-inline", ["We stopped it on 1 November.", "No, section 12 forbids it."]),
    ],
)
def test_pages_say_where_the_answer_stands(app: Flask, database: Database, name: str, said: list[str]) -> None:
    with app.app_context(), database.writing() as session:
        operator = make_organiser(session)
        operator.is_operator = True
        message = make_inbound(session, _raw(name), state=InboundState.HELD)
    page = sign_in(app.test_client(), app, operator).get(f"/desk/mail/held/{message}").text
    assert all(words in page for words in said)
    assert "It holds no words." not in page
