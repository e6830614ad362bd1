"""Form fields for names and for what stands beside them; what can't be one is refused with the mend."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from app.base.forms import NAME_LENGTH, OneLine
from app.base.naming import body_name, line_beside, person_name


class PersonName(OneLine):
    """The name of a person, or a pseudonym."""

    tidy: Callable[[str, int], str] = staticmethod(person_name)

    def __init__(self, label: Any, *, required: Any = None, longest: int = NAME_LENGTH, **options: Any) -> None:
        super().__init__(label, required=required, longest=longest, **options)
        self.longest = longest

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Keep what was typed, tidied where it can be; a field that was not sent stays as it was saved."""
        if not valuelist:
            self.data = self.words
            return
        self.data = str(valuelist[0])
        self.data = self.tidy(self.data, self.longest * 4)  # what is only too long is said by the field's own rule


class BodyName(PersonName):
    """The name of an organisation, a group, an office."""

    tidy = staticmethod(body_name)


class LineBeside(PersonName):
    """A credential, an affiliation, an office: what stands beside a name."""

    tidy = staticmethod(line_beside)
