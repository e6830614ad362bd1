"""Read from a mail server's answer why it did not take a mail."""

from __future__ import annotations

import re

from app.smtp.states import Trouble

_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
# What RFC 3463's status codes mean to us; the first that fits.
_BY_STATUS = (
    (re.compile(r"[45]\.2\.2"), Trouble.MAILBOX_FULL),
    (re.compile(r"5\.1\.[0-36]|5\.1\.10|5\.2\.1"), Trouble.NO_SUCH_ADDRESS),
    (re.compile(r"[45]\.(2\.3|3\.4)"), Trouble.TOO_LARGE),
    (re.compile(r"5\.6\.7"), Trouble.NO_SMTPUTF8),
    (re.compile(r"5\.7\.\d+"), Trouble.BLOCKED),
)
_BY_WORDS = (
    (re.compile(r"SMTPUTF8", re.IGNORECASE), Trouble.NO_SMTPUTF8),
    (re.compile(r"grey-?list|gray-?list", re.IGNORECASE), Trouble.GREYLISTED),
    (re.compile(r"mailbox (is )?full|over ?quota|quota exceeded|insufficient storage", re.IGNORECASE),
     Trouble.MAILBOX_FULL),
    (re.compile(r"no such (user|person|mailbox|address)|user unknown|unknown user|does not exist|invalid recipient",
                re.IGNORECASE), Trouble.NO_SUCH_ADDRESS),
    (re.compile(r"too (large|big)|size limit|exceeds.*size", re.IGNORECASE), Trouble.TOO_LARGE),
    (re.compile(r"spam|block(ed)?\b|black-?list|block-?list|reputation|policy", re.IGNORECASE), Trouble.BLOCKED),
)  # fmt: skip


def trouble_of(code: int | None, answer: str) -> Trouble:
    """Return what an answer means: by its enhanced status (RFC 3463) first, then by its words, then by its code."""
    if code is None:
        return Trouble.NO_ANSWER
    if code < 500:
        return _temporary(code, answer)
    status = status_of(answer)
    for pattern, trouble in _BY_STATUS:
        if pattern.fullmatch(status):
            return trouble
    for pattern, trouble in _BY_WORDS:
        if pattern.search(answer):
            return trouble
    return {552: Trouble.TOO_LARGE, 554: Trouble.BLOCKED}.get(code, Trouble.REFUSED)


def status_of(answer: str) -> str:
    """Return the enhanced status code in an answer, such as 5.1.1, or nothing."""
    found = _STATUS.search(answer)
    return found[1] if found else ""


def _temporary(code: int, answer: str) -> Trouble:
    for pattern, trouble in _BY_WORDS:
        if trouble in {Trouble.GREYLISTED, Trouble.MAILBOX_FULL} and pattern.search(answer):
            return trouble
    return Trouble.MAILBOX_FULL if code == 452 or status_of(answer) == "4.2.2" else Trouble.BUSY
