"""Form fields that refuse what would break a page, a mail or a PDF, and say what to do about it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from wtforms import (
    Form as WtForm,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import DataRequired, InputRequired, Length

from app.base.characters import BIDI_OVERRIDES, BYTE_ORDER_MARK, CONTROLS_BUT_LAYOUT, SEPARATORS
from app.base.edge import remark
from app.base.errors import Refusal
from app.base.glyphs import described, unprintable
from app.base.locales import gettext as _, lazy_gettext as _l
from app.base.salvage import note_form
from app.base.second_look import is_second_look

NAME_LENGTH = 200
EMAIL_LENGTH = 254
LINK_LENGTH = 500
# Characters that reorder or hide text, so that a name could pose as another.
_FORBIDDEN = re.compile(f"[{CONTROLS_BUT_LAYOUT}{SEPARATORS}{BYTE_ORDER_MARK}{BIDI_OVERRIDES}]")


class Form(WtForm):
    """The base of every form; `problems` lists (field id, sentence) in the order of the fields.

    `refusal` is what an action refused of it, if anything.
    `printed` names the fields that PDFs print: a character there that no typeface has is remarked on, never refused.
    """

    printed: ClassVar[tuple[str, ...]] = ()
    refusal: Refusal | None = None

    def __init__(self, *values: Any, **named: Any) -> None:
        super().__init__(*values, **named)
        note_form(self)

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Check every field and remark on what can't be printed; in a second look nothing is valid, nor at fault."""
        if is_second_look():
            return False
        is_sound = super().validate(extra_validators)
        for name in self.printed if is_sound else ():
            found = unprintable(" ".join(_strings(self._fields[name].data)))
            if found:
                remark(_unprintable(self._fields[name].label.text, found))
        return is_sound

    @property
    def groups(self) -> list[str]:
        """The ids of the groups of choices: each is reached at its first choice."""
        return [field.id for field in self if isinstance(field, RadioField | SelectMultipleField)]

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Every problem with the id of its field, for the summary at the top of the page."""
        own = [("", str(error)) for error in self.form_errors]
        return own + [(field.id, str(error)) for field in self for error in _flat(field.errors)]

    def blame(self, field: str | None, message: str) -> None:
        """Say what is wrong at the field at fault, or above the form."""
        if field and field in self._fields:
            found = self._fields[field]
            found.errors = [*found.errors, message]
        else:
            self.form_errors.append(message)

    def keep(self, refusal: Refusal, at: str | None = None) -> None:
        """Say what an action refused at the field that it names, or else at the one named `at`."""
        self.refusal = refusal
        self.blame(refusal.field if refusal.field in self._fields else at, refusal.message)


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inner for text in _strings(one)]


def _unprintable(label: Any, characters: str) -> str:
    return _(
        "%(label)s: PDFs will print numbers in the place of %(characters)s, since no typeface here has them. "
        "The website shows them as you wrote them. Everything is saved.",
        label=label,
        characters=described(characters),
    )


def _flat(errors: Any) -> list[str]:
    if isinstance(errors, dict):
        return [text for inner in errors.values() for text in _flat(inner)]
    return [
        text for error in errors for text in (_flat(error) if isinstance(error, (list, tuple, dict)) else [str(error)])
    ]


def clean_line(text: str) -> str:
    """Normalise one line: NFC, white space collapsed. Raises ValueError for characters that have no place in it."""
    text = unicodedata.normalize("NFC", text)
    if _FORBIDDEN.search(text) or "\n" in text.strip() or "\r" in text.strip():
        raise ValueError(_("It holds a line break or an invisible control character. Type it again by hand."))
    return re.sub(r"\s+", " ", text).strip()


def clean_paragraphs(text: str) -> str:
    """Normalise a text of several lines: NFC, LF. Raises ValueError for control characters."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    found = _FORBIDDEN.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise ValueError(
            _("Line %(line)s holds an invisible control character (U+%(code)s). Delete it and type that passage again.",
              line=line, code=f"{ord(found[0]):04X}")
        )  # fmt: skip
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")


def clean_email(text: str) -> str:
    """Normalise an e-mail address, international ones too; raises ValueError with the reason."""
    try:
        checked = validate_email(clean_line(text), check_deliverability=False, test_environment=False)
    except EmailNotValidError as error:
        raise ValueError(
            _("This is not a complete e-mail address (%(reason)s).", reason=str(error).rstrip("."))
        ) from error
    return checked.normalized


