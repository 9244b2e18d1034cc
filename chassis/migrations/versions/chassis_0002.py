"""What operators do after a restore: events keep the epoch they were recorded in, and acts are written down."""

from alembic import op

revision = "chassis_0002"
down_revision = "chassis_0001"
branch_labels = None
depends_on = None

CHANGES = (
    "ALTER TABLE events ADD COLUMN epoch bigint NOT NULL DEFAULT 1",
    "UPDATE events e SET epoch = p.epoch FROM publisher p WHERE e.published_at IS NULL AND p.epoch > 1",
    """
    CREATE TABLE accepted_epochs (
        source text PRIMARY KEY,
        epoch bigint NOT NULL
    )
    """,
    """
    CREATE TABLE operator_actions (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL DEFAULT now(),
        actor text NOT NULL,
        action text NOT NULL,
        detail jsonb NOT NULL
    )
    """,
)


def upgrade() -> None:
    """Add them."""
    for statement in CHANGES:
        op.execute(statement)


def downgrade() -> None:
    """Take them away."""
    op.execute("DROP TABLE operator_actions")
    op.execute("DROP TABLE accepted_epochs")
    op.execute("ALTER TABLE events DROP COLUMN epoch")
