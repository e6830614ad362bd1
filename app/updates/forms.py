"""What a writer of news may enter."""

from __future__ import annotations

from typing import Any

from wtforms import ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from app.base.forms import Form, OneLine, Paragraphs, SeenRevision, SelectOne, WebLink
from app.base.locales import STATEMENT_LANGUAGES, gettext as _, lazy_gettext as _l

TITLE_LENGTH = 200
BODY_LENGTH = 20_000


class PublishForm(Form):
    """The revision that somebody has before them when they decide."""

    revision = SeenRevision(default="0")


class UpdateForm(PublishForm):
    """One piece of news."""

    title = OneLine(_l("Title"), required=_l("Enter a title."), longest=TITLE_LENGTH)
    body = Paragraphs(_l("Text"), required=_l("Enter the text."), longest=BODY_LENGTH)
    language = SelectOne(_l("Language"), choices=[SelectChoice(*known) for known in STATEMENT_LANGUAGES.items()])
    source_name = OneLine(_l("Name of the source"), longest=200)
    source_url = WebLink(_l("Link to the source"))

    def validate_source_name(self, field: Any) -> None:
        """A link needs a name to be shown under."""
        if self.source_url.data and not field.data:
            raise ValidationError(_("Say what the link leads to, such as the newspaper’s name."))
