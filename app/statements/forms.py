"""Forms of the desk: a new statement, its text and demands, annexes, settings, languages, deadline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from wtforms import BooleanField, DateField, FieldList, FileField, IntegerField, TimeField, ValidationError
from wtforms.validators import InputRequired, NumberRange, Optional, Regexp

from app.base.forms import (
    EmailAddress,
    Form,
    HiddenWord,
    OneLine,
    Paragraphs,
    Radios,
    SeenRevision,
    SelectOne,
    required_choice,
)
from app.base.locales import STATEMENT_LANGUAGES, gettext as _, lazy_gettext as _l
from app.base.moments import Moment, end_of_day, is_skipped, moment_at, zones
from app.base.name_fields import PersonName
from app.campaigns.states import SLUG, SLUG_LENGTH
from app.statements.states import NameOrder, StatementKind

LONGEST_TITLE = 200
LONGEST_SUMMARY = 2_000
LONGEST_BODY = 100_000
LONGEST_DEMAND = 3_000
MOST_DEMANDS = 30
LONGEST_MARKDOWN = 300_000
LARGEST_GOAL = 10_000_000


def language_choices() -> list[tuple[str, str]]:
    """Return every language that a statement can be written in, by the name that its readers use."""
    return list(STATEMENT_LANGUAGES.items())


def _zone_choices() -> list[tuple[str, str]]:
    return [(zone, zone.replace("_", " ")) for zone in zones()]


class _KindField(Radios):
    """What the text calls itself; the labels are made when the form is."""

    def __init__(self, label: Any, **options: Any) -> None:
        super().__init__(label, choices=lambda: [(kind.value, kind.label) for kind in StatementKind], **options)


class _NameOrderField(Radios):
    """In which order the names stand; the labels are made when the form is."""

    def __init__(self, label: Any, **options: Any) -> None:
        super().__init__(label, choices=lambda: [(order.value, order.label) for order in NameOrder], **options)


class _Day(DateField):
    """A day; the sentence for what is none says how to write one."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read a day."""
        _read(self, super().process_formdata, valuelist, _("This is not a day. Write it as in 2027-03-31."))


class _Time(TimeField):
    """A time of day."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read a time."""
        _read(self, super().process_formdata, valuelist, _("This is not a time. Write it as in 18:00."))


class _WholeNumber(IntegerField):
    """A whole number."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read a number."""
        _read(self, super().process_formdata, valuelist, _("This is not a whole number. Write digits only, as in 500."))


def _read(field: Any, read: Callable[[list[Any]], None], valuelist: list[Any], sentence: str) -> None:
    if not any(str(value).strip() for value in valuelist):
        field.data = None  # emptied, so the saved value doesn't stay
        return
    try:
        read(valuelist)
    except (ValueError, OverflowError) as error:
        raise ValueError(sentence) from error


class NewStatementForm(Form):
    """What a statement begins with."""

    printed = ("title",)
    title = OneLine(_l("Title"), required=_l("Enter a title. It can be changed until the statement opens."))
    kind = _KindField(
        _l("What it calls itself"), validators=[required_choice(_l("Choose what the text calls itself."))]
    )
    language = SelectOne(_l("Language you write it in"), choices=language_choices)


