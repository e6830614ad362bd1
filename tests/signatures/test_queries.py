"""Lists of signatories in their order, for each audience; the people who asked for news."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.base import clock
from app.base.database import Database
from app.directory.models import Signatory
from app.directory.states import SignatoryKind
from app.invitations.models import Invitation
from app.signatures.actions import decline
from app.signatures.lists import entries_for, public_page
from app.signatures.models import Signature
from app.signatures.queries import (
    has_answered,
    news_readers,
    numbers,
    signature_of,
    signatures_of,
    standing,
)
from app.statements.models import Statement
from app.visibility.states import Audience, Visibility
from tests.factories.campaigns import make_campaign
from tests.factories.invitations import make_invitation
from tests.factories.signatures import consent_of, make_decline, make_signature, ticket_of
from tests.factories.statements import make_statement
from tests.mail.sending.pacing import statements_of


def _named(session: Session, statement: Statement, name: str, visibility: Visibility = Visibility.PUBLIC) -> Signature:
    """Let somebody sign a day after the last one named: those of one day stand in no order."""
    clock.freeze(clock.now() + timedelta(days=1))
    invitation = make_invitation(session, statement, name=name)
    return make_signature(session, invitation=invitation, visibility=visibility, pseudonym="Alias")


def _organisation(session: Session, statement: Statement, name: str, visibility: Visibility) -> Signature:
    invitation = make_invitation(session, statement, kind=SignatoryKind.ORGANISATION, name=name)
    return make_signature(session, invitation=invitation, visibility=visibility)


def test_public_pages_list_organisations_then_pinned_then_as_signed(session: Session) -> None:
    statement = make_statement(session)
    first, pinned = _named(session, statement, "First"), _named(session, statement, "Pinned")
    _organisation(session, statement, "Committee", Visibility.PUBLIC)
    _named(session, statement, "Hidden", Visibility.COUNTED)
    _named(session, statement, "Real", Visibility.PSEUDONYM)
    session.execute(update(Signature).where(Signature.id == pinned.id).values(position=1))
    names: list[str] = []
    cursor = None
    while True:
        page = public_page(session, statement.id, cursor, limit=2)
        names += [entry.appearance.name for entry in page.items if entry.appearance]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert names == ["Committee", "Pinned", "First", "Alias"]
    assert numbers(session, statement.id) == (5, 4)
    assert first.kind is SignatoryKind.PERSON


def test_entries_for_the_addressee_name_the_institution_only_and_count_the_rest(session: Session) -> None:
    statement = make_statement(session)
    _named(session, statement, "Public")
    _named(session, statement, "For them", Visibility.INSTITUTION)
    _organisation(session, statement, "Hidden committee", Visibility.INSTITUTION)
    _named(session, statement, "Counted", Visibility.COUNTED)
    _named(session, statement, "Real", Visibility.PSEUDONYM)
    make_signature(session, statement, withdrawn=True)
    addressee = entries_for(session, statement.id, Audience.ADDRESSEE)
    public = entries_for(session, statement.id, Audience.PUBLIC)
    assert [entry.appearance.name if entry.appearance else None for entry in addressee] == [
        "Hidden committee", "Public", "For them", None, "Alias",
    ]  # fmt: skip
    assert [entry.appearance.name if entry.appearance else None for entry in public] == [
        None, "Public", None, None, "Alias",
    ]  # fmt: skip
    assert len(standing(session, statement.id)) == 5


def test_signatures_are_found_from_their_signatories(session: Session) -> None:
    statement = make_statement(session)
    signed = make_signature(session, statement, visibility=Visibility.COUNTED)
    declined = make_decline(session, statement)
    invitation = session.query(Invitation).filter(Invitation.public_id != declined.public_id).one()
    signer = session.get_one(Signatory, invitation.signatory_id).public_id
    other = session.get_one(Signatory, declined.signatory_id).public_id
    found = signatures_of(session, statement.public_id, [signer, other])
    assert {who: one.public_id for who, one in found.items()} == {signer: signed.public_id}
    assert signature_of(session, statement.public_id, other) is None
    assert signature_of(session, make_statement(session).public_id, signer) is None


def test_news_go_to_those_who_asked_each_address_once(session: Session) -> None:
    campaign = make_campaign(session)
    one, two = make_statement(session, campaign), make_statement(session, campaign)
    for statement in (one, two):
        invitation = make_invitation(session, statement, email="Same@example.net")
        make_signature(session, invitation=invitation, wants_news=True)
    make_signature(session, one, wants_news=False)
    make_signature(session, one, wants_news=True, withdrawn=True)
    assert [reader.email for reader in news_readers(session, campaign.id)] == ["Same@example.net"]


def _invited_everywhere(session: Session, email: str) -> list[Invitation]:
    """Invite an address in three campaigns."""
    statements = [make_statement(session, campaign=make_campaign(session)) for _ in range(3)]
    return [make_invitation(session, statement, email=email) for statement in statements]


def test_an_answer_in_any_campaign_tells_that_an_address_answers(session: Session) -> None:
    _invited_everywhere(session, "silent@example.net")
    make_signature(session, invitation=_invited_everywhere(session, "signed@example.net")[1])
    make_signature(session, invitation=_invited_everywhere(session, "withdrawn@example.net")[2], withdrawn=True)
    declined = _invited_everywhere(session, "declined@example.net")[0]
    agreed = consent_of(session, declined)
    decline(session, ticket_of(declined), agreed.text_sha256, agreed.language, "")
    assert has_answered(session, " Signed@Example.NET ")
    assert has_answered(session, "withdrawn@example.net")
    assert has_answered(session, "declined@example.net")
    assert not has_answered(session, "silent@example.net")
    assert not has_answered(session, "stranger@example.net")
    assert not has_answered(session, "")


def test_looking_for_an_answer_is_bounded(session: Session, database: Database) -> None:
    for _ in range(2):
        _invited_everywhere(session, "silent@example.net")
    session.flush()
    with statements_of(database.engine) as noted:
        assert not has_answered(session, "silent@example.net")
    assert len(noted) == 4, "campaigns, invitations, answers, reminders"
