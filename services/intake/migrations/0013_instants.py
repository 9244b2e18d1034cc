"""Instants in a state are read without being planned for every row."""

from chassis.migrations.functions import plan_as_the_session, plan_once

revision = "intake_0013"
down_revision = "intake_0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Plan it once."""
    plan_once("issue_instant(text)")


def downgrade() -> None:
    """Plan it as before."""
    plan_as_the_session("issue_instant(text)")
