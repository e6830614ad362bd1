"""A campaign with a statement, an organiser in each role, and as many people as a test wants, in any state."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.accounts.models import Organiser
from app.accounts.sessions import start_session
from app.audit.actions import record_many
from app.base import clock
from app.base.database import Database
from app.base.identifiers import new_public_id
from app.base.sealing import BLIND_INDEX_BYTES, Place, blind_index, seal
from app.campaigns.models import Campaign, CampaignText, Membership
from app.campaigns.states import Role
from app.directory.models import Group, GroupMembership, Signatory
from app.directory.queries import email_key
from app.directory.states import Details, SignatoryKind
from app.invitations.answering import ANSWER_BYTES, WORDS_BYTES
from app.invitations.answers import words_place
from app.invitations.models import AnswerRecord, AnswerWords, Invitation
from app.invitations.queries import answer_key
from app.invitations.states import Answer, InvitationStage
from app.mail.models import Mail, MailAttempt
from app.mail.states import MailClass, MailState
from app.signatures.keeping import IDENTITY_BYTES, SHOWN_TO_PUBLIC
from app.signatures.models import Signature
from app.signatures.queries import identity_sealed_place, signer_key
from app.signatures.states import UNPINNED, SignatureState
from app.smtp.states import Trouble
from app.statements.models import Statement, Version, VersionText
from app.statements.states import StatementKind, StatementState
from app.visibility.states import Visibility

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)


@dataclass
class Guest:
    """One invited person: who they are, what became of the mail, what they answered."""

    name: str = "Guest"
    email: str = "guest@example.org"
    kind: SignatoryKind = SignatoryKind.PERSON
    stage: InvitationStage = InvitationStage.ASKED
    mail: MailState | None = MailState.ACCEPTED
    answer: Answer = Answer.NONE
    words: str = ""
    visibility: Visibility = Visibility.PUBLIC
    public_line: str = ""
    pseudonym: str = ""
    country: str = "UA"
    server_answer: str = "2.0.0 queued"
    trouble: Trouble | None = None
    wants_news: bool = False
    language: str = "en"
    reminders: int = 0
    signed_at: datetime = NOON
    groups: tuple[str, ...] = ()


@dataclass
class Scene:
    """What a test needs to know of the rows."""

    campaign_id: int
    campaign: str
    statement_id: int
    statement: str
    version_id: int
    secrets: dict[str, str] = field(default_factory=dict)
    organisers: dict[str, str] = field(default_factory=dict)
    invitations: dict[str, str] = field(default_factory=dict)
    signatures: dict[str, str] = field(default_factory=dict)

    def enter_as(self, client: FlaskClient, role: str) -> FlaskClient:
        """Sign a client in as the organiser of a role ("outsider" has none)."""
        with client.session_transaction() as cookie:
            cookie.clear()
            cookie["_user_id"], cookie["_fresh"] = self.secrets[role], True
        return client


def set_scene(database: Database, guests: Iterable[Guest] = (), **statement: Any) -> Scene:
    """Write the rows and return what they are called; `statement` overrides the statement's columns."""
    with database.writing() as session:
        scene = _campaign(session, statement)
        _organisers(session, scene)
        invite(session, scene, guests)
    return scene


def _campaign(session: Session, overrides: dict[str, Any]) -> Scene:
    campaign = Campaign(slug=new_public_id(), created_at=NOON, published_at=NOON, press_contact="")
    session.add(campaign)
    session.flush()
    session.add(CampaignText(campaign_id=campaign.id, language="en", title="Free the files", summary=""))
    columns: dict[str, Any] = {
        "kind": StatementKind.LETTER, "state": StatementState.OPEN, "opened_at": NOON - timedelta(days=3),
        "deadline_at": clock.now() + timedelta(days=60), "created_at": NOON, "goal": None, **overrides,
    }  # fmt: skip
    statement = Statement(campaign_id=campaign.id, slug=new_public_id(), **columns)
    contact = {"name": "Olena Contact", "email": "olena@example.org"}
    statement.contact_sealed = seal(session, Place("statements", "contact_sealed", statement.public_id), contact)
    session.add(statement)
    session.flush()
    version = Version(statement_id=statement.id, number=1, frozen_at=NOON)
    session.add(version)
    session.flush()
    text = VersionText(
        version_id=version.id, language="en", title="Stop the requests", body="Text.", saved_at=NOON, sha256="ab" * 32
    )
    session.add(text)
    statement.current_version_id = version.id
    session.flush()
    return Scene(campaign.id, campaign.public_id, statement.id, statement.public_id, version.id)


