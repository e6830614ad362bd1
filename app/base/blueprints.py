"""A stage's pages as a blueprint whose flags are named in code; a misspelt one opens no page. And their routes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import TypeVar

from flask import Blueprint
from flask.typing import ResponseReturnValue
from werkzeug.routing import Rule

View = Callable[..., ResponseReturnValue]
V = TypeVar("V", bound=View)
_WELCOMES_FOREIGN_POSTS = "_welcomes_foreign_posts"
_NEEDS_STEP_UP = "_needs_step_up"


class Pages(Blueprint):
    """Pages that a stage registers.

    `is_for_operators`, `is_for_administrators`: nobody else is let in. `is_stateless`: no session and so no CSRF token;
    the pages guard their forms themselves. `is_demonstration_only`: registered in the demonstration and nowhere else.
    """

    def __init__(
        self,
        name: str,
        import_name: str,
        *,
        url_prefix: str | None = None,
        is_for_operators: bool = False,
        is_for_administrators: bool = False,
        is_stateless: bool = False,
        is_demonstration_only: bool = False,
    ) -> None:
        super().__init__(name, import_name, url_prefix=url_prefix)
        self.is_for_operators = is_for_operators
        self.is_for_administrators = is_for_administrators
        self.is_stateless = is_stateless
        self.is_demonstration_only = is_demonstration_only


class Route(Rule):
    """A rule that learns to write its addresses when it is first asked for one.

    Werkzeug compiles two functions for each rule at once: most of the time in which an application is joined, and most
    commands and processes ask few of two hundred rules, or none.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled = cache(partial(super()._compile_builder, append_unknown))
        return lambda rule, /, **values: compiled()(rule, **values)


def welcomes_foreign_posts(view: V) -> V:
    """Let other sites post to a view: RFC 8058's one-click unsubscribe comes from a mail program."""
    setattr(view, _WELCOMES_FOREIGN_POSTS, True)
    return view


def is_foreign_post_welcome(view: object) -> bool:
    """Tell whether other sites may post to a view."""
    return getattr(view, _WELCOMES_FOREIGN_POSTS, False) is True


def needs_step_up(view: V) -> V:
    """Say that what a view does wants a person who has just shown again who they are; the door asks them."""
    setattr(view, _NEEDS_STEP_UP, True)
    return view


def is_step_up_needed(view: object) -> bool:
    """Tell whether a view wants a person who has just shown again who they are."""
    return getattr(view, _NEEDS_STEP_UP, False) is True
