"""Why a mail failed is judged once: what the queue shows and what is held against an address never contradict."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from app.smtp.states import Fault, Trouble
from app.smtp.troubles import status_in, status_of, trouble_of, trouble_reported

APP = Path(__file__).parents[2] / "app"
BLOCKED, NOBODY, REFUSED = Trouble.BLOCKED, Trouble.NO_SUCH_ADDRESS, Trouble.REFUSED


@pytest.mark.parametrize(
    ("status", "words", "trouble", "fault"),
    [
        ("5.1.1", "", NOBODY, Fault.ADDRESS),
        ("5.1.1", "550 <desk@example.org>: Sender address rejected: User unknown", Trouble.SENDER, Fault.CONTENT),
        ("5.1.8", "Domain of sender address does not exist", Trouble.SENDER, Fault.CONTENT),
        ("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found", NOBODY, Fault.ADDRESS),
        ("5.0.0", "550 User unknown", NOBODY, Fault.ADDRESS),
        ("5.0.0", "554 delivery error: This user doesn't have a yahoo.example account", NOBODY, Fault.ADDRESS),
        ("5.0.0", "550 blocked by policy", BLOCKED, Fault.CONTENT),
        ("5.0.0", "550-Verification failed for <desk@example.org> Sender verify failed", Trouble.SENDER, Fault.CONTENT),
        ("5.0.0", "554 mailbox full", Trouble.MAILBOX_FULL, Fault.PASSING),
        ("5.0.0", "550", REFUSED, Fault.UNSAID),
        ("5.0.0", "", REFUSED, Fault.UNSAID),
        ("", "", REFUSED, Fault.UNSAID),
        ("5.2.1", "mailbox disabled", NOBODY, Fault.ADDRESS),
        ("5.2.1", "550-5.2.1 the user is receiving mail too quickly", Trouble.BUSY, Fault.PASSING),
        ("5.2.2", "", Trouble.MAILBOX_FULL, Fault.PASSING),
        ("5.2.3", "", Trouble.TOO_LARGE, Fault.CONTENT),
        ("5.3.0", "553 5.3.0 <ada@example.org>... No such user here", NOBODY, Fault.ADDRESS),
        ("5.3.0", "554 5.3.0 rejected", BLOCKED, Fault.CONTENT),
        ("5.3.1", "mail system full", Trouble.BUSY, Fault.PASSING),
        ("5.3.4", "message too big", Trouble.TOO_LARGE, Fault.CONTENT),
        ("5.4.1", "Recipient address rejected: Access denied", NOBODY, Fault.ADDRESS),
        ("5.4.1", "connection timed out", Trouble.UNREACHABLE, Fault.PASSING),
        ("5.4.4", "host not found", NOBODY, Fault.ADDRESS),
        ("5.4.4", "550 5.4.4 blocked: host not found", NOBODY, Fault.ADDRESS),
        ("5.4.5", "550 5.4.5 Daily sending quota exceeded", Trouble.UNREACHABLE, Fault.PASSING),
        ("5.4.6", "mail loop", Trouble.UNREACHABLE, Fault.PASSING),
        ("5.4.7", "delivery time expired", Trouble.UNREACHABLE, Fault.PASSING),
        ("5.4.300", "Message expired", Trouble.UNREACHABLE, Fault.PASSING),
        ("5.4.310", "DNS domain does not exist", NOBODY, Fault.ADDRESS),
        ("5.5.0", "550 5.5.0 Requested action not taken: mailbox unavailable", NOBODY, Fault.ADDRESS),
        ("5.5.0", "550 5.5.0 Requested action not taken: mailbox unavailable, policy", BLOCKED, Fault.CONTENT),
        ("5.5.0", "550 5.5.0 command rejected", REFUSED, Fault.UNSAID),
        ("5.5.0", "", REFUSED, Fault.UNSAID),
        ("5.5.1", "503 5.5.1 Error: need MAIL command", REFUSED, Fault.UNSAID),
        ("5.5.4", "501 5.5.4 Invalid domain name", REFUSED, Fault.UNSAID),
        ("5.6.0", "content not understood", REFUSED, Fault.UNSAID),
        ("5.6.7", "", Trouble.NO_SMTPUTF8, Fault.CONTENT),
        ("5.7.1", "", BLOCKED, Fault.CONTENT),
        ("5.7.1", "Helo command rejected: Host not found", BLOCKED, Fault.CONTENT),
        ("5.0.0", "550 Helo command rejected: Host not found", BLOCKED, Fault.CONTENT),
        ("5.7.26", "DMARC", BLOCKED, Fault.CONTENT),
        ("4.2.2", "", Trouble.MAILBOX_FULL, Fault.PASSING),
        ("4.4.1", "connect to mx.example.org: Connection timed out", Trouble.UNREACHABLE, Fault.PASSING),
        ("4.1.1", "450 4.1.1 User unknown", Trouble.BUSY, Fault.PASSING),
        ("2.0.0", "", Trouble.BUSY, Fault.PASSING),
    ],
)
def test_a_report_is_judged_once(status: str, words: str, trouble: Trouble, fault: Fault) -> None:
    found = trouble_reported(status, words)
    assert (found, found.fault) == (trouble, fault)


@pytest.mark.parametrize(
    ("code", "answer", "trouble"),
    [
        (None, "", Trouble.NO_ANSWER),
        (450, "4.2.1 mailbox busy", Trouble.BUSY),
        (451, "4.7.1 Greylisted, come again", Trouble.GREYLISTED),
        (451, "4.4.1 no answer from host", Trouble.UNREACHABLE),
        (452, "4.2.2 full", Trouble.MAILBOX_FULL),
        (452, "", Trouble.MAILBOX_FULL),
        (452, "4.3.1 Insufficient system storage", Trouble.BUSY),
        (452, "4.5.3 Too many recipients", Trouble.BUSY),
        (530, "5.7.0 Authentication required", Trouble.SIGN_IN),
        (550, "5.1.1 no such user", NOBODY),
        (550, "5.5.0 no", REFUSED),
        (550, "no", REFUSED),
        (552, "no", Trouble.TOO_LARGE),
        (554, "no", BLOCKED),
        (556, "no", NOBODY),
        (553, "5.7.1 Sender address rejected: not owned by user", Trouble.SENDER),
        (550, "5.7.60 Client does not have permissions to send as this sender", Trouble.SENDER),
        (553, "This mail server can't handle international addresses (it lacks SMTPUTF8).", Trouble.NO_SMTPUTF8),
    ],
)
def test_an_answer_is_judged_as_reports_are(code: int | None, answer: str, trouble: Trouble) -> None:
    assert trouble_of(code, answer) is trouble
    if code and code >= 500 and code != 530:
        assert trouble_reported(status_of(answer) or "5.0.0", f"{code} {answer}") is trouble


@given(
    st.sampled_from(["5.0.0", "5.1.0", "5.1.1", "5.2.1", "5.4.4", "5.5.0", "5.7.1"]),
    st.sampled_from(
        ["", "rejected", "user unknown", "blocked", "host not found", "mailbox unavailable", "quota exceeded"]
    ),
)
def test_queue_and_address_book_never_contradict(status: str, words: str) -> None:
    """The same status and words mean the same as the server's own answer and in a report about it."""
    assert trouble_of(550, f"{status} {words}") is trouble_reported(status, f"550 {status} {words}")


