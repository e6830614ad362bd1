"""What was typed survives an ended session on every form of the desk: each is interrupted and comes back filled in."""

import html
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.exceptions import HTTPException
from wtforms import PasswordField

from app.accounts.models import Organiser
from app.base.database import Base, Database
from app.base.forms import Form
from app.base.parts import parts_of
from app.base.second_look import SECRET_NAME
from app.campaigns.models import Campaign
from app.demonstration.load import load
from config import Settings
from tests.architecture import rows
from tests.architecture.crawling import crawl
from tests.architecture.forms_in_pages import PageForm, PageInput, forms_in
from tests.factories.accounts import sign_in
from tests.factories.institutions import make_institution, make_recipient
from tests.factories.statements import make_annex, make_statement
from tests.servers.smtp import SmtpServer

# What signing in writes by itself.
BY_SIGNING_IN = {"organiser_sessions"}
NOWHERE = "a" * 20
PAGES_PER_RULE = 2
MARKS = {"csrf_token", "typed_by"}
# Forms that no page of the demonstration shows in its present state, and what people write into them. They are sent to
# rows that don't exist: even the page that says so gives the words back.
ELSEWHERE: dict[str, tuple[str, ...]] = {
    "/desk/account/second-factor/passkeys/<factor>/remove": (),
    "/desk/account/second-factor/passkeys/new": ("name",),
    "/desk/account/second-factor/recovery-codes": (),
    "/desk/confirm": (),
    "/desk/appeals/<appeal>/approval": ("note",),
    "/desk/appeals/<appeal>/letters/<letter>/edit": ("subject", "salutation", "text", "seen"),
    "/desk/appeals/<appeal>/public-copies": (),
    "/desk/appeals/<appeal>/release": (),
    "/desk/campaigns/<campaign>/exports/<export>/drop": (),
    "/desk/campaigns/<campaign>/exports/<export>/go-on": (),
    "/desk/campaigns/<campaign>/signatories/export.csv": (),
    "/desk/campaigns/<campaign>/signatories/imports/<upload>/answers": ("name-0",),
    "/desk/campaigns/<campaign>/signatories/imports/<upload>/edits": ("mend-2-name",),
    "/desk/campaigns/<campaign>/signatories/imports/<upload>/apply": (),
    "/desk/campaigns/<campaign>/signatories/imports/<upload>/columns": ("credential",),
    "/desk/campaigns/<campaign>/signatories/imports/<upload>/compare": (),
    "/desk/campaigns/<campaign>/signatories/imports/<upload>/discard": (),
    "/desk/campaigns/<campaign>/signatories/imports/<upload>/go-on": (),
    "/desk/campaigns/<campaign>/signatories/imports/<upload>/left-out.csv": (),
    "/desk/campaigns/<campaign>/signatories/imports/<upload>/left-out/delete": (),
    "/desk/campaigns/<campaign>/signatories/imports/<upload>/look": (),
    "/desk/campaigns/<campaign>/signatories/imports/<upload>/stop": (),
    "/desk/campaigns/<campaign>/signatories/imports/<upload>/undo": (),
    "/desk/campaigns/<campaign>/updates/<update>/discard": (),
    "/desk/campaigns/<campaign>/updates/<update>/publish": (),
    "/desk/campaigns/<campaign>/updates/<update>/stop": (),
    "/desk/campaigns/<public_id>/text/<language>/remove": (),
    "/desk/confirmations/<campaign>/<member>": (),
    "/desk/deliveries/<delivery>/again": (),
    "/desk/deliveries/<delivery>/ruling": ("evidence",),
    "/desk/institutions/lists/<register>/answers": ("pattern-en-neutral",),
    "/desk/institutions/lists/<register>/apply": (),
    "/desk/institutions/lists/<register>/columns": ("name", "group"),
    "/desk/institutions/lists/<register>/discard": (),
    "/desk/institutions/lists/<register>/edits": ("mend-2-email",),
    "/desk/institutions/lists/<register>/left-out/delete": (),
    "/desk/institutions/lists/<register>/look": (),
    "/desk/mail/held/<message>/back": (),
    "/desk/mail/mails/<mail>/answers": ("reason",),
    "/desk/mail/mails/<mail>/ruling": ("evidence",),
    "/desk/organisers/<public_id>/enable": (),
    "/desk/organisers/<public_id>/second-factor": (),
    "/desk/statements/<statement>/addressees/<institution>/groups": (),
    "/desk/statements/<statement>/appeal/stop": (),
    "/desk/statements/<statement>/delivered": (),
    "/desk/statements/<statement>/invitations/<invitation>/address/works": (),
    "/desk/statements/<statement>/invitations/orders/<order>/stop": (),
    "/desk/statements/<statement>/invitations/prepare/stop": (),
    "/desk/statements/<statement>/people.csv": (),
    "/desk/statements/<statement>/recipients/accept": (),
    "/desk/statements/<statement>/signatories.csv": (),
}


@pytest.fixture
def settings(settings: Settings, smtp_server: SmtpServer) -> Settings:
    """Settings with a relay that takes mail: the demonstration hands an appeal over."""
    return replace(settings, mail_url=smtp_server.url)


@pytest.fixture
def lively(app: Flask) -> Flask:
    """The application with the demonstration, and a draft with a recipient to decide about."""
    load(app)
    with app.app_context(), _database(app).writing() as session:
        campaign = session.scalars(select(Campaign).order_by(Campaign.id)).first()
        institution = make_institution(session)
        make_annex(session, make_statement(session, campaign, opened=False, institutions=[institution]))
        make_recipient(session, institution)
    return app


