"""What becomes of a change: its owner confirms it or takes it back by mail, a coordinator decides about a name."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.audit.actions import SIGNATORY, record
from app.signatures.changes import OpenedChange, change, is_known, known_names, mark_of
from app.signatures.keeping import SignatureMove, lapse, locked, locked_standing, put_in_force, save, settle
from app.signatures.models import Signature
from app.signatures.queries import opened_identity, signature
from app.signatures.states import ChangeOver, ChangeState, NoSuchChange, OwnersWord, ShownOtherwise
from app.statements.models import Statement
from app.statements.queries import campaign_public_id
from app.visibility.states import Visibility, shows_name


def answer_change(session: Session, public_id: str, word: OwnersWord, seen: str) -> ChangeState:
    """Do what the owner of a signature says to a change of it, and return where the change stands then.

    `seen` is the mark of what they were shown. Saying the same again changes nothing. Raises NoSuchChange, ChangeOver,
    ShownOtherwise and NotStanding.
    """
    row = locked(session, change(session, public_id).signature)
    found = change(session, public_id)
    signed = signature(session, found.signature)
    if signed is None:
        raise NoSuchChange
    if not found.is_open:
        raise ChangeOver
    if seen != mark_of(found, signed.identity):
        raise ShownOtherwise
    locked_standing(session, found.signature)
    state = found.state
    if word is not OwnersWord.YES:
        state = _take_back(session, row, found, with_new_link=word is OwnersWord.NO_AND_NEW_LINK)
    elif found.state is ChangeState.WAITS_FOR_OWNER:
        state = _confirm(session, row, found)
    return state


def rule_on_name(
    session: Session, actor: str, statement: Statement, public_id: str, *, accepted: bool, word: str
) -> None:
    """Let a name appear that is not the one that was asked, or refuse it; the owner is told, with the word.

    Raises NoSuchChange, ChangeOver and NotStanding.
    """
    found = change(session, public_id, statement.id)
    row = locked_standing(session, found.signature)
    found = change(session, public_id)
    if found.state is not ChangeState.WAITS_FOR_COORDINATOR:
        raise ChangeOver
    if accepted:
        fields = opened_identity(session, row)
        put_in_force(session, row, fields, {**found.after, "accepted_name": found.name})
    state = ChangeState.IN_FORCE if accepted else ChangeState.REFUSED
    settle(session, found, state, SignatureMove(found.before, found.after, actor, word))
    action = "signature.name_accepted" if accepted else "signature.name_refused"
    record(session, actor, action, found.signature, campaign_public_id(session, statement))


def _confirm(session: Session, row: Signature, found: OpenedChange) -> ChangeState:
    fields = opened_identity(session, row)
    visibility, name = Visibility(found.after["visibility"]), str(fields["name"])
    record(session, SIGNATORY, "signature.change_confirmed", row.public_id, visibility=visibility)
    if shows_name(visibility) and not is_known(name, known_names(session, fields)):
        step = SignatureMove({**found.before, "name": name}, {**found.after, "name": name}, found.by)
        settle(session, found, ChangeState.WAITS_FOR_COORDINATOR, step)
        return ChangeState.WAITS_FOR_COORDINATOR
    put_in_force(session, row, fields, found.after)
    settle(session, found, ChangeState.IN_FORCE)
    return ChangeState.IN_FORCE


def _take_back(session: Session, row: Signature, found: OpenedChange, *, with_new_link: bool) -> ChangeState:
    """Put back what the change did; what was changed again since then stays."""
    fields = opened_identity(session, row)
    if found.state is ChangeState.IN_FORCE:
        now = {**fields, "visibility": str(row.visibility)}
        back = {part: value for part, value in found.before.items() if now[part] == found.after[part]}
        if not back and not with_new_link:
            raise ChangeOver
        lapse(session, row.id, *back)
    else:
        # A wish between pseudonym and institution hid both at once; what stood before stands again.
        back = {part: value for part, value in found.before.items() if part in ("visibility", "pseudonym")}
    if back:
        put_in_force(session, row, fields, back)
    if with_new_link:
        save(session, row, None, manage_generation=row.manage_generation + 1)
    settle(session, found, ChangeState.TAKEN_BACK)
    record(session, SIGNATORY, "signature.change_taken_back", row.public_id, new_link="yes" if with_new_link else "no")
    return ChangeState.TAKEN_BACK
