"""The holding pen: whose mail is shown to whom, filed, offered, put away; and mail is text and files, nothing more."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.appeals.queries import letters_by_id
from app.audit.queries import history_of
from app.base.database import Database
from app.campaigns.states import Role
from app.deliveries.models import Delivery
from app.inbox.models import InboundMessage
from app.inbox.states import InboundState
from app.mail.models import Mail
from app.mail.states import MailState
from app.replies.filing import match
from app.replies.held import incoming
from app.replies.models import Reply, ReplyKind
from app.statements.queries import statement_by_public_id
from app.statements.states import StatementState
from tests.factories.accounts import make_organiser, sign_in
from tests.factories.appeals import Scene, make_scene
from tests.factories.campaigns import make_member
from tests.factories.deliveries import make_deliveries
from tests.factories.inbound import make_inbound, write_message
from tests.factories.institutions import accept_all, make_recipient
from tests.factories.statements import TITLE

HELD, FILED, DISCARDED = InboundState.HELD, InboundState.FILED, InboundState.DISCARDED
HARM = "<p>Dear</p><script>alert(1)</script><img src=x onerror=alert(2)>"


@dataclass
class Pen:
    """A campaign whose letter went to one office, another campaign, and an operator of neither."""

    app: Flask
    database: Database
    scene: Scene
    other: Scene
    operator: Organiser
    delivery: str
    office: str

    def hold(self, **facts: object) -> str:
        with self.app.app_context(), self.database.writing() as session:
            return make_inbound(session, write_message(**facts), state=HELD)  # type: ignore[arg-type]

    def offer(self, message: str, scene: Scene) -> None:
        chosen, client = {"statement": scene.statement.public_id}, self.client(self.operator)
        assert client.post(f"/desk/mail/held/{message}/offer", data=chosen).status_code == 303

    def client(self, organiser: Organiser) -> FlaskClient:
        return sign_in(self.app.test_client(), self.app, organiser)

    def state_of(self, message: str) -> InboundState:
        with self.database.reading() as session:
            return session.scalars(select(InboundMessage.state).where(InboundMessage.public_id == message)).one()

    @property
    def replies_url(self) -> str:
        return f"/desk/campaigns/{self.scene.campaign.public_id}/replies"

    def url(self, message: str, scene: Scene | None = None) -> str:
        return f"/desk/campaigns/{(scene or self.scene).campaign.public_id}/mail/{message}"


def _delivered(session: Session, office: str, title: str = TITLE) -> tuple[Scene, Delivery]:
    scene = make_scene(session, recipients=0, title=title)
    make_recipient(session, scene.institution, email=office)
    accept_all(session, scene.campaign.id)
    (delivery,) = make_deliveries(session, scene, mail=MailState.ACCEPTED)
    return scene, delivery


@pytest.fixture
def pen(app: Flask, database: Database) -> Pen:
    with app.app_context(), database.writing() as session:
        scene, delivery = _delivered(session, "minister@justice.example.org")
        other, _theirs = _delivered(session, "press@archive.example.net", "Open the archives")
        operator = make_organiser(session, may_create_campaigns=False)
        operator.is_operator = True
        return Pen(app, database, scene, other, operator, delivery.public_id, "minister@justice.example.org")


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"sender": "minister@justice.example.org"}, "the address that we wrote to"),
        ({"sender": "Desk <desk@mail.justice.example.org>"}, "the institution’s domain"),
        ({"sender": "a@private.example.com", "subject": "AW: {subject}"}, "It has the subject of our letter"),
    ],
    ids=["sender", "domain", "subject"],
)
def test_campaign_sees_held_mail_that_may_be_its_own(pen: Pen, facts: dict[str, str], reason: str) -> None:
    with pen.app.app_context(), pen.database.reading() as session:
        subject = _subject_of(session, pen.delivery)
    message = pen.hold(**{name: value.format(subject=subject) for name, value in facts.items()})
    page = pen.client(pen.scene.coordinator).get(pen.replies_url).text
    assert "Mail that may belong here" in page
    assert reason in page
    assert pen.url(message) in page


def test_nobody_sees_mail_that_is_like_nothing_of_theirs(pen: Pen) -> None:
    message = pen.hold(sender="stranger@gmail.com", subject="Hello")
    client = pen.client(pen.scene.owner)
    assert "Mail that may belong here" not in client.get(pen.replies_url).text
    assert client.get(pen.url(message)).status_code == 404
    mine = pen.hold(sender=pen.office, subject="Ours")
    theirs = pen.client(pen.other.owner)
    for path in ("", "/attachments/0", "/message.eml"):
        assert theirs.get(pen.url(mine, pen.other) + path).status_code == 404
        assert theirs.get(pen.url(mine) + path).status_code == 404
    assert theirs.post(pen.url(mine, pen.other) + "/not-ours").status_code == 404


def test_mail_from_an_office_that_two_wrote_to_is_shown_to_neither(pen: Pen) -> None:
    """A campaign that wrote to the same ministry must neither read what it answers another, nor learn of the other."""
    with pen.app.app_context(), pen.database.writing() as session:
        rival, _delivery = _delivered(session, pen.office, "No tolls on the bridge")
        subject = _subject_of(session, pen.delivery)
    message = pen.hold(sender="desk@justice.example.org", subject="Your letter")
    ours = pen.hold(sender="desk@justice.example.org", subject=f"AW: {subject} (12/2026)")
    rivals_page = f"/desk/campaigns/{rival.campaign.public_id}/replies"
    theirs, page = pen.client(rival.owner).get(rivals_page).text, pen.client(pen.scene.owner).get(pen.replies_url).text
    assert (message in theirs, message in page) == (False, False)
    assert (ours in theirs, ours in page) == (False, True), "its subject tells whose it is"
    assert message in pen.client(pen.operator).get("/desk/mail/held").text


def test_mail_about_the_letter_of_one_campaign_is_not_shown_to_another(pen: Pen) -> None:
    with pen.app.app_context(), pen.database.writing() as session:
        rival, delivery = _delivered(session, pen.office)
        letter = letters_by_id(session, [delivery.letter_id], "test")[delivery.letter_id].message_id
    message = pen.hold(sender=pen.office, subject="Your letter", refers_to=letter)
    assert pen.client(pen.scene.owner).get(pen.url(message)).status_code == 404
    assert pen.client(rival.owner).get(pen.url(message, rival)).status_code == 200
    assert pen.client(rival.owner).post(pen.url(message, rival) + "/not-ours").status_code == 303
    assert pen.client(pen.scene.owner).get(pen.url(message)).status_code == 200, "it may be the only other one's"


def test_mail_offered_to_one_campaign_is_not_shown_to_another(pen: Pen) -> None:
    message = pen.hold(sender=pen.office)
    assert pen.client(pen.scene.owner).get(pen.url(message)).status_code == 200
    pen.offer(message, pen.other)
    assert pen.client(pen.other.owner).get(pen.url(message, pen.other)).status_code == 200
    assert pen.client(pen.scene.owner).get(pen.url(message)).status_code == 404


def test_campaign_sees_what_it_was_offered_behind_a_flood(pen: Pen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.replies.held.MOST_COMPARED", 3)
    message = pen.hold(sender="stranger@gmail.com", subject="Hello")
    for _ in range(5):
        pen.hold(sender="flood@gmail.com", subject="Buy")
    pen.offer(message, pen.scene)
    assert pen.client(pen.scene.owner).get(pen.url(message)).status_code == 200


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR, Role.APPROVER])
def test_roles_without_replies_see_no_held_mail(pen: Pen, role: Role) -> None:
    message = pen.hold(sender=pen.office)
    with pen.app.app_context(), pen.database.writing() as session:
        somebody = make_member(session, pen.scene.campaign, role)
    client = pen.client(somebody)
    assert "Mail that may belong here" not in client.get(pen.replies_url).text
    assert client.get(pen.url(message)).status_code == 403


def test_mail_is_filed_by_an_explicit_choice(pen: Pen) -> None:
    message = pen.hold(sender=pen.office, text="We agree.", html=HARM)
    client = pen.client(pen.scene.coordinator)
    page = client.get(pen.url(message)).text
    assert "We agree." in page
    assert "checked" not in page
    empty = client.post(pen.url(message), data={})
    assert empty.status_code == 422
    assert "Choose the letter that it answers." in empty.text
    assert client.post(pen.url(message), data={"delivery": "x" * 20, "kind": "answer"}).status_code == 422
    filed = client.post(pen.url(message), data={"delivery": pen.delivery, "kind": "answer"})
    assert filed.status_code == 303
    reply = client.get(filed.location).text
    assert "We agree." in reply
    with pen.database.reading() as session:
        row = session.scalars(select(Reply)).one()
        assert (row.kind, row.inbound_id, row.recorded_by) == (
            ReplyKind.ANSWER, message, pen.scene.coordinator.public_id,
        )  # fmt: skip
        statement = statement_by_public_id(session, pen.scene.statement.public_id)
        assert statement.state is StatementState.DELIVERED
    assert client.post(pen.url(message), data={"delivery": pen.delivery, "kind": "answer"}).status_code == 404


def test_not_ours_hides_it_here_and_leaves_it_to_the_operators(pen: Pen) -> None:
    message = pen.hold(sender=pen.office)
    client = pen.client(pen.scene.coordinator)
    assert client.post(pen.url(message) + "/not-ours").status_code == 303
    assert "Mail that may belong here" not in client.get(pen.replies_url).text
    assert pen.state_of(message) is HELD
    assert message in pen.client(pen.operator).get("/desk/mail/held").text


def test_sender_is_shown_as_what_it_is(pen: Pen) -> None:
    forged = f'"{pen.office}\u202e" <office@justlce.example.net>'
    page = pen.client(pen.operator).get(f"/desk/mail/held/{pen.hold(sender=forged)}").text
    assert "&lt;office@justlce.example.net&gt;" in page
    assert "Anybody can write any sender into a mail" in page
    assert "\u202e" not in page


def test_only_operators_enter_the_pen(pen: Pen) -> None:
    message = pen.hold()
    for organiser, status in ((pen.scene.owner, 403), (pen.operator, 200)):
        client = pen.client(organiser)
        assert client.get("/desk/mail/held").status_code == status
        assert client.get(f"/desk/mail/held/{message}").status_code == status
    assert pen.client(pen.scene.owner).post(f"/desk/mail/held/{message}/discard").status_code == 403


def test_operator_offers_by_published_statements_only(pen: Pen) -> None:
    message = pen.hold(sender="stranger@gmail.com", subject="Hello")
    client = pen.client(pen.operator)
    page = client.get(f"/desk/mail/held/{message}").text
    assert pen.scene.statement.public_id in page
    assert "Which letter does it answer?" not in page, "an operator of no campaign files nothing"
    assert pen.office not in page
    assert client.post(f"/desk/mail/held/{message}/offer", data={"statement": "x" * 20}).status_code == 422
    pen.offer(message, pen.scene)
    assert "An operator thinks" in pen.client(pen.scene.coordinator).get(pen.replies_url).text
    theirs = f"/desk/campaigns/{pen.other.campaign.public_id}/replies"
    assert "An operator thinks" not in pen.client(pen.other.coordinator).get(theirs).text
    with pen.database.reading() as session:
        assert len(session.scalars(select(Mail).where(Mail.kind == "new replies")).all()) == 2


def test_operator_of_no_campaign_can_not_file(pen: Pen) -> None:
    message = pen.hold(sender=pen.office)
    answer = {"delivery": pen.delivery, "kind": "answer"}
    assert pen.client(pen.operator).post(f"/desk/mail/held/{message}/filing", data=answer).status_code == 422
    assert pen.state_of(message) is HELD


def test_operator_who_records_replies_files(pen: Pen) -> None:
    message = pen.hold(sender="stranger@gmail.com")
    with pen.app.app_context(), pen.database.writing() as session:
        found = session.scalars(select(Organiser).where(Organiser.public_id == pen.scene.owner.public_id)).one()
        found.is_operator = True
    answer = {"delivery": pen.delivery, "kind": "answer"}
    client = pen.client(pen.scene.owner)
    assert client.post(f"/desk/mail/held/{message}/filing", data=answer).status_code == 303
    assert pen.state_of(message) is FILED


def test_discarding_needs_a_tick_and_can_be_taken_back(pen: Pen) -> None:
    message = pen.hold(subject="Cheap watches")
    client = pen.client(pen.operator)
    url = f"/desk/mail/held/{message}"
    refused = client.post(f"{url}/discard", data={})
    assert refused.status_code == 422
    assert client.post(f"{url}/discard", data={"understood": "y"}).status_code == 303
    assert pen.state_of(message) is DISCARDED
    assert message not in client.get("/desk/mail/held").text
    assert "Cheap watches" in client.get("/desk/mail/held/discarded").text
    assert client.post(f"{url}/discard", data={"understood": "y"}).status_code == 409
    assert client.post(f"{url}/back").status_code == 303
    assert pen.state_of(message) is HELD
    with pen.app.app_context(), pen.database.reading() as session:
        said = [entry.action for entry in history_of(session, message)]
    assert said == ["mail.taken back", "mail.discarded"]


def test_mail_is_text_and_its_files_are_only_saved(pen: Pen) -> None:
    message = pen.hold(sender=pen.office, text="\n", html=HARM, files={"paper.html": b"<script>alert(3)</script>"})
    client = pen.client(pen.scene.coordinator)
    page = client.get(pen.url(message)).text
    assert "<script>" not in page
    assert "onerror" not in page
    for url in (f"{pen.url(message)}/attachments/0", f"{pen.url(message)}/message.eml"):
        response = client.get(url)
        assert response.mimetype == "application/octet-stream"
        assert response.headers["Content-Disposition"].startswith("attachment;")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert client.get(f"{pen.url(message)}/attachments/0").data == b"<script>alert(3)</script>"
    for number in ("1", "-1", "x", "٣", "9" * 30):
        assert client.get(f"{pen.url(message)}/attachments/{number}").status_code == 404


def test_filed_mail_is_read_classified_and_put_back(pen: Pen) -> None:
    with pen.app.app_context(), pen.database.writing() as session:
        text = "We agree.\n\nOn Mon, 23 Nov 2026 at 10:00, Ana <a@example.org> wrote:\n> Our appeal\n"
        letter = session.scalars(select(Mail.message_id).where(Mail.kind == "appeal letter")).first()
        raw = write_message(sender="x@e.example.com", text=text, refers_to=letter or "", files={"letter.pdf": b"%PDF"})
        message = make_inbound(session, raw)
        match(session, incoming(session, message, [InboundState.WAITING], "test"))
        reply = session.scalars(select(Reply.public_id)).one()
    client = pen.client(pen.scene.coordinator)
    listed = client.get(pen.replies_url).text
    assert "Not read yet" in listed
    assert "We agree." not in listed
    page = client.get(f"/desk/replies/{reply}").text
    assert "another domain than the address that we wrote to" in page
    assert page.index("We agree.") < page.index("<details>") < page.index("Our appeal")
    assert client.get(f"/desk/replies/{reply}/attachments/0").data == b"%PDF"
    assert client.get(f"/desk/replies/{reply}/message.eml").data == raw
    assert client.post(f"/desk/replies/{reply}", data={"received_on": "2026-11-20"}).status_code == 422
    said = {"kind": "answer", "received_on": "2026-11-20", "public_summary": "They agree."}
    assert client.post(f"/desk/replies/{reply}", data=said).status_code == 303
    assert "They agree." in pen.app.test_client().get(f"/statements/{pen.scene.statement.slug}").text
    assert client.post(f"/desk/replies/{reply}/back").status_code == 303
    assert pen.state_of(message) is HELD
    assert "They agree." not in pen.app.test_client().get(f"/statements/{pen.scene.statement.slug}").text
    for url in (f"/desk/replies/{reply}", f"/desk/replies/{reply}/attachments/0"):
        assert pen.client(pen.scene.approver).get(url).status_code == 404, "it is gone"


def _subject_of(session: Session, delivery: str) -> str:
    row = session.scalars(select(Delivery).where(Delivery.public_id == delivery)).one()
    return letters_by_id(session, [row.letter_id], "test")[row.letter_id].subject


def test_lists_hold_as_many_as_there_are(pen: Pen) -> None:
    for number in range(60):
        pen.hold(sender=pen.office, subject=f"Letter {number}")
    client = pen.client(pen.operator)
    first = client.get("/desk/mail/held").text
    assert "Letter 59" in first
    assert "Letter 5<" not in first
    assert "Next page" in first
    assert "60 mails came in" in pen.client(pen.scene.coordinator).get(pen.replies_url).text


def test_desk_says_that_a_reply_waits_and_leads_there(pen: Pen) -> None:
    with pen.app.app_context(), pen.database.writing() as session:
        letter = session.scalars(select(Mail.message_id).where(Mail.kind == "appeal letter")).first()
        message = make_inbound(session, write_message(refers_to=letter or ""))
        match(session, incoming(session, message, [InboundState.WAITING], "test"))
    client = pen.client(pen.scene.coordinator)
    assert "1 reply waits to be read" in client.get("/desk").text
    url = f"/desk/statements/{pen.scene.statement.public_id}/replies"
    assert url in client.get("/desk").text
    assert client.get(url).location == pen.replies_url
    assert "waits to be read" not in pen.client(pen.scene.approver).get("/desk").text
