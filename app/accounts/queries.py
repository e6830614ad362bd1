"""Read accounts: by address, by id, and the list of all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.accounts.states import NoSuchOrganiser, PasswordLinkOver
from app.base import clock
from app.base.addresses import findable_forms, is_same
from app.base.links import LinkPurpose, read_token
from app.base.sealing import Place, blind_index, open_many

# A house has dozens of organisers; the page says so if there were ever more.
MOST_ORGANISERS = 500


@dataclass(frozen=True)
class OpenedOrganiser:
    """An organiser with name and address, opened for those who may see them."""

    organiser_id: int
    public_id: str
    name: str
    email: str
    language: str
    is_administrator: bool
    may_create_campaigns: bool
    is_operator: bool
    has_password: bool
    disabled_at: datetime | None


def address_key(session: Session, email: str) -> bytes:
    """Return the keyed index under which an address is found."""
    return address_keys(session, email)[0]


def address_keys(session: Session, email: str) -> list[bytes]:
    """Return every index under which an address may be found, today's first."""
    return [blind_index(session, "organiser email", form) for form in findable_forms(email)]


def find_by_address(session: Session, email: str) -> Organiser | None:
    """Return the organiser with this address, disabled ones too."""
    rows = session.scalars(select(Organiser).where(Organiser.email_key.in_(address_keys(session, email)))).all()
    told = people(session, rows, "find an account by its address")
    return next((row for row, one in zip(rows, told, strict=True) if is_same(one.email, email)), None)


def organiser_at(session: Session, email: str) -> Organiser:
    """Return the organiser with this address; raises NoSuchOrganiser."""
    found = find_by_address(session, email)
    if found is None:
        raise NoSuchOrganiser
    return found


def organiser(session: Session, public_id: str) -> Organiser:
    """Return an organiser; raises NoSuchOrganiser."""
    found = session.scalar(select(Organiser).where(Organiser.public_id == public_id))
    if found is None:
        raise NoSuchOrganiser
    return found


def person(session: Session, public_id: str, purpose: str) -> OpenedOrganiser:
    """Return one organiser with name and address; raises NoSuchOrganiser."""
    return people(session, [organiser(session, public_id)], purpose)[0]


def people(session: Session, organisers: Iterable[Organiser], purpose: str) -> list[OpenedOrganiser]:
    """Open the names and addresses of organisers, in their order."""
    rows = list(organisers)
    places = [(Place("organisers", "identity_sealed", row.public_id), row.identity_sealed) for row in rows]
    return [
        OpenedOrganiser(
            organiser_id=row.id,
            public_id=row.public_id,
            name=identity["name"],
            email=identity["email"],
            language=row.language,
            is_administrator=row.is_administrator,
            may_create_campaigns=row.may_create_campaigns,
            is_operator=row.is_operator,
            has_password=row.password_hash is not None,
            disabled_at=row.disabled_at,
        )
        for row, identity in zip(rows, open_many(session, places, purpose), strict=True)
    ]


def all_people(session: Session) -> list[OpenedOrganiser]:
    """Return every account, the oldest first."""
    rows = session.scalars(select(Organiser).order_by(Organiser.id).limit(MOST_ORGANISERS))
    return people(session, rows, "list of organisers")


def administrators(session: Session) -> list[Organiser]:
    """Return the administrators whose accounts are open, the oldest first; a house has a handful."""
    wanted = select(Organiser).where(Organiser.is_administrator.is_(True), Organiser.disabled_at.is_(None))
    return list(session.scalars(wanted.order_by(Organiser.id).limit(MOST_ORGANISERS)))


def names_of(session: Session, public_ids: Iterable[str]) -> dict[str, str]:
    """Return the names behind actors' public ids, for histories; unknown ids are left out."""
    wanted = set(public_ids)
    rows = session.scalars(select(Organiser).where(Organiser.public_id.in_(wanted))) if wanted else ()
    return {found.public_id: found.name for found in people(session, rows, "names in a history")}


def owner_of_link(session: Session, token: str) -> Organiser:
    """Return whose password a link sets; raises LinkBroken and PasswordLinkOver."""
    claim = read_token(session, LinkPurpose.PASSWORD, token)
    found = session.scalar(
        select(Organiser).where(
            Organiser.public_id == claim.public_id,
            Organiser.password_generation == claim.generation,
            Organiser.password_link_expires_at > clock.now(),
            Organiser.disabled_at.is_(None),
        )
    )
    if found is None:
        raise PasswordLinkOver
    return found
