"""The desk's pages of the directory as a whole: list, search, export."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.base.blueprints import asks_for_proof
from app.base.countries import country_name
from app.base.edge import reading
from app.base.locales import page_language
from app.base.paging import Page
from app.base.signposts import way_to
from app.campaigns.access import Access, enter
from app.campaigns.navigation import frame_of
from app.campaigns.states import Capability
from app.directory.desk import IMPORT_LIST, open_imports, remembered_counts
from app.directory.entry_pages import blueprint
from app.directory.exports import DIRECTORY
from app.directory.group_pages import blueprint as group_blueprint
from app.directory.queries import (
    MOST_FOUND,
    DirectoryEntry,
    DirectoryFilter,
    HeldRole,
    groups_by_name,
    list_signatories as page_of_signatories,
    roles_of,
)
from app.directory.searching import find_signatories
from app.directory.states import SignatoryKind
from app.exports.answering import handed_out
from app.exports.kinds import ExportAsked

SIGNPOSTS = [DIRECTORY]
# Each is joined as a blueprint of this stage.
__all__ = ["blueprint", "group_blueprint"]


@dataclass(frozen=True)
class ListedSignatory:
    """One signatory in the list."""

    url: str
    name: str
    line: str
    country: str
    roles: Sequence[HeldRole]
    representative: str
    is_organisation: bool
    is_prominent: bool
    has_address: bool


@dataclass(frozen=True)
class Narrowed:
    """What the list was narrowed to, as typed."""

    words: str
    group: str
    kind: str
    address: str

    @property
    def is_narrowed(self) -> bool:
        """Tell whether anything was chosen."""
        return any((self.words, self.group, self.kind, self.address))

    @property
    def arguments(self) -> dict[str, Any]:
        """Return what a link to another page of the same part needs."""
        chosen = {"group": self.group, "kind": self.kind, "address": self.address}
        return {name: value for name, value in chosen.items() if value}

    @property
    def chosen(self) -> DirectoryFilter:
        """Return the conditions on the database."""
        return DirectoryFilter.named(self.arguments)


@blueprint.get("")
def list_signatories(campaign: str) -> ResponseReturnValue:
    """Show the directory, narrowed or searched."""
    session = reading()
    access = enter(session, campaign, Capability.SEE_PEOPLE)
    narrowed = _narrowed()
    page = _found(session, access, narrowed)
    total, matching = remembered_counts().both(session, access.campaign.id, narrowed.chosen)
    arguments = narrowed.arguments
    base_url = url_for(".list_signatories", campaign=campaign, **arguments)
    return render_template(
        "directory/list_signatories.html",
        frame=frame_of(session, access),
        listed=_listed(session, access, page.items),
        narrowed=narrowed,
        groups=groups_by_name(session, access.campaign.id),
        kinds=list(SignatoryKind),
        total=total,
        matching=None if narrowed.words else matching,
        is_cut=bool(narrowed.words) and len(page.items) >= MOST_FOUND,
        next_url=url_for(".list_signatories", campaign=campaign, after=page.next_cursor, **arguments)
        if page.next_cursor
        else None,
        first_url=None if page.is_first else base_url,
        urls=_urls(campaign, arguments),
        open_imports=open_imports(session, access),
        may_ask=access.may(Capability.ASK),
    )


@blueprint.route("/export.csv", methods=["GET", "POST"])
@asks_for_proof
def export_signatories(campaign: str) -> ResponseReturnValue:
    """Hand out the directory, or the part that was chosen, as CSV."""
    session = reading()
    access = enter(session, campaign, DIRECTORY.capability)
    narrowed = _narrowed()
    expected = remembered_counts().count(session, access.campaign.id, narrowed.chosen)
    return handed_out(access, ExportAsked(DIRECTORY.name, campaign, narrowed.arguments), expected)


def _narrowed() -> Narrowed:
    return Narrowed(*(request.args.get(name, "").strip()[:200] for name in ("q", "group", "kind", "address")))


def _found(session: Session, access: Access, narrowed: Narrowed) -> Page[DirectoryEntry]:
    campaign_id = access.campaign.id
    if narrowed.words:
        return Page(find_signatories(session, campaign_id, narrowed.words, narrowed.chosen))
    return page_of_signatories(session, campaign_id, narrowed.chosen, request.args.get("after"))


def _listed(session: Session, access: Access, entries: Sequence[DirectoryEntry]) -> list[ListedSignatory]:
    roles = roles_of(session, [item.id for item in entries], "directory list")
    language = page_language()
    return [
        ListedSignatory(
            url=url_for(".show_signatory", campaign=access.campaign.public_id, signatory=item.public_id),
            name=item.details.name,
            line=item.details.public_line,
            country=country_name(item.details.country, language) if item.details.country else "",
            roles=roles.get(item.id, []),
            representative=item.details.representative,
            is_organisation=item.is_organisation,
            is_prominent=item.is_prominent,
            has_address=bool(item.details.email),
        )
        for item in entries
    ]


def _urls(campaign: str, arguments: dict[str, Any]) -> dict[str, str]:
    return {
        "list": url_for(".list_signatories", campaign=campaign),
        "add": url_for(".write_signatory", campaign=campaign),
        "import": way_to(IMPORT_LIST, campaign),
        "groups": url_for("groups.list_groups", campaign=campaign),
        "export": url_for(".export_signatories", campaign=campaign, **arguments),
    }
