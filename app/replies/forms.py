"""What may be entered about replies and outcomes."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, DateField, RadioField, SelectField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired

from app.base.forms import Form, OneLine, Paragraphs, WebLink, required_choice
from app.base.locales import STATEMENT_LANGUAGES, gettext as _, lazy_gettext as _l
from app.replies.states import KIND_LABELS, READ_KINDS


class ReplyForm(Form):
    """What one recipient sent back."""

    kind = RadioField(
        _l("What is it?"),
        choices=[SelectChoice(kind.value, KIND_LABELS[kind]) for kind in READ_KINDS],
        validators=[required_choice(_l("Choose what came back."))],
    )
    received_on = DateField(
        _l("Day on which it arrived"), validators=[InputRequired(_l("Enter the day on which it arrived."))]
    )
    text = Paragraphs(_l("What they wrote"), required=_l("Paste what they wrote."), longest=50_000)
    public_summary = Paragraphs(_l("Summary for readers"), longest=2_000)


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
    quotation_speaker = OneLine(_l("Who is quoted"), longest=300)
    source_name = OneLine(_l("Name of the source"))
    source_url = WebLink(_l("Link to the source"))
    statement = SelectField(_l("Belongs to"), validate_choice=False, default="")
    language = SelectField(
        _l("Language of this text"), choices=[SelectChoice(*known) for known in STATEMENT_LANGUAGES.items()]
    )

    def validate_quotation_speaker(self, field: Any) -> None:
        """A quotation without a speaker is a rumour."""
        if self.quotation.data and not field.data:
            raise ValidationError(_("Say who is quoted, such as a court or a minister by name."))
