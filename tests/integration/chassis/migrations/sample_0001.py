"""The sample's tables."""

from chassis.migrations.tables import create_aggregate_table, drop_aggregate_table

revision = "sample_0001"
down_revision = None
branch_labels = ("sample",)
depends_on = "chassis_0001"


def upgrade() -> None:
    """Create them."""
    create_aggregate_table("issues")
    create_aggregate_table("orders")


def downgrade() -> None:
    """Drop them."""
    drop_aggregate_table("orders")
    drop_aggregate_table("issues")
