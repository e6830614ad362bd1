"""What is remembered of the invited: few bytes each, and found and counted as one by one."""

from __future__ import annotations

import random
import sys

from app.dashboards.standings import Placed, Standings, mark_of, number_of_mail
from app.dashboards.states import InviteeStanding
from app.directory.states import SignatoryKind
from app.invitations.states import Answer, InvitationStage
from app.mail.states import MailState

MANY = 20_000


def _standings(number: int) -> Standings:
    choice, known = random.Random(5), Standings()
    known.extend(
        (
            3 * row + 3,
            mark_of(choice.choice(list(InvitationStage)), choice.choice(list(SignatoryKind)), 1, 1,
                    choice.choice(list(Answer)), choice.random() < 0.1),
            number_of_mail(f"reminder {row}"),
        )
        for row in range(number)
    )  # fmt: skip
    return known


def test_each_person_takes_less_than_twenty_bytes() -> None:
    known = _standings(MANY)
    assert sum(sys.getsizeof(each) for each in (known.ids, known.marks, known.reminders)) < 20 * MANY


def test_people_are_counted_and_found_as_one_by_one() -> None:
    known = _standings(600)
    mails = dict.fromkeys(range(0, 1800, 21), (MailState.BOUNCED, None))
    reminders = {number_of_mail(f"reminder {row}"): (MailState.REFUSED, None) for row in range(0, 600, 11)}
    placed = Placed(known, mails, reminders)
    everybody = list(placed.walk())
    assert [row for row, _place in everybody] == list(known.ids)
    for place in (None, *InviteeStanding):
        for kind in (None, *SignatoryKind):
            there = [(row, at) for row, at in everybody if place in {None, at} and placed.at(row, kind) is not None]
            assert list(placed.walk(place, kind)) == there
            assert list(placed.walk(place, kind, after=901)) == [each for each in there if each[0] > 901]
            assert placed.count(place, kind) == len(there)
            assert placed.count(place, kind, upto=901) == sum(row <= 901 for row, _at in there)
    assert placed.numbers()[InviteeStanding.REFUSED] > 0
    assert placed.at(1) is None


def test_who_comes_later_with_a_smaller_number_is_put_in_order() -> None:
    known = _standings(5)
    known.put((4, mark_of("asked", "person", 1, 1, "declined", False), 0))
    known.put((6, mark_of("asked", "person", 1, 1, "signed", False), 0))
    assert list(known.ids) == [3, 4, 6, 9, 12, 15]
    assert Placed(known, {}, {}).at(4) is InviteeStanding.DECLINED
    assert Placed(known, {}, {}).at(6) is InviteeStanding.SIGNED
    assert sum(known.total.values()) == len(known) == 6
