"""Pages of the desk: what they say first, where they lead, what they give as sheets; on both databases."""

from __future__ import annotations

import ast
import csv
import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.audit.actions import record, record_many
from app.base import clock
from app.base.database import Database
from app.base.parts import parts_of
from app.dashboards.deeds import DEEDS
from app.dashboards.pages import countries_of
from app.dashboards.signatories import Figures
from app.dashboards.states import InviteeStanding
from app.invitations.models import Invitation
from app.invitations.states import Answer
from app.mail.evidence import record_proof
from app.mail.states import Proof
from app.statements.states import StatementState
from app.visibility.states import Visibility
from tests.dashboards.conftest import EVERYBODY
from tests.dashboards.scene import Guest, Scene, set_scene
from tests.factories.accounts import make_organiser, sign_in

ROOT = Path(__file__).parents[2]
FORMULA = '=HYPERLINK("http://evil.example.org")'


def _people(client: FlaskClient, scene: Scene, arguments: str = "") -> str:
    return client.get(f"/desk/statements/{scene.statement}/people{arguments}").text


def _rows(client: FlaskClient, address: str) -> list[dict[str, str]]:
    response = client.get(address)
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(response.data.decode("utf-8-sig"))))


@pytest.mark.parametrize("role", ["owner", "coordinator", "editor", "approver", "viewer"])
def test_pages_work_on_either_database(either_app: Flask, role: str) -> None:
    database = parts_of(either_app).database
    with either_app.app_context():
        scene = set_scene(database, EVERYBODY)
    client = scene.enter_as(either_app.test_client(), role)
    statement = f"/desk/statements/{scene.statement}"
    for address in ("/desk", f"/desk/campaigns/{scene.campaign}", f"{statement}/dashboard", f"{statement}/signatories"):
        assert client.get(address).status_code == 200
    if role in {"owner", "coordinator"}:
        for arguments in ("", "?standing=signed", "?kind=organisation", "?q=canary", "?q=silenta@example.org"):
            assert client.get(f"{statement}/people{arguments}").status_code == 200
        for invitation in scene.invitations.values():
            assert client.get(f"{statement}/people/{invitation}").status_code == 200
    if role == "owner":
        assert client.get(f"/desk/campaigns/{scene.campaign}/history").status_code == 200


@pytest.mark.parametrize("may_create", [True, False])
def test_desk_offers_a_campaign_to_those_who_may_begin_one(app: Flask, may_create: bool) -> None:
    with app.app_context(), parts_of(app).database.writing() as session:
        organiser = make_organiser(session, may_create_campaigns=may_create)
    desk = sign_in(app.test_client(), app, organiser).get("/desk").text
    assert ("Begin a campaign" in desk, "Begin one, or ask" in desk) == (may_create, may_create)


@pytest.mark.parametrize("standing", InviteeStanding)
def test_filter_by_standing_shows_exactly_those(client: FlaskClient, scene: Scene, standing: InviteeStanding) -> None:
    page = _people(scene.enter_as(client, "owner"), scene, f"?standing={standing.value}")
    shown = {guest.name for guest in EVERYBODY if guest.name in page}
    assert len(shown) == (5 if standing is InviteeStanding.SIGNED else 1)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("silenta", {"Silenta Canary"}),
        ("SILENTA@EXAMPLE.ORG", {"Silenta Canary"}),
        ("canary silenta", {"Silenta Canary"}),
        ("bound", {"Bound House"}),
        ("nobody at all", set()),
        ("%", set()),
        ("' OR 1=1 --", set()),
    ],
)
def test_search_finds_names_and_addresses(client: FlaskClient, scene: Scene, words: str, found: set[str]) -> None:
    scene.enter_as(client, "owner")
    page = client.get(f"/desk/statements/{scene.statement}/people", query_string={"q": words}).text
    assert {guest.name for guest in EVERYBODY if guest.name in page} == found
    assert ("Nobody matches" in page) == (not found)


def test_search_ignores_accents_and_reads_every_script(client: FlaskClient, database: Database, app: Flask) -> None:
    names = ["Олександра Матвійчук", "شیرین عبادی", "Nguyễn Thị Hồng", "劉曉波"]
    with app.app_context():
        scene = set_scene(database, [Guest(name, f"g{number}@example.org") for number, name in enumerate(names)])
    scene.enter_as(client, "owner")
    for words, name in zip(["матвійчук", "شیرین", "nguyen", "劉"], names, strict=True):
        page = client.get(f"/desk/statements/{scene.statement}/people", query_string={"q": words}).text
        assert [each for each in names if f"<bdi>{each}</bdi>" in page] == [name]


def test_filters_combine(client: FlaskClient, scene: Scene) -> None:
    scene.enter_as(client, "owner")
    group = re.search(r'<option value="(\w{20})">Circle canary', _people(client, scene))
    assert group is not None
    page = _people(client, scene, f"?group={group[1]}&standing=no-answer&kind=person&q=sil")
    assert {guest.name for guest in EVERYBODY if guest.name in page} == {"Silenta Canary"}
    assert "Nobody matches" in _people(client, scene, f"?group={group[1]}&standing=signed")
    # What an old bookmark asks for and nobody knows narrows nothing.
    assert "Publica Canary" in _people(client, scene, "?group=gone&standing=gone&kind=gone")


