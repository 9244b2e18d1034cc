"""信访代办: the table of petitions, what its views and queues look for, and the claims that queues show."""

from alembic import op

from chassis.migrations.tables import (
    create_aggregate_table,
    create_claim_tables,
    drop_aggregate_table,
    drop_claim_tables,
)

revision = "mediation_petitions"
down_revision = "mediation_0003"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE FUNCTION petition_due(jsonb) RETURNS timestamptz LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT COALESCE(min(step.value::timestamptz), '2999-12-31Z')
        FROM (SELECT value FROM jsonb_each_text($1->'late') UNION ALL SELECT value FROM jsonb_each_text($1->'timers'))
        AS step
    $$
    """,
    "CREATE INDEX petitions_by_due ON petitions (petition_due(state), id)",
    "CREATE INDEX petitions_by_status ON petitions ((state->>'status'), petition_due(state), id)",
    "CREATE INDEX petitions_by_proxy ON petitions ((state->>'proxy'), petition_due(state), id)",
    "CREATE INDEX petitions_by_code ON petitions ((state->>'code'))",
    "CREATE INDEX petitions_by_issue ON petitions ((state->>'issue_id'))",
    """
    CREATE INDEX petitions_open ON petitions (petition_due(state), id)
    WHERE state->>'status' NOT IN ('guided', 'archived', 'withdrawn')
    """,
)


def upgrade() -> None:
    """Create them."""
    create_aggregate_table("petitions")
    create_claim_tables()
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    drop_claim_tables()
    drop_aggregate_table("petitions")
    op.execute("DROP FUNCTION petition_due(jsonb)")
