"""What addressees hold of a signature since an appeal left: no later change takes it back.

Deliveries come later than signatures, so the stage that knows is asked through a port of the session.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.base.moments import Moment
from app.base.ports import ports_of
from app.signatures.queries import Signed
from app.visibility.states import Appearance


@dataclass(frozen=True)
class DeliveredAppearance:
    """How a signature appears in an appeal that left the house.

    `since` is when the first delivery was handed over; as long as there is no proof of any (`is_certain` is false),
    when the appeal was released. `appearance` is None where it is not what the signature shows or could show today:
    its owner has changed name, line or pseudonym since.
    """

    since: Moment
    is_certain: bool
    is_named: bool
    appearance: Appearance | None = None


def delivered_appearance(session: Session, signed: Signed) -> DeliveredAppearance | None:
    """Return what addressees hold of a signature, or None as long as no appeal with it was released."""
    ask = ports_of(session).delivered_appearance
    found: DeliveredAppearance | None = ask(session, signed) if ask is not None else None
    return found