@pytest.mark.parametrize("cursor", ["x", "W10", "WyJhIl0", "WzFlMzBd", "Wy0xXQ", "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5OTld"])
@pytest.mark.parametrize("page", ["people", "signatories"])
def test_nonsense_pages_are_refused(client: FlaskClient, scene: Scene, page: str, cursor: str) -> None:
    response = scene.enter_as(client, "owner").get(f"/desk/statements/{scene.statement}/{page}?after={cursor}")
    assert response.status_code == 404


def test_sheets_are_guarded_against_formulas(client: FlaskClient, database: Database, app: Flask) -> None:
    guest = Guest(FORMULA, answer=Answer.SIGNED, public_line="+1 234", words="@SUM(1)")
    with app.app_context():
        scene = set_scene(database, [guest])
    scene.enter_as(client, "owner")
    (person,) = _rows(client, f"/desk/statements/{scene.statement}/people.csv")
    (signatory,) = _rows(client, f"/desk/statements/{scene.statement}/signatories.csv")
    assert person["name"] == signatory["name"] == "'" + FORMULA
    assert (person["words"], signatory["public_line"]) == ("'@SUM(1)", "'+1 234")


def test_sheet_of_people_follows_the_filter(client: FlaskClient, scene: Scene) -> None:
    scene.enter_as(client, "coordinator")
    address = f"/desk/statements/{scene.statement}/people.csv"
    assert len(_rows(client, address)) == len(EVERYBODY)
    (declined,) = _rows(client, address + "?standing=declined")
    assert (declined["name"], declined["words"]) == ("Declina Canary", "Declining words canary")


def test_sheet_for_others_tells_no_more_than_readers_know(client: FlaskClient, scene: Scene) -> None:
    scene.enter_as(client, "viewer")
    rows = _rows(client, f"/desk/statements/{scene.statement}/signatories.csv")
    assert list(rows[0]) == ["name", "kind", "public_line", "country", "is_pseudonym", "signed_on", "time_zone"]
    pseudonym = next(row for row in rows if row["is_pseudonym"] == "yes")
    assert (pseudonym["name"], pseudonym["public_line"], pseudonym["country"]) == ("A teacher", "", "")


def test_needs_come_first_and_lead_to_the_people(client: FlaskClient, database: Database, app: Flask) -> None:
    with app.app_context():
        scene = set_scene(database, EVERYBODY, deadline_at=clock.now() + timedelta(days=3))
    page = scene.enter_as(client, "owner").get("/desk").text
    expected = [
        "The address of 1 person does not work: correct it", "1 person asked for a change",
        "1 mail was refused", "1 mail is uncertain", "1 person has not answered",
        "1 person has no address", "1 invitation is ready",
    ]  # fmt: skip
    places = [page.index(sentence) for sentence in expected]
    assert places == sorted(places)
    assert max(places) < page.index("Your campaigns")
    for standing in ("asked-for-change", "bounced"):
        assert f"/desk/statements/{scene.statement}/people?standing={standing}" in page


def test_silence_presses_only_near_the_deadline(client: FlaskClient, scene: Scene) -> None:
    assert "has not answered" not in scene.enter_as(client, "owner").get("/desk").text


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"state": StatementState.DRAFTING, "opened_at": None}, "In draft"),
        ({"state": StatementState.CLOSED}, "Closed: assemble the appeal"),
        ({"deadline_at": datetime(2026, 1, 1, tzinfo=UTC)}, "The deadline is over"),
        ({"deadline_at": None}, "Open, and nobody is invited yet"),
    ],
)
def test_next_step_of_a_statement_without_people(
    client: FlaskClient, database: Database, app: Flask, columns: dict[str, Any], sentence: str
) -> None:
    with app.app_context():
        scene = set_scene(database, **columns)
    scene.enter_as(client, "owner")
    assert sentence in client.get("/desk").text
    assert sentence in client.get(f"/desk/campaigns/{scene.campaign}").text
    # A person who can do nothing about it is not asked.
    assert sentence not in scene.enter_as(client, "viewer").get("/desk").text


def test_dashboard_shows_troubles_with_words_before_the_numbers(client: FlaskClient, scene: Scene) -> None:
    page = scene.enter_as(client, "owner").get(f"/desk/statements/{scene.statement}/dashboard").text
    assert page.index("Changing words canary") < page.index("Where they stand")
    assert page.index("No such user canary") < page.index("Where they stand")
    assert "<svg" not in page
    assert "<script" not in page


