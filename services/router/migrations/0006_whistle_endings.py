"""Orders that were cancelled while a whistle was open."""

from alembic import op

revision = "router_0006"
down_revision = "router_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Hardly any event is one of these: the others pay a comparison."""
    op.execute(
        """
        CREATE INDEX events_ending_whistles ON events (recorded_at)
        WHERE type = 'qingcheng.router.order.cancelled.v1' AND data->'whistles' <> '[]'
        """
    )


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP INDEX events_ending_whistles")
