"""Put a dossier together before anything is written: PDFs for each language and audience, annexes, letters.

It takes up to minutes: a worker does it on a reading session, and `actions.assemble` checks that nothing has moved.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from pypdf import PdfReader
from sqlalchemy.orm import Session

from app.appeals import typesetting
from app.appeals.emails import Cover, LetterAttachment, LetterEnvelope, LetterFacts, compose_letter, first_cover
from app.appeals.frozen import shown_mark
from app.appeals.histories import former_versions
from app.appeals.manifest import recipients_now
from app.appeals.models import DocumentAudience
from app.appeals.printing import PreparedDocument, Printer, Told, counted
from app.appeals.queries import latest_appeal, letters_of, sha256_of
from app.appeals.states import (
    LARGEST_DOSSIER_BYTES,
    LARGEST_LETTER_BYTES,
    NobodyToWriteTo,
    NotClosed,
    NothingToHandOver,
    OrderOutdated,
    TooLarge,
)
from app.base import clock
from app.base.identifiers import new_public_id
from app.base.links import absolute_url
from app.base.locales import direction, gettext as _, rendering_in
from app.base.moments import Moment
from app.base.ports import ports_of
from app.campaigns.models import Campaign
from app.campaigns.queries import convenors_of
from app.institutions.versions import OpenedVersion
from app.mail.return_paths import reply_address
from app.mail.signing import signed
from app.signatures.lists import entries_for_each
from app.signatures.queries import numbers
from app.statements import queries as statements
from app.statements.models import AnnexKind, Statement
from app.statements.states import StatementState
from app.visibility.states import Audience, Visibility

LONGEST_FILENAME = 120
_AUDIENCES = {DocumentAudience.ADDRESSEE: Audience.ADDRESSEE, DocumentAudience.PUBLIC: Audience.PUBLIC}


@dataclass(frozen=True)
class PreparedLetter:
    """A letter with its bytes, not yet stored."""

    public_id: str
    institution: str
    recipient: OpenedVersion
    former_version_id: int | None
    language: str
    message_id: str
    to_address: str
    to_name: str
    salutation: str
    cover: Cover
    message: bytes
    is_reworded: bool = False


@dataclass(frozen=True)
class Dossier:
    """Everything that an assembly freezes. `signatures` maps a signature's row id to its visibility and mark."""

    version_id: int
    prepared_at: datetime
    documents: tuple[PreparedDocument, ...]
    letters: tuple[PreparedLetter, ...]
    signatures: dict[int, tuple[Visibility, bytes]]


def check_assembly(session: Session, statement: Statement) -> int:
    """Return how many documents an assembly would set and letters it would write, or raise what stands in its way.

    It takes moments: for the page that orders an assembly. Raises as `prepare_dossier` does, but for what only
    setting the annexes shows.
    """
    if statement.state is not StatementState.CLOSED:
        raise NotClosed
    version = statements.version_of(session, statement)
    recipients = _recipients(session, version.id)
    total, _listed = numbers(session, statement.id)
    if not total:
        raise NothingToHandOver
    return len(statements.languages_of(session, version.id)) * len(_AUDIENCES) + len(recipients)


def basis_of(session: Session, statement: Statement) -> str:
    """Return a digest of what whoever orders an assembly has before them: the text, the recipients, the letters.

    A worker assembles in their name a while later. What others made of these meanwhile is not theirs, so that somebody
    who may approve can't let an order of old bear their own work (law 6). Signatures are what they are by then.
    """
    version, latest = statements.version_of(session, statement), latest_appeal(session, statement.id)
    recipients = [(institution, recipient.id) for institution, recipient in recipients_now(session, version.id)]
    former = (latest.public_id, latest.manifest_sha256) if latest is not None else ()
    return sha256_of(repr((version.id, recipients, former)).encode())


def check_basis(session: Session, statement: Statement, ordered: str) -> None:
    """Raise OrderOutdated if something is not as it was when an assembly was ordered."""
    if statement.state is StatementState.CLOSED and basis_of(session, statement) != ordered:
        raise OrderOutdated


def prepare_dossier(session: Session, statement: Statement, told: Told = lambda _number: None) -> Dossier:
    """Set every PDF and write every letter of a closed statement.

    Raises NotClosed, NothingToHandOver, NobodyToWriteTo and TooLarge.
    """
    if statement.state is not StatementState.CLOSED:
        raise NotClosed
    version = statements.version_of(session, statement)
    recipients = _recipients(session, version.id)
    seen = entries_for_each(session, statement.id, list(_AUDIENCES.values()))
    lists = {audience: seen[seen_as] for audience, seen_as in _AUDIENCES.items()}
    addressed = lists[DocumentAudience.ADDRESSEE]
    if not addressed:
        raise NothingToHandOver
    now = clock.now()
    day = Moment(now, statement.zone)
    annexes = _annexes(session, version.id, day)
    _check_size(annexes, len(recipients))
    printed = Printer(session, statement, version.id, version.number, annexes, day).documents(lists, told)
    letters = _letters(session, statement, recipients, [*printed, *annexes], len(addressed), now)
    return Dossier(
        version.id, now, (*printed, *annexes), tuple(counted(letters, len(printed), told)),
        {entry.id: (entry.visibility, shown_mark(session, entry)) for entry in addressed},
    )  # fmt: skip


def attachments_for(documents: Iterable[PreparedDocument], language: str) -> list[LetterAttachment]:
    """Return what goes with a letter in a language: the addressee's PDF in it, and every annex."""
    return [
        LetterAttachment(one.filename, one.content)
        for one in documents
        if one.is_annex or (one.audience is DocumentAudience.ADDRESSEE and one.language == language)
    ]


