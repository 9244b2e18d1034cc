"""回访队列: who has taken which call-back."""

from chassis.migrations.tables import create_claim_tables, drop_claim_tables

revision = "notify_revisits"
down_revision = "notify_deliveries"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""
    create_claim_tables()


def downgrade() -> None:
    """Drop them."""
    drop_claim_tables()
