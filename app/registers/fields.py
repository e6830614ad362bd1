"""What a column of a list of offices can hold."""

from __future__ import annotations

from enum import StrEnum

from app.base.locales import lazy_gettext as _l
from app.institutions.states import RecipientGroupKind


class OfficeField(StrEnum):
    """What a column can hold."""

    IGNORE = "ignore"
    INSTITUTION = "institution"
    OFFICE = "office"
    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    TITLE = "title"
    GENDER = "gender"
    SALUTATION = "salutation"
    EMAIL = "email"
    LANGUAGE = "language"
    COUNTRY = "country"
    COMMITTEE = "committee"
    POLITICAL = "political"
    PARTY = "party"
    CONSTITUENCY = "constituency"
    GROUP = "group"
    NOTES = "notes"

    @property
    def label(self) -> str:
        """The field in words."""
        return str(_OFFICE_LABELS[self])


_OFFICE_LABELS = {
    OfficeField.IGNORE: _l("Leave this column out"),
    OfficeField.INSTITUTION: _l("Institution (parliament, ministry)"),
    OfficeField.OFFICE: _l("Office (Chair, Minister of Justice)"),
    OfficeField.NAME: _l("Full name"),
    OfficeField.FIRST_NAME: _l("First name"),
    OfficeField.LAST_NAME: _l("Last name"),
    OfficeField.TITLE: _l("Title before the name (Ms, Dr.)"),
    OfficeField.GENDER: _l("Gender"),
    OfficeField.SALUTATION: _l("Salutation (Dear Minister)"),
    OfficeField.EMAIL: _l("E-mail address"),
    OfficeField.LANGUAGE: _l("Language of the letter"),
    OfficeField.COUNTRY: _l("Country"),
    OfficeField.COMMITTEE: _l("Committees"),
    OfficeField.POLITICAL: _l("Political group"),
    OfficeField.PARTY: _l("Party"),
    OfficeField.CONSTITUENCY: _l("Constituency"),
    OfficeField.GROUP: _l("Another group of recipients"),
    OfficeField.NOTES: _l("Notes (telephone, room, postal address)"),
}
# A column of one of these says who a row is about.
WHO = frozenset({OfficeField.OFFICE, OfficeField.NAME, OfficeField.FIRST_NAME, OfficeField.LAST_NAME})
GROUPS = {
    OfficeField.COMMITTEE: RecipientGroupKind.COMMITTEE,
    OfficeField.POLITICAL: RecipientGroupKind.POLITICAL,
    OfficeField.PARTY: RecipientGroupKind.PARTY,
    OfficeField.CONSTITUENCY: RecipientGroupKind.CONSTITUENCY,
    OfficeField.GROUP: RecipientGroupKind.OTHER,
}
# Of these a list may have several columns; of first names they are joined, the others are kept one by one.
SEVERAL = frozenset({*GROUPS, OfficeField.IGNORE, OfficeField.NOTES, OfficeField.EMAIL, OfficeField.FIRST_NAME})
