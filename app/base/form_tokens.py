"""Tokens for forms on pages without cookies: signed, dated, and good for exactly the facts that were shown."""

from __future__ import annotations

from functools import lru_cache

from itsdangerous import BadSignature, SignatureExpired, TimestampSigner, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from app.base import clock
from app.base.errors import Refusal
from app.base.locales import lazy_gettext as _l
from app.base.sealing import blind_index

LONGEST_SECONDS = 7 * 24 * 3600


class FormExpired(Refusal):
    """The form was open for too long."""

    def __init__(self) -> None:
        super().__init__(_l("This form is older than a week. Nothing was saved yet: look it over and send it again."))


class FormBroken(Refusal):
    """The form does not belong to this page, or lacks a part."""

    def __init__(self) -> None:
        super().__init__(_l("The form came incomplete. Nothing was saved yet: look it over and send it again."))


class _DatedSigner(TimestampSigner):
    """Dates tokens by the one clock."""

    def get_timestamp(self) -> int:
        """Return seconds since 1970."""
        return int(clock.now().timestamp())


def make_form_token(session: Session, purpose: str, *facts: str) -> str:
    """Return a token for a form; it is worth nothing for another purpose or with other facts."""
    return _serializer(session, purpose).dumps(list(facts))


def check_form_token(session: Session, token: str, purpose: str, *facts: str) -> None:
    """Raise FormBroken or FormExpired unless the token was made for this purpose and these facts."""
    try:
        found = _serializer(session, purpose).loads(token, max_age=LONGEST_SECONDS)
    except SignatureExpired as error:
        raise FormExpired from error
    except BadSignature as error:
        raise FormBroken from error
    if found != list(facts):
        raise FormBroken


def _serializer(session: Session, purpose: str) -> URLSafeTimedSerializer:
    return _serializer_of(blind_index(session, "form tokens", purpose), purpose)


@lru_cache(maxsize=64)
def _serializer_of(key: bytes, purpose: str) -> URLSafeTimedSerializer:
    """Return what signs for a purpose; making one takes longer than a token."""
    return URLSafeTimedSerializer(key, salt=purpose, signer=_DatedSigner)
