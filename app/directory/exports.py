"""The directory as a sheet, with headings that the import understands again."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from app.base.locales import lazy_gettext as _l
from app.base.rows import AT_ONCE
from app.campaigns.access import Access
from app.campaigns.queries import slug_of
from app.campaigns.states import Capability
from app.directory.queries import DirectoryEntry, DirectoryFilter, HeldRole, every_entry, roles_of
from app.exports.kinds import ExportAsked, ExportKind, ExportRows

HEADER = (
    "name", "kind", "representative", "credential", "affiliation", "country", "language", "email", "group",
    "role in group", "prominent", "sort name", "notes",
)  # fmt: skip


def directory_rows(session: Session, access: Access, asked: ExportAsked) -> ExportRows:
    """Return the directory in the order of the list; several groups of one person stand in one cell."""
    filename = f"{slug_of(session, access.campaign)}-signatories.csv"
    return ExportRows(filename, HEADER, _rows(session, access.campaign.id, DirectoryFilter.named(asked.arguments)))


DIRECTORY = ExportKind(
    endpoint="directory.export_signatories", name="directory", label=_l("Signatories of the campaign"),
    capability=Capability.SEE_PEOPLE, make=directory_rows,
)  # fmt: skip


def _rows(session: Session, campaign_id: int, chosen: DirectoryFilter) -> Iterator[list[str]]:
    part: list[DirectoryEntry] = []
    for entry in every_entry(session, campaign_id, "export the directory", chosen):
        part.append(entry)
        if len(part) == AT_ONCE:
            yield from _with_roles(session, part)
            part = []
    yield from _with_roles(session, part)


def _with_roles(session: Session, part: list[DirectoryEntry]) -> Iterator[list[str]]:
    roles = roles_of(session, [entry.id for entry in part], "export the directory")
    for entry in part:
        yield _row(entry, roles.get(entry.id, []))


def _row(entry: DirectoryEntry, held: list[HeldRole]) -> list[str]:
    details = entry.details
    return [
        details.name,
        entry.kind.value,
        details.representative,
        details.credential,
        details.affiliation,
        details.country,
        details.language,
        details.email,
        "|".join(role.group for role in held),
        "|".join(role.role for role in held),
        "yes" if entry.is_prominent else "",
        details.sort_name,
        details.notes,
    ]
