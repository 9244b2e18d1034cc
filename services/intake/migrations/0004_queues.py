"""工作队列: an index for what is overdue, and who has taken what. The other queues go by ``issues_by_status``."""

from alembic import op

from chassis.migrations.tables import create_claim_tables, drop_claim_tables

revision = "intake_queues"
down_revision = "intake_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""
    create_claim_tables()
    op.execute(
        """
        CREATE INDEX issues_late ON issues (COALESCE(issue_instant(state->>'due'), '2999-12-31Z'), id)
        WHERE state->>'status' IN ('registered', 'decline_review', 'accepted', 'objection_review')
        AND (state->>'overdue' = 'true' OR state->>'answer_overdue' = 'true')
        """
    )


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP INDEX issues_late")
    drop_claim_tables()
