"""What administrators, and the command line, change of others' accounts: rights, and whether they are open."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actions import create_organiser, end_sessions, invite_organiser
from app.accounts.emails import ACCOUNT_CHANGED, ACCOUNT_NEWS
from app.accounts.factors.actions import forget_factors
from app.accounts.models import Organiser
from app.accounts.news import AccountChange
from app.accounts.queries import administrators, organiser as organiser_by_id, organiser_at
from app.accounts.states import FIRST_RIGHTS, HouseRights, LastAdministrator, NotAnAdministrator
from app.audit.actions import SYSTEM, record
from app.base import clock
from app.mail.actions import Outgoing, enqueue


def add_from_command_line(session: Session, name: str, email: str, rights: HouseRights) -> Organiser:
    """Create an account as the person who keeps the machine; the house's first has every right. Raises AddressTaken."""
    is_first = session.scalar(select(Organiser.id).limit(1)) is None
    organiser = create_organiser(session, SYSTEM, name, email, rights=FIRST_RIGHTS if is_first else rights)
    if not is_first:
        _tell_of(session, SYSTEM, organiser, rights)
    return organiser


def invite_with_rights(session: Session, actor: str, name: str, email: str, rights: HouseRights) -> Organiser:
    """Invite a colleague who has rights in the house from the start; raises NotAnAdministrator and AddressTaken."""
    _check_administrator(session, actor)
    invited = invite_organiser(session, actor, name, email)
    if rights.may_create_campaigns:
        let_create_campaigns(session, actor, invited.public_id, allowed=True)
    if rights.is_administrator:
        make_administrator(session, actor, invited.public_id, is_administrator=True)
    return invited


def make_administrator(session: Session, actor: str, public_id: str, *, is_administrator: bool) -> None:
    """Let an organiser keep the accounts, or no longer; raises NotAnAdministrator and LastAdministrator.

    From the command line it may also be said of one who is an administrator already: the machine's keeper stands for
    them then.
    """
    organiser = _locked(session, actor, public_id)
    is_new_word = is_administrator and actor == SYSTEM != organiser.administrator_by
    if organiser.is_administrator == is_administrator and not is_new_word:
        return
    organiser.is_administrator = is_administrator
    organiser.administrator_by = actor if is_administrator else None
    if not is_administrator:
        _keep_an_administrator(session)
    _end_others_sessions(session, actor, organiser)
    _tell(
        session, actor, public_id, AccountChange.ADMINISTRATOR if is_administrator else AccountChange.NO_ADMINISTRATOR
    )
    record(session, actor, "organiser.is administrator" if is_administrator else "organiser.is no administrator",
           public_id)  # fmt: skip


def let_create_campaigns(session: Session, actor: str, public_id: str, *, allowed: bool) -> None:
    """Let an organiser create campaigns, or no longer; raises NotAnAdministrator."""
    organiser = _locked(session, actor, public_id)
    if organiser.may_create_campaigns == allowed:
        return
    organiser.may_create_campaigns = allowed
    _end_others_sessions(session, actor, organiser)
    _tell(session, actor, public_id, AccountChange.MAY_CREATE if allowed else AccountChange.MAY_NOT_CREATE)
    record(session, actor, "organiser.may create campaigns" if allowed else "organiser.may not create campaigns",
           public_id)  # fmt: skip


def make_operator(session: Session, email: str, *, is_operator: bool) -> Organiser:
    """Let an organiser keep the machine, or no longer; done from its command line. Raises NoSuchOrganiser."""
    organiser = organiser_at(session, email)
    if organiser.is_operator != is_operator:
        organiser.is_operator = is_operator
        end_sessions(session, organiser)
        change = AccountChange.OPERATOR if is_operator else AccountChange.NO_OPERATOR
        _tell(session, SYSTEM, organiser.public_id, change)
        record(session, SYSTEM, "organiser.is operator" if is_operator else "organiser.is no operator",
               organiser.public_id)  # fmt: skip
    return organiser


