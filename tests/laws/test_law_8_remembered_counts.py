"""Laws 5 and 8: what processes remember of sealed answers equals its recount, and the database tells no more by it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.audit.following import MOST_NEWS
from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.campaigns.models import Campaign
from app.dashboards.remembered import Remembered
from app.dashboards.spreads import SpreadPart
from app.dashboards.standings import StandingRow
from app.dashboards.states import InviteeStanding
from app.directory.actions import edit_signatory
from app.directory.models import Signatory
from app.directory.queries import entry
from app.directory.states import NewEntry, SignatoryKind
from app.invitations import actions
from app.invitations.answering import hold_answer
from app.invitations.models import Invitation
from app.invitations.states import Answer, InvitationStage, NothingToSend
from app.mail.models import Mail
from app.mail.states import MailState
from app.signatures.actions import decline, sign, withdraw
from app.signatures.models import Signature
from app.signatures.states import SignatureState
from app.smtp.states import Trouble
from app.statements.models import Statement
from app.visibility.states import Visibility
from tests.factories.invitations import ACTOR, make_invitation
from tests.factories.signatures import appear, consent_of, ticket_of
from tests.factories.statements import make_statement, sha256_of

STEPS = 40
KINDS = (None, *SignatoryKind)


class _Seen(NamedTuple):
    """Everything that is read from what is remembered, in one snapshot."""

    people: list[list[StandingRow]]
    numbers: dict[InviteeStanding, int]
    spread: dict[SpreadPart, int]
    stages: dict[int, dict[InvitationStage, int]]


def _standing_now(remembered: Remembered, database: Database, statement_id: int) -> _Seen:
    with database.reading() as session:
        placed = remembered.placed(session, [statement_id])[statement_id]
        spread = remembered.spread(session, statement_id).counted()
        stages = remembered.stages(session, [statement_id])
    people = [list(placed.walk(place, kind)) for place in (None, *InviteeStanding) for kind in KINDS]
    counted = [placed.count(place, kind) for place in (None, *InviteeStanding) for kind in KINDS]
    assert counted == [len(each) for each in people]
    numbers = {place: number for place, number in placed.numbers().items() if number}
    assert sum(numbers.values()) == len(people[0])
    last = people[0][len(people[0]) // 2][0]
    assert placed.count(None, None, upto=last) == sum(row_id <= last for row_id, _place in people[0])
    return _Seen(people, numbers, spread, stages)


class _House:
    """A statement with some invited, to whom things happen at random."""

    def __init__(self, database: Database, choice: random.Random) -> None:
        self.choice = choice
        with database.writing() as session:
            self.statement = make_statement(session)
            for number in range(8):
                kind = SignatoryKind.ORGANISATION if number % 4 == 0 else SignatoryKind.PERSON
                make_invitation(session, self.statement, kind=kind, asked=number % 3 > 0)
            session.execute(update(Mail).values(id=Mail.id + 2_000_000_000))  # as in a house that mailed much

    def one(self, session: Session) -> Invitation:
        wanted = select(Invitation).where(Invitation.statement_id == self.statement.id).order_by(Invitation.id)
        return self.choice.choice(session.scalars(wanted).all())

    def asked(self, session: Session) -> Invitation | None:
        of_statement = Invitation.statement_id == self.statement.id, Invitation.stage == InvitationStage.ASKED
        found = session.scalars(select(Invitation).where(*of_statement).order_by(Invitation.id)).all()
        return self.choice.choice(found) if found else None

    def do_something(self, session: Session) -> None:
        happens: list[Callable[[Session], object]] = [
            self._answer, self._answer, self._answer, self._withdraw, self._appear, self._mail, self._mail,
            self._remind, self._invite, self._invite, self._cancel, self._reissue, self._correct, self._prepare,
        ]  # fmt: skip
        self.choice.choice(happens)(session)

    def _answer(self, session: Session) -> None:
        invitation = self.asked(session)
        if invitation is None:
            return
        if self.choice.random() < 0.4:
            sha256 = sha256_of(session, self.statement, self.statement.language)
            if not _has_signed(session, invitation):
                decline(session, ticket_of(invitation), sha256, self.statement.language, "No.")
        else:
            visibility = self.choice.choice((Visibility.PUBLIC, Visibility.COUNTED, Visibility.INSTITUTION))
            sign(session, ticket_of(invitation), consent_of(session, invitation, visibility))

    def _withdraw(self, session: Session) -> None:
        if signature := self._signature(session):
            withdraw(session, signature.public_id)

    def _appear(self, session: Session) -> None:
        if signature := self._signature(session):
            appear(session, signature.public_id, self.choice.choice((Visibility.PUBLIC, Visibility.COUNTED)))

    def _signature(self, session: Session) -> Signature | None:
        wanted = select(Signature).where(Signature.state == SignatureState.SIGNED).order_by(Signature.id)
        standing = session.scalars(wanted).all()
        return self.choice.choice(standing) if standing else None

    def _mail(self, session: Session) -> None:
        """Let a mail, an invitation or a reminder, fare well or badly, without a word in the audit."""
        mails = session.scalars(select(Mail.id).where(Mail.kind.in_(("invitation", "reminder"))).order_by(Mail.id))
        state = self.choice.choice((MailState.ACCEPTED, MailState.ACCEPTED, MailState.BOUNCED, MailState.DROPPED))
        trouble = Trouble.BOUNCING if state is MailState.DROPPED and self.choice.random() < 0.5 else None
        chosen = self.choice.choice(mails.all())
        session.execute(update(Mail).where(Mail.id == chosen).values(state=state, trouble=trouble))

    def _remind(self, session: Session) -> None:
        clock.advance(hours=13)
        try:
            actions.remind(session, ACTOR, self.statement, [self.one(session).public_id])
        except NothingToSend:
            return

    def _invite(self, session: Session) -> None:
        make_invitation(session, self.statement, asked=self.choice.random() < 0.5)

    def _prepare(self, session: Session) -> None:
        actions.prepare(session, ACTOR, self.statement, [self.one(session).signatory_id])

    def _cancel(self, session: Session) -> None:
        invitation = self.one(session)
        if not _has_signed(session, invitation):
            actions.cancel(session, ACTOR, self.statement, invitation.public_id)

    def _reissue(self, session: Session) -> None:
        invitation = self.one(session)
        if invitation.stage is not InvitationStage.CANCELLED:
            try:
                actions.reissue_link(session, ACTOR, self.statement, invitation.public_id)
            except NothingToSend:
                return

    def _correct(self, session: Session) -> None:
        signatory = session.get_one(Signatory, self.one(session).signatory_id)
        campaign = session.get_one(Campaign, signatory.campaign_id)
        known = entry(session, campaign.id, signatory.public_id, "test").details
        email = "" if known.email else f"new{self.choice.random()}@example.org"
        edit_signatory(session, campaign, ACTOR, signatory, NewEntry(replace(known, email=email), signatory.kind))


def _has_signed(session: Session, invitation: Invitation) -> bool:
    from_now = hold_answer(session, invitation.public_id)
    return from_now.answer is Answer.SIGNED


def test_what_two_processes_remember_equals_the_recount_whatever_happens(either_app: Flask) -> None:
    database, choice = parts_of(either_app).database, random.Random(4)
    often, seldom = Remembered(), Remembered()
    with either_app.app_context():
        house = _House(database, choice)
        seen: Counter[InviteeStanding] = Counter()
        for step in range(STEPS):
            with database.writing() as session:
                house.do_something(session)
                house.do_something(session)
                if choice.random() < 0.2:
                    session.rollback()
            recount = _standing_now(Remembered(), database, house.statement.id)
            assert _standing_now(often, database, house.statement.id) == recount, step
            seen.update(recount.numbers.keys())
            if step % 7 == 0:
                assert _standing_now(seldom, database, house.statement.id) == recount, step
    assert len(seen) >= 8, "Too little happened for this to prove anything."


def _signed(remembered: Remembered, database: Database, statement: Statement) -> int:
    with database.reading() as session:
        return remembered.placed(session, [statement.id])[statement.id].count(InviteeStanding.SIGNED)


@pytest.mark.postgres
def test_an_answer_that_commits_late_is_not_missed(lend: object, settings: object, postgres_database_url: str) -> None:
    with lend(replace(settings, database_url=postgres_database_url)) as app, app.app_context():  # type: ignore[operator, type-var]
        database: Database = parts_of(app).database
        remembered = Remembered()
        with database.writing() as session:
            statement = make_statement(session)
            invitations = [make_invitation(session, statement) for _ in range(4)]
        assert _signed(remembered, database, statement) == 0
        with database.writing() as late:
            sign(late, ticket_of(invitations[0]), consent_of(late, invitations[0]))
            late.flush()
            # Later numbers in the audit, committed first.
            for number, invitation in enumerate(invitations[1:], start=1):
                with database.writing() as session:
                    sign(session, ticket_of(invitation), consent_of(session, invitation))
                assert _signed(remembered, database, statement) == number
                assert _signed(Remembered(), database, statement) == number
            begun_meanwhile = Remembered()
            assert _signed(begun_meanwhile, database, statement) == 3
        assert _signed(remembered, database, statement) == 4
        assert _signed(begun_meanwhile, database, statement) == 4


def test_who_is_too_far_behind_begins_anew(app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.audit.following.MOST_NEWS", 3)
    assert MOST_NEWS > 1_000
    remembered = Remembered()
    with app.app_context():
        with database.writing() as session:
            statement = make_statement(session)
            invitations = [make_invitation(session, statement) for _ in range(5)]
        assert _signed(remembered, database, statement) == 0
        for invitation in invitations:
            with database.writing() as session:
                sign(session, ticket_of(invitation), consent_of(session, invitation))
        assert _signed(remembered, database, statement) == 5


@pytest.mark.parametrize(
    "broken",
    ["app.audit.following.opened_entries", "app.audit.following._numbers", "app.dashboards.remembered.marks_among"],
)
def test_look_that_broke_off_misses_nothing(
    app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """The database goes away in the middle of a look, and comes back."""
    remembered = Remembered()
    with app.app_context():
        with database.writing() as session:
            statement = make_statement(session)
            invitations = [make_invitation(session, statement) for _ in range(3)]
        assert _signed(remembered, database, statement) == 0
        for number, invitation in enumerate(invitations, start=1):
            with database.writing() as session:
                sign(session, ticket_of(invitation), consent_of(session, invitation))
            with monkeypatch.context() as patch:
                patch.setattr(broken, _broken)
                with pytest.raises(ConnectionError):
                    _signed(remembered, database, statement)
            assert _signed(remembered, database, statement) == number


def _broken(*_arguments: object) -> None:
    raise ConnectionError


def test_a_new_mail_that_arrived_counts_though_the_old_one_had_bounced(app: Flask, database: Database) -> None:
    remembered = Remembered()

    def settle(session: Session, mail: str | None, state: MailState) -> None:
        session.execute(update(Mail).where(Mail.public_id == mail).values(state=state, trouble=None))

    def stands() -> InviteeStanding | None:
        with database.reading() as session:
            return remembered.placed(session, [statement.id])[statement.id].at(invitation.id)

    with app.app_context():
        with database.writing() as session:
            statement = make_statement(session)
            invitation = make_invitation(session, statement)
            settle(session, invitation.mail_id, MailState.BOUNCED)
        assert stands() is InviteeStanding.BOUNCED
        with database.writing() as session:
            actions.reissue_link(session, ACTOR, statement, invitation.public_id)
            settle(session, session.get_one(Invitation, invitation.id).mail_id, MailState.ACCEPTED)
        assert stands() is InviteeStanding.NO_ANSWER
