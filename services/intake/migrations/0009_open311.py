"""What came in by Open311, which is asked for by when it came; all other issues are not in the index."""

from alembic import op

revision = "intake_0009"
down_revision = "intake_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create it, and let the planner know how few they are."""
    op.execute(
        "CREATE INDEX issues_by_open311 ON issues (issue_instant(state->>'received_at'), id) "
        "WHERE state->>'partner' IS NOT NULL"
    )
    op.execute("CREATE STATISTICS issues_share_open311 ON (state->>'partner') FROM issues")


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP STATISTICS issues_share_open311")
    op.execute("DROP INDEX issues_by_open311")
