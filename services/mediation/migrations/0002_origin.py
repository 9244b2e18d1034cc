"""来源: how a case came to the one door, also of cases from before that was kept."""

from alembic import op

revision = "mediation_0002"
down_revision = "mediation_0001"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE FUNCTION case_origin(jsonb) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT COALESCE($1->>'origin', CASE WHEN $1->>'order_id' IS NULL THEN 'walk_in' ELSE 'order' END)
    $$
    """,
    "CREATE INDEX cases_by_origin ON cases (case_origin(state), case_due(state), id)",
)


def upgrade() -> None:
    """Create the function and its index."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP INDEX cases_by_origin")
    op.execute("DROP FUNCTION case_origin(jsonb)")
