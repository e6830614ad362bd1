"""Kinds of message: each stage registers its own, so that mail needn't know the stages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from app.mail.states import MailClass, Priority

References = dict[str, str]


@dataclass(frozen=True)
class Rendered:
    """A personal message, ready to be composed. Headers are checked when it is composed."""

    to_name: str
    to_address: str
    subject: str
    text: str
    html: str
    reply_to: str | None = None
    reply_to_name: str = ""
    from_name: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Frozen:
    """An official message as it was approved: envelope recipient and the exact bytes."""

    to_address: str
    message: bytes


Renderer = Callable[[Session, References], Rendered | Frozen]


@dataclass(frozen=True)
class MailKind:
    """A kind of message. `render` may raise MailNotWanted when the reason for the mail is gone."""

    name: str
    mail_class: MailClass
    render: Renderer
    priority: Priority = Priority.NORMAL


class Registry:
    """The kinds that an application knows."""

    def __init__(self) -> None:
        self._kinds: dict[str, MailKind] = {}

    def register(self, kinds: Iterable[MailKind]) -> None:
        """Add kinds; a name can't be taken twice."""
        for kind in kinds:
            if kind.name in self._kinds:
                raise ValueError(f"Two kinds of mail are named {kind.name}.")
            self._kinds[kind.name] = kind

    def kind(self, name: str) -> MailKind:
        """Return the kind of a name; raises KeyError."""
        return self._kinds[name]

    def names(self) -> list[str]:
        """Return every registered name, sorted."""
        return sorted(self._kinds)