@pytest.mark.parametrize(
    ("field", "words", "status"),
    [
        ("5.1.1", "550 5.7.1 no", "5.1.1"),
        ("5.0.0", "550 5.1.1 no", "5.1.1"),
        ("5.0.0", "", "5.0.0"),
        ("", "452 try later", "4.0.0"),
        ("", "from 5.1.1.7 [198.51.100.3]", ""),
        ("", "550 5.1.1. User unknown", "5.1.1"),
        ("", "Exim 4.96.1", ""),
        ("4.4.1 (timeout)", "", "4.4.1"),
    ],
)
def test_find_the_status(field: str, words: str, status: str) -> None:
    assert status_in(field, words) == status


@pytest.mark.parametrize(
    ("answer", "status"),
    [("5.1.1 no", "5.1.1"), ("no 5.1.10", "5.1.10"), ("from 5.6.7.8", ""), ("2.5", ""), ("", ""), ("x4.4.4", "4.4.4")],
)
def test_a_status_is_no_address(answer: str, status: str) -> None:
    assert status_of(answer) == status


def test_no_other_part_of_the_house_reads_a_status() -> None:
    """Two places that read RFC 3463 came to contradict each other once."""
    pattern = re.compile(
        r"\[245\]\\?\.|\[45\]\\?\.|\[45\]\[0-5\]|unknown user|user unknown|over ?\\?\??quota", re.IGNORECASE
    )
    found = [
        str(path.relative_to(APP))
        for path in sorted(APP.rglob("*.py"))
        if path.name != "troubles.py" and pattern.search(path.read_text())
    ]
    # Postfix writes it in a field of its own there, which is found and not judged.
    assert found == ["inbox/relay_log.py"]
