"""What signatories fill in. Nothing that decides has a default."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from markupsafe import Markup
from wtforms import BooleanField, HiddenField, RadioField, SelectField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import Optional
from wtforms.widgets import html_params

from app.base.countries import country_choices
from app.base.forms import EmailAddress, Form, OneLine, Paragraphs, required_choice
from app.base.locales import gettext as _, lazy_gettext as _l
from app.base.names import UnfitNameError, same_name_key, tidy_name
from app.invitations.states import LONGEST_WORDS
from app.signatures.states import LONGEST_LINE, LONGEST_PSEUDONYM, Choice, Consent
from app.visibility.states import Visibility

CHOICES = {
    Choice.SIGN: _l("I sign"),
    Choice.DECLINE: _l("I decline"),
    Choice.ASK_CHANGE: _l("I ask for a change first"),
}


def _choices(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in pairs]


@lru_cache(maxsize=128)
def _countries(language: str, none: str) -> tuple[list[SelectChoice], Markup]:
    """Return the choices and their HTML: 250 options take a third of the page's time when made anew for everybody."""
    choices = _choices([("", none), *country_choices(language)])
    options = [Markup('<option value="{}">{}</option>').format(each.value, each.label) for each in choices]
    return choices, Markup("").join(options)


class _CountryWidget:
    """A select whose options are kept ready."""

    def __call__(self, field: CountryField, **attributes: Any) -> Markup:
        """Render the field; the chosen country is marked in the kept options."""
        attributes.setdefault("id", field.id)
        chosen = Markup('<option value="{}">').format(field.data or "")
        marked = Markup('<option selected value="{}">').format(field.data or "")
        options = field.options.replace(chosen, marked, 1)
        return Markup("<select {}>{}</select>").format(Markup(html_params(name=field.name, **attributes)), options)  # noqa: S704


class CountryField(SelectField):
    """One country or none, named in the reader's language."""

    widget = _CountryWidget()
    options = Markup("")

    def offer(self, language: str) -> None:
        """List the countries; none at all is the first choice."""
        self.choices, self.options = _countries(language, _("Not shown"))


class _HasName(Form):
    """Name, public line and country: what appears of a signatory."""

    name = OneLine(_l("Your name"), required=_l("Enter your name as you want it to be written."))
    public_line = OneLine(_l("Line beside your name"), longest=LONGEST_LINE)
    country = CountryField(_l("Country"), validators=[Optional()])

    def validate_name(self, field: Any) -> None:
        """Refuse what can't be a name."""
        _check_name(field)


class _HasVisibility(Form):
    """How a name appears, with the pseudonym where one is chosen."""

    visibility = RadioField(_l("How your name appears"), validators=[Optional()])
    pseudonym = OneLine(_l("Pseudonym"), longest=LONGEST_PSEUDONYM)

    def offer(self, offered: Sequence[Visibility]) -> None:
        """List the choices of visibility that this signatory has."""
        self.visibility.choices = _choices((each.value, each.label) for each in offered)

    def check_visibility(self, own_name: str) -> bool:
        """Demand a choice, and a pseudonym that hides; tell whether all is well."""
        if not self.visibility.data:
            self.blame("visibility", _("Choose how your name appears."))
        elif self.visibility.data == Visibility.PSEUDONYM:
            _check_pseudonym(self, own_name)
        return not self.errors and not self.form_errors


class DecideForm(_HasVisibility, _HasName):
    """The invited person's decision."""

    form_token = HiddenField()
    sha256 = HiddenField()
    seen_answer = HiddenField()  # what had been answered when the page was shown; only to tell a second window
    choice = RadioField(
        _l("What do you decide?"),
        choices=_choices((each.value, label) for each, label in CHOICES.items()),
        validators=[required_choice(_l("Choose whether you sign, decline or ask for a change."))],
    )
    representative = OneLine(_l("Who signs for it"))
    authorised = BooleanField(_l("I am authorised to sign for this organisation"))
    wants_news = BooleanField(_l("Write to me when there is news of this"))
    words = Paragraphs(_l("Your reason, or the change you ask for"), longest=LONGEST_WORDS)

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Check the decision; who declines is not troubled with the fields of who signs."""
        super().validate(extra_validators)
        if self.choice.data != Choice.SIGN:
            for field in self:
                if field.name not in ("choice", "words"):
                    field.errors = []
        if self.choice.data == Choice.ASK_CHANGE and not (self.words.data or "").strip():
            self.blame("words", _("Say which change you ask for."))
        return not self.errors

    def check_signing(self, *, is_organisation: bool) -> bool:
        """Check what only signing needs; tell whether all is well."""
        self.check_visibility(self.name.data or "")
        if is_organisation and not (self.representative.data or "").strip():
            self.blame("representative", _("Enter who signs for the organisation: name and office."))
        if is_organisation and not self.authorised.data:
            self.blame("authorised", _("Tick the box if you may sign for this organisation; otherwise do not sign."))
        return not self.errors

    def consent(self, language: str, *, is_organisation: bool) -> Consent:
        """Return what was agreed to."""
        visibility = Visibility(self.visibility.data)
        return Consent(
            text_sha256=self.sha256.data or "",
            language=language,
            visibility=visibility,
            name=self.name.data or "",
            public_line=self.public_line.data or "",
            country=self.country.data or "",
            pseudonym=(self.pseudonym.data or "") if visibility is Visibility.PSEUDONYM else "",
            representative=(self.representative.data or "") if is_organisation else "",
            wants_news=bool(self.wants_news.data),
        )


class VisibilityForm(_HasVisibility):
    """Another way of appearing."""

    form_token = HiddenField()


class LineForm(_HasName):
    """Another spelling, another line."""

    form_token = HiddenField()


class NewsForm(Form):
    """News, or no more news."""

    form_token = HiddenField()
    wants_news = BooleanField(_l("Write to me when there is news of this"))


class WithdrawForm(Form):
    """Withdrawing, which nobody does by accident."""

    form_token = HiddenField()
    sure = RadioField(
        _l("Do you withdraw your signature?"),
        choices=_choices([("yes", _l("Yes, I withdraw it")), ("no", _l("No, it stands"))]),
        validators=[required_choice(_l("Choose whether you withdraw your signature."))],
    )


class OwnLinkForm(Form):
    """The address to which a lost link is sent again."""

    email = EmailAddress(_l("Your e-mail address"), required=_l("Enter the address that our mails came to."))


def _check_name(field: Any) -> None:
    try:
        field.data = tidy_name(field.data or "")
    except UnfitNameError as error:
        raise ValidationError(str(error)) from error


def _check_pseudonym(form: _HasVisibility, own_name: str) -> None:
    wanted = (form.pseudonym.data or "").strip()
    if not wanted:
        form.blame("pseudonym", _("Enter the pseudonym under which you sign."))
    elif same_name_key(wanted) == same_name_key(own_name):
        form.blame("pseudonym", _("This is your name. Choose a pseudonym that does not tell who you are."))
    else:
        try:
            form.pseudonym.data = tidy_name(wanted, LONGEST_PSEUDONYM)
        except UnfitNameError as error:
            form.blame("pseudonym", str(error))
