"""Names of somebody else wait for a coordinator; what can’t be a name is refused; pseudonyms that tell warn."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.base.parts import parts_of
from app.campaigns.models import Campaign
from app.campaigns.states import Role
from app.directory.states import SignatoryKind
from app.signatures.states import OwnersWord
from app.statements.models import Statement
from app.visibility.states import Visibility
from tests.accounts.outbox import rendered_mails
from tests.factories.accounts import sign_in
from tests.factories.campaigns import make_member
from tests.signatures.changing import change_url, say, told, wish
from tests.signatures.scene import Invited, every_row, invite

NAME = "Ales Bialiatski"


@pytest.fixture
def owner(app: Flask) -> Invited:
    return invite(app, name=NAME, email="ales.b@example.net", credential="", affiliation="", country="BY")


def _desk(owner: Invited, role: Role = Role.COORDINATOR) -> FlaskClient:
    with owner.app.app_context(), parts_of(owner.app).database.writing() as session:
        statement = session.get_one(Statement, owner.statement_id)
        organiser = make_member(session, session.get_one(Campaign, statement.campaign_id), role)
    return sign_in(owner.app.test_client(), owner.app, organiser)


def _names_url(owner: Invited) -> str:
    with owner.app.app_context(), parts_of(owner.app).database.reading() as session:
        return f"/desk/statements/{session.get_one(Statement, owner.statement_id).public_id}/names"


def _one_url(owner: Invited, desk: FlaskClient) -> str:
    return desk.get(_names_url(owner)).text.split(f'href="{_names_url(owner)}/')[1].split('"')[0]


def _public_list(owner: Invited) -> str:
    with owner.app.app_context(), parts_of(owner.app).database.reading() as session:
        slug = session.get_one(Statement, owner.statement_id).slug
    return owner.client.get(f"/statements/{slug}").text


def _appears(owner: Invited) -> tuple[Visibility, str]:
    (signed,) = owner.signatures()
    return signed.visibility, signed.identity.name


def test_a_person_who_signs_as_somebody_else_counts_and_is_not_named(owner: Invited) -> None:
    owner.sign("public", name="Mickey Mouse")
    assert _appears(owner) == (Visibility.COUNTED, "Mickey Mouse")
    assert "Mickey Mouse" not in _public_list(owner)
    page = owner.client.get(owner.url).text
    assert "We do not know you by this name" in page
    (receipt,) = rendered_mails(owner.app, "receipt")
    assert "It waits; another mail says for what." in receipt.text
    (mail,) = told(owner)
    assert "Mickey" not in mail.subject


@pytest.mark.parametrize("visibility", ["counted", "pseudonym"])
def test_a_name_that_nobody_sees_waits_for_nobody(owner: Invited, visibility: str) -> None:
    owner.sign(visibility, name="Mickey Mouse", pseudonym="Night reader")
    assert _appears(owner) == (Visibility(visibility), "Mickey Mouse")
    assert told(owner) == []


def test_and_is_looked_at_before_it_is_shown_all_the_same(owner: Invited) -> None:
    owner.sign("counted", name="Mickey Mouse")
    wish(owner, "visibility", visibility="public")
    say(owner, OwnersWord.YES)
    assert _appears(owner) == (Visibility.COUNTED, "Mickey Mouse")
    assert [mail.subject for mail in told(owner)] == ["A change waits to be looked at"]


def test_a_coordinator_finds_the_name_accepts_it_and_its_owner_is_told(owner: Invited) -> None:
    owner.sign("public", name=NAME)
    wish(owner, "line", name="Alexander the Great", public_line="", country="")
    desk = _desk(owner)
    assert "1 person gave a name that we do not know them by: look at it" in desk.get("/desk").text
    assert _names_url(owner) in desk.get("/desk").text
    listed = desk.get(_names_url(owner)).text
    assert "Alexander the Great" in listed
    assert NAME in listed
    url = f"{_names_url(owner)}/{_one_url(owner, desk)}"
    assert desk.post(url, data={}).status_code == 422
    assert _appears(owner)[1] == NAME
    assert desk.post(url, data={"ruling": "accept", "word": "We spoke."}).status_code == 303
    assert _appears(owner) == (Visibility.PUBLIC, "Alexander the Great")
    (mail,) = told(owner)
    assert "We spoke." in mail.text
    assert "We spoke." in mail.html
    assert "the people who asked you accepted" in mail.text
    assert "does not wait any more" in desk.get(url).text
    assert desk.post(url, data={"ruling": "refuse"}).status_code == 409
    assert _appears(owner)[1] == "Alexander the Great"
    # From now on they are known by it, and can still take it back.
    wish(owner, "line", name="Alexander Great", public_line="", country="")
    assert _appears(owner)[1] == "Alexander Great"


def test_a_refused_name_stays_away_with_a_word(owner: Invited) -> None:
    owner.sign("public", name="Mickey Mouse")
    desk = _desk(owner)
    url = f"{_names_url(owner)}/{_one_url(owner, desk)}"
    desk.post(url, data={"ruling": "refuse", "word": "Please sign as yourself."})
    assert _appears(owner)[0] is Visibility.COUNTED
    (mail,) = told(owner)
    assert mail.subject == "A change was not accepted"
    assert "Please sign as yourself." in mail.text
    assert "Please sign as yourself." in owner.client.get(change_url(owner)).text


def test_a_name_swapped_while_it_waits_does_not_slip_through(owner: Invited) -> None:
    """What was looked at is what appears, though the line of a hidden signature can be changed meanwhile."""
    owner.sign("public", name="Alexander the Great")
    desk = _desk(owner)
    url = f"{_names_url(owner)}/{_one_url(owner, desk)}"
    desk.get(url)
    wish(owner, "line", name="Mickey Mouse", public_line="", country="")
    assert desk.post(url, data={"ruling": "accept"}).status_code == 409
    assert _appears(owner)[0] is Visibility.COUNTED


def test_the_signatorys_page_shows_what_waits(owner: Invited) -> None:
    owner.sign("public", name="Mickey Mouse")
    desk, names = _desk(owner), _names_url(owner)
    page = desk.get(f"{names.removesuffix('names')}people/{owner.invitation}").text
    assert "A name waits for you" in page
    assert f'href="{names}/' in page


@pytest.mark.parametrize(("role", "status"), [(Role.VIEWER, 403), (Role.EDITOR, 403), (Role.APPROVER, 403)])
def test_a_role_that_asks_nobody_rules_on_no_name(owner: Invited, role: Role, status: int) -> None:
    owner.sign("public", name="Mickey Mouse")
    one = _one_url(owner, _desk(owner))
    desk = _desk(owner, role)
    assert desk.get(_names_url(owner)).status_code == status
    assert desk.post(f"{_names_url(owner)}/{one}", data={"ruling": "accept"}).status_code == status
    assert _appears(owner)[0] is Visibility.COUNTED


def test_a_name_of_another_statement_is_not_known_here(owner: Invited) -> None:
    owner.sign("public", name="Mickey Mouse")
    one = _one_url(owner, _desk(owner))
    other = invite(owner.app)
    assert _desk(other).get(f"{_names_url(other)}/{one}").status_code == 404


def test_over_withdrawing_a_link_leads_no_further(owner: Invited) -> None:
    """Counted, withdrawn, signed again as public: the same widening by another way."""
    owner.sign("counted", name=NAME)
    url = owner.manage_url()
    token = owner.client.get(f"{url}/withdraw").text.split('name="form_token" value="')[1].split('"')[0]
    owner.client.post(f"{url}/withdraw", data={"form_token": token, "sure": "yes"})
    owner.sign("public", name=NAME)
    assert _appears(owner)[0] is Visibility.COUNTED
    assert NAME not in _public_list(owner)
    assert "it shows more once you have said yes" in owner.client.get(owner.url).text
    say(owner, OwnersWord.YES)
    assert _appears(owner)[0] is Visibility.PUBLIC


def test_signing_again_as_before_waits_for_nobody(owner: Invited) -> None:
    owner.sign("pseudonym", name=NAME, pseudonym="Night reader")
    url = owner.manage_url()
    token = owner.client.get(f"{url}/withdraw").text.split('name="form_token" value="')[1].split('"')[0]
    owner.client.post(f"{url}/withdraw", data={"form_token": token, "sure": "yes"})
    owner.sign("pseudonym", name=NAME, pseudonym="Night reader")
    assert _appears(owner)[0] is Visibility.PSEUDONYM
    assert told(owner) == []


@pytest.mark.parametrize("name", ["https://evil.example", "evil.com", "a@b.org", "+380 44 123 45 67", "<b>x</b>", "…"])
def test_what_is_no_name_is_refused_wherever_a_signatory_gives_one(owner: Invited, name: str) -> None:
    before = every_row(owner.app)
    assert owner.sign("public", name=name).status_code == 422
    assert owner.sign("pseudonym", name=NAME, pseudonym=name).status_code == 422
    assert owner.sign("public", name=NAME, public_line=f"see {name} and https://b.org").status_code == 422
    assert every_row(owner.app) == before
    owner.sign("public", name=NAME)
    before = every_row(owner.app)
    assert wish(owner, "line", name=name, public_line="", country="").status_code == 422
    assert wish(owner, "visibility", visibility="pseudonym", pseudonym=name).status_code == 422
    assert every_row(owner.app) == before


def test_an_organisation_may_be_called_as_its_website(app: Flask) -> None:
    body = invite(app, name="Gulagu.net", kind=SignatoryKind.ORGANISATION, representative="R")
    assert body.sign("public", name="Gulagu.net", representative="R. Director", authorised="y").status_code == 303
    assert wish(body, "line", name="gulagu.net", public_line="", country="").status_code == 303


def test_a_field_that_goes_nowhere_stops_nobody(owner: Invited) -> None:
    assert owner.sign("public", name=NAME, pseudonym="https://left.over").status_code == 303


@pytest.mark.parametrize("pseudonym", ["Ales from Minsk", "Алесь", "ales.b"])
def test_a_pseudonym_that_tells_warns_and_can_be_taken_all_the_same(owner: Invited, pseudonym: str) -> None:
    warned = owner.sign("pseudonym", name=NAME, pseudonym=pseudonym)
    assert warned.status_code == 422
    assert "stands in your name or your address too" in warned.text
    assert f'name="pseudonym_anyway" type="checkbox" value="{pseudonym}"' in warned.text
    assert " checked" not in warned.text.split("pseudonym_anyway", 1)[1].split(">", 1)[0]
    # The box means the words that were warned of: another telling pseudonym warns anew.
    again = owner.sign("pseudonym", name=NAME, pseudonym="Bialiatski A.", pseudonym_anyway=pseudonym)
    assert again.status_code == 422
    assert owner.sign("pseudonym", name=NAME, pseudonym=pseudonym, pseudonym_anyway=pseudonym).status_code == 303
    assert owner.signatures()[0].identity.pseudonym == pseudonym


def test_a_pseudonym_that_tells_warns_later_too(owner: Invited) -> None:
    owner.sign("public", name=NAME)
    warned = wish(owner, "visibility", visibility="pseudonym", pseudonym="Ales from Minsk")
    assert warned.status_code == 422
    assert 'name="pseudonym_anyway"' in warned.text
    sent = wish(owner, "visibility", visibility="pseudonym", pseudonym="Ales from Minsk",
                pseudonym_anyway="Ales from Minsk")  # fmt: skip
    assert sent.status_code == 303


def test_no_box_is_shown_before_there_is_a_warning(owner: Invited) -> None:
    assert "pseudonym_anyway" not in owner.client.get(owner.url).text
