"""The table of issues, and what its views look for."""

from alembic import op

from chassis.migrations.tables import create_aggregate_table, drop_aggregate_table

revision = "intake_0001"
down_revision = None
branch_labels = ("intake",)
depends_on = "chassis_0001"

# A cast of text to timestamptz counts as unstable, because it also takes words like "now"; ours are ISO 8601 with an
# offset, which mean the same instant whatever the session's settings are.
INDEXES = (
    """
    CREATE FUNCTION issue_instant(text) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT $1::timestamptz'
    """,
    "CREATE INDEX issues_by_receipt ON issues (issue_instant(state->>'received_at'), id)",
    "CREATE INDEX issues_by_due ON issues (COALESCE(issue_instant(state->>'due'), '2999-12-31Z'), id)",
    """
    CREATE INDEX issues_by_status ON issues
    ((state->>'status'), COALESCE(issue_instant(state->>'due'), '2999-12-31Z'), id)
    """,
    "CREATE INDEX issues_by_street ON issues ((state->>'street_code'), issue_instant(state->>'received_at'), id)",
    """
    CREATE INDEX journal_obligations ON journal USING gin ((data->'obligations') jsonb_path_ops)
    WHERE type = 'qingcheng.router.order.dispatched.v1'
    """,
    """
    CREATE INDEX journal_co_handlers ON journal USING gin ((data->'co_handlers') jsonb_path_ops)
    WHERE type = 'qingcheng.router.order.dispatched.v1'
    """,
)


def upgrade() -> None:
    """Create them."""
    create_aggregate_table("issues")
    for statement in INDEXES:
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP INDEX journal_obligations, journal_co_handlers")
    drop_aggregate_table("issues")
    op.execute("DROP FUNCTION issue_instant(text)")
