"""What signatories fill in. Nothing that decides has a default."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape
from wtforms import BooleanField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, html_params

from app.base.countries import country_choices, is_country
from app.base.forms import EmailAddress, Form, HiddenWord, Paragraphs, Radios, SelectOne, Worded, required_choice
from app.base.locales import gettext as _, lazy_gettext as _l
from app.base.name_fields import BodyName, LineBeside, PersonName
from app.base.names import UnfitNameError, same_name_key
from app.base.naming import person_name
from app.invitations.states import LONGEST_WORDS
from app.signatures.name_parts import shared_part
from app.signatures.states import (
    LONGEST_LINE,
    LONGEST_PSEUDONYM,
    LONGEST_WORD,
    ChangeState,
    Consent,
    OwnersWord,
    SignatoryChoice,
)
from app.visibility.states import Visibility

CHOICES = {
    SignatoryChoice.SIGN: _l("I sign"),
    SignatoryChoice.DECLINE: _l("I decline"),
    SignatoryChoice.ASK_CHANGE: _l("I ask for a change first"),
}

WORDS = {
    ChangeState.WAITS_FOR_OWNER: {
        OwnersWord.YES: _l("Yes, show it so from now on"),
        OwnersWord.NO: _l("No, leave it as it was"),
        OwnersWord.NO_AND_NEW_LINK: _l("No, and make me a new link: somebody else has mine"),
    },
    ChangeState.WAITS_FOR_COORDINATOR: {
        OwnersWord.YES: _l("I gave this name: let it wait"),
        OwnersWord.NO: _l("Take it back"),
        OwnersWord.NO_AND_NEW_LINK: _l("Take it back, and make me a new link: somebody else has mine"),
    },
}
WORDS_IN_FORCE = {
    OwnersWord.YES: _l("Leave it as it is now"),
    OwnersWord.NO: _l("Put back what was"),
    OwnersWord.NO_AND_NEW_LINK: _l("Put back what was, and make me a new link: somebody else has mine"),
}


def _choices(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in pairs]


@lru_cache(maxsize=128)
def _countries(language: str, none: str) -> tuple[list[SelectChoice], Markup]:
    """Return the choices and their HTML: 250 options take a third of the page's time when made anew for everybody."""
    choices = _choices([("", none), *country_choices(language)])
    options = [Markup('<option value="{}">{}</option>').format(each.value, each.label) for each in choices]
    return choices, Markup("").join(options)


def marked(options: Markup, country: str) -> Markup:
    """Return the options of a `CountryField` with one of them chosen, as it renders them itself."""
    value = escape(country)
    return Markup(options.replace(f'<option value="{value}">', f'<option selected value="{value}">', 1))  # noqa: S704


class _CountryWidget:
    """A select whose options are kept ready."""

    def __call__(self, field: CountryField, **attributes: Any) -> Markup:
        """Render the field; the chosen country is marked in the kept options."""
        attributes.setdefault("id", field.id)
        options = marked(field.options, field.words)
        return Markup("<select {}>{}</select>").format(Markup(html_params(name=field.name, **attributes)), options)  # noqa: S704


class CountryField(SelectOne):
    """One country or none, named in the reader's language."""

    widget = _CountryWidget()
    options = Markup("")

    def offer(self, language: str) -> None:
        """List the countries; none at all is the first choice."""
        self.choices, self.options = _countries(language, _("Not shown"))

    def pre_validate(self, form: Any) -> None:
        """Refuse what is no country; 250 comparisons took a tenth of signing."""
        if self.words and not is_country(self.words):
            raise ValidationError(self.gettext("Not a valid choice."))


class Insistence(Worded, StringField):
    """A box, shown after a warning only; ticking it means the very words that were warned of and no others."""

    widget = CheckboxInput()
    offered = ""  # what was warned of

    @property
    def is_meant(self) -> bool:
        """Tell whether the box was ticked for what is warned of now."""
        return bool(self.offered) and same_name_key(self.words) == same_name_key(self.offered)

    checked = is_meant

    def _value(self) -> str:
        return self.offered


class TokenForm(Form):
    """A form of a page without cookies: its token stands where elsewhere the session's mark does."""

    form_token = HiddenWord()


class _HasName(Form):
    """Name, public line and country: what appears of a signatory."""

    name = BodyName(_l("Your name"), required=_l("Enter your name as you want it to be written."))
    public_line = LineBeside(_l("Line beside your name"), longest=LONGEST_LINE)
    country = CountryField(_l("Country"), validators=[Optional()])

    def check_name(self, *, is_organisation: bool) -> None:
        """Refuse for a person what only a body may be called."""
        if not is_organisation and not self.name.errors:
            try:
                person_name(self.name.words)
            except UnfitNameError as error:
                self.blame("name", str(error))


