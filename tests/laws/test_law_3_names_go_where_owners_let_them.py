"""Law 3: one function decides who sees which name, and every output that exists obeys it.

Canaries are signed with each visibility; then every page, export and feed that can be reached by following links is
read as each audience, and every mail in the outbox is rendered.
"""

from __future__ import annotations

import html
import re
from collections import deque
from dataclasses import dataclass, field

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.base.links import LinkPurpose, make_token
from app.base.parts import parts_of
from app.base.sealing import Place, open_one
from app.campaigns.models import Campaign
from app.campaigns.states import Role
from app.mail.models import Mail
from app.mail.registry import RenderedMail
from app.mail.states import MailNotWanted
from app.signatures.emails import manage_token
from app.signatures.jobs import tell_signatories
from app.signatures.queries import signature
from app.visibility.states import Appearance, Audience, Identity, Visibility, shown
from tests.factories.accounts import sign_in
from tests.factories.campaigns import make_campaign, make_member
from tests.factories.invitations import make_invitation
from tests.factories.signatures import make_signature
from tests.factories.statements import make_statement

LINK = re.compile(r'(?:href|action)="(/[^"#]*)')
MOST_PAGES = 400
HIDDEN = ("institution", "counted", "pseudonym")


@dataclass
class Canaries:
    """An open statement signed once with each visibility, by names that stand nowhere else."""

    app: Flask
    slug: str = ""
    invited: str = ""
    co_signatory: str = ""
    campaign_id: int = 0
    pages: dict[str, str] = field(default_factory=dict)

    def as_role(self, role: Role) -> FlaskClient:
        with self.app.app_context(), parts_of(self.app).database.writing() as session:
            organiser = make_member(session, session.get_one(Campaign, self.campaign_id), role)
        return sign_in(self.app.test_client(), self.app, organiser)


def _name(visibility: str) -> str:
    return f"Realname{visibility.title()}Canary"


def _line(visibility: str) -> str:
    return f"Line{visibility.title()}Canary"


@pytest.fixture
def canaries(app: Flask) -> Canaries:
    found = Canaries(app)
    with app.app_context(), parts_of(app).database.writing() as session:
        campaign = make_campaign(session)
        statement = make_statement(session, campaign)
        for visibility in Visibility:
            invitation = make_invitation(
                session, statement, name=_name(visibility), email=f"{visibility}@canary.example"
            )
            signed = make_signature(
                session, invitation=invitation, visibility=visibility, public_line=_line(visibility), country="IS",
                pseudonym="AliasCanary" if visibility is Visibility.PSEUDONYM else "",
            )  # fmt: skip
            if visibility is Visibility.PUBLIC:
                opened = signature(session, signed.public_id)
                assert opened is not None
                found.co_signatory = f"/m/{manage_token(session, opened, 1)}"
        silent = make_invitation(session, statement, name="Somebody Else")
        token = make_token(session, LinkPurpose.INVITATION, silent.public_id, 1)
        found.slug, found.invited, found.campaign_id = statement.slug, f"/i/{token}", campaign.id
    return found


def _read_everything(client: FlaskClient, *starts: str) -> dict[str, str]:
    """Follow every link on this site from some pages on and return what each address says, headers too."""
    waiting, found = deque(starts), dict.fromkeys(starts, "")
    while waiting and len(found) < MOST_PAGES:
        path = waiting.popleft()
        answer = client.get(path)
        found[path] = f"{answer.headers}\n{answer.get_data(as_text=True)}"
        if answer.status_code in {301, 302, 303} and answer.location and answer.location.startswith("/"):
            _wait(waiting, found, answer.location)
        if answer.mimetype == "text/html":
            for link in LINK.findall(answer.text):
                _wait(waiting, found, html.unescape(link))
    return found


def _wait(waiting: deque[str], found: dict[str, str], link: str) -> None:
    if link not in found and not link.startswith("/static/"):
        found[link] = ""
        waiting.append(link)


