"""The page behind an invitation link: what it shows, what it takes, and what it says when it can't."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from app.base import clock
from app.base.links import LinkPurpose, make_token
from app.base.parts import parts_of
from app.directory.states import SignatoryKind
from app.invitations import actions as invitations
from app.invitations.states import Answer
from app.signatures.states import SignatureState
from app.statements import actions as statements
from app.statements.models import Statement
from app.visibility.states import Visibility
from tests.accounts.outbox import rendered_mails
from tests.factories.signatures import make_signature
from tests.factories.statements import BODY, DEMANDS, make_statement
from tests.signatures.scene import Invited, every_row, invite


def _with_statement(app: Flask, guest: Invited, verb: str) -> None:
    with app.app_context(), parts_of(app).database.writing() as session:
        statement = session.get_one(Statement, guest.statement_id)
        getattr(statements, verb)(session, "test", statement)


def test_shows_who_asks_the_whole_text_its_hash_and_who_signed(app: Flask) -> None:
    guest = invite(app, name="Оксана Ґудзь")
    with app.app_context(), parts_of(app).database.writing() as session:
        statement = session.get_one(Statement, guest.statement_id)
        make_signature(session, statement, name="Public Person")
        make_signature(session, statement, visibility=Visibility.COUNTED, name="Counted Person")
    page = guest.client.get(guest.url).text
    assert "Оксана Ґудзь" in page
    assert "politically motivated" in page
    assert BODY.split("\n\n")[1] in page
    assert all(demand in page for demand in DEMANDS)
    assert "Ministry of Archives" in page
    assert "Marta Kowalska" in page
    assert "Version 1" in page
    assert "Public Person" in page
    assert "Counted Person" not in page
    assert "1 more stands behind it and is not named." in page


def test_nothing_is_preselected_and_no_cookie_is_set(app: Flask) -> None:
    answer = (guest := invite(app)).client.get(guest.url)
    assert " checked" not in answer.text
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in guest.sign().headers


def test_signing_shows_the_receipt_and_mails_it(app: Flask) -> None:
    guest = invite(app)
    answer = guest.sign("institution", public_line="Archivist", country="UA", wants_news="y")
    assert answer.status_code == 303
    assert "You have signed" in guest.client.get(answer.location).text
    (signed,) = guest.signatures()
    assert (signed.visibility, signed.identity.public_line, signed.identity.country) == (
        Visibility.INSTITUTION, "Archivist", "UA",
    )  # fmt: skip
    assert signed.wants_news
    assert len(signed.nonce) == 32
    assert signed.kind is SignatoryKind.PERSON
    assert guest.reply().answer is Answer.SIGNED
    assert guest.mails("receipt") == 1


def test_receipt_says_all_that_is_shown(app: Flask) -> None:
    invite(app).sign("public", public_line="Archivist", country="UA")
    (receipt,) = rendered_mails(app, "receipt")
    assert ", Archivist, Ukraine\n" in receipt.text
    assert "<bdi>Ukraine</bdi>" in receipt.html


def test_signing_again_with_the_same_link_shows_the_receipt_and_changes_nothing(app: Flask) -> None:
    guest = invite(app)
    form = guest.form()
    values = {**form, "choice": "sign", "visibility": "counted", "name": "Halyna"}
    guest.client.post(guest.url, data=values)
    before = every_row(app)
    guest.client.post(guest.url, data={**values, "visibility": "public"})
    guest.client.post(guest.url, data={**form, "choice": "decline"})
    assert every_row(app) == before


def test_declining_needs_no_reason_and_can_become_a_signature(app: Flask) -> None:
    guest = invite(app)
    assert guest.send(choice="decline", name="").status_code == 303
    assert guest.reply().answer is Answer.DECLINED
    assert "You have declined" in guest.client.get(guest.url).text
    guest.sign()
    assert guest.reply().answer is Answer.SIGNED
    assert len(guest.signatures()) == 1


def test_asking_for_a_change_needs_words(app: Flask) -> None:
    guest = invite(app)
    refused = guest.send(choice="ask change")
    assert refused.status_code == 422
    assert "Say which change you ask for." in refused.text
    assert guest.send(choice="ask change", words="Name the law.\nAnd the year.").status_code == 303
    assert (guest.reply().answer, guest.words()) == (Answer.CHANGE_ASKED, "Name the law.\nAnd the year.")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Choose whether you sign, decline or ask for a change."),
        ({"choice": "sign", "name": "Halyna"}, "Choose how your name appears."),
        ({"choice": "sign", "visibility": "public", "name": ""}, "Enter your name"),
        ({"choice": "sign", "visibility": "pseudonym", "name": "Halyna"}, "Enter the pseudonym"),
        ({"choice": "sign", "visibility": "pseudonym", "name": "Halyna", "pseudonym": "HALYNA"}, "This is your name."),
        ({"choice": "sign", "visibility": "everybody", "name": "Halyna"}, "Not a valid choice"),
        ({"choice": "sign", "visibility": "public", "name": "A\x00B"}, "means nothing in a name (U+0000)"),
        ({"choice": "sign", "visibility": "public", "name": "x" * 300}, "at most 200 fit"),
        ({"choice": "sign", "visibility": "public", "name": "Halyna", "country": "ZZ"}, "Not a valid choice"),
        ({"choice": "decline", "words": "x" * 1001}, "at most 1000 fit"),
        ({"choice": "decline", "form_token": "forged"}, "The form came incomplete"),
    ],
)
def test_bad_input_is_named_and_nothing_is_lost_or_changed(app: Flask, fields: dict[str, str], sentence: str) -> None:
    guest = invite(app)
    before = every_row(app)
    answer = guest.send(**{"public_line": "Kept as typed", **fields})
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert sentence in answer.text
    assert 'value="Kept as typed"' in answer.text
    assert every_row(app) == before


def test_an_organisation_signs_through_somebody_who_says_they_may(app: Flask) -> None:
    guest = invite(app, kind=SignatoryKind.ORGANISATION, representative="Kari Nordmann")
    assert 'value="pseudonym"' not in guest.client.get(guest.url).text
    refused = guest.sign(representative="")
    assert "Enter who signs for the organisation" in refused.text
    assert "Tick the box if you may sign" in refused.text
    assert guest.sign(visibility="pseudonym", pseudonym="We", authorised="y").status_code == 422
    assert guest.sign(representative="Kari Nordmann, Director", authorised="y").status_code == 303
    assert guest.signatures()[0].representative == "Kari Nordmann, Director"


def test_a_form_that_was_open_for_days_still_works_and_one_of_weeks_is_asked_again(app: Flask) -> None:
    clock.freeze(clock.now())
    guest = invite(app)
    form = {**guest.form(), "choice": "decline", "words": "No time."}
    clock.advance(days=8)
    answer = guest.client.post(guest.url, data=form)
    assert answer.status_code == 422
    assert "older than a week" in answer.text
    assert "No time." in answer.text


def test_a_form_from_another_site_is_refused(app: Flask) -> None:
    guest = invite(app)
    values = {**guest.form(), "choice": "decline"}
    answer = guest.client.post(guest.url, data=values, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert guest.reply().answer is Answer.NONE


def test_a_form_of_another_invitation_is_refused(app: Flask) -> None:
    guest, other = invite(app), invite(app)
    answer = guest.client.post(guest.url, data={**other.form(), "choice": "decline"})
    assert answer.status_code == 422
    assert guest.reply().answer is Answer.NONE


def test_closed_statement_says_so_and_shows_the_way_to_the_text(app: Flask) -> None:
    guest = invite(app)
    form = {**guest.form(), "choice": "sign", "visibility": "public", "name": "Late"}
    _with_statement(app, guest, "close_statement")
    page = guest.client.get(guest.url)
    assert page.status_code == 410
    assert "Signing is over" in page.text
    late = guest.client.post(guest.url, data=form, follow_redirects=True)
    assert "Signing is over" in late.text
    assert guest.signatures() == []


def test_past_the_deadline_nobody_signs_though_nobody_closed(app: Flask) -> None:
    clock.freeze(clock.now())
    with app.app_context(), parts_of(app).database.writing() as session:
        statement = make_statement(session, deadline_at=clock.now() + timedelta(hours=1))
    guest = invite(app, statement)
    form = {**guest.form(), "choice": "sign", "visibility": "public", "name": "Late"}
    clock.advance(hours=1)
    assert guest.client.get(guest.url).status_code == 410
    guest.client.post(guest.url, data=form)
    assert guest.signatures() == []


def test_withdrawn_statement_asks_nobody(app: Flask) -> None:
    guest = invite(app)
    _with_statement(app, guest, "withdraw")
    page = guest.client.get(guest.url)
    assert page.status_code == 410
    assert "This text was taken back" in page.text


def test_broken_links_each_say_what_to_do(app: Flask) -> None:
    guest = invite(app)
    signed = invite(app)
    signed.sign()
    with app.app_context(), parts_of(app).database.reading() as session:
        unknown = make_token(session, LinkPurpose.INVITATION, "2" * 20, 1)
    cases = {
        guest.token[:-3]: (404, "incomplete or damaged"),
        # Not the last one: some of its bits say nothing.
        guest.token[:-2] + ("A" if guest.token[-2] != "A" else "B") + guest.token[-1]: (404, "incomplete or damaged"),
        signed.manage_url().removeprefix("/m/"): (404, "belongs to another page"),
        unknown: (404, "There is no such invitation"),
    }
    for token, (status, sentence) in cases.items():
        answer = guest.client.get(f"/i/{token}")
        assert (answer.status_code, sentence in answer.text) == (status, True), sentence
    assert guest.client.get(f"/m/{guest.token}").status_code == 404


def test_superseded_and_cancelled_links_are_gone(app: Flask) -> None:
    old, cancelled = invite(app), invite(app)
    with app.app_context(), parts_of(app).database.writing() as session:
        statement = session.get_one(Statement, old.statement_id)
        invitations.reissue_link(session, "test", statement, old.invitation)
        statement = session.get_one(Statement, cancelled.statement_id)
        invitations.cancel(session, "test", statement, cancelled.invitation)
    form = {"choice": "decline"}
    for guest, sentence in ((old, "replaced by a newer one"), (cancelled, "was withdrawn by the people who sent it")):
        page, post = guest.client.get(guest.url), guest.client.post(guest.url, data=form)
        assert (page.status_code, post.status_code) == (410, 410)
        assert sentence in page.text
        assert guest.reply().answer is Answer.NONE


def test_reissuing_voids_the_manage_link_too(app: Flask) -> None:
    guest = invite(app)
    guest.sign()
    manage = guest.manage_url()
    with app.app_context(), parts_of(app).database.writing() as session:
        statement = session.get_one(Statement, guest.statement_id)
        invitations.reissue_link(session, "test", statement, guest.invitation)
    assert guest.client.get(manage).status_code == 410


def test_withdrawn_signature_can_be_given_again(app: Flask) -> None:
    guest = invite(app)
    guest.sign("public")
    first = guest.signatures()[0].nonce
    assert guest.mails("receipt") == 1
    page = guest.manage_url()
    guest.client.post(f"{page}/withdraw", data={**_hidden(guest, f"{page}/withdraw"), "sure": "yes"})
    assert guest.reply().answer is Answer.WITHDRAWN
    assert "You have withdrawn your signature" in guest.client.get(guest.url).text
    guest.sign("counted")
    (signed,) = guest.signatures()
    assert (signed.state, signed.visibility, signed.withdrawn_at) == (SignatureState.SIGNED, Visibility.COUNTED, None)
    assert signed.nonce != first
    assert guest.mails("receipt") == 2


def _hidden(guest: Invited, url: str) -> dict[str, str]:
    page = guest.client.get(url).text
    return {"form_token": page.split('name="form_token" value="')[1].split('"')[0]}


def test_the_page_takes_few_queries_however_many_signed(app: Flask) -> None:
    guest = invite(app)
    with app.app_context(), parts_of(app).database.writing() as session:
        statement = session.get_one(Statement, guest.statement_id)
        for _ in range(20):
            make_signature(session, statement)
    guest.client.get(guest.url)
    assert _statements_of(app, lambda: guest.client.get(guest.url)) <= 3


def test_signing_takes_few_statements(app: Flask) -> None:
    guest = invite(app)
    form = {**guest.form(), "choice": "sign", "visibility": "public", "name": "Halyna"}
    transactions: list[list[str]] = []
    engine = parts_of(app).database.engine

    def begin(_connection: object) -> None:
        transactions.append([])

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            transactions[-1].append(statement.split()[0])

    event.listen(engine, "begin", begin)
    event.listen(engine, "before_cursor_execute", note)
    guest.client.post(guest.url, data=form)
    event.remove(engine, "begin", begin)
    event.remove(engine, "before_cursor_execute", note)
    (written,) = [each for each in transactions if "INSERT" in each]
    # All that is decided about, in one row; then the signature, the answer and the audit's entry.
    assert written == ["SELECT", "INSERT", "UPDATE", "INSERT"]
    assert sum(len(each) for each in transactions) == 5, "and one row for the form's check"


def _statements_of(app: Flask, act: object) -> int:
    seen: list[str] = []
    engine = parts_of(app).database.engine

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    act()  # type: ignore[operator]
    event.remove(engine, "before_cursor_execute", note)
    return len(seen)
