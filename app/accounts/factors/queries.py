"""Read second factors: what somebody has, and whether what they show is right. Looking uses nothing up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.factors.models import RecoveryCode, SecondFactor
from app.accounts.factors.states import MOST_PASSKEYS, FactorKind, ShownCodes
from app.accounts.factors.totp import matching_step
from app.base.sealing import Place, blind_index, open_one

NOBODY = 0  # no row has this id: what is asked for nobody takes the same statements


@dataclass(frozen=True)
class PasskeyEntry:
    """A passkey as its owner sees it."""

    public_id: str
    name: str
    since_at: datetime


@dataclass(frozen=True)
class FactorStanding:
    """What an organiser has besides the password."""

    app_since: datetime | None
    codes_left: int
    passkeys: tuple[PasskeyEntry, ...]

    @property
    def is_set_up(self) -> bool:
        """Tell whether there is a second factor at all: an app always comes first."""
        return self.app_since is not None


def has_factor(session: Session, organiser_id: int) -> bool:
    """Tell whether an organiser has a second factor."""
    return app_of(session, organiser_id) is not None


def app_of(session: Session, organiser_id: int) -> SecondFactor | None:
    """Return the app whose codes count."""
    return session.scalar(
        select(SecondFactor)
        .where(SecondFactor.organiser_id == organiser_id, SecondFactor.kind == FactorKind.APP)
        .order_by(SecondFactor.id.desc())
        .limit(1)
    )


def passkeys_of(session: Session, organiser_id: int) -> list[SecondFactor]:
    """Return an organiser's passkeys, the oldest first."""
    return list(
        session.scalars(
            select(SecondFactor)
            .where(SecondFactor.organiser_id == organiser_id, SecondFactor.kind == FactorKind.PASSKEY)
            .order_by(SecondFactor.id)
            .limit(MOST_PASSKEYS)
        )
    )


def standing_of(session: Session, organiser_id: int) -> FactorStanding:
    """Return what an organiser has, for their own page."""
    app = app_of(session, organiser_id)
    left = session.scalar(
        select(func.count()).select_from(RecoveryCode).where(RecoveryCode.organiser_id == organiser_id)
    )
    entries = tuple(
        PasskeyEntry(each.public_id, secret_of(session, each, "my passkeys")["name"], each.created_at)
        for each in passkeys_of(session, organiser_id)
    )
    return FactorStanding(app.created_at if app else None, left or 0, entries)


def secret_of(session: Session, factor: SecondFactor, purpose: str) -> dict[str, str]:
    """Open what a factor keeps."""
    return open_one(session, place_of(factor.public_id), factor.secret_sealed, purpose)


def place_of(public_id: str) -> Place:
    """Return where a factor's secret lives."""
    return Place("second_factors", "secret_sealed", public_id)


def recovery_key(session: Session, organiser_id: int, code: str) -> bytes:
    """Return the digest under which a recovery code is found."""
    return blind_index(session, "recovery code", f"{organiser_id} {code}")


def step_shown(session: Session, organiser_id: int, shown: ShownCodes) -> tuple[int, int] | None:
    """Return the app's row id and the step that these codes belong to; None where they are wrong or were used."""
    app = app_of(session, organiser_id)
    if app is None or not shown.codes:
        return None
    step = matching_step(secret_of(session, app, "check a code")["seed"], shown.codes)
    return (app.id, step) if step is not None and step > app.spent_until else None


def is_shown(session: Session, organiser_id: int, shown: ShownCodes) -> bool:
    """Tell whether codes that can't be guessed are right: two of the app in a row, or a recovery code.

    The same statements run for `NOBODY`, and whether or not they are right.
    """
    wanted = select(RecoveryCode.id).where(
        RecoveryCode.organiser_id == organiser_id,
        RecoveryCode.code_key == recovery_key(session, organiser_id, shown.recovery),
    )
    has_code = session.scalar(wanted) is not None
    has_step = step_shown(session, organiser_id, shown) is not None
    return shown.is_certain and (has_code or has_step)
