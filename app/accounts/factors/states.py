"""Rules of second factors: what may be shown, how often it may be guessed; and the refusals."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from app.base.errors import Conflict, Refusal, TooMany
from app.base.locales import lazy_gettext as _l

STEP_SECONDS = 30
CODE_DIGITS = 6
STEPS_OFF = 1  # clocks of phones and servers may differ by so many steps either way
RECOVERY_CODES = 10
RECOVERY_CHARACTERS = 16  # of 32 kinds: 80 bits, which nobody guesses
MOST_PASSKEYS = 8
SETUP_LIFETIME = timedelta(hours=1)
CHALLENGE_LIFETIME = timedelta(minutes=5)
# One guess of a code is right with 3 in a million, since three steps count.
CODE_TRIES_A_DAY = 20
DAY_SECONDS = 24 * 3600

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_GAPS = re.compile(r"[\s\-–—]+")


class FactorKind(StrEnum):
    """What a second factor is."""

    APP = "app"  # TOTP, RFC 6238
    PASSKEY = "passkey"


@dataclass(frozen=True)
class ShownCodes:
    """What somebody typed as their proof: one code, two that follow each other, or a recovery code."""

    codes: tuple[str, ...] = ()
    recovery: str = ""

    @property
    def is_guessable(self) -> bool:
        """Tell whether it is one short code: of those, only so many are looked at."""
        return len(self.codes) == 1

    @property
    def is_certain(self) -> bool:
        """Tell whether it has the shape of what nobody guesses: two codes in a row, or a recovery code."""
        return len(self.codes) > 1 or bool(self.recovery)


def read_codes(typed: str) -> ShownCodes:
    """Read what was typed, with whatever gaps and in whatever case; what has no such shape proves nothing."""
    text = _GAPS.sub("", typed).casefold()
    if text.isascii() and text.isdecimal() and len(text) in (CODE_DIGITS, 2 * CODE_DIGITS):
        return ShownCodes(tuple(text[at : at + CODE_DIGITS] for at in range(0, len(text), CODE_DIGITS)))
    if len(text) == RECOVERY_CHARACTERS and set(text) <= set(_ALPHABET):
        return ShownCodes(recovery=text)
    return ShownCodes()


def in_groups(code: str) -> str:
    """Return a recovery code or seed as it is read aloud: four characters at a time."""
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))


class WrongCode(Refusal):
    """The code is not right now, or was used before."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "This code is not right. Codes change every half minute and work once: wait for the next one. "
                "If none is ever right, set the clock of your phone."
            ),
            "code",
        )


class TwoCodesWanted(TooMany):
    """Single codes were guessed too often: two in a row can't be guessed, and always count."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "Too many codes were tried with this account. Enter two codes of your app, one after the other: "
                "the one that it shows now, and the next one. Or enter a recovery code."
            ),
            "code",
        )


class AppFirst(Conflict):
    """Passkeys and recovery codes come besides an app."""

    def __init__(self) -> None:
        super().__init__(_l("Set up an app that shows codes first: “My account”, “App, recovery codes and passkeys”."))


class SetupOver(Conflict):
    """The page was open for too long, or somebody else's."""

    def __init__(self) -> None:
        super().__init__(_l("This page was open for too long. Here is a new key: take it into your app instead."))


class PasskeyRefused(Refusal):
    """What the browser sent as a passkey proves nothing here."""

    def __init__(self) -> None:
        super().__init__(_l("The passkey was not accepted. Try again, or use a code."), "code")


class TooManyPasskeys(Conflict):
    """A person has few devices."""

    def __init__(self) -> None:
        super().__init__(_l("You have %(most)s passkeys. Remove one first.", most=MOST_PASSKEYS))
