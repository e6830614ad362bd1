"""What a report says of a mail: how it failed, and at whose fault."""

from __future__ import annotations

from dataclasses import dataclass

from app.mail.states import Proof
from app.smtp.states import Fault
from app.smtp.troubles import trouble_reported


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a mail on the way to one recipient. `status` is RFC 3463's; the rest is the server's word."""

    recipient: str  # as it was written to, where the report tells; lower case
    action: str
    status: str
    diagnostic: str
    original_message_id: str = ""
    envelope_id: str = ""

    @property
    def fault(self) -> Fault:
        """Say at what it failed."""
        return trouble_reported(self.status, self.diagnostic).fault if self.action == "failed" else Fault.NONE

    @property
    def is_hard(self) -> bool:
        """Tell whether the address is of no use any more."""
        return self.fault is Fault.ADDRESS

    @property
    def is_arrival(self) -> bool:
        """Tell whether it proves that the mail went on."""
        return self.proof.is_arrival

    @property
    def proof(self) -> Proof:
        """Return what it proves of the mail's fate; what came back for the address's sake or its content stays back."""
        if self.action == "failed":
            return Proof.BOUNCED_SOFT if self.fault is Fault.PASSING else Proof.BOUNCED_HARD
        return {"delayed": Proof.DELAYED, "delivered": Proof.DELIVERED}.get(self.action, Proof.RELAYED)
