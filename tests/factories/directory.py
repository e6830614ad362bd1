"""Signatories, groups and imports for tests."""

from __future__ import annotations

from itertools import count

from sqlalchemy.orm import Session

from app.campaigns.models import Campaign
from app.directory.actions import add_signatories, add_signatory
from app.directory.models import Signatory
from app.directory.queries import signatory_row
from app.directory.states import Details, GroupPlace, NewEntry, SignatoryKind
from app.imports.actions import start_import
from app.imports.lists import read_list
from app.imports.models import Import
from app.imports.queries import import_row
from tests.factories.campaigns import make_campaign
from tests.factories.kept import kept

_numbers = count(1)


@kept
def make_signatory(
    session: Session,
    /,
    campaign: Campaign | None = None,
    *,
    name: str = "",
    email: str | None = None,
    organisation: bool = False,
    prominent: bool = False,
    groups: tuple[tuple[str, str], ...] = (),
    **details: str,
) -> Signatory:
    """Add a signatory with a name and an address of their own; `email=""` makes one who has none."""
    campaign = campaign or make_campaign(session)
    number = next(_numbers)
    if organisation:
        details.setdefault("representative", f"Rosa Representative {number}")
    known = Details(
        name=name or (f"Lighthouse Society {number}" if organisation else f"Signe Signatory {number}"),
        email=f"signatory{number}@example.org" if email is None else email,
        **details,
    )
    kind = SignatoryKind.ORGANISATION if organisation else SignatoryKind.PERSON
    places = tuple(GroupPlace(group, role) for group, role in groups)
    public_id = add_signatory(session, campaign, "factory", NewEntry(known, kind, prominent, places))
    return signatory_row(session, campaign.id, public_id)


@kept
def make_signatories(session: Session, campaign: Campaign, number: int) -> list[str]:
    """Add many people with an address at once and return their public ids."""
    entries = []
    for _ in range(number):
        each = next(_numbers)
        entries.append(NewEntry(Details(name=f"Signe Signatory {each}", email=f"signatory{each}@example.org")))
    return add_signatories(session, campaign, "factory", entries)


@kept
def make_import(session: Session, campaign: Campaign, content: str = "name;country\nAnn May;New Zealand\n") -> Import:
    """Upload a list; its columns are guessed and not yet confirmed."""
    uploaded = content.encode()
    public_id = start_import(session, campaign, "factory", "list.csv", uploaded, read_list(uploaded))
    return import_row(session, campaign.id, public_id)
