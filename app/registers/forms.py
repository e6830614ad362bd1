"""What organisers say of a list of offices: what its columns hold, whose offices these are, how they are greeted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wtforms import FieldList, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from app.base.countries import country_choices
from app.base.forms import Form, OneLine, SelectOne, choices_of
from app.base.locales import STATEMENT_LANGUAGES, gettext as _, lazy_gettext as _l
from app.base.name_fields import BodyName
from app.institutions.groups import GROUP_NAME_LENGTH
from app.institutions.states import NAME_LENGTH
from app.registers.fields import SEVERAL, WHO, OfficeField
from app.registers.salutations import LONGEST_PATTERN, PLACES, Manner, unknown_places

_LANGUAGES = sorted(STATEMENT_LANGUAGES.items(), key=lambda item: (item[0] != "en", item[1].casefold()))


class OfficeColumnsForm(Form):
    """What each column of a list of offices holds, and what is the same for all rows."""

    columns = FieldList(SelectOne(choices=[]))
    institution = SelectOne(_l("Institution"))
    name = BodyName(_l("Name of the new institution"), longest=NAME_LENGTH)
    country = SelectOne(_l("Country of the new institution"))
    language = SelectOne(_l("Language of the letters"), choices=choices_of(_LANGUAGES))
    group = BodyName(_l("Put everybody in this list into a group"), longest=GROUP_NAME_LENGTH)

    def __init__(self, *given: Any, language: str, institutions: Iterable[tuple[str, str]], **named: Any) -> None:
        super().__init__(*given, **named)
        choices = [SelectChoice(field.value, field.label) for field in OfficeField]
        for column in self.columns:
            column.choices = choices
        self.institution.choices = choices_of([("", _("A new one, or the column says it")), *institutions])
        self.country.choices = choices_of([("", _("No single country")), *country_choices(language)])

    @property
    def chosen(self) -> tuple[OfficeField, ...]:
        """What the columns hold; what makes no sense is left out."""
        known = set(OfficeField)
        return tuple(OfficeField(one.data) if one.data in known else OfficeField.IGNORE for one in self.columns)

    def validate_columns(self, _field: Any) -> None:
        """Demand an address and somebody, and no field twice that can be there once only."""
        chosen = self.chosen
        if OfficeField.EMAIL not in chosen:
            raise ValidationError(_("Choose which column holds the e-mail addresses."))
        if not WHO & set(chosen):
            raise ValidationError(_("Choose which column holds the names or the offices."))
        twice = next((one for one in chosen if one not in SEVERAL and chosen.count(one) > 1), None)
        if twice is not None:
            raise ValidationError(
                _(
                    "Two columns are set to “%(label)s”. Leave one of them out, or keep it in the notes.",
                    label=twice.label,
                )
            )

    def validate_name(self, field: Any) -> None:
        """Demand an institution from somewhere."""
        if not (field.data or self.institution.data or OfficeField.INSTITUTION in self.chosen):
            raise ValidationError(
                _("Choose the institution, name a new one, or say which column holds the institutions.")
            )


class Salutation(OneLine):
    """How a letter begins, with places for what the list says; without the comma that every letter adds."""

    def __init__(self, label: Any = "", **options: Any) -> None:
        super().__init__(label, longest=LONGEST_PATTERN, **options)

    def pre_validate(self, _form: Any) -> None:
        """Refuse places that mean nothing."""
        if unknown := unknown_places(self.words):
            places = ", ".join(f"{{{place}}}" for place in PLACES)
            raise ValidationError(_("{%(place)s} means nothing here. Use %(places)s.", place=unknown[0], places=places))


def pattern_name(language: str, manner: Manner) -> str:
    """Return what the field of a salutation is called."""
    return f"pattern-{language}-{manner}"


def salutations_form(saved: Mapping[tuple[str, Manner], str], typed: Any = None) -> Form:
    """Return a form with a field for each language and manner that occurs in a list, filled with what is saved."""
    fields = {pattern_name(*key): Salutation() for key in saved}
    values = {pattern_name(*key): text for key, text in saved.items()}
    form: Form = type("SalutationsForm", (Form,), fields)(typed, data=values)
    return form
