"""二级派单: what waits at the desk of a county's sub-centre, and which county an order is of."""

from alembic import op

revision = "router_0009"
down_revision = "router_0008"
branch_labels = None
depends_on = None

STATEMENTS = (
    # The same as ``WorkOrder.county``; a test compares them.
    """
    CREATE FUNCTION order_county(jsonb) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
    SELECT COALESCE(
        substr(jsonb_path_query_first(
            $1, '$.duties[*] ? (@.role == "lead" && (@.unit starts with "S" || @.unit starts with "G")).unit'
        ) #>> '{}', 2, 6),
        substr($1->>'desk', 2, 6),
        left($1->>'street_code', 6)
    )
    $$
    """,
    "CREATE INDEX orders_by_county ON orders (order_county(state), router_due(state), id)",
    """
    CREATE INDEX orders_for_county ON orders ((state->>'desk'), id) WHERE state->>'desk' IS NOT NULL AND (
        state->>'status' = 'pending_dispatch'
        OR state->'requests' @? '$[*] ? (@.kind == "return" && @.overdue == false && @.binding == false)'
    )
    """,
)


def upgrade() -> None:
    """Create them."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP INDEX orders_for_county, orders_by_county")
    op.execute("DROP FUNCTION order_county(jsonb)")
