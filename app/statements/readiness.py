"""What a statement still lacks before it may open, in words that say what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from app.base.locales import endonym, gettext as _, ngettext
from app.statements.models import Statement, Version
from app.statements.queries import (
    LanguageRow,
    addressees_of,
    contact_of,
    deadline_passed,
    languages_of,
)


class OpeningStep(StrEnum):
    """One thing to do on the way to an open statement."""

    TEXT = "text"
    ADDRESSEES = "addressees"
    DEMANDS = "demands"
    ANNEXES = "annexes"
    LANGUAGES = "languages"
    SETTINGS = "settings"
    PREVIEW = "preview"
    OPEN = "open"


@dataclass(frozen=True)
class Lack:
    """One thing that is missing; `language` names the text where one is at fault."""

    step: OpeningStep
    message: str
    language: str | None = None


def lacks_of(session: Session, statement: Statement, version: Version) -> list[Lack]:
    """Return everything that stands between a draft and its opening; nothing when it may open."""
    languages = languages_of(session, version.id)
    found = _text_lacks(statement, languages)
    if not addressees_of(session, version.id):
        found.append(Lack(OpeningStep.ADDRESSEES, _("It is addressed to nobody yet. Choose at least one institution.")))
    found += _demand_lacks(statement, languages)
    contact = contact_of(session, statement)
    if not contact.name or not contact.email:
        message = _("Nobody is named who reads the replies. Enter a name and an e-mail address.")
        found.append(Lack(OpeningStep.SETTINGS, message))
    if deadline_passed(statement):
        found.append(Lack(OpeningStep.SETTINGS, _("The deadline has passed. Choose a later one, or none.")))
    return found


def _text_lacks(statement: Statement, languages: Sequence[LanguageRow]) -> list[Lack]:
    found = []
    for row in languages:
        step = OpeningStep.TEXT if row.language == statement.language else OpeningStep.LANGUAGES
        if not row.title:
            found.append(Lack(step, _("The %(language)s text has no title.", language=row.endonym), row.language))
        if not row.has_body:
            message = _("The %(language)s text is empty. Write it, or remove the language.", language=row.endonym)
            if row.language == statement.language:
                message = _("The text is empty. Write it first.")
            found.append(Lack(step, message, row.language))
    return found


def _demand_lacks(statement: Statement, languages: Sequence[LanguageRow]) -> list[Lack]:
    """Every language must number the same demands, or "demand 3" means something else to each reader."""
    counts = {row.language: row.demand_count for row in languages}
    wanted = counts.get(statement.language, 0)
    return [
        Lack(
            OpeningStep.LANGUAGES,
            ngettext(
                "The %(language)s text has %(num)s demand, the %(main)s text %(wanted)s. Make them the same.",
                "The %(language)s text has %(num)s demands, the %(main)s text %(wanted)s. Make them the same.",
                count,
                language=endonym(language),
                main=endonym(statement.language),
                wanted=wanted,
            ),
            language,
        )
        for language, count in counts.items()
        if count != wanted
    ]
