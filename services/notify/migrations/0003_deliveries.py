"""Messages that wait for an hour, and how many somebody got on a day."""

from alembic import op

from chassis.migrations.tables import create_aggregate_table, drop_aggregate_table

revision = "notify_deliveries"
down_revision = "notify_0002"
branch_labels = None
depends_on = None

WAITING = """
CREATE INDEX deliveries_waiting ON deliveries
(COALESCE(notify_instant(state->>'retry_at'), '-infinity'), notify_instant(state->>'send_due'))
WHERE state->>'status' IN ({})
"""


def upgrade() -> None:
    """Create them."""
    create_aggregate_table("recipients")
    op.execute("DROP INDEX deliveries_waiting")
    op.execute(WAITING.format("'created', 'scheduled', 'temporary_failure'"))


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP INDEX deliveries_waiting")
    op.execute(WAITING.format("'created', 'temporary_failure'"))
    drop_aggregate_table("recipients")