def _organisers(session: Session, scene: Scene) -> None:
    for role in (*Role, "outsider"):
        organiser = Organiser(created_at=NOON, language="en")
        identity = {"name": f"{role} person", "email": f"{role}@example.org"}
        place = Place("organisers", "identity_sealed", organiser.public_id)
        organiser.identity_sealed = seal(session, place, identity)
        organiser.email_key = blind_index(session, "organiser email", identity["email"])
        session.add(organiser)
        session.flush()
        if isinstance(role, Role):
            session.add(
                Membership(campaign_id=scene.campaign_id, organiser_id=organiser.id, role=role, created_at=NOON)
            )
        scene.secrets[role] = start_session(session, organiser, is_complete=True)
        scene.organisers[role] = organiser.public_id


def invite(session: Session, scene: Scene, guests: Iterable[Guest]) -> None:
    """Add people with their invitations, mails, answers and signatures, in bulk."""
    listed = list(guests)
    groups = {name: _group(session, scene, name) for guest in listed for name in guest.groups}
    rows: dict[type[Any], list[dict[str, Any]]] = {
        model: []
        for model in (Signatory, Mail, MailAttempt, Invitation, AnswerRecord, AnswerWords, GroupMembership, Signature)
    }
    # Far from what PostgreSQL's sequences give to rows that come later.
    first = session.query(Signatory).count() + 1_000_000
    for number, guest in enumerate(listed, start=first):
        _rows_of(session, scene, guest, number, rows, groups)
    for model, values in rows.items():
        if values:
            session.execute(insert(model), values)
    # Whoever looked before is told, as by the actions that else write such rows.
    record_many(session, "scene", "invitation.prepared", [row["public_id"] for row in rows[Invitation]])
    record_many(session, "scene", "signature.signed", [row["public_id"] for row in rows[Signature]])


def _group(session: Session, scene: Scene, name: str) -> int:
    found = session.query(Group).filter_by(campaign_id=scene.campaign_id, name=name).one_or_none()
    if found is None:
        found = Group(campaign_id=scene.campaign_id, name=name)
        session.add(found)
        session.flush()
    return found.id


def _rows_of(
    session: Session, scene: Scene, guest: Guest, number: int, rows: dict[type[Any], list[dict[str, Any]]],
    groups: dict[str, int],
) -> None:  # fmt: skip
    signatory, invitation = new_public_id(), new_public_id()
    scene.invitations[guest.name] = invitation
    details = Details(name=guest.name, email=guest.email, country=guest.country, language=guest.language)
    rows[Signatory].append({
        "id": number, "public_id": signatory, "campaign_id": scene.campaign_id, "kind": guest.kind,
        "identity_sealed": seal(session, Place("signatories", "identity_sealed", signatory), details.as_fields()),
        "email_key": email_key(session, scene.campaign_id, guest.email), "is_prominent": False,
        "created_at": NOON, "changed_at": NOON,
    })  # fmt: skip
    mail_id = _mail_rows(session, guest, number, rows) if guest.mail is not None else None
    rows[Invitation].append({
        "id": number, "public_id": invitation, "statement_id": scene.statement_id, "signatory_id": number,
        "stage": guest.stage, "link_generation": 1, "mail_id": mail_id, "created_at": NOON,
        "asked_at": NOON if guest.stage is not InvitationStage.PREPARED else None,
    })  # fmt: skip
    _answer_rows(session, scene, guest, invitation, rows)
    for name in guest.groups:
        public_id = new_public_id()
        role = seal(session, Place("group_memberships", "role_sealed", public_id), {"role": "Member"})
        membership = {"group_id": groups[name], "signatory_id": number, "public_id": public_id, "role_sealed": role}
        rows[GroupMembership].append(membership)
    if guest.answer in {Answer.SIGNED, Answer.WITHDRAWN}:
        _signature_rows(session, scene, guest, signatory, invitation, rows)


