"""When a case or a petition is due is read without being planned for every row."""

from chassis.migrations.functions import plan_as_the_session, plan_once

revision = "mediation_0006"
down_revision = "mediation_0005"
branch_labels = None
depends_on = None

FUNCTIONS = ("case_due(jsonb)", "petition_due(jsonb)")


def upgrade() -> None:
    """Plan them once."""
    for function in FUNCTIONS:
        plan_once(function)


def downgrade() -> None:
    """Plan them as before."""
    for function in FUNCTIONS:
        plan_as_the_session(function)
