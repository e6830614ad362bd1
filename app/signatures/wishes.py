"""What the holder of a signature's link may do to it, and what waits for more than a link.

A link can be forwarded, found or read along. So it can hide a name at once, but what shows more of a person waits until
they have confirmed it by a mail to their own address, and another name waits for a coordinator. Every change is mailed
to the owner of the signature, who can take it back.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from app.audit.actions import SIGNATORY, record
from app.base.throttles import allow
from app.signatures.changes import is_known, known_names
from app.signatures.keeping import SignatureMove, lapse, locked_standing, note_change, put_in_force
from app.signatures.models import Signature
from app.signatures.queries import opened_identity
from app.signatures.states import ChangedTooOften, ChangeState, Consent
from app.visibility.states import Visibility, is_wider, shows_name, until_confirmed

CHANGES_A_DAY = 20  # of one signature: each is a mail to its owner
PARTS_OF_A_LINE = ("public_line", "country")


def wish_visibility(
    session: Session, public_id: str, visibility: Visibility, pseudonym: str = ""
) -> ChangeState | None:
    """Show less of a signature at once, or more once its owner has confirmed it by mail; None if nothing differs.

    Another pseudonym waits as well: it could be the name. Raises NotStanding and ChangedTooOften.
    """
    row = locked_standing(session, public_id)
    fields = opened_identity(session, row)
    now = {"visibility": str(row.visibility), "pseudonym": fields["pseudonym"]}
    wished = {"visibility": str(visibility), "pseudonym": pseudonym if visibility is Visibility.PSEUDONYM else ""}
    if wished == now:
        return None
    _check_often(session, row)
    lapse(session, row.id, "visibility", "pseudonym")
    waits = is_wider(visibility, row.visibility) or visibility is row.visibility
    at_once = until_confirmed(visibility, row.visibility) if waits else visibility
    if at_once is not row.visibility or not waits:
        put_in_force(session, row, fields, {"visibility": at_once, "pseudonym": wished["pseudonym"]})
    state = ChangeState.WAITS_FOR_OWNER if waits else ChangeState.IN_FORCE
    record(session, SIGNATORY, "signature.visibility_wished" if waits else "signature.visibility_changed", public_id,
           visibility=visibility)  # fmt: skip
    note_change(session, row.id, state, SignatureMove(now, wished))
    return state


def wish_line(session: Session, public_id: str, name: str, public_line: str, country: str) -> list[ChangeState]:
    """Correct the spelling of a name and what stands beside it; another name waits for a coordinator.

    Tell what became of it: nothing, one state, or two where the line is in force and the name waits. Raises
    NotStanding and ChangedTooOften.
    """
    row = locked_standing(session, public_id)
    fields = opened_identity(session, row)
    wished = {"name": name, "public_line": public_line, "country": country}
    parts = [part for part, value in wished.items() if fields[part] != value]
    if not parts:
        return []
    _check_often(session, row)
    waits = "name" in parts and shows_name(row.visibility) and not is_known(name, known_names(session, fields))
    if "name" in parts:
        lapse(session, row.id, "name")
    at_once = [part for part in parts if not (waits and part == "name")]
    states = []
    if at_once:
        after = {part: wished[part] for part in at_once}
        put_in_force(session, row, fields, after)
        states.append(_note(session, row, fields, after, ChangeState.IN_FORCE))
    if waits:
        states.append(_note(session, row, fields, {"name": name}, ChangeState.WAITS_FOR_COORDINATOR))
    record(session, SIGNATORY, "signature.line_changed", public_id, waits="name" if waits else "")
    return states


def held_back(consent: Consent, known: Iterable[str], earlier: tuple[Visibility, str] | None) -> ChangeState | None:
    """Tell for what a new signature waits before it appears as was chosen: nothing, its owner or a coordinator.

    `known` are the names by which the people who asked know who signs. `earlier` is how the same person appeared
    (visibility, pseudonym) before they withdrew: the way over withdrawing leads no further than the direct one.
    """
    chosen, name = consent.visibility, consent.pseudonym
    if earlier is not None and chosen is not Visibility.COUNTED:
        before, pseudonym = earlier
        if is_wider(chosen, before) or (chosen is Visibility.PSEUDONYM and (chosen, name) != (before, pseudonym)):
            return ChangeState.WAITS_FOR_OWNER
    if shows_name(chosen) and not is_known(consent.name, known):
        return ChangeState.WAITS_FOR_COORDINATOR
    return None


def _note(
    session: Session, row: Signature, fields: dict[str, Any], after: dict[str, str], state: ChangeState
) -> ChangeState:
    note_change(session, row.id, state, SignatureMove({part: fields[part] for part in after}, after))
    return state


def _check_often(session: Session, row: Signature) -> None:
    if not allow(session, "signature changes", row.public_id, CHANGES_A_DAY, 24 * 3600):
        raise ChangedTooOften
