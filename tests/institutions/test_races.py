"""Several campaigns and people who decide on one proposal at the same moment."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.database import Database
from app.base.parts import parts_of
from app.institutions import actions, decisions
from app.institutions.models import Institution, Recipient, RecipientDecision
from app.institutions.proposals import accepted_recipients
from app.institutions.states import ProposalOutdated, RecipientFacts
from tests.factories.campaigns import make_campaign
from tests.factories.institutions import accept_all, make_institution, make_recipient
from tests.factories.statements import make_statement
from tests.statements.races import Race

NEW = "new@ministry.example.org"
NEWER = "newer@ministry.example.org"


@dataclass(frozen=True)
class Proposal:
    """A change of one recipient, proposed to two campaigns."""

    campaigns: tuple[int, int]
    institution: int
    recipient: int
    version: str

    def decide(self, session: Session, campaign: int, *, accept: bool = True) -> None:
        decisions.decide(session, "somebody", self.campaigns[campaign], [self.institution], self.version, accept=accept)

    def change(self, session: Session, email: str) -> str:
        version = actions.change_recipient(
            session, "somebody", session.get_one(Institution, self.institution),
            session.get_one(Recipient, self.recipient), RecipientFacts("Office", "Dear Minister", email),
        )  # fmt: skip
        assert version is not None
        return version.public_id

    def addresses(self, session: Session, campaign: int) -> list[str]:
        found = accepted_recipients(session, self.campaigns[campaign], [self.institution])
        return [version.contact.email for version in found]


@pytest.fixture
def proposal(either_app: Flask) -> Proposal:
    database: Database = parts_of(either_app).database
    with either_app.app_context(), database.writing() as session:
        institution = make_institution(session, recipients=0)
        recipient = make_recipient(session, institution)
        ids = []
        for campaign in (make_campaign(session), make_campaign(session)):
            make_statement(session, campaign, institutions=[institution])
            accept_all(session, campaign.id)
            ids.append(campaign.id)
        found = Proposal((ids[0], ids[1]), institution.id, recipient.id, "")
        return Proposal((ids[0], ids[1]), institution.id, recipient.id, found.change(session, NEW))


def test_campaigns_that_decide_at_once_decide_for_themselves(either_app: Flask, proposal: Proposal) -> None:
    results = Race(either_app).run(
        lambda session: proposal.decide(session, 0), lambda session: proposal.decide(session, 1, accept=False)
    )
    assert results == [None, None]
    with either_app.app_context(), parts_of(either_app).database.reading() as session:
        assert proposal.addresses(session, 0) == [NEW]
        assert NEW not in proposal.addresses(session, 1)


def test_two_who_accept_for_one_campaign_at_once_decide_once(either_app: Flask, proposal: Proposal) -> None:
    results = Race(either_app).run(*[lambda session: proposal.decide(session, 0)] * 3)
    assert results == [None] * 3
    with either_app.app_context(), parts_of(either_app).database.reading() as session:
        mine = RecipientDecision.campaign_id == proposal.campaigns[0]
        assert len(session.scalars(select(RecipientDecision).where(mine)).all()) == 2  # the first one and this one


def test_accepting_while_somebody_changes_it_again_takes_what_was_seen(either_app: Flask, proposal: Proposal) -> None:
    decided, changed = Race(either_app).run(
        lambda session: proposal.decide(session, 0), lambda session: proposal.change(session, NEWER)
    )
    assert isinstance(changed, str)
    assert decided is None or isinstance(decided, ProposalOutdated)
    with either_app.app_context(), parts_of(either_app).database.reading() as session:
        assert NEWER not in proposal.addresses(session, 0), "nobody has seen that"
        assert (NEW in proposal.addresses(session, 0)) == (decided is None)
