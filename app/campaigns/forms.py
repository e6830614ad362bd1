"""Forms of campaigns: description, convenors, chronology, members."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from wtforms import BooleanField
from wtforms.validators import InputRequired, ValidationError

from app.base.forms import (
    EmailAddress,
    Form,
    HiddenWord,
    OneLine,
    Paragraphs,
    Radios,
    SelectOne,
    WebLink,
    choices_of,
    required_choice,
)
from app.base.locales import STATEMENT_LANGUAGES, gettext as _, lazy_gettext as _l
from app.base.name_fields import BodyName, LineBeside, PersonName
from app.campaigns.states import SLUG_LENGTH, CampaignFacts, ConvenorFacts, EventFacts, Precision, Role

LANGUAGES = sorted(STATEMENT_LANGUAGES.items(), key=lambda item: (item[0] != "en", item[1].casefold()))
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_FIRST_YEAR = 1800


class NewCampaignForm(Form):
    """The cause in its main language."""

    title = OneLine(_l("Title"), required=_l("Enter the campaign’s title."))
    language = SelectOne(_l("Main language"), choices=choices_of(LANGUAGES), default="en")
    summary = Paragraphs(_l("Summary"), longest=3000)

    def facts(self) -> CampaignFacts:
        """Return what was entered."""
        return CampaignFacts(self.title.words, self.summary.words, self.language.data)


class CampaignTextForm(Form):
    """Title and summary in one language; `mark` tells which text the organiser saw."""

    printed = ("title",)
    title = OneLine(_l("Title"), required=_l("Enter the title in this language."))
    summary = Paragraphs(_l("Summary"), longest=3000)
    mark = HiddenWord()

    def facts(self, language: str) -> CampaignFacts:
        """Return what was entered, for a language."""
        return CampaignFacts(self.title.words, self.summary.words, language)


class CampaignLanguageForm(Form):
    """Which language shall be written next?"""

    language = SelectOne(_l("Another language"), choices=choices_of(LANGUAGES))


class CampaignSettingsForm(Form):
    """Where the campaign is found, its main language, and whom journalists call."""

    slug = OneLine(_l("Address of the campaign’s page"), longest=SLUG_LENGTH)
    language = SelectOne(_l("Main language"))
    press_contact = Paragraphs(_l("Press contact"), longest=1000)

    def facts(self) -> CampaignFacts:
        """Return what was entered."""
        return CampaignFacts(
            "", language=self.language.data, slug=self.slug.words, press_contact=self.press_contact.words
        )


class ConvenorForm(Form):
    """An organisation or a named circle that initiates the campaign's statements."""

    printed = ("name",)
    name = BodyName(_l("Name"), required=_l("Enter the convenor’s name."), longest=300)
    description = LineBeside(_l("What it is, in a few words"), longest=500)
    website = WebLink(_l("Website"))

    def facts(self) -> ConvenorFacts:
        """Return what was entered."""
        return ConvenorFacts(self.name.words, self.description.words, self.website.words)


class EventForm(Form):
    """One event of the chronology; the date may be a day, a month or a year."""

    date = OneLine(_l("Date"), required=_l("Enter the date: a day, a month or a year."), longest=20)
    text = Paragraphs(_l("What happened"), required=_l("Enter what happened."), longest=5000)
    source_url = WebLink(_l("Link to a source"))
    language = SelectOne(_l("Language"), choices=choices_of(LANGUAGES))

    def validate_date(self, field: Any) -> None:
        """Read the date; it says by its length how exactly it is known."""
        read_date(field.data)

    def facts(self) -> EventFacts:
        """Return what was entered."""
        happened_on, precision = read_date(self.date.words)
        return EventFacts(happened_on, self.text.words, precision, self.language.data, self.source_url.words)


class AddMemberForm(Form):
    """A colleague, and what they may do."""

    email = EmailAddress(_l("E-mail address"), required=_l("Enter your colleague’s e-mail address."))
    name = PersonName(_l("Name"), longest=120)
    role = Radios(_l("Role"), [required_choice(_l("Choose what your colleague may do."))])

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.role.choices = choices_of((role.value, role.label) for role in Role)


class RoleForm(Form):
    """Another role for a member."""

    role = Radios(_l("Role"), [required_choice(_l("Choose what your colleague may do."))])

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.role.choices = choices_of((role.value, role.label) for role in Role)


class ConfirmationForm(Form):
    """One person's word for another; it is given explicitly."""

    known = BooleanField(
        _l("I know this person, and have made sure that this account is theirs and nobody else’s."),
        validators=[InputRequired(_l("Tick the box if you know this person. If not, leave it to somebody else."))],
    )


def read_date(text: str) -> tuple[date, Precision]:
    """Read "2019-10-01", "2019-10" or "2019"; raises ValidationError. A month or day not given counts as the first."""
    match = _DATE.fullmatch(text.strip())
    try:
        if match is None:
            raise ValueError
        year, month, day = (int(part) if part else None for part in match.groups())
        found = date(year or 0, month or 1, day or 1)
    except ValueError:
        raise ValidationError(
            _("“%(date)s” is not a date. Write 2019-10-01, or 2019-10 for a month, or 2019 for a year.", date=text)
        ) from None
    if not _FIRST_YEAR <= found.year <= date.max.year:
        raise ValidationError(_("The year %(year)s is too long ago.", year=found.year))
    return found, Precision.DAY if day else Precision.MONTH if month else Precision.YEAR


def write_date(happened_on: date, precision: Precision) -> str:
    """Return a date as it is typed, no more exactly than it is known."""
    length = {Precision.DAY: 10, Precision.MONTH: 7, Precision.YEAR: 4}[precision]
    return happened_on.isoformat()[:length]
