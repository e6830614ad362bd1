"""Recipients from before versions were kept: what they are becomes their first version, and is accepted where used."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select, text

from app.base import migrating
from app.base.database import Database
from app.institutions.models import InstitutionVersion, Recipient, RecipientVersion
from app.institutions.proposals import waiting_institutions, waiting_recipients
from tests.architecture import rows

BEFORE, AFTER = "0048", "0050"


def test_what_is_there_becomes_the_first_version_and_is_accepted(tmp_path: Path) -> None:
    engine = Database(f"sqlite:///{tmp_path / 'older.db'}").engine
    migrating.migrate(engine, BEFORE)
    rows.fill(engine, rows.reflected(engine))
    migrating.migrate(engine, AFTER)
    with engine.connect() as connection:
        recipients = connection.execute(select(Recipient.id, Recipient.public_id, Recipient.language)).all()
        versions = connection.execute(
            select(
                RecipientVersion.recipient_id, RecipientVersion.public_id, RecipientVersion.language,
                RecipientVersion.number, RecipientVersion.contact_sealed,
            )
        ).all()  # fmt: skip
        assert len(recipients) == rows.MADE_PER_TABLE
        assert sorted(versions) == sorted((*recipient, 1, None) for recipient in recipients)
        assert len(connection.execute(select(InstitutionVersion.id)).all()) == rows.MADE_PER_TABLE
        used = connection.execute(text("SELECT count(*) FROM institution_decisions WHERE is_accepted")).scalar()
        assert used == len(connection.execute(text(_USES)).all()) > 0
        assert connection.execute(waiting_recipients()).all() == []
        assert connection.execute(waiting_institutions()).all() == []
    engine.dispose()


_USES = """
    SELECT DISTINCT statements.campaign_id, addressees.institution_id FROM addressees
    JOIN versions ON versions.id = addressees.version_id JOIN statements ON statements.id = versions.statement_id
"""
