"""Codes of an app (TOTP, RFC 6238): which step a code belongs to, and the picture that hands a seed to a phone."""

from __future__ import annotations

import hmac
import io

import pyotp
import segno

from app.accounts.factors.states import CODE_DIGITS, STEP_SECONDS, STEPS_OFF, in_groups
from app.base import clock

PIXELS_PER_MODULE = 6


def new_seed() -> str:
    """Return a new seed: 160 bits, in base 32 as apps take it."""
    return pyotp.random_base32()


def current_step() -> int:
    """Return the number of the present half minute."""
    return int(clock.now().timestamp()) // STEP_SECONDS


def matching_step(seed: str, codes: tuple[str, ...]) -> int | None:
    """Return the step that the last of these codes belongs to; those before it must be of the steps before.

    None where they are not right. Every step is compared, so that time tells nothing.
    """
    now, found = current_step(), None
    for step in range(now - STEPS_OFF, now + STEPS_OFF + 1):
        expected = "".join(code_at(seed, step - back) for back in reversed(range(len(codes))))
        if hmac.compare_digest(expected, "".join(codes)) and codes:
            found = step
    return found


def code_at(seed: str, step: int) -> str:
    """Return the code of a step."""
    return pyotp.TOTP(seed, digits=CODE_DIGITS, interval=STEP_SECONDS).at(step * STEP_SECONDS)


def address_of(seed: str, house: str, account: str) -> str:
    """Return the otpauth address that apps read."""
    return pyotp.TOTP(seed, digits=CODE_DIGITS, interval=STEP_SECONDS).provisioning_uri(name=account, issuer_name=house)


def picture_of(address: str) -> bytes:
    """Return an address as a QR code in PNG: Tor Browser's safest level shows no SVG."""
    file = io.BytesIO()
    segno.make(address, error="m").save(file, kind="png", scale=PIXELS_PER_MODULE, border=4)
    return file.getvalue()


def spoken(seed: str) -> str:
    """Return a seed for who types it by hand."""
    return in_groups(seed)
