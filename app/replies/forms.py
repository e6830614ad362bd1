"""What may be entered about replies and outcomes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, DateField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired

from app.base.forms import Form, OneLine, Paragraphs, Radios, SelectOne, WebLink, choices_of, required_choice
from app.base.locales import STATEMENT_LANGUAGES, gettext as _, lazy_gettext as _l
from app.base.name_fields import LineBeside
from app.replies.states import KIND_LABELS, READ_KINDS


class _ReplyKindField(Radios):
    """What came back: a choice without default."""

    def __init__(self, **options: Any) -> None:
        choices = [SelectChoice(kind.value, KIND_LABELS[kind]) for kind in READ_KINDS]
        rules = [required_choice(_l("Choose what came back."))]
        super().__init__(_l("What is it?"), choices=choices, validators=rules, **options)


class _OneOfThese(SelectOne):
    """One of what a page has at hand, without default; it may have nothing."""

    def offer(self, nothing: str, choices: Iterable[tuple[str, str]]) -> None:
        """List what there is; the first line says what to do."""
        self.choices = choices_of([("", nothing), *choices])

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to choose from."""
        return len(list(self.choices or ())) < 2


class ReplyForm(Form):
    """What one recipient sent back."""

    kind = _ReplyKindField()
    received_on = DateField(
        _l("Day on which it arrived"), validators=[InputRequired(_l("Enter the day on which it arrived."))]
    )
    text = Paragraphs(_l("What they wrote"), required=_l("Paste what they wrote."), longest=50_000)
    public_summary = Paragraphs(_l("Summary for readers"), longest=2_000)


class MailReplyForm(Form):
    """What a mail that was filed as a reply is; its words are its own and can't be changed."""

    kind = _ReplyKindField()
    received_on = DateField(
        _l("Day on which it arrived"), validators=[InputRequired(_l("Enter the day on which it arrived."))]
    )
    public_summary = Paragraphs(_l("Summary for readers"), longest=2_000)


class FilingForm(Form):
    """To which delivery a mail belongs, and what it is; neither has a default."""

    delivery = _OneOfThese(
        _l("Which letter does it answer?"),
        validators=[InputRequired(_l("Choose the letter that it answers."))],
    )
    kind = _ReplyKindField()

    @classmethod
    def among(cls, choices: Iterable[tuple[str, str]], sent: MultiDict[str, str] | None) -> FilingForm:
        """Return the form for the deliveries that the organiser may file to."""
        form = cls(sent)
        form.delivery.offer(_("Choose a letter"), choices)
        return form


class OfferForm(Form):
    """To whose campaign a held mail is shown, by a published statement."""

    statement = _OneOfThese(
        _l("Which statement may it be about?"),
        validators=[InputRequired(_l("Choose the statement that it may be about."))],
    )

    @classmethod
    def among(cls, choices: Iterable[tuple[str, str]], sent: MultiDict[str, str] | None) -> OfferForm:
        """Return the form for the statements that readers can see were handed over."""
        form = cls(sent)
        form.statement.offer(_("Choose a statement"), choices)
        return form


class DiscardForm(Form):
    """Nobody reads what is put away, so it is confirmed."""

    understood = BooleanField(
        _l("I have looked at it: it answers none of our letters."),
        validators=[InputRequired(_l("Tick the box to say that it answers none of our letters."))],
    )


class ConcludeForm(Form):
    """A conclusion is final, so it is confirmed."""

    understood = BooleanField(
        _l("This statement has come to its end."),
        validators=[InputRequired(_l("Tick the box to say that the statement has come to its end."))],
    )


class OutcomeForm(Form):
    """One outcome: what happened, when, and who says so."""

    happened_on = DateField(
        _l("Day on which it happened"), validators=[InputRequired(_l("Enter the day on which it happened."))]
    )
    title = OneLine(_l("What happened, in one line"), required=_l("Say in one line what happened."))
    text = Paragraphs(_l("More about it"), longest=5_000)
    quotation = Paragraphs(_l("Quotation"), longest=5_000)
    quotation_speaker = LineBeside(_l("Who is quoted"), longest=300)
    source_name = OneLine(_l("Name of the source"))
    source_url = WebLink(_l("Link to the source"))
    statement = SelectOne(_l("Belongs to"), validate_choice=False, default="")
    language = SelectOne(
        _l("Language of this text"), choices=[SelectChoice(*known) for known in STATEMENT_LANGUAGES.items()]
    )

    def validate_quotation_speaker(self, field: Any) -> None:
        """A quotation without a speaker is a rumour."""
        if self.quotation.data and not field.data:
            raise ValidationError(_("Say who is quoted, such as a court or a minister by name."))
