"""Law 2, after signing: what somebody with a link does to a signature is told to its owner, with a way back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from app.base.links import LinkPurpose, make_token
from app.base.parts import parts_of
from app.mail.registry import RenderedMail
from app.signatures.states import OwnersWord
from app.statements.models import Statement
from app.visibility.states import Visibility
from tests.accounts.outbox import rendered_mails
from tests.signatures.changing import change_url, say, told, wish
from tests.signatures.scene import Invited, every_row, invite

NAME, LINE = "Halyna Kovalenko", "Keeper of the card index"


@pytest.fixture(params=["counted", "institution", "public", "pseudonym"])
def owner(request: pytest.FixtureRequest, app: Flask) -> Invited:
    guest = invite(app, name=NAME, email="hkov@example.net", country="UA")
    guest.sign(request.param, name=NAME, public_line=LINE, country="UA", pseudonym="Night reader")
    return guest


@pytest.fixture
def counted(app: Flask) -> Invited:
    guest = invite(app, name=NAME, email="hkov@example.net")
    guest.sign("counted", name=NAME, public_line=LINE)
    return guest


def _visibility(to: str) -> Callable[[Invited], object]:
    return lambda holder: wish(holder, "visibility", visibility=to, pseudonym="Morning writer")


ATTACKS: dict[str, Callable[[Invited], object]] = {
    **{f"show it as {to}": _visibility(to) for to in Visibility},
    "rename": lambda holder: wish(holder, "line", name="Mickey Mouse", public_line=LINE, country="UA"),
    "respell": lambda holder: wish(holder, "line", name="Halina Kovalenko", public_line=LINE, country="UA"),
    "another line": lambda holder: wish(holder, "line", name=NAME, public_line="Friend of the minister", country=""),
}


def _public(owner: Invited) -> str:
    with owner.app.app_context(), parts_of(owner.app).database.reading() as session:
        slug = session.get_one(Statement, owner.statement_id).slug
    base, client = f"/statements/{slug}", owner.app.test_client()
    paths = (base, f"{base}/signatories", f"{base}/data.json", f"{base}/signatories.csv", "/")
    return "\n".join(client.get(path).text for path in paths)


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_is_changed_without_its_owner_being_told_and_all_of_it_can_be_taken_back(
    owner: Invited, attack: str
) -> None:
    before = [(one.visibility, one.identity) for one in owner.signatures()]
    public = _public(owner)
    rows = every_row(owner.app)
    ATTACKS[attack](owner)
    if every_row(owner.app) == rows:
        return  # it was so already
    mails = told(owner)
    assert mails
    assert all(mail.to_address == "hkov@example.net" for mail in mails)
    say(owner, OwnersWord.NO)
    for mail in (*mails, *told(owner)):
        _check_outside(mail)
    assert [(one.visibility, one.identity) for one in owner.signatures()] == before
    assert _public(owner) == public


def _check_outside(mail: RenderedMail) -> None:
    """Subjects and previews stand on locked screens and in the logs of mail servers."""
    preview = mail.html.split("max-height:0", 1)[1].split("</div>", 1)[0]
    telling = (NAME, "Mickey", LINE, "sign", "count", "public", "pseudonym", "institution", "visib", "appeal")
    assert not [each for each in telling if each.casefold() in (mail.subject + preview).casefold()]
    # Anybody who reads along in the mailbox must not learn which pseudonym belongs to it.
    assert "Night reader" not in mail.text + mail.html
    assert "Morning writer" not in mail.text + mail.html


@pytest.mark.parametrize("wished", list(Visibility))
def test_a_link_shows_nobody_more_than_before(owner: Invited, wished: str) -> None:
    """Whatever the link's holder tries, what readers can see only shrinks until the owner says yes by mail."""
    public, (signed,) = _public(owner), owner.signatures()
    showed_name, showed_pseudonym = NAME in public, "Night reader" in public
    _visibility(wished)(owner)
    after = _public(owner)
    assert (NAME in after) <= showed_name
    assert LINE not in after or LINE in public
    if not showed_name:
        assert "Morning writer" not in after
    assert ("Night reader" in after) <= showed_pseudonym
    (now,) = owner.signatures()
    assert now.visibility in {signed.visibility, Visibility.COUNTED, wished}


def test_the_link_that_says_yes_is_on_no_page(counted: Invited) -> None:
    """It is worth something because it goes to the owner's address and nowhere else."""
    wish(counted, "visibility", visibility="public")
    wish(counted, "line", name="Mickey Mouse", public_line="Other", country="")
    for path in (counted.url, counted.manage_url(), counted.manage_url() + "?saved=waits"):
        page = counted.client.get(path)
        assert "/m/changes/" not in page.text
        assert "hkov@example.net" not in page.text


def test_no_other_link_says_yes(counted: Invited) -> None:
    wish(counted, "visibility", visibility="public")
    public_id = change_url(counted).split("/")[-1].split("-")[0]
    with counted.app.app_context(), parts_of(counted.app).database.reading() as session:
        others = [make_token(session, each, public_id, 1) for each in LinkPurpose if each is not LinkPurpose.CHANGE]
        forged = [*others, make_token(session, LinkPurpose.CHANGE, public_id, 2)]
    for token in forged:
        assert counted.client.get(f"/m/changes/{token}").status_code == 404
        assert counted.client.post(f"/m/changes/{token}", data={"word": "yes"}).status_code == 404


def test_a_yes_needs_the_forms_own_mark(counted: Invited) -> None:
    wish(counted, "visibility", visibility="public")
    before, client = every_row(counted.app), counted.app.test_client()
    for data in ({"word": "yes"}, {"word": "yes", "form_token": "x", "seen": "x"}, {}):
        assert client.post(change_url(counted), data=data).status_code == 422
    assert every_row(counted.app) == before


def test_what_was_signed_is_told_as_it_appears(app: Flask) -> None:
    guest = invite(app, name=NAME)
    guest.sign("public", name="Mickey Mouse")
    (receipt,) = rendered_mails(app, "receipt")
    assert "Counted only" in receipt.text
    assert "Mickey Mouse\n" not in receipt.text.split("How your name appears", 1)[1]
