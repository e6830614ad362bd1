"""Where everybody stands who was invited to a statement: one byte each, and the mails that were not simply accepted."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from app.dashboards.states import InviteeStanding, standing
from app.directory.states import SignatoryKind
from app.invitations.states import Answer, InvitationStage
from app.mail.states import MailState
from app.smtp.states import Trouble

Fate = tuple[MailState | None, Trouble | None]
StandingRow = tuple[int, InviteeStanding]  # an invitation's row id, and where its person stands
PLACES = tuple(InviteeStanding)
_PLACE = 0b0000_1111  # where somebody stands whose mail was accepted
_ORGANISATION = 0b0001_0000
_TOLD_BY_MAIL = 0b0010_0000  # the invitation's mail tells where they stand
_REMINDED = 0b0100_0000  # a reminder is the latest mail


# What is remembered of one invited person: the invitation's row id, a byte, and a number made of the latest reminder's
# mail, or 0. A plain tuple, since there may be a million.
InvitedMark = tuple[int, int, int]


class Standings:
    """Everybody invited to one statement, in the order they were prepared: 17 bytes each."""

    def __init__(self) -> None:
        self.ids = array("q")
        self.marks = bytearray()
        self.reminders = array("q")
        self.total: Counter[int] = Counter()

    def __len__(self) -> int:
        return len(self.ids)

    def extend(self, rows: Iterable[InvitedMark]) -> None:
        """Add people who come after all that are there, in their order."""
        ids, marks, reminders = zip(*rows, strict=True)
        self.ids.extend(ids)
        self.marks.extend(marks)
        self.reminders.extend(reminders)
        self.total.update(marks)

    def put(self, row: InvitedMark) -> None:
        """Add somebody, or remember anew where they stand."""
        row_id, mark, reminder = row
        at = bisect_left(self.ids, row_id)
        if at < len(self.ids) and self.ids[at] == row_id:
            self.total[self.marks[at]] -= 1
            self.marks[at], self.reminders[at] = mark, reminder
        else:
            self.ids.insert(at, row_id)
            self.marks.insert(at, mark)
            self.reminders.insert(at, reminder)
        self.total[mark] += 1

    def place_of(self, row_id: int) -> int | None:
        """Return at which place of the order an invitation stands."""
        at = bisect_left(self.ids, row_id)
        return at if at < len(self.ids) and self.ids[at] == row_id else None


class Placed:
    """Where everybody stands at one moment. Counting and finding take as long for many as for few."""

    def __init__(self, standings: Standings, mails: Mapping[int, Fate], reminders: Mapping[int, Fate]) -> None:
        self._ids, self._marks = standings.ids, bytearray(standings.marks)
        self._total = Counter(standings.total)
        for at, place in _moved(standings, mails, reminders):
            self._total[self._marks[at]] -= 1
            self._marks[at] = self._marks[at] & ~_PLACE | PLACES.index(place)
            self._total[self._marks[at]] += 1

    def __len__(self) -> int:
        return len(self._ids)

    def numbers(self) -> Counter[InviteeStanding]:
        """Count how many stand where."""
        counted: Counter[InviteeStanding] = Counter()
        for mark, number in self._total.items():
            counted[PLACES[mark & _PLACE]] += number
        return counted

    def count(self, place: InviteeStanding | None, kind: SignatoryKind | None = None, upto: int | None = None) -> int:
        """Count those who stand somewhere and are of a kind, up to an invitation's row id; None leaves either out."""
        marks = [mark for mark in _marks(place, kind) if self._total[mark]]
        if upto is None:
            return sum(self._total[mark] for mark in marks)
        end = bisect_right(self._ids, upto)
        if place is None and kind is None:
            return end
        return sum(self._marks.count(mark, 0, end) for mark in marks)

    def walk(
        self, place: InviteeStanding | None = None, kind: SignatoryKind | None = None, after: int = 0
    ) -> Iterator[StandingRow]:
        """Yield the row ids of invitations after one, in order, with where each stands."""
        found = re.compile(b"[" + b"".join(re.escape(bytes([mark])) for mark in _marks(place, kind)) + b"]", re.DOTALL)
        for hit in found.finditer(self._marks, bisect_right(self._ids, after)):
            yield self._ids[hit.start()], PLACES[self._marks[hit.start()] & _PLACE]

    def at(self, row_id: int, kind: SignatoryKind | None = None) -> InviteeStanding | None:
        """Tell where one invited person stands; None where nobody of this kind has this invitation."""
        at = bisect_left(self._ids, row_id)
        if at == len(self._ids) or self._ids[at] != row_id or not _is_of(self._marks[at], kind):
            return None
        return PLACES[self._marks[at] & _PLACE]


@cache
def mark_of(stage: str, kind: str, has_address: int, has_mail: int, answered: str, is_reminded: bool) -> int:
    """Return the byte that says where somebody stands whose mail was accepted, and which mail can say otherwise."""
    at, answer = InvitationStage(stage), Answer(answered)
    mail = MailState.ACCEPTED if has_mail or is_reminded else None
    mark = PLACES.index(standing(at, bool(has_address), mail, answer))
    if kind == SignatoryKind.ORGANISATION:
        mark |= _ORGANISATION
    if at is not InvitationStage.ASKED or answer is not Answer.NONE:
        return mark
    if is_reminded:
        return mark | _REMINDED
    return mark | _TOLD_BY_MAIL if has_mail else mark


def number_of_mail(public_id: str) -> int:
    """Return a number for a mail, the same as long as the process lives; never 0."""
    return hash(public_id) or 1


def _moved(
    known: Standings, mails: Mapping[int, Fate], reminders: Mapping[int, Fate]
) -> Iterator[tuple[int, InviteeStanding]]:
    """Yield who stands elsewhere than if every mail had been accepted. The latest mail counts.

    A reminder that came back says that the address has died, and so does an invitation that comes back after it.
    """
    for row_id, (state, trouble) in mails.items():
        at = known.place_of(row_id)
        if at is None:
            continue
        if known.marks[at] & _TOLD_BY_MAIL or (known.marks[at] & _REMINDED and state is MailState.BOUNCED):
            yield at, standing(InvitationStage.ASKED, True, state, Answer.NONE, trouble)
    if not reminders:
        return
    for at, number in enumerate(known.reminders):
        if number in reminders and known.marks[at] & _REMINDED:
            state, trouble = reminders[number]
            yield at, standing(InvitationStage.ASKED, True, state, Answer.NONE, trouble)


@cache
def _marks(place: InviteeStanding | None, kind: SignatoryKind | None) -> tuple[int, ...]:
    return tuple(
        mark
        for mark in range(0b1000_0000)
        if mark & _PLACE < len(PLACES) and place in {None, PLACES[mark & _PLACE]} and _is_of(mark, kind)
    )


def _is_of(mark: int, kind: SignatoryKind | None) -> bool:
    return kind is None or bool(mark & _ORGANISATION) is (kind is SignatoryKind.ORGANISATION)
