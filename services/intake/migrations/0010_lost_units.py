"""Units that an order has gone away from: they find its callers no more.

An index of its own of the few events by which that happens, since every other event has no such unit.
"""

from alembic import op

revision = "intake_0010"
down_revision = "intake_0009"
branch_labels = None
depends_on = None

STATEMENTS = (
    # A ruling may leave the order with who had it; a signature takes it from another unit only after a reassignment.
    """
    CREATE FUNCTION lost_units(type text, data jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT CASE
        WHEN $1 IN ('qingcheng.router.order.return_approved.v1', 'qingcheng.router.order.handed_over.v1')
            THEN jsonb_build_array($2->'unit')
        WHEN $1 = 'qingcheng.router.order.recalled.v1' THEN $2->'units'
        WHEN $1 = 'qingcheng.router.order.ruled.v1' AND $2->>'unit' <> $2->>'lead_unit'
            THEN jsonb_build_array($2->'unit')
        WHEN $1 = 'qingcheng.router.order.signed.v1' AND $2->>'replaces' IS NOT NULL
            THEN jsonb_build_array($2->'replaces')
        ELSE '[]'::jsonb
    END
    $$
    """,
    """
    CREATE INDEX journal_lost_units ON journal USING gin (lost_units(type, data) jsonb_path_ops)
    WITH (fastupdate = off) WHERE lost_units(type, data) <> '[]'
    """,
)


def upgrade() -> None:
    """Create the index."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP INDEX journal_lost_units")
    op.execute("DROP FUNCTION lost_units(text, jsonb)")
