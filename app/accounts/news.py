"""What organisers are told by mail of their own account, and administrators of others'."""

from __future__ import annotations

from enum import StrEnum

from app.base.locales import lazy_gettext as _l


class AccountChange(StrEnum):
    """What others may change of an organiser's account; its owner is told."""

    DISABLED = "disabled"
    ENABLED = "enabled"
    ADMINISTRATOR = "is administrator"
    NO_ADMINISTRATOR = "is no administrator"
    MAY_CREATE = "may create campaigns"
    MAY_NOT_CREATE = "may not create campaigns"
    OPERATOR = "is operator"
    NO_OPERATOR = "is no operator"
    FACTOR_RESET = "second factor reset"

    @property
    def sentence(self) -> str:
        """What is the case from now on, said to its owner."""
        return str(_CHANGES[self])

    @property
    def news(self) -> str:
        """What is the case from now on, said to the administrators."""
        return str(_NEWS[self])


_CHANGES = {
    AccountChange.DISABLED: _l("Your account is closed: you can’t sign in, and were signed out everywhere."),
    AccountChange.ENABLED: _l("Your account is open again: you can sign in with your password."),
    AccountChange.ADMINISTRATOR: _l(
        "You are an administrator: you keep the accounts, and confirm who approves appeals."
    ),
    AccountChange.NO_ADMINISTRATOR: _l("You are no longer an administrator. Your campaigns stay as they are."),
    AccountChange.MAY_CREATE: _l("You may create campaigns."),
    AccountChange.MAY_NOT_CREATE: _l("You may no longer create campaigns. Those that you work on stay as they are."),
    AccountChange.OPERATOR: _l("You keep the machine: you see and steer its mail."),
    AccountChange.NO_OPERATOR: _l("You no longer see and steer the machine’s mail."),
    AccountChange.FACTOR_RESET: _l(
        "Your second factor was taken off, and you were signed out everywhere. "
        "You set up a new one when you next sign in."
    ),
}
_NEWS = {
    AccountChange.DISABLED: _l("The account is closed: nobody can sign in with it."),
    AccountChange.ENABLED: _l("The account is open again."),
    AccountChange.ADMINISTRATOR: _l("They are an administrator: they keep the accounts, and confirm who approves."),
    AccountChange.NO_ADMINISTRATOR: _l("They are no longer an administrator."),
    AccountChange.MAY_CREATE: _l("They may create campaigns."),
    AccountChange.MAY_NOT_CREATE: _l("They may no longer create campaigns."),
    AccountChange.OPERATOR: _l("They keep the machine: they see and steer its mail."),
    AccountChange.NO_OPERATOR: _l("They no longer see and steer the machine’s mail."),
    AccountChange.FACTOR_RESET: _l(
        "Their second factor was taken off; they set up a new one when they next sign in. Where they approve appeals, "
        "somebody else has to confirm them again."
    ),
}


class SecurityNotice(StrEnum):
    """What an organiser is told of their own account, in case it was not them."""

    NEW_BROWSER = "new browser"
    APP_SET_UP = "app set up"
    PASSKEY_ADDED = "passkey added"
    RECOVERY_CODE_USED = "recovery code used"
    CODES_TRIED = "codes tried"

    @property
    def sentence(self) -> str:
        """What happened."""
        return str(_NOTICES[self])

    @property
    def subject(self) -> str:
        """The same in a few words, such as a list of mails shows."""
        return str(_SUBJECTS[self])


_SUBJECTS = {
    SecurityNotice.NEW_BROWSER: _l("A new browser signed in to your account"),
    SecurityNotice.APP_SET_UP: _l("An app was set up as your second factor"),
    SecurityNotice.PASSKEY_ADDED: _l("A passkey was added to your account"),
    SecurityNotice.RECOVERY_CODE_USED: _l("A recovery code of your account was used"),
    SecurityNotice.CODES_TRIED: _l("Somebody knows your password: change it"),
}
_NOTICES = {
    SecurityNotice.NEW_BROWSER: _l("Somebody signed in to your account with a browser that had not been used for it."),
    SecurityNotice.APP_SET_UP: _l("An app that makes codes was set up for your account. Codes of an app before it, and "
                                  "older recovery codes, no longer work."),
    SecurityNotice.PASSKEY_ADDED: _l("A passkey was added to your account."),
    SecurityNotice.RECOVERY_CODE_USED: _l("A recovery code of your account was used. It works no more."),
    SecurityNotice.CODES_TRIED: _l("Somebody who knows your password tries codes. They did not get in. Change your "
                                   "password."),
}  # fmt: skip
