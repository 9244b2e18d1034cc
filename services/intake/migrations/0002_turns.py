"""Indexes for what lists ask of issues besides their status: what is late, dangerous, asked, watched, and whose it is.

The indexes of issues are partial, so that an ordinary issue is in none of them and costs nothing when it moves. Whose
an appeal is stands in the history, which is only ever added to: an index on the state would be written at every step.
"""

from alembic import op

revision = "intake_0002"
down_revision = "intake_0001"
branch_labels = None
depends_on = None

_BY_RECEIPT = "(issue_instant(state->>'received_at'), id)"
PARTIAL = {
    "issues_overdue": f"{_BY_RECEIPT} WHERE (state->>'overdue')::boolean",
    "issues_overdue_by_due": (
        "(COALESCE(issue_instant(state->>'due'), '2999-12-31Z'), id) WHERE (state->>'overdue')::boolean"
    ),
    "issues_in_danger": f"{_BY_RECEIPT} WHERE state->>'emergency' IS NOT NULL",
    "issues_at_a_desk": (
        "((state->>'desk'), issue_instant(state->>'received_at'), id) WHERE state->>'desk' <> 'general'"
    ),
    "issues_asked": f"{_BY_RECEIPT} WHERE state->>'question_id' IS NOT NULL",
    "issues_filed_online": (
        "((state->>'online_class'), issue_instant(state->>'received_at'), id) WHERE state->>'online_class' IS NOT NULL"
    ),
}
"""Name -> what is indexed, of which issues."""


def upgrade() -> None:
    """Create them."""
    for name, definition in PARTIAL.items():
        op.execute(f"CREATE INDEX {name} ON issues {definition}")
    op.execute(
        "CREATE INDEX events_of_appellants ON events ((data->>'appellant_id')) "
        "WHERE aggregate = 'issue' AND data->>'appellant_id' IS NOT NULL"
    )


def downgrade() -> None:
    """Drop them."""
    op.execute(f"DROP INDEX events_of_appellants, {', '.join(PARTIAL)}")
