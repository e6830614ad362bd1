"""How the list of people is narrowed."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from app.base.forms import Form, OneLine, SelectOne
from app.base.locales import lazy_gettext as _l
from app.dashboards.states import InviteeStanding, PeopleFilter
from app.directory.states import SignatoryKind

LONGEST_SEARCH = 200


class PeopleFilterForm(Form):
    """Words, standing, kind and group, all optional; what makes no sense narrows nothing."""

    q = OneLine(_l("Name or address"), longest=LONGEST_SEARCH)
    standing = SelectOne(_l("Where they stand"), validate_choice=False)
    kind = SelectOne(_l("Kind"), validate_choice=False)
    group = SelectOne(_l("Group"), validate_choice=False)

    def offer(self, groups: Iterable[tuple[str, str]]) -> None:
        """Fill the lists; `groups` are public ids and names."""
        everything = SelectChoice("", str(_l("Any")))
        self.standing.choices = [everything, *(SelectChoice(place.value, place.label) for place in InviteeStanding)]
        self.kind.choices = [everything, *(SelectChoice(kind.value, kind.label) for kind in SignatoryKind)]
        self.group.choices = [everything, *(SelectChoice(*group) for group in groups)]

    def as_filter(self) -> PeopleFilter:
        """Return the filter; unknown values count as none, so that an old bookmark still shows people."""
        places = {place.value: place for place in InviteeStanding}
        kinds = {kind.value: kind for kind in SignatoryKind}
        known_groups = {value for value, *_rest in self.group.iter_choices()}
        return PeopleFilter(
            standing=places.get(self.standing.words),
            kind=kinds.get(self.kind.words),
            group=self.group.data if self.group.data in known_groups else "",
            words=(self.q.words)[:LONGEST_SEARCH],
        )

    def as_arguments(self) -> dict[str, str]:
        """Return the filter as arguments of an address, empty ones left out."""
        wanted = {"q": self.q.data, "standing": self.standing.data, "kind": self.kind.data, "group": self.group.data}
        return {name: value for name, value in wanted.items() if value}
