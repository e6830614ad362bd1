"""What organisers type into the directory: a signatory, a group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from wtforms import (
    BooleanField,
    FieldList,
    Form as PlainForm,
    FormField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from app.base.countries import country_choices, is_country
from app.base.forms import EmailAddress, Form, Paragraphs, Radios, SelectOne, WebLink
from app.base.locales import STATEMENT_LANGUAGES, gettext as _, lazy_gettext as _l
from app.base.name_fields import PersonName
from app.base.names import UnfitNameError
from app.base.naming import body_name, line_beside, person_name
from app.directory.states import LONGEST_LINE, LONGEST_NOTES, Details, GroupPlace, NewEntry, SignatoryKind

MOST_PLACES = 12


class _Labelled(PersonName):
    """A field whose problem names it: an entry has many of them."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Keep what was typed, tidied where it can be; a box that was not sent is empty."""
        self.data = ""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(_("%(label)s: %(problem)s", label=self.label.text, problem=str(error))) from error


class BodyLine(_Labelled):
    """The name of a group or an organisation in any script."""

    tidy = staticmethod(body_name)


class LineField(_Labelled):
    """What stands beside a name in any script."""

    tidy = staticmethod(line_beside)


class PlaceForm(PlainForm):
    """A group and the role held in it."""

    group = BodyLine(_l("Group"))
    role = LineField(_l("Role in the group"))


class SignatoryForm(Form):
    """A person or an organisation, as a coordinator writes it."""

    printed = ("name", "credential", "affiliation", "places")
    kind = Radios(
        _l("Who signs?"),
        choices=[
            SelectChoice(SignatoryKind.PERSON.value, _l("A person")),
            SelectChoice(SignatoryKind.ORGANISATION.value, _l("An organisation")),
        ],
        default=SignatoryKind.PERSON.value,
    )
    name = BodyLine(_l("Name"), required=_l("Enter the name."))
    representative = LineField(_l("Representative"))
    email = EmailAddress(_l("E-mail address"))
    credential = LineField(_l("Credential"), longest=LONGEST_LINE)
    affiliation = LineField(_l("Affiliation"), longest=LONGEST_LINE)
    country = SelectOne(_l("Country"), default="")
    language = SelectOne(_l("Language to write in"), default="")
    sort_name = LineField(_l("Name to sort by"))
    is_prominent = BooleanField(_l("Prominent: listed first"))
    places = FieldList(FormField(PlaceForm), label=_l("Groups"), min_entries=1, max_entries=MOST_PLACES)
    notes = Paragraphs(_l("Notes"), longest=LONGEST_NOTES)

    def __init__(self, *given: Any, reader_language: str = "en", **named: Any) -> None:
        super().__init__(*given, **named)
        self.country.choices = _choices(_("Not given"), country_choices(reader_language))
        self.language.choices = _choices(_("The campaign’s language"), STATEMENT_LANGUAGES.items())

    def validate_name(self, field: BodyLine) -> None:
        """Refuse for a person what only a body may be called."""
        if self.kind.data == SignatoryKind.PERSON:
            try:
                person_name(field.words, LONGEST_LINE)
            except UnfitNameError as error:
                raise ValidationError(
                    _("%(label)s: %(problem)s", label=field.label.text, problem=str(error))
                ) from error

    def validate_country(self, field: SelectOne) -> None:
        """Refuse what is no country's code."""
        if field.data and not is_country(field.data):
            raise ValidationError(_("Choose a country from the list."))

    def entry(self) -> NewEntry:
        """Return what was typed as an entry."""
        kind = SignatoryKind(self.kind.data)
        details = Details(
            name=self.name.words,
            sort_name=self.sort_name.words,
            email=self.email.words,
            credential=self.credential.words,
            affiliation=self.affiliation.words,
            country=self.country.words,
            language=self.language.words,
            representative=(self.representative.words) if kind is SignatoryKind.ORGANISATION else "",
            notes=self.notes.words,
        )
        places = [GroupPlace(place["group"], place["role"] or "") for place in self.places.data if place["group"]]
        return NewEntry(details, kind, bool(self.is_prominent.data), tuple(places))


class GroupForm(Form):
    """A group's name and website."""

    name = BodyLine(_l("Name of the group"), required=_l("Enter the group’s name."))
    website = WebLink(_l("Website"))


def _choices(empty: str, known: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice("", empty), *(SelectChoice(value, label) for value, label in known)]
