"""Keeping accounts: who may, whom it reaches, and that somebody always remains who can."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts.actions import ask_for_password_link, create_organiser
from app.accounts.emails import PASSWORD_LINK
from app.accounts.models import Organiser
from app.accounts.queries import find_by_address
from app.accounts.rights import (
    disable_organiser,
    enable_organiser,
    let_create_campaigns,
    make_administrator,
    make_operator,
)
from app.accounts.states import AddressTaken, LastAdministrator, NoSuchOrganiser, NotAnAdministrator
from app.audit.queries import history_of
from app.base.database import Database
from app.base.parts import parts_of
from app.base.sealing import Place, blind_index, open_one
from app.mail.models import Mail
from app.mail.states import MailNotWanted
from tests.accounts.factor_scene import set_up
from tests.accounts.outbox import link_in, rendered_mails
from tests.factories.accounts import PASSWORD, make_organiser, sign_in

COLLEAGUE = {"name": "Cem Colleague", "email": "cem@coalition.example.org"}


@pytest.fixture
def organiser(app: Flask, database: Database) -> Organiser:
    with app.app_context(), database.writing() as session:
        return make_organiser(
            session, "Ada Administrator", "ada@coalition.example.org", with_password=True, is_administrator=True
        )


@pytest.fixture
def desk(client: FlaskClient, app: Flask, organiser: Organiser) -> FlaskClient:
    return sign_in(client, app, organiser)


def test_a_second_factor_is_taken_off_only_where_there_is_one(
    desk: FlaskClient, app: Flask, database: Database
) -> None:
    with app.app_context(), database.writing() as session:
        colleague = make_organiser(session)
        path = f"/desk/organisers/{colleague.public_id}"
    assert "Take the second factor off" not in desk.get(path).text
    set_up(app, colleague)
    assert "Take the second factor off" in desk.get(path).text


def test_an_invited_colleague_sets_a_password_and_signs_in(desk: FlaskClient, app: Flask) -> None:
    assert desk.post("/desk/organisers/new", data=COLLEAGUE).status_code == 303
    page = desk.get("/desk/organisers").text
    assert "Cem Colleague" in page
    assert "Invited, no password yet" in page
    (mail,) = rendered_mails(app, "account_invitation")
    assert (mail.to_address, mail.subject) == (COLLEAGUE["email"], "An account for you")
    assert (mail.reply_to, mail.reply_to_name) == ("ada@coalition.example.org", "Ada Administrator")
    visitor = app.test_client()
    assert visitor.post(link_in(mail), data={"password": PASSWORD}).status_code == 303
    assert visitor.post("/sign-in", data={"email": COLLEAGUE["email"], "password": PASSWORD}).status_code == 303
    assert visitor.get("/desk/account").status_code == 200
    assert visitor.get("/desk/organisers").status_code == 403
    assert "Organisers" not in visitor.get("/desk/account").text


def test_a_second_invitation_voids_the_first(desk: FlaskClient, app: Flask, database: Database) -> None:
    desk.post("/desk/organisers/new", data=COLLEAGUE)
    (first,) = rendered_mails(app, "account_invitation")
    with database.reading() as session:
        public_id = session.scalars(select(Organiser.public_id).order_by(Organiser.id.desc())).first()
    assert desk.post(f"/desk/organisers/{public_id}/invitation").status_code == 303
    (second,) = rendered_mails(app, "account_invitation")  # the first is not sent any more
    assert desk.get(link_in(first)).status_code == 410
    assert desk.get(link_in(second)).status_code == 200


def test_an_address_has_one_account(desk: FlaskClient) -> None:
    desk.post("/desk/organisers/new", data=COLLEAGUE)
    answer = desk.post("/desk/organisers/new", data={**COLLEAGUE, "email": "CEM@Coalition.example.org"})
    assert answer.status_code == 409
    assert "already has an account" in answer.text
    assert 'value="Cem Colleague"' in answer.text


def test_a_disabled_colleague_is_out_at_once_and_can_come_back(
    desk: FlaskClient, app: Flask, database: Database
) -> None:
    with app.app_context(), database.writing() as session:
        colleague = make_organiser(session, with_password=True)
    theirs = sign_in(app.test_client(), app, colleague)
    assert theirs.get("/desk/account").status_code == 200
    assert desk.post(f"/desk/organisers/{colleague.public_id}/disable").status_code == 303
    assert theirs.get("/desk/account").status_code == 303
    assert "Disabled" in desk.get("/desk/organisers").text
    assert desk.post(f"/desk/organisers/{colleague.public_id}/enable").status_code == 303
    assert theirs.get("/desk/account").status_code == 303  # the old session stays ended
    assert sign_in(app.test_client(), app, colleague).get("/desk/account").status_code == 200


def test_the_last_administrator_stays(desk: FlaskClient, organiser: Organiser) -> None:
    for verb in ("disable", "administration"):
        answer = desk.post(f"/desk/organisers/{organiser.public_id}/{verb}", data={"allowed": "no"})
        assert answer.status_code == 409
        assert "last administrator" in answer.text


def test_a_closed_account_is_no_administrator_who_remains(session: Session) -> None:
    first, second = (make_organiser(session, is_administrator=True) for _ in range(2))
    disable_organiser(session, first.public_id, second.public_id)
    with pytest.raises(LastAdministrator):
        make_administrator(session, "system", first.public_id, is_administrator=False)


@pytest.mark.parametrize("how", ["disable each other", "demote each other", "from the command line"])
def test_two_administrators_who_go_at_once_leave_one(either_app: Flask, how: str) -> None:
    database: Database = parts_of(either_app).database
    for _ in range(3):
        with either_app.app_context(), database.writing() as session:
            session.execute(update(Organiser).values(is_administrator=False))
            first, second = (make_organiser(session, is_administrator=True).public_id for _ in range(2))

        def drop(pair: tuple[str, str]) -> str:
            actor, target = pair
            try:
                with either_app.app_context(), database.writing() as session:
                    if how == "disable each other":
                        disable_organiser(session, actor, target)
                    else:
                        actor = actor if how == "demote each other" else "system"
                        make_administrator(session, actor, target, is_administrator=False)
            except (LastAdministrator, NotAnAdministrator):
                return "refused"
            return "done"

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(drop, [(first, second), (second, first)])) == ["done", "refused"]


def test_one_address_invited_twice_at_once_makes_one_account(either_app: Flask) -> None:
    database: Database = parts_of(either_app).database

    def create(number: int) -> str:
        try:
            with either_app.app_context(), database.writing() as session:
                create_organiser(session, "system", f"Name {number}", "same@coalition.example.org")
        except AddressTaken:
            return "taken"
        return "created"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(create, range(8))) == ["created"] + ["taken"] * 7
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Organiser)) == 1


def test_an_account_that_an_older_version_indexed_is_found_and_no_other(session: Session) -> None:
    """Older versions folded ß into ss and kept international domains in letters."""
    made = {}
    for email in ("ines@пошта.укр", "ines@faß.example"):
        made[email] = create_organiser(session, "system", "Ines", email)
        made[email].email_key = blind_index(session, "organiser email", email.casefold())
    session.flush()
    assert {email: find_by_address(session, email) for email in made} == made
    assert find_by_address(session, "ines@fass.example") is None
    for email in made:
        with pytest.raises(AddressTaken):
            create_organiser(session, "system", "Ines again", email)


def test_a_password_link_goes_to_the_address_that_was_typed_whichever_version_indexed_it(app: Flask) -> None:
    database: Database = parts_of(app).database
    with app.app_context(), database.writing() as session:
        for email in ("ines@пошта.укр", "ines@faß.example"):
            made = create_organiser(session, "system", "Ines", email)
            made.email_key = blind_index(session, "organiser email", email.casefold())
    sent = {}
    for email in ("ines@пошта.укр", "ines@faß.example", "ines@fass.example"):
        with app.app_context(), database.writing() as session:
            ask_for_password_link(session, email)
            mail = session.scalars(select(Mail).order_by(Mail.id.desc()).limit(1)).one()
            place = Place("mails", "references_sealed", mail.public_id)
            references = open_one(session, place, mail.references_sealed, "test")
            try:
                sent[email] = PASSWORD_LINK.render(session, references).to_address
            except MailNotWanted:
                sent[email] = ""
    assert sent == {"ines@пошта.укр": "ines@пошта.укр", "ines@faß.example": "ines@faß.example", "ines@fass.example": ""}


def test_an_operator_is_made_and_unmade_and_both_are_recorded(
    app: Flask, database: Database, organiser: Organiser
) -> None:
    for is_operator in (True, True, False):
        with app.app_context(), database.writing() as session:
            make_operator(session, "ADA@coalition.example.org", is_operator=is_operator)
    with app.app_context(), database.reading() as session:
        assert session.scalar(select(Organiser.is_operator)) is False
        recorded = [(entry.actor, entry.action) for entry in history_of(session, organiser.public_id)]
    assert recorded == [
        ("system", "organiser.is no operator"),
        ("system", "organiser.is operator"),
        ("system", "organiser.created"),
    ]


def test_nobody_is_made_operator_by_a_wrong_address(session: Session) -> None:
    with pytest.raises(NoSuchOrganiser):
        make_operator(session, "nobody@coalition.example.org", is_operator=True)


def test_what_others_change_of_an_account_is_told_to_its_owner_and_the_administrators(
    app: Flask, database: Database
) -> None:
    with app.app_context(), database.writing() as session:
        admin = make_organiser(session, name="Ada Admin", is_administrator=True)
        make_organiser(session, email="second@example.org", is_administrator=True)
        other = make_organiser(session, name="Olga Other", email="other@example.org", may_create_campaigns=False)
        for _ in range(2):
            let_create_campaigns(session, admin.public_id, other.public_id, allowed=True)
        make_administrator(session, admin.public_id, other.public_id, is_administrator=True)
        disable_organiser(session, admin.public_id, other.public_id)
        enable_organiser(session, admin.public_id, other.public_id)
        make_operator(session, "other@example.org", is_operator=True)
    told = rendered_mails(app, "account_changed")
    sentences = ["may create campaigns", "are an administrator", "account is closed", "open again", "keep the machine"]
    for mail, sentence in zip(told, sentences, strict=True):
        assert (mail.subject, mail.to_address) == ("Your account was changed", "other@example.org")
        assert sentence in mail.text
        assert sentence in mail.html
    assert all("Ada Admin changed this" in mail.text for mail in told[:4])
    assert "from the command line" in told[4].text
    news = [mail for mail in rendered_mails(app, "account_news") if mail.to_address == "second@example.org"]
    assert {mail.subject for mail in news} == {"An account was changed"}
    for mail, sentence in zip(news, sentences, strict=True):
        for part in (mail.text, mail.html):
            assert sentence in part
            assert "Olga Other" in part
            assert "other@example.org" in part


def test_what_one_changes_oneself_is_told_to_the_others_only(app: Flask, database: Database) -> None:
    with app.app_context(), database.writing() as session:
        make_organiser(session, email="stays@example.org", is_administrator=True)
        one = make_organiser(session, is_administrator=True)
        make_administrator(session, one.public_id, one.public_id, is_administrator=False)
    assert rendered_mails(app, "account_changed") == []
    assert [mail.to_address for mail in rendered_mails(app, "account_news")] == ["stays@example.org"]