def envelope_of(
    session: Session, statement: Statement, letter_id: str, to_name: str, to_address: str, message_id: str
) -> LetterEnvelope:
    """Return from whom and to whom a letter goes.

    Answers go to an address of our own with the letter's mark, in the contact's name; where none is set up, to the
    contact's own.
    """
    contact = statements.contact_of(session, statement)
    return LetterEnvelope(
        from_name=ports_of(session).mail_from_name,
        from_address=ports_of(session).mail_from,
        to_name=to_name,
        to_address=to_address,
        reply_name=contact.name,
        reply_address=reply_address(session, letter_id) or contact.email,
        message_id=message_id,
        date=clock.now(),
    )


def _recipients(session: Session, version_id: int) -> list[tuple[str, OpenedVersion]]:
    present = recipients_now(session, version_id)
    reached = {name for name, _version in present}
    missing = [row.name for row in statements.addressees_of(session, version_id) if row.name not in reached]
    if missing or not present:
        raise NobodyToWriteTo(missing)
    return present


def _annexes(session: Session, version_id: int, day: Moment) -> list[PreparedDocument]:
    found: list[PreparedDocument] = []
    for number, row in enumerate(statements.annexes_of(session, version_id), 1):
        annex = _annex(session, row, number, day)
        if annex.filename in {other.filename for other in found}:
            annex = replace(annex, filename=f"{number}-{annex.filename}"[-LONGEST_FILENAME:])
        found.append(annex)
    return found


def _annex(session: Session, row: statements.AnnexRow, number: int, day: Moment) -> PreparedDocument:
    language, content = row.language, statements.annex_content(session, row.id)
    found = PreparedDocument(language, DocumentAudience.PUBLIC, row.title, row.filename, True, content, row.pages)
    if row.kind is not AnnexKind.MARKDOWN:
        return found
    with rendering_in(language):
        foot, contents = _("Annex %(number)s", number=number), _("Contents")
    text, way = content.decode(), direction(language)
    printed = typesetting.render_report(row.title, text, language, way, day, foot, contents)
    filename, pages = f"{row.filename.removesuffix('.md')}.pdf", len(PdfReader(io.BytesIO(printed.pdf)).pages)
    stand_ins = tuple(replace(one, place="annexes") for one in printed.stand_ins)
    source = row.filename, row.sha256
    return replace(found, filename=filename, content=printed.pdf, pages=pages, stand_ins=stand_ins, source=source)


def _check_size(annexes: list[PreparedDocument], letters: int) -> None:
    mailed = sum(len(annex.content) for annex in annexes) * 4 // 3
    if mailed > LARGEST_LETTER_BYTES or mailed * letters > LARGEST_DOSSIER_BYTES:
        raise TooLarge(mailed // 1_000_000, LARGEST_LETTER_BYTES // 1_000_000)


def _letters(
    session: Session,
    statement: Statement,
    recipients: list[tuple[str, OpenedVersion]],
    documents: list[PreparedDocument],
    total: int,
    now: datetime,
) -> Iterable[PreparedLetter]:
    version_id = statements.version_of(session, statement).id
    texts = {row.language: row for row in statements.languages_of(session, version_id)}
    campaign = session.get_one(Campaign, statement.campaign_id)
    convenors = tuple(convenor.name for convenor in convenors_of(session, campaign.id))
    contact_name = statements.contact_of(session, statement).name
    reworded = _reworded(session, statement)
    covers: dict[str, Cover] = {}
    formers = former_versions(session, campaign.id, [recipient.contact.recipient_id for _name, recipient in recipients])
    for institution, recipient in recipients:
        contact = recipient.contact
        language = contact.language if contact.language in texts else statement.language
        if language not in covers:
            with rendering_in(language):
                kind = statement.kind.label
            facts = LetterFacts(
                kind=kind,
                title=texts[language].title,
                total=total,
                annexes=tuple(one.title for one in documents if one.is_annex),
                url=absolute_url(session, f"/statements/{statement.slug}/{language}"),
                sha256=texts[language].sha256 or "",
                contact_name=contact_name,
                convenors=convenors,
            )
            covers[language] = first_cover(language, facts)
        own = reworded.get((contact.recipient_id, language))
        letter = _letter(session, statement, (institution, recipient), language, own or covers[language], documents)
        former = formers.get(contact.recipient_id)
        yield replace(letter, is_reworded=own is not None, former_version_id=former)


def _reworded(session: Session, statement: Statement) -> dict[tuple[int, str], Cover]:
    """Return what organisers wrote for the assembly that this one replaces, by recipient and language."""
    before = latest_appeal(session, statement.id)
    letters = letters_of(session, before.id, "letters of an appeal") if before is not None else []
    return {(row.recipient_id, row.language): Cover(row.subject, row.text) for row in letters if row.is_reworded}


def _letter(
    session: Session,
    statement: Statement,
    addressed: tuple[str, OpenedVersion],
    language: str,
    cover: Cover,
    documents: list[PreparedDocument],
) -> PreparedLetter:
    institution, recipient = addressed
    contact = recipient.contact
    public_id = new_public_id()
    message_id = f"<{public_id}@{ports_of(session).mail_domain}>"
    to_name = ", ".join(part for part in (contact.person or contact.office, institution) if part)
    with rendering_in(language):
        salutation = contact.salutation or _("Dear Sir or Madam")
    envelope = envelope_of(session, statement, public_id, to_name, contact.email, message_id)
    attachments = attachments_for(documents, language)
    message = signed(session, compose_letter(envelope, language, salutation, cover, attachments))
    return PreparedLetter(
        public_id,
        institution,
        recipient,
        None,
        language,
        message_id,
        contact.email,
        to_name,
        salutation,
        cover,
        message,
    )
