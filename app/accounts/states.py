"""Rules of accounts: how long links live, how often one may try, which passwords are too easy; and the refusals."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta

from app.base.errors import Conflict, Forbidden, Gone, NotFound, Refusal, TooMany
from app.base.locales import lazy_gettext as _l

PASSWORD_SHORTEST = 12
# Long enough for any passphrase; it only keeps a megabyte from being hashed.
PASSWORD_LONGEST = 1000
# What a password must still hold once names, addresses and common words are taken out of it.
_LEAST_REMAINDER = 6
_LEAST_DIFFERENT = 5
_COMMON = (
    "password", "passwort", "passphrase", "motdepasse", "contrasena", "parola", "undersigned", "statement", "welcome",
    "letmein", "changeme", "secret", "admin", "iloveyou", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertz", "azerty",
    "qwerty", "abcdefghijklmnopqrstuvwxyz", "пароль", "йцукен",
)  # fmt: skip
_RUNS = ("01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz")
_SHORTEST_RUN = 4
# "P@ssw0rd" is a common word too.
_DISGUISES = str.maketrans("@$013457", "asoleast")

# An invited person may be on a journey; a person who asks for a new password sits before the screen.
INVITATION_LIFETIME = timedelta(days=7)
RESET_LIFETIME = timedelta(hours=4)


@dataclass(frozen=True)
class HouseRights:
    """What an account may do in the house beside its work on campaigns; neither follows from the other."""

    may_create_campaigns: bool = False
    is_administrator: bool = False


# The first account: somebody has to let in the others, and to begin.
FIRST_RIGHTS = HouseRights(may_create_campaigns=True, is_administrator=True)


@dataclass(frozen=True)
class Limit:
    """At most `times` in `seconds`, under a name of its own."""

    scope: str
    times: int
    seconds: int


# The door. What each of these allows is stated, with what follows from it, in docs/security/door.md.
QUARTER_OF_AN_HOUR = 15 * 60
# A browser that signed in before has an allowance that nobody else can spend.
SIGN_IN_FROM_BROWSER = Limit("sign in, known browser", 10, QUARTER_OF_AN_HOUR)
# Strangers: for one address from one network, from one network, for one address, and altogether.
SIGN_IN_FROM_NETWORK = Limit("sign in", 10, QUARTER_OF_AN_HOUR)
SIGN_IN_PER_NETWORK = Limit("sign in, network", 60, 10 * 60)
SIGN_IN_PER_ADDRESS = Limit("sign in, address", 60, 60 * 60)
# One hash takes about 64 MiB and 50 ms: one try a second leaves the machine to the readers.
SIGN_IN_GLOBAL = Limit("sign in, everybody", 600, 10 * 60)
# Spent only by a person who shows two codes in a row or a recovery code.
SIGN_IN_WITH_PROOF = Limit("sign in, with proof", 10, QUARTER_OF_AN_HOUR)
# Within this time a mail with a link that still works lies in the mailbox, so nobody has to ask again.
LINKS_PER_ADDRESS = Limit("password link", 3, int(RESET_LIFETIME.total_seconds()))
LINKS_FROM_BROWSER = Limit("password link, known browser", 3, int(RESET_LIFETIME.total_seconds()))
PASSWORD_CHANGE = Limit("password change", 10, 15 * 60)


def normal_password(password: str) -> str:
    """Return a password in NFC, so that it can be typed on another keyboard (RFC 8265, OpaqueString)."""
    return unicodedata.normalize("NFC", password)


def check_password(password: str, *known: str) -> None:
    """Refuse what is short, long or easily guessed; `known` are the person's address and name."""
    if len(password) < PASSWORD_SHORTEST:
        raise PasswordTooWeak(
            _l("The password has %(length)s characters; use at least %(least)s. Four or five unrelated words are good.",
               length=len(password), least=PASSWORD_SHORTEST)
        )  # fmt: skip
    if len(password) > PASSWORD_LONGEST:
        raise PasswordTooWeak(
            _l("The password has %(length)s characters; at most %(most)s fit.",
               length=len(password), most=PASSWORD_LONGEST)
        )  # fmt: skip
    words = {*_COMMON, *_words_of(*known)}
    folded = unicodedata.normalize("NFKC", password).casefold()
    if not _is_rich(folded, words) or not _is_rich(
        folded.translate(_DISGUISES), {w.translate(_DISGUISES) for w in words}
    ):
        raise PasswordTooWeak(
            _l(
                "This password is easy to guess: it is made of your name or address, of common words, or of few "
                "different characters. Four or five unrelated words are good."
            )
        )


