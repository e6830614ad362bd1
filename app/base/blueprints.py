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
_ASKS_FOR_PROOF = "_asks_for_proof"


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


def asks_for_proof(view: V) -> V:
    """Open a view only to people who have shown in the last minutes that it is still them; the desk's guard asks.

    For what sends, hands out names, or changes who may do what. The flag stands below the route's own decorator.
    """
    setattr(view, _ASKS_FOR_PROOF, True)
    return view


def is_proof_asked(view: object) -> bool:
    """Tell whether a view wants a recent proof."""
    return getattr(view, _ASKS_FOR_PROOF, False) is True
