"""Everybody invited stands in exactly one place, and the places add up."""

from __future__ import annotations

from collections import Counter

import pytest
from flask import Flask

from app.base.database import Database
from app.dashboards.funnel import Funnel, funnel_of
from app.dashboards.remembered import placed_of
from app.dashboards.states import InviteeStanding, standing
from app.invitations.states import Answer, InvitationStage
from app.mail.states import MailState
from tests.dashboards.scene import Scene, set_scene

ASKED = InvitationStage.ASKED


def _funnel(database: Database, statement_id: int) -> Funnel:
    with database.reading() as session:
        return funnel_of(placed_of(session, [statement_id], None)[statement_id].numbers())


@pytest.mark.parametrize("mail", [None, *MailState])
@pytest.mark.parametrize("stage", InvitationStage)
@pytest.mark.parametrize("answer", [answer for answer in Answer if answer is not Answer.NONE])
def test_an_answer_outweighs_everything(stage: InvitationStage, mail: MailState | None, answer: Answer) -> None:
    assert standing(stage, False, mail, answer).value.split("-")[0] in answer.value.replace("change asked", "asked")


@pytest.mark.parametrize(
    ("mail", "expected"),
    [
        (None, InviteeStanding.ON_ITS_WAY),
        (MailState.QUEUED, InviteeStanding.ON_ITS_WAY),
        (MailState.CLAIMED, InviteeStanding.ON_ITS_WAY),
        (MailState.HANDING_OVER, InviteeStanding.ON_ITS_WAY),
        (MailState.DEFERRED, InviteeStanding.ON_ITS_WAY),
        (MailState.ACCEPTED, InviteeStanding.NO_ANSWER),
        (MailState.REFUSED, InviteeStanding.REFUSED),
        (MailState.BOUNCED, InviteeStanding.BOUNCED),
        (MailState.DROPPED, InviteeStanding.NOT_SENT),
        (MailState.UNCERTAIN, InviteeStanding.UNCERTAIN),
    ],
)
def test_silence_is_told_from_mail_that_did_not_arrive(mail: MailState | None, expected: InviteeStanding) -> None:
    assert standing(ASKED, True, mail, Answer.NONE) is expected


def test_funnel_of_one_of_each(scene: Scene, database: Database) -> None:
    funnel = _funnel(database, scene.statement_id)
    numbers = {share.standing: share.number for share in funnel.shares}
    assert numbers == Counter(dict.fromkeys(InviteeStanding, 1)) | Counter({InviteeStanding.SIGNED: 5})
    assert funnel.invited == 16  # the cancelled invitation is no part of the whole
    assert sum(number for place, number in numbers.items() if place is not InviteeStanding.CANCELLED) == funnel.invited
    assert (funnel.asked, funnel.reached, funnel.answered, funnel.signed) == (14, 9, 8, 5)


def test_funnel_of_nobody(database: Database, app: Flask) -> None:
    with app.app_context():
        empty = set_scene(database)
    funnel = _funnel(database, empty.statement_id)
    assert (funnel.invited, funnel.asked, funnel.reached, funnel.answered, funnel.signed) == (0, 0, 0, 0, 0)


def test_other_statements_are_not_counted(scene: Scene, database: Database) -> None:
    assert _funnel(database, scene.statement_id + 1) == _funnel(database, scene.statement_id + 2)
    assert _funnel(database, scene.statement_id + 1).invited == 0
