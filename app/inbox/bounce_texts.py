"""Read the bounces that are only text: Exim, qmail, Yahoo, old Postfix, and what flufl.bounce knows beyond."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from copy import copy

from flufl.bounce import all_failures

from app.inbox.bodies import content, text_of
from app.inbox.charsets import cleaned
from app.inbox.failures import Report
from app.inbox.headers import addresses, decoded, identifiers
from app.inbox.parsing import MOST_PARTS, Message, inner
from app.smtp.troubles import is_of_time, status_in

LONGEST_DIAGNOSTIC = 500
LONGEST_TEXT = 64 * 1024
SHORT_TEXT, SHORT_LINES = 16 * 1024, 500
RETURNED_WHOLE = {"message/rfc822", "message/global"}
RETURNED_HEADERS = {"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}
_RETURNED_ID = re.compile(r"(?im)^[> \t]*message-id:\s*(<[^<>\s]{1,250}>)")
_ADDRESS_LINE = re.compile(r"<([^<>\s]{1,320}@[^<>\s]{1,255})>:?(.*)", re.DOTALL)
_EXIM_ADDRESS = re.compile(r"(?m)^ {1,4}([^\s<>:]{1,64}@[^\s<>:]{1,255})[ \t]*$")
# It writes a line for each of its detectors, and repeats what it could not read.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)


def read_texts(message: Message) -> list[Report]:
    """Return what a bounce without fields says of each address: QSBMF, Exim, Yahoo, old Postfix."""
    text = text_of(message, LONGEST_TEXT)[:LONGEST_TEXT]
    returned_id = next(iter(_RETURNED_ID.findall(text)), "") or _first_returned_id(message)
    is_delay = (
        re.search(r"(?i)has not (?:yet )?been delivered|will (?:continue to|keep) (?:be )?(?:tr|retr)", text)
        is not None
    )
    told = _told_in_paragraphs(text) or _told_by_exim(message, text, is_delay=is_delay)
    return [_text_report(address, words, returned_id, is_delay=is_delay) for address, words in told]


def _told_in_paragraphs(text: str) -> list[tuple[str, str]]:
    told = []
    for paragraph in re.split(r"\n[ \t]*\n", text)[:MOST_PARTS]:
        if paragraph.lstrip().startswith("---"):
            break  # what follows is the message itself
        found = _ADDRESS_LINE.match(paragraph.strip())
        if found and ":" in paragraph.strip()[len(found[1]) + 2 : len(found[1]) + 3]:
            told.append((found[1].lower(), found[2]))
    return told


def _told_by_exim(message: Message, text: str, *, is_delay: bool) -> list[tuple[str, str]]:
    failed = addresses(message, "X-Failed-Recipients")
    if not failed and is_delay:
        failed = [each.lower() for each in _EXIM_ADDRESS.findall(text)[:MOST_PARTS]]
    told = []
    for address in failed:
        at = text.lower().find(address)
        told.append(
            (address, text[at + len(address) :].partition("\n\n")[0][: 4 * LONGEST_DIAGNOSTIC] if at >= 0 else "")
        )
    return told


def _text_report(address: str, words: str, returned_id: str, *, is_delay: bool) -> Report:
    status = status_in("", words)
    if is_delay:
        return Report(address, "delayed", status if status[:1] == "4" else "4.0.0", one_line(words), returned_id)
    if not status:
        status = "4.4.7" if is_of_time(words) else "5.0.0"
    return Report(address, "failed", status, one_line(words), returned_id)


def ask_flufl(message: Message) -> list[Report]:
    """Ask flufl.bounce, which knows many servers' words but calls every failure a lasting one."""
    try:
        passing, lasting = all_failures(_shortened(message))
    except Exception:  # noqa: BLE001 - it reads what strangers wrote; what it can't read, a person looks at
        return []
    text = text_of(message, LONGEST_TEXT)[:LONGEST_TEXT]
    returned_id = next(iter(_RETURNED_ID.findall(text)), "") or _first_returned_id(message)
    reports = []
    for address, is_lasting in [*((each, False) for each in passing), *((each, True) for each in lasting)]:
        name = cleaned(bytes(address).decode("utf-8", "replace")).strip().lower()
        after = text[max(text.lower().find(name), 0) :][: 4 * LONGEST_DIAGNOSTIC]
        status = status_in("", after) or ("5.0.0" if is_lasting else "4.0.0")
        reports.append(Report(name, "failed" if is_lasting else "delayed", status, one_line(after), returned_id))
    return sorted(reports, key=lambda report: report.recipient)


def _shortened(message: Message, depth: int = 5) -> Message:
    """Return a copy of a message with as much of it as a bounce's words take."""
    short = copy(message)
    if message.is_multipart():
        short.set_payload([_shortened(part, depth - 1) for part in inner(message)[:20] if depth])
    else:
        payload = message.get_payload()
        short.set_payload("\n".join(str(payload)[:SHORT_TEXT].split("\n")[:SHORT_LINES]))
    return short


def _first_returned_id(message: Message) -> str:
    returned: Iterable[str] = (
        returned_id_of(part)
        for part in own_parts(message)
        if part.get_content_type() in RETURNED_WHOLE | RETURNED_HEADERS
    )
    return next((each for each in returned if each), "")


def returned_id_of(part: Message) -> str:
    """Return the message id in a part that returns a mail or its headers; empty where there is none."""
    if part.is_multipart():
        return next((found for message in inner(part)[:1] for found in identifiers(message, "Message-ID")), "")
    return next(iter(_RETURNED_ID.findall(content(part, LONGEST_TEXT))), "")


def own_parts(message: Message) -> Iterator[Message]:
    """Walk over a message's parts, but not into messages that it returns or forwards."""
    waiting, seen = [message], 0
    while waiting and seen < MOST_PARTS:
        part = waiting.pop(0)
        seen += 1
        yield part
        if part.get_content_maintype() == "multipart":
            waiting = inner(part) + waiting


def one_line(value: str) -> str:
    """Return a server's words on one line, decoded and cut."""
    return cleaned(" ".join(decoded(value).split()))[:LONGEST_DIAGNOSTIC]
