"""What an organiser may enter about an appeal: an approval, and the wording of a letter."""

from __future__ import annotations

from wtforms import BooleanField
from wtforms.validators import InputRequired

from app.base.forms import Form, HiddenWord, OneLine, Paragraphs
from app.base.locales import lazy_gettext as _l

LONGEST_SUBJECT = 200
LONGEST_TEXT = 20_000
LONGEST_NOTE = 1_000


class SeenForm(Form):
    """What the organiser had before them: the hash of the manifest."""

    manifest = HiddenWord()


class ApprovalForm(SeenForm):
    """An approval is an explicit act, and may carry a note."""

    understood = BooleanField(
        _l("I have read the documents and the letters, and approve exactly these."),
        validators=[InputRequired(_l("Tick the box once you have read the documents and the letters."))],
    )
    note = OneLine(_l("Note for the audit"), longest=LONGEST_NOTE)


class LetterForm(Form):
    """The wording of a letter; the salutation comes from the recipient."""

    sha256 = HiddenWord()
    subject = OneLine(_l("Subject"), required=_l("A letter needs a subject."), longest=LONGEST_SUBJECT)
    text = Paragraphs(_l("Text"), required=_l("Write what the letter says."), longest=LONGEST_TEXT)
    whole_language = BooleanField(_l("Use this wording in every letter in this language"))
