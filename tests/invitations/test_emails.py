"""What the invited read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from app.base import clock
from app.base.links import LinkPurpose, make_token
from app.campaigns.models import Campaign, Convenor
from app.campaigns.queries import convenors_of
from app.directory.states import SignatoryKind
from app.invitations import actions
from app.invitations.emails import render_invitation, render_reminder
from app.invitations.models import Invitation
from app.mail.registry import RenderedMail
from app.mail.states import MailNotWanted
from app.signatures.actions import decline
from app.statements.actions import close_statement
from app.statements.models import Statement
from tests.factories.invitations import make_invitation
from tests.factories.signatures import consent_of, ticket_of
from tests.factories.statements import TITLE, make_statement

NAMES = (
    "Олександра Ґонта",
    "نرگس محمدی نمونه",
    "李明 (Example)",
    'Quote " <b>Bold</b>',
    "Nguyễn Thị Ánh",
    "جون\u200cنام",
)


def _mail(session: Session, invitation: Invitation) -> RenderedMail:
    return render_invitation(session, {"invitation": invitation.public_id})


def test_says_who_asks_for_what_until_when_and_how(session: Session) -> None:
    clock.freeze(datetime(2026, 5, 1, tzinfo=UTC))
    statement = make_statement(session, deadline_at=datetime(2026, 6, 1, 18, tzinfo=UTC))
    session.add(Convenor(campaign_id=statement.campaign_id, name="Foundation for Archives"))
    invitation = make_invitation(session, statement, name="Halyna")
    mail = _mail(session, invitation)
    link = f"http://localhost/i/{make_token(session, LinkPurpose.INVITATION, invitation.public_id, 1)}"
    for part in (mail.text, mail.html):
        for words in (
            "Halyna",
            "Foundation for Archives",
            TITLE,
            "Ministry of Archives",
            "1 June 2026, 18:00 UTC",
            link,
        ):
            assert words in part
        assert "Marta Kowalska" in part
        assert "nobody is signed up by silence" in part
    assert (mail.reply_to, mail.reply_to_name) == ("marta@example.org", "Marta Kowalska")
    assert mail.html.count("Read and decide") == 1


def test_everybody_who_asks_is_named(session: Session) -> None:
    """Consent is to a text and its company: no convenor is left out, in the mail or on the page."""
    statement = make_statement(session)
    names = [f"Foundation {number}" for number in range(30)]
    session.add_all(
        Convenor(campaign_id=statement.campaign_id, name=name, position=place) for place, name in enumerate(names)
    )
    mail = _mail(session, make_invitation(session, statement, name="Halyna"))
    assert f"{', '.join(names[:-1])} and {names[-1]} ask you" in " ".join(mail.text.split())
    assert [each.name for each in convenors_of(session, statement.campaign_id)] == names


@pytest.mark.parametrize("name", NAMES)
def test_names_in_every_script_come_out_right_and_stay_out_of_the_subject(session: Session, name: str) -> None:
    mail = _mail(session, make_invitation(session, name=name))
    assert mail.to_name == name
    assert f"Dear {name}," in mail.text
    assert "<b>" not in mail.html
    assert name not in mail.subject
    assert len(mail.subject) < 50


def test_an_organisation_is_addressed_with_its_representative(session: Session) -> None:
    invitation = make_invitation(
        session, kind=SignatoryKind.ORGANISATION, name="Committee", representative="Kari Nordmann"
    )
    mail = _mail(session, invitation)
    assert "for the attention of Kari Nordmann" in mail.text
    assert "Kari Nordmann" in mail.html


def test_no_two_empty_lines_follow_each_other(session: Session) -> None:
    assert "\n\n\n" not in _mail(session, make_invitation(session)).text


def test_not_wanted_once_cancelled_or_closed(session: Session) -> None:
    cancelled, closed = make_invitation(session, cancelled=True), make_invitation(session)
    close_statement(session, "test", session.get_one(Statement, closed.statement_id))
    for invitation in (cancelled, closed):
        with pytest.raises(MailNotWanted):
            _mail(session, invitation)


def test_the_invitation_itself_does_not_care_for_answers_but_a_reminder_does(session: Session) -> None:
    """An invitation's mail stands beside the person in the clear: were it dropped for an answer, it would tell one."""
    invitation = make_invitation(session)
    seen = consent_of(session, invitation)
    reminder = {"invitation": invitation.public_id}
    assert "reminder" in render_reminder(session, reminder).subject
    decline(session, ticket_of(invitation), seen.text_sha256, seen.language, "")
    assert _mail(session, invitation).to_address
    with pytest.raises(MailNotWanted):
        render_reminder(session, reminder)


def test_a_reissued_link_is_the_one_that_a_late_retry_carries(session: Session) -> None:
    invitation = make_invitation(session)
    statement = session.get_one(Statement, invitation.statement_id)
    actions.reissue_link(session, "test", statement, invitation.public_id)
    assert make_token(session, LinkPurpose.INVITATION, invitation.public_id, 2) in _mail(session, invitation).text
    assert session.get_one(Campaign, statement.campaign_id) is not None