def test_person_page_tells_everything(client: FlaskClient, scene: Scene) -> None:
    scene.enter_as(client, "coordinator")
    address = f"/desk/statements/{scene.statement}/people/"
    refused = client.get(address + scene.invitations["Refusa Canary"]).text
    assert "550 No such user canary" in refused
    assert "Correct the address" in refused
    bounced = client.get(address + scene.invitations["Bounca Canary"]).text
    assert "Came back undelivered" in bounced
    assert "There is no such address" in bounced
    assert "Correct the address" in bounced
    assert "Remind them" not in bounced
    capped = client.get(address + scene.invitations["Capped Canary"]).text
    assert "This address has had as much mail as we may send it" in capped
    veiled = client.get(address + scene.invitations["Veiled Canary"]).text
    assert "A teacher" in veiled
    assert "ab" * 4 in veiled
    assert "Remind them" not in veiled
    silent = client.get(address + scene.invitations["Silenta Canary"]).text
    assert "Remind them" in silent
    assert "Circle canary" in silent
    cancelled = client.get(address + scene.invitations["Cancelled Canary"]).text
    assert "Cancel the invitation" not in cancelled


def test_bounced_people_can_be_listed_and_taken_along(client: FlaskClient, scene: Scene) -> None:
    scene.enter_as(client, "coordinator")
    listed = _people(client, scene, "?standing=bounced")
    assert "Bounca Canary" in listed
    assert "Refusa Canary" not in listed
    (row,) = _rows(client, f"/desk/statements/{scene.statement}/people.csv?standing=bounced")
    assert (row["name"], row["standing"]) == ("Bounca Canary", "bounced")


def test_report_of_a_bounce_says_why_in_its_own_words(client: FlaskClient, scene: Scene, database: Database) -> None:
    with database.writing() as session:
        mail_id = session.scalars(
            select(Invitation.mail_id).where(Invitation.public_id == scene.invitations["Silenta Canary"])
        ).one()
        assert mail_id
        record_proof(session, mail_id, Proof.BOUNCED_HARD, "5.1.1", "report", "550 5.1.1 Nobody of that name canary")
    scene.enter_as(client, "coordinator")
    for page in ("?standing=bounced", f"/{scene.invitations['Silenta Canary']}"):
        assert "550 5.1.1 Nobody of that name canary" in _people(client, scene, page)


def test_history_joins_what_one_person_did_at_once(client: FlaskClient, scene: Scene, database: Database) -> None:
    coordinator = scene.organisers["coordinator"]
    with database.writing() as session:
        record(session, scene.organisers["owner"], "statement.opened", scene.statement, scene.campaign)
        record_many(session, coordinator, "invitation.asked", list(scene.invitations.values()), scene.campaign)
    page = scene.enter_as(client, "owner").get(f"/desk/campaigns/{scene.campaign}/history").text
    assert "coordinator person</bdi> asked somebody to sign (17 times)" in page
    assert page.index("asked somebody to sign") < page.index("opened the statement")


def _recorded_actions() -> set[str]:
    """Collect the dotted words of the audit from the code: a noun of a campaign and a verb."""
    nouns = "annex|appeal|approval|campaign|chronology|convenor|delivery|group|import|invitation|letter|member|outcome"
    word = re.compile(rf"({nouns}|reply|signatory|signature|statement|update)\.[a-z_ ]+")
    return {
        node.value
        for path in (ROOT / "app").rglob("*.py")
        if path.name not in {"deeds.py", "typesetting.py"}
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and word.fullmatch(node.value)
    }


def test_every_recorded_action_has_words() -> None:
    assert _recorded_actions() - set(DEEDS) == set()


def test_chosen_people_reach_the_page_that_reminds(client: FlaskClient, scene: Scene) -> None:
    page = _people(scene.enter_as(client, "coordinator"), scene)
    action = re.search(r'<form method="post" action="([^"]+remind)">', page)
    boxes = re.findall(r'name="invitation" value="(\w{20})"', page)
    assert action is not None
    assert boxes == [scene.invitations["Silenta Canary"]]  # nobody else was reached and is silent
    answer = client.post(action[1], data={"invitation": boxes})
    assert answer.status_code == 200
    assert "1 " in answer.text
    assert boxes[0] in answer.text  # asked once more before anything is sent


def test_counted_people_are_no_names_to_an_approver(client: FlaskClient, database: Database, app: Flask) -> None:
    hidden = [Guest("Hidden One", answer=Answer.SIGNED, visibility=Visibility.COUNTED)]
    with app.app_context():
        scene = set_scene(database, hidden)
    page = scene.enter_as(client, "approver").get(f"/desk/statements/{scene.statement}/signatories").text
    assert "Hidden One" not in page
    assert "1 more signature is counted" in page


def test_equal_countries_stand_by_their_names() -> None:
    counted = [("UA", 2), ("AM", 1), ("CH", 1), ("EG", 1)]
    figures = Figures(total=5, by_visibility=[], by_kind=[], by_country=counted, hidden=0)
    assert [name for name, _number in countries_of(figures)] == ["Ukraine", "Armenia", "Egypt", "Switzerland"]
