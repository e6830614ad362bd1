"""Find the delivery that an incoming message answers: for certain by mark or reference, perhaps by sender or subject.

The machine files only what is certain, and shows a person what is likely: mail of unknown senders is never filed by a
guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.appeals.models import Appeal, AppealLetter
from app.appeals.queries import cover_place
from app.base.addresses import canonical_domain, is_same
from app.base.sealing import open_many
from app.deliveries.models import Delivery
from app.institutions.models import Institution, Recipient
from app.mail.return_paths import read_reply_mark
from app.replies.states import MatchReason
from app.statements.addressing import is_addressee, name_in_appeal
from app.statements.models import Addressee, Statement

ALIKE = 80.0  # percent of rapidfuzz's ratio
SHORTEST_SUBJECT = 12  # letters: shorter ones, such as "Your letter", are like many
MOST_LINES = 500
_ANSWER_MARKS = "re|aw|antw|sv|vs|odp|rv|rif|r|ynt|отв|відп|на|fw|fwd|wg|tr|i|пересл"
_BEFORE_SUBJECT = re.compile(rf"(?i)^\s*(?:(?:{_ANSWER_MARKS})(?:\[\d+\])?\s*[:：]\s*)+")
# Anybody can have an address there: sharing the domain says nothing.
_MAILBOX_HOSTS = frozenset({
    "126.com", "163.com", "aol.com", "bk.ru", "fastmail.com", "free.fr", "gmail.com", "gmx.at", "gmx.ch",
    "gmx.com", "gmx.de", "gmx.net", "googlemail.com", "hotmail.com", "hushmail.com", "i.ua", "icloud.com",
    "inbox.ru", "laposte.net", "libero.it", "list.ru", "live.com", "mac.com", "mail.com", "mail.ru", "me.com",
    "msn.com", "naver.com", "o2.pl", "onet.pl", "orange.fr", "outlook.com", "pm.me", "posteo.de", "proton.me",
    "protonmail.ch", "protonmail.com", "qq.com", "rambler.ru", "rediffmail.com", "riseup.net", "seznam.cz",
    "sina.com", "t-online.de", "tuta.io", "tutanota.com", "ukr.net", "wanadoo.fr", "web.de", "wp.pl", "ya.ru",
    "yahoo.co.uk", "yahoo.com", "yahoo.de", "yahoo.fr", "yandex.com", "yandex.ru", "ymail.com", "zoho.com",
})  # fmt: skip
_LONGEST_REGISTRY = 4  # letters: gov.uk, com.tr and gouv.fr are no institution's own


@dataclass(frozen=True)
class MatchCandidate:
    """A delivery that mail may belong to, with what can be compared."""

    delivery: str
    campaign_id: int
    statement: str
    institution: str
    letter: str
    message_id: str
    to_address: str
    to_name: str
    bare_subject: str


@dataclass(frozen=True)
class Suggestion:
    """A delivery that a message may belong to, and why."""

    line: MatchCandidate
    likeness: MatchReason
    has_its_subject: bool = False

    @property
    def rank(self) -> int:
        """How much speaks for it; the smaller, the more. The subject tells apart who wrote to the same office."""
        return 2 * list(MatchReason).index(self.likeness) + (not self.has_its_subject)


def delivery_answered(session: Session, summary: dict[str, Any]) -> Delivery | None:
    """Return the delivery that a message answers for certain, by the mark in its address or by the letter's id."""
    marked = _marks(session, summary)
    found = _delivery(session, AppealLetter.public_id.in_(marked)) if marked else None
    references = list(summary.get("refers_to", ()))
    return found or (_delivery(session, AppealLetter.message_id.in_(references)) if references else None)


