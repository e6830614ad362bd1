"""A lost link is sent again, and nobody learns who was asked."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, update

from app.base import clock
from app.base.parts import parts_of
from app.base.sealing import Place, open_one
from app.mail.addresses import AddressedMail, check
from app.mail.models import Mail
from app.mail.registry import RenderedMail
from app.mail.sending.worker import Worker
from app.mail.states import Cap, MailNotWanted, MailState
from app.signatures import actions
from app.smtp.connection import init_connection
from app.smtp.states import Trouble
from app.statements.actions import close_statement
from app.statements.models import Statement
from config import MailRelay
from tests.factories.parts import exchange
from tests.factories.statements import make_statement
from tests.servers.smtp import SmtpServer
from tests.signatures.scene import Invited, invite

STRANGER = "stranger@example.org"


@pytest.fixture
def guest(app: Flask) -> Invited:
    return invite(app, email="Known.Person@example.net")


def _page(app: Flask, guest: Invited) -> str:
    with app.app_context(), parts_of(app).database.reading() as session:
        return f"/statements/{session.get_one(Statement, guest.statement_id).slug}/my-signature"


def _rendered(app: Flask) -> list[RenderedMail | None]:
    """Render the queued links as the worker does; None for what it would drop."""
    found: list[RenderedMail | None] = []
    with app.app_context(), parts_of(app).database.reading() as session:
        kind = parts_of(app).mail_kinds.kind("own_link")
        for mail in session.scalars(select(Mail).where(Mail.kind == "own_link").order_by(Mail.id)):
            place = Place("mails", "references_sealed", mail.public_id)
            try:
                found.append(kind.render(session, open_one(session, place, mail.references_sealed, "test")))
            except MailNotWanted:
                found.append(None)
    return found


def test_a_person_who_has_not_decided_gets_the_invitation(app: Flask, guest: Invited) -> None:
    guest.client.post(_page(app, guest), data={"email": " known.person@EXAMPLE.net "})
    (mail,) = _rendered(app)
    assert mail is not None
    assert guest.url in mail.text
    assert mail.reply_to == "marta@example.org"


def test_a_person_who_has_signed_gets_the_manage_link(app: Flask, guest: Invited) -> None:
    guest.sign("pseudonym", pseudonym="Teacher")
    guest.client.post(_page(app, guest), data={"email": "known.person@example.net"})
    (mail,) = _rendered(app)
    assert mail is not None
    assert guest.manage_url() in mail.text
    assert "Teacher" not in mail.text + mail.html


def test_strangers_and_the_uninvited_get_nothing(app: Flask, guest: Invited) -> None:
    other = invite(app, email="other@example.net")
    for address in (STRANGER, "other@example.net"):
        guest.client.post(_page(app, guest), data={"email": address})
    assert _rendered(app) == [None, None]
    assert other.reply().answer.value == "none"


def test_the_answer_is_the_same_for_every_address(app: Flask, guest: Invited) -> None:
    answers = [
        guest.client.post(_page(app, guest), data={"email": address}, follow_redirects=True)
        for address in ("known.person@example.net", STRANGER)
    ]
    assert answers[0].data == answers[1].data
    assert "If somebody with this address was asked to sign" in answers[0].text


def test_the_work_is_the_same_for_every_address(app: Flask, guest: Invited) -> None:
    """The same statements in the same order; the time then differs by noise only."""
    seen: dict[str, list[str]] = {}
    engine = parts_of(app).database.engine
    page = _page(app, guest)
    for address in ("known.person@example.net", STRANGER):
        noted = seen.setdefault(address, [])

        def note(_c: object, _cursor: object, statement: str, *_rest: object, noted: list[str] = noted) -> None:
            noted.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        guest.client.post(page, data={"email": address})
        event.remove(engine, "before_cursor_execute", note)
    assert seen["known.person@example.net"] == seen[STRANGER]


def test_an_address_is_mailed_three_times_a_day_at_most(app: Flask, guest: Invited) -> None:
    clock.freeze(datetime(2026, 5, 1, 12, tzinfo=UTC))
    with app.app_context(), parts_of(app).database.writing() as session:
        statement = session.get_one(Statement, guest.statement_id)
        for _ in range(10):
            actions.send_own_link(session, statement, "known.person@example.net")
    assert len(_rendered(app)) == 3
    clock.advance(days=1, seconds=1)
    guest.client.post(_page(app, guest), data={"email": "known.person@example.net"})
    assert len(_rendered(app)) == 4


def test_the_page_looks_the_same_the_tenth_time(app: Flask, guest: Invited) -> None:
    """It shows no cap, neither its own nor the one that mail keeps over all statements."""
    database, page = parts_of(app).database, _page(app, guest)
    address = {"email": "known.person@example.net"}
    answers = [guest.client.post(page, data=address, follow_redirects=True) for _ in range(10)]
    elsewhere = invite(app, email="known.person@example.net")
    with database.writing() as session:
        letters = [AddressedMail(number, address["email"], Cap.CONFIRMATION) for number in range(4)]
        assert check(session, parts_of(app).mail_kinds, letters) == {3: Trouble.CAPPED}
    clock.freeze(clock.now())
    answers.append(guest.client.post(page, data=address, follow_redirects=True))
    assert {(answer.status_code, answer.data) for answer in answers} == {(200, answers[0].data)}
    stranger = elsewhere.client.post(_page(app, elsewhere), data={"email": STRANGER}, follow_redirects=True)
    capped = elsewhere.client.post(_page(app, elsewhere), data=address, follow_redirects=True)
    assert stranger.data == capped.data


def test_three_links_a_day_leave_for_an_address_over_all_statements(own_app: Flask, smtp_server: SmtpServer) -> None:
    exchange(own_app, outgoing_mail=init_connection(own_app, MailRelay.from_url(smtp_server.url)))
    for _ in range(5):
        guest = invite(own_app, email="known.person@example.net")
        guest.client.post(_page(own_app, guest), data={"email": "Known.Person@example.net"})
    with parts_of(own_app).database.writing() as session:
        session.execute(update(Mail).where(Mail.kind != "own_link").values(state=MailState.DROPPED))
    worker = Worker(own_app)
    while worker.work_off():
        pass
    worker.close()
    assert smtp_server.count() == 3
    with parts_of(own_app).database.reading() as session:
        left = session.execute(select(Mail.state, Mail.trouble).where(Mail.kind == "own_link")).all()
    assert Counter(map(tuple, left)) == {
        (MailState.ACCEPTED, None): 3, (MailState.DROPPED, Trouble.CAPPED): 2,
    }  # fmt: skip


def test_masses_are_stopped_for_the_statement(app: Flask, guest: Invited, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "OWN_LINKS_AN_HOUR", 2)
    page = _page(app, guest)
    statuses = [guest.client.post(page, data={"email": f"p{n}@example.net"}).status_code for n in range(3)]
    assert statuses == [303, 303, 429]


def test_a_bad_address_is_named_and_kept(app: Flask, guest: Invited) -> None:
    answer = guest.client.post(_page(app, guest), data={"email": "known.person@nowhere"})
    assert answer.status_code == 422
    assert "This is not a complete e-mail address" in answer.text
    assert 'value="known.person@nowhere"' in answer.text


def test_a_closed_statement_still_sends_manage_links_but_no_invitations(app: Flask, guest: Invited) -> None:
    with app.app_context(), parts_of(app).database.reading() as session:
        statement = session.get_one(Statement, guest.statement_id)
    second = invite(app, statement, email="second@example.net")
    second.sign()
    with app.app_context(), parts_of(app).database.writing() as session:
        close_statement(session, "test", session.get_one(Statement, guest.statement_id))
    for address in ("known.person@example.net", "second@example.net"):
        guest.client.post(_page(app, guest), data={"email": address})
    first, other = _rendered(app)
    assert first is None
    assert other is not None
    assert second.manage_url() in other.text


def test_a_draft_has_no_such_page(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), parts_of(app).database.writing() as session:
        slug = make_statement(session, opened=False).slug
    assert client.get(f"/statements/{slug}/my-signature").status_code == 404
