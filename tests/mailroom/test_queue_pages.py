"""The queue's pages as an operator uses them, and what they keep to themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, event, func, select
from sqlalchemy.orm import Session

from app.accounts.rights import make_operator
from app.audit.models import AuditEntry
from app.audit.queries import history_of
from app.background.models import CalendarEntry
from app.base import clock
from app.base.database import Database
from app.mail.evidence import record_proof
from app.mail.models import Mail
from app.mail.states import MailClass, MailState, Proof
from app.smtp.states import Trouble
from tests.factories.accounts import make_organiser, sign_in
from tests.factories.mails import make_attempt, make_mail

ADDRESS = "canary@leak.example.org"


@pytest.fixture
def operator(app: Flask, database: Database) -> FlaskClient:
    with app.app_context(), database.writing() as session:
        organiser = make_organiser(session, "Opal Operator", "opal@example.org")
        make_operator(session, "opal@example.org", is_operator=True)
        session.execute(delete(Mail))  # she was told of it
    return sign_in(app.test_client(), app, organiser)


@contextmanager
def _outbox(app: Flask, database: Database) -> Iterator[Session]:
    with app.app_context(), database.writing() as session:
        yield session


def _state(database: Database, public_id: str) -> MailState:
    with database.reading() as session:
        return session.scalars(select(Mail.state).where(Mail.public_id == public_id)).one()


def _audited(app: Flask, database: Database, subject: str) -> list[str]:
    with app.app_context(), database.reading() as session:
        return [entry.action for entry in history_of(session, subject)]


def test_only_operators_enter(app: Flask, database: Database) -> None:
    with _outbox(app, database) as session:
        organiser = make_organiser(session, "Ada", "ada@example.org")
        mail = make_mail(session).public_id
    desk = sign_in(app.test_client(), app, organiser)
    assert ">Mail<" not in desk.get("/desk/account").text
    for path in ("/desk/mail", "/desk/mail/mails", f"/desk/mail/mails/{mail}", "/desk/mail/mails/nothing"):
        answer = desk.get(path)
        assert answer.status_code == 403
        assert "flask account operator" in answer.text
    assert desk.post("/desk/mail/pause", data={"pause": "everything"}).status_code == 403
    with _outbox(app, database) as session:
        make_operator(session, "ada@example.org", is_operator=True)
    sign_in(desk, app, organiser)  # another right ends every session
    assert desk.get("/desk/mail").status_code == 200
    assert ">Mail<" in desk.get("/desk/account").text
    with _outbox(app, database) as session:
        make_operator(session, "ada@example.org", is_operator=False)
    sign_in(desk, app, organiser)
    assert desk.get("/desk/mail").status_code == 403


def test_an_empty_queue_says_what_is_missing(operator: FlaskClient) -> None:
    page = operator.get("/desk/mail").text
    assert "No worker has looked into the queue yet" in page
    assert "flask worker" in page
    assert "Nothing is due." in page
    assert "Nothing failed in the last seven days." in page
    assert "No mail is like this." in operator.get("/desk/mail/mails").text
    assert operator.get("/desk/mail/mails/nothing").status_code == 404
    assert operator.head("/desk/mail").status_code == 200


def test_a_worker_that_stopped_is_named(operator: FlaskClient, app: Flask, database: Database) -> None:
    clock.freeze(clock.now())
    with _outbox(app, database) as session:
        session.add(CalendarEntry(job="sweep outbox", due_at=clock.now(), finished_at=clock.now()))
    assert "No worker has looked" not in operator.get("/desk/mail").text
    clock.advance(minutes=11)
    assert "No worker has looked into the queue for 11 minutes" in operator.get("/desk/mail").text


def test_pausing_needs_a_choice_and_says_what_is_held_back(
    operator: FlaskClient, app: Flask, database: Database
) -> None:
    refused = operator.post("/desk/mail/pause", data={})
    assert refused.status_code == 422
    assert "Choose what should go" in refused.text
    assert operator.post("/desk/mail/pause", data={"pause": "bulk"}).status_code == 303
    page = operator.get("/desk/mail").text
    assert "Mail to many is held back" in page
    assert "receipts and official letters still go" in page
    assert "Held back by <bdi>Opal Operator</bdi>" in page
    assert operator.post("/desk/mail/pause", data={"pause": "nothing"}).status_code == 303
    assert "is held back" not in operator.get("/desk/mail").text
    assert _audited(app, database, "mail queue") == ["queue.resumed", "queue.paused"]


def test_the_list_is_narrowed_and_turned_over(operator: FlaskClient, app: Flask, database: Database) -> None:
    with _outbox(app, database) as session:
        for number in range(60):
            make_mail(session, MailState.REFUSED, trouble=Trouble.BUSY, message_id=f"<{number}@example.org>")
        make_mail(session, MailState.ACCEPTED, kind="receipt")
    page = operator.get("/desk/mail/mails?standing=given-up&trouble=busy&kind=invitation")
    assert "60 mails" in page.text
    assert page.text.count('name="mail"') == 50
    following = page.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert operator.get(following).text.count('name="mail"') == 10
    assert "Receipt for a signature" in operator.get("/desk/mail/mails?standing=accepted").text
    assert "No mail is like this." in operator.get("/desk/mail/mails?standing=waiting").text
    assert "61 mails" in operator.get("/desk/mail/mails?standing=nonsense&trouble=x&kind=y").text
    assert operator.get("/desk/mail/mails?cursor=nonsense").status_code == 404


def test_nothing_about_people_is_shown(operator: FlaskClient, app: Flask, database: Database) -> None:
    with _outbox(app, database) as session:
        mail = make_mail(session, MailState.REFUSED, trouble=Trouble.NO_SUCH_ADDRESS)
        make_attempt(session, mail, 550, f"5.1.1 <{ADDRESS}>: no such person")
        record_proof(session, mail.public_id, Proof.BOUNCED_HARD, "5.1.1", "log", f"to=<{ADDRESS}> bounced")
        mail_id = mail.public_id
    url = f"/desk/mail/mails/{mail_id}"
    for path in ("/desk/mail", "/desk/mail/mails", url):
        page = operator.get(path).text
        assert ADDRESS not in page
        assert "There is no such address" in page
    assert "550 5.1.1" in operator.get("/desk/mail/mails").text
    assert _audited(app, database, mail_id) == []
    assert operator.post(f"{url}/answers").status_code == 303
    assert operator.get(url).text.count(ADDRESS) == 2
    assert _audited(app, database, mail_id) == ["mail.answers opened"]
    clock.advance(minutes=11)
    assert ADDRESS not in operator.get(url).text
    assert operator.post("/desk/mail/mails/nothing/answers").status_code == 404


def test_ticked_mails_are_tried_again(operator: FlaskClient, app: Flask, database: Database) -> None:
    with _outbox(app, database) as session:
        refused = make_mail(session, MailState.REFUSED, trouble=Trouble.MAILBOX_FULL).public_id
        accepted = make_mail(session, MailState.ACCEPTED).public_id
        official = make_mail(session, MailState.REFUSED, mail_class=MailClass.OFFICIAL).public_id
    url = "/desk/mail/mails/retry"
    ticked = {"which": "ticked", "mail": [refused, accepted, official], "standing": "given-up"}
    answer = operator.post(url, data=ticked)
    assert (answer.status_code, answer.location) == (303, "/desk/mail/mails?standing=given-up")
    said = operator.get(answer.location).text
    assert "1 mail is due again now." in said
    assert "1 was left as it is" in said
    assert "1 is an official letter" in said
    assert [_state(database, each) for each in (refused, accepted, official)] == [
        MailState.QUEUED, MailState.ACCEPTED, MailState.REFUSED,
    ]  # fmt: skip


def test_a_choice_of_mails_has_no_default(operator: FlaskClient, app: Flask, database: Database) -> None:
    with _outbox(app, database) as session:
        waiting = make_mail(session).public_id
    for deed in ("retry", "drop"):
        unsaid = operator.post(f"/desk/mail/mails/{deed}", data={"mail": waiting})
        assert unsaid.status_code == 422
        assert "Choose which mails you mean." in unsaid.text
        assert f'value="{waiting}" checked' in unsaid.text
        none = operator.post(f"/desk/mail/mails/{deed}", data={"which": "ticked"})
        assert none.status_code == 422
        assert "Tick at least one mail" in none.text
    assert _state(database, waiting) is MailState.QUEUED


def test_all_that_failed_for_a_reason_are_tried_again(operator: FlaskClient, app: Flask, database: Database) -> None:
    with _outbox(app, database) as session:
        for _number in range(60):
            make_mail(session, MailState.REFUSED, trouble=Trouble.SIGN_IN)
        other = make_mail(session, MailState.REFUSED, trouble=Trouble.BUSY).public_id
    data = {"which": "all", "trouble": "sign in"}
    answer = operator.post("/desk/mail/mails/retry", data=data)
    assert "60 mails are due again now." in operator.get(answer.location).text
    assert _state(database, other) is MailState.REFUSED
    answer = operator.post("/desk/mail/mails/drop", data={"which": "all", "standing": "waiting"})
    assert "60 mails were dropped." in operator.get(answer.location).text


def test_a_person_decides_about_uncertain_mail(operator: FlaskClient, app: Flask, database: Database) -> None:
    with _outbox(app, database) as session:
        mail = make_mail(session, MailState.UNCERTAIN, trouble=Trouble.NO_ANSWER).public_id
    url = f"/desk/mail/mails/{mail}"
    assert "interrupted before an answer" in operator.get(url).text
    undecided = operator.post(f"{url}/ruling", data={})
    assert undecided.status_code == 422
    assert "Choose what happened to the mail." in undecided.text
    assert "Write how you know" in undecided.text
    answer = operator.post(f"{url}/ruling", data={"ruling": "leave", "evidence": "The log is gone"})
    assert answer.status_code == 303
    page = operator.get(url).text
    assert "Opal Operator</bdi> let it be" in page
    assert "The log is gone" in page
    assert _state(database, mail) is MailState.UNCERTAIN
    operator.post(f"{url}/ruling", data={"ruling": "arrived", "evidence": "It is in the log"})
    assert _state(database, mail) is MailState.ACCEPTED
    late = operator.post(f"{url}/ruling", data={"ruling": "again", "evidence": "It is not in the log"})
    assert late.status_code == 409
    assert "nothing to decide any more" in late.text


def test_official_mail_is_decided_elsewhere(operator: FlaskClient, app: Flask, database: Database) -> None:
    with _outbox(app, database) as session:
        mail = make_mail(session, MailState.UNCERTAIN, mail_class=MailClass.OFFICIAL, kind="appeal letter").public_id
    page = operator.get(f"/desk/mail/mails/{mail}").text
    assert "Nobody sends one alone" in page
    assert "/ruling" not in page
    answer = operator.post(f"/desk/mail/mails/{mail}/ruling", data={"ruling": "again", "evidence": "I say so"})
    assert answer.status_code == 403
    assert _state(database, mail) is MailState.UNCERTAIN


def test_one_mail_is_dropped_from_its_own_page(operator: FlaskClient, app: Flask, database: Database) -> None:
    with _outbox(app, database) as session:
        mail = make_mail(session, MailState.DEFERRED, trouble=Trouble.GREYLISTED, due_in=timedelta(hours=1)).public_id
    answer = operator.post("/desk/mail/mails/drop", data={"mail": mail, "which": "ticked", "back": "1"})
    assert answer.location == f"/desk/mail/mails/{mail}"
    page = operator.get(answer.location).text
    assert "1 mail was dropped." in page
    assert "Opal Operator</bdi> dropped it" in page
    assert _state(database, mail) is MailState.DROPPED


def test_looking_changes_nothing_and_costs_few_statements(
    operator: FlaskClient, app: Flask, database: Database
) -> None:
    with _outbox(app, database) as session:
        for state in MailState:
            make_attempt(session, make_mail(session, state, trouble=Trouble.BUSY))
        mail = make_mail(session).public_id
    said: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    for path, most in (("/desk/mail", 10), ("/desk/mail/mails", 7), (f"/desk/mail/mails/{mail}", 8)):
        said.clear()
        assert operator.get(path).status_code == 200
        statements = [each for each in said if each.startswith(("SELECT", "INSERT", "UPDATE", "DELETE"))]
        assert len(statements) <= most, statements
        assert all(each.startswith("SELECT") for each in statements)
    with database.reading() as session:
        entries = session.scalar(select(func.count()).select_from(AuditEntry))
    assert entries == 2  # the organiser was created and made operator


def test_nothing_is_offered_where_nothing_can_be_changed(operator: FlaskClient, app: Flask, database: Database) -> None:
    with _outbox(app, database) as session:
        make_mail(session, MailState.ACCEPTED)
        make_mail(session, MailState.REFUSED, mail_class=MailClass.OFFICIAL)
    page = operator.get("/desk/mail/mails").text
    assert 'type="checkbox"' not in page
    assert "Try them again now" not in page
    with _outbox(app, database) as session:
        make_mail(session, MailState.REFUSED)
    page = operator.get("/desk/mail/mails").text
    assert page.count('type="checkbox"') == 1
    assert "All in this list that can be changed: 1" in page
