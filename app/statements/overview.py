"""What the statement's first page shows: the steps to its opening, and how far each has come."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from app.base.locales import endonym, gettext as _, ngettext
from app.statements import queries
from app.statements.models import Statement, Version
from app.statements.readiness import Lack, Step, lacks_of


class Progress(StrEnum):
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
            Progress.COMPLETED: _("Completed"),
            Progress.NOT_YET: _("Not yet"),
            Progress.OPTIONAL: _("Optional"),
            Progress.READY: _("Ready"),
            Progress.CANNOT_START: _("Cannot start yet"),
        }[self]


@dataclass(frozen=True)
class Task:
    """One line of the task list: what is there so far, or what is missing."""

    step: Step
    name: str
    progress: Progress
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Overview:
    """A statement's parts at a glance."""

    tasks: tuple[Task, ...]
    languages: tuple[queries.LanguageRow, ...]
    addressees: tuple[queries.AddressedTo, ...]
    annexes: tuple[queries.AnnexRow, ...]
    lacks: tuple[Lack, ...]


def overview(session: Session, statement: Statement, version: Version) -> Overview:
    """Gather a statement's parts and judge each step."""
    lacks = tuple(lacks_of(session, statement, version))
    languages = tuple(queries.languages_of(session, version.id))
    addressees = tuple(queries.addressees_of(session, version.id))
    annexes = tuple(queries.annexes_of(session, version.id))
    counts = _counts(statement, languages, addressees, annexes)
    tasks = tuple(_task(step, lacks, counts) for step in Step)
    return Overview(tasks, languages, addressees, annexes, lacks)


def _counts(
    statement: Statement,
    languages: tuple[queries.LanguageRow, ...],
    addressees: tuple[queries.AddressedTo, ...],
    annexes: tuple[queries.AnnexRow, ...],
) -> dict[Step, str]:
    """Say in a line what each step holds; nothing where it holds nothing."""
    demands = next((row.demand_count for row in languages if row.language == statement.language), 0)
    return {
        Step.ADDRESSEES: ", ".join(row.name for row in addressees),
        Step.DEMANDS: ngettext("%(num)s demand", "%(num)s demands", demands) if demands else "",
        Step.ANNEXES: ngettext("%(num)s document", "%(num)s documents", len(annexes)) if annexes else "",
        Step.LANGUAGES: ", ".join(endonym(row.language) for row in languages),
    }


def _task(step: Step, lacks: tuple[Lack, ...], counts: dict[Step, str]) -> Task:
    mine = tuple(lack.message for lack in lacks if lack.step is step)
    note = counts.get(step, "")
    match step:
        case Step.DEMANDS | Step.ANNEXES:
            progress = Progress.COMPLETED if note else Progress.OPTIONAL
        case Step.PREVIEW:
            written = not any(lack.step is Step.TEXT for lack in lacks)
            progress = Progress.READY if written else Progress.CANNOT_START
            mine = () if written else (_("Write the text first."),)
        case Step.OPEN:
            progress = Progress.CANNOT_START if lacks else Progress.READY
            mine = (_("Complete the steps above first."),) if lacks else ()
        case _:
            progress = Progress.NOT_YET if mine else Progress.COMPLETED
    return Task(step, _name(step), progress, mine or ((note,) if note else ()))


def _name(step: Step) -> str:
    return {
        Step.TEXT: _("Write the text"),
        Step.ADDRESSEES: _("Choose whom it is addressed to"),
        Step.DEMANDS: _("Number your demands"),
        Step.ANNEXES: _("Add annexes"),
        Step.LANGUAGES: _("Languages"),
        Step.SETTINGS: _("Set deadline and contact"),
        Step.PREVIEW: _("Look at it as readers will"),
        Step.OPEN: _("Open it for signing"),
    }[step]
