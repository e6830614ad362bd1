"""Set appeals and reports as tagged PDF/A: the same document gives the same bytes, and no text can become code."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time

from app.appeals.manuscripts import LEFT_OUT, Data, blocks, maybe_own, own, paragraphs, typography
from app.appeals.press import PDF, PressCopy, PressRefused, print_copy
from app.appeals.stand_ins import StandIn, needs_stand_ins, stand_ins_in, stood_in
from app.background.children import FileReader, answer_of_child
from app.base.characters import NONCHARACTERS, SURROGATES
from app.base.markdown import parse
from app.base.moments import Moment, locale_of, written_day

# What is longer, a few thousand names, is printed in a child: what typst has taken of memory it keeps.
MOST_PRINTED_HERE = 300_000
# Addresses that are set aside count as memory here, and typst sets much more aside than it uses.
PRESS = FileReader("app.appeals.press", 6_000_000_000, 600, 200_000_000)

# How typst says that a stretch of text can't be printed, and how it writes what can't be seen.
_REFUSED = re.compile(r'(?:the text|the codepoint) `"(.+?)"`', re.DOTALL)
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
_MOST_REFUSALS = 12
_NOT_IN_XML = re.compile(f"[\x00-\x08\x0e-\x1f\x7f-\x9f{SURROGATES}{NONCHARACTERS}]")
SHORT_HASH_CHARACTERS = 12
LONG_TITLE_CHARACTERS = 90
LEAST_MARK_BYTES, MOST_MARK_BYTES = 16, 512
FOOT_TITLE_CHARACTERS = 70
SURELY_A_LINE_CHARACTERS = 47  # a longer word may have to be broken
HEADINGS_WORTH_CONTENTS = 3


@dataclass(frozen=True)
class PrintedSignatory:
    """One name as this audience may see it; `entrusted` marks a name given to the addressee alone."""

    name: str
    public_line: str = ""
    pseudonym: bool = False
    entrusted: bool = False


@dataclass(frozen=True)
class AnnexLine:
    """One annex as the letter lists it: its file here and, where that is another one, the file on the web page."""

    title: str
    filename: str
    sha256: str
    pages: int | None = None
    source_filename: str = ""
    source_sha256: str = ""


@dataclass(frozen=True)
class TypesetAppeal:
    """Everything that a letter prints; `labels` are the words of `appeals.labels` in its language.

    `mark` stands in the file's properties and nowhere else: with a secret one, nobody can set the same letter again
    with guessed names and see by its SHA-256 or its size whether they guessed right.
    """

    language: str
    direction: str
    kind: str
    title: str
    convenors: tuple[str, ...]
    addressees: tuple[tuple[str, tuple[str, ...]], ...]
    date: date | Moment
    summary: str
    body_markdown: str
    demands: tuple[str, ...]
    organisations: tuple[PrintedSignatory, ...]
    people: tuple[PrintedSignatory, ...]
    hidden_count: int
    total: int
    version_number: int
    text_sha256: str
    audience: str
    labels: Mapping[str, str]
    annexes: tuple[AnnexLine, ...] = ()
    letterhead: tuple[str, ...] = ()
    verify_url: str = ""
    campaign: str = ""
    mark: str = ""


@dataclass(frozen=True)
class Printed:
    """A document as PDF/A-2a bytes, and which characters are printed by their number since no face has them."""

    pdf: bytes
    stand_ins: tuple[StandIn, ...]


def render_appeal(document: TypesetAppeal) -> Printed:
    """Set the letter. No text can make it fail: what can't be printed is printed by its number."""
    frame = _frame(document.language, document.direction, document.title, document.date)
    about = {
        "authors": [_in_metadata(name) for name in document.convenors],
        "description": _in_metadata(document.summary),
        "keywords": [document.mark] if document.mark else [],
    }
    return _typeset("appeal.typ", {**frame, **about}, _appeal_data(document), document.date)


def render_report(
    title: str,
    markdown: str,
    language: str,
    direction: str,
    date: date | Moment,
    footer: str,
    contents: str = "Contents",
) -> Printed:
    """Set an annex written in Markdown; `contents` heads its list of contents."""
    body = blocks(parse(markdown))
    headings = sum(block["kind"] == "heading" for block in body)
    data = {
        "foot": own(footer),
        "body": body,
        "contents": headings >= HEADINGS_WORTH_CONTENTS,
        "labels": {"contents": contents},
    }
    frame = {**_frame(language, direction, title, date), "authors": [], "description": "", "keywords": []}
    return _typeset("report.typ", frame, data, date)


def secret_mark() -> str:
    """Return what makes an addressee's PDF unlike any that could be set from guesses; its length hides the names'."""
    return secrets.token_hex(LEAST_MARK_BYTES + secrets.randbelow(MOST_MARK_BYTES - LEAST_MARK_BYTES))


