"""Passkeys (WebAuthn): what a browser is asked for, and whether what it answers is genuine, for here, and new."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.orm import Session
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import PublicKeyCredentialDescriptor

from app.accounts.emails import tell_of
from app.accounts.factors.actions import spend_until
from app.accounts.factors.models import SecondFactor
from app.accounts.factors.queries import passkeys_of, place_of, secret_of
from app.accounts.factors.states import CHALLENGE_LIFETIME, MOST_PASSKEYS, FactorKind, PasskeyRefused, TooManyPasskeys
from app.accounts.models import Organiser
from app.accounts.news import SecurityNotice
from app.audit.actions import record
from app.base import clock
from app.base.identifiers import new_public_id
from app.base.links import links_of
from app.base.ports import ports_of
from app.base.sealing import Place, SealBroken, open_one, seal

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class PasskeyOffer:
    """What a page hands to its script: the browser's options, and the sealed challenge that comes back with them."""

    options: str
    sealed: str


@dataclass(frozen=True)
class _Challenge:
    value: bytes
    moment: int  # microseconds since 1970: of two, only the later is taken after the other


def registration_offer(session: Session, organiser: Organiser, account: str) -> PasskeyOffer:
    """Ask a browser to make a passkey; those that the organiser has are not made twice."""
    options = generate_registration_options(
        rp_id=_host(session), rp_name=ports_of(session).mail_from_name or _host(session), user_name=account,
        user_id=organiser.public_id.encode(), exclude_credentials=_descriptors(session, organiser),
    )  # fmt: skip
    return PasskeyOffer(options_to_json(options), _sealed(session, organiser, options.challenge))


def authentication_offer(session: Session, organiser: Organiser) -> PasskeyOffer | None:
    """Ask a browser for one of an organiser's passkeys; None where they have none."""
    known = _descriptors(session, organiser)
    if not known:
        return None
    options = generate_authentication_options(rp_id=_host(session), allow_credentials=known)
    return PasskeyOffer(options_to_json(options), _sealed(session, organiser, options.challenge))


def add_passkey(session: Session, organiser: Organiser, name: str, answer: str, sealed: str) -> None:
    """Keep the passkey that a browser has made; raises PasskeyRefused and TooManyPasskeys."""
    if len(passkeys_of(session, organiser.id)) >= MOST_PASSKEYS:
        raise TooManyPasskeys
    challenge = _challenge(session, organiser, sealed)
    try:
        made = verify_registration_response(
            credential=answer, expected_challenge=challenge.value, expected_rp_id=_host(session),
            expected_origin=_origin(session),
        )  # fmt: skip
    except (WebAuthnException, ValueError) as error:
        raise PasskeyRefused from error
    credential = bytes_to_base64url(made.credential_id)
    if credential in {known["credential"] for _factor, known in _opened(session, organiser)}:
        raise PasskeyRefused  # the same answer, sent again
    public_id = new_public_id()
    secret = {"credential": credential, "public_key": bytes_to_base64url(made.credential_public_key), "name": name}
    session.add(
        SecondFactor(
            public_id=public_id, organiser_id=organiser.id, kind=FactorKind.PASSKEY, spent_until=challenge.moment,
            secret_sealed=seal(session, place_of(public_id), secret), created_at=clock.now(),
        )
    )  # fmt: skip
    tell_of(session, organiser.public_id, SecurityNotice.PASSKEY_ADDED)
    record(session, organiser.public_id, "organiser.passkey added", organiser.public_id)


def prove_by_passkey(session: Session, organiser: Organiser, answer: str, sealed: str) -> None:
    """Take a passkey's answer as a proof, once; raises PasskeyRefused."""
    challenge = _challenge(session, organiser, sealed)
    try:
        shown = str(json.loads(answer)["id"])
    except (ValueError, TypeError, KeyError) as error:
        raise PasskeyRefused from error
    found = next((each for each in _opened(session, organiser) if each[1]["credential"] == shown), None)
    if found is None:
        raise PasskeyRefused
    factor, secret = found
    try:
        verify_authentication_response(
            credential=answer, expected_challenge=challenge.value, expected_rp_id=_host(session),
            expected_origin=_origin(session), credential_public_key=base64url_to_bytes(secret["public_key"]),
            # The challenge is new each time and taken once; counters, which synchronised passkeys lack, add nothing.
            credential_current_sign_count=0,
        )  # fmt: skip
    except (WebAuthnException, ValueError) as error:
        raise PasskeyRefused from error
    if not spend_until(session, factor.id, challenge.moment):
        raise PasskeyRefused


def remove_passkey(session: Session, organiser: Organiser, public_id: str) -> None:
    """Take a passkey off; doing so twice is no error."""
    for factor in passkeys_of(session, organiser.id):
        if factor.public_id == public_id:
            session.delete(factor)
            record(session, organiser.public_id, "organiser.passkey removed", organiser.public_id)


def _opened(session: Session, organiser: Organiser) -> list[tuple[SecondFactor, dict[str, str]]]:
    return [(each, secret_of(session, each, "check a passkey")) for each in passkeys_of(session, organiser.id)]


def _descriptors(session: Session, organiser: Organiser) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(id=base64url_to_bytes(secret["credential"]))
        for _factor, secret in _opened(session, organiser)
    ]


def _sealed(session: Session, organiser: Organiser, challenge: bytes) -> str:
    moment = (clock.now() - _EPOCH) // _MICROSECOND
    document: dict[str, Any] = {"challenge": bytes_to_base64url(challenge), "moment": moment}
    return base64.urlsafe_b64encode(seal(session, _place(organiser), document)).decode()


def _challenge(session: Session, organiser: Organiser, sealed: str) -> _Challenge:
    """Open a challenge that was handed out to this organiser lately."""
    try:
        document = open_one(session, _place(organiser), base64.urlsafe_b64decode(sealed), "check a passkey")
    except (SealBroken, binascii.Error, ValueError) as error:
        raise PasskeyRefused from error
    age = clock.now() - (_EPOCH + document["moment"] * _MICROSECOND)
    if age > CHALLENGE_LIFETIME:
        raise PasskeyRefused
    return _Challenge(base64url_to_bytes(document["challenge"]), document["moment"])


def _place(organiser: Organiser) -> Place:
    return Place("second_factors", "challenge", organiser.public_id)


def _host(session: Session) -> str:
    return urlsplit(links_of(session).public_url).hostname or ""


def _origin(session: Session) -> str:
    parts = urlsplit(links_of(session).public_url)
    return f"{parts.scheme}://{parts.netloc}".lower()
