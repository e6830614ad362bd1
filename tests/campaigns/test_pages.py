"""The pages that describe a campaign: texts, settings, convenors, chronology."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Organiser
from app.audit.queries import history_of_campaign
from app.base.database import Database
from app.campaigns.actions import publish
from app.campaigns.models import Campaign, CampaignText, ChronologyEntry, Convenor, Precision
from app.campaigns.queries import slug_of, texts_of
from tests.factories.accounts import make_organiser, sign_in
from tests.factories.campaigns import make_campaign

TITLE = "Keep the archive open"


@pytest.fixture
def owner(app: Flask, database: Database) -> Organiser:
    with app.app_context(), database.writing() as session:
        return make_organiser(session, "Olha Owner")


@pytest.fixture
def campaign(app: Flask, database: Database, owner: Organiser) -> Campaign:
    with app.app_context(), database.writing() as session:
        return make_campaign(session, owner, title=TITLE)


@pytest.fixture
def desk(client: FlaskClient, app: Flask, owner: Organiser) -> FlaskClient:
    return sign_in(client, app, owner)


def _path(campaign: Campaign, rest: str) -> str:
    return f"/desk/campaigns/{campaign.public_id}/{rest}"


def _actions(database: Database, campaign: Campaign) -> list[str]:
    with database.reading() as session:
        return [entry.action for entry in history_of_campaign(session, campaign.public_id)]


def _stored(database: Database, table: type[Convenor] | type[ChronologyEntry]) -> list[Convenor | ChronologyEntry]:
    with database.reading() as session:
        return list(session.scalars(select(table).order_by(table.id)))


def test_a_new_campaign_belongs_to_its_maker(desk: FlaskClient, database: Database, owner: Organiser) -> None:
    answer = desk.post(
        "/desk/campaigns/new", data={"title": "Архів мусить жити", "language": "uk", "summary": "**Так.**"}
    )
    assert answer.status_code == 303
    with database.reading() as session:
        created = session.scalars(select(Campaign)).one()
        assert (slug_of(session, created), created.language) == ("arkhiv-musit-zhiti", "uk")
        assert created.published_at is None
    page = desk.get(_path(created, "edit")).text
    assert '<h3 lang="uk" dir="ltr">Архів мусить жити</h3>' in page
    assert "<strong>Так.</strong>" in page
    assert desk.get(_path(created, "members")).status_code == 200


@pytest.mark.parametrize("title", ["", "  ", "x" * 201, "two\nlines", "nul\x00", "turned\u202eround"])
def test_a_bad_title_is_refused_and_the_rest_kept(desk: FlaskClient, database: Database, title: str) -> None:
    answer = desk.post("/desk/campaigns/new", data={"title": title, "language": "uk", "summary": "what I typed"})
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert "what I typed" in answer.text
    assert '<option selected value="uk">' in answer.text
    with database.reading() as session:
        assert session.scalar(select(Campaign)) is None


def test_a_campaign_can_be_made_only_by_those_who_may(client: FlaskClient, app: Flask, database: Database) -> None:
    with app.app_context(), database.writing() as session:
        helper = make_organiser(session, may_create_campaigns=False)
    sign_in(client, app, helper)
    assert client.get("/desk/campaigns/new").status_code == 403
    assert client.post("/desk/campaigns/new", data={"title": TITLE, "language": "en"}).status_code == 403


def test_settings_are_saved(desk: FlaskClient, database: Database, campaign: Campaign) -> None:
    data = {"slug": "open-archive", "language": "en", "press_contact": "Nino, +995 32 123"}
    assert desk.post(_path(campaign, "edit"), data=data).status_code == 303
    page = desk.get(_path(campaign, "edit")).text
    assert "http://localhost/campaigns/open-archive" in page
    assert "Nino, +995 32 123" in page
    assert _actions(database, campaign)[0] == "campaign.settings changed"


@pytest.mark.parametrize("slug", ["Öffnen", "UPPER", "-a", "a--b", "a b", "../desk", "x" * 81, "a/b"])
def test_an_unfit_address_is_refused(desk: FlaskClient, campaign: Campaign, slug: str) -> None:
    answer = desk.post(_path(campaign, "edit"), data={"slug": slug, "language": "en", "press_contact": "kept"})
    assert answer.status_code == 422
    assert "kept" in answer.text
    assert f'value="{slug}"' in answer.text


def test_an_address_that_another_campaign_has_is_refused(
    desk: FlaskClient, app: Flask, database: Database, campaign: Campaign
) -> None:
    with app.app_context(), database.writing() as session:
        make_campaign(session, slug="taken")
    answer = desk.post(_path(campaign, "edit"), data={"slug": "taken", "language": "en"})
    assert answer.status_code == 409
    assert "Another campaign has this address." in answer.text


def test_the_address_is_fixed_once_published(
    desk: FlaskClient, app: Flask, database: Database, campaign: Campaign
) -> None:
    with app.app_context(), database.writing() as session:
        publish(session, campaign.id)
        slug = session.scalars(select(Campaign.slug)).one()
    assert 'id="slug"' not in desk.get(_path(campaign, "edit")).text
    answer = desk.post(_path(campaign, "edit"), data={"slug": "moved", "language": "en", "press_contact": "desk"})
    assert answer.status_code == 409
    assert "can’t change any more" in answer.text
    with database.reading() as session:
        assert session.scalar(select(Campaign.slug)) == slug
    data = {"slug": slug, "language": "en", "press_contact": "desk"}
    assert desk.post(_path(campaign, "edit"), data=data).status_code == 303


def test_another_language_is_written_beside_the_main_one(
    desk: FlaskClient, database: Database, campaign: Campaign
) -> None:
    chosen = desk.get(_path(campaign, "text?language=fa"))
    assert chosen.location == _path(campaign, "text/fa")
    form = desk.get(chosen.location).text
    assert 'lang="en" dir="ltr"><h3>Keep the archive open</h3>' in form
    data = {"title": "بایگانی را باز نگه دارید", "summary": "", "mark": _mark(form)}
    assert desk.post(chosen.location, data=data).status_code == 303
    page = desk.get(_path(campaign, "edit")).text
    assert '<h3 lang="fa" dir="rtl">بایگانی را باز نگه دارید</h3>' in page
    assert desk.post(_path(campaign, "text/fa/remove")).status_code == 303
    assert desk.post(_path(campaign, "text/en/remove")).status_code == 409
    with database.reading() as session:
        assert list(session.scalars(select(CampaignText.language))) == ["en"]


def test_unknown_languages_are_no_page(desk: FlaskClient, campaign: Campaign) -> None:
    assert desk.get(_path(campaign, "text/tlh")).status_code == 404
    assert desk.post(_path(campaign, "text/tlh"), data={"title": "x", "mark": ""}).status_code == 404


def test_a_text_that_a_colleague_changed_meanwhile_is_not_overwritten(
    desk: FlaskClient, database: Database, campaign: Campaign
) -> None:
    mine = _mark(desk.get(_path(campaign, "text/en")).text)
    desk.post(_path(campaign, "text/en"), data={"title": "Theirs", "summary": "Their words", "mark": mine})
    answer = desk.post(_path(campaign, "text/en"), data={"title": "Mine", "summary": "My words", "mark": mine})
    assert answer.status_code == 409
    assert "A colleague has changed this text" in answer.text
    assert 'value="Mine"' in answer.text
    assert "My words" in answer.text
    assert "Their words" in answer.text
    again = {"title": "Mine", "summary": "My words", "mark": _mark(answer.text)}
    assert desk.post(_path(campaign, "text/en"), data=again).status_code == 303
    with database.reading() as session:
        assert texts_of(session, campaign)["en"].title == "Mine"


def _mark(page: str) -> str:
    return page.split('name="mark" value="')[1].split('"')[0]


def test_convenors_are_added_ordered_changed_and_removed(
    desk: FlaskClient, database: Database, campaign: Campaign
) -> None:
    for name in ("First House", "Second Circle", "Third & Fourth"):
        data = {"name": name, "description": "legal aid", "website": "https://example.org/ä"}
        assert desk.post(_path(campaign, "convenors/new"), data=data).status_code == 303
    third = _stored(database, Convenor)[2].public_id
    assert desk.post(_path(campaign, f"convenors/{third}/up")).status_code == 303
    assert desk.post(_path(campaign, f"convenors/{third}/up")).status_code == 303
    assert desk.post(_path(campaign, f"convenors/{third}/up")).status_code == 303
    page = desk.get(_path(campaign, "convenors")).text
    assert page.index("Third &amp; Fourth") < page.index("First House") < page.index("Second Circle")
    assert desk.post(_path(campaign, f"convenors/{third}"), data={"name": "Third House"}).status_code == 303
    assert "Third House" in desk.get(_path(campaign, f"convenors/{third}")).text
    assert desk.post(_path(campaign, f"convenors/{third}/remove")).status_code == 303
    assert desk.post(_path(campaign, f"convenors/{third}/remove")).status_code == 404
    assert "Third House" not in desk.get(_path(campaign, "convenors")).text
    assert _actions(database, campaign)[:3] == ["convenor.removed", "convenor.changed", "convenor.moved up"]


@pytest.mark.parametrize(
    "website", ["javascript:alert(1)", "ftp://example.org", "example.org", "https://", "https://a b.c"]
)
def test_a_link_that_is_no_web_address_is_refused(desk: FlaskClient, campaign: Campaign, website: str) -> None:
    answer = desk.post(_path(campaign, "convenors/new"), data={"name": "House", "website": website})
    assert answer.status_code == 422
    assert "is not a complete web address" in answer.text
    assert 'value="House"' in answer.text


@pytest.mark.parametrize(
    ("typed", "shown", "precision"),
    [("2019-10-01", "1 October 2019", Precision.DAY), ("2019-10", "October 2019", Precision.MONTH),
     ("2013", "2013", Precision.YEAR), (" 2019-1-5 ", "5 January 2019", Precision.DAY)],
)  # fmt: skip
def test_an_event_is_dated_as_exactly_as_it_is_known(
    desk: FlaskClient, database: Database, campaign: Campaign, typed: str, shown: str, precision: Precision
) -> None:
    data = {"date": typed, "text": "The search.", "language": "en", "source_url": "https://example.org/a"}
    assert desk.post(_path(campaign, "chronology/new"), data=data).status_code == 303
    (event,) = _stored(database, ChronologyEntry)
    assert isinstance(event, ChronologyEntry)
    assert event.precision == precision
    page = desk.get(_path(campaign, "chronology")).text
    assert f">{shown}</time>" in page
    form = desk.get(_path(campaign, f"chronology/{event.public_id}")).text
    assert "The search.</textarea>" in form
    again = {**data, "date": form.split('id="date"')[1].split('value="')[1].split('"')[0]}
    assert desk.post(_path(campaign, f"chronology/{event.public_id}"), data=again).status_code == 303
    assert f">{shown}</time>" in desk.get(_path(campaign, "chronology")).text
    assert desk.post(_path(campaign, f"chronology/{event.public_id}/remove")).status_code == 303
    assert "There is no event yet." in desk.get(_path(campaign, "chronology")).text


@pytest.mark.parametrize(
    "typed", ["", "yesterday", "2019-13", "2019-02-30", "01.10.2019", "0000", "19", "2019-10-01T00"]
)
def test_a_date_that_is_none_is_refused_with_an_example(desk: FlaskClient, campaign: Campaign, typed: str) -> None:
    data = {"date": typed, "text": "what I typed", "language": "en"}
    answer = desk.post(_path(campaign, "chronology/new"), data=data)
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert "what I typed" in answer.text


def test_markdown_of_an_event_runs_nothing(desk: FlaskClient, campaign: Campaign) -> None:
    text = "<script>alert(1)</script> [x](javascript:alert(1)) **bold**"
    desk.post(_path(campaign, "chronology/new"), data={"date": "2019", "text": text, "language": "en"})
    page = desk.get(_path(campaign, "chronology")).text
    assert "<script" not in page
    assert 'href="javascript' not in page
    assert "<strong>bold</strong>" in page


def test_the_current_tab_is_marked_also_on_pages_below_it(desk: FlaskClient, campaign: Campaign) -> None:
    page = desk.get(_path(campaign, "chronology/new")).text
    assert f'<a href="{_path(campaign, "chronology")}" aria-current="page">Chronology</a>' in page
    assert page.count('aria-current="page"') == 1
