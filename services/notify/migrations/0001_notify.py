"""The tables of call-backs and deliveries, and what their views and the sender look for."""

from alembic import op

from chassis.migrations.tables import create_aggregate_table, drop_aggregate_table

revision = "notify_0001"
down_revision = None
branch_labels = ("notify",)
depends_on = "chassis_0001"

# A cast of text to timestamptz counts as unstable, because it also takes words like "now"; ours are ISO 8601 with an
# offset, which mean the same instant whatever the session's settings are.
INDEXES = (
    """
    CREATE FUNCTION notify_instant(text) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT $1::timestamptz'
    """,
    "CREATE INDEX revisits_by_due ON revisits (notify_instant(state->>'due'), id)",
    "CREATE INDEX revisits_by_status ON revisits ((state->>'status'), notify_instant(state->>'due'), id)",
    "CREATE INDEX revisits_by_order ON revisits ((state->>'order_id'))",
    "CREATE INDEX revisits_by_issue ON revisits ((state->>'issue_id'))",
    # The sender's queue: what was never tried first, then what may be tried again, each by age.
    """
    CREATE INDEX deliveries_waiting ON deliveries
    (COALESCE(notify_instant(state->>'retry_at'), '-infinity'), notify_instant(state->>'send_due'))
    WHERE state->>'status' IN ('created', 'temporary_failure')
    """,
    "CREATE INDEX deliveries_by_change ON deliveries (updated_at, id)",
    "CREATE INDEX deliveries_by_status ON deliveries ((state->>'status'), updated_at, id)",
    "CREATE INDEX deliveries_by_issue ON deliveries ((state->>'issue_id'))",
)


def upgrade() -> None:
    """Create them."""
    create_aggregate_table("revisits")
    create_aggregate_table("deliveries")
    for statement in INDEXES:
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    drop_aggregate_table("deliveries")
    drop_aggregate_table("revisits")
    op.execute("DROP FUNCTION notify_instant(text)")