def is_web_address(text: str) -> bool:
    """Tell whether a text is an http or https address with a full host name, without credentials or spaces."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    has_host = "." in (parts.hostname or "") and not parts.username
    return parts.scheme in {"http", "https"} and has_host and " " not in text


class Worded:
    """A field that holds words, typed or chosen."""

    data: Any

    @property
    def words(self) -> str:
        """What was sent, as words; empty where nothing was."""
        return str(self.data or "")


class HiddenWord(Worded, HiddenField):
    """What a page tells itself: a hash, a mark, the state that was shown."""


class SeenRevision(HiddenWord):
    """Which revision of a text its editor had in sight."""

    @property
    def number(self) -> int:
        """The revision; 0, which matches none, where it came mangled."""
        return int(self.words) if self.words.isascii() and self.words.isdecimal() and len(self.words) < 10 else 0


class SelectOne(Worded, SelectField):
    """One of a list, or none."""


class Radios(Worded, RadioField):
    """One of a few, all in sight."""


class Secret(Worded, PasswordField):
    """A password: taken as it was typed, and never shown again."""


class PastedText(Worded, TextAreaField):
    """A text whose every character counts: taken as it came."""


class OneLine(Worded, StringField):
    """One line of text: a name, a title, a subject."""

    def __init__(self, label: Any, *, required: Any = None, longest: int = NAME_LENGTH, **options: Any) -> None:
        super().__init__(label, _length_rules(required, longest, options), **options)

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Keep what was typed, cleaned where it can be; a field that was not sent stays as it was saved."""
        self.data = _cleaned(self, valuelist, clean_line) if valuelist else self.words


class Paragraphs(Worded, TextAreaField):
    """Text of several lines: a statement, a summary, a reason."""

    def __init__(self, label: Any, *, required: Any = None, longest: int = 20_000, **options: Any) -> None:
        super().__init__(label, _length_rules(required, longest, options), **options)

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Keep what was typed, cleaned where it can be; a field that was not sent stays as it was saved."""
        self.data = _cleaned(self, valuelist, clean_paragraphs) if valuelist else self.words


class WebLink(OneLine):
    """A link to a page elsewhere; http and https only, since others can run or reveal things."""

    def __init__(self, label: Any, **options: Any) -> None:
        super().__init__(label, longest=LINK_LENGTH, **options)

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        """Refuse what is no complete web address."""
        if not validation_stopped and not self.errors and self.data and not is_web_address(self.data):
            raise ValidationError(
                _(
                    "“%(link)s” is not a complete web address; it begins with https:// and holds no spaces.",
                    link=self.data[:80],
                )
            )


class EmailAddress(Worded, StringField):
    """An e-mail address; `required` is the sentence shown when it is missing."""

    def __init__(self, label: Any, *, required: Any = None, **options: Any) -> None:
        super().__init__(label, _length_rules(required, EMAIL_LENGTH, options), **options)

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Keep what was typed, normalised where it is an address."""
        checked = _cleaned(self, valuelist, lambda text: clean_email(text) if text.strip() else "")
        self.data = checked if valuelist else self.words


def _cleaned(field: Any, valuelist: Sequence[Any], clean: Any) -> str:
    typed = str(valuelist[0]) if valuelist else ""
    try:
        return str(clean(typed))
    except ValueError as error:
        # WTForms shows `process_errors`; what was typed stays in the field, so that nothing is lost.
        field.data = typed
        raise ValueError(str(error)) from error


def _length_rules(required: Any, longest: int, options: dict[str, Any]) -> list[Any]:
    rules = list(options.pop("validators", ()))
    if required is not None:
        rules.append(DataRequired(required))  # of what is left after cleaning: blanks are nothing
    rules.append(_Longest(longest))
    return rules


class _Longest(Length):
    """Names the limit and how far over it the text is."""

    def __init__(self, longest: int) -> None:
        super().__init__(max=longest)

    def __call__(self, form: Any, field: Any) -> None:
        length = len(field.words)
        if length > self.max:
            raise ValidationError(
                _("%(label)s is %(length)s characters long; at most %(max)s fit. Shorten it by %(over)s.",
                  label=field.label.text, length=length, max=self.max, over=length - self.max)
            )  # fmt: skip


def required_choice(message: Any = None) -> InputRequired:
    """Demand an explicit choice from radios that have no default."""
    # To ask whether a lazy sentence is empty would translate it, while forms are being written down.
    return InputRequired(_l("Choose one of the options.") if message is None else message)


def choices_of(pairs: Iterable[tuple[str, str]]) -> list[Any]:
    """Return (value, label) pairs as the options of a select or of radios."""
    return [SelectChoice(value, label) for value, label in pairs]
