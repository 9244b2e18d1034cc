"""Units that an order came to after its dispatch: ruled on, reassigned, handed over, called to help.

What their index leaves out is all other talk of orders, so that it costs next to nothing.
"""

from alembic import op

revision = "intake_0007"
down_revision = "intake_0006"
branch_labels = None
depends_on = None

STATEMENTS = (
    # ``unit`` is who helps, or who had it until then and was let in by an earlier event.
    """
    CREATE FUNCTION later_units(jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$SELECT jsonb_build_array($1->'unit', $1->'lead_unit', $1->'successor', $1->'obligation'->'unit')$$
    """,
    """
    CREATE INDEX journal_later_units ON journal USING gin (later_units(data) jsonb_path_ops) WITH (fastupdate = off)
    WHERE type IN ('qingcheng.router.order.ruled.v1', 'qingcheng.router.order.reassigned.v1',
                   'qingcheng.router.order.handed_over.v1', 'qingcheng.router.order.co_handler_added.v1')
    """,
)


def upgrade() -> None:
    """Create the index."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP INDEX journal_later_units")
    op.execute("DROP FUNCTION later_units(jsonb)")
