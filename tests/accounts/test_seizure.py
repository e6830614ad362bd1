"""Law 5: somebody who takes the database, its write-ahead log and the logs finds no name or address of ours there."""

from __future__ import annotations

import base64
import logging

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from app.base.database import Base, Database
from app.base.parts import parts_of
from app.institutions.models import Institution, Recipient
from tests.accounts.outbox import link_in, rendered_mails
from tests.factories.accounts import PASSWORD, make_organiser
from tests.factories.campaigns import make_campaign
from tests.factories.institutions import make_institution
from tests.servers.databases import files_of

NEW_PASSWORD = "eleven herons on a quiet roof"
SECRETS = (
    "Zinaida Kanareyka", "zinaida.k@canary-one.example.org", "Renamed Kanareyka", "Cem Sparrowson",
    "cem.s@canary-two.example.org", "Niloufar Finchpour", "niloufar.f@canary-three.example.org",
    "typo.k@canary-four.example.org", "Office of Rookery", "Ravenna Magpie", "Dear Madam Magpie",
    "office@canary-five.example.org", "corrected@canary-six.example.org", PASSWORD, NEW_PASSWORD,
)  # fmt: skip


def _live_through_a_day(app: Flask, client: FlaskClient) -> list[str]:
    """Do with people what these stages do, and return the tokens that were seen on the way."""
    database: Database = parts_of(app).database
    with app.app_context(), database.writing() as session:
        organiser = make_organiser(session, SECRETS[0], SECRETS[1], with_password=True, is_administrator=True)
        campaign = make_campaign(session, organiser).public_id
        institution = make_institution(session, recipients=0).public_id
    client.post("/sign-in", data={"email": SECRETS[7], "password": PASSWORD})
    client.post("/sign-in", data={"email": SECRETS[1], "password": PASSWORD})
    client.post("/desk/account", data={"name": SECRETS[2], "language": "en"})
    client.post("/desk/organisers/new", data={"name": SECRETS[3], "email": SECRETS[4]})
    members = f"/desk/campaigns/{campaign}/members"
    client.post(members, data={"name": SECRETS[5], "email": SECRETS[6], "role": "viewer"})
    path = f"/desk/institutions/{institution}/recipients"
    contact = {"office": SECRETS[8], "person": SECRETS[9], "salutation": SECRETS[10], "language": "en"}
    client.post(f"{path}/new", data={**contact, "email": SECRETS[11]})
    with database.reading() as session:
        recipient = session.scalars(
            select(Recipient.public_id).join(Institution).where(Institution.public_id == institution)
        ).one()
    client.post(f"{path}/{recipient}", data={**contact, "email": SECRETS[12]})
    with client.session_transaction() as cookie:
        session_secret = cookie["_user_id"]
    client.post("/password/forgotten", data={"email": SECRETS[7]})
    client.post("/password/forgotten", data={"email": SECRETS[1]})
    links = [link_in(mail) for kind in ("password_link", "account_invitation") for mail in rendered_mails(app, kind)]
    assert len(links) == 3
    assert client.post(links[0], data={"password": NEW_PASSWORD}).status_code == 303
    assert SECRETS[12] in _shown_to(client, f"/desk/institutions/{institution}")
    return [session_secret, *(link.removeprefix("/password/") for link in links)]


def _shown_to(client: FlaskClient, path: str) -> str:
    client.post("/sign-in", data={"email": SECRETS[1], "password": NEW_PASSWORD})
    return client.get(path).text


def _disguises(secret: str) -> set[bytes]:
    """A text as it might lie about: plain, in capitals, as UTF-16, in base64 at each offset, in hexadecimal."""
    plain = secret.encode()
    forms = {plain, secret.casefold().encode(), secret.upper().encode(), secret.encode("utf-16-le")}
    forms |= {plain.hex().encode(), plain.hex().upper().encode()}
    for offset in range(3):
        forms.add(base64.b64encode(b"\0" * offset + plain)[offset + 2 : -4])
    return forms


def _everything_in(database: Database) -> bytes:
    if database.is_sqlite:
        files = files_of(database)
        assert len(files) >= 2  # the database and its write-ahead log
        return b"".join(path.read_bytes() for path in files)
    with database.reading() as session:
        rows = [
            row
            for table in Base.metadata.sorted_tables
            for row in session.execute(text(f'SELECT * FROM "{table.name}"')).all()
        ]
    return b"\n".join(value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row)


def test_the_seized_machine_tells_nothing(either_app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    tokens = _live_through_a_day(either_app, either_app.test_client())
    seized = _everything_in(parts_of(either_app).database)
    logged = caplog.text.encode()
    assert b"Ministry of Archives" in seized  # an institution's name is no secret: the search finds what is there
    assert b"Keep the archive open" not in seized, "a campaign without an open statement"
    for secret in (*SECRETS, *tokens):
        for form in _disguises(secret):
            assert form not in seized, secret
        assert secret.encode() not in logged, secret
