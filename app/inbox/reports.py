"""Read delivery reports: what a mail server says became of one of our mails (RFC 3464, 3462, 6522, 6533).

Our own reader comes first; then the text of servers that write none of these (Exim, qmail, Yahoo); then flufl.bounce,
which takes every failure for a lasting one and is corrected by the status that the text names. Nothing here touches
the database, and nothing here says which mail is meant: a report is worth no more than the mark it carries.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re

from app.inbox.bodies import content
from app.inbox.bounce_texts import (
    LONGEST_TEXT,
    RETURNED_HEADERS,
    RETURNED_WHOLE,
    ask_flufl,
    one_line,
    own_parts,
    read_texts,
    returned_id_of,
)
from app.inbox.failures import Report
from app.inbox.headers import header, sender_of, values
from app.inbox.parsing import Message, inner
from app.smtp.troubles import status_in

MOST_REPORTS = 100
DELIVERY_STATUS = {"message/delivery-status", "message/global-delivery-status"}
ACTIONS = ("failed", "delayed", "delivered", "relayed", "expanded")
_UNICODE = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")  # RFC 6533 §3
_TYPE = re.compile(r"(?i)^smtp[ \t]*;[ \t]*")  # RFC 3464 §2.1.2: of any other kind of words it is told
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,60})[ \t]*:(.*)")
_BOUNCE_SUBJECT = re.compile(
    r"(?i)deliver|returned mail|returned to sender|failure notice|mail failure|mail system error|bounce|"
    r"warning: (?:message|could not send)|unzustellbar|nicht zugestellt|non remis|[ée]chec de|no se puede entregar|"
    r"impossibile (?:recapitare|consegnare)|недоставлен|не доставлено|无法投递|退信|配信不能"
)
_DAEMON = re.compile(r"mailer-daemon(?:$|@)|postmaster@|mail-?delivery|microsoftexchange[0-9a-f]{8,}@")


def is_delivery_report(message: Message) -> bool:
    """Tell whether a message is, by its form or its sender, a report on delivery, readable or not."""
    if message.get_content_type() == "multipart/report":
        kind = header(message, "Content-Type").lower()
        return "disposition-notification" not in kind
    _name, sender = sender_of(message)
    return bool(values(message, "X-Failed-Recipients")) or _DAEMON.match(sender) is not None


def read_report(message: Message) -> list[Report]:
    """Return what a message reports, a report for each recipient; empty for what is no report or can't be read.

    Only machines report: a letter in which a person quotes or forwards a report says nothing here.
    """
    if not _may_report(message):
        return []
    found = _standard_reports(message) or read_texts(message) or ask_flufl(message)
    unique = {(report.recipient, report.action): report for report in found[:MOST_REPORTS]}
    return list(unique.values())


def _may_report(message: Message) -> bool:
    if is_delivery_report(message):
        return True
    is_machine = header(message, "Return-Path").replace(" ", "") == "<>" or header(message, "Auto-Submitted") != ""
    return is_machine and _BOUNCE_SUBJECT.search(header(message, "Subject")) is not None


def _standard_reports(message: Message) -> list[Report]:
    blocks, returned_id = [], ""
    for part in own_parts(message):
        kind = part.get_content_type()
        if kind in DELIVERY_STATUS:
            blocks += _blocks_of(part)
        elif kind == "text/plain" and not part.is_multipart():
            text = content(part, LONGEST_TEXT)
            if re.search(r"(?im)^final-recipient[ \t]*:", text):
                blocks += _blocks_in(text)
        elif kind in RETURNED_WHOLE | RETURNED_HEADERS and not returned_id:
            returned_id = returned_id_of(part)
    envelope_id = next(
        (one_line(block["original-envelope-id"]) for block in blocks if "original-envelope-id" in block), ""
    )
    reports = [_report(block, returned_id, envelope_id) for block in blocks]
    return [report for report in reports if report is not None]


def _blocks_of(part: Message) -> list[dict[str, str]]:
    """Return the fields of a delivery-status part, a block for the mail and one for each recipient."""
    if not part.is_multipart():
        return _blocks_in(content(part, LONGEST_TEXT))
    coding = header(part, "Content-Transfer-Encoding").lower()
    if coding in {"base64", "quoted-printable"}:
        return _blocks_in(_uncoded("\n".join(_text_of_block(block) for block in inner(part)), coding))
    blocks = []
    for block in inner(part)[: MOST_REPORTS + 1]:
        # The parser knows no blocks in a message/global-delivery-status.
        blocks += [_fields_of(block), *_blocks_in(content(block, LONGEST_TEXT))]
    return blocks


def _fields_of(block: Message) -> dict[str, str]:
    return {name.lower(): next(iter(values(block, name)), "") for name in dict.fromkeys(block.keys()) if len(name) < 60}


def _text_of_block(block: Message) -> str:
    """Return a block as it stood: the parser takes encoded text for a body, or some of it for fields."""
    fields = "\n".join(f"{name}: {value}" for name, value in _fields_of(block).items())
    return f"{fields}\n\n{content(block, LONGEST_TEXT)}"


def _uncoded(text: str, coding: str) -> str:
    raw = text.encode("ascii", "replace")
    try:
        whole = quopri.decodestring(raw) if coding == "quoted-printable" else base64.b64decode(raw)
    except (binascii.Error, ValueError):
        return ""
    return whole[:LONGEST_TEXT].decode("utf-8", "replace").replace("\r\n", "\n")


def _blocks_in(text: str) -> list[dict[str, str]]:
    """Return the blocks of fields in a text that holds a delivery status under another name."""
    blocks: list[dict[str, str]] = [{}]
    last = ""
    for line in text.splitlines():
        if not line.strip():
            if blocks[-1]:
                blocks.append({})
            last = ""
        elif line[0] in " \t" and last:
            blocks[-1][last] += " " + line.strip()
        elif field := _FIELD.match(line):
            last = field[1].lower()
            blocks[-1].setdefault(last, field[2].strip())
    return blocks


def _report(block: dict[str, str], returned_id: str, envelope_id: str) -> Report | None:
    recipients = [_recipient(block.get(name, "")) for name in ("original-recipient", "final-recipient")]
    recipient = next((each for each in recipients if "@" in each), "")
    if not recipient and "action" not in block:
        return None
    diagnostic = _TYPE.sub("", one_line(block.get("diagnostic-code", "")))
    status = status_in(block.get("status", ""), diagnostic)
    action = _action(block.get("action", ""), status)
    if not action:
        return None
    if not status:
        status = {"failed": "5.0.0", "delayed": "4.0.0"}.get(action, "2.0.0")
    return Report(recipient, action, status, diagnostic, returned_id, envelope_id)


def _action(word: str, status: str) -> str:
    word = word.strip().lower()
    if not word:
        return {"5": "failed", "4": "delayed", "2": "delivered"}.get(status[:1], "")
    return next((action for action in ACTIONS if word.startswith(action[:4])), "")  # some write "failure"


def _recipient(field: str) -> str:
    """Return the address of `rfc822; user@example.org` and its like."""
    address = one_line(field.partition(";")[2] if ";" in field else field)
    address = _UNICODE.sub(lambda found: _character(found[1]), address)
    return address.strip().strip("<>").strip().lower()


def _character(hexadecimal: str) -> str:
    number = int(hexadecimal, 16)
    return chr(number) if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else "?"
