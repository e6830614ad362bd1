"""Turn claimed mails into bytes to hand over: rendered now, or frozen when they were approved."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Protocol

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.base.sealing import Place, open_many
from app.mail.composing import Sender, compose
from app.mail.registry import Frozen, MailKind, References, Registry, RenderedMail
from app.mail.return_paths import envelope_sender
from app.mail.sending.claims import Claimed
from app.mail.skeletons import Filled
from app.mail.states import Cap, MailNotWanted, UnsafeHeader
from app.smtp.states import Trouble

PURPOSE = "render mails"


@dataclass(frozen=True, slots=True)
class Ready:
    """A claimed mail with its bytes and its envelope."""

    claim: Claimed
    cap: Cap
    to_address: str
    envelope_from: str
    message: bytes

    @property
    def domain(self) -> str:
        """The domain that the mail goes to."""
        return self.to_address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Unready:
    """A claimed mail that has no bytes: why, and whether that may pass."""

    claim: Claimed
    trouble: Trouble
    may_pass: bool
    words: str = ""


class MessageSigner(Protocol):
    """Whatever signs finished messages (DKIM)."""

    def sign(self, message: bytes) -> bytes:
        """Return the message with its signature."""
        ...


class FrozenBytesChanged(Exception):
    """An official mail no longer hashes to what was approved."""


_Result = RenderedMail | Frozen | Filled | Exception


class Preparer:
    """Renders through the registry; one mail that can't be rendered never stops the others."""

    def __init__(self, registry: Registry, sender: Sender, signer: MessageSigner | None) -> None:
        self._registry = registry
        self._sender = sender
        self._signer = signer

    def prepare(self, session: Session, claims: Sequence[Claimed]) -> list[Ready | Unready]:
        """Return each claim, in order, with its bytes or with what stands in the way."""
        opened = _opened(session, claims)
        found: dict[int, _Result] = {mail_id: each for mail_id, each in opened.items() if isinstance(each, Exception)}
        references = {mail_id: each for mail_id, each in opened.items() if not isinstance(each, Exception)}
        for name in dict.fromkeys(one.kind for one in claims):
            same = [one.id for one in claims if one.kind == name and one.id in references]
            rendered = self._render(session, name, [references[mail_id] for mail_id in same])
            found.update(zip(same, rendered, strict=True))
        return [self._finish(session, one, found[one.id]) for one in claims]

    def _render(self, session: Session, name: str, references: list[References]) -> Sequence[_Result]:
        try:
            kind = self._registry.kind(name)
        except KeyError as error:
            return [error] * len(references)
        if kind.render_many is not None and references:
            try:
                rendered = kind.render_many(session, references)
            except Exception as error:  # noqa: BLE001 - rendered one by one, only the mails that are at fault fail
                _start_over(session, error)
            else:
                if len(rendered) == len(references):
                    return rendered
        return [_rendered(kind, session, each) for each in references]

    def _finish(self, session: Session, claim: Claimed, rendered: _Result) -> Ready | Unready:
        if isinstance(rendered, Exception):
            return _unready(claim, rendered)
        try:
            message = self._bytes(claim, rendered)
        except Exception as error:  # noqa: BLE001 - as above
            return _unready(claim, error)
        envelope_from = envelope_sender(session, claim.public_id)
        cap = self._registry.kind(claim.kind).cap
        return Ready(claim, cap, rendered.to_address, envelope_from, message)

    def _bytes(self, claim: Claimed, rendered: RenderedMail | Frozen | Filled) -> bytes:
        if isinstance(rendered, Frozen):
            if hashlib.sha256(rendered.message).hexdigest() != claim.frozen_sha256:
                raise FrozenBytesChanged
            return rendered.message  # signed, if at all, before it was approved
        if isinstance(rendered, Filled):
            message = rendered.skeleton.fill(rendered, claim.message_id, format_datetime(claim.created_at))
        else:
            message = compose(rendered, self._sender, claim.message_id, claim.created_at)
        return self._signer.sign(message) if self._signer is not None else message


def _opened(session: Session, claims: Sequence[Claimed]) -> dict[int, References | Exception]:
    """Open the references of mails by id; of those that do not open, return why."""
    places = [(Place("mails", "references_sealed", one.public_id), one.references_sealed) for one in claims]
    try:
        return dict(zip((one.id for one in claims), open_many(session, places, PURPOSE), strict=True))
    except Exception as error:  # noqa: BLE001 - opened one by one, only the mails that are at fault fail
        if len(claims) == 1:
            return {claims[0].id: error}
    return {mail_id: each for one in claims for mail_id, each in _opened(session, [one]).items()}


def _rendered(kind: MailKind, session: Session, references: References) -> RenderedMail | Frozen | Exception:
    try:
        return kind.render(session, references)
    except Exception as error:  # noqa: BLE001 - whatever it is belongs to this mail alone
        _start_over(session, error)
        return error


def _start_over(session: Session, error: Exception) -> None:
    """Begin a new transaction after a statement failed, since PostgreSQL refuses all others in the old one.

    A connection that is lost is nobody's fault: then the error is raised.
    """
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            raise error
        session.rollback()


def _unready(claim: Claimed, error: Exception) -> Unready:
    if isinstance(error, MailNotWanted):
        return Unready(claim, Trouble.UNWANTED, may_pass=False)
    if isinstance(error, FrozenBytesChanged):
        return Unready(claim, Trouble.CHANGED, may_pass=False)
    # A name with a line break stays as it is until a person mends it; anything else may be a fault that is mended.
    return Unready(
        claim, Trouble.NOT_RENDERED, may_pass=not isinstance(error, UnsafeHeader), words=type(error).__name__
    )
