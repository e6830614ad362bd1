"""A time is taken once the locks are held, so that every record tells the order of the commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import credentials
from app.accounts.actions import change_password
from app.accounts.browsers import KnownBrowser
from app.accounts.door import Caller
from app.accounts.factors.states import ShownCodes
from app.accounts.models import Organiser, OrganiserSession
from app.appeals import actions as appeals
from app.appeals.dossier import prepare_dossier
from app.appeals.models import Appeal
from app.appeals.public_copies import prepare_public_copies, renew_public_copies
from app.appeals.queries import public_names_taken_back
from app.appeals.states import MovedMeanwhile
from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.campaigns.models import Campaign
from app.inbox.models import InboundMessage
from app.inbox.states import InboundState
from app.invitations import bulk_orders
from app.invitations.answering import hold_answer
from app.invitations.models import BulkOrder, Invitation
from app.invitations.queries import answers_to
from app.invitations.states import Errand
from app.mail.models import Mail
from app.replies import filing
from app.replies.models import HeldOffer
from app.replies.states import OfferAnswer
from app.signatures import actions as signatures
from app.signatures.models import Signature
from app.signatures.queries import signature as signature_by_id
from app.statements import actions as statements, drafting
from app.statements.drafting import DraftText
from app.statements.models import Statement, Version, VersionText
from app.statements.queries import hold_open
from app.statements.states import StatementClosed
from app.updates import actions as updates
from app.updates.actions import UpdateText
from app.updates.models import Update
from app.visibility.states import Visibility
from tests.factories.accounts import make_organiser
from tests.factories.appeals import make_appeal, make_scene
from tests.factories.campaigns import make_campaign
from tests.factories.inbound import make_inbound, write_message
from tests.factories.invitations import make_invitation
from tests.factories.signatures import consent_of, make_signature, ticket_of
from tests.factories.statements import make_statement
from tests.factories.updates import make_update
from tests.servers.turns import overtake


@pytest.fixture
def database(either_app: Flask) -> Database:
    found: Database = parts_of(either_app).database
    return found


def _made(app: Flask, make: Callable[[Session], Any]) -> Any:
    with app.app_context(), parts_of(app).database.writing() as session:
        return make(session)


@pytest.mark.parametrize(
    ("end", "stamp"), [(statements.close_statement, "closed_at"), (statements.withdraw, "withdrawn_at")]
)
def test_a_statement_ends_after_every_signature_it_accepted(
    either_app: Flask, database: Database, end: Callable[..., None], stamp: str
) -> None:
    invitation = _made(either_app, make_invitation)

    def sign(session: Session) -> Iterator[None]:
        agreed = consent_of(session, invitation)
        hold_open(session, invitation.statement_id)
        yield
        signatures.sign(session, ticket_of(invitation), agreed)

    overtake(
        either_app, sign, lambda session: end(session, "ines", session.get_one(Statement, invitation.statement_id))
    )
    with database.reading() as session:
        ended = getattr(session.get_one(Statement, invitation.statement_id), stamp)
        assert session.scalars(select(Signature.signed_at)).one() <= ended


def test_a_text_is_frozen_after_its_last_save(either_app: Flask, database: Database) -> None:
    statement = _made(either_app, lambda session: make_statement(session, opened=False))

    def save(session: Session) -> Iterator[None]:
        mine = session.get_one(Statement, statement.id)
        drafting.hold_draft(session, mine)
        yield
        drafting.save_draft(session, "ines", mine, "en", DraftText("Another title", "", "Other words.", ("One.",)), 2)

    overtake(
        either_app,
        save,
        lambda session: statements.open_statement(session, "ines", session.get_one(Statement, statement.id)),
    )
    with database.reading() as session:
        opened, version = session.get_one(Statement, statement.id), session.scalars(select(Version)).one()
        saved_at = session.scalars(select(VersionText.saved_at)).one()
        assert opened.opened_at is not None
        assert version.frozen_at is not None
        assert saved_at <= version.frozen_at
        assert saved_at <= opened.opened_at


def test_nobody_signs_after_the_deadline_although_they_began_before(either_app: Flask, database: Database) -> None:
    soon = clock.now() + timedelta(seconds=30)
    invitation = _made(either_app, lambda session: make_invitation(session, make_statement(session, deadline_at=soon)))

    def hold(session: Session) -> Iterator[None]:
        hold_answer(session, invitation.public_id)
        yield

    raised = overtake(
        either_app,
        hold,
        lambda session: signatures.sign(session, ticket_of(invitation), consent_of(session, invitation)),
    )
    assert isinstance(raised, StatementClosed)
    with database.reading() as session:
        assert session.scalars(select(Signature)).all() == []


def test_a_person_who_withdraws_and_signs_again_has_signed_last(either_app: Flask, database: Database) -> None:
    invitation = _made(either_app, make_invitation)
    signature = _made(either_app, lambda session: make_signature(session, invitation=invitation))

    def take_back(session: Session) -> Iterator[None]:
        hold_answer(session, invitation.public_id)
        yield
        signatures.withdraw(session, signature.public_id)

    def sign_again(session: Session) -> object:
        return signatures.sign(session, ticket_of(invitation), consent_of(session, invitation))

    withdrawn_at = clock.now() + timedelta(minutes=1)
    overtake(either_app, take_back, sign_again)
    with database.reading() as session:
        signed = signature_by_id(session, signature.public_id)
        assert signed is not None
        assert signed.withdrawn_at is None
        assert signed.signed_at >= withdrawn_at - timedelta(seconds=5)
        assert answers_to(session, [invitation.public_id])[invitation.public_id].at == signed.signed_at


def test_an_appeal_leaves_before_a_withdrawal_that_waited_for_it(either_app: Flask, database: Database) -> None:
    scene = _made(either_app, make_scene)
    appeal = _made(either_app, lambda session: make_appeal(session, scene, approved=True))
    leaving = next(iter(scene.signatures.values()))

    def release(session: Session) -> Iterator[None]:
        # Held as releasing holds it, so that the time of the release is taken after the other one began to wait.
        session.execute(select(Signature.id).where(Signature.statement_id == scene.statement.id).with_for_update())
        yield
        appeals.release(session, scene.coordinator.public_id, appeal.public_id, appeal.manifest_sha256)

    overtake(either_app, release, lambda session: signatures.withdraw(session, leaving.public_id))
    with database.reading() as session:
        released_at = session.scalars(select(Appeal.released_at)).one()
        left = signature_by_id(session, leaving.public_id)
        withdrawn_at = left.withdrawn_at if left is not None else None
        assert released_at is not None
        assert withdrawn_at is not None
        assert released_at <= withdrawn_at


def test_a_later_assembly_is_dated_later_although_it_was_prepared_before(either_app: Flask, database: Database) -> None:
    clock.freeze(clock.now().replace(hour=12))
    scene = _made(either_app, make_scene)
    with either_app.app_context(), database.reading() as session:
        early = prepare_dossier(session, scene.statement)
    clock.advance(seconds=5)
    _made(either_app, lambda session: make_appeal(session, scene))
    clock.advance(seconds=5)
    _made(either_app, lambda session: appeals.assemble(session, scene.coordinator.public_id, scene.statement, early).id)
    with database.reading() as session:
        dated = session.scalars(select(Appeal.assembled_at).order_by(Appeal.number)).all()
    assert list(dated) == sorted(dated)


def test_a_dossier_of_yesterday_is_not_frozen_today(either_app: Flask, database: Database) -> None:
    clock.freeze(clock.now().replace(hour=23, minute=59, second=50))
    scene = _made(either_app, make_scene)
    with either_app.app_context(), database.reading() as session:
        dossier = prepare_dossier(session, scene.statement)
    clock.advance(seconds=20)
    with pytest.raises(MovedMeanwhile), either_app.app_context(), database.writing() as session:
        appeals.assemble(session, scene.coordinator.public_id, scene.statement, dossier)


def test_a_public_copy_set_before_a_withdrawal_is_not_published_after_it(either_app: Flask, database: Database) -> None:
    scene = _made(either_app, make_scene)
    _made(either_app, lambda session: make_appeal(session, scene, released=True))
    first, second = scene.signatures[Visibility.PUBLIC], scene.signatures[Visibility.PSEUDONYM]
    _made(either_app, lambda session: signatures.withdraw(session, first.public_id))
    with either_app.app_context(), database.reading() as session:
        appeal = session.scalars(select(Appeal)).one()
        copies = prepare_public_copies(session, scene.statement, appeal)
    _made(either_app, lambda session: signatures.withdraw(session, second.public_id))
    with pytest.raises(MovedMeanwhile), either_app.app_context(), database.writing() as session:
        renew_public_copies(session, "ines", scene.statement, appeal, copies)
    with database.reading() as session:
        assert public_names_taken_back(session, appeal.id) == 2


def test_no_session_begun_with_an_old_password_outlives_a_new_one(either_app: Flask, database: Database) -> None:
    email = "ines@example.org"
    ines = _made(either_app, lambda session: make_organiser(session, email=email, with_password=True))

    def change(session: Session) -> Iterator[None]:
        session.execute(select(Organiser).where(Organiser.id == ines.id).with_for_update())
        yield
        change_password(session, session.get_one(Organiser, ines.id), "another hash")

    knock = credentials.Knock(email, "typed", ShownCodes(), Caller("", KnownBrowser("")))

    def start(session: Session) -> str | None:
        return credentials._started(session, knock, str(ines.password_hash), None, needs_proof=False)

    assert overtake(either_app, change, start) is None
    with database.reading() as session:
        assert session.scalars(select(OrganiserSession)).all() == []


def test_a_person_who_speaks_last_of_a_held_mail_is_dated_last(either_app: Flask, database: Database) -> None:
    campaign = _made(either_app, lambda session: make_campaign(session))
    mail = _made(either_app, lambda session: make_inbound(session, write_message(), state=InboundState.HELD))

    def offer(session: Session) -> Iterator[None]:
        held = select(InboundMessage.id).where(InboundMessage.public_id == mail).with_for_update()
        session.execute(held)
        yield
        filing._say(session, "omar", mail, campaign.id, OfferAnswer.OFFERED)

    meant = clock.now()
    overtake(either_app, offer, lambda session: filing.say_not_ours(session, "ines", mail, campaign))
    with database.reading() as session:
        said = session.scalars(select(HeldOffer)).one()
        assert said.answer is OfferAnswer.NOT_OURS
        assert said.changed_at >= meant + timedelta(minutes=1)


def test_news_is_corrected_after_it_was_published(either_app: Flask, database: Database) -> None:
    campaign = _made(either_app, lambda session: make_campaign(session))
    _made(either_app, lambda session: make_statement(session, session.merge(campaign)))
    news = _made(either_app, lambda session: make_update(session, campaign.id))

    def publish(session: Session) -> Iterator[None]:
        mine = session.scalars(select(Update).where(Update.id == news.id).with_for_update()).one()
        yield
        updates.publish_update(session, "ines", session.get_one(Campaign, campaign.id), mine, mine.revision, [])

    def correct(session: Session) -> None:
        mine = session.get_one(Update, news.id)
        text = UpdateText(mine.title, "Other words.", mine.language)
        updates.change_update(session, "omar", session.get_one(Campaign, campaign.id), mine, text, mine.revision)

    overtake(either_app, publish, correct)
    with database.reading() as session:
        found = session.get_one(Update, news.id)
        assert found.published_at is not None
        assert found.corrected_at is not None
        assert found.published_at <= found.corrected_at


def test_an_order_is_stopped_after_what_it_still_queued(either_app: Flask, database: Database) -> None:
    statement = _made(either_app, make_statement)
    _made(either_app, lambda session: [make_invitation(session, statement, asked=False) for _ in range(3)])

    def order(session: Session) -> str:
        return bulk_orders.order(session, "ines", session.get_one(Statement, statement.id), Errand.ASK, 3)

    public_id = _made(either_app, order)

    def write(session: Session) -> Iterator[None]:
        asking = session.scalars(select(BulkOrder).with_for_update()).one()
        yield
        bulk_orders.work_on(session, asking.id, 2)

    overtake(
        either_app,
        write,
        lambda session: bulk_orders.stop(session, "omar", session.get_one(Statement, statement.id), public_id),
    )
    with database.reading() as session:
        stopped_at = session.scalars(select(BulkOrder.stopped_at)).one()
        assert stopped_at is not None
        assert max(session.scalars(select(Mail.created_at)).all()) <= stopped_at
        assert session.scalars(select(Invitation.asked_at).where(Invitation.asked_at.is_not(None))).all()
