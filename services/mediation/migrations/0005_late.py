"""逾期: an index of the few cases in which a step was not done in time."""

from alembic import op

revision = "mediation_0005"
down_revision = "mediation_petitions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create it."""
    op.execute("CREATE INDEX cases_late ON cases (case_due(state), id) WHERE state->'late' <> '{}'")


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP INDEX cases_late")
