"""Each role sees on each page what it may see, and no canary more (law 3)."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.dashboards.conftest import EVERYBODY
from tests.dashboards.scene import Scene

SEES_ALL = ["owner", "coordinator"]
SEES_PUBLIC = ["editor", "viewer"]
PUBLIC = {"Publica Canary", "Bound House", "A teacher"}
SIGNATORIES = {guest.name for guest in EVERYBODY if guest.answer.value == "signed"}


def _pages(scene: Scene) -> dict[str, str]:
    statement = f"/desk/statements/{scene.statement}"
    return {
        "desk": "/desk",
        "campaign": f"/desk/campaigns/{scene.campaign}",
        "dashboard": f"{statement}/dashboard",
        "signatories": f"{statement}/signatories",
        "signatories.csv": f"{statement}/signatories.csv",
    }


def _people_pages(scene: Scene) -> dict[str, str]:
    statement = f"/desk/statements/{scene.statement}"
    person = scene.invitations["Declina Canary"]
    return {
        "people": f"{statement}/people",
        "people.csv": f"{statement}/people.csv",
        "person": f"{statement}/people/{person}",
    }


def _canaries() -> set[str]:
    found = set()
    for guest in EVERYBODY:
        found |= {guest.name, guest.email, guest.words, guest.server_answer, guest.public_line, *guest.groups}
    return {text for text in found if text and text != "2.0.0 queued"}


@pytest.mark.parametrize("role", SEES_PUBLIC)
@pytest.mark.parametrize("page", ["desk", "campaign", "dashboard", "signatories", "signatories.csv"])
def test_editor_and_viewer_see_what_readers_see(client: FlaskClient, scene: Scene, role: str, page: str) -> None:
    response = scene.enter_as(client, role).get(_pages(scene)[page])
    assert response.status_code == 200
    allowed = {"Publica Canary", "Line of Publica Canary", "Bound House", "Line of Bound House"}
    assert {canary for canary in _canaries() if canary in response.text} <= allowed
    if page.startswith("signatories"):
        assert all(name in response.text for name in PUBLIC)
        # A pseudonym stands alone: no country of a hidden name, nor of the pseudonym's.
        assert not any(country in response.text for country in ("Moldova", "Georgia", "Armenia", "MD,", "GE,", "AM,"))


@pytest.mark.parametrize("page", ["desk", "campaign", "dashboard", "signatories", "signatories.csv"])
def test_approver_sees_what_the_addressee_sees(client: FlaskClient, scene: Scene, page: str) -> None:
    text = scene.enter_as(client, "approver").get(_pages(scene)[page]).text
    seen = {canary for canary in _canaries() if canary in text}
    names = {"Publica Canary", "Bound House", "Institutia Canary"}
    assert seen <= names | {f"Line of {name}" for name in names}
    if page.startswith("signatories"):
        assert names <= seen
        assert "A teacher" in text


@pytest.mark.parametrize("role", SEES_ALL)
def test_owner_and_coordinator_see_everybody(client: FlaskClient, scene: Scene, role: str) -> None:
    pages = _pages(scene) | _people_pages(scene)
    scene.enter_as(client, role)
    texts = {name: client.get(address).text for name, address in pages.items()}
    assert all(name in texts["signatories"] for name in SIGNATORIES)
    assert all(guest.name in texts["people"] and guest.email in texts["people"] for guest in EVERYBODY)
    assert all(guest.words in texts["people.csv"] for guest in EVERYBODY)
    assert "Changing words canary" in texts["dashboard"]
    assert "No such user canary" in texts["dashboard"]
    assert "Declining words canary" in texts["person"]


@pytest.mark.parametrize("role", [*SEES_PUBLIC, "approver"])
@pytest.mark.parametrize("page", ["people", "people.csv", "person"])
def test_people_are_for_those_who_ask_them(client: FlaskClient, scene: Scene, role: str, page: str) -> None:
    response = scene.enter_as(client, role).get(_people_pages(scene)[page])
    assert response.status_code == 403
    assert not any(canary in response.text for canary in _canaries())


@pytest.mark.parametrize("role", [*SEES_PUBLIC, "approver"])
def test_declines_and_silence_are_not_even_numbers_to_others(client: FlaskClient, scene: Scene, role: str) -> None:
    text = scene.enter_as(client, role).get(_pages(scene)["dashboard"]).text
    assert "Declined" not in text
    assert "No answer" not in text
    assert "Needs attention" not in text


def test_outsider_sees_nothing(client: FlaskClient, scene: Scene) -> None:
    scene.enter_as(client, "outsider")
    history = f"/desk/campaigns/{scene.campaign}/history"
    for name, address in (_pages(scene) | _people_pages(scene) | {"history": history}).items():
        response = client.get(address)
        assert response.status_code == (200 if name == "desk" else 404)
        assert "Free the files" not in response.text
        assert not any(canary in response.text for canary in _canaries())


@pytest.mark.parametrize("role", ["coordinator", "editor", "approver", "viewer"])
def test_history_is_for_owners(client: FlaskClient, scene: Scene, role: str) -> None:
    address = f"/desk/campaigns/{scene.campaign}/history"
    assert scene.enter_as(client, role).get(address).status_code == 403
    assert scene.enter_as(client, "owner").get(address).status_code == 200


@pytest.mark.parametrize("role", ["coordinator", "editor", "approver", "viewer"])
def test_colleagues_are_named_to_owners_only(client: FlaskClient, scene: Scene, role: str) -> None:
    address = f"/desk/campaigns/{scene.campaign}"
    assert "owner person" not in scene.enter_as(client, role).get(address).text
    assert "viewer person" in scene.enter_as(client, "owner").get(address).text


def test_person_of_another_statement_is_not_reached(client: FlaskClient, scene: Scene) -> None:
    scene.enter_as(client, "owner")
    for invitation in ("a" * 20, scene.statement, "x"):
        assert client.get(f"/desk/statements/{scene.statement}/people/{invitation}").status_code == 404


def test_pages_are_never_stored(client: FlaskClient, scene: Scene) -> None:
    scene.enter_as(client, "owner")
    for address in (_pages(scene) | _people_pages(scene)).values():
        assert client.get(address).headers["Cache-Control"] == "no-store"
