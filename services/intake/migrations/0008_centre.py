"""What is at the 综治中心 can be late too: the index of what was not done in time has to hold it."""

from alembic import op

revision = "intake_0008"
down_revision = "intake_0007"
branch_labels = None
depends_on = None

INDEX = """
CREATE INDEX issues_late ON issues (COALESCE(issue_instant(state->>'due'), '2999-12-31Z'), id)
WHERE state->>'status' IN (<statuses>)
AND (state->>'overdue' = 'true' OR state->>'answer_overdue' = 'true')
"""
BEFORE = "'registered', 'decline_review', 'accepted', 'objection_review'"


def upgrade() -> None:
    """Make it anew with them."""
    _make(BEFORE + ", 'at_centre'")


def downgrade() -> None:
    """Make it anew without them."""
    _make(BEFORE)


def _make(statuses: str) -> None:
    op.execute("DROP INDEX issues_late")
    op.execute(INDEX.replace("<statuses>", statuses))
