"""The mail about new replies: how many wait and where, and no word of theirs."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.campaigns.members import remove_member
from app.inbox.states import InboundState
from app.mail.models import Mail
from app.mail.registry import RenderedMail
from app.mail.states import MailNotWanted, MailState
from app.replies.emails import render_new_replies
from app.replies.filing import match
from app.replies.held import incoming
from app.replies.models import Reply, ReplyKind
from app.statements.queries import contact_of
from tests.factories.appeals import Scene, make_scene
from tests.factories.deliveries import make_deliveries
from tests.factories.inbound import make_inbound, write_message

SECRET = "The Minister will resign on Friday."


@pytest.fixture
def scene(session: Session) -> Scene:
    scene = make_scene(session)
    make_deliveries(session, scene, mail=MailState.ACCEPTED)
    answer(session)
    return scene


def answer(session: Session) -> None:
    letter = session.scalars(select(Mail.message_id).where(Mail.kind == "appeal letter")).one()
    raw = write_message(
        sender="Ida Informant <ida@ministry.example.org>", subject=SECRET, text=SECRET, refers_to=letter
    )
    message = make_inbound(session, raw)
    match(session, incoming(session, message, [InboundState.WAITING], "test"))


def render(session: Session, scene: Scene, **to: str) -> RenderedMail:
    found = render_new_replies(session, {"campaign": scene.campaign.public_id, **to})
    assert isinstance(found, RenderedMail)
    return found


def test_it_counts_and_says_nothing_else(session: Session, scene: Scene) -> None:
    mail = render(session, scene, organiser=scene.owner.public_id)
    assert mail.subject.startswith("A new reply waits to be read: ")
    for part in (mail.subject, mail.text, mail.html):
        assert SECRET not in part
        assert "Informant" not in part
    assert f"/desk/campaigns/{scene.campaign.public_id}/replies" in mail.text
    answer(session)
    assert render(session, scene, organiser=scene.owner.public_id).subject.startswith("2 new replies wait")


def test_contact_is_told_in_their_own_name(session: Session, scene: Scene) -> None:
    contact = contact_of(session, scene.statement)
    mail = render(session, scene, statement=scene.statement.public_id)
    assert (mail.to_name, mail.to_address) == (contact.name, contact.email)
    assert "in your name" in mail.text
    assert "in your name" in mail.html


def test_held_mail_is_counted_apart(session: Session, scene: Scene) -> None:
    session.execute(update(Reply).values(kind=ReplyKind.ANSWER))
    make_inbound(session, write_message(sender="x@ministry.example.org"), state=InboundState.HELD)
    mail = render(session, scene, organiser=scene.owner.public_id)
    assert mail.subject.startswith("Mail that may belong to ")
    assert "1 mail came in" in mail.text


def test_it_is_not_sent_once_all_are_read(session: Session, scene: Scene) -> None:
    session.execute(update(Reply).values(kind=ReplyKind.ANSWER))
    with pytest.raises(MailNotWanted):
        render(session, scene, organiser=scene.owner.public_id)


def test_it_is_not_sent_to_who_left_or_may_not_record(session: Session, scene: Scene) -> None:
    with pytest.raises(MailNotWanted):
        render(session, scene, organiser=scene.approver.public_id)
    remove_member(session, scene.campaign, scene.owner.public_id, scene.coordinator.public_id)
    session.flush()
    with pytest.raises(MailNotWanted):
        render(session, scene, organiser=scene.coordinator.public_id)