def lines_of(session: Session, campaign_ids: Iterable[int], purpose: str) -> list[MatchCandidate]:
    """Return the latest deliveries of some campaigns, opened, newest first."""
    rows = session.execute(
        select(
            Delivery.public_id.label("delivery"), Statement.campaign_id, Statement.public_id.label("statement"),
            name_in_appeal().label("institution"), AppealLetter.public_id.label("letter"), AppealLetter.message_id,
            AppealLetter.cover_sealed,
        )
        .join(Appeal, Appeal.id == Delivery.appeal_id)
        .join(Statement, Statement.id == Appeal.statement_id)
        .join(AppealLetter, AppealLetter.id == Delivery.letter_id)
        .join(Recipient, Recipient.id == AppealLetter.recipient_id)
        .join(Institution, Institution.id == Recipient.institution_id)
        .outerjoin(Addressee, is_addressee(Appeal.version_id))
        .where(Statement.campaign_id.in_(list(campaign_ids)))
        .order_by(Delivery.id.desc())
        .limit(MOST_LINES)
    ).all()  # fmt: skip
    covers = open_many(session, [(cover_place(row.letter), row.cover_sealed) for row in rows], purpose)
    return [
        MatchCandidate(
            row.delivery, row.campaign_id, row.statement, row.institution, row.letter, row.message_id, cover["to"],
            cover["to_name"], _bare(cover["subject"]),
        )
        for row, cover in zip(rows, covers, strict=True)
    ]  # fmt: skip


def suggestions_for(session: Session, summary: dict[str, Any], lines: Sequence[MatchCandidate]) -> list[Suggestion]:
    """Return which deliveries a message may belong to, the likeliest first; what can be compared is opened already."""
    sender, bare = str(summary.get("from", "")).lower(), _bare(str(summary.get("subject", "")))
    marks, references = _marks(session, summary), set(summary.get("refers_to", ()))
    found = []
    for line in lines:
        is_alike = _is_alike(bare, line)
        likeness = (
            MatchReason.MARK if line.letter in marks or line.message_id in references else _by_sender(sender, line)
        ) or (MatchReason.SUBJECT if is_alike else None)
        if likeness:
            found.append(Suggestion(line, likeness, is_alike))
    return sorted(found, key=lambda suggestion: suggestion.rank)


def is_from(sender: str, to_address: str) -> bool:
    """Tell whether a sender has the address that was written to, or one of its institution."""
    return is_same(sender, to_address) or _share_domain(sender, to_address)


def _by_sender(sender: str, line: MatchCandidate) -> MatchReason | None:
    if sender and is_same(sender, line.to_address):
        return MatchReason.SENDER
    return MatchReason.DOMAIN if _share_domain(sender, line.to_address) else None


def _is_alike(bare_subject: str, line: MatchCandidate) -> bool:
    is_long = min(len(bare_subject), len(line.bare_subject)) >= SHORTEST_SUBJECT
    return is_long and fuzz.ratio(bare_subject, line.bare_subject, score_cutoff=ALIKE) > 0


def _marks(session: Session, summary: dict[str, Any]) -> set[str]:
    return {mark for address in _recipients(summary) if (mark := read_reply_mark(session, address))}


def _bare(subject: str) -> str:
    return _BEFORE_SUBJECT.sub("", subject).strip().casefold()


def _recipients(summary: dict[str, Any]) -> list[str]:
    envelope = summary.get("envelope_to") or ""
    return [*summary.get("to", ()), *summary.get("delivered_to", ()), *([envelope] if envelope else [])]


def _delivery(session: Session, condition: ColumnElement[bool]) -> Delivery | None:
    query = select(Delivery).join(AppealLetter, AppealLetter.id == Delivery.letter_id).where(condition)
    return session.scalars(query.order_by(Delivery.id.desc()).limit(1)).one_or_none()


def _share_domain(one: str, other: str) -> bool:
    """Tell whether two addresses belong to one institution: the same domain, or one within the other."""
    first, second = (canonical_domain(address.rpartition("@")[2]) for address in (one, other))
    shorter, longer = sorted((first, second), key=len)
    if not shorter or shorter in _MAILBOX_HOSTS:
        return False
    return shorter == longer or (longer.endswith(f".{shorter}") and not _is_registry(shorter))


def _is_registry(domain: str) -> bool:
    labels = domain.split(".")
    return len(labels) == 1 or (len(labels) == 2 and len(labels[0]) <= _LONGEST_REGISTRY)
