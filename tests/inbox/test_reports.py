"""What incoming messages are taken for: real-shaped reports, absences and letters, and every kind of breakage."""

from __future__ import annotations

import random

import pytest

from app.inbox.autoreplies import is_automatic
from app.inbox.messages import summarise
from app.inbox.parsing import parse
from app.inbox.reports import read_report
from app.inbox.sorting import look_into
from app.inbox.states import InboundKind
from app.mail.states import Proof
from app.smtp.states import Fault
from tests.inbox.messages import MAIL_ID, MESSAGE_ID, bombs, broken, message, names
from tests.servers.bounds import fits_into

ADA = "ada@institution.example"
# Each recipient with action, status and at whose fault.
REPORTS: dict[str, list[tuple[str, str, str, Fault]]] = {
    "postfix-bounce": [(ADA, "failed", "5.1.1", Fault.ADDRESS)],
    "postfix-mailbox-full": [(ADA, "failed", "5.2.2", Fault.PASSING)],
    "postfix-expired": [(ADA, "failed", "4.4.1", Fault.PASSING)],
    "postfix-blocked": [(ADA, "failed", "5.7.1", Fault.CONTENT)],
    "postfix-delay": [(ADA, "delayed", "4.7.1", Fault.NONE)],
    "postfix-success": [(ADA, "relayed", "2.0.0", Fault.NONE)],
    "lmtp-delivered": [(ADA, "delivered", "2.1.5", Fault.NONE)],
    "postfix-two-recipients": [
        (ADA, "failed", "5.1.1", Fault.ADDRESS),
        ("archive@example.org", "relayed", "2.0.0", Fault.NONE),
    ],
    "utf8-report": [("да@institution.example", "failed", "5.1.1", Fault.ADDRESS)],
    "exim-text": [(ADA, "failed", "5.1.1", Fault.ADDRESS)],
    "hotmail-bounce": [(ADA, "failed", "5.5.0", Fault.ADDRESS)],
    "refused-without-reason": [(ADA, "failed", "5.5.0", Fault.UNSAID)],
    "exim-text-timeout": [(ADA, "failed", "4.4.7", Fault.PASSING)],
    "exim-text-delay": [(ADA, "delayed", "4.0.0", Fault.NONE)],
    "exim-dsn": [(ADA, "failed", "5.1.1", Fault.ADDRESS)],
    "exchange-ndr": [(ADA, "failed", "5.1.10", Fault.ADDRESS)],
    "exchange-status-as-text": [(ADA, "failed", "5.1.1", Fault.ADDRESS)],
    "gmail-bounce": [(ADA, "failed", "5.1.1", Fault.ADDRESS)],
    "yahoo-bounce": [(ADA, "failed", "5.0.0", Fault.ADDRESS)],
    "qmail-bounce": [
        (ADA, "failed", "5.1.1", Fault.ADDRESS),
        ("berta@institution.example", "failed", "5.2.2", Fault.PASSING),
    ],
    "sendmail-bounce": [(ADA, "failed", "5.1.1", Fault.ADDRESS)],
    "status-in-base64": [(ADA, "failed", "5.1.1", Fault.ADDRESS)],
}
UNREADABLE_REPORTS = {"complaint", "report-without-status"}
AUTOMATIC = {
    "acknowledgement-by-robot", "away-ar", "away-exchange-de", "away-gmail-fr", "away-outlook-en", "away-ru",
    "away-vacation-es", "read-receipt",
}  # fmt: skip
WITHOUT_RETURNED_ID = {"exim-text-delay"}
# What a reader must at least find in broken and strange messages.
SUMMARIES: dict[str, dict[str, object]] = {
    "letter-html-only": {
        "subject": "Réponse à votre lettre",
        "excerpt": "Madame, nous vous répondons : oui. Salutations",
    },
    "letter-wrong-charset": {"subject": "Відповідь", "excerpt": "Ми згодні."},
    "letter-unknown-charset": {"subject": "Café", "excerpt": "Café at noon."},
    "letter-windows-1251": {"from_name": "Ірина Петренко", "subject": "Відповідь", "excerpt": "Ми згодні."},
    "letter-split-words": {"subject": "Ответ министерства"},
    "letter-attachments": {
        "excerpt": "Please find our decision attached.",
        "refers_to": [MESSAGE_ID],
        "to": ["appeals@example.org", "jo@institution.example", "berta@institution.example"],
    },
    "letter-nested": {"excerpt": "The answer is below.", "message_id": "<nested1@institution.example>"},
    "letter-no-message-id": {"message_id": "", "excerpt": "An old program wrote this."},
    "letter-bare": {"from": "registry@institution.example", "subject": "From a spool"},
    "malformed-no-boundary": {"subject": "no boundary", "message_id": "<bad1@institution.example>"},
    "malformed-boundary-never-comes": {"excerpt": "Just text."},
    "malformed-headers": {"subject": "broken headers", "to": ["appeals@example.org"], "excerpt": "Text."},
    "malformed-nul": {"subject": "n ul", "date": "", "message_id": "<bad4@institution.example>"},
    "malformed-base64": {"message_id": "<bad5@institution.example>", "excerpt": "This is"},
    "malformed-types": {"from": "", "to": [], "message_id": "<bad6@institution.example>"},
    "malformed-only-headers": {"subject": "only headers"},
    "malformed-no-headers": {"excerpt": "Nothing but text, sent by a machine that knows no headers."},
    "malformed-carriage-returns": {"subject": "old", "excerpt": "Text with carriage returns."},
}


