"""The table of cases, and what its views look for."""

from alembic import op

from chassis.migrations.tables import create_aggregate_table, drop_aggregate_table

revision = "mediation_0001"
down_revision = None
branch_labels = ("mediation",)
depends_on = "chassis_0001"

# A cast of text to timestamptz counts as unstable, because it also takes words like "now"; ours are ISO 8601 with an
# offset, which mean the same instant whatever the session's settings are.
STATEMENTS = (
    """
    CREATE FUNCTION case_due(jsonb) RETURNS timestamptz LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT COALESCE(min(step.value::timestamptz), '2999-12-31Z')
        FROM (SELECT value FROM jsonb_each_text($1->'late') UNION ALL SELECT value FROM jsonb_each_text($1->'timers'))
        AS step
    $$
    """,
    "CREATE INDEX cases_by_due ON cases (case_due(state), id)",
    "CREATE INDEX cases_by_status ON cases ((state->>'status'), case_due(state), id)",
    "CREATE INDEX cases_by_mediator ON cases ((state->>'mediator'), case_due(state), id)",
    "CREATE INDEX cases_by_code ON cases ((state->>'code'))",
    "CREATE INDEX cases_by_issue ON cases ((state->>'issue_id'))",
)


def upgrade() -> None:
    """Create them."""
    create_aggregate_table("cases")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    drop_aggregate_table("cases")
    op.execute("DROP FUNCTION case_due(jsonb)")
