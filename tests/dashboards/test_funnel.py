"""Everybody invited stands in exactly one place, and the places add up."""

from __future__ import annotations

from collections import Counter

import pytest
from flask import Flask

from app.base.database import Database
from app.dashboards.funnel import everybody_invited, funnel_of
from app.dashboards.states import Standing, standing
from app.invitations.states import Answer, InvitationStage
from app.mail.states import MailState
from tests.dashboards.scene import Scene, set_scene

ASKED = InvitationStage.ASKED


@pytest.mark.parametrize("mail", [None, *MailState])
@pytest.mark.parametrize("stage", InvitationStage)
@pytest.mark.parametrize("answer", [answer for answer in Answer if answer is not Answer.NONE])
def test_an_answer_outweighs_everything(stage: InvitationStage, mail: MailState | None, answer: Answer) -> None:
    assert standing(stage, False, mail, answer).value.split("-")[0] in answer.value.replace("change asked", "asked")


@pytest.mark.parametrize(
    ("mail", "expected"),
    [
        (None, Standing.ON_ITS_WAY),
        (MailState.QUEUED, Standing.ON_ITS_WAY),
        (MailState.CLAIMED, Standing.ON_ITS_WAY),
        (MailState.HANDING_OVER, Standing.ON_ITS_WAY),
        (MailState.DEFERRED, Standing.ON_ITS_WAY),
        (MailState.ACCEPTED, Standing.NO_ANSWER),
        (MailState.REFUSED, Standing.REFUSED),
        (MailState.BOUNCED, Standing.BOUNCED),
        (MailState.DROPPED, Standing.NOT_SENT),
        (MailState.UNCERTAIN, Standing.UNCERTAIN),
    ],
)
def test_silence_is_told_from_mail_that_did_not_arrive(mail: MailState | None, expected: Standing) -> None:
    assert standing(ASKED, True, mail, Answer.NONE) is expected


def test_funnel_of_one_of_each(scene: Scene, database: Database) -> None:
    with database.reading() as session:
        funnel = funnel_of(everybody_invited(session, scene.statement_id))
    numbers = {share.standing: share.number for share in funnel.shares}
    assert numbers == Counter(dict.fromkeys(Standing, 1)) | Counter({Standing.SIGNED: 5})
    assert funnel.invited == 16  # the cancelled invitation is no part of the whole
    assert sum(number for place, number in numbers.items() if place is not Standing.CANCELLED) == funnel.invited
    assert (funnel.asked, funnel.reached, funnel.answered, funnel.signed) == (14, 9, 8, 5)


def test_funnel_of_nobody(database: Database, app: Flask) -> None:
    with app.app_context():
        empty = set_scene(database)
    with database.reading() as session:
        funnel = funnel_of(everybody_invited(session, empty.statement_id))
    assert (funnel.invited, funnel.asked, funnel.reached, funnel.answered, funnel.signed) == (0, 0, 0, 0, 0)


def test_other_statements_are_not_counted(scene: Scene, database: Database) -> None:
    with database.reading() as session:
        assert everybody_invited(session, scene.statement_id + 1) == []
