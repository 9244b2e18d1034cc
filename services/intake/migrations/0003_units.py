"""Which units an order was dispatched to, in one index, and nothing else of a dispatch.

Entries go in at once (``fastupdate``): a list of those still to go in is read through by every look-up, and emptied by
whoever fills it.
"""

from alembic import op

revision = "intake_0003"
down_revision = "intake_0002"
branch_labels = None
depends_on = None

_DISPATCHED = "WHERE type = 'qingcheng.router.order.dispatched.v1'"
STATEMENTS = (
    """
    CREATE FUNCTION dispatched_units(jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$SELECT jsonb_path_query_array($1, '$.obligations[*].unit') || COALESCE($1->'co_handlers', '[]')$$
    """,
    "CREATE INDEX journal_units ON journal USING gin (dispatched_units(data) jsonb_path_ops) "
    f"WITH (fastupdate = off) {_DISPATCHED}",
    "DROP INDEX journal_obligations, journal_co_handlers",
)


def upgrade() -> None:
    """Create the index, and drop those that it replaces."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Bring those back that were there before."""
    for name in ("obligations", "co_handlers"):
        op.execute(f"CREATE INDEX journal_{name} ON journal USING gin ((data->'{name}') jsonb_path_ops) {_DISPATCHED}")
    op.execute("DROP INDEX journal_units")
    op.execute("DROP FUNCTION dispatched_units(jsonb)")