def _mail_rows(session: Session, guest: Guest, number: int, rows: dict[type[Any], list[dict[str, Any]]]) -> str:
    public_id, attempt = new_public_id(), new_public_id()
    rows[Mail].append({
        "id": number, "public_id": public_id, "kind": "invitation", "mail_class": MailClass.PERSONAL, "priority": 10,
        "references_sealed": b"x", "occasion_key": public_id.encode()[:16], "message_id": f"<{public_id}@example.org>",
        "state": guest.mail, "attempts": 1, "handovers": 1, "due_at": NOON, "finished_at": NOON, "created_at": NOON,
        "trouble": guest.trouble,
    })  # fmt: skip
    answer = seal(session, Place("mail_attempts", "answer_sealed", attempt), {"answer": guest.server_answer})
    rows[MailAttempt].append({
        "public_id": attempt, "mail_id": number, "number": 1, "server": "mx.example.org", "started_at": NOON,
        "finished_at": NOON, "code": 550 if guest.mail is MailState.REFUSED else 250, "answer_sealed": answer,
    })  # fmt: skip
    return public_id


def _answer_rows(
    session: Session, scene: Scene, guest: Guest, invitation: str, rows: dict[type[Any], list[dict[str, Any]]]
) -> None:
    key = answer_key(session, invitation)
    at = None if guest.answer is Answer.NONE else guest.signed_at.isoformat()
    reminders = [[(NOON + timedelta(days=n + 1)).isoformat(), new_public_id()] for n in range(guest.reminders)]
    words = secrets.token_bytes(BLIND_INDEX_BYTES)
    answer = {
        "invitation": invitation, "answer": guest.answer, "at": at, "reminders": reminders,
        "words": words.hex() if guest.words else "",
    }  # fmt: skip
    sealed = seal(session, Place("answers", "answer_sealed", key.hex()), answer, pad_to=ANSWER_BYTES)
    rows[AnswerRecord].append({"answer_key": key, "statement_id": scene.statement_id, "answer_sealed": sealed})
    if not guest.words:
        return  # as good as the empty envelope that the real ones keep, and much quicker for thousands
    said = {"invitation": invitation, "words": guest.words}
    rows[AnswerWords].append({"words_key": words, "words_sealed": seal(session, words_place(words), said, WORDS_BYTES)})


def _signature_rows(
    session: Session, scene: Scene, guest: Guest, signatory: str, invitation: str,
    rows: dict[type[Any], list[dict[str, Any]]],
) -> None:  # fmt: skip
    public_id = new_public_id()
    scene.signatures[guest.name] = public_id
    identity = {
        "signatory": signatory, "invitation": invitation, "kind": guest.kind, "name": guest.name,
        "pseudonym": guest.pseudonym, "public_line": guest.public_line, "country": guest.country,
        "wants_news": guest.wants_news, "representative": "",
    }  # fmt: skip
    signed = guest.answer is Answer.SIGNED
    rows[Signature].append({
        "public_id": public_id, "statement_id": scene.statement_id, "version_id": scene.version_id, "language": "en",
        "text_sha256": "ab" * 32, "signer_key": signer_key(session, scene.statement, signatory),
        "kind": guest.kind if guest.visibility in SHOWN_TO_PUBLIC else None,
        "state": SignatureState.SIGNED if signed else SignatureState.WITHDRAWN, "visibility": guest.visibility,
        "identity_sealed": seal(session, identity_sealed_place(public_id), identity, IDENTITY_BYTES),
        "nonce": b"n" * 32, "position": UNPINNED, "manage_generation": 1, "signed_at": guest.signed_at,
        "changed_at": guest.signed_at, "withdrawn_at": None if signed else guest.signed_at,
    })  # fmt: skip
