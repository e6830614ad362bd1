"""The pages about incoming mail in a real browser: phone and desk, light and dark, mirrored, none and two hundred."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.database import Database
from app.inbox.states import InboundState
from app.mail.models import Mail
from app.mail.states import MailState
from app.replies.filing import match
from app.replies.held import incoming
from app.replies.models import Reply
from tests.factories.accounts import sign_in
from tests.factories.appeals import Scene, make_scene
from tests.factories.deliveries import make_deliveries
from tests.factories.inbound import make_inbound, write_message
from tests.factories.institutions import accept_all, make_recipient
from tests.servers.browser import visitor
from tests.servers.looks import onlooker, problems

pytestmark = pytest.mark.browser

OFFICE = "a.very.long.address.of.an.office.with.many.words@ministry-of-justice-and-archives.example.org"
ARABIC = "السيد الوزير يشكركم على رسالتكم رقم 4711.\n\nمكتب الوزير"
LONG = "W" * 180


@pytest.fixture
def scene(app: Flask, database: Database) -> Scene:
    with app.app_context(), database.writing() as session:
        scene = make_scene(session, recipients=0)
        make_recipient(session, scene.institution, email=OFFICE)
        accept_all(session, scene.campaign.id)
        make_deliveries(session, scene, mail=MailState.ACCEPTED)
        scene.owner.is_operator = True
        session.add(scene.owner)
        return scene


def hold(session: Session, number: int) -> str:
    text = [ARABIC, f"{LONG}\n\n- one\n- two\n\n> quoted", "Short."][number % 3]
    subject = ["رد: رسالتكم", f"Re: {LONG}", ""][number % 3]
    sender = f"Отдел писем и обращений граждан {number} <{OFFICE}>"
    raw = write_message(sender=sender, subject=subject, text=text, files={f"{LONG}.pdf": b"%PDF", "b.txt": b"x"})
    return make_inbound(session, raw, state=InboundState.HELD)


def file_one(session: Session) -> str:
    letter = session.scalars(select(Mail.message_id).where(Mail.kind == "appeal letter")).one()
    text = f"{ARABIC}\n\nOn Mon, 23 Nov 2026 at 10:00, Ana <a@example.org> wrote:\n> {LONG}\n"
    raw = write_message(sender="x@elsewhere.example.com", subject=LONG, text=text, refers_to=letter)
    message = make_inbound(session, raw)
    match(session, incoming(session, message, [InboundState.WAITING], "test"))
    return session.scalars(select(Reply.public_id)).one()


@pytest.mark.parametrize("held", [0, 1, 200])
def test_pages_look_right(
    app: Flask, database: Database, scene: Scene, address: str, browser: Browser, held: int
) -> None:
    campaign = f"/desk/campaigns/{scene.campaign.public_id}"
    urls = [f"{campaign}/replies", "/desk/mail/held", "/desk/mail/held/discarded"]
    with app.app_context(), database.writing() as session:
        messages = [hold(session, number) for number in range(held)]
        if messages:
            urls += [f"{campaign}/mail/{messages[-1]}", f"/desk/mail/held/{messages[-1]}"]
            urls.append(f"/desk/replies/{file_one(session)}")
    client = sign_in(app.test_client(), app, scene.owner)
    with onlooker(browser, address, client) as page:
        assert problems(page, urls) == {}


def test_it_works_without_javascript(
    app: Flask, database: Database, scene: Scene, address: str, browser: Browser
) -> None:
    with app.app_context(), database.writing() as session:
        message = hold(session, 2)
    app.config["WTF_CSRF_ENABLED"] = True
    cookie = sign_in(app.test_client(), app, scene.owner).get_cookie("undersigned")
    assert cookie is not None
    with visitor(browser, javascript=False, base_url=address) as context:
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
        page = context.new_page()
        page.goto(f"/desk/campaigns/{scene.campaign.public_id}/replies")
        page.get_by_role("link", name="No subject").click()
        page.get_by_label("Which letter does it answer?").select_option(index=1)
        page.get_by_label("Refusal").check()
        page.get_by_role("button", name="File it as a reply").click()
        page.get_by_role("heading", name="Reply from").wait_for()
        assert message not in page.url