@pytest.mark.parametrize("name", names())
def test_take_each_message_for_what_it_is(name: str) -> None:
    found = look_into(message(name), "")
    expected = InboundKind.LETTER
    if name in REPORTS or name in UNREADABLE_REPORTS:
        expected = InboundKind.REPORT
    elif name in AUTOMATIC:
        expected = InboundKind.AUTOMATIC
    assert found.kind is expected
    assert bool(found.reports) == (name in REPORTS)


@pytest.mark.parametrize("name", REPORTS)
def test_read_each_report(name: str) -> None:
    reports = read_report(parse(message(name)))
    assert [(each.recipient, each.action, each.status, each.fault) for each in reports] == REPORTS[name]
    ids = {each.original_message_id for each in reports}
    assert ids == ({""} if name in WITHOUT_RETURNED_ID else {MESSAGE_ID})


def test_read_the_envelope_id_of_a_success() -> None:
    (report,) = read_report(parse(message("lmtp-delivered")))
    assert (report.envelope_id, report.proof, report.is_arrival) == (MAIL_ID, Proof.DELIVERED, True)


@pytest.mark.parametrize("name", SUMMARIES)
def test_summarise_what_is_strange(name: str) -> None:
    summary = summarise(parse(message(name)), "")
    assert {key: summary[key] for key in SUMMARIES[name]} == SUMMARIES[name]


@pytest.mark.parametrize(
    ("headers", "automatic"),
    [
        ("Auto-Submitted: auto-replied", True),
        ("Auto-Submitted: auto-generated; owner-email=a@example.org", True),
        ("Auto-Submitted: no", False),
        ("Auto-Submitted: NO (said a person)\nSubject: Answer", True),  # not RFC 3834's word: rather held than counted
        ("Precedence: auto_reply", True),
        ("Precedence: bulk", False),
        ("Precedence: bulk\nSubject: Out of office", True),
        ("Precedence: junk\nSubject: =?utf-8?Q?Autosvar:_borta?=", True),
        ("Precedence: list\nSubject: Automatic reply", False),
        ("Subject: Automatic reply: your letter", False),
        ("Subject: Автоответ\nFrom: no-reply@example.org", True),
        ("From: noreply@example.org", False),
        ("X-Auto-Response-Suppress: All", False),
        ("X-Autoreply: yes", True),
        ("X-Autoreply: no", False),
        ("X-Autorespond: Re: letter", True),
        ("Return-Path: <>", True),
        ("Return-Path: <person@example.org>", False),
        ("X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent", True),
        ("X-POST-MessageClass: 9; Autoresponder\nSubject: Abwesend (Abwesenheit)", True),
        ("", False),
    ],
)
def test_tell_a_machine_from_a_person(headers: str, automatic: bool) -> None:
    assert is_automatic(parse(f"{headers}\nMIME-Version: 1.0\n\nText\n".encode())) is automatic


def test_read_ten_thousand_broken_messages() -> None:
    rng, messages = random.Random(8), [message(name) for name in names()]
    kinds = {look_into(broken(rng, messages), "").kind for _ in range(10_000)}
    assert kinds == {InboundKind.REPORT, InboundKind.AUTOMATIC, InboundKind.LETTER}


@pytest.mark.parametrize("name", bombs())
def test_spend_no_time_on_bombs(name: str) -> None:
    bomb = bombs()[name]
    assert fits_into(3, 200_000_000, lambda: look_into(bomb, ""))
