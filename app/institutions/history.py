"""What became of an institution and its recipients, newest first: who changed what, when, before and after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.queries import names_of
from app.base.countries import country_name
from app.base.locales import gettext as _
from app.institutions.models import Institution, InstitutionVersion
from app.institutions.queries import history_of_recipients, institution_versions
from app.institutions.versions import OpenedVersion, changes_between

MOST_DEEDS = 100


@dataclass(frozen=True)
class Changed:
    """One part before and after, in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class InstitutionDeed:
    """One change of an institution or of one of its recipients; `by` is empty where nobody is known."""

    at: datetime
    by: str
    what: str
    about: str
    changes: tuple[Changed, ...]


def history(session: Session, institution: Institution, language: str) -> list[InstitutionDeed]:
    """Return every change of an institution and its recipients, the newest first."""
    versions = history_of_recipients(session, institution)
    renamings = institution_versions(session, [institution.id])
    names = names_of(session, [each.made_by for each in versions] + [each.made_by for each in renamings])
    found = [*_of_recipients(versions, names), *_of_names(renamings, names, language)]
    return sorted(found, key=lambda deed: deed.at, reverse=True)[:MOST_DEEDS]


def _of_recipients(versions: list[OpenedVersion], names: dict[str, str]) -> Iterator[InstitutionDeed]:
    before: dict[int, OpenedVersion] = {}
    for version in versions:
        known = before.get(version.contact.recipient_id)
        what = _("Recipient added") if known is None else _("Recipient corrected")
        changes = [Changed(each.label, each.before, each.after) for each in changes_between(known, version)]
        if version.is_removed:
            what, changes = _("Recipient removed"), []
        by = names.get(version.made_by, "")
        yield InstitutionDeed(version.made_at, by, what, version.contact.called, tuple(changes))
        before[version.contact.recipient_id] = version


def _of_names(versions: list[InstitutionVersion], names: dict[str, str], language: str) -> Iterator[InstitutionDeed]:
    before: InstitutionVersion | None = None
    for version in versions:
        what = _("Institution added") if before is None else _("Institution changed")
        changes = facts_changed(before, version, language)
        yield InstitutionDeed(version.made_at, names.get(version.made_by, ""), what, version.name, changes)
        before = version


def facts_changed(before: InstitutionVersion | None, after: InstitutionVersion, language: str) -> tuple[Changed, ...]:
    """Return what differs between two versions of an institution, in words of a language."""
    shown = [_facts(version, language) if version is not None else ("", "", "") for version in (before, after)]
    labels = (_("Name"), _("Country"), _("Website"))
    return tuple(Changed(label, was, now) for label, was, now in zip(labels, *shown, strict=True) if was != now)


def _facts(version: InstitutionVersion, language: str) -> tuple[str, str, str]:
    country = country_name(version.country, language) if version.country else ""
    return version.name, country, version.website
