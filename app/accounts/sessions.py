"""Signed-in browsers: Flask-Login over sessions that live in the database and can be ended there."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask, session as cookie
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Organiser, OrganiserSession
from app.base import clock
from app.base.database import Database
from app.base.edge import writing
from app.base.errors import Forbidden
from app.base.locales import lazy_gettext as _l
from app.base.parts import parts
from app.base.sealing import Place, open_one

IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=5)  # writing at each request would make every page a write


@dataclass
class SignedIn(UserMixin):
    """The organiser behind a request. `get_id` is the session's secret, which only the cookie holds."""

    organiser_id: int
    public_id: str
    name: str
    language: str
    is_administrator: bool
    may_create_campaigns: bool
    is_operator: bool
    secret: str

    def get_id(self) -> str:
        """Return what the cookie remembers."""
        return self.secret


class NotSignedIn(Forbidden):
    """A desk page was reached without a session."""

    def __init__(self) -> None:
        super().__init__(_l("Sign in first."))


def current_organiser_id() -> tuple[int, str]:
    """Return row id and public id of the person who is signed in; raises NotSignedIn."""
    if not current_user.is_authenticated:
        raise NotSignedIn
    return current_user.organiser_id, current_user.public_id


def start_session(session: Session, organiser: Organiser) -> str:
    """Create a session row and return its secret, which is not stored."""
    secret, now = secrets.token_urlsafe(32), clock.now()
    session.execute(delete(OrganiserSession).where(OrganiserSession.expires_at < now))
    session.add(
        OrganiserSession(
            secret_hash=_hash(secret), organiser_id=organiser.id, created_at=now, seen_at=now, expires_at=now + LONGEST
        )
    )
    return secret


def remember(secret: str) -> None:
    """Put a session's secret into the cookie of this response; whatever the cookie held before is gone."""
    cookie.clear()
    cookie.permanent = True
    found = _load(secret)
    if found is not None:
        login_user(found)


def forget() -> None:
    """End the current session in the database and in the cookie."""
    if current_user.is_authenticated:
        with writing() as session:
            session.execute(delete(OrganiserSession).where(OrganiserSession.secret_hash == _hash(current_user.secret)))
    logout_user()
    cookie.clear()


def init_sessions(app: Flask) -> None:
    """Connect Flask-Login."""
    manager = LoginManager(app)
    manager.user_loader(_load)


def _load(secret: str) -> SignedIn | None:
    now = clock.now()
    with _database().reading() as session:
        row = session.execute(
            select(OrganiserSession.id, OrganiserSession.seen_at, Organiser)
            .join(Organiser, Organiser.id == OrganiserSession.organiser_id)
            .where(
                OrganiserSession.secret_hash == _hash(secret),
                OrganiserSession.expires_at > now,
                OrganiserSession.seen_at > now - IDLE,
                Organiser.disabled_at.is_(None),
            )
        ).one_or_none()
        if row is None:
            return None
        session_id, seen_at, organiser = row
        place = Place("organisers", "identity_sealed", organiser.public_id)
        identity = open_one(session, place, organiser.identity_sealed, "who is signed in")
    if now - seen_at > SEEN_EVERY:
        with _database().writing() as session:
            session.execute(update(OrganiserSession).where(OrganiserSession.id == session_id).values(seen_at=now))
    return SignedIn(
        organiser_id=organiser.id,
        public_id=organiser.public_id,
        name=identity["name"],
        language=organiser.language,
        is_administrator=organiser.is_administrator,
        may_create_campaigns=organiser.may_create_campaigns,
        is_operator=organiser.is_operator,
        secret=secret,
    )


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _database() -> Database:
    found: Database = parts().database
    return found
