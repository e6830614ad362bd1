"""What tells of a delivery beside the server's answer: which signs there can be, and what each has said so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.base.locales import lazy_gettext as _l
from app.deliveries.queries import Decided, DeliveryRow
from app.deliveries.states import DeliveryRuling, DeliveryState
from app.mail.evidence import BOUNCES, Evidence
from app.mail.queries import Attempt
from app.mail.states import Proof
from app.smtp.states import Trouble


@dataclass(frozen=True)
class Signs:
    """Which signs this service is set up to see."""

    reads_inbox: bool = False
    has_witness: bool = False
    reads_log: bool = False


@dataclass(frozen=True)
class Clue:
    """One sign that could tell whether a letter arrived: what it is, and what it says or would have said."""

    title: str
    words: str


@dataclass(frozen=True)
class Try:
    """One try with what the server said to each recipient. `reach` says how far it came where no answer tells."""

    attempt: Attempt
    reach: str


_RECEIPT, _LOG, _WITNESS = _l("A receipt"), _l("The mail server’s log"), _l("The copy in the archive mailbox")
_SENT_WITHOUT_ANSWER = _l("The whole letter had been sent when the connection broke, before the server answered.")
_WHY = {
    Trouble.NO_SUCH_ADDRESS: _l(
        "The office’s mail server says that there is no such address. The same letter to the same address would come "
        "back again. Find out the right address, hand the frozen letter over from your own mailbox or on paper, and "
        "record what comes back. Correct the address of the recipient too, so that the next appeal has it."
    ),
    Trouble.TOO_LARGE: _l(
        "The office’s mail server takes no letter of this size. Ask the office how it wants to get the documents, and "
        "hand the frozen letter over in that way."
    ),
    Trouble.MAILBOX_FULL: _l(
        "The mailbox of the office is full. Ring them; once there is room, the same letter can go once more."
    ),
    Trouble.BLOCKED: _l(
        "The office’s mail server takes us for a sender of unwanted mail. Ask the office, or the people who run its "
        "mail, to let us through; then the same letter can go once more."
    ),
}
_OTHERWISE = _l(
    "A mail server on the way gave up; its words stand below. Ask the office whether the cause is gone: then the same "
    "letter can go once more."
)


def tries_of(row: DeliveryRow, attempts: Sequence[Attempt]) -> list[Try]:
    """Return every try; the last one of an uncertain hand-over got no answer after the whole letter was sent."""
    broken = attempts[-1] if attempts and row.state is DeliveryState.UNCERTAIN and attempts[-1].code is None else None
    return [Try(attempt, str(_SENT_WITHOUT_ANSWER) if attempt is broken else "") for attempt in attempts]


def clues(evidence: Sequence[Evidence], signs: Signs) -> list[Clue]:
    """Say of each possible sign what it has told, or what its silence means."""
    seen = {one.proof for one in evidence}
    logged = any(one.is_from_log for one in evidence)
    return [
        Clue(str(_RECEIPT), str(_of_receipt(signs, bool(seen & {Proof.DELIVERED, Proof.RELAYED})))),
        Clue(str(_LOG), str(_of_log(signs, logged))),
        Clue(str(_WITNESS), str(_of_witness(signs, Proof.WITNESSED in seen))),
    ]


def why_it_came_back(row: DeliveryRow) -> str:
    """Say in plain words why a letter came back, and what helps."""
    trouble = row.fate.trouble
    if trouble in _WHY:
        return str(_WHY[trouble])
    return f"{trouble.label}. {_OTHERWISE}" if trouble else str(_OTHERWISE)


def against(decided: Decided | None, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return what came to light after a decision and speaks against it."""
    if decided is None:
        return []
    contradicts: Callable[[Evidence], bool] = (
        (lambda one: one.proof in BOUNCES)
        if decided.decision == DeliveryRuling.ARRIVED
        else (lambda one: one.proof.is_arrival)
    )
    return [one for one in evidence if one.recorded_at > decided.at and contradicts(one)]


def _of_receipt(signs: Signs, has_come: bool) -> object:
    if has_come:
        return _l("It has come.")
    if signs.reads_inbox:
        return _l("None has come so far. Many servers give none, so its absence tells nothing.")
    return _l("No mailbox is read here, so none can be noticed. Look into the mailbox that bounces go to.")


def _of_log(signs: Signs, has_told: bool) -> object:
    if has_told:
        return _l("It tells of this letter; its words stand above.")
    if signs.reads_log:
        return _l("It is searched for the Message-ID every minute, and has not told of this letter so far.")
    return _l("It can’t be read from here. The person who runs the mail server can search it for the Message-ID above.")


def _of_witness(signs: Signs, has_come: bool) -> object:
    if has_come:
        return _l("It has arrived, so the mail server took the letter.")
    if signs.has_witness and signs.reads_inbox:
        return _l("It has not arrived. If other copies do, the mail server probably did not take this letter.")
    if signs.has_witness:
        return _l("No mailbox is read here. Look into the archive mailbox: if the copy is there, the letter was taken.")
    return _l("No archive mailbox is set up. With one, its copy would prove that the mail server took the letter.")
