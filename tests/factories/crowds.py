"""Very many rows quickly: sealed as the actions seal them, and written in bulk without anything else that they do.

No mail is queued and nothing is recorded in the audit. 100,000 people with answers and signatures take about half a
minute, signatures alone a third of that.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.base import clock
from app.base.identifiers import draw_row_id, new_public_id
from app.base.sealing import Place, seal
from app.directory.models import Signatory
from app.directory.queries import email_key, identity_place
from app.directory.states import Details, SignatoryKind
from app.invitations.answering import ANSWER_BYTES
from app.invitations.models import AnswerRecord, Invitation
from app.invitations.queries import answer_key
from app.invitations.states import Answer, InvitationStage
from app.signatures.keeping import SignatureTimes, kind_in_clear, sealed_identity
from app.signatures.models import Signature
from app.signatures.queries import signer_key
from app.signatures.states import UNPINNED, SignatureState
from app.statements.models import Statement, VersionText
from app.visibility.states import Visibility

AT_ONCE = 5_000
# Of a hundred who sign, so many as a large campaign sees.
VISIBILITIES = (
    *[Visibility.PUBLIC] * 70, *[Visibility.COUNTED] * 14, *[Visibility.INSTITUTION] * 8, *[Visibility.PSEUDONYM] * 8,
)  # fmt: skip
COUNTRIES = ("UA", "KZ", "FR", "BY", "GE", "AM", "TR", "IR", "VN", "NG")
_numbers = count(1)


@dataclass(frozen=True)
class Guest:
    """Somebody invited, by public ids."""

    signatory: str
    invitation: str
    name: str
    kind: SignatoryKind


def strangers(number: int) -> list[Guest]:
    """Return people of whom there is no row: enough where only signatures are looked at."""
    return [_guest() for _ in range(number)]


def many_invited(session: Session, statement: Statement, number: int) -> list[Guest]:
    """Put people into the directory who are asked to sign a statement, each with an answer that waits for them."""
    guests = strangers(number)
    for part in _parts(guests):
        _write(session, Signatory, [_signatory(session, statement, guest) for guest in part])
        held = select(Signatory.public_id, Signatory.id).where(
            Signatory.public_id.in_([guest.signatory for guest in part])
        )
        ids = dict(session.execute(held).all())
        _write(session, Invitation, [_invitation(statement, guest, ids[guest.signatory]) for guest in part])
        keys = sorted((answer_key(session, guest.invitation), guest.invitation) for guest in part)
        _write(session, AnswerRecord, [_answer(session, statement, *pair) for pair in keys])
    return guests


def many_signatures(
    session: Session,
    statement: Statement,
    number: int = 0,
    *,
    guests: Sequence[Guest] = (),
    visibilities: Sequence[Visibility] = VISIBILITIES,
    days: int = 30,
) -> None:
    """Let `guests`, or so many strangers, stand behind a statement, given over the last days.

    Their answers stay as they are; only the signatures are written.
    """
    version = select(VersionText.version_id, VersionText.sha256).where(
        VersionText.version_id == statement.current_version_id, VersionText.language == statement.language
    )
    version_id, sha256 = session.execute(version).one()
    shared = {
        "statement_id": statement.id, "version_id": version_id, "language": statement.language, "text_sha256": sha256,
        "state": SignatureState.SIGNED, "position": UNPINNED, "manage_generation": 1, "collation_key": b"",
    }  # fmt: skip
    now = clock.now()
    for part in _parts(guests or strangers(number)):
        rows = []
        for place, guest in enumerate(part):
            at = now - timedelta(days=place % days)
            rows.append(shared | _signature(session, statement, guest, visibilities[place % len(visibilities)], at))
        _write(session, Signature, rows)


def _parts(guests: Sequence[Guest]) -> Iterator[Sequence[Guest]]:
    for start in range(0, len(guests), AT_ONCE):
        yield guests[start : start + AT_ONCE]


def _write(session: Session, model: type[Any], rows: list[dict[str, Any]]) -> None:
    session.execute(insert(model.__table__), rows)


def _guest() -> Guest:
    number = next(_numbers)
    kind = SignatoryKind.ORGANISATION if number % 50 == 0 else SignatoryKind.PERSON
    return Guest(new_public_id(), new_public_id(), f"Iryna Bondarenko {number}", kind)


def _signatory(session: Session, statement: Statement, guest: Guest) -> dict[str, Any]:
    number = next(_numbers)
    details = Details(
        guest.name, email=f"iryna{number}@example.net", credential="Journalist", affiliation="Open Files",
        country=COUNTRIES[number % len(COUNTRIES)], language=statement.language,
    )  # fmt: skip
    return {
        "public_id": guest.signatory, "campaign_id": statement.campaign_id, "kind": guest.kind,
        "identity_sealed": seal(session, identity_place(guest.signatory), asdict(details)),
        "email_key": email_key(session, statement.campaign_id, details.email), "is_prominent": False,
        "created_at": clock.now(), "changed_at": clock.now(),
    }  # fmt: skip


def _invitation(statement: Statement, guest: Guest, signatory_id: int) -> dict[str, Any]:
    return {
        "public_id": guest.invitation, "statement_id": statement.id, "signatory_id": signatory_id,
        "stage": InvitationStage.ASKED, "link_generation": 1, "asked_at": clock.now(), "created_at": clock.now(),
    }  # fmt: skip


def _answer(session: Session, statement: Statement, key: bytes, invitation: str) -> dict[str, Any]:
    silence: dict[str, Any] = {
        "invitation": invitation,
        "answer": Answer.NONE,
        "at": None,
        "reminders": [],
        "peace": False,
    }
    sealed = seal(session, Place("answers", "answer_sealed", key.hex()), silence, ANSWER_BYTES)
    return {"answer_key": key, "statement_id": statement.id, "answer_sealed": sealed}


def _signature(
    session: Session, statement: Statement, guest: Guest, visibility: Visibility, at: datetime
) -> dict[str, Any]:
    public_id, times = new_public_id(), SignatureTimes(at, at)
    fields = {
        "signatory": guest.signatory, "invitation": guest.invitation, "kind": guest.kind, "name": guest.name,
        "pseudonym": "A reader" if visibility is Visibility.PSEUDONYM else "", "public_line": "Journalist, Open Files",
        "country": COUNTRIES[at.day % len(COUNTRIES)], "representative": "", "wants_news": False,
    }  # fmt: skip
    return {
        "id": draw_row_id(at), "public_id": public_id, "visibility": visibility, "nonce": secrets.token_bytes(32),
        "signer_key": signer_key(session, statement.public_id, guest.signatory),
        "kind": kind_in_clear(visibility, guest.kind),
        "identity_sealed": sealed_identity(session, public_id, fields, times), **times.days,
    }  # fmt: skip
