"""Instants in a state are read without being planned for every row."""

from chassis.migrations.functions import plan_as_the_session, plan_once

revision = "notify_0007"
down_revision = "notify_undelivered"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Plan it once."""
    plan_once("notify_instant(text)")


def downgrade() -> None:
    """Plan it as before."""
    plan_as_the_session("notify_instant(text)")
