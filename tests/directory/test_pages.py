"""The desk's pages of the directory: who sees it, what they find, and that nothing typed is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.base.database import Database
from app.base.parts import parts_of
from app.campaigns.models import Campaign
from app.campaigns.states import Role
from app.directory.queries import every_entry, list_groups
from app.directory.states import Details
from tests.factories.accounts import make_organiser, sign_in
from tests.factories.campaigns import make_campaign, make_member
from tests.factories.directory import make_signatories, make_signatory

LONGEST = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh von und zu Hohenlohe-Waldenburg-Schillingsfürst"


class Desk:
    """An owner at their desk, with a campaign of their own."""

    def __init__(self, app: Flask, client: FlaskClient) -> None:
        self.app, self.client = app, client
        self.database: Database = parts_of(app).database
        with app.app_context(), self.database.writing() as session:
            self.owner = make_organiser(session, "Olga Owner")
            self.campaign: Campaign = make_campaign(session, self.owner)
            self.public_id = self.campaign.public_id
        sign_in(client, app, self.owner)
        self.url = f"/desk/campaigns/{self.public_id}/signatories"

    def add(self, **details: object) -> str:
        with self.app.app_context(), self.database.writing() as session:
            return make_signatory(session, self.campaign, **details).public_id  # type: ignore[arg-type]

    def names(self) -> list[str]:
        with self.app.app_context(), self.database.reading() as session:
            return [entry.details.name for entry in every_entry(session, self.campaign.id, "test")]

    def details(self) -> list[Details]:
        with self.app.app_context(), self.database.reading() as session:
            return [entry.details for entry in every_entry(session, self.campaign.id, "test")]

    def page(self, path: str = "") -> str:
        response = self.client.get(self.url + path)
        assert response.status_code == 200, response.text
        return response.text

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        statements: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
            statements.append(statement)

        event.listen(self.database.engine, "before_cursor_execute", note)
        yield statements
        event.remove(self.database.engine, "before_cursor_execute", note)


@pytest.fixture
def desk(app: Flask, client: FlaskClient) -> Desk:
    return Desk(app, client)


def test_an_empty_directory_says_what_to_do(desk: Desk) -> None:
    page = desk.page()
    assert "Nobody is here yet" in page
    assert "Import a list" in page


def test_one_signatory_is_listed_with_line_country_and_role(desk: Desk) -> None:
    desk.add(name="سارا احمدی", affiliation="روزنامه‌نگار", country="IR", groups=(("World Liberty Congress", "Member"),))
    page = desk.page()
    for words in ("<bdi>سارا احمدی</bdi>", "روزنامه‌نگار", "Iran", "World Liberty Congress", "Member", "1 entry"):
        assert words in page


def test_ten_thousand_are_listed_in_pages_with_few_queries(desk: Desk) -> None:
    with desk.app.app_context(), desk.database.writing() as session:
        make_signatories(session, desk.campaign, 10_000)
    with desk.counted() as statements:
        page = desk.page()
    assert page.count('data-label="Name"') == 50
    assert "10,000 entries" in page
    assert len(statements) <= 15, "\n".join(statements)
    assert len(page) < 80_000


def test_the_number_of_queries_does_not_grow_with_the_rows(desk: Desk) -> None:
    desk.add(groups=(("Circle", "Chair"),))
    desk.page()  # a process's first look finds where it stands in the audit
    with desk.counted() as few:
        desk.page()
    for _ in range(30):
        desk.add(groups=(("Circle", "Chair"), ("Jurists", "")))
    desk.page()  # and the next one reads what was recorded since
    with desk.counted() as many:
        desk.page()
    assert len(few) == len(many)


def test_the_next_page_goes_on_where_the_first_ended(desk: Desk) -> None:
    with desk.app.app_context(), desk.database.writing() as session:
        make_signatories(session, desk.campaign, 60)
    first = desk.page()
    assert first.count('data-label="Name"') == 50
    link = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert desk.client.get(link).text.count('data-label="Name"') == 10


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [("?q=rene", "René Łuk", "Lighthouse"), ("?kind=organisation", "Lighthouse", "René Łuk"),
     ("?address=no", "Lighthouse", "René Łuk"), ("?kind=nonsense", "René Łuk", "zzz"),
     ("?q=luk@example.org", "René Łuk", "Lighthouse")],
)  # fmt: skip
def test_the_list_is_narrowed(desk: Desk, query: str, shown: str, hidden: str) -> None:
    desk.add(name="René Łuk", email="luk@example.org")
    desk.add(name="Lighthouse", organisation=True, email="")
    page = desk.page(query)
    assert shown in page
    assert hidden not in page


def test_a_search_that_finds_nobody_says_so_and_keeps_the_words(desk: Desk) -> None:
    desk.add()
    page = desk.page("?q=%22%3Cscript%3E")
    assert "Nobody fits" in page
    assert "<script>" not in page
    assert 'value="&#34;&lt;script&gt;"' in page


@pytest.mark.parametrize("role", [Role.EDITOR, Role.APPROVER, Role.VIEWER])
@pytest.mark.parametrize("path", ["", "/export.csv", "/new", "/groups", "/imports"])
def test_only_owners_and_coordinators_see_the_directory(desk: Desk, role: Role, path: str) -> None:
    public_id = desk.add(name="Xenia Verborgen")
    with desk.app.app_context(), desk.database.writing() as session:
        member = make_member(session, desk.campaign, role)
    sign_in(desk.client, desk.app, member)
    for url in (desk.url + path, f"{desk.url}/{public_id}"):
        response = desk.client.get(url)
        assert response.status_code == 403
        assert "Xenia" not in response.text


def test_a_coordinator_may_do_all_of_it(desk: Desk) -> None:
    public_id = desk.add()
    with desk.app.app_context(), desk.database.writing() as session:
        member = make_member(session, desk.campaign, Role.COORDINATOR)
    sign_in(desk.client, desk.app, member)
    for path in ("", "/new", "/groups", "/imports", f"/{public_id}", f"/{public_id}/edit", f"/{public_id}/remove"):
        assert desk.client.get(desk.url + path).status_code == 200


def test_a_stranger_learns_nothing(desk: Desk) -> None:
    public_id = desk.add()
    with desk.app.app_context(), desk.database.writing() as session:
        other = make_organiser(session)
        own = make_campaign(session, other).public_id
    sign_in(desk.client, desk.app, other)
    assert desk.client.get(desk.url).status_code == 404
    assert desk.client.get(f"/desk/campaigns/{own}/signatories/{public_id}").status_code == 404


def test_olga_adds_an_organisation_by_hand(desk: Desk) -> None:
    response = desk.client.post(
        f"{desk.url}/new",
        data={
            "kind": "organisation", "name": " Lighthouse   Society ", "representative": "Ann May", "country": "NZ",
            "email": "Office@Lighthouse.example", "language": "fr", "is_prominent": "y", "notes": "line one\nline two",
            "places-0-group": "World Liberty Congress", "places-0-role": "Founding member",
        },
    )  # fmt: skip
    assert response.status_code == 303
    page = desk.client.get(response.location).text
    for words in ("Lighthouse Society", "Ann May", "New Zealand", "Office@lighthouse.example", "Français", "line two",
                  "Founding member", "Olga Owner", "Prominent"):  # fmt: skip
        assert words in page


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "", "Enter the name."),
        ("name", "x" * 300, "300 characters long; at most 200 fit"),
        ("name", "Ann\nBcc: x@example.org", "line break"),
        ("name", "Ann\u202emay", "U+202E"),
        ("name", "A\x00B", "U+0000"),
        ("email", "ann@localhost", "not a complete e-mail address"),
        ("country", "Atlantis", "Not a valid choice"),
        ("affiliation", "x" * 301, "at most 300"),
    ],
)
def test_bad_input_is_named_and_nothing_typed_is_lost(desk: Desk, field: str, value: str, message: str) -> None:
    typed = {"kind": "person", "name": "Ann May", "email": "ann@example.org", "credential": "Laureate 2022",
             "places-0-group": "Circle", "notes": "Call her"}  # fmt: skip
    response = desk.client.post(f"{desk.url}/new", data=typed | {field: value})
    assert response.status_code == 422
    assert message in response.text
    assert "There is a problem" in response.text
    for kept in {"Laureate 2022", "Circle", "Call her"}:
        assert kept in response.text
    assert desk.names() == []


def edited(desk: Desk, public_id: str, **changed: str) -> dict[str, str]:
    page = desk.page(f"/{public_id}/edit")
    seen = page.split('name="seen" value="')[1].split('"')[0]
    return {"kind": "person", "name": "Ann May", "email": "ann@example.org", "seen": seen} | changed


def test_a_coordinator_corrects_an_address(desk: Desk) -> None:
    public_id = desk.add(name="Ann May", email="wrong@example.org")
    response = desk.client.post(f"{desk.url}/{public_id}/edit", data=edited(desk, public_id))
    assert response.status_code == 303
    assert [details.email for details in desk.details()] == ["ann@example.org"]
    assert "Changed (E-mail address)" in desk.client.get(response.location).text


def test_a_person_who_saves_second_is_told_and_overwrites_nothing(desk: Desk) -> None:
    public_id = desk.add(name="Ann May", email="ann@example.org")
    mine = edited(desk, public_id, affiliation="Judge")
    desk.client.post(f"{desk.url}/{public_id}/edit", data=edited(desk, public_id, affiliation="Poet"))
    response = desk.client.post(f"{desk.url}/{public_id}/edit", data=mine)
    assert response.status_code == 409
    assert "Somebody else changed this entry" in response.text
    assert "Judge" in response.text
    assert "Poet" in response.text
    assert [details.affiliation for details in desk.details()] == ["Poet"]


def test_an_unticked_box_and_an_emptied_group_are_saved(desk: Desk) -> None:
    public_id = desk.add(name="Ann May", email="ann@example.org", prominent=True, groups=(("Circle", "Chair"),))
    desk.client.post(f"{desk.url}/{public_id}/edit", data=edited(desk, public_id) | {"places-0-group": ""})
    page = desk.page(f"/{public_id}")
    assert "Prominent" not in page.split("History")[0]
    assert "Circle" not in page.split("History")[0]


def test_removing_asks_first_and_then_removes(desk: Desk) -> None:
    public_id = desk.add(name="Ann May")
    assert "can’t be undone" in desk.page(f"/{public_id}/remove")
    assert desk.names() == ["Ann May"]
    assert desk.client.post(f"{desk.url}/{public_id}/remove").status_code == 303
    assert desk.names() == []
    assert desk.client.get(f"{desk.url}/{public_id}").status_code == 404


def test_groups_are_added_renamed_and_removed(desk: Desk) -> None:
    assert desk.client.post(f"{desk.url}/groups", data={"name": "World Liberty Congress"}).status_code == 303
    again = desk.client.post(f"{desk.url}/groups", data={"name": "world liberty congress"})
    assert again.status_code == 409
    assert "already a group of this name" in again.text
    bad = desk.client.post(f"{desk.url}/groups", data={"name": "X", "website": "javascript:alert(1)"})
    assert bad.status_code == 422
    with desk.app.app_context(), desk.database.reading() as session:
        (group,) = list_groups(session, desk.campaign.id)
    one = f"{desk.url}/groups/{group.public_id}"
    assert desk.client.post(one, data={"name": "WLC", "website": "https://example.org"}).status_code == 303
    assert "https://example.org" in desk.page("/groups")
    assert desk.client.post(one, data={"remove": "1"}).status_code == 303
    assert "No group yet" in desk.page("/groups")


def test_the_export_is_safe_and_comes_in_again_unchanged(desk: Desk) -> None:
    desk.add(name="=cmd|' /C calc'!A0", email="a@example.org", country="NZ")
    desk.add(name="سارا احمدی", groups=(("Circle", "Chair"), ("Jurists", "")), prominent=True)
    response = desk.client.get(f"{desk.url}/export.csv")
    assert response.mimetype == "text/csv"
    assert "attachment" in response.headers["Content-Disposition"]
    assert response.data.startswith("\ufeffname,kind".encode())
    assert "\r\n'=cmd" in response.text
    assert "Circle|Jurists,Chair|,yes" in response.text


@pytest.mark.parametrize("name", [LONGEST, "ნინო ბერიძე", "Анна-Мария О’Нил", "क्षमा शर्मा", "<b>Ann</b> & Co"])
def test_every_name_comes_out_as_it_was_typed(desk: Desk, name: str) -> None:
    public_id = desk.add(name=name)
    assert desk.names() == [name]
    shown = name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert f"<bdi>{shown}</bdi>" in desk.page(f"/{public_id}")
