"""What readers' pages read, and which marks each change of it raises."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event

from app.appeals.models import Appeal, AppealDocument, AppealLetter, AppealSignature
from app.base.database import Base
from app.base.marks import Marked, are_placed, place
from app.campaigns.models import Campaign, CampaignText, ChronologyEntry, Convenor
from app.deliveries.models import Delivery
from app.institutions.models import Institution, InstitutionDecision, InstitutionVersion, Recipient
from app.mail.models import Mail
from app.replies.models import Outcome, Reply
from app.signatures.models import Signature
from app.statements.models import Addressee, Annex, Demand, Statement, Version, VersionText
from app.updates.models import Update

HOUSE = "house"
_OWN = "SELECT 'statement ' || {row}.statement_id AS scope"
_CAMPAIGN = "SELECT 'campaign ' || {row}.campaign_id AS scope"
_HOUSE = f"SELECT '{HOUSE}' AS scope"
_LISTS = _CAMPAIGN, _HOUSE
_OPENED = "{row}.opened_at IS NOT NULL"
_VERSION = "SELECT 'statement ' || statement_id AS scope FROM versions WHERE id = {row}.version_id"
_TEXT = """SELECT 'statement ' || versions.statement_id AS scope FROM version_texts
    JOIN versions ON versions.id = version_texts.version_id WHERE version_texts.id = {row}.version_text_id"""
_APPEAL = "SELECT 'statement ' || statement_id AS scope FROM appeals WHERE id = {row}.appeal_id"
_DELIVERY = """SELECT 'statement ' || appeals.statement_id AS scope FROM deliveries
    JOIN appeals ON appeals.id = deliveries.appeal_id WHERE deliveries."""
_ADDRESSED = """SELECT 'statement ' || versions.statement_id AS scope FROM addressees
    JOIN versions ON versions.id = addressees.version_id WHERE addressees.institution_id = {row}."""
_WRITTEN_TO = """SELECT 'statement ' || appeals.statement_id AS scope FROM appeal_letters
    JOIN appeals ON appeals.id = appeal_letters.appeal_id JOIN recipients ON recipients.id = appeal_letters.recipient_id
    WHERE recipients."""
_WRITTEN_AT = f"{_WRITTEN_TO}institution_id = {{row}}."


def statement_scope(statement_id: int) -> str:
    """Return the scope of all that a statement is but its signatures, as its marks are named."""
    return f"statement {statement_id}"


def signatures_scope(statement_id: int) -> str:
    """Return the scope of a statement's signatures, which change far more often than all else of it."""
    return f"signatures {statement_id}"


def campaign_scope(campaign_id: int) -> str:
    """Return the scope of a campaign, as its marks are named."""
    return f"campaign {campaign_id}"


def _all(table: type[Base], *scopes: str, **other: Any) -> tuple[str, Marked]:
    """Return the marks of a table of which every column counts."""
    return table.__tablename__, Marked(scopes, tuple(column.name for column in table.__table__.columns), **other)


MARKED: dict[str, Marked] = dict(
    (
        # A signature that is added takes nothing back: pages look for more of them after a second.
        _all(Signature, "SELECT 'signatures ' || {row}.statement_id AS scope", counts_inserts=False),
        _all(Statement, "SELECT 'statement ' || {row}.id AS scope", *(f"{one} WHERE {_OPENED}" for one in _LISTS)),
        _all(Version, _OWN),
        _all(VersionText, _VERSION),
        _all(Demand, _TEXT),
        _all(Addressee, _VERSION),
        _all(Annex, _VERSION),
        _all(Campaign, "SELECT 'campaign ' || {row}.id AS scope", _HOUSE),
        _all(CampaignText, *_LISTS),
        _all(Convenor, _CAMPAIGN),
        _all(ChronologyEntry, _CAMPAIGN),
        _all(Outcome, _CAMPAIGN),
        _all(Update, _CAMPAIGN),
        _all(Appeal, _OWN),
        _all(AppealDocument, _APPEAL),
        _all(AppealLetter, _APPEAL),
        _all(AppealSignature, _APPEAL),
        _all(Delivery, _APPEAL),
        _all(Reply, f"{_DELIVERY}id = {{row}}.delivery_id"),
        _all(Institution, f"{_ADDRESSED}id", f"{_WRITTEN_AT}id"),
        _all(
            InstitutionVersion, f"{_ADDRESSED}institution_id", f"{_WRITTEN_TO}institution_id = {{row}}.institution_id"
        ),
        _all(InstitutionDecision, _CAMPAIGN),
        (Recipient.__tablename__, Marked((f"{_WRITTEN_TO}id = {{row}}.id",), ("institution_id",))),
        # Readers learn when a letter's mail was accepted; all other mail is none of theirs, and there is much of it.
        (
            Mail.__tablename__,
            Marked(
                (f"{_DELIVERY}mail_id = {{row}}.public_id",),
                ("state", "finished_at", "public_id"),
                "{row}.state = 'accepted' AND {row}.mail_class = 'official'",
            ),
        ),
    )
)


def see_placed(engine: Engine) -> None:
    """Put the triggers on where they are missing or others than the code's; a migration does so by itself."""
    with engine.begin() as connection:
        if not are_placed(connection, MARKED):
            place(connection, MARKED)


@event.listens_for(Base.metadata, "after_create")
def _place(_metadata: object, connection: Connection, **_options: object) -> None:
    """Give the triggers to a database whose tables were made from the models and not by migrations."""
    place(connection, MARKED)
