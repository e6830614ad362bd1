"""What changes second factors: set up, spend a code, renew recovery codes, reset."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app.accounts.emails import tell_of
from app.accounts.factors.models import RecoveryCode, SecondFactor
from app.accounts.factors.queries import app_of, place_of, recovery_key, step_shown
from app.accounts.factors.states import (
    CODE_TRIES_A_DAY,
    DAY_SECONDS,
    RECOVERY_CHARACTERS,
    RECOVERY_CODES,
    SETUP_LIFETIME,
    FactorKind,
    SetupOver,
    ShownCodes,
    TwoCodesWanted,
    WrongCode,
)
from app.accounts.factors.totp import matching_step, new_seed
from app.accounts.models import Organiser
from app.accounts.news import SecurityNotice
from app.audit.actions import record
from app.base import clock
from app.base.identifiers import new_public_id
from app.base.rows import has_changed
from app.base.sealing import Place, SealBroken, open_one, seal
from app.base.throttles import allow, give_back

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_TRIES = "second factor"


def offered_seed(session: Session, organiser_public_id: str) -> bytes:
    """Return a new seed, sealed for one organiser's page: nothing is stored until a code shows that the app has it."""
    document = {"seed": new_seed(), "at": clock.now().isoformat()}
    return seal(session, _offer(organiser_public_id), document)


def seed_offered(session: Session, organiser_public_id: str, sealed: bytes) -> str:
    """Open a seed that was offered to this organiser lately; raises SetupOver."""
    try:
        document = open_one(session, _offer(organiser_public_id), sealed, "set up a second factor")
    except SealBroken as error:
        raise SetupOver from error
    if clock.now() - datetime.fromisoformat(document["at"]) > SETUP_LIFETIME:
        raise SetupOver
    return str(document["seed"])


def set_up_app(session: Session, organiser: Organiser, seed: str, shown: ShownCodes, *, may_replace: bool) -> list[str]:
    """Take an app and return new recovery codes; raises WrongCode.

    A person who has shown no second factor may not replace one, even if it was set up a moment ago: raises SetupOver.
    Callers end the organiser's other sessions.
    """
    step = matching_step(seed, shown.codes)
    if step is None:
        raise WrongCode
    session.execute(select(Organiser.id).where(Organiser.id == organiser.id).with_for_update())
    before = app_of(session, organiser.id)
    if before is not None and not may_replace:
        raise SetupOver
    if before is not None:
        session.delete(before)
    else:
        organiser.first_factor_at = clock.now()
    public_id = new_public_id()
    session.add(
        SecondFactor(
            public_id=public_id, organiser_id=organiser.id, kind=FactorKind.APP, spent_until=step,
            secret_sealed=seal(session, place_of(public_id), {"seed": seed}), created_at=clock.now(),
        )
    )  # fmt: skip
    tell_of(session, organiser.public_id, SecurityNotice.APP_SET_UP)
    record(session, organiser.public_id, "organiser.second factor set up", organiser.public_id)
    return renew_recovery_codes(session, organiser)


def renew_recovery_codes(session: Session, organiser: Organiser) -> list[str]:
    """Void all recovery codes and return new ones, which are shown once and stored nowhere."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.organiser_id == organiser.id))
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(RECOVERY_CHARACTERS)) for _ in range(RECOVERY_CODES)]
    keys = sorted(recovery_key(session, organiser.id, code) for code in codes)
    session.execute(insert(RecoveryCode), [{"organiser_id": organiser.id, "code_key": key} for key in keys])
    record(session, organiser.public_id, "organiser.recovery codes renewed", organiser.public_id)
    return codes


def prove(session: Session, organiser: Organiser, shown: ShownCodes) -> None:
    """Use codes up as somebody's proof; raises WrongCode, and TwoCodesWanted once single ones were guessed too often.

    The count of wrong tries must be committed even though it is refused: callers ask `count_try` first.
    """
    if not spend(session, organiser, shown):
        raise WrongCode
    if shown.is_guessable:
        give_back(session, _TRIES, organiser.public_id)


def count_try(session: Session, organiser: Organiser, shown: ShownCodes) -> TwoCodesWanted | None:
    """Count a single code that is going to be tried; return the refusal where there were too many.

    Two codes in a row and recovery codes are always looked at, so the account's owner is never shut out. They are
    told once a day that somebody who knows their password tries codes.
    """
    if not shown.is_guessable or allow(session, _TRIES, organiser.public_id, CODE_TRIES_A_DAY, DAY_SECONDS):
        return None
    tell_of(session, organiser.public_id, SecurityNotice.CODES_TRIED, occasion=clock.now().date().isoformat())
    return TwoCodesWanted()


def spend(session: Session, organiser: Organiser, shown: ShownCodes) -> bool:
    """Use up what was shown, once over all processes; tell whether it was right."""
    if shown.recovery:
        return _spend_recovery(session, organiser, shown.recovery)
    found = step_shown(session, organiser.id, shown)
    return found is not None and spend_until(session, found[0], found[1])


def spend_until(session: Session, factor_id: int, moment: int) -> bool:
    """Void a factor's proofs up to a step or moment; tell whether nobody did before."""
    used = session.execute(
        update(SecondFactor)
        .where(SecondFactor.id == factor_id, SecondFactor.spent_until < moment)
        .values(spent_until=moment)
        .execution_options(synchronize_session=False)
    )
    return has_changed(used)


def forget_factors(session: Session, organiser: Organiser) -> None:
    """Take every second factor from an organiser; the next sign-in leads to setting one up."""
    session.execute(delete(SecondFactor).where(SecondFactor.organiser_id == organiser.id))
    session.execute(delete(RecoveryCode).where(RecoveryCode.organiser_id == organiser.id))


def _spend_recovery(session: Session, organiser: Organiser, code: str) -> bool:
    used = session.execute(
        delete(RecoveryCode).where(
            RecoveryCode.organiser_id == organiser.id,
            RecoveryCode.code_key == recovery_key(session, organiser.id, code),
        )
    )
    if not has_changed(used):
        return False
    tell_of(session, organiser.public_id, SecurityNotice.RECOVERY_CODE_USED)
    record(session, organiser.public_id, "organiser.recovery code used", organiser.public_id)
    return True


def _offer(organiser_public_id: str) -> Place:
    return Place("second_factors", "offer", organiser_public_id)
