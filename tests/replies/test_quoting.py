"""What is new in a reply stands first, whichever mail program quoted ours."""

from __future__ import annotations

import pytest

from app.replies.quoting import newest_words
from tests.servers.bounds import fits_into


@pytest.mark.parametrize(
    ("quotation", "words"),
    [
        ("On Mon, 23 Nov 2026 at 10:00, Ana <a@example.org> wrote:\n> Our appeal", "Thank you."),
        ("Am 23.11.2026 um 10:00 schrieb Ana <a@example.org>:\n> Unser Aufruf", "Danke."),
        ("Le lun. 23 nov. 2026 à 10:00, Ana <a@example.org> a écrit :\n> Notre appel", "Merci."),
        ("23 ноября 2026 г., 10:00, Анна <a@example.org> пишет:\n\n> Наше обращение", "Спасибо."),
        ("пн, 23 лист. 2026 р. о 10:00 Анна <a@example.org> пише:\n> Наше звернення", "Дякуємо."),
        ("23.11.2026 10:00, Анна написала:\n> Наше обращение", "Ответ."),
        ("-----Исходное сообщение-----\nОт: Анна\nТема: Обращение\n\nНаше обращение", "Ответ."),
        ("Від: Анна <a@example.org>\nНадіслано: 23 листопада 2026\nКому: Міністр\nТема: Звернення\n\nТекст", "Так."),
        ("________________________________\nFrom: Ana\nSent: Monday\nTo: Minister\nSubject: Appeal\n\nOurs", "Yes."),
        ("> Our appeal\n> of Monday", "Yes."),
    ],
)
def test_quotation_below_is_left_out(quotation: str, words: str) -> None:
    found = newest_words(f"{words}\n\nJ. Doe, Minister\n\n{quotation}\n")
    assert found.startswith(f"{words}\n\nJ. Doe, Minister")
    assert "\n>" not in found
    assert not {"Our", "Ours", "Наше", "Текст", "Unser", "Notre"} & set(found.split())


@pytest.mark.parametrize(
    "text",
    [
        "No quotation here.\n\n- one\n- two\n\nBest regards,\nJ. Doe",
        "Как министр пишет:\nмы не согласны",
        "> all of it\n> is a quotation",
        "On this matter, the court wrote: no.",
    ],
)
def test_nothing_else_is_left_out(text: str) -> None:
    assert newest_words(text) == text


WROTE = "On Mon, 23 Nov 2026 at 10:00, Ana <a@example.org> wrote:"


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        (f"Dear Ana,\n\n{WROTE}\n> Stop?\n\nNo.\n\n> In writing?\n\nYes.\n\nJ. Doe", ("No.", "Yes.", "J. Doe")),
        (f"Dear Ana,\n\n{WROTE}\n> Will you stop?\n\nWe will.\n", ("We will.",)),
        (f"{WROTE}\n> Will you stop?\n\nWe will.\n", ("We will.",)),
        ("Ja.\n\nAm 23.11.2026 um 10:00 schrieb Ana <a@b.example>:\n\n> Eins?\nNein\n> Zwei?\nJa", ("Nein", "Ja")),
        ("Да!\n\n23 ноября 2026 г., 10:00, Анна <a@b.example> пишет:\n\n> Раз?\nДа.\n> Два?\nНет.", ("Да.", "Нет.")),
        (f"See below.  \n\n{WROTE}\n>> Older words\n> Will you stop?\nNo: § 3 forbids it.", ("No: § 3 forbids it.",)),
        ("Yes to the first.\n\n> 1. Stop\n\nYes.\n\n> 2. Answer\n\nIn March.", ("Yes.", "In March.")),
    ],
)  # fmt: skip
def test_answers_between_quoted_lines_are_kept_with_what_they_answer(text: str, answers: tuple[str, ...]) -> None:
    found = newest_words(text)
    lines = found.split("\n")
    assert all(answer in lines for answer in answers)
    assert ">" in found


@pytest.mark.parametrize(
    "below",
    [
        "> Our appeal\n> of Monday\n\n-- \nAna\nCoalition",
        "> Our appeal\n\n_______________________________________________\nList mailing list\nlist@example.org",
        "> " + "Our appeal of Monday the twenty-third, which you were so kind as to\nread\n> and we thank you",
        "> Our appeal\n\n----- Original Message -----\nFrom: x\nTo: y\n\nWords of long ago",
    ],
)
def test_what_is_no_answer_below_a_quotation_stays_below(below: str) -> None:
    assert newest_words(f"Thank you.\n\n{WROTE}\n{below}\n") == "Thank you."


def test_paragraphs_in_one_line_are_cut_where_the_quotation_begins() -> None:
    words = "We have considered it. " * 30
    assert newest_words(f"{words}\n\n{WROTE}\n> {'Our appeal. ' * 40}\n") == words.rstrip()


def test_what_stands_below_a_signature_is_kept() -> None:
    text = "Dear Ana,\n\n-- \nJ. Doe, Minister\n\nP.S. We refuse."
    assert newest_words(text) == text


@pytest.mark.parametrize("word", ["On ", "Am schrieb ", "Le a écrit ", "> ", "\n", "From:\n", "Den skrev ", "От: "])
@pytest.mark.parametrize("line", [40, 240, 100_000])
def test_hostile_text_keeps_no_page_waiting(word: str, line: int) -> None:
    text = "\n".join([(word * line)[:line]] * (12_000 // line + 1))
    assert fits_into(5, 100_000_000, lambda: newest_words(text))