def _appeal_data(document: TypesetAppeal) -> Data:
    labels = dict(document.labels)
    short = document.text_sha256[:SHORT_HASH_CHARACTERS]
    return {
        "kind": document.kind,
        "convenors": [own(name) for name in document.convenors],
        "letterhead": [own(line) for line in document.letterhead],
        "addressees": [
            {"name": own(name), "lines": [own(line) for line in lines if line.strip()]}
            for name, lines in document.addressees
        ],
        "summary": paragraphs(document.summary),
        "body": blocks(parse(document.body_markdown)),
        "demands": [own(demand) for demand in document.demands],
        "organisations": [_signatory(line, document) for line in document.organisations],
        "people": [_signatory(line, document) for line in document.people],
        "signed": document.total > 0,
        "tally": [labels["total"]],
        "hidden": labels["hidden"] if document.hidden_count else "",
        "annexes": [
            {
                "title": own(one.title),
                "filename": own(one.filename),
                "sha256": one.sha256,
                "pages": "" if one.pages is None else str(one.pages),
                "source": own(one.source_filename),
                "source_sha256": one.source_sha256,
            }
            for one in document.annexes
        ],
        "campaign": own(document.campaign or document.title),
        "version_number": document.version_number,
        "sha256": document.text_sha256,
        "verify_url": document.verify_url,
        "copy": labels["copy_addressee" if document.audience == "addressee" else "copy_public"],
        "foot": own(f"{_shortened(document.title)} · {labels['version']} {document.version_number} · {short}"),
        "labels": labels,
    }


def _frame(language: str, direction: str, title: str, day: date | Moment) -> Data:
    on = _day_of(day)
    return {
        **typography(language),
        "direction": direction,
        # PDF/UA demands a title, also where nothing of it can be printed.
        "plain_title": _in_metadata(title) or "–",
        "title": {**own(title), "long": len(title) > LONG_TITLE_CHARACTERS},
        "date": [on.year, on.month, on.day],
        "day": _written_out(day, language),
    }


def _in_metadata(text: str) -> str:
    """Return a text as the document's description of itself: on one line, without what XML can't hold."""
    return " ".join(_NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text.translate(LEFT_OUT)).split())


def _signatory(line: PrintedSignatory, document: TypesetAppeal) -> list[Data | str]:
    """Return a name, its line or "", and what is said of it: there may be very many, so as little as will do."""
    marks = [document.labels[mark] for mark in ("pseudonym", "entrusted") if getattr(line, mark)]
    return [*(_lean(text, document.direction) for text in (line.name, line.public_line)), *marks]


def _lean(text: str, way: str) -> Data | str:
    """Return somebody's own text as a string if it is one line that runs as the document does."""
    if way == "ltr" and len(text) <= SURELY_A_LINE_CHARACTERS and text.isascii() and text.isprintable():
        return " ".join(text.split())
    piece = maybe_own(text)
    if not piece["lines"]:
        return ""
    is_lean = len(piece["lines"]) == 1 and not piece["mends"] and piece["rtl"] == (way == "rtl")
    return str(piece["lines"][0]) if is_lean else piece


def _shortened(title: str) -> str:
    if len(title) <= FOOT_TITLE_CHARACTERS:
        return title
    cut = title[:FOOT_TITLE_CHARACTERS]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut).rstrip(" ,;:") + "…"


def _day_of(day: date | Moment) -> date:
    return day.on if isinstance(day, Moment) else day


def _written_out(day: date | Moment, language: str) -> str:
    """Write out a day in a document's language, with the place of the statement where it is a moment's."""
    locale = locale_of(language)
    if locale is None:
        return _day_of(day).isoformat()
    return day.day_in(locale) if isinstance(day, Moment) else written_day(day, locale=locale)


def _typeset(template: str, frame: Data, data: Data, day: date | Moment) -> Printed:
    """Compile a template, and where typst finds a combination that no face can show, again without it."""
    noon = int(datetime.combine(_day_of(day), time(12), UTC).timestamp())
    inputs = {"frame": _as_json(frame), "manuscript": _as_json(data)}
    must_stand_in = any(needs_stand_ins(written) for written in inputs.values())
    refused: frozenset[str] = frozenset()
    for _attempt in range(_MOST_REFUSALS):
        if must_stand_in or refused:
            inputs = {"frame": _as_json(stood_in(frame, refused)), "manuscript": _as_json(stood_in(data, refused))}
        try:
            pdf = _printed(PressCopy(template, inputs, noon))
        except PressRefused as error:
            found = _REFUSED.search(str(error))
            if found is None:
                raise
            refused |= {_ESCAPED.sub(lambda escape: chr(int(escape[1], 16)), found[1])}
        else:
            stand_ins = stand_ins_in({**frame, **data}, refused) if must_stand_in or refused else ()
            return Printed(pdf, tuple(stand_ins))
    raise AssertionError(f"typst refuses {refused!r}")


def _as_json(data: Data) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _printed(copy: PressCopy) -> bytes:
    if sum(map(len, copy.inputs.values())) <= MOST_PRINTED_HERE:
        return print_copy(copy)
    answer = answer_of_child(PRESS, json.dumps(asdict(copy)).encode())
    if answer[:1] != PDF:
        raise PressRefused(answer[1:].decode())
    return answer[1:]