class StatementTextForm(Form):
    """A text in one language: what readers will read, and the revision that its editor saw."""

    printed = ("title", "summary", "body", "demands")
    title = OneLine(_l("Title"), required=_l("Enter a title."), longest=LONGEST_TITLE)
    summary = Paragraphs(_l("Summary"), longest=LONGEST_SUMMARY)
    body = Paragraphs(_l("Text"), longest=LONGEST_BODY)
    demands = FieldList(Paragraphs(_l("Demand"), longest=LONGEST_DEMAND), label=_l("Demands"))
    revision = SeenRevision()

    def __init__(self, *values: Any, **named: Any) -> None:
        super().__init__(*values, **named)
        self.number_demands()

    @property
    def typed_demands(self) -> list[str]:
        """What stands in the demands' fields, the empty ones too."""
        return [entry.words for entry in self.demands.entries]

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Every problem with the id of its field; each demand is a field of its own."""
        own = [(name, text) for name, text in super().problems if name != self.demands.id]
        mine = [(entry.id, str(error)) for entry in self.demands.entries for error in entry.errors]
        return own + mine + [(self.demands.id, str(error)) for error in self.demands.errors if isinstance(error, str)]

    def rearrange(self, what: str, number: int) -> int | None:
        """Add, remove or move a demand in the form alone; return the number of the one to look at, if any."""
        typed = self.typed_demands
        if what == "add" and len(typed) < MOST_DEMANDS:
            typed.append("")
            number = len(typed)
        elif what == "remove" and 1 <= number <= len(typed):
            del typed[number - 1]
            number = min(number, len(typed))
        elif what in ("up", "down") and 1 <= number <= len(typed):
            to = min(max(number + (1 if what == "down" else -1), 1), len(typed))
            typed.insert(to - 1, typed.pop(number - 1))
            number = to
        self.set_demands(typed)
        return number or None

    def set_demands(self, texts: list[str]) -> None:
        """Show these demands instead."""
        while self.demands.entries:
            self.demands.pop_entry()
        for text in texts:
            self.demands.append_entry(text)
        self.number_demands()

    def number_demands(self) -> None:
        """Label each demand with its number."""
        for number, entry in enumerate(self.demands.entries, 1):
            entry.label.text = _("Demand %(number)s", number=number)

    def validate_demands(self, field: Any) -> None:
        """Refuse more demands than a reader can take in."""
        if len(field.entries) > MOST_DEMANDS:
            raise ValidationError(_("At most %(most)s demands fit. Join some of them.", most=MOST_DEMANDS))


class AnnexUploadForm(Form):
    """A PDF; without a title it is called as its file is."""

    printed = ("title",)
    title = OneLine(_l("Title"), longest=LONGEST_TITLE)
    language = SelectOne(_l("Language"), choices=language_choices)
    file = FileField(_l("PDF file"))
    keeps_traces = BooleanField(_l("Leave the file exactly as it is"))


class MarkdownAnnexForm(Form):
    """A document that is written here, in Markdown."""

    printed = ("title", "text")
    title = OneLine(_l("Title"), required=_l("Enter a title for the document."), longest=LONGEST_TITLE)
    language = SelectOne(_l("Language"), choices=language_choices)
    text = Paragraphs(_l("Text"), required=_l("Write the document’s text."), longest=LONGEST_MARKDOWN)
    seen = HiddenWord()  # the hash of what its editor saw


class AnnexFactsForm(Form):
    """Title and language of a document whose file stays."""

    printed = ("title",)
    title = OneLine(_l("Title"), required=_l("Enter a title for the document."), longest=LONGEST_TITLE)
    language = SelectOne(_l("Language"), choices=language_choices)


class StatementLanguageForm(Form):
    """Which language to add."""

    language = SelectOne(_l("Language to add"), choices=language_choices)


class DeadlineForm(Form):
    """A moment, as people who share a place would say it."""

    deadline_on = _Day(_l("Deadline: day"), validators=[Optional()])
    deadline_time = _Time(_l("Deadline: time"), validators=[Optional()])
    deadline_zone = SelectOne(_l("In the time of"), choices=_zone_choices)

    @property
    def deadline_at(self) -> datetime | None:
        """The moment in UTC, without a time the end of the day there; None without a day."""
        day, at, zone = self.deadline_on.data, self.deadline_time.data, self.deadline_zone.data
        if day is None:
            return None
        return end_of_day(day, zone) if at is None else moment_at(day, at, zone)

    def validate_deadline_on(self, field: Any) -> None:
        """Refuse years that are slips of the keyboard."""
        if field.data is not None and not 2000 <= field.data.year <= 2200:
            raise ValidationError(_("Write the year with four digits, such as %(year)s.", year=2027))

    def validate_deadline_time(self, field: Any) -> None:
        """Refuse a time without a day, and one that the clocks jump over."""
        if field.data is None:
            return
        if self.deadline_on.data is None:
            if not self.deadline_on.errors:
                raise ValidationError(_("Enter the day as well, or empty the time."))
            return
        zone = self.deadline_zone.data
        if zone in zones() and is_skipped(self.deadline_on.data, field.data, zone):
            raise ValidationError(
                _("The clocks are put forward then: this time does not exist on that day. Choose an hour later.")
            )


def _goal() -> Any:
    message = _l("Enter how many signatures you aim for, 1 to 10,000,000, or nothing.")
    return _WholeNumber(_l("Goal"), validators=[Optional(), NumberRange(1, LARGEST_GOAL, message)])


def _name_order() -> Any:
    # A form that says nothing of it leaves it as it is: its data come from what is saved.
    return _NameOrderField(_l("Order of the names"))


class StatementSettingsForm(DeadlineForm):
    """What is set beside the text."""

    kind = _KindField(
        _l("What it calls itself"), validators=[required_choice(_l("Choose what the text calls itself."))]
    )
    slug = OneLine(
        _l("Address of its page"),
        required=_l("Enter an address, such as “free-the-press”."),
        longest=SLUG_LENGTH,
        validators=[
            Regexp(
                f"^{SLUG.pattern}$",
                message=_l("Use small letters a–z, digits and single hyphens between them, such as “free-the-press”."),
            )
        ],
    )
    language = SelectOne(_l("Authoritative language"), validate_choice=True)
    name_order = _name_order()
    goal = _goal()
    contact_name = PersonName(_l("Name"), longest=LONGEST_TITLE)
    contact_email = EmailAddress(_l("E-mail address"))


class FollowedForm(Form):
    """What can still be set once a statement is open."""

    name_order = _name_order()
    goal = _goal()
    contact_name = PersonName(
        _l("Name"), required=_l("Enter the name of the person who reads replies."), longest=LONGEST_TITLE
    )
    contact_email = EmailAddress(_l("E-mail address"), required=_l("Enter the address where replies are read."))


class DecisionForm(Form):
    """Accept or refuse one proposed version, by the button that was pressed."""

    version = HiddenWord()
    decision = HiddenWord()

    @property
    def accepts(self) -> bool:
        """Tell whether the button said yes."""
        return self.decision.words == "accept"

    def validate_decision(self, field: Any) -> None:
        """Demand one of the two buttons."""
        if field.data not in {"accept", "refuse"}:
            raise ValidationError(_("Choose whether to accept or to refuse it."))


class OpenForm(Form):
    """An explicit yes to freezing a text."""

    understood = BooleanField(
        _l("I have read this text, and it may be frozen"),
        validators=[InputRequired(_l("Tick the box when you have read what will be frozen."))],
    )


class CloseForm(Form):
    """An explicit yes to the end of signing."""

    understood = BooleanField(
        _l("Nobody shall be able to sign any more"),
        validators=[InputRequired(_l("Tick the box to confirm that signing ends for everybody."))],
    )


class StatementWithdrawForm(Form):
    """An explicit yes to taking a statement back."""

    understood = BooleanField(
        _l("I understand that this can’t be undone"),
        validators=[InputRequired(_l("Tick the box to confirm that this can’t be undone."))],
    )


def local_parts(at: datetime | None, zone: str) -> Mapping[str, Any]:
    """Return the fields of a DeadlineForm for a moment."""
    if at is None:
        return {"deadline_zone": zone}
    there = Moment(at, zone).local
    return {"deadline_on": there.date(), "deadline_time": there.time().replace(microsecond=0), "deadline_zone": zone}