def _told(pages: dict[str, str], *words: str) -> set[tuple[str, str]]:
    return {(path, word) for path, page in pages.items() for word in words if word in page}


def _secrets(*visibilities: str) -> list[str]:
    return [word for each in visibilities for word in (_name(each), _line(each), f"{each}@canary.example")]


@pytest.mark.parametrize("audience", list(Audience))
@pytest.mark.parametrize("visibility", list(Visibility))
def test_the_function_itself(visibility: Visibility, audience: Audience) -> None:
    identity = Identity("Name", "Line", "IS", "Pseudonym")
    named, masked = Appearance("Name", "Line", "IS"), Appearance("Pseudonym", is_pseudonym=True)
    seen = shown(visibility, audience, identity)
    if audience is Audience.OPERATOR:
        expected = None
    elif audience is Audience.COORDINATOR or visibility is Visibility.PUBLIC:
        expected = named
    elif visibility is Visibility.PSEUDONYM:
        expected = masked
    elif visibility is Visibility.INSTITUTION and audience in {Audience.ADDRESSEE, Audience.APPROVER}:
        expected = named
    else:
        expected = None
    assert seen == expected


def test_readers_invited_and_co_signatories_see_what_the_public_may(canaries: Canaries) -> None:
    base = f"/statements/{canaries.slug}"
    exports = [f"{base}/data.json", f"{base}/signatories.csv", f"{base}/signatories", f"{base}/my-signature"]
    pages = _read_everything(canaries.app.test_client(), "/", base, canaries.invited, canaries.co_signatory, *exports)
    assert len(pages) >= 10
    assert _told(pages, *_secrets(*HIDDEN)) == set()
    for path in (base, canaries.invited, f"{base}/signatories.csv"):
        assert _name("public") in pages[path], path
        assert "AliasCanary" in pages[path], path
    # No address, not even of somebody public, is shown to anybody but its owner's organisers.
    assert _told(pages, "public@canary.example") == set()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
def test_viewers_and_editors_see_no_more_than_the_public(canaries: Canaries, role: Role) -> None:
    pages = _read_everything(canaries.as_role(role), "/desk")
    assert len(pages) >= 5
    assert _told(pages, *_secrets(*HIDDEN), "public@canary.example") == set()


def test_an_approver_sees_what_the_addressee_sees(canaries: Canaries) -> None:
    pages = _read_everything(canaries.as_role(Role.APPROVER), "/desk")
    assert _told(pages, *_secrets("counted", "pseudonym"), "institution@canary.example") == set()


def test_a_coordinator_sees_everybody(canaries: Canaries) -> None:
    pages = _read_everything(canaries.as_role(Role.COORDINATOR), "/desk")
    assert {word for _path, word in _told(pages, *[_name(each) for each in Visibility])} == {
        _name(each) for each in Visibility
    }


def test_a_mail_names_nobody_but_its_reader(canaries: Canaries) -> None:
    app = canaries.app
    rendered: list[RenderedMail] = []
    tell_signatories(app)
    with app.app_context(), parts_of(app).database.reading() as session:
        for mail in session.scalars(select(Mail).order_by(Mail.id)):
            place = Place("mails", "references_sealed", mail.public_id)
            references = open_one(session, place, mail.references_sealed, "test")
            try:
                found = parts_of(app).mail_kinds.kind(mail.kind).render(session, references)
            except MailNotWanted:
                continue
            assert isinstance(found, RenderedMail)
            rendered.append(found)
    assert len(rendered) >= 9
    for mail_ in rendered:
        whole = "\n".join((mail_.subject, mail_.text, mail_.html, *mail_.headers.values()))
        others = [_name(each) for each in Visibility if f"{each}@" not in mail_.to_address]
        assert [name for name in others if name in whole] == []
        # Anybody who reads along must not learn which pseudonym belongs to which address.
        assert "AliasCanary" not in whole
        assert "Canary" not in mail_.subject
