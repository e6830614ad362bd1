"""Forms of institutions and their recipients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup
from wtforms import BooleanField, SelectMultipleField, ValidationError
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput

from app.base.countries import country_choices
from app.base.forms import EmailAddress, Form, OneLine, Paragraphs, SelectOne, WebLink, choices_of
from app.base.locales import STATEMENT_LANGUAGES, gettext as _, lazy_gettext as _l
from app.base.name_fields import BodyName, PersonName
from app.institutions.states import LONGEST_NOTES, NAME_LENGTH, InstitutionFacts, RecipientFacts

_LANGUAGES = sorted(STATEMENT_LANGUAGES.items(), key=lambda item: (item[0] != "en", item[1].casefold()))


class ProposingForm(Form):
    """A change that is a proposal to the campaigns that use the institution; the doer may accept it for their own."""

    accept_for = SelectMultipleField(_l("Accept it at once for"), option_widget=CheckboxInput(), choices=[])

    def offer(self, campaigns: Sequence[tuple[str, str]]) -> None:
        """Offer these campaigns (public id, title); one alone is ticked when the page is opened."""
        self.accept_for.choices = choices_of(
            (value, Markup("<bdi>{}</bdi>").format(title)) for value, title in campaigns
        )
        if self.accept_for.raw_data is None and len(campaigns) == 1:
            self.accept_for.data = [campaigns[0][0]]


class InstitutionForm(ProposingForm):
    """A body that appeals are addressed to."""

    printed = ("name",)
    name = BodyName(_l("Name"), required=_l("Enter the institution’s name."), longest=NAME_LENGTH)
    country = SelectOne(_l("Country"))
    website = WebLink(_l("Website"))
    is_another = BooleanField(_l("This is another institution of nearly the same name"))

    def __init__(self, *args: Any, language: str, **values: Any) -> None:
        super().__init__(*args, **values)
        self.country.choices = choices_of([("", _("No single country")), *country_choices(language)])

    def facts(self) -> InstitutionFacts:
        """Return what was entered."""
        return InstitutionFacts(self.name.words, self.country.words, self.website.words)


class RemovalForm(ProposingForm):
    """An explicit yes to writing to a recipient no longer."""

    understood = BooleanField(
        _l("Propose to write to this recipient no longer"),
        validators=[InputRequired(_l("Tick the box if this recipient is to be removed."))],
    )


class RecipientForm(ProposingForm):
    """An office, a person there or both, and how a letter begins."""

    office = BodyName(_l("Office"))
    person = PersonName(_l("Person"))
    salutation = OneLine(_l("Salutation"), required=_l("Enter how the letter begins, such as “Dear Minister”."))
    email = EmailAddress(_l("E-mail address"), required=_l("Enter the address that the appeal is mailed to."))
    language = SelectOne(_l("Language of the letter"), choices=choices_of(_LANGUAGES), default="en")
    notes = Paragraphs(_l("Notes"), longest=LONGEST_NOTES)

    def validate_office(self, field: Any) -> None:
        """Demand one of the two."""
        if not field.data and not self.person.data:
            raise ValidationError(_("Enter an office, a person, or both."))

    def facts(self) -> RecipientFacts:
        """Return what was entered."""
        return RecipientFacts(
            office=self.office.words,
            person=self.person.words,
            salutation=self.salutation.words,
            email=self.email.words,
            language=self.language.data,
        )