class _HasVisibility(Form):
    """How a name appears, with the pseudonym where one is chosen."""

    visibility = Radios(_l("How your name appears"), validators=[Optional()])
    pseudonym = PersonName(_l("Pseudonym"), longest=LONGEST_PSEUDONYM)
    pseudonym_anyway = Insistence(_l("Take this pseudonym all the same"))

    def offer(self, offered: Sequence[Visibility]) -> None:
        """List the choices of visibility that this signatory has."""
        self.visibility.choices = _choices((each.value, each.label) for each in offered)

    def check_visibility(self, own_name: str, own_address: str = "") -> bool:
        """Demand a choice, and a pseudonym that hides; tell whether all is well."""
        if self.visibility.data != Visibility.PSEUDONYM:
            self.pseudonym.errors = []  # it goes nowhere
        if not self.visibility.data:
            self.blame("visibility", _("Choose how your name appears."))
        elif self.visibility.data == Visibility.PSEUDONYM and not self.pseudonym.errors:
            _check_pseudonym(self, own_name, own_address)
        return not self.errors and not self.form_errors


class DecideForm(TokenForm, _HasVisibility, _HasName):
    """The invited person's decision."""

    sha256 = HiddenWord()
    seen_answer = HiddenWord()  # what had been answered when the page was shown; only to tell a second window
    choice = Radios(
        _l("What do you decide?"),
        choices=_choices((each.value, label) for each, label in CHOICES.items()),
        validators=[required_choice(_l("Choose whether you sign, decline or ask for a change."))],
    )
    representative = LineBeside(_l("Who signs for it"))
    authorised = BooleanField(_l("I am authorised to sign for this organisation"))
    wants_news = BooleanField(_l("Write to me when there is news of this"))
    words = Paragraphs(_l("Your reason, or the change you ask for"), longest=LONGEST_WORDS)

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Check the decision; a person who declines is not troubled with the fields for signing."""
        super().validate(extra_validators)
        if self.choice.data != SignatoryChoice.SIGN:
            for field in self:
                if field.name not in ("choice", "words"):
                    field.errors = []
        if self.choice.data == SignatoryChoice.ASK_CHANGE and not (self.words.words).strip():
            self.blame("words", _("Say which change you ask for."))
        return not self.errors

    def check_signing(self, *, is_organisation: bool, address: str = "") -> bool:
        """Check what only signing needs; tell whether all is well."""
        self.check_name(is_organisation=is_organisation)
        self.check_visibility(self.name.words, address)
        if is_organisation and not (self.representative.words).strip():
            self.blame("representative", _("Enter who signs for the organisation: name and office."))
        if is_organisation and not self.authorised.data:
            self.blame("authorised", _("Tick the box if you may sign for this organisation; otherwise do not sign."))
        return not self.errors

    def consent(self, language: str, *, is_organisation: bool) -> Consent:
        """Return what was agreed to."""
        visibility = Visibility(self.visibility.data)
        return Consent(
            text_sha256=self.sha256.words,
            language=language,
            visibility=visibility,
            name=self.name.words,
            public_line=self.public_line.words,
            country=self.country.words,
            pseudonym=(self.pseudonym.words) if visibility is Visibility.PSEUDONYM else "",
            representative=(self.representative.words) if is_organisation else "",
            wants_news=bool(self.wants_news.data),
        )


class VisibilityForm(TokenForm, _HasVisibility):
    """Another way of appearing."""


class LineForm(TokenForm, _HasName):
    """Another spelling, another line."""


class ChangeForm(TokenForm):
    """Yes or no to a change, by its owner."""

    seen = HiddenWord()
    word = Radios(_l("What do you say?"), validators=[required_choice(_l("Choose what you say to this change."))])

    def offer(self, state: ChangeState) -> None:
        """List the answers, in the words that fit where the change stands."""
        self.word.choices = _choices((word.value, label) for word, label in WORDS.get(state, WORDS_IN_FORCE).items())


class NameForm(Form):
    """A coordinator's ruling on a name."""

    ruling = Radios(
        _l("May this name appear?"),
        choices=_choices([("accept", _l("Yes, it is theirs")), ("refuse", _l("No, what stood before stays"))]),
        validators=[required_choice(_l("Choose whether the name may appear."))],
    )
    word = LineBeside(_l("A word to them"), longest=LONGEST_WORD)


class NewsForm(TokenForm):
    """News, or no more news."""

    wants_news = BooleanField(_l("Write to me when there is news of this"))


class SignatureWithdrawForm(TokenForm):
    """Withdrawing, which nobody does by accident."""

    sure = Radios(
        _l("Do you withdraw your signature?"),
        choices=_choices([("yes", _l("Yes, I withdraw it")), ("no", _l("No, it stands"))]),
        validators=[required_choice(_l("Choose whether you withdraw your signature."))],
    )


class OwnLinkForm(Form):
    """The address to which a lost link is sent again."""

    email = EmailAddress(_l("Your e-mail address"), required=_l("Enter the address that our mails came to."))


def _check_pseudonym(form: _HasVisibility, own_name: str, own_address: str) -> None:
    wanted = form.pseudonym.words
    if not wanted:
        form.blame("pseudonym", _("Enter the pseudonym under which you sign."))
    elif same_name_key(wanted) == same_name_key(own_name):
        form.blame("pseudonym", _("This is your name. Choose a pseudonym that does not tell who you are."))
    elif part := shared_part(wanted, own_name, own_address):
        form.pseudonym_anyway.offered = wanted
        if not form.pseudonym_anyway.is_meant:
            form.blame("pseudonym", _(
                "“%(part)s” stands in your name or your address too, so this pseudonym may tell who you are. "
                "Choose another one, or tick the box below to take it all the same.", part=part,
            ))  # fmt: skip
