"""The queue's pages in a real browser: on a phone and on a desk, light and dark, empty and with ten thousand mails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy import insert

from app.accounts.rights import make_operator
from app.base import clock
from app.base.database import Database
from app.base.identifiers import new_public_id
from app.mail.evidence import record_proof
from app.mail.models import Mail
from app.mail.sending.models import MailLane
from app.mail.sending.seats import server_lane
from app.mail.states import MailClass, MailState, Pause, Proof
from app.mailroom.control import set_pause
from app.smtp.states import Trouble
from tests.factories.accounts import PASSWORD, make_organiser
from tests.factories.mails import make_attempt, make_mail
from tests.servers.browser import visitor
from tests.servers.looks import onlooker, problems, serving, shown_problems

pytestmark = pytest.mark.browser

EMAIL = "opal@example.org"


@pytest.fixture
def address(app: Flask, database: Database) -> Iterator[str]:
    """A server with an operator and an empty queue."""
    with app.app_context(), database.writing() as session:
        make_organiser(session, "Opal Operator", EMAIL, with_password=True)
        make_operator(session, EMAIL, is_operator=True)
    with serving(app) as address:
        yield address


@pytest.fixture
def lively(app: Flask, database: Database) -> str:
    """Mails in every state, a pause and a server in trouble; returns the address of the one with most to show."""
    with app.app_context(), database.writing() as session:
        server = f"{app.config['MAIL_SERVER']}:{app.config['MAIL_PORT']}"
        until = clock.now() + timedelta(minutes=5)
        session.add(MailLane(lane_key=server_lane(session, server), resting_until=until, used_at=clock.now()))
        set_pause(session, "somebody", Pause.BULK)
        for state in MailState:
            make_mail(session, state, trouble=Trouble.NO_TLS, mail_class=MailClass.OFFICIAL, kind="appeal letter")
            make_mail(session, state, trouble=Trouble.GREYLISTED, age=timedelta(hours=3))
        shown = make_mail(session, MailState.UNCERTAIN, trouble=Trouble.NO_ANSWER, kind="receipt")
        for _number in range(3):
            make_attempt(session, shown, 450, "4.7.1 " + "a-very-long-word-of-a-server" * 8)
        record_proof(session, shown.public_id, Proof.DELAYED, "4.4.7", "log", "status=deferred " + "x" * 150)
        return f"/desk/mail/mails/{shown.public_id}"


def _add_many(app: Flask, database: Database, number: int) -> None:
    now = clock.now()
    same = {
        "kind": "reminder", "mail_class": MailClass.BULK, "priority": 10, "references_sealed": b"", "attempts": 1,
        "handovers": 1, "failures": 1, "has_slot": False, "due_at": now, "created_at": now,
    }  # fmt: skip
    ends = {"state": MailState.REFUSED, "trouble": Trouble.MAILBOX_FULL, "finished_at": now}
    with database.writing() as session:
        names = [new_public_id() for _number in range(number)]
        session.execute(
            insert(Mail),
            [
                {**same, **ends, "public_id": name, "occasion_key": name[:16].encode(), "message_id": f"<{name}@x>"}
                for name in names
            ],
        )


def _sign_in(page: Page) -> None:
    page.goto("/sign-in?next=/desk/mail")
    page.fill("input[name=email]", EMAIL)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/desk/mail")


def test_pages_are_readable_by_everyone(
    browser: Browser, address: str, app: Flask, database: Database, lively: str
) -> None:
    with onlooker(browser, address) as page:
        _sign_in(page)
        assert problems(page, ("/desk/mail", "/desk/mail/mails", "/desk/mail/mails?standing=sending", lively)) == {}
        page.click("form[action$='/answers'] button")
        page.get_by_text("a-very-long-word-of-a-server").first.wait_for()
        assert shown_problems(page) == []
        _add_many(app, database, 10_000)
        assert problems(page, ("/desk/mail", "/desk/mail/mails", "/desk/mail/mails?trouble=mailbox+full")) == {}


def test_an_empty_queue_is_readable(browser: Browser, address: str) -> None:
    with onlooker(browser, address) as page:
        _sign_in(page)
        assert problems(page, ("/desk/mail", "/desk/mail/mails?kind=update")) == {}


def test_the_queue_is_steered_without_javascript(browser: Browser, address: str, lively: str) -> None:
    with visitor(browser, javascript=False, base_url=address) as context:
        page = context.new_page()
        _sign_in(page)
        page.get_by_label("Hold back everything").check()
        page.get_by_role("button", name="Save what goes").click()
        page.get_by_text("Nothing leaves, not even receipts").first.wait_for()
        page.goto("/desk/mail/mails?standing=given-up&trouble=greylisted")
        page.get_by_label("All in this list that can be changed: 1").check()
        page.get_by_role("button", name="Try them again now").click()
        page.get_by_text("1 mail is due again now.").first.wait_for()
        page.goto(lively)
        page.get_by_role("button", name="Record the decision").click()
        page.get_by_text("Choose what happened to the mail.").first.wait_for()
        page.get_by_label("Nobody can tell").check()
        page.get_by_label("How you know").fill("The log was deleted")
        page.get_by_role("button", name="Record the decision").click()
        page.get_by_text("Your decision is recorded").first.wait_for()
