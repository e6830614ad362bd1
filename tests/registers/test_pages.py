"""A list of offices as an organiser takes it in: upload, columns, dry run, apply, without scripts."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Organiser
from app.audit.queries import history_of
from app.base.database import Database
from app.campaigns.states import Role
from app.institutions.groups import groups_of, members_of
from app.institutions.models import Institution, Recipient, RecipientVersion
from app.institutions.proposals import accepted_recipients
from app.institutions.queries import notes_of, recipients_of
from app.registers.queries import seen_register
from app.registers.states import MOST_OFFICES
from tests.factories.accounts import make_organiser, sign_in
from tests.factories.campaigns import make_campaign, make_member
from tests.factories.institutions import make_institution, make_recipient
from tests.factories.statements import make_statement
from tests.registers.scene import COLUMNS, LIST, START, WHOSE, mapped, paste


def test_columns_are_guessed(desk: FlaskClient) -> None:
    page = desk.get(f"{paste(desk)}/columns").text
    chosen = re.findall(r'<option selected value="([a-z_]*)"', page)
    assert chosen[:9] == list(COLUMNS.values())


def test_a_list_becomes_recipients_and_groups(desk: FlaskClient, database: Database, organiser: Organiser) -> None:
    url = mapped(desk)
    page = desk.get(f"{url}/review").text
    for said in (
        "“no address” is no e-mail address.", "“Atlantis” is no country we know.",
        "It repeats row 3.", "Dear Zoë ÅNGSTRÖM,", "Dear Ms D&#39;ARC,", "Import 3 recipients", "Of 5 rows in",
        "new, 3 recipients",
    ):  # fmt: skip
        assert said in page + desk.get(f"{url}/review?part=all").text, said
    with database.reading() as session:
        assert session.scalar(select(Institution)) is None
    assert desk.post(f"{url}/apply").status_code == 303
    assert desk.post(f"{url}/apply").status_code == 303
    with database.reading() as session:
        institution = session.scalars(select(Institution)).one()
        contacts = {contact.email: contact for contact in recipients_of(session, institution)}
        assert set(contacts) == {f"{name}@parliament.example.org" for name in ("zoe", "anais", "ada")}
        zoe = contacts["zoe@parliament.example.org"]
        assert (zoe.person, zoe.salutation, zoe.language) == ("Zoë ÅNGSTRÖM", "Dear Zoë ÅNGSTRÖM", "en")
        rows = session.scalars(select(Recipient)).all()
        assert notes_of(session, rows)[zoe.recipient_id] == "phone: 003222845022\noffice: 06M071"
        groups = {group.name: group for group in groups_of(session, [institution.id])}
        assert {name: group.recipients for name, group in groups.items()} == {
            "INTA": 1, "LIBE": 2, "FISC": 1, "BUDG": 1, "Greens": 1, "Liberals": 1, "SE": 1, "FR": 1,
        }  # fmt: skip
        (libe,) = members_of(session, [groups["LIBE"].id]).values()
        assert libe == {zoe.recipient_id, contacts["anais@parliament.example.org"].recipient_id}
        actions = [entry.action for entry in history_of(session, institution.public_id, 50)]
        assert {"institution.created", "recipients.grouped"} <= set(actions)
    assert "left out" in desk.get(url).text


def test_what_is_there_already_is_changed_and_never_doubled(
    desk: FlaskClient, app: Flask, database: Database, organiser: Organiser
) -> None:
    with app.app_context(), database.writing() as session:
        there = make_institution(session, "Parliament of the Federation", recipients=0)
        make_recipient(
            session, there, office="", person="Zoë Ångström", salutation="Dear Zoë", email="ZOE@parliament.example.org"
        )
        make_recipient(session, there, office="The clerk", email="clerk@parliament.example.org")
    url = mapped(desk, name="Parliament of the FEDERATION")
    page = desk.get(f"{url}/review?part=changes").text
    assert "there already" in page
    assert "Zoë Ångström" in page
    assert "Zoë ÅNGSTRÖM" in page
    assert desk.post(f"{url}/apply").status_code == 303
    with database.reading() as session:
        institution = session.scalars(select(Institution)).one()
        contacts = recipients_of(session, institution)
        assert len(contacts) == 4
        versions = session.scalars(select(RecipientVersion).where(RecipientVersion.number == 2)).all()
        assert [version.recipient_id for version in versions] == [contacts[0].recipient_id]
        assert versions[0].made_by == organiser.public_id
    again = mapped(desk, institution=institution.public_id, name="")
    assert "Finish, and leave 1 row out" in desk.get(f"{again}/review").text


def test_salutations_are_said_by_language_and_kept_where_somebody_wrote_them(
    desk: FlaskClient, database: Database
) -> None:
    text = (
        "name,email,language,title\nZoë Ångström,zoe@house.example.org,fr,\nBo LI,bo@house.example.org,fr,Mme\n"
        "Ada Okoro,ada@house.example.org,English,\n"
    )
    columns = dict(zip((f"columns-{n}" for n in range(4)), ("name", "email", "language", "title"), strict=True))
    url = mapped(desk, text, columns)
    assert "Bonjour Zoë Ångström," in desk.get(f"{url}/review").text
    typed = {"pattern-fr-neutral": "À l’attention de {name},", "pattern-fr-title": "{title} {last}"}
    bad = desk.post(f"{url}/answers", data=typed | {"pattern-fr-title": "Chère {surname}"})
    assert bad.status_code == 422
    assert "{surname} means nothing here." in bad.text
    assert "Chère {surname}" in bad.text
    assert (
        desk.post(f"{url}/answers", data=typed | {"asked": "turns_capitals", "turns_capitals": "1"}).status_code == 303
    )
    desk.post(f"{url}/apply")
    with database.reading() as session:
        contacts = recipients_of(session, session.scalars(select(Institution)).one())
    assert [contact.salutation for contact in contacts] == [
        "À l’attention de Zoë Ångström", "Mme Li", "Dear Ada Okoro",
    ]  # fmt: skip


def test_each_row_names_its_institution(desk: FlaskClient, database: Database) -> None:
    text = (
        "Ministry\tPosition\tE-mail\tCountry\nMinistry of Justice\tThe Minister\tjustice@state.example.org\tKenya\n"
        "Ministry of Health\tThe Minister\thealth@state.example.org\tKenya\n\tSpokesperson\tall@state.example.org\t\n"
    )
    columns = dict(zip((f"columns-{n}" for n in range(4)), ("institution", "office", "email", "country"), strict=True))
    url = mapped(desk, text, columns, name="")
    assert "It names no institution." in desk.get(f"{url}/review").text
    desk.post(f"{url}/apply")
    with database.reading() as session:
        found = session.execute(select(Institution.name, Institution.country).order_by(Institution.id)).all()
    assert [tuple(row) for row in found] == [("Ministry of Justice", "KE"), ("Ministry of Health", "KE")]


@pytest.mark.parametrize(
    ("columns", "whose", "said"),
    [
        ({"columns-3": "ignore"}, {}, "Choose which column holds the e-mail addresses."),
        ({"columns-1": "notes", "columns-2": "notes"}, {}, "Choose which column holds the names or the offices."),
        ({"columns-7": "gender"}, {}, "Two columns are set to “Gender”."),
        ({}, {"name": ""}, "Choose the institution, name a new one"),
    ],
)
def test_columns_that_make_no_recipient_are_refused(
    desk: FlaskClient, columns: dict[str, str], whose: dict[str, str], said: str
) -> None:
    answer = desk.post(f"{paste(desk)}/columns", data={**COLUMNS, **columns, **WHOSE, **whose})
    assert answer.status_code == 422
    assert said in answer.text


def test_a_list_is_its_owners_and_can_be_discarded(
    desk: FlaskClient, app: Flask, database: Database, organiser: Organiser
) -> None:
    url = mapped(desk)
    with app.app_context(), database.writing() as session:
        other = make_organiser(session)
    stranger = sign_in(app.test_client(), app, other)
    for path in ("", "/columns", "/review"):
        assert stranger.get(url + path).status_code == 404
    for path in ("/apply", "/discard", "/answers", "/look"):
        assert stranger.post(url + path).status_code == 404
    assert url not in stranger.get(START).text
    assert desk.post(f"{url}/discard").status_code == 303
    assert desk.post(f"{url}/apply").status_code == 303
    assert desk.get(f"{url}/columns").status_code == 409
    with database.reading() as session:
        assert session.scalar(select(Institution)) is None


def test_whoever_may_not_write_institutions_may_not_import_them(app: Flask, database: Database) -> None:
    with app.app_context(), database.writing() as session:
        viewer = make_member(session, make_campaign(session), Role.VIEWER)
    desk = sign_in(app.test_client(), app, viewer)
    assert desk.get(START).status_code == 403
    assert desk.post(START, data={"pasted": LIST}).status_code == 403
    assert START not in desk.get("/desk/institutions").text


def test_what_changed_since_the_look_stops_the_import(
    desk: FlaskClient, app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody adds a recipient between the dry run and the writing of it."""
    url = mapped(desk)

    def looked_too_early(session, row):  # type: ignore[no-untyped-def]
        seen = seen_register(session, row)
        with app.app_context(), database.writing() as other:
            make_institution(other, "Parliament of the Federation")
        return seen

    monkeypatch.setattr("app.registers.review_pages.seen_register", looked_too_early)
    answer = desk.post(f"{url}/apply")
    assert answer.status_code == 409
    with database.reading() as session:
        assert len(session.scalars(select(Recipient)).all()) == 1