def _database(app: Flask) -> Database:
    found: Database = parts_of(app).database
    return found


def _owner(app: Flask, client: FlaskClient | None = None) -> FlaskClient:
    with _database(app).reading() as session:
        owner = session.scalars(select(Organiser).order_by(Organiser.id)).first()
        assert owner is not None
        return sign_in(client or app.test_client(), app, owner)


def _rule_of(app: Flask, path: str) -> str:
    try:
        rule, _values = app.url_map.bind("localhost").match(urlsplit(path).path, method="POST", return_rule=True)
    except HTTPException:
        return ""
    return str(rule.rule)


def _forms_shown(app: Flask) -> dict[str, PageForm]:
    """Return a form for each address of the desk that the owner's pages post to."""
    owner, found = _owner(app), dict[str, PageForm]()
    for visit in list(crawl(app, owner, ["/desk"], most=PAGES_PER_RULE)):
        page = owner.get(visit.path)
        page.close()
        if page.mimetype == "text/html" and visit.path.startswith("/desk"):
            for form in forms_in(page.text, visit.path):
                rule = _rule_of(app, form.action)
                if rule.startswith("/desk") and len(form.inputs) > len(found.get(rule, PageForm("")).inputs):
                    found[rule] = form
    return found


def _forms_elsewhere(app: Flask, mark: PageInput) -> Iterator[tuple[str, PageForm]]:
    for rule, names in ELSEWHERE.items():
        path = "/".join(NOWHERE if part.startswith("<") else part for part in rule.split("/"))
        assert _rule_of(app, path) == rule
        yield rule, PageForm(path, [mark, *(PageInput(name, "textarea") for name in names)])


def _shown_again(app: Flask, form: PageForm) -> list[str]:
    """Send a form after the session has ended, sign in, and say what is not as it should be."""
    sent, words = form.filled_in()
    client, faults = app.test_client(), []
    page = client.post(form.action, data=sent)
    if all(name in MARKS or SECRET_NAME.search(name) for name in sent):
        return [] if (page.status_code, urlsplit(page.location).path) == (303, "/sign-in") else ["no way to sign in"]
    if page.status_code != 401:
        return [f"{page.status_code} where signing in was to be asked"]
    (asked,) = forms_in(page.text, form.action)
    if asked.action != form.action:
        faults.append(f"it signs in at {asked.action}")
    if any(html.escape(text, quote=False) in page.text for text in words.values()):
        faults.append("what was typed stands open in the sign-in page")
    # Signed in in another tab: checking a password slowly a hundred times shows nothing more.
    back = _owner(app, client).post(asked.action, data={each.name: each.value for each in asked.inputs})
    said = html.unescape(back.text)
    kept = {name: text for name, text in words.items() if SECRET_NAME.search(name) is None}
    faults += [f"{name} is lost" for name, text in kept.items() if text not in said]
    faults += ["it is not said that nothing was done"] if "Nothing" not in said and "nothing" not in said else []
    return faults + (["the form crashed"] if back.status_code >= 500 else [])


def _looked_at_again(app: Flask, client: FlaskClient, form: PageForm) -> list[str]:
    """Send a form with the mark of an old session; it must do nothing and show itself filled in."""
    sent, words = form.filled_in()
    app.config["WTF_CSRF_ENABLED"] = True
    page = client.post(form.action, data=sent | {"csrf_token": "of an old session"})
    app.config["WTF_CSRF_ENABLED"] = False
    said = html.unescape(page.text)
    faults = [f"{name} is lost to an old mark" for name, text in words.items() if text not in said]
    return faults + ([] if page.status_code in {403, 404, 409, 422} else [f"an old mark: {page.status_code}"])


def test_every_form_of_the_desk_survives_an_ended_session_and_a_lapsed_mark(lively: Flask) -> None:
    """Both at once, since reading every page takes half a minute."""
    shown = _forms_shown(lively)
    every = {
        rule.rule
        for rule in lively.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.rule.startswith("/desk")
    }
    assert every - set(shown) == set(ELSEWHERE)
    mark = next(each for each in shown["/desk/account"].inputs if each.name == "typed_by")
    client, before = _owner(lively), rows.contents(_database(lively).engine, Base.metadata)
    faults: dict[str, list[str]] = {}
    for rule, form in sorted([*shown.items(), *_forms_elsewhere(lively, mark)], key=lambda each: each[0]):
        found = _shown_again(lively, form) + _looked_at_again(lively, client, form)
        faults |= {rule: found} if found else {}
    assert faults == {}
    after = rows.contents(_database(lively).engine, Base.metadata)
    assert set(rows.changed_tables(before, after)) - BY_SIGNING_IN == set()


@pytest.mark.usefixtures("app")  # which knows every form
def test_no_form_carries_a_secret() -> None:
    """Every password field has a name that is left out of what is kept."""

    def every(kind: type[Form]) -> Iterator[type[Form]]:
        yield kind
        for narrower in kind.__subclasses__():
            yield from every(narrower)

    secrets = {
        name
        for kind in every(Form)
        for name, field in vars(kind).items()
        if issubclass(getattr(field, "field_class", object), PasswordField)
    }
    assert secrets >= {"password", "current_password"}
    assert [name for name in secrets if SECRET_NAME.search(name) is None] == []
