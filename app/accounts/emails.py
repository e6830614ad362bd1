"""Mails to organisers: the link that sets a password, an invitation to the house, and word of a changed password."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.accounts.news import AccountChange, SecurityNotice
from app.accounts.queries import OpenedOrganiser, address_key, address_keys, people, person
from app.base import clock
from app.base.links import LinkPurpose, absolute_url, make_token
from app.base.locales import lazy_gettext as _l
from app.base.ports import ports_of
from app.mail.actions import Outgoing, enqueue
from app.mail.registry import MailKind, References, RenderedMail
from app.mail.rendering import render_message
from app.mail.states import Cap, MailClass, MailNotWanted, Priority


def link_of(session: Session, organiser: Organiser) -> str:
    """Return the address of the page where this organiser sets a password."""
    token = make_token(session, LinkPurpose.PASSWORD, organiser.public_id, organiser.password_generation)
    return absolute_url(session, f"/password/{token}")


def _render_reset(session: Session, references: References) -> RenderedMail:
    """Write to the account with the address that was typed; nothing goes out where there is none."""
    keys = [bytes.fromhex(key) for key in references["address_key"].split()]
    wanted = select(Organiser).where(Organiser.email_key.in_(keys), Organiser.disabled_at.is_(None))
    rows = session.scalars(wanted).all()
    # Somebody else's address can stand under an older form of the key.
    told = people(session, rows, "mail to an organiser")
    found = [row for row, one in zip(rows, told, strict=True) if address_key(session, one.email) == keys[0]]
    if not found:
        raise MailNotWanted
    return _with_link(session, "password_link", found[0], {})


def _render_invitation(session: Session, references: References) -> RenderedMail:
    organiser = session.scalar(
        select(Organiser).where(
            Organiser.public_id == references["organiser"],
            Organiser.disabled_at.is_(None),
            Organiser.password_hash.is_(None),
            Organiser.password_generation == int(references["generation"]),
        )
    )
    if organiser is None:
        raise MailNotWanted
    inviter = person(session, references["inviter"], "invitation of a colleague")
    rendered = _with_link(session, "account_invitation", organiser, {"inviter": inviter.name})
    return RenderedMail(**{**vars(rendered), "reply_to": inviter.email, "reply_to_name": inviter.name})


def _with_link(session: Session, message: str, organiser: Organiser, values: dict[str, str]) -> RenderedMail:
    expires_at = organiser.password_link_expires_at
    if expires_at is None or expires_at <= clock.now():
        raise MailNotWanted
    to = people(session, [organiser], "mail to an organiser")[0]
    return _addressed(session, message, to, url=link_of(session, organiser), expires_at=expires_at, **values)


def _render_changed(session: Session, references: References) -> RenderedMail:
    to = person(session, references["organiser"], "mail to an organiser")
    forgotten_url = absolute_url(session, "/password/forgotten")
    changed_at = datetime.fromisoformat(references["at"])
    return _addressed(session, "password_changed", to, changed_at=changed_at, forgotten_url=forgotten_url)


def _render_account_changed(session: Session, references: References) -> RenderedMail:
    """Tell an organiser what somebody else changed of their account. That person is named; the command line is not."""
    to = person(session, references["organiser"], "mail to an organiser")
    by = person(session, references["by"], "changed an account") if references["by"] else None
    changed = AccountChange(references["what"])
    return _addressed(
        session, "account_changed", to, changed=changed, by=by.name if by else "",
        changed_at=datetime.fromisoformat(references["at"]), url=absolute_url(session, "/desk"),
    )  # fmt: skip


def _render_news(session: Session, references: References) -> RenderedMail:
    """Tell an administrator what was changed of somebody's account."""
    to = person(session, references["to"], "mail to an administrator")
    if not to.is_administrator or to.disabled_at is not None:
        raise MailNotWanted
    about = person(session, references["organiser"], "changed account")
    by = person(session, references["by"], "changed an account") if references["by"] else None
    return _addressed(
        session, "account_news", to, changed=AccountChange(references["what"]), by=by.name if by else "",
        about=about.name, about_email=about.email, changed_at=datetime.fromisoformat(references["at"]),
        url=absolute_url(session, f"/desk/organisers/{references['organiser']}"),
    )  # fmt: skip


def tell_of(session: Session, organiser: str, notice: SecurityNotice, *, device: str = "", occasion: str = "") -> None:
    """Mail an organiser what happened with their account; once for each `occasion`, where one is given."""
    at = clock.now().isoformat()
    references = {"organiser": organiser, "what": str(notice), "device": device, "at": at}
    enqueue(session, Outgoing(SECURITY_NOTICE, organiser, f"{notice} {occasion or at}", references))


def _render_notice(session: Session, references: References) -> RenderedMail:
    """Tell an organiser what happened with their account, and what to do if it was not them."""
    to = person(session, references["organiser"], "mail to an organiser")
    return _addressed(
        session, "security_notice", to, notice=SecurityNotice(references["what"]), device=references["device"],
        at=datetime.fromisoformat(references["at"]), url=absolute_url(session, "/desk/account"),
        forgotten_url=absolute_url(session, "/password/forgotten"),
    )  # fmt: skip


def has_accepted(session: Session, address: str) -> bool:
    """Tell whether somebody with this address took up the invitation to an account."""
    wanted = select(Organiser.id).where(
        Organiser.email_key.in_(address_keys(session, address)), Organiser.password_hash.is_not(None)
    )
    return session.scalar(wanted) is not None


def _addressed(session: Session, message: str, to: OpenedOrganiser, **values: object) -> RenderedMail:
    values = {**values, "name": to.name, "email": to.email, "house": ports_of(session).mail_from_name}
    subject, text, html = render_message(message, to.language, **values)
    return RenderedMail(to_name=to.name, to_address=to.email, subject=subject, text=text, html=html)


PASSWORD_LINK = MailKind(
    "password_link",
    MailClass.PERSONAL,
    _render_reset,
    Priority.AWAITED,
    # No cap of mail's own: strangers could use it up. How often it may be asked for is accounts' limit.
    label=_l("Link to set a password"),
)
ACCOUNT_INVITATION = MailKind(
    "account_invitation",
    MailClass.PERSONAL,
    _render_invitation,
    Priority.AWAITED,
    Cap.UNASKED,
    label=_l("Invitation to an account"),
)
PASSWORD_CHANGED = MailKind(
    "password_changed", MailClass.PERSONAL, _render_changed, label=_l("Notice of a new password")
)
ACCOUNT_CHANGED = MailKind(
    "account_changed", MailClass.PERSONAL, _render_account_changed, label=_l("Notice of a changed account")
)
ACCOUNT_NEWS = MailKind(
    "account_news", MailClass.PERSONAL, _render_news, label=_l("Notice to administrators of a changed account")
)
SECURITY_NOTICE = MailKind(
    "security_notice", MailClass.PERSONAL, _render_notice, label=_l("Notice of a sign-in or a second factor")
)
KINDS = (ACCOUNT_CHANGED, ACCOUNT_NEWS, SECURITY_NOTICE, PASSWORD_LINK, ACCOUNT_INVITATION, PASSWORD_CHANGED)
ANSWER_SEEKERS = (has_accepted,)
