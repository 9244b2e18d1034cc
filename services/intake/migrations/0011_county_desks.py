"""二级派单: orders that came to a county's desk, and nothing else of what is told of orders."""

from alembic import op

revision = "intake_0011"
down_revision = "intake_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index."""
    op.execute(
        """
        CREATE INDEX journal_desks ON journal ((data->>'desk'))
        WHERE type IN ('qingcheng.router.order.opened.v1', 'qingcheng.router.order.desk_changed.v1')
        AND data->>'desk' IS NOT NULL
        """
    )


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP INDEX journal_desks")
