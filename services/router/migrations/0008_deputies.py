"""代理: who minds whose desk, from when until when."""

from alembic import op

revision = "router_0008"
down_revision = "router_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.execute(
        """
        CREATE TABLE deputies (
            id uuid PRIMARY KEY,
            unit text NOT NULL,
            deputy_id text,
            deputy_unit text,
            starts_at timestamptz NOT NULL,
            ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
            appointed_by text NOT NULL,
            appointed_at timestamptz NOT NULL,
            revoked_by text,
            revoked_at timestamptz,
            CHECK ((deputy_id IS NULL) <> (deputy_unit IS NULL))
        )
        """
    )
    op.execute("CREATE INDEX deputies_in_force ON deputies (unit, ends_at) WHERE revoked_at IS NULL")


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP TABLE deputies")
