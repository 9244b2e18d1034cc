"""How large a share of the issues is late, dangerous or asked: without it the planner takes half of all for late.

It then counts them by reading every issue, though a partial index holds just these.
"""

from alembic import op

revision = "intake_0005"
down_revision = "intake_queues"
branch_labels = None
depends_on = None

SHARES = {
    "issues_share_overdue": "((state->>'overdue')::boolean)",
    "issues_share_in_danger": "(state->>'emergency')",
    "issues_share_asked": "(state->>'question_id')",
}
"""Name -> the expression of which statistics are kept."""


def upgrade() -> None:
    """Create them."""
    for name, expression in SHARES.items():
        op.execute(f"CREATE STATISTICS {name} ON {expression} FROM issues")
    op.execute("ANALYZE issues")


def downgrade() -> None:
    """Drop them."""
    op.execute(f"DROP STATISTICS {', '.join(SHARES)}")
