"""What an organiser may enter about a delivery."""

from __future__ import annotations

from wtforms import BooleanField
from wtforms.validators import InputRequired

from app.base.forms import Form, HiddenWord
from app.base.locales import lazy_gettext as _l
from app.deliveries.states import DeliveryRuling
from app.mailroom.forms import HowYouKnow, WhatHappened


class ReleaseForm(Form):
    """A release says which bytes were seen, and that they may leave."""

    manifest = HiddenWord()
    understood = BooleanField(
        _l("Hand it over now. It can’t be called back."),
        validators=[InputRequired(_l("Tick the box to say that the appeal may leave now."))],
    )


class DeliveryRulingForm(Form):
    """A decision about an uncertain hand-over: a choice without default, and the evidence for it."""

    ruling = WhatHappened(
        {
            DeliveryRuling.ARRIVED: _l("It arrived: do not send it again"),
            DeliveryRuling.AGAIN: _l("It did not arrive: send the same mail once more"),
        }
    )
    evidence = HowYouKnow(
        required=_l("Write how you know, such as a call to the office or a line in the mail server’s log.")
    )