def _is_rich(text: str, words: set[str]) -> bool:
    """Tell whether enough is left of a text without those words and without runs such as 1234."""
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, "")
    rest = _without_runs(text)
    return len(rest) >= _LEAST_REMAINDER and len(set(rest)) >= _LEAST_DIFFERENT


def _words_of(*known: str) -> set[str]:
    words: set[str] = set()
    for text in known:
        folded = unicodedata.normalize("NFKC", text).casefold()
        words |= {folded, folded.partition("@")[0]} | set(re.split(r"[\W_]+", folded))
    return {word for word in words if len(word) > 2}


def _without_runs(text: str) -> str:
    """Take out "12345", "abcd" and the like."""
    kept, at = "", 0
    while at < len(text):
        length = max((_run_length(text, at, run) for run in _RUNS), default=0)
        if length < _SHORTEST_RUN:
            kept, length = kept + text[at], 1
        at += length
    return kept


def _run_length(text: str, at: int, run: str) -> int:
    length = 0
    while at + length < len(text) and text[at : at + length + 1] in run:
        length += 1
    return length


class PasswordTooWeak(Refusal):
    """The new password is short or easily guessed."""

    def __init__(self, message: object) -> None:
        super().__init__(message, "password")


class WrongCredentials(Refusal):
    """Address and password don't go together; it isn't said which of them is wrong, or whether there is an account."""

    def __init__(self) -> None:
        super().__init__(_l("The address and the password do not go together. Check both, or set a new password."))


class WrongPassword(Refusal):
    """The current password was not right."""

    def __init__(self, field: str = "current_password") -> None:
        super().__init__(_l("This is not your current password."), field)


class TypedBySomebodyElse(Forbidden):
    """What is kept in the sign-in page was typed by somebody else at this browser."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "What is kept in this page was typed with another account, so it is not shown to you. "
                "Sign in with that account to get it back."
            )
        )


class TriedTooOften(TooMany):
    """The current password was tried too often."""

    def __init__(self) -> None:
        super().__init__(_l("That was tried too often. Wait a quarter of an hour, or set a new password by mail."))


class DoorSlowed(TooMany):
    """Too many tries by strangers: from now on a password alone is not looked at."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "Too many passwords were tried with this address or from this network, so the password alone is not "
                "looked at now. If it is your account, you get in all the same: enter the password, and below it two "
                "codes of your app, one after the other, or a recovery code. Without those, set a new password by mail "
                "with this browser, or wait a quarter of an hour."
            ),
            "code",
        )


class PasswordMailsExhausted(TooMany):
    """Too many password mails were asked for."""

    wait_seconds = LINKS_PER_ADDRESS.seconds

    def __init__(self) -> None:
        super().__init__(_l("A mail was asked for too often. Look into your mailbox and its spam folder, or wait."))


class PasswordLinkOver(Gone):
    """The link was used, replaced by a newer one, or is too old."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "This link has been used, replaced by a newer one, or is too old. "
                "Ask for a new one on the sign-in page: “Set a new password”."
            )
        )


class AddressTaken(Conflict):
    """There is an account with this address."""

    def __init__(self) -> None:
        super().__init__(_l("Somebody with this address already has an account."), "email")


class InvitationAnswered(Conflict):
    """There is nothing to invite to: the account has a password, or is disabled."""

    def __init__(self) -> None:
        super().__init__(_l("This account has a password already, or is disabled."))


class NoSuchOrganiser(NotFound):
    """There is no organiser of this id."""

    def __init__(self) -> None:
        super().__init__(_l("There is no such organiser."))


class NotAnAdministrator(Forbidden):
    """Accounts are kept by administrators."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "Only administrators keep the accounts. An administrator can make you one, and so can the person who "
                "keeps the server: flask account administrator ADDRESS"
            )
        )


class NotAnOperator(Forbidden):
    """The page is for those who keep the machine running."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "Only operators see this page. The person who keeps the server can make you one: "
                "flask account operator ADDRESS"
            )
        )


class LastAdministrator(Conflict):
    """Somebody must remain who keeps the accounts."""

    def __init__(self) -> None:
        super().__init__(
            _l("This is the last administrator whose account is open. Make somebody else an administrator first.")
        )
