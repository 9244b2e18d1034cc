"""Which working calendar was in force when."""

from alembic import op

from chassis.calendar_history import CALENDARS_DDL

revision = "router_0007"
down_revision = "router_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.execute(CALENDARS_DDL)


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP TABLE calendars")
