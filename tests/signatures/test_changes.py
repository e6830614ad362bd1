"""A change of a signature: what takes effect at once, what waits for whom, and how it is told and taken back."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app.base import clock
from app.base.parts import parts_of
from app.signatures.actions import withdraw
from app.signatures.models import Signature
from app.signatures.states import ChangeState, OwnersWord
from app.signatures.wishes import CHANGES_A_DAY
from app.visibility.states import Visibility, is_wider, shows_name, until_confirmed
from tests.signatures.changing import change_url, changes_of, say, told, wish
from tests.signatures.scene import Invited, every_row, invite

NAME = "Halyna Kovalenko"


@pytest.fixture
def owner(app: Flask) -> Invited:
    return invite(app, name=NAME, email="hkov@example.net", credential="Archivist", affiliation="", country="UA")


def _states(owner: Invited) -> list[ChangeState]:
    with owner.app.app_context(), parts_of(owner.app).database.reading() as session:
        return [change.state for change in changes_of(session)]


def _appears(owner: Invited) -> tuple[Visibility, str, str]:
    (signed,) = owner.signatures()
    return signed.visibility, signed.identity.name, signed.identity.pseudonym


@pytest.mark.parametrize("old", list(Visibility))
@pytest.mark.parametrize("new", list(Visibility))
def test_what_holds_until_confirmed_is_never_more_than_either(old: Visibility, new: Visibility) -> None:
    held = until_confirmed(new, old)
    assert not is_wider(held, old)
    assert not is_wider(held, new)
    assert (held is new) is (new is old or not is_wider(new, old))


def test_between_pseudonym_and_institution_each_shows_what_the_other_hides() -> None:
    for one, other in ((Visibility.PSEUDONYM, Visibility.INSTITUTION), (Visibility.INSTITUTION, Visibility.PSEUDONYM)):
        assert is_wider(one, other)
        assert until_confirmed(one, other) is Visibility.COUNTED
    assert [each for each in Visibility if shows_name(each)] == [Visibility.PUBLIC, Visibility.INSTITUTION]


def test_tightening_is_at_once_and_told_with_a_way_back(owner: Invited) -> None:
    owner.sign("public", name=NAME)
    wish(owner, "visibility", visibility="counted")
    assert _appears(owner)[0] is Visibility.COUNTED
    (mail,) = told(owner)
    assert mail.to_address == "hkov@example.net"
    assert change_url(owner) in mail.text
    assert change_url(owner) in mail.html
    say(owner, OwnersWord.NO)
    assert _appears(owner)[0] is Visibility.PUBLIC
    assert [each.subject for each in told(owner)] == ["A change was taken back"]


def test_no_to_a_wish_leaves_what_was_and_yes_twice_changes_nothing_more(owner: Invited) -> None:
    owner.sign("counted", name=NAME)
    wish(owner, "visibility", visibility="institution")
    say(owner, OwnersWord.NO)
    assert (_appears(owner)[0], _states(owner)) == (Visibility.COUNTED, [ChangeState.TAKEN_BACK])
    wish(owner, "visibility", visibility="institution")
    say(owner, OwnersWord.YES)
    before = every_row(owner.app)
    assert say(owner, OwnersWord.YES).status_code == 303
    assert every_row(owner.app) == before
    assert _appears(owner)[0] is Visibility.INSTITUTION


def test_from_institution_to_a_pseudonym_hides_the_name_at_once(owner: Invited) -> None:
    owner.sign("institution", name=NAME)
    wish(owner, "visibility", visibility="pseudonym", pseudonym="Night reader")
    assert _appears(owner) == (Visibility.COUNTED, NAME, "")
    say(owner, OwnersWord.YES)
    assert _appears(owner) == (Visibility.PSEUDONYM, NAME, "Night reader")


def test_no_to_a_pseudonym_gives_the_institution_back_what_it_had(owner: Invited) -> None:
    owner.sign("institution", name=NAME)
    wish(owner, "visibility", visibility="pseudonym", pseudonym="Night reader")
    say(owner, OwnersWord.NO)
    assert _appears(owner) == (Visibility.INSTITUTION, NAME, "")


def test_another_pseudonym_waits_and_the_mail_does_not_repeat_it(owner: Invited) -> None:
    owner.sign("pseudonym", name=NAME, pseudonym="Night reader")
    wish(owner, "visibility", visibility="pseudonym", pseudonym="Morning writer")
    assert _appears(owner)[2] == "Night reader"
    (mail,) = told(owner)
    assert not any(word in mail.text + mail.html for word in ("Night reader", "Morning writer"))
    assert "Morning writer" in owner.client.get(change_url(owner)).text
    say(owner, OwnersWord.YES)
    assert _appears(owner)[2] == "Morning writer"


def test_a_later_wish_replaces_the_earlier_one(owner: Invited) -> None:
    owner.sign("counted", name=NAME)
    wish(owner, "visibility", visibility="public")
    first = change_url(owner)
    wish(owner, "visibility", visibility="institution")
    assert _states(owner) == [ChangeState.LAPSED, ChangeState.WAITS_FOR_OWNER]
    assert "replaced by a later one" in owner.client.get(first).text
    assert len(told(owner)) == 1, "the mail about the first is not sent any more"


def test_a_wish_lapses_after_two_weeks_and_an_undo_after_a_month(owner: Invited) -> None:
    clock.freeze(clock.now())
    owner.sign("counted", name=NAME)
    wish(owner, "visibility", visibility="public")
    clock.advance(days=15)
    page = owner.client.get(change_url(owner)).text
    assert "not confirmed in time" in page
    assert "<form" not in page
    wish(owner, "line", name=NAME, public_line="Poet", country="UA")
    clock.advance(days=31)
    assert "<form" not in owner.client.get(change_url(owner)).text


def test_a_page_left_open_while_the_line_changed_is_shown_anew(owner: Invited) -> None:
    """Somebody who holds the link could slip another line under the yes."""
    owner.sign("counted", name=NAME, public_line="Archivist")
    wish(owner, "visibility", visibility="public")
    url = change_url(owner)
    stale = dict(_hidden(owner, url))
    wish(owner, "line", name=NAME, public_line="Friend of the minister", country="")
    answer = owner.client.post(url, data={**stale, "word": "yes"})
    assert answer.status_code == 409
    assert "Something was changed while you were reading" in answer.text
    assert "Friend of the minister" in answer.text
    assert _appears(owner)[0] is Visibility.COUNTED


def _hidden(owner: Invited, url: str) -> list[tuple[str, str]]:
    page = owner.client.get(url).text
    return [(name, page.split(f'name="{name}" value="')[1].split('"')[0]) for name in ("form_token", "seen")]


def test_undoing_a_line_leaves_what_was_changed_since(owner: Invited) -> None:
    owner.sign("public", name=NAME, public_line="Archivist", country="UA")
    wish(owner, "line", name=NAME, public_line="Nobody", country="BY")
    url = change_url(owner)
    wish(owner, "line", name=NAME, public_line="Poet", country="BY")
    say(owner, OwnersWord.NO, url)
    (signed,) = owner.signatures()
    assert (signed.identity.public_line, signed.identity.country) == ("Poet", "UA")


def test_a_new_link_voids_those_that_somebody_else_has(owner: Invited) -> None:
    owner.sign("public", name=NAME)
    old = owner.manage_url()
    wish(owner, "visibility", visibility="counted")
    assert say(owner, OwnersWord.NO_AND_NEW_LINK).status_code == 303
    assert _appears(owner)[0] is Visibility.PUBLIC
    assert owner.client.get(old).status_code == 410
    (mail,) = told(owner)
    new = owner.manage_url()
    assert new in mail.text
    # The invitation's link would lead back to the new one.
    page = owner.client.get(owner.url).text
    assert "/m/" not in page
    assert "this older one no longer leads to it" in page


def test_changing_over_and_over_ends_before_the_mailbox_is_full(owner: Invited) -> None:
    owner.sign("public", name=NAME)
    answers = [wish(owner, "line", name=NAME, public_line=f"Line {n}", country="") for n in range(CHANGES_A_DAY + 1)]
    assert [answer.status_code for answer in answers] == [303] * CHANGES_A_DAY + [429]


def test_a_withdrawn_signature_has_nothing_to_decide(owner: Invited) -> None:
    owner.sign("counted", name=NAME)
    wish(owner, "visibility", visibility="public")
    url = change_url(owner)
    stale = dict(_hidden(owner, url))
    with owner.app.app_context(), parts_of(owner.app).database.writing() as session:
        withdraw(session, session.scalars(select(Signature.public_id)).one())
    assert "no longer stands" in owner.client.get(url).text
    assert owner.client.post(url, data={**stale, "word": "yes"}).status_code == 409
    assert _appears(owner)[0] is Visibility.COUNTED
    assert told(owner) == []


@pytest.mark.parametrize(
    "name", ["HALYNA KOVALENKO", "Kovalenko, Halyna", "Halýna Kovalenko", "Галина Коваленко", "Halyna K."]
)
def test_another_spelling_is_saved_at_once(owner: Invited, name: str) -> None:
    owner.sign("public", name=NAME)
    wish(owner, "line", name=name, public_line="Archivist", country="")
    assert _appears(owner)[1] == name
    assert _states(owner) == [ChangeState.IN_FORCE]


def test_another_name_waits_while_the_line_is_saved(owner: Invited) -> None:
    owner.sign("public", name=NAME, public_line="Archivist")
    wish(owner, "line", name="Mickey Mouse", public_line="Poet", country="")
    (signed,) = owner.signatures()
    assert (signed.identity.name, signed.identity.public_line) == (NAME, "Poet")
    assert _states(owner) == [ChangeState.IN_FORCE, ChangeState.WAITS_FOR_COORDINATOR]
    assert {mail.subject for mail in told(owner)} == {"A change was made", "A change waits to be looked at"}
    assert "The name is looked at first" in owner.client.get(owner.manage_url() + "?saved=name").text
    say(owner, OwnersWord.NO)
    assert set(_states(owner)) == {ChangeState.IN_FORCE, ChangeState.TAKEN_BACK}


def test_small_steps_lead_no_further_than_a_big_one(owner: Invited) -> None:
    owner.sign("public", name=NAME)
    for name in ("Halyna Kovalenka", "Halina Kavalenka", "Malina Kavalenka", "Malina Kavalanka", "Malvina Cavalanka"):
        wish(owner, "line", name=name, public_line="", country="")
    assert _appears(owner)[1] != "Malvina Cavalanka"
