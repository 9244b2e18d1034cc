"""Which units an order is with, in an index of its own, and in a small one of those that are open.

An index on the whole of the duties took in every instant and flag of them anew at each step. Entries go in at once
(``fastupdate``): a list of those still to go in is read through by every look-up, and emptied by whoever fills it.
"""

from alembic import op

revision = "router_0005"
down_revision = "router_0004"
branch_labels = None
depends_on = None

_OPEN = "WHERE state->>'status' NOT IN ('closed', 'cancelled')"
STATEMENTS = (
    """
    CREATE FUNCTION order_units(jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$SELECT jsonb_path_query_array($1, '$.duties[*].unit') || ($1->'co_handlers')$$
    """,
    "CREATE INDEX orders_by_unit ON orders USING gin (order_units(state) jsonb_path_ops) WITH (fastupdate = off)",
    "CREATE INDEX orders_open_by_unit ON orders USING gin (order_units(state) jsonb_path_ops) "
    f"WITH (fastupdate = off) {_OPEN}",
    f"CREATE INDEX orders_problem ON orders (router_due(state), id) {_OPEN} AND state->>'supervision' = 'escalated'",
    "DROP INDEX orders_by_duty, orders_by_co_handler",
    # Every step of an order leaves an entry behind that a look-up of its unit goes to until it is swept away. With the
    # server's 20 % of a million, those would be most of what a look-up finds.
    "ALTER TABLE orders SET (autovacuum_vacuum_scale_factor = 0.02)",
)


def upgrade() -> None:
    """Create the indexes, and drop those that they replace."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Bring those back that were there before."""
    op.execute("ALTER TABLE orders RESET (autovacuum_vacuum_scale_factor)")
    op.execute("CREATE INDEX orders_by_duty ON orders USING gin ((state->'duties') jsonb_path_ops)")
    op.execute("CREATE INDEX orders_by_co_handler ON orders USING gin ((state->'co_handlers') jsonb_path_ops)")
    op.execute("DROP INDEX orders_problem, orders_open_by_unit, orders_by_unit")
    op.execute("DROP FUNCTION order_units(jsonb)")