def test_a_list_longer_than_one_request_writes_is_refused(desk: FlaskClient) -> None:
    text = "name,email\n" + "".join(f"Ann {n},ann{n}@house.example.org\n" for n in range(MOST_OFFICES + 1))
    answer = desk.post(START, data={"pasted": text})
    assert answer.status_code in (400, 422)
    assert "The list has 3,001 rows; at most 3,000 fit." in answer.text


def test_what_a_list_adds_is_a_proposal_unless_it_is_accepted_at_once(
    desk: FlaskClient, app: Flask, database: Database, organiser: Organiser
) -> None:
    with app.app_context(), database.writing() as session:
        there = make_institution(session, "Parliament of the Federation", recipients=0)
        mine, other = (make_campaign(session) for _ in range(2))
        make_member(session, mine, Role.EDITOR, organiser)
        for campaign in (mine, other):
            make_statement(session, campaign, institutions=[there])
    url = mapped(desk, institution=there.public_id, name="")
    page = desk.get(f"{url}/review").text
    assert mine.public_id in page
    assert other.public_id not in page
    desk.post(f"{url}/apply", data={"accept_for": [mine.public_id, other.public_id]})
    with database.reading() as session:
        written = [len(accepted_recipients(session, campaign.id, [there.id])) for campaign in (mine, other)]
    assert written == [3, 0]
