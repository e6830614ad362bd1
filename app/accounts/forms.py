"""Forms of accounts: sign-in, passwords, one's own account, colleagues."""

from __future__ import annotations

from wtforms import BooleanField
from wtforms.validators import InputRequired

from app.accounts.states import PASSWORD_SHORTEST, HouseRights
from app.base.forms import EmailAddress, Form, HiddenWord, OneLine, Secret, SelectOne
from app.base.locales import lazy_gettext as _l
from app.base.name_fields import PersonName

_ADDRESS_MISSING = _l("Enter your e-mail address.")
_NEW_PASSWORD = _l("New password")


class SignInForm(Form):
    """Who are you, and where did you want to go?"""

    email = EmailAddress(_l("E-mail address"), required=_ADDRESS_MISSING)
    password = Secret(_l("Password"), [InputRequired(_l("Enter your password."))])
    code = OneLine(_l("Two codes of your app, one after the other, or a recovery code"))
    next = HiddenWord()


class ProofForm(Form):
    """It is still you: a code where there is a second factor, the password where there is none."""

    code = OneLine(_l("Code"))
    password = Secret(_l("Password"))
    passkey_code = HiddenWord()  # what a passkey answered; the name keeps it from being carried (second_look)
    challenge_code = HiddenWord()
    next = HiddenWord()


class AppForm(Form):
    """The first code of an app that has taken the key."""

    code = OneLine(_l("Code that the app shows"), required=_l("Enter the six digits that the app shows."))
    seed_code = HiddenWord()


class PasskeyForm(Form):
    """A passkey that a browser has made."""

    name = PersonName(_l("Name of the device"), required=_l("Name the device, such as “my phone”."), longest=60)
    passkey_code = HiddenWord()
    challenge_code = HiddenWord()


class ForgottenForm(Form):
    """Where shall the link go?"""

    email = EmailAddress(_l("E-mail address"), required=_ADDRESS_MISSING)


class NewPasswordForm(Form):
    """A new password, typed once: it can be pasted, and another link is a mail away."""

    password = Secret(
        _NEW_PASSWORD,
        [InputRequired(_l("Enter a new password of at least %(least)s characters.", least=PASSWORD_SHORTEST))],
    )


class ChangePasswordForm(Form):
    """A new password at the desk, behind the current one."""

    current_password = Secret(_l("Current password"), [InputRequired(_l("Enter your current password."))])
    password = Secret(
        _NEW_PASSWORD,
        [InputRequired(_l("Enter a new password of at least %(least)s characters.", least=PASSWORD_SHORTEST))],
    )


class ProfileForm(Form):
    """What colleagues call you, and the language the desk speaks."""

    name = PersonName(_l("Your name"), required=_l("Enter the name that your colleagues know you by."), longest=120)
    language = SelectOne(_l("Language of the desk and of mails to you"))


class InvitationForm(Form):
    """A colleague who is to have an account."""

    name = PersonName(_l("Name"), required=_l("Enter your colleague’s name."), longest=120)
    email = EmailAddress(_l("E-mail address"), required=_l("Enter your colleague’s e-mail address."))
    may_create_campaigns = BooleanField(_l("May create campaigns"))
    is_administrator = BooleanField(_l("Is an administrator"))

    def rights(self) -> HouseRights:
        """Return what was ticked."""
        return HouseRights(bool(self.may_create_campaigns.data), bool(self.is_administrator.data))
