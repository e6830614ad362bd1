"""What coordinators fill in: whom they choose, and a corrected address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from app.base.forms import EmailAddress, Form
from app.base.locales import lazy_gettext as _l
from app.directory.queries import DirectoryFilter
from app.directory.states import SignatoryKind

MOST_CHOSEN = 5000


class AddressForm(Form):
    """The right address of somebody who was asked at a wrong one."""

    email = EmailAddress(_l("E-mail address"), required=_l("Enter the address that the mail should go to."))


@dataclass(frozen=True)
class Ticked:
    """The people a form means: those ticked, or all who fit."""

    everybody: bool
    chosen: Sequence[str]
    confirmed: bool

    @classmethod
    def from_form(cls, form: MultiDict[str, str], name: str) -> Ticked:
        """Read a posted choice; the surplus is cut off, which the number on the next page shows."""
        chosen = list(dict.fromkeys(form.getlist(name)))[:MOST_CHOSEN]
        return cls(form.get("everybody") == "1", chosen, form.get("confirmed") == "1")


def filter_from(arguments: Mapping[str, str]) -> DirectoryFilter:
    """Read which part of the directory is meant."""
    kind = arguments.get("kind", "")
    group = arguments.get("group", "")
    return DirectoryFilter(group=group or None, kind=SignatoryKind(kind) if kind in set(SignatoryKind) else None)
