"""Make what institutions and recipients are now their first version, accepted by every campaign that uses it."""

from __future__ import annotations

from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

# A first version has its parent's public id: the envelope of a contact stays in the recipient's row, where it opens.
_FILL = (
    """
    INSERT INTO institution_versions (public_id, institution_id, number, name, country, website, made_by, made_at)
    SELECT public_id, id, 1, name, country, website, 'system', created_at FROM institutions
    WHERE NOT EXISTS (SELECT 1 FROM institution_versions AS made WHERE made.institution_id = institutions.id)
    """,
    """
    INSERT INTO recipient_versions
    (public_id, recipient_id, number, contact_sealed, language, is_removed, made_by, made_at)
    SELECT public_id, id, 1, NULL, language, removed_at IS NOT NULL, 'system', created_at FROM recipients
    WHERE NOT EXISTS (SELECT 1 FROM recipient_versions AS made WHERE made.recipient_id = recipients.id)
    """,
    """
    INSERT INTO institution_decisions (campaign_id, version_id, is_accepted, decided_by, decided_at)
    SELECT DISTINCT statements.campaign_id, made.id, true, 'system', made.made_at
    FROM addressees JOIN versions ON versions.id = addressees.version_id
    JOIN statements ON statements.id = versions.statement_id
    JOIN institution_versions AS made ON made.institution_id = addressees.institution_id
    WHERE NOT EXISTS (SELECT 1 FROM institution_decisions AS other
                      WHERE other.version_id = made.id AND other.campaign_id = statements.campaign_id)
    """,
    """
    INSERT INTO recipient_decisions (campaign_id, version_id, is_accepted, decided_by, decided_at)
    SELECT DISTINCT statements.campaign_id, made.id, true, 'system', made.made_at
    FROM addressees JOIN versions ON versions.id = addressees.version_id
    JOIN statements ON statements.id = versions.statement_id
    JOIN recipients ON recipients.institution_id = addressees.institution_id
    JOIN recipient_versions AS made ON made.recipient_id = recipients.id
    WHERE NOT EXISTS (SELECT 1 FROM recipient_decisions AS other
                      WHERE other.version_id = made.id AND other.campaign_id = statements.campaign_id)
    """,
    """
    UPDATE addressees SET frozen_country =
        (SELECT country FROM institutions WHERE institutions.id = addressees.institution_id)
    WHERE frozen_name IS NOT NULL AND frozen_country IS NULL
    """,
)


def upgrade() -> None:
    for statement in _FILL:
        op.execute(statement)


def downgrade() -> None:
    """Leave the rows: the tables go with the revision before."""