def disable_organiser(session: Session, actor: str, public_id: str) -> None:
    """Close an account: no sign-in, no session, no link; it can be opened again.

    Raises NotAnAdministrator and LastAdministrator.
    """
    organiser = _locked(session, actor, public_id)
    if organiser.disabled_at is not None:
        return
    organiser.disabled_at = clock.now()
    organiser.password_generation += 1
    organiser.password_link_expires_at = None
    if organiser.is_administrator:
        _keep_an_administrator(session)
    end_sessions(session, organiser)
    _tell(session, actor, public_id, AccountChange.DISABLED)
    record(session, actor, "organiser.disabled", public_id)


def enable_organiser(session: Session, actor: str, public_id: str) -> None:
    """Open an account again; its password still holds. Raises NotAnAdministrator.

    When and by whom is kept: nobody may open an account that others knew long ago, and approve through it (law 6).
    """
    organiser = _locked(session, actor, public_id)
    if organiser.disabled_at is not None:
        organiser.disabled_at = None
        _let_back(organiser, actor)
        _tell(session, actor, public_id, AccountChange.ENABLED)
        record(session, actor, "organiser.enabled", public_id)


def reset_factor(session: Session, actor: str, public_id: str) -> None:
    """Take a lost second factor from a colleague, and tell them; they set up a new one when they next sign in.

    The person who asks must be known to the actor on another way than by mail: with the mailbox and this, anybody is
    let in. So they are nobody known for law 6, as one whose account was opened again. Raises NotAnAdministrator.
    """
    organiser = _locked(session, actor, public_id)
    forget_factors(session, organiser)
    _let_back(organiser, actor)
    end_sessions(session, organiser)
    _tell(session, actor, public_id, AccountChange.FACTOR_RESET)
    record(session, actor, "organiser.second factor reset", public_id)


def _let_back(organiser: Organiser, actor: str) -> None:
    """Keep who lets somebody into an account that others knew: it may be its owner, or who reads their mail."""
    organiser.enabled_at, organiser.enabled_by = clock.now(), actor
    organiser.administrator_by = actor if organiser.is_administrator else None


def _end_others_sessions(session: Session, actor: str, organiser: Organiser) -> None:
    """Sign out a person who has another role now; not at their own wish, since they have just shown who they are."""
    if actor != organiser.public_id:
        end_sessions(session, organiser)


def _tell_of(session: Session, actor: str, organiser: Organiser, rights: HouseRights) -> None:
    """Tell the administrators with which rights an account begins."""
    if rights.may_create_campaigns:
        _tell(session, actor, organiser.public_id, AccountChange.MAY_CREATE)
    if rights.is_administrator:
        _tell(session, actor, organiser.public_id, AccountChange.ADMINISTRATOR)


def _tell(session: Session, actor: str, public_id: str, change: AccountChange) -> None:
    """Mail an organiser what somebody else changed of their account, and all other administrators too."""
    session.flush()
    at = clock.now().isoformat()
    occasion = f"{change} {at}"
    references = {"organiser": public_id, "what": str(change), "by": "" if actor == SYSTEM else actor, "at": at}
    if actor != public_id:
        enqueue(session, Outgoing(ACCOUNT_CHANGED, public_id, occasion, references))
    for told in administrators(session):
        if told.public_id not in {actor, public_id}:
            news = {**references, "to": told.public_id}
            enqueue(session, Outgoing(ACCOUNT_NEWS, told.public_id, f"{public_id} {occasion}", news))


def _locked(session: Session, actor: str, public_id: str) -> Organiser:
    """Return an organiser with every administrator's row locked, so that two changes at once see each other.

    A person who lost the right while they waited for the lock does nothing any more: raises NotAnAdministrator.
    """
    session.execute(
        select(Organiser.id).where(Organiser.is_administrator.is_(True)).order_by(Organiser.id).with_for_update()
    )
    _check_administrator(session, actor)
    organiser = organiser_by_id(session, public_id)
    session.refresh(organiser, with_for_update=True)
    return organiser


def _check_administrator(session: Session, actor: str) -> None:
    if actor == SYSTEM:
        return
    found = session.scalar(
        select(Organiser.is_administrator).where(Organiser.public_id == actor, Organiser.disabled_at.is_(None))
    )
    if not found:
        raise NotAnAdministrator


def _keep_an_administrator(session: Session) -> None:
    session.flush()
    remaining = session.scalar(
        select(func.count())
        .select_from(Organiser)
        .where(Organiser.is_administrator.is_(True), Organiser.disabled_at.is_(None))
    )
    if not remaining:
        raise LastAdministrator
