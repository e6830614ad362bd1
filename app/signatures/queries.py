"""Signatures opened for their owners and organisers, and the way from a signatory to theirs, which needs the key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, tuple_
from sqlalchemy.orm import Session

from app.base import clock
from app.base.addresses import canonical
from app.base.glyphs import described, unprintable
from app.base.ports import ports_of
from app.base.rows import AT_ONCE, portions
from app.base.sealing import Place, blind_index, open_many, open_one
from app.campaigns.models import Campaign
from app.directory.models import Signatory
from app.directory.queries import email_keys, identity_place
from app.directory.states import Details, SignatoryKind
from app.invitations.models import Invitation
from app.invitations.queries import answers_to
from app.invitations.states import Answer
from app.signatures.models import Signature
from app.signatures.states import SignatureState
from app.statements.models import Statement
from app.visibility.states import Identity, Visibility

_ROWS: Any = Signature.__table__
_BY_PUBLIC_ID = select(_ROWS).where(_ROWS.c.public_id == bindparam("public_id"))
_OF_SIGNER = select(_ROWS).where(_ROWS.c.signer_key == bindparam("signer_key"))
# Only these can appear to the public; the others are not even opened for it.
PUBLIC_ENTRIES = (Visibility.PUBLIC, Visibility.PSEUDONYM)


@dataclass(frozen=True)
class Signed:
    """One signature, opened for its owner or for those who ask people to sign."""

    id: int
    public_id: str
    statement_id: int
    version_id: int
    language: str
    text_sha256: str
    state: SignatureState
    visibility: Visibility
    manage_generation: int
    position: int
    nonce: bytes
    signed_at: datetime
    changed_at: datetime
    withdrawn_at: datetime | None
    signatory: str
    invitation: str
    kind: SignatoryKind
    identity: Identity
    representative: str
    wants_news: bool

    @property
    def is_signed(self) -> bool:
        """Tell whether it stands."""
        return self.state is SignatureState.SIGNED

    @property
    def unprintable(self) -> str:
        """The characters that the PDF prints by number, of what an addressee is shown; described, mostly none."""
        identity = self.identity
        shown_as = {
            Visibility.PUBLIC: f"{identity.name} {identity.public_line}",
            Visibility.INSTITUTION: f"{identity.name} {identity.public_line}",
            Visibility.PSEUDONYM: identity.pseudonym,
        }
        return described(unprintable(shown_as.get(self.visibility, "")))


@dataclass(frozen=True)
class NewsReader:
    """Somebody who asked for news of a statement's campaign."""

    signature: str
    name: str
    email: str
    language: str


def signer_key(session: Session, statement: str, signatory: str) -> bytes:
    """Return the keyed digest of a statement and a signatory (public ids)."""
    return blind_index(session, "signer", f"{statement}\0{signatory}")


def signature(session: Session, public_id: str) -> Signed | None:
    """Return one signature by its public id, opened."""
    row = session.execute(_BY_PUBLIC_ID, {"public_id": public_id}).one_or_none()
    return opened(session, [row])[0] if row is not None else None


def signatures_by_id(session: Session, public_ids: Sequence[str]) -> dict[str, Signed]:
    """Return signatures by their public ids, opened."""
    found: dict[str, Signed] = {}
    for part in portions(public_ids):
        rows = session.scalars(select(Signature).where(Signature.public_id.in_(part))).all()
        found |= {signed.public_id: signed for signed in opened(session, rows)}
    return found


def signature_of(session: Session, statement: str, signatory: str) -> Signed | None:
    """Return the signature of a signatory under a statement (public ids), opened."""
    row = row_of_signer(session, signer_key(session, statement, signatory))
    return opened(session, [row])[0] if row is not None else None


def row_of_signer(session: Session, key: bytes) -> Any | None:
    """Return the row of a signature by its signer's digest, as it stands now."""
    return session.execute(_OF_SIGNER, {"signer_key": key}).one_or_none()


def signatures_of(session: Session, statement: str, signatories: Iterable[str]) -> dict[str, Signed]:
    """Return the signatures of many signatories under a statement, by the signatory's public id."""
    keys = [signer_key(session, statement, signatory) for signatory in signatories]
    found: dict[str, Signed] = {}
    for part in portions(keys):
        rows = session.scalars(select(Signature).where(Signature.signer_key.in_(part))).all()
        found |= {signed.signatory: signed for signed in opened(session, rows)}
    return found


def every_signature(session: Session, statement_id: int) -> list[Signed]:
    """Return all signatures of a statement, withdrawn ones too, opened; for organisers who see people."""
    return [signed for rows in _walked(session, statement_id) for signed in opened(session, rows)]


def standing(session: Session, statement_id: int) -> dict[int, Visibility]:
    """Return the visibility of each signature that stands, by row id: what a frozen list is compared with."""
    rows = session.execute(select(Signature.id, Signature.visibility).where(*is_standing(statement_id)))
    return dict(rows.all())


def news_readers(session: Session, campaign_id: int) -> Iterator[NewsReader]:
    """Yield who signed a statement of a campaign and asked for news, each address once."""
    statements = session.execute(select(Statement.id).where(Statement.campaign_id == campaign_id)).scalars().all()
    seen: set[str] = set()
    for statement_id in statements:
        wanting = [one for one in every_signature(session, statement_id) if one.is_signed and one.wants_news]
        people = details_of_many(session, [one.signatory for one in wanting])
        for one in wanting:
            details = people.get(one.signatory)
            if details is None or not details.email or canonical(details.email) in seen:
                continue
            seen.add(canonical(details.email))
            yield NewsReader(one.public_id, details.name, details.email, details.language or one.language)


