"""Reading the directory: stable pages, a bounded search, and nobody of another campaign."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from app.base.errors import NotFound
from app.base.sealing import blind_index
from app.directory.queries import (
    DirectoryFilter,
    count_signatories,
    entries_by_email,
    entry,
    every_entry,
    list_groups,
    list_signatories,
)
from app.directory.searching import find_signatories
from app.directory.states import NoSuchSignatory, SignatoryKind
from tests.factories.campaigns import make_campaign
from tests.factories.directory import make_signatories, make_signatory


def names(entries: object) -> list[str]:
    return [item.details.name for item in entries]  # type: ignore[attr-defined]


def test_list_signatories_pages_through_everybody_once_pinned_ones_first(session: Session) -> None:
    campaign = make_campaign(session)
    make_signatories(session, campaign, 5)
    make_signatory(session, campaign, name="Pinned", prominent=True)
    make_signatory(session, campaign, name="Pinned too", prominent=True)
    seen, cursor = [], None
    while True:
        page = list_signatories(session, campaign.id, cursor=cursor, limit=3)
        seen += names(page.items)
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 7
    assert seen[:2] == ["Pinned", "Pinned too"]


def test_list_signatories_of_an_empty_directory_is_one_empty_page(session: Session) -> None:
    page = list_signatories(session, make_campaign(session).id)
    assert (list(page.items), page.next_cursor, page.is_first) == ([], None, True)


@pytest.mark.parametrize("cursor", ["nonsense", "WzEsMl0x", "W10"])
def test_list_signatories_refuses_a_broken_cursor(session: Session, cursor: str) -> None:
    with pytest.raises(NotFound):
        list_signatories(session, make_campaign(session).id, cursor=cursor)


def test_filters_narrow_by_group_kind_and_address(session: Session) -> None:
    campaign = make_campaign(session)
    make_signatory(session, campaign, name="Ann", groups=(("Circle", ""),))
    make_signatory(session, campaign, name="Bo", email="")
    make_signatory(session, campaign, name="House", organisation=True)
    (group,) = list_groups(session, campaign.id)
    for chosen, expected in (
        (DirectoryFilter(group=group.public_id), ["Ann"]),
        (DirectoryFilter(kind=SignatoryKind.ORGANISATION), ["House"]),
        (DirectoryFilter(has_address=False), ["Bo"]),
        (DirectoryFilter(has_address=True), ["Ann", "House"]),
        (DirectoryFilter(group="nosuchgroup"), []),
    ):
        assert names(list_signatories(session, campaign.id, chosen).items) == expected
        assert count_signatories(session, campaign.id, chosen) == len(expected)


@pytest.mark.parametrize(
    ("words", "expected"),
    [("bondarenko", []), ("бондарен", ["Олена Бондаренко"]), ("rene", ["René Łuk"]), ("luk rene", ["René Łuk"]),
     ("poet", ["René Łuk"]), ("LUK@EXAMPLE.ORG", ["René Łuk"]), ("سارا", ["سارا احمدی"]), ("  ", []), ("%", [])],
)  # fmt: skip
def test_find_signatories_by_name_line_and_address(session: Session, words: str, expected: list[str]) -> None:
    campaign = make_campaign(session)
    make_signatory(session, campaign, name="Олена Бондаренко")
    make_signatory(session, campaign, name="René Łuk", email="luk@example.org", affiliation="Poet")
    make_signatory(session, campaign, name="سارا احمدی")
    assert names(find_signatories(session, campaign.id, words)) == expected


def test_find_signatories_stays_within_the_campaign(session: Session) -> None:
    campaign = make_campaign(session)
    stranger = make_signatory(session, name="Ann May", email="ann@example.org")
    assert find_signatories(session, campaign.id, "ann") == []
    assert find_signatories(session, campaign.id, "ann@example.org") == []
    assert entries_by_email(session, campaign.id, "ann@example.org", "test") == []
    with pytest.raises(NoSuchSignatory):
        entry(session, campaign.id, stranger.public_id, "test")


def test_entries_by_email_never_takes_two_mailboxes_for_one(session: Session) -> None:
    """The owner of one of them would be mailed the other's personal links."""
    campaign = make_campaign(session)
    make_signatory(session, campaign, name="Ann", email="ann@faß.example")
    make_signatory(session, campaign, name="Bo", email="ann@fass.example")
    assert names(entries_by_email(session, campaign.id, "ann@fass.example", "test")) == ["Bo"]
    assert names(entries_by_email(session, campaign.id, "ann@xn--fa-hia.example", "test")) == ["Ann"]


def test_entries_by_email_finds_what_an_older_version_indexed(session: Session) -> None:
    campaign = make_campaign(session)
    for name, email in (("Ann", "ann@faß.example"), ("Bo", "ann@fass.example"), ("Cy", "cy@пошта.укр")):
        row = make_signatory(session, campaign, name=name, email=email)
        row.email_key = blind_index(session, f"signatory email {campaign.id}", email.casefold())
    session.flush()
    assert names(entries_by_email(session, campaign.id, "ann@fass.example", "test")) == ["Bo"]
    assert names(entries_by_email(session, campaign.id, "ann@faß.example", "test")) == ["Ann"]
    assert names(entries_by_email(session, campaign.id, "cy@пошта.укр", "test")) == ["Cy"]


def test_entries_by_email_finds_all_who_share_it_whatever_its_capitals(session: Session) -> None:
    campaign = make_campaign(session)
    make_signatory(session, campaign, name="Ann", email="office@example.org")
    make_signatory(session, campaign, name="Bo", email="Office@example.org")
    assert names(entries_by_email(session, campaign.id, " OFFICE@example.org", "test")) == ["Ann", "Bo"]
    assert entries_by_email(session, campaign.id, "", "test") == []


def test_every_entry_yields_the_list_in_chunks(session: Session) -> None:
    campaign = make_campaign(session)
    make_signatories(session, campaign, 1_203)
    make_signatory(session, campaign, name="Pinned", prominent=True)
    listed = names(every_entry(session, campaign.id, "test"))
    assert len(listed) == len(set(listed)) == 1_204
    assert listed[0] == "Pinned"
