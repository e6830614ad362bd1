"""What the statement's first page shows: the steps to its opening, and how far each has come."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from app.base.locales import endonym, gettext as _, ngettext
from app.statements import queries
from app.statements.models import Statement, Version
from app.statements.readiness import Lack, OpeningStep, lacks_of


class StepProgress(StrEnum):
    """How far a step has come."""

    COMPLETED = "completed"
    NOT_YET = "not yet"
    OPTIONAL = "optional"
    READY = "ready"
    CANNOT_START = "cannot start yet"

    @property
    def label(self) -> str:
        """The progress in words."""
        return {
            StepProgress.COMPLETED: _("Completed"),
            StepProgress.NOT_YET: _("Not yet"),
            StepProgress.OPTIONAL: _("Optional"),
            StepProgress.READY: _("Ready"),
            StepProgress.CANNOT_START: _("Cannot start yet"),
        }[self]


@dataclass(frozen=True)
class Task:
    """One line of the task list: what is there so far, or what is missing."""

    step: OpeningStep
    name: str
    progress: StepProgress
    notes: tuple[str, ...]


@dataclass(frozen=True)
class StatementOverview:
    """A statement's parts at a glance."""

    tasks: tuple[Task, ...]
    languages: tuple[queries.LanguageRow, ...]
    addressees: tuple[queries.AddressedTo, ...]
    annexes: tuple[queries.AnnexRow, ...]
    lacks: tuple[Lack, ...]


def overview(session: Session, statement: Statement, version: Version) -> StatementOverview:
    """Gather a statement's parts and judge each step."""
    lacks = tuple(lacks_of(session, statement, version))
    languages = tuple(queries.languages_of(session, version.id))
    addressees = tuple(queries.addressees_of(session, version.id))
    annexes = tuple(queries.annexes_of(session, version.id))
    counts = _counts(statement, languages, addressees, annexes)
    tasks = tuple(_task(step, lacks, counts) for step in OpeningStep)
    return StatementOverview(tasks, languages, addressees, annexes, lacks)


def _counts(
    statement: Statement,
    languages: tuple[queries.LanguageRow, ...],
    addressees: tuple[queries.AddressedTo, ...],
    annexes: tuple[queries.AnnexRow, ...],
) -> dict[OpeningStep, str]:
    """Say in a line what each step holds; nothing where it holds nothing."""
    demands = next((row.demand_count for row in languages if row.language == statement.language), 0)
    return {
        OpeningStep.ADDRESSEES: ", ".join(row.name for row in addressees),
        OpeningStep.DEMANDS: ngettext("%(num)s demand", "%(num)s demands", demands) if demands else "",
        OpeningStep.ANNEXES: ngettext("%(num)s document", "%(num)s documents", len(annexes)) if annexes else "",
        OpeningStep.LANGUAGES: ", ".join(endonym(row.language) for row in languages),
    }


def _task(step: OpeningStep, lacks: tuple[Lack, ...], counts: dict[OpeningStep, str]) -> Task:
    mine = tuple(lack.message for lack in lacks if lack.step is step)
    note = counts.get(step, "")
    match step:
        case OpeningStep.DEMANDS | OpeningStep.ANNEXES:
            progress = StepProgress.COMPLETED if note else StepProgress.OPTIONAL
        case OpeningStep.PREVIEW:
            written = not any(lack.step is OpeningStep.TEXT for lack in lacks)
            progress = StepProgress.READY if written else StepProgress.CANNOT_START
            mine = () if written else (_("Write the text first."),)
        case OpeningStep.OPEN:
            progress = StepProgress.CANNOT_START if lacks else StepProgress.READY
            mine = (_("Complete the steps above first."),) if lacks else ()
        case _:
            progress = StepProgress.NOT_YET if mine else StepProgress.COMPLETED
    return Task(step, _name(step), progress, mine or ((note,) if note else ()))


def _name(step: OpeningStep) -> str:
    return {
        OpeningStep.TEXT: _("Write the text"),
        OpeningStep.ADDRESSEES: _("Choose whom it is addressed to"),
        OpeningStep.DEMANDS: _("Number your demands"),
        OpeningStep.ANNEXES: _("Add annexes"),
        OpeningStep.LANGUAGES: _("Languages"),
        OpeningStep.SETTINGS: _("Set deadline and contact"),
        OpeningStep.PREVIEW: _("Look at it as readers will"),
        OpeningStep.OPEN: _("Open it for signing"),
    }[step]