def details_of(session: Session, signatory: str) -> Details | None:
    """Return what the directory knows of a signatory (public id)."""
    return details_of_many(session, [signatory]).get(signatory)


def details_of_many(session: Session, signatories: Sequence[str]) -> dict[str, Details]:
    """Return what the directory knows of signatories, by their public ids."""
    found: dict[str, Details] = {}
    for part in portions(signatories):
        rows = session.execute(
            select(Signatory.public_id, Signatory.identity_sealed).where(Signatory.public_id.in_(part))
        ).all()
        places = [(identity_place(row.public_id), row.identity_sealed) for row in rows]
        for row, fields in zip(rows, open_many(session, places, "write to signatories"), strict=True):
            found[row.public_id] = Details.from_fields(fields)
    return found


def times_of(row: Any, fields: dict[str, Any]) -> tuple[datetime, datetime, datetime | None]:
    """Return when a signature was given, changed and withdrawn, from its opened identity.

    The row knows the days; of what was signed before times were sealed, it may still know the times.
    """
    signed, changed, withdrawn = (moment_in(one) for one in fields.get("times") or (None, None, None))
    return signed or row.signed_at, changed or row.changed_at, withdrawn or row.withdrawn_at


def number_of(at: datetime | None) -> int | None:
    """Return a moment as it is sealed."""
    return None if at is None else clock.number_of(at)


def moment_in(number: int | None) -> datetime | None:
    """Return the moment that `number_of` made a number of."""
    return None if number is None else clock.moment_in(number)


def identity_sealed_place(public_id: str) -> Place:
    """Return where a signature's identity is sealed."""
    return Place("signatures", "identity_sealed", public_id)


def opened_identity(session: Session, row: Any) -> dict[str, Any]:
    """Open the identity behind one signature."""
    return open_one(session, identity_sealed_place(row.public_id), row.identity_sealed, "change a signature")


def numbers(session: Session, statement_id: int) -> tuple[int, int]:
    """Return how many stand behind a statement and how many of them the public list shows.

    Counts come later than signatures, so they are asked through a port of the session.
    """
    ask = ports_of(session).stand_behind
    return ask(session, statement_id) if ask is not None else (0, 0)


def after_place(columns: Sequence[Any], place: Sequence[Any]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Return the conditions of what comes after a place in an index that ends with the row id: those alike, the others.

    SQLite finds its way in an index by any of its columns, but by the row's own number only where all before it are
    given. Asked in one, it would walk from the beginning of those that are alike.
    """
    *key, row_id = columns
    *values, last = place
    alike = *(column == value for column, value in zip(key, values, strict=True)), row_id > last
    return alike, (tuple_(*key) > tuple_(*values),)


def is_standing(statement_id: int) -> tuple[Any, ...]:
    """Return the conditions of a signature under a statement (row id) that stands."""
    return Signature.statement_id == statement_id, Signature.state == SignatureState.SIGNED


def opened(session: Session, rows: Sequence[Any]) -> list[Signed]:
    """Return rows of signatures, opened; entities, or rows of a query that asked for all columns."""
    places = [(identity_sealed_place(row.public_id), row.identity_sealed) for row in rows]
    identities = open_many(session, places, "signatures") if places else []
    return [_signed(row, fields) for row, fields in zip(rows, identities, strict=True)]


def identity_of(fields: dict[str, Any]) -> Identity:
    """Return who stands behind a signature, from its opened identity."""
    return Identity(*(fields.get(part) or "" for part in ("name", "public_line", "country", "pseudonym")))


def _walked(session: Session, statement_id: int) -> Iterator[Sequence[Signature]]:
    """Give all signatures of a statement some hundreds at a time, along an index that holds every one."""
    columns = (Signature.state, Signature.visibility, Signature.position, Signature.id)
    wanted = select(Signature).where(Signature.statement_id == statement_id).order_by(*columns).limit(AT_ONCE)
    rows = session.scalars(wanted).all()
    while rows:
        yield rows
        last = rows[-1]
        place = (last.state, last.visibility, last.position, last.id)
        alike, others = after_place(columns, place)
        rows = session.scalars(wanted.where(*alike)).all() or session.scalars(wanted.where(*others)).all()


def _signed(row: Any, fields: dict[str, Any]) -> Signed:
    return Signed(
        row.id, row.public_id, row.statement_id, row.version_id, row.language, row.text_sha256, row.state,
        row.visibility, row.manage_generation, row.position, row.nonce, *times_of(row, fields),
        fields["signatory"], fields["invitation"], SignatoryKind(fields["kind"]), identity_of(fields),
        fields.get("representative") or "", bool(fields.get("wants_news")),
    )  # fmt: skip


def has_answered(session: Session, address: str) -> bool:
    """Tell whether anybody with exactly this address ever answered an invitation, in any campaign and in any way.

    A decline and a signature that was withdrawn are answers. Each step is one read for 500 campaigns or invitations.
    """
    campaigns = session.scalars(select(Campaign.id).order_by(Campaign.id)).all()
    keys = [key for campaign in campaigns for key in email_keys(session, campaign, address)]
    for part in portions(keys):
        asked = (
            select(Invitation.public_id)
            .join(Signatory, Signatory.id == Invitation.signatory_id)
            .where(Signatory.email_key.in_(part))
            .order_by(Invitation.id)
        )
        replies = answers_to(session, session.scalars(asked).all())
        if any(reply.answer is not Answer.NONE for reply in replies.values()):
            return True
    return False
