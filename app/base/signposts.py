"""Where pages lead: a stage registers its tabs, and its pages that earlier stages' pages link to.

An earlier stage does not know a later one, not even by the name of an endpoint. It says what it shows (a row of tabs, a
place by its name), and a stage that has something to show there puts it up. A place that nobody fills has no address.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from flask import current_app

from app.base.edge import url_to
from app.base.parts import parts


@dataclass(frozen=True, kw_only=True)
class Signpost:
    """Something that leads to a page. Smaller positions come first."""

    endpoint: str
    position: int = 0


@dataclass(frozen=True, kw_only=True)
class Landmark(Signpost):
    """A page that an earlier stage links to by this name."""

    name: str


S = TypeVar("S", bound=Signpost)


class Signposts:
    """Every signpost of an application."""

    def __init__(self) -> None:
        self._all: list[Signpost] = []

    def register(self, signposts: Iterable[Signpost]) -> None:
        """Add signposts. A place can't be taken twice."""
        for signpost in signposts:
            if isinstance(signpost, Landmark) and self.place(signpost.name) is not None:
                raise ValueError(f"Two pages stand at the place {signpost.name}.")
            self._all.append(signpost)

    def of(self, kind: type[S]) -> list[S]:
        """Return the signposts of one kind in their order."""
        return sorted((each for each in self._all if isinstance(each, kind)), key=lambda each: each.position)

    def place(self, name: str) -> Landmark | None:
        """Return what stands at a place."""
        return next((each for each in self.of(Landmark) if each.name == name), None)


def signposts() -> Signposts:
    """Return the signposts of the current application."""
    found: Signposts = parts().signposts
    return found


def way_to(name: str, *values: str) -> str:
    """Return the address of the page at a place, whose route takes these values; nothing where there is none."""
    place = signposts().place(name)
    return address(place.endpoint, *values) if place is not None else ""


def address(endpoint: str, *values: str) -> str:
    """Return the address of a page whose route takes these values, in order, whatever it calls them."""
    rules = current_app.url_map.iter_rules(endpoint)
    takes = next(list(rule._converters) for rule in rules if len(rule.arguments) == len(values))
    return url_to(endpoint, **dict(zip(takes, values, strict=True)))
