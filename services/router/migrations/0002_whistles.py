"""What the views of whistles look for."""

from alembic import op

revision = "router_0002"
down_revision = "router_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the indexes."""
    op.execute("CREATE INDEX whistles_by_issue ON whistles ((state->>'issue_id'))")
    op.execute(
        "CREATE INDEX whistles_open ON whistles (router_due(state), id) WHERE state->>'status' IN ('draft', 'blown')"
    )


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP INDEX whistles_open")
    op.execute("DROP INDEX whistles_by_issue")
