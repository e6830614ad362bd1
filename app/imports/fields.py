"""What a column of a list can hold, and how several columns of one field are joined."""

from __future__ import annotations

from enum import StrEnum

from app.base.locales import lazy_gettext as _l


class Field(StrEnum):
    """What a column can hold."""

    IGNORE = "ignore"
    NAME = "name"
    FIRST_NAME = "first_name"
    MIDDLE_NAME = "middle_name"
    LAST_NAME = "last_name"
    SUFFIX = "suffix"
    TITLE = "title"
    SORT_NAME = "sort_name"
    KIND = "kind"
    ORGANISATION = "organisation"
    REPRESENTATIVE = "representative"
    CREDENTIAL = "credential"
    AFFILIATION = "affiliation"
    COUNTRY = "country"
    EMAIL = "email"
    PHONE = "phone"
    LANGUAGE = "language"
    GROUP = "group"
    ROLE = "role"
    PROMINENT = "prominent"
    NOTES = "notes"


LABELS = {
    Field.IGNORE: _l("Leave this column out"),
    Field.NAME: _l("Full name"),
    Field.FIRST_NAME: _l("First name"),
    Field.MIDDLE_NAME: _l("Middle name"),
    Field.LAST_NAME: _l("Last name"),
    Field.SUFFIX: _l("What follows the name (Jr., III)"),
    Field.TITLE: _l("Title before the name (Prof., Dr.)"),
    Field.SORT_NAME: _l("Name to sort by"),
    Field.KIND: _l("Person or organisation"),
    Field.ORGANISATION: _l("Name of an organisation that signs"),
    Field.REPRESENTATIVE: _l("Representative of the organisation"),
    Field.CREDENTIAL: _l("Credential (Nobel Peace Prize Laureate 2022)"),
    Field.AFFILIATION: _l("Affiliation (Professor, University of Example)"),
    Field.COUNTRY: _l("Country"),
    Field.EMAIL: _l("E-mail address"),
    Field.PHONE: _l("Telephone (kept in the notes)"),
    Field.LANGUAGE: _l("Language to write in"),
    Field.GROUP: _l("Group"),
    Field.ROLE: _l("Role in the group"),
    Field.PROMINENT: _l("Prominent (listed first)"),
    Field.NOTES: _l("Notes (organisers only)"),
}

# A column of one of these says who a row is about.
NAME_FIELDS = frozenset({Field.NAME, Field.FIRST_NAME, Field.LAST_NAME, Field.ORGANISATION})
PERSON_FIELDS = frozenset({Field.NAME, Field.FIRST_NAME, Field.LAST_NAME})
# Several columns of these are guessed; of the others, only a person says that two belong together.
REPEATED = frozenset({
    Field.EMAIL, Field.PHONE, Field.COUNTRY, Field.CREDENTIAL, Field.AFFILIATION, Field.GROUP, Field.REPRESENTATIVE,
    Field.NOTES, Field.TITLE,
})  # fmt: skip
# What stands between the texts of several columns; of the fields that aren't here, the first that says anything counts.
JOINTS = {
    Field.NAME: " ", Field.FIRST_NAME: " ", Field.MIDDLE_NAME: " ", Field.LAST_NAME: " ", Field.SUFFIX: " ",
    Field.TITLE: " ", Field.SORT_NAME: " ", Field.ORGANISATION: ", ", Field.REPRESENTATIVE: " ",
    Field.CREDENTIAL: ", ", Field.AFFILIATION: ", ", Field.GROUP: "|", Field.ROLE: "|",
}  # fmt: skip
