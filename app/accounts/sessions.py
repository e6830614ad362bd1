"""Signed-in browsers: Flask-Login over sessions that live in the database and can be ended there."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask, session as cookie
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Organiser, OrganiserSession
from app.base import clock
from app.base.database import Database
from app.base.edge import writing
from app.base.errors import Forbidden
from app.base.key_proofs import row_name
from app.base.locales import lazy_gettext as _l
from app.base.parts import parts
from app.base.rows import has_changed
from app.base.sealing import Place, open_many, open_one, seal

HALF = timedelta(minutes=30)  # between the password and the second factor, or its first setting up
MOST_LISTED = 50
IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
# How long a proof is recent: who took an unlocked computer an hour later sends no appeal and exports no names.
RECENT = timedelta(minutes=5)
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
    is_complete: bool
    proven_at: datetime | None

    @property
    def is_proven(self) -> bool:
        """Tell whether it was shown lately that it is still them."""
        return self.proven_at is not None and clock.now() - self.proven_at <= RECENT

    def get_id(self) -> str:
        """Return what the cookie remembers."""
        return self.secret


@dataclass(frozen=True)
class SignedInBrowser:
    """A session as its owner sees it. Only its days are shown: hours would tell too much over a shoulder."""

    handle: str
    device: str
    since_at: datetime
    seen_at: datetime
    is_here: bool


class NotSignedIn(Forbidden):
    """A desk page was reached without a session."""

    def __init__(self) -> None:
        super().__init__(_l("Sign in first."))


def is_at_the_desk() -> bool:
    """Tell whether somebody is signed in, with all that it takes."""
    return bool(current_user.is_authenticated and current_user.is_complete)


def current_organiser_id() -> tuple[int, str]:
    """Return row id and public id of the person who is signed in; raises NotSignedIn."""
    if not current_user.is_authenticated:
        raise NotSignedIn
    return current_user.organiser_id, current_user.public_id


def start_session(session: Session, organiser: Organiser, *, is_complete: bool, device: str = "") -> str:
    """Create a session row and return its secret, which is not stored. Until it is complete, it opens no desk."""
    secret, now = secrets.token_urlsafe(32), clock.now()
    session.execute(delete(OrganiserSession).where(OrganiserSession.expires_at < now))
    begun = OrganiserSession(
        secret_hash=_hash(secret),
        organiser_id=organiser.id,
        created_at=now,
        seen_at=now,
        expires_at=now + (LONGEST if is_complete else HALF),
        is_complete=is_complete,
        proven_at=now if is_complete else None,
    )
    session.add(begun)
    session.flush()
    begun.device_sealed = seal(session, _device_place(begun.id), {"device": device}, pad_to=64)
    return secret


def complete_session(session: Session, organiser: Organiser, device: str = "") -> str:
    """Replace the session of this request, which a password began, by one that opens the desk; return its secret."""
    end_session(session, organiser.id, handle_of(_hash(current_user.secret)))
    return start_session(session, organiser, is_complete=True, device=device)


def note_proof(session: Session) -> None:
    """Note that the person at the desk has just shown that it is them."""
    current_user.proven_at = clock.now()  # this request goes on as one that was proven
    session.execute(
        update(OrganiserSession)
        .where(OrganiserSession.secret_hash == _hash(current_user.secret))
        .values(proven_at=current_user.proven_at)
        .execution_options(synchronize_session=False)
    )


def sessions_of(session: Session, organiser_id: int) -> list[SignedInBrowser]:
    """Return where an organiser is signed in, the latest first."""
    now = clock.now()
    rows = session.scalars(
        select(OrganiserSession)
        .where(
            OrganiserSession.organiser_id == organiser_id,
            OrganiserSession.is_complete,
            OrganiserSession.expires_at > now,
            OrganiserSession.seen_at > now - IDLE,
        )
        .order_by(OrganiserSession.created_at.desc(), OrganiserSession.id.desc())
        .limit(MOST_LISTED)
    ).all()
    places = [(_device_place(row.id), row.device_sealed) for row in rows if row.device_sealed is not None]
    devices = iter(open_many(session, places, "where I am signed in"))
    here = _hash(current_user.secret)
    return [
        SignedInBrowser(
            handle_of(row.secret_hash), next(devices)["device"] if row.device_sealed is not None else "",
            row.created_at, row.seen_at, row.secret_hash == here,
        )
        for row in rows
    ]  # fmt: skip


def end_session(session: Session, organiser_id: int, handle: str) -> bool:
    """End one session of an organiser; tell whether it was there."""
    hashes = session.scalars(select(OrganiserSession.secret_hash).where(OrganiserSession.organiser_id == organiser_id))
    wanted = [each for each in hashes if handle_of(each) == handle]
    ended = session.execute(delete(OrganiserSession).where(OrganiserSession.secret_hash.in_(wanted)))
    return has_changed(ended)


def end_others(session: Session, organiser: Organiser) -> None:
    """Sign an organiser out everywhere but here."""
    session.execute(
        delete(OrganiserSession).where(
            OrganiserSession.organiser_id == organiser.id, OrganiserSession.secret_hash != _hash(current_user.secret)
        )
    )


def handle_of(secret_hash: bytes) -> str:
    """Return the name by which a session's owner ends it; it opens nothing."""
    return hashlib.sha256(secret_hash).hexdigest()[:20]


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
    # Readers' pages ask for no session, so that they vary with no cookie: no template is told who is signed in, and no
    # answer looks for a cookie of Flask-Login's own, which nobody here is given.
    manager = LoginManager()
    manager.init_app(app, add_context_processor=False)
    app.after_request_funcs[None].remove(manager._update_remember_cookie)
    manager.user_loader(_load)


def _load(secret: str) -> SignedIn | None:
    now = clock.now()
    with _database().reading() as session:
        row = session.execute(
            select(OrganiserSession, Organiser)
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
        found, organiser = row
        place = Place("organisers", "identity_sealed", organiser.public_id)
        identity = open_one(session, place, organiser.identity_sealed, "who is signed in")
    if now - found.seen_at > SEEN_EVERY:
        with _database().writing() as session:
            session.execute(update(OrganiserSession).where(OrganiserSession.id == found.id).values(seen_at=now))
    return SignedIn(
        organiser_id=organiser.id,
        public_id=organiser.public_id,
        name=identity["name"],
        language=organiser.language,
        is_administrator=organiser.is_administrator,
        may_create_campaigns=organiser.may_create_campaigns,
        is_operator=organiser.is_operator,
        secret=secret,
        is_complete=found.is_complete,
        proven_at=found.proven_at,
    )


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _device_place(row_id: int) -> Place:
    return Place("organiser_sessions", "device_sealed", row_name(row_id))


def _database() -> Database:
    found: Database = parts().database
    return found
