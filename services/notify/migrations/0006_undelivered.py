"""What could not be delivered and waits for a person: its queue."""

from alembic import op

revision = "notify_undelivered"
down_revision = "notify_survey_links"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create its index, in the order of the queue."""
    op.execute(
        """
        CREATE INDEX deliveries_undelivered ON deliveries (
            (CASE WHEN state->>'urgent' = 'true' THEN 0 ELSE 1 END),
            COALESCE(notify_instant(state->>'handling_due'), '2999-12-31Z'), id
        ) WHERE state->>'status' = 'failed'
        """
    )


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP INDEX deliveries_undelivered")
