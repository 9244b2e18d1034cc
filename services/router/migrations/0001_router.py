"""The tables of orders and whistles, and what their views look for."""

from alembic import op

from chassis.migrations.tables import create_aggregate_table, drop_aggregate_table

revision = "router_0001"
down_revision = None
branch_labels = ("router",)
depends_on = "chassis_0001"

# A cast of text to timestamptz counts as unstable, because it also takes words like "now"; ours are ISO 8601 with an
# offset, which mean the same instant whatever the session's settings are.
INDEXES = (
    """
    CREATE FUNCTION router_due(jsonb) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$SELECT COALESCE(($1->>'due_at')::timestamptz, '9999-12-31Z'::timestamptz)$$
    """,
    "CREATE INDEX orders_by_due ON orders (router_due(state), id)",
    "CREATE INDEX orders_by_status ON orders ((state->>'status'), router_due(state), id)",
    "CREATE INDEX orders_by_duty ON orders USING gin ((state->'duties') jsonb_path_ops)",
    "CREATE INDEX orders_by_co_handler ON orders USING gin ((state->'co_handlers') jsonb_path_ops)",
    "CREATE INDEX orders_by_issue ON orders ((state->>'issue_id'))",
    """
    CREATE INDEX orders_supervised ON orders (router_due(state), id)
    WHERE state->>'supervision' IS NOT NULL AND state->>'status' <> 'closed'
    """,
    "CREATE INDEX whistles_by_due ON whistles (router_due(state), id)",
    "CREATE INDEX whistles_by_order ON whistles ((state->>'order_id'))",
    "CREATE INDEX whistles_by_street ON whistles ((state->>'street'))",
    "CREATE INDEX whistles_by_department ON whistles USING gin ((state->'lines') jsonb_path_ops)",
)


def upgrade() -> None:
    """Create them."""
    create_aggregate_table("orders")
    create_aggregate_table("whistles")
    for statement in INDEXES:
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    drop_aggregate_table("whistles")
    drop_aggregate_table("orders")
    op.execute("DROP FUNCTION router_due(jsonb)")
