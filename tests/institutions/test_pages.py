"""The desk's pages of institutions and recipients, and what they refuse."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Organiser
from app.audit.queries import history_of
from app.base.database import Database
from app.base.paging import encode_cursor
from app.base.parts import parts_of
from app.campaigns.states import Role
from app.institutions.models import Institution, Recipient
from tests.factories.accounts import make_organiser, sign_in
from tests.factories.campaigns import make_campaign, make_member
from tests.factories.institutions import make_institution, make_recipient

CONTACT = {
    "office": "Office of the Minister",
    "person": "",
    "salutation": "Dear Minister",
    "email": "minister@justice.example.org",
    "language": "en",
}
YES = {"understood": "y"}


@pytest.fixture
def organiser(app: Flask, database: Database) -> Organiser:
    with app.app_context(), database.writing() as session:
        return make_organiser(session)


@pytest.fixture
def desk(client: FlaskClient, app: Flask, organiser: Organiser) -> FlaskClient:
    return sign_in(client, app, organiser)


@pytest.fixture
def institution(app: Flask, database: Database) -> Institution:
    with app.app_context(), database.writing() as session:
        return make_institution(session, "Ministry of Justice", "CH", recipients=0)


def _path(institution: Institution, rest: str = "") -> str:
    return f"/desk/institutions/{institution.public_id}{rest}"


def test_an_institution_is_added_with_a_recipient(desk: FlaskClient, database: Database) -> None:
    data = {"name": "Міністерство юстиції", "country": "UA", "website": "https://minjust.example.org"}
    answer = desk.post("/desk/institutions/new", data=data)
    assert answer.status_code == 303
    assert answer.location.endswith("/recipients/new")
    added = desk.post(answer.location, data=CONTACT)
    assert added.status_code == 303
    page = desk.get(added.location).text
    for shown in ("Міністерство юстиції", "Ukraine", "Office of the Minister", "Dear Minister", CONTACT["email"]):
        assert shown in page
    assert "Міністерство юстиції" in desk.get("/desk/institutions").text


@pytest.mark.parametrize(
    "name", ["ministry of  justice", "Ministry of Justice.", "Mіnistry of Justice", "MINISTRY OF JUSTICE"]
)
def test_a_likely_double_is_pointed_out_and_can_be_insisted_on(
    desk: FlaskClient, database: Database, institution: Institution, name: str
) -> None:
    answer = desk.post("/desk/institutions/new", data={"name": name, "country": ""})
    assert answer.status_code in (409, 422)
    assert "There is already an institution called “Ministry of Justice”." in answer.text
    assert 'name="is_another"' in answer.text
    assert desk.post("/desk/institutions/new", data={"name": name, "country": "", "is_another": "y"}).status_code == 303


def test_saving_what_stands_there_says_that_nothing_differs(desk: FlaskClient, institution: Institution) -> None:
    form = {"name": institution.name, "country": institution.country, "website": institution.website}
    page = desk.post(f"/desk/institutions/{institution.public_id}/edit", data=form, follow_redirects=True).text
    assert "Nothing differs from what was there" in page
    assert "decide for themselves" not in page


def test_an_institution_can_keep_its_own_name(desk: FlaskClient, institution: Institution) -> None:
    data = {"name": "MINISTRY of Justice", "country": "DE"}
    assert desk.post(_path(institution, "/edit"), data=data).status_code == 303
    assert "Germany" in desk.get(_path(institution)).text


@pytest.mark.parametrize(
    "email",
    ["minister@ministry", "minister", "@justice.example", "a@b@example.org", "a b@example.org", "a@example..org", "",
     "a@example.org\r\nBcc: spy@example.org", "a@exam\x00ple.org", "a" * 260 + "@example.org",
     "a@example.org, b@example.org"],
)  # fmt: skip
def test_a_bad_address_is_refused_and_nothing_typed_is_lost(
    desk: FlaskClient, database: Database, institution: Institution, email: str
) -> None:
    answer = desk.post(_path(institution, "/recipients/new"), data={**CONTACT, "email": email})
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert 'value="Office of the Minister"' in answer.text
    with database.reading() as session:
        assert session.scalar(select(Recipient)) is None


@pytest.mark.parametrize(
    "email", ["médecin@santé.example.org", "министр@юстиция.рф", "大臣@例え.jp", "o'neil+x@example.ie"]
)
def test_an_international_address_works(desk: FlaskClient, institution: Institution, email: str) -> None:
    answer = desk.post(_path(institution, "/recipients/new"), data={**CONTACT, "email": email})
    assert answer.status_code == 303
    assert email.replace("'", "&#39;") in desk.get(_path(institution)).text


@pytest.mark.parametrize("field", ["office", "person", "salutation"])
@pytest.mark.parametrize("value", ["A\r\nBcc: spy@example.org", "A\nB", "A\x00B", "A\u202eB", "x" * 300])
def test_a_header_can_not_be_smuggled_in(
    desk: FlaskClient, database: Database, institution: Institution, field: str, value: str
) -> None:
    answer = desk.post(_path(institution, "/recipients/new"), data={**CONTACT, field: value})
    assert answer.status_code == 422
    with database.reading() as session:
        assert session.scalar(select(Recipient)) is None


def test_a_recipient_needs_an_office_or_a_person(desk: FlaskClient, institution: Institution) -> None:
    path = _path(institution, "/recipients/new")
    answer = desk.post(path, data={**CONTACT, "office": "", "person": ""})
    assert answer.status_code == 422
    assert answer.text.count("Enter an office, a person, or both.") == 2
    assert desk.post(path, data={**CONTACT, "office": "", "person": "Ana Justice"}).status_code == 303


def test_a_corrected_address_keeps_the_old_one_in_the_audit(
    desk: FlaskClient, app: Flask, database: Database, institution: Institution
) -> None:
    with app.app_context(), database.writing() as session:
        found = session.get(Institution, institution.id)
        assert found is not None
        recipient = make_recipient(session, found, email="old@justice.example.org").public_id
    path = _path(institution, f"/recipients/{recipient}")
    assert "old@justice.example.org" in desk.get(path).text
    assert desk.post(path, data=CONTACT).status_code == 303
    page = desk.get(_path(institution)).text
    assert "old@justice.example.org</bdi></del><br><ins><bdi>" + CONTACT["email"] in page
    assert "old@justice" not in page.split("What has changed")[0]
    with database.reading() as session:
        (changed, _added) = history_of(session, recipient)
    assert changed.action == "recipient.changed"
    assert changed.detail == {"email_before": "old@justice.example.org", "email": CONTACT["email"]}


def test_an_address_is_kept_once_in_an_institution(desk: FlaskClient, institution: Institution) -> None:
    path = _path(institution, "/recipients/new")
    assert desk.post(path, data=CONTACT).status_code == 303
    answer = desk.post(path, data={**CONTACT, "email": "Minister@Justice.example.org"})
    assert answer.status_code in (409, 422)
    assert "already has a recipient with this address" in answer.text


def test_a_removed_recipient_is_gone_and_can_be_added_again(
    desk: FlaskClient, database: Database, institution: Institution
) -> None:
    desk.post(_path(institution, "/recipients/new"), data=CONTACT)
    with database.reading() as session:
        recipient = session.scalars(select(Recipient.public_id)).one()
    assert desk.post(_path(institution, f"/recipients/{recipient}/remove"), data=YES).status_code == 303
    assert CONTACT["email"] not in desk.get(_path(institution)).text.split("What has changed")[0]
    assert desk.post(_path(institution, f"/recipients/{recipient}"), data=CONTACT).status_code == 404
    assert desk.post(_path(institution, "/recipients/new"), data=CONTACT).status_code == 303


def test_a_recipient_is_reached_through_its_own_institution_only(
    desk: FlaskClient, app: Flask, database: Database, institution: Institution
) -> None:
    with app.app_context(), database.writing() as session:
        other = make_institution(session)
        recipient = session.scalars(select(Recipient.public_id).where(Recipient.institution_id == other.id)).one()
    assert desk.get(_path(institution, f"/recipients/{recipient}")).status_code == 404
    assert desk.post(_path(institution, f"/recipients/{recipient}/remove")).status_code == 404


@pytest.mark.parametrize(
    ("role", "may_write", "sees_address"),
    [(Role.OWNER, True, True), (Role.EDITOR, True, True), (Role.COORDINATOR, True, True),
     (Role.APPROVER, False, True), (Role.VIEWER, False, False), (None, False, False)],
)  # fmt: skip
def test_what_a_role_may_do_with_institutions(
    client: FlaskClient, app: Flask, database: Database, role: Role | None, may_write: bool, sees_address: bool
) -> None:
    with app.app_context(), database.writing() as session:
        colleague = make_organiser(session, may_create_campaigns=False)
        if role is not None:
            make_member(session, make_campaign(session), role, colleague)
        institution = make_institution(session, recipients=0)
        recipient = make_recipient(session, institution, email=CONTACT["email"]).public_id
    sign_in(client, app, colleague)
    assert (CONTACT["email"] in client.get(_path(institution)).text) == sees_address
    expected = 303 if may_write else 403
    for path in ("/desk/institutions/new", _path(institution, "/edit")):
        assert (
            client.post(path, data={"name": "Another body", "country": "", "is_another": "y"}).status_code == expected
        )
    assert client.get(_path(institution, f"/recipients/{recipient}")).status_code == (200 if may_write else 403)
    answer = client.post(_path(institution, f"/recipients/{recipient}/remove"), data=YES)
    assert answer.status_code == expected


def test_a_long_list_is_paged_in_order(desk: FlaskClient, app: Flask, database: Database) -> None:
    with app.app_context(), database.writing() as session:
        for number in range(120):
            make_institution(session, f"Body {number:03}", recipients=0)
    seen, path = [], "/desk/institutions"
    while path:
        page = desk.get(path).text
        seen += [part.split("<")[0] for part in page.split("<bdi>Body ")[1:]]
        path = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&") if 'rel="next"' in page else ""
    assert seen == [f"{number:03}" for number in range(120)]


def test_forged_addresses_are_no_pages(either_app: Flask) -> None:
    """PostgreSQL refuses NUL, and numbers for text, where SQLite shrugs."""
    with either_app.app_context(), parts_of(either_app).database.writing() as session:
        organiser = make_organiser(session, is_administrator=True)
        campaign = make_campaign(session, organiser).public_id
    client = sign_in(either_app.test_client(), either_app, organiser)
    forged = (("x", 1), (1, 1), ("x", "x"), ("x", 2**70), ("x", -1), ("\0", 1), (None, None), ("x",))
    cursors = [encode_cursor(*key) for key in forged[1:]] + ["x", "W10", "bnVsbA", "e30"]
    for cursor in cursors:
        assert client.get("/desk/institutions", query_string={"after": cursor}).status_code == 404, cursor
    assert client.get("/desk/institutions", query_string={"after": encode_cursor(*forged[0])}).status_code == 200
    for name in ("%00", "a%00b", "x" * 3000, "%F0%9F%92%A9", "%FF", "..%2f..", "' OR 1=1 --"):
        for path in ("institutions/{}", "campaigns/{}/members", f"campaigns/{campaign}/members/{{}}", "organisers/{}",
                     f"campaigns/{campaign}/convenors/{{}}", f"campaigns/{campaign}/chronology/{{}}"):  # fmt: skip
            assert client.get("/desk/" + path.format(name)).status_code == 404, (path, name)
