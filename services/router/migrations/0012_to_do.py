"""What a unit has to sign or to handle is read where it begins, and when an order is due is not planned for every row.

Without an index of their own, these lists were picked out of all that is open with the unit.
"""

from alembic import op

from chassis.migrations.functions import plan_as_the_session, plan_once

revision = "router_0012"
down_revision = "router_0011"
branch_labels = None
depends_on = None

DUE = "router_due(jsonb)"


def upgrade() -> None:
    """Create the index; plan the function once."""
    op.execute("CREATE INDEX unit_orders_to_do ON unit_orders (unit, to_do, due, order_id) WHERE to_do IS NOT NULL")
    plan_once(DUE)


def downgrade() -> None:
    """Drop it; plan as before."""
    op.execute("DROP INDEX unit_orders_to_do")
    plan_as_the_session(DUE)
