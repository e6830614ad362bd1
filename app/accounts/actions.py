"""What changes accounts: create, invite, set a password, start a session. What others may do with them: `rights`."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from sqlalchemy import case, delete, update
from sqlalchemy.orm import Session

from app.accounts.emails import ACCOUNT_INVITATION, PASSWORD_CHANGED, PASSWORD_LINK, link_of
from app.accounts.models import Organiser, OrganiserSession
from app.accounts.queries import (
    address_key,
    address_keys,
    find_by_address,
    organiser as organiser_by_id,
    owner_of_link,
    people,
)
from app.accounts.sessions import end_session
from app.accounts.states import (
    INVITATION_LIFETIME,
    LINKS_PER_ADDRESS,
    PASSWORD_CHANGE,
    RESET_LIFETIME,
    AddressTaken,
    HouseRights,
    InvitationAnswered,
    Limit,
    PasswordLinkOver,
    PasswordMailsExhausted,
)
from app.audit.actions import SYSTEM, record
from app.base import clock
from app.base.addresses import canonical
from app.base.identifiers import new_public_id
from app.base.rows import has_changed, insert_into
from app.base.sealing import Place, seal
from app.base.throttles import allow, reset
from app.mail.actions import Outgoing, enqueue

NO_RIGHTS = HouseRights()


class _NobodyThere(Exception):
    """There is no account with this address: what was done for one is taken back."""


def create_organiser(
    session: Session, actor: str, name: str, email: str, *, language: str = "en", rights: HouseRights = NO_RIGHTS
) -> Organiser:
    """Create an account without a password, made by the actor; raises AddressTaken.

    Hand out `password_link` or call `invite_organiser`, so that its owner can set one.
    """
    if find_by_address(session, email) is not None:
        raise AddressTaken  # perhaps under an older form of the key, which the constraint does not know
    public_id = new_public_id()
    # Two who invite the same address at once: the unique key lets one through.
    created = session.scalar(
        insert_into(session, Organiser)
        .values(
            public_id=public_id,
            identity_sealed=_sealed_identity(session, public_id, name, email),
            email_key=address_key(session, email),
            password_generation=1,
            language=language,
            may_create_campaigns=rights.may_create_campaigns,
            is_administrator=rights.is_administrator,
            administrator_by=actor if rights.is_administrator else None,
            created_by=actor,
            created_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=[Organiser.email_key])
        .returning(Organiser.id)
    )
    if created is None:
        raise AddressTaken
    organiser = organiser_by_id(session, public_id)
    record(session, actor, "organiser.created", organiser.public_id)
    return organiser


def password_link(session: Session, organiser: Organiser, lifetime: timedelta = INVITATION_LIFETIME) -> str:
    """Issue a link that sets this organiser's password, and void all older ones."""
    _renew_link(session, organiser, lifetime)
    record(session, SYSTEM, "organiser.password link issued", organiser.public_id)
    return link_of(session, organiser)


def invite_organiser(session: Session, actor: str, name: str, email: str, *, language: str = "en") -> Organiser:
    """Create a colleague's account and mail them the link that sets its password; raises AddressTaken.

    They have no right in the house until an administrator gives them one.
    """
    organiser = create_organiser(session, actor, name, email, language=language)
    mail_invitation(session, actor, organiser)
    return organiser


def mail_invitation(session: Session, actor: str, organiser: Organiser) -> None:
    """Mail an organiser who has no password yet a new link to set one; older links end."""
    _renew_link(session, organiser, INVITATION_LIFETIME)
    generation = str(organiser.password_generation)
    references = {"organiser": organiser.public_id, "generation": generation, "inviter": actor}
    enqueue(session, Outgoing(ACCOUNT_INVITATION, organiser.public_id, generation, references))
    record(session, actor, "organiser.invited", organiser.public_id)


def invite_again(session: Session, actor: str, public_id: str) -> None:
    """Mail another invitation to a person who has no password yet; raises AskedTooOften and InvitationAnswered."""
    organiser = organiser_by_id(session, public_id)
    if organiser.password_hash is not None or organiser.disabled_at is not None:
        raise InvitationAnswered
    if not _allow(session, LINKS_PER_ADDRESS, public_id):
        raise PasswordMailsExhausted
    mail_invitation(session, actor, organiser)


