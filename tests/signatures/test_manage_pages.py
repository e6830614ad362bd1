"""One's own signature: see it, show more or less of it, correct it, withdraw it."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.invitations.states import Answer
from app.signatures.states import OwnersWord, SignatureState
from app.visibility.states import Visibility
from tests.signatures.changing import say
from tests.signatures.scene import Invited, every_row, invite


@pytest.fixture
def owner(app: Flask) -> Invited:
    """Somebody who has signed as counted only."""
    guest = invite(app, name="Галина Коваленко", country="UA")
    guest.sign("counted", name="Галина Коваленко", public_line="Archivist", country="UA")
    return guest


def _send(owner: Invited, path: str, **fields: str) -> TestResponse:
    url = owner.manage_url()
    page = owner.client.get(f"{url}/withdraw" if path == "withdraw" else url).text
    token = page.split('name="form_token" value="')[1].split('"')[0]
    return owner.client.post(f"{url}/{path}", data={"form_token": token, **fields})


def test_shows_to_whom_the_signature_appears_and_how(owner: Invited) -> None:
    page = owner.client.get(owner.manage_url()).text
    assert page.count("One more in the number, no name") == 3
    assert "The people who asked you" in page
    assert owner.signatures()[0].text_sha256 in page.replace("</span><wbr><span>", "")


def test_owner_shows_more_and_then_less(owner: Invited) -> None:
    asked = _send(owner, "visibility", visibility="public")
    assert asked.status_code == 303
    assert owner.signatures()[0].visibility is Visibility.COUNTED
    assert "One step is left: look into your mailbox" in owner.client.get(asked.location).text
    say(owner, OwnersWord.YES)
    assert owner.signatures()[0].visibility is Visibility.PUBLIC
    assert "Saved." in owner.client.get(owner.manage_url() + "?saved=1").text
    assert _send(owner, "visibility", visibility="pseudonym", pseudonym="Teacher").status_code == 303
    (signed,) = owner.signatures()
    assert (signed.visibility, signed.identity.pseudonym) == (Visibility.PSEUDONYM, "Teacher")
    _send(owner, "visibility", visibility="institution", pseudonym="Teacher")
    (signed,) = owner.signatures()
    assert (signed.visibility, signed.identity.pseudonym) == (Visibility.COUNTED, ""), "neither of both meanwhile"


def test_a_pseudonym_that_is_the_name_is_refused(owner: Invited) -> None:
    answer = _send(owner, "visibility", visibility="pseudonym", pseudonym="галина коваленко")
    assert answer.status_code == 422
    assert "This is your name." in answer.text


def test_owner_learns_which_characters_no_typeface_has(owner: Invited) -> None:
    _send(owner, "visibility", visibility="public")
    say(owner, OwnersWord.YES)
    assert "prints numbers" not in owner.client.get(owner.manage_url()).text
    _send(owner, "line", name="Галина Коваленко", public_line="Poet \U00012000", country="UA")
    assert "U+12000 CUNEIFORM SIGN A" in owner.client.get(owner.manage_url()).text
    _send(owner, "visibility", visibility="counted")
    assert "prints numbers" not in owner.client.get(owner.manage_url()).text


def test_owner_corrects_name_and_line(owner: Invited) -> None:
    refused = _send(owner, "line", name="", public_line="New line")
    assert refused.status_code == 422
    assert 'value="New line"' in refused.text
    assert _send(owner, "line", name="Halyna K.", public_line="New line", country="").status_code == 303
    identity = owner.signatures()[0].identity
    assert (identity.name, identity.public_line, identity.country) == ("Halyna K.", "New line", "")


def test_owner_begins_and_stops_the_news(owner: Invited) -> None:
    _send(owner, "news", wants_news="y")
    assert owner.signatures()[0].wants_news
    _send(owner, "news")
    assert not owner.signatures()[0].wants_news


def test_withdrawing_asks_once_more_and_confirms_by_mail(owner: Invited) -> None:
    assert _send(owner, "withdraw").status_code == 422
    assert _send(owner, "withdraw", sure="no").status_code == 303
    assert owner.signatures()[0].is_signed
    _send(owner, "withdraw", sure="yes")
    assert owner.signatures()[0].state is SignatureState.WITHDRAWN
    assert owner.reply().answer is Answer.WITHDRAWN
    assert owner.mails("withdrawal") == 1
    page = owner.client.get(owner.manage_url()).text
    assert "You have withdrawn your signature" in page
    assert "Sign again" in page


def test_withdrawing_twice_changes_nothing_more(owner: Invited) -> None:
    url = owner.manage_url()
    token = owner.client.get(f"{url}/withdraw").text.split('name="form_token" value="')[1].split('"')[0]
    form = {"form_token": token, "sure": "yes"}
    owner.client.post(f"{url}/withdraw", data=form)
    before = every_row(owner.app)
    assert owner.client.post(f"{url}/withdraw", data=form).status_code == 303
    assert every_row(owner.app) == before


def test_saving_without_a_change_changes_nothing(owner: Invited) -> None:
    before = every_row(owner.app)
    _send(owner, "visibility", visibility="counted")
    _send(owner, "line", name="Галина Коваленко", public_line="Archivist", country="UA")
    assert every_row(owner.app) == before


def test_forms_without_their_mark_are_refused(owner: Invited) -> None:
    before = every_row(owner.app)
    for path in ("visibility", "line", "news", "withdraw"):
        fields = {"visibility": "public", "name": "X", "sure": "yes", "wants_news": "y", "form_token": "x"}
        assert owner.client.post(f"{owner.manage_url()}/{path}", data=fields).status_code == 422
    assert every_row(owner.app) == before


def test_a_stale_window_says_that_the_signature_no_longer_stands(owner: Invited) -> None:
    url = owner.manage_url()
    token = owner.client.get(url).text.split('name="form_token" value="')[1].split('"')[0]
    _send(owner, "withdraw", sure="yes")
    answer = owner.client.post(f"{url}/visibility", data={"form_token": token, "visibility": "public"})
    assert answer.status_code == 409
    assert "withdrawn or set aside in the meantime" in answer.text
    assert owner.signatures()[0].visibility is Visibility.COUNTED
