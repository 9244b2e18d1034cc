"""What lists of requests look for; cancelled orders leave the supervisors' lists; the same words found again."""

from alembic import op

revision = "router_0004"
down_revision = "router_queues"
branch_labels = None
depends_on = None

SUPERVISED = """
CREATE INDEX orders_supervised ON orders (router_due(state), id)
WHERE state->>'supervision' IS NOT NULL AND state->>'status' <> 'closed'
"""
# Hardly any order has a request, and only a result has a fingerprint: the others pay for neither index.
INDEXES = (
    "DROP INDEX orders_supervised",
    f"{SUPERVISED} AND state->>'status' <> 'cancelled'",
    """
    CREATE INDEX orders_by_request ON orders USING gin ((state->'requests') jsonb_path_ops)
    WHERE state->'requests' <> '[]'
    """,
    """
    CREATE INDEX events_by_fingerprint ON events ((data->>'unit'), (data->>'fingerprint'), position)
    WHERE type = 'qingcheng.router.order.result_submitted.v1'
    """,
)


def upgrade() -> None:
    """Create them."""
    for statement in INDEXES:
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    for name in ("events_by_fingerprint", "orders_by_request", "orders_supervised"):
        op.execute(f"DROP INDEX {name}")
    op.execute(SUPERVISED)
