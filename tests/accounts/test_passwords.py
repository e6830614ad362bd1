"""Password links: who gets one, what it is good for, and when it is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from app.accounts.actions import password_link
from app.accounts.models import Organiser
from app.accounts.rights import disable_organiser
from app.base import clock
from app.base.database import Database
from app.base.links import LinkPurpose, make_token
from tests.accounts.outbox import link_in, rendered_mails
from tests.factories.accounts import PASSWORD, make_organiser, sign_in

EMAIL = "ines@coalition.example.org"
NEW = "eleven herons on a quiet roof"


@pytest.fixture
def organiser(app: Flask, database: Database) -> Organiser:
    with app.app_context(), database.writing() as session:
        return make_organiser(session, "Inês <b>Organiser", EMAIL, with_password=True)


@pytest.fixture
def link(app: Flask, database: Database, organiser: Organiser) -> str:
    with app.app_context(), database.writing() as session:
        return password_link(session, session.merge(organiser)).removeprefix("http://localhost")


def _sign_in_status(app: Flask, password: str) -> int:
    return app.test_client().post("/sign-in", data={"email": EMAIL, "password": password}).status_code


def test_a_link_shows_whose_password_it_sets_and_looking_changes_nothing(
    client: FlaskClient, app: Flask, link: str
) -> None:
    for _ in range(3):
        page = client.get(link)
        assert (page.status_code, "Set-Cookie" in page.headers) == (200, False)
        assert EMAIL in page.text
        assert "Inês &lt;b&gt;Organiser" in page.text
        assert client.head(link).status_code == 200
    assert _sign_in_status(app, PASSWORD) == 303


def test_a_new_password_works_and_ends_every_session(
    client: FlaskClient, app: Flask, organiser: Organiser, link: str
) -> None:
    signed_in = sign_in(app.test_client(), app, organiser)
    answer = client.post(link, data={"password": NEW})
    assert (answer.status_code, answer.location) == (303, "/sign-in?just=password")
    # A person who reads the mailbox is known from now on; nobody is signed in.
    assert {each.partition("=")[0] for each in answer.headers.getlist("Set-Cookie")} == {"undersigned-browser"}
    assert "Your password is set." in client.get(answer.location).text
    assert signed_in.get("/desk/account").status_code == 303
    assert _sign_in_status(app, PASSWORD) == 422
    assert _sign_in_status(app, NEW) == 303
    (told,) = rendered_mails(app, "password_changed")
    assert told.to_address == EMAIL
    assert "was set on" in told.text


def test_a_link_works_once(client: FlaskClient, app: Flask, link: str) -> None:
    client.post(link, data={"password": NEW})
    for answer in (client.get(link), client.post(link, data={"password": "nine foxes in a silver field"})):
        assert answer.status_code == 410
        assert "Ask for a new one" in answer.text
    assert _sign_in_status(app, NEW) == 303


def test_a_link_ends_with_time(client: FlaskClient, link: str) -> None:
    clock.freeze(clock.now())
    clock.advance(days=7, seconds=1)
    assert client.get(link).status_code == 410
    assert client.post(link, data={"password": NEW}).status_code == 410


def test_a_link_that_is_out_is_mailed_again_and_stays_good_until_one_is_used(
    client: FlaskClient, app: Flask, database: Database, link: str
) -> None:
    """Or strangers, by asking, could void an invitation, or each link before its owner gets to it."""
    client.post("/password/forgotten", data={"email": EMAIL})
    (mail,) = rendered_mails(app, "password_link")
    assert link_in(mail) == link
    assert client.post(link, data={"password": NEW}).status_code == 303
    assert client.get(link).status_code == 410


def test_a_link_that_is_issued_voids_the_older(
    client: FlaskClient, app: Flask, database: Database, organiser: Organiser, link: str
) -> None:
    with app.app_context(), database.writing() as session:
        newer = password_link(session, session.get_one(Organiser, organiser.id)).removeprefix("http://localhost")
    assert newer != link
    assert [client.get(each).status_code for each in (link, newer)] == [410, 200]


def test_a_mangled_link_is_refused_with_the_reason(client: FlaskClient, link: str) -> None:
    token = link.removeprefix("/password/")
    public_id, generation, mac = token.split("-", 2)
    forged = [token[:-1], token + "A", token.upper()[:-1], f"{public_id}-9-{mac}", f"{'2' * 20}-{generation}-{mac}",
              f"{public_id}-{generation}-{mac[::-1]}", f"{public_id}-0{generation}-{mac}", "%00",
              "x" * 5000]  # fmt: skip
    for each in forged:
        answer = client.get(f"/password/{each}")
        assert answer.status_code == 404, each
        assert client.post(f"/password/{each}", data={"password": NEW}).status_code == 404


@pytest.mark.parametrize("purpose", [purpose for purpose in LinkPurpose if purpose is not LinkPurpose.PASSWORD])
def test_a_link_for_something_else_sets_no_password(
    client: FlaskClient, app: Flask, database: Database, organiser: Organiser, link: str, purpose: LinkPurpose
) -> None:
    generation = int(link.split("-")[1])
    with app.app_context(), database.reading() as session:
        token = make_token(session, purpose, organiser.public_id, generation)
    assert client.post(f"/password/{token}", data={"password": NEW}).status_code == 404


def test_a_disabled_account_has_no_link(
    client: FlaskClient, app: Flask, database: Database, organiser: Organiser, link: str
) -> None:
    with app.app_context(), database.writing() as session:
        disable_organiser(session, "system", organiser.public_id)
    assert client.get(link).status_code == 410
    client.post("/password/forgotten", data={"email": EMAIL})
    assert rendered_mails(app, "password_link") == []
    assert _sign_in_status(app, PASSWORD) == 422


@pytest.mark.parametrize(
    "password",
    ["", "short", "elevenchars", "password1234", "Password!2026", "P@ssw0rd2026", "111111111111", "123456789012345",
     "abababababab", "ines@coalition.example.org", "INES2026ines!", "inês organiser", "qwertyuiop123", "пароль123456",
     "Organiser-2026", "undersigned1", "x" * 1001],
)  # fmt: skip
def test_an_easy_password_is_refused_with_the_reason(client: FlaskClient, app: Flask, link: str, password: str) -> None:
    answer = client.post(link, data={"password": password})
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert client.get(link).status_code == 200  # not used up
    assert _sign_in_status(app, PASSWORD) == 303


@pytest.mark.parametrize(
    "password", ["correct horse battery staple", "пять синих лодок у моста", "نخل وقمر وباب أخضر", "x7#Lq9!vTz2w",
     "éééñandúes fríos"]
)  # fmt: skip
def test_a_good_password_of_any_script_is_taken(client: FlaskClient, app: Flask, link: str, password: str) -> None:
    assert client.post(link, data={"password": password}).status_code == 303
    assert _sign_in_status(app, password) == 303


def test_forgotten_answers_the_same_whether_or_not_there_is_an_account(
    client: FlaskClient, app: Flask, database: Database, organiser: Organiser
) -> None:
    answers = []
    for email in (EMAIL, "nobody@coalition.example.org"):
        with _statements(database) as statements:
            answer = client.post("/password/forgotten", data={"email": email})
        assert "Set-Cookie" not in answer.headers
        # What was done for nobody is taken back.
        ends = [re.sub("^(RELEASE|ROLLBACK TO) SAVEPOINT", "END", statement) for statement in statements]
        answers.append((answer.status_code, answer.text.replace(email, "…"), len(answer.headers), ends))
    assert answers[0] == answers[1]
    assert [mail.to_address for mail in rendered_mails(app, "password_link")] == [EMAIL]


def test_a_wrong_password_runs_the_same_statements_as_an_unknown_address(
    client: FlaskClient, database: Database, organiser: Organiser
) -> None:
    seen = []
    for email in (EMAIL, "nobody@coalition.example.org"):
        client.get("/sign-in")
        with _statements(database) as statements:
            client.post("/sign-in", data={"email": email, "password": "not the password"})
        seen.append(statements)
    assert seen[0] == seen[1]
    assert len(seen[0]) > 0


@contextmanager
def _statements(database: Database) -> Iterator[list[str]]:
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        found.append(re.sub(r"\s+", " ", statement))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def test_the_mails_say_nothing_in_their_subjects(client: FlaskClient, app: Flask, organiser: Organiser) -> None:
    client.post("/password/forgotten", data={"email": EMAIL})
    (mail,) = rendered_mails(app, "password_link")
    assert mail.subject == "The link you asked for"
    assert "<b>" not in mail.html.replace("<bdi>Inês &lt;b&gt;", "")
    assert "Inês <b>Organiser" in mail.text
    assert "until" in mail.text


def test_no_more_than_three_mails_in_four_hours_reach_one_mailbox(
    client: FlaskClient, app: Flask, organiser: Organiser
) -> None:
    clock.freeze(clock.now())
    codes = [client.post("/password/forgotten", data={"email": EMAIL}).status_code for _ in range(5)]
    assert (codes, len(rendered_mails(app, "password_link"))) == ([200] * 5, 3)
    clock.advance(hours=4, seconds=1)
    client.post("/password/forgotten", data={"email": EMAIL})
    assert len(rendered_mails(app, "password_link")) == 4


def test_forgotten_refuses_half_an_address(client: FlaskClient) -> None:
    for email in ("", "ines", "ines@coalition", "a@b.example\r\nBcc: c@d.example"):
        answer = client.post("/password/forgotten", data={"email": email})
        assert answer.status_code == 422
        assert "There is a problem" in answer.text


@pytest.mark.usefixtures("shipped_hashing")
def test_the_password_is_hashed_with_argon2id(database: Database, organiser: Organiser) -> None:
    with database.reading() as session:
        stored = session.scalar(select(Organiser.password_hash).where(Organiser.id == organiser.id))
    assert stored is not None
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