def ask_for_password_link(session: Session, email: str) -> None:
    """Mail a password link to the account with this address, if there is one; a link that is out still works beside it.

    The same statements run whether or not there is an account, so that the answer does not tell: without one, they are
    taken back. A link that others asked for is not made void by asking again, or strangers could void it for ever.
    """
    keys, now = address_keys(session, email), clock.now()
    is_out = Organiser.password_link_expires_at > now
    until = now + RESET_LIFETIME
    with suppress(_NobodyThere), session.begin_nested():
        found = session.execute(
            update(Organiser)
            .where(Organiser.email_key.in_(keys), Organiser.disabled_at.is_(None))
            .values(
                password_generation=Organiser.password_generation + case((is_out, 0), else_=1),
                password_link_expires_at=case(
                    (Organiser.password_link_expires_at > until, Organiser.password_link_expires_at), else_=until
                ),
            )
            .execution_options(synchronize_session=False)
        )
        references = {"address_key": " ".join(each.hex() for each in keys)}
        enqueue(session, Outgoing(PASSWORD_LINK, keys[0].hex(), new_public_id(), references))
        record(session, SYSTEM, "organiser.password link asked", keys[0].hex())
        if not has_changed(found):
            raise _NobodyThere


def set_password_by_link(session: Session, token: str, password_hash: str) -> Organiser:
    """Set a password with a link, once; ends every session. Raises LinkBroken and PasswordLinkOver."""
    organiser = owner_of_link(session, token)
    used = session.execute(
        update(Organiser)
        .where(Organiser.id == organiser.id, Organiser.password_generation == organiser.password_generation)
        .values(
            password_hash=password_hash,
            password_generation=Organiser.password_generation + 1,
            password_link_expires_at=None,
        )
        .execution_options(synchronize_session=False)
    )
    if not has_changed(used):
        raise PasswordLinkOver
    session.refresh(organiser)
    _after_new_password(session, organiser.public_id, organiser)
    return organiser


def change_password(session: Session, organiser: Organiser, password_hash: str) -> None:
    """Replace a password by its owner's wish; ends every session and every link that was out."""
    organiser.password_hash = password_hash
    organiser.password_generation += 1
    organiser.password_link_expires_at = None
    session.flush()
    _after_new_password(session, organiser.public_id, organiser)


def is_still(session: Session, organiser: Organiser, stored: str | None) -> bool:
    """Tell whether a password is still the one that was checked, and hold it: what follows comes before a new one."""
    session.refresh(organiser, with_for_update={"key_share": True})
    return organiser.password_hash == stored and organiser.disabled_at is None


def renew_hash(session: Session, organiser: Organiser, password_hash: str) -> None:
    """Keep a password under today's hashing parameters."""
    organiser.password_hash = password_hash


def note_sign_in(session: Session, organiser: Organiser) -> None:
    """Record that somebody signed in, with all that it takes."""
    record(session, organiser.public_id, "organiser.signed in", organiser.public_id)


def change_profile(session: Session, organiser: Organiser, name: str, language: str) -> None:
    """Change an organiser's own name and language."""
    before = people(session, [organiser], "change of name")[0]
    organiser.identity_sealed = _sealed_identity(session, organiser.public_id, name, before.email)
    organiser.language = language
    record(session, organiser.public_id, "organiser.changed", organiser.public_id,
           name_before=before.name, name=name, language=language)  # fmt: skip


def end_sessions(session: Session, organiser: Organiser) -> None:
    """Sign an organiser out everywhere."""
    session.execute(delete(OrganiserSession).where(OrganiserSession.organiser_id == organiser.id))


def sign_out_everywhere(session: Session, organiser: Organiser) -> None:
    """End every session of an organiser at their own wish."""
    end_sessions(session, organiser)
    record(session, organiser.public_id, "organiser.signed out everywhere", organiser.public_id)


def end_session_at_wish(session: Session, organiser: Organiser, handle: str) -> None:
    """End one session of an organiser at their own wish; one that is over is no error."""
    if end_session(session, organiser.id, handle):
        record(session, organiser.public_id, "organiser.signed one browser out", organiser.public_id)


def allow_password_change(session: Session, organiser: Organiser) -> bool:
    """Count a try to give the current password; tell whether it is within the limit."""
    return _allow(session, PASSWORD_CHANGE, organiser.public_id)


def _after_new_password(session: Session, actor: str, organiser: Organiser) -> None:
    end_sessions(session, organiser)
    email = people(session, [organiser], "new password")[0].email
    # The link is used up: the next wish for one must be followed by a mail.
    reset(session, LINKS_PER_ADDRESS.scope, canonical(email))
    references = {"organiser": organiser.public_id, "at": clock.now().isoformat()}
    enqueue(session, Outgoing(PASSWORD_CHANGED, organiser.public_id, str(organiser.password_generation), references))
    record(session, actor, "organiser.password set", organiser.public_id)


def _renew_link(session: Session, organiser: Organiser, lifetime: timedelta) -> None:
    organiser.password_generation += 1
    organiser.password_link_expires_at = clock.now() + lifetime
    session.flush()


def _sealed_identity(session: Session, public_id: str, name: str, email: str) -> bytes:
    return seal(session, Place("organisers", "identity_sealed", public_id), {"name": name, "email": email})


def _allow(session: Session, limit: Limit, subject: str) -> bool:
    return allow(session, limit.scope, subject, limit.times, limit.seconds)
