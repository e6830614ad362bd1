"""Kinds of message: each stage registers its own, so that mail needn't know the stages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from app.mail.skeletons import Filled
from app.mail.states import Cap, MailClass, Priority

References = dict[str, str]


@dataclass(frozen=True)
class RenderedMail:
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


Renderer = Callable[[Session, References], RenderedMail | Frozen]
# One result for each of the references, in their order; an exception for a mail not wanted or not renderable.
ManyRenderer = Callable[[Session, Sequence[References]], Sequence[Filled | RenderedMail | Exception]]
# Tells whether anybody ever answered from an address, in any campaign.
AnswerSeeker = Callable[[Session, str], bool]


@dataclass(frozen=True)
class MailKind:
    """A kind of message. `render` may raise MailNotWanted when the reason for the mail is gone.

    A kind that goes to many can give `render_many` too, which reads for all of them at once. `label` says in plain
    words what it is, for the queue's page. References are padded to multiples of `references_bytes`: those of a kind
    are of one length, which its name tells as well.
    """

    name: str
    mail_class: MailClass
    render: Renderer
    priority: Priority = Priority.NORMAL
    cap: Cap = Cap.NONE
    render_many: ManyRenderer | None = None
    references_bytes: int = 256
    label: object = field(default="", compare=False)  # lazy text


class Registry:
    """The kinds that an application knows."""

    def __init__(self) -> None:
        self._kinds: dict[str, MailKind] = {}
        self._seekers: list[AnswerSeeker] = []

    def register(self, kinds: Iterable[MailKind]) -> None:
        """Add kinds; a name can't be taken twice."""
        for kind in kinds:
            if kind.name in self._kinds:
                raise ValueError(f"Two kinds of mail are named {kind.name}.")
            self._kinds[kind.name] = kind

    def register_seeker(self, seeker: AnswerSeeker) -> None:
        """Add a stage's way to tell whether somebody ever answered from an address."""
        self._seekers.append(seeker)

    def has_answered(self, session: Session, address: str) -> bool:
        """Tell whether any stage knows of an answer from an address."""
        return any(seeker(session, address) for seeker in self._seekers)

    def kind(self, name: str) -> MailKind:
        """Return the kind of a name; raises KeyError."""
        return self._kinds[name]

    def label(self, name: str) -> str:
        """Return a kind in plain words: its own, or its name where it has none or is known no longer."""
        kind = self._kinds.get(name)
        return str(kind.label) if kind and kind.label else name

    def names(self) -> list[str]:
        """Return every registered name, sorted."""
        return sorted(self._kinds)
