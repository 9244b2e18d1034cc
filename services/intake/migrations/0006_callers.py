"""The lists of callers 黑名单, 白名单."""

from alembic import op

from chassis.migrations.tables import create_aggregate_table, drop_aggregate_table

revision = "intake_0006"
down_revision = "intake_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create it."""
    create_aggregate_table("callers")
    op.execute("CREATE INDEX callers_by_status ON callers ((state->>'status'), id) WHERE state->>'status' <> 'plain'")


def downgrade() -> None:
    """Drop it."""
    drop_aggregate_table("callers")
