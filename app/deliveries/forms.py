"""What an organiser may enter about a delivery."""

from __future__ import annotations

from wtforms import BooleanField, HiddenField, RadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired

from app.base.forms import Form, Paragraphs, required_choice
from app.base.locales import lazy_gettext as _l
from app.deliveries.states import DeliveryRuling


class ReleaseForm(Form):
    """A release says which bytes were seen, and that they may leave."""

    manifest = HiddenField()
    understood = BooleanField(
        _l("Hand it over now. It can't be called back."),
        validators=[InputRequired(_l("Tick the box to say that the appeal may leave now."))],
    )


class DeliveryRulingForm(Form):
    """A decision about an uncertain hand-over: a choice without default, and the evidence for it."""

    ruling = RadioField(
        _l("What happened?"),
        choices=[
            SelectChoice(DeliveryRuling.ARRIVED.value, _l("It arrived: do not send it again")),
            SelectChoice(DeliveryRuling.AGAIN.value, _l("It did not arrive: send the same mail once more")),
        ],
        validators=[required_choice(_l("Choose what happened to the mail."))],
    )
    evidence = Paragraphs(
        _l("How you know"),
        required=_l("Write how you know, such as a call to the office or a line in the mail server's log."),
        longest=500,
    )
