"""Owners are told that mail came back: once a day at most, each bounce once, and without anybody's name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.base import clock
from app.base.parts import parts_of
from app.base.sealing import Place, open_one
from app.campaigns.models import Membership
from app.campaigns.states import Role
from app.deliveries.emails import BOUNCES, render_bounces
from app.deliveries.jobs import JOBS
from app.deliveries.notices import lost_mail, tell_owners
from app.invitations.actions import remind
from app.invitations.models import Invitation
from app.mail.evidence import record_proof
from app.mail.models import Mail
from app.mail.registry import References, RenderedMail
from app.mail.states import MailNotWanted, MailState, Proof
from app.smtp.states import Trouble
from app.statements.models import Statement
from tests.factories.appeals import make_scene
from tests.factories.deliveries import make_deliveries
from tests.factories.invitations import make_invitation


@pytest.fixture(autouse=True)
def _morning() -> None:
    clock.freeze(datetime(2026, 5, 4, 8, tzinfo=UTC))


def _told(session: Session) -> list[References]:
    """Return the references of every mail to an owner, oldest first, and let an hour pass."""
    clock.advance(hours=1)
    tell_owners(session)
    rows = session.execute(
        select(Mail.public_id, Mail.references_sealed).where(Mail.kind == BOUNCES.name).order_by(Mail.id)
    ).all()
    return [
        open_one(session, Place("mails", "references_sealed", row.public_id), row.references_sealed, "test")
        for row in rows
    ]


def _numbers(session: Session) -> list[tuple[int, int]]:
    return [(int(told["people"]), int(told["letters"])) for told in _told(session)]


def _invited(session: Session) -> Invitation:
    """Invite somebody in a campaign that has an owner."""
    scene = make_scene(session, closed=False)
    session.execute(update(Mail).values(state=MailState.ACCEPTED, finished_at=clock.now()))
    return make_invitation(session, scene.statement)


def _bounce(session: Session, mail_id: str | None, status: str = "5.1.1") -> None:
    session.execute(update(Mail).where(Mail.public_id == mail_id).values(state=MailState.ACCEPTED))
    assert record_proof(session, mail_id or "", Proof.BOUNCED_HARD, status, f"r {mail_id}"[:20], "550 canary words")


def test_nothing_lost_is_nothing_told(session: Session) -> None:
    _invited(session)
    assert _told(session) == []


@pytest.mark.parametrize(
    ("state", "trouble"),
    [(MailState.REFUSED, Trouble.NO_SUCH_ADDRESS), (MailState.DROPPED, Trouble.BOUNCING)],
)
def test_each_way_of_not_arriving_is_told(session: Session, state: MailState, trouble: Trouble) -> None:
    invitation = _invited(session)
    lost = {"state": state, "trouble": trouble, "finished_at": clock.now()}
    session.execute(update(Mail).where(Mail.public_id == invitation.mail_id).values(**lost))
    assert _numbers(session) == [(1, 0)]


@pytest.mark.parametrize("trouble", [Trouble.UNWANTED, Trouble.CAPPED])
def test_mail_held_back_for_other_reasons_is_not(session: Session, trouble: Trouble) -> None:
    invitation = _invited(session)
    dropped = {"state": MailState.DROPPED, "trouble": trouble, "finished_at": clock.now()}
    session.execute(update(Mail).where(Mail.public_id == invitation.mail_id).values(**dropped))
    assert _told(session) == []


def test_bounce_is_told_once(session: Session) -> None:
    invitation = _invited(session)
    _bounce(session, invitation.mail_id)
    assert _numbers(session) == [(1, 0)]
    clock.advance(days=1)
    assert _numbers(session) == [(1, 0)]


def test_later_bounces_of_a_day_wait_for_the_next(session: Session) -> None:
    invitation = _invited(session)
    _bounce(session, invitation.mail_id)
    assert _numbers(session) == [(1, 0)]
    statement = session.get_one(Statement, invitation.statement_id)
    others = [make_invitation(session, statement, email=f"other{n}@example.org") for n in range(2)]
    for other in others:
        _bounce(session, other.mail_id)
    assert _numbers(session) == [(1, 0)]
    clock.advance(days=1)
    assert _numbers(session) == [(1, 0), (2, 0)]


def test_what_is_too_fresh_waits_and_is_not_forgotten(session: Session) -> None:
    invitation = _invited(session)
    _bounce(session, invitation.mail_id)
    assert tell_owners(session) == 0
    clock.advance(minutes=3)
    assert tell_owners(session) == 1


def test_person_whose_reminder_came_back_too_counts_once(session: Session) -> None:
    invitation = _invited(session)
    statement = session.get_one(Statement, invitation.statement_id)
    session.execute(update(Mail).where(Mail.public_id == invitation.mail_id).values(state=MailState.ACCEPTED))
    clock.advance(hours=13)
    remind(session, "test", statement, [invitation.public_id])
    reminder = session.scalars(select(Mail.public_id).where(Mail.kind == "reminder")).one()
    for mail_id in (invitation.mail_id, reminder):
        _bounce(session, mail_id)
    assert _numbers(session) == [(1, 0)]


def test_letters_count_apart(session: Session) -> None:
    scene = make_scene(session, recipients=2)
    rows = make_deliveries(session, scene, mail=MailState.ACCEPTED)
    for row in rows:
        _bounce(session, row.mail_id, "5.7.1")
    assert (0, 2) in _numbers(session)


def test_every_owner_and_nobody_else_is_told(session: Session) -> None:
    scene = make_scene(session, closed=False)
    invitation = make_invitation(session, scene.statement)
    session.execute(update(Membership).where(Membership.organiser_id == scene.approver.id).values(role=Role.OWNER))
    _bounce(session, invitation.mail_id)
    told = _told(session)
    assert {one["organiser"] for one in told} == {scene.owner.public_id, scene.approver.public_id}
    assert {one["campaign"] for one in told} == {scene.campaign.public_id}


def test_a_former_owner_gets_nothing(session: Session) -> None:
    _bounce(session, _invited(session).mail_id)
    (references,) = _told(session)
    session.execute(update(Membership).values(role=Role.EDITOR))
    with pytest.raises(MailNotWanted):
        render_bounces(session, references)


def _rendered(session: Session, people: int, letters: int) -> RenderedMail:
    _bounce(session, _invited(session).mail_id)
    (references,) = _told(session)
    return render_bounces(session, {**references, "people": str(people), "letters": str(letters)})


def test_mail_says_how_much_and_where_and_no_name(session: Session) -> None:
    rendered = _rendered(session, people=3, letters=1)
    for body in (rendered.text, rendered.html):
        assert "mail to 3 people did not arrive" in body
        assert "1 letter to an institution did not arrive" in body
        assert "/desk/campaigns/" in body
        for secret in ("canary words", "550", "Archivist"):
            assert secret not in body
    assert rendered.subject.startswith("Mail came back: ")
    assert "<" not in rendered.text


def test_mail_leaves_out_what_there_is_none_of(session: Session) -> None:
    rendered = _rendered(session, people=1, letters=0)
    assert "mail to 1 person did not arrive" in rendered.text
    assert "institution" not in rendered.text + rendered.html


def test_job_runs_on_both_databases_and_repeats_nothing(either_app: Flask) -> None:
    database = parts_of(either_app).database
    with either_app.app_context(), database.writing() as session:
        _bounce(session, _invited(session).mail_id)
    clock.advance(minutes=5)
    (job,) = JOBS
    for _ in range(2):
        job.run(either_app)
    with database.reading() as session:
        assert len(session.scalars(select(Mail).where(Mail.kind == BOUNCES.name)).all()) == 1


def test_old_and_foreign_mail_is_left_alone(session: Session) -> None:
    invitation = _invited(session)
    _bounce(session, invitation.mail_id)
    clock.advance(days=8)
    assert lost_mail(session, datetime(2026, 5, 5, tzinfo=UTC), clock.now()) == {}
    assert _told(session) == []
