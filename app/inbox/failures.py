"""What a report says of a mail: how it failed, and at whose fault."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from app.mail.states import Proof

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.])([45])[0-5]\d(?![\d.])")
_FULL = re.compile(
    r"(?i)mailbox (?:is )?full|over ?quota|quota exceeded|exceeded.{0,40}quota|insufficient.{0,20}storage"
)
_BLOCKED = re.compile(
    r"(?i)\bspam\b|blocked|block ?list|blacklist|policy|\bdmarc\b|\bspf\b|reputation|unsolicited|virus"
)
_UNKNOWN = re.compile(
    r"(?i)(?:no such|unknown|invalid) (?:user|recipient|mailbox)|user unknown|does not exist|not found"
)


class Fault(StrEnum):
    """At what a mail failed for good: only the address's own faults are held against the address."""

    NONE = "none"
    ADDRESS = "address"
    PASSING = "passing"  # a full mailbox, a server that was away too long
    CONTENT = "content"  # what was sent, or who sent it: blocked, too large


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a mail on the way to one recipient. `status` is RFC 3463's; the rest is the server's word."""

    recipient: str  # as it was written to, where the report tells; lower case
    action: str
    status: str
    diagnostic: str
    original_message_id: str = ""
    envelope_id: str = ""

    @property
    def fault(self) -> Fault:
        """Say at what it failed."""
        return fault_of(self.status, self.diagnostic) if self.action == "failed" else Fault.NONE

    @property
    def is_hard(self) -> bool:
        """Tell whether the address is of no use any more."""
        return self.fault is Fault.ADDRESS

    @property
    def is_arrival(self) -> bool:
        """Tell whether it proves that the mail went on."""
        return self.proof.is_arrival

    @property
    def proof(self) -> Proof:
        """Return what it proves of the mail's fate; what came back for the address's sake or its content stays back."""
        if self.action == "failed":
            return Proof.BOUNCED_SOFT if self.fault is Fault.PASSING else Proof.BOUNCED_HARD
        return {"delayed": Proof.DELAYED, "delivered": Proof.DELIVERED}.get(self.action, Proof.RELAYED)


def status_in(field: str, diagnostic: str) -> str:
    """Return the RFC 3463 status of a field or, failing that, of the words beside it; empty where neither tells.

    The words' own counts where the field says no more than its class.
    """
    stated = _STATUS.search(field)
    told = _STATUS.search(diagnostic)
    if stated and not (stated[2] == "0" and told and told[1] == stated[1]):
        return stated[0]
    if told:
        return told[0]
    code = _REPLY_CODE.search(diagnostic)
    return f"{code[1]}.0.0" if code else ""


def fault_of(status: str, diagnostic: str) -> Fault:
    """Say at whose fault a mail failed for good, from its RFC 3463 status and the server's words."""
    if not status.startswith("5") or _FULL.search(diagnostic) or status in {"5.2.2", "5.4.7", "5.4.300"}:
        return Fault.PASSING
    _class, subject, detail = status.split(".")
    if subject == "0":
        return Fault.CONTENT if _BLOCKED.search(diagnostic) and not _UNKNOWN.search(diagnostic) else Fault.ADDRESS
    if subject in {"3", "5", "6", "7"} or (subject, detail) in {("2", "3"), ("1", "7"), ("1", "8")}:
        return Fault.CONTENT  # 5.2.3 too large, 5.1.7 and 5.1.8 the sender's address
    if subject == "4" and detail not in {"1", "4", "310"}:
        return Fault.PASSING  # routes and loops are somebody's to mend; 5.4.1, .4 and .310 say there is no such host
    return Fault.ADDRESS
