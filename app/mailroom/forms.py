"""What an operator may enter about the queue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from app.base.forms import Form, Paragraphs, Radios, SelectOne, required_choice
from app.base.locales import gettext as _, lazy_gettext as _l
from app.mail.states import Pause
from app.mailroom.states import MailRuling, MailStanding
from app.smtp.states import Trouble

NEWEST, OLDEST = "newest", "oldest"


class Which(StrEnum):
    """Which mails of a list a deed is for."""

    TICKED = "ticked"
    ALL = "all"


class WhatHappened(Radios):
    """What became of an uncertain mail: a choice without default."""

    def __init__(self, choices: Mapping[StrEnum, object], **options: Any) -> None:
        pairs = [SelectChoice(ruling.value, label) for ruling, label in choices.items()]
        rules = [required_choice(_l("Choose what happened to the mail."))]
        super().__init__(_l("What happened?"), choices=pairs, validators=rules, **options)


class HowYouKnow(Paragraphs):
    """The evidence for what somebody says of an uncertain mail; `required` names where it may come from."""

    def __init__(self, *, required: object, **options: Any) -> None:
        super().__init__(_l("How you know"), required=required, longest=500, **options)


class PauseForm(Form):
    """What to hold back: a choice without default."""

    pause = Radios(
        _l("What should go?"),
        choices=[
            SelectChoice(Pause.NOTHING.value, _l("Everything")),
            SelectChoice(Pause.BULK.value, _l("Hold back mail to many")),
            SelectChoice(Pause.EVERYTHING.value, _l("Hold back everything")),
        ],
        validators=[required_choice(_l("Choose what should go and what is held back."))],
    )


class MailFilterForm(Form):
    """Standing, reason, kind and order, all optional; what makes no sense narrows nothing."""

    standing = SelectOne(_l("Where they stand"), validate_choice=False)
    trouble = SelectOne(_l("Reason"), validate_choice=False)
    kind = SelectOne(_l("Kind of message"), validate_choice=False)
    order = SelectOne(_l("Order"), validate_choice=False)

    def offer(self, kinds: Iterable[tuple[str, str]]) -> None:
        """Fill the lists; `kinds` are names and their plain words."""
        anything = SelectChoice("", _("Any"))
        self.standing.choices = [anything, *(SelectChoice(each.value, each.label) for each in MailStanding)]
        self.trouble.choices = [anything, *(SelectChoice(each.value, each.label) for each in Trouble)]
        self.kind.choices = [anything, *(SelectChoice(*kind) for kind in sorted(kinds, key=lambda kind: kind[1]))]
        self.order.choices = [SelectChoice(NEWEST, _("Newest first")), SelectChoice(OLDEST, _("Oldest first"))]


class DeedForm(Form):
    """Which mails shall be tried again or dropped: a choice without default."""

    number = 0
    which = Radios(_l("Which mails?"), validators=[required_choice(_l("Choose which mails you mean."))])

    def offer(self, number: int, most: int) -> None:
        """Name how many of the list can be changed; more than `most` are not at once."""
        self.number = number
        whole = (
            _("All in this list that can be changed: %(number)s", number=number)
            if number <= most
            else _("The oldest %(number)s in this list that can be changed", number=most)
        )
        self.which.choices = [
            SelectChoice(Which.TICKED.value, _("Those ticked above")),
            SelectChoice(Which.ALL.value, whole),
        ]


class MailRulingForm(Form):
    """A decision about an uncertain mail: a choice without default, and the evidence for it."""

    ruling = WhatHappened(
        {
            MailRuling.ARRIVED: _l("It arrived: do not send it again"),
            MailRuling.AGAIN: _l("It did not arrive: send it once more"),
            MailRuling.LEAVE: _l("Nobody can tell: let it be, it stays uncertain"),
        }
    )
    evidence = HowYouKnow(required=_l("Write how you know, such as a line in the mail server’s log."))
