"""The page that is put together once for many people says what a page made for one of them would say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, update

from app.base import clock
from app.base.edge import reading
from app.base.parts import parts_of
from app.campaigns.actions import add_convenor
from app.campaigns.models import Campaign, Convenor
from app.campaigns.states import ConvenorFacts
from app.directory.states import SignatoryKind
from app.signatures import deciding
from app.signatures.deciding import Visit, blank_form, decision_page, ready_page
from app.signatures.guests import guest_of
from app.statements.models import Statement
from app.visibility.states import Visibility
from tests.factories.signatures import appear, make_decline, make_signature
from tests.factories.statements import make_statement
from tests.signatures.scene import Invited, invite

NAMES = ('Ana "Ñ" <b>&amp; O’Neill</b>', "خسروی", "x" * 24 + "x000", "%(name)s {{ name }} \\g<0>")


def _both(app: Flask, guest: Invited) -> tuple[str, str]:
    """Return the page of a guest as it is filled in, and as it is rendered for them alone."""
    with app.test_request_context(guest.url), pytest.MonkeyPatch.context() as patch:
        patch.setattr(deciding, "make_form_token", lambda *_facts: "token")  # it tells the second
        visit = Visit(guest.token, None, guest_of(reading(), guest.token))
        ready = ready_page(reading(), visit)
        return ready, decision_page(reading(), visit, blank_form(visit.guest, visit.text.language))


def test_a_page_that_is_filled_in_is_the_page_to_the_letter(app: Flask) -> None:
    """Whatever is in a name; for people and organisations, with a country and without, in each situation."""
    with app.app_context(), parts_of(app).database.writing() as session:
        statement = make_statement(session)
        make_signature(session, statement)
    guests = [invite(app, statement, name=name, country="") for name in NAMES]
    guests += [invite(app, statement, name=name, country="UA", affiliation=NAMES[0]) for name in NAMES]
    guests.append(invite(app, statement, kind=SignatoryKind.ORGANISATION, representative=NAMES[0]))
    guests[2].send(choice="decline", words="No.")
    guests[3].send(choice="ask change", words="Name the law.")
    for guest in guests:
        ready, rendered = _both(app, guest)
        assert ready == rendered
    assert "You have declined" in _both(app, guests[2])[0]


def test_a_second_guest_is_shown_nothing_of_the_first(app: Flask) -> None:
    with app.app_context(), parts_of(app).database.writing() as session:
        statement = make_statement(session)
    first = invite(app, statement, name="First Guest", affiliation="First affiliation")
    second = invite(app, statement, name="Second Guest", affiliation="")
    assert "First Guest" in first.client.get(first.url).text
    page = second.client.get(second.url).text
    assert "Second Guest" in page
    assert "First" not in page
    assert first.token not in page


def test_the_page_follows_what_is_changed_with_the_very_next_request(app: Flask) -> None:
    """Convenors, deadline and contact are no part of the frozen text, and names are taken back."""
    with app.app_context(), parts_of(app).database.writing() as session:
        statement = make_statement(session, deadline_at=clock.now() + timedelta(days=3))
        shown = make_signature(session, statement, name="Shown Person").public_id
        make_signature(session, statement, visibility=Visibility.COUNTED)
    guest = invite(app, statement)
    page = guest.client.get(guest.url).text
    assert "Shown Person" in page
    assert "<strong>2</strong>" in page
    with app.app_context(), parts_of(app).database.writing() as session:
        appear(session, shown, Visibility.COUNTED)
        campaign = session.get_one(Campaign, statement.campaign_id)
        add_convenor(session, campaign, "test", ConvenorFacts("Another Convenor", "", ""))
    page = guest.client.get(guest.url).text
    assert "Shown Person" not in page
    assert "Another Convenor" in page
    assert "<strong>2</strong>" in page
    with app.app_context(), parts_of(app).database.writing() as session:
        session.execute(update(Convenor).values(name="The Same Convenor"))
    page = guest.client.get(guest.url).text
    assert "The Same Convenor" in page
    assert "Another" not in page
    with app.app_context(), parts_of(app).database.writing() as session:
        later = clock.now() + timedelta(days=400)
        session.execute(update(Statement).where(Statement.id == guest.statement_id).values(deadline_at=later))
    assert str(later.year) in guest.client.get(guest.url).text.split("Sign until")[1][:200]


def test_nobodys_name_is_opened_where_the_list_is_as_it_was(app: Flask) -> None:
    """Nor is any entity loaded: a page for one more person is three statements."""
    with app.app_context(), parts_of(app).database.writing() as session:
        statement = make_statement(session)
        for _ in range(5):
            make_signature(session, statement)
    guests = [invite(app, statement) for _ in range(2)]
    guests[0].client.get(guests[0].url)
    seen: list[str] = []
    engine = parts_of(app).database.engine

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    guests[1].client.get(guests[1].url)
    event.remove(engine, "before_cursor_execute", note)
    assert [each.split()[0] for each in seen] == ["BEGIN", "SELECT", "SELECT", "SELECT"]
    opened = [each for each in seen if "identity_sealed" in each and "FROM signatures" in each]
    assert all("substr" in each for each in opened)


def test_who_signed_says_so_in_the_answer_and_in_the_signature(app: Flask) -> None:
    """The page looks for a signature where the answer says that there is one: the two must not part."""
    with app.app_context(), parts_of(app).database.writing() as session:
        statement = make_statement(session)
        make_decline(session, statement)
    guest = invite(app, statement)
    guest.sign("counted")
    with app.test_request_context(guest.url):
        found = guest_of(reading(), guest.token)
        assert found.has_signed
        assert not replace(found, signed=None).has_signed
