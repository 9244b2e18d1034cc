"""调解员名册: who may mediate, for which committee and from when until when; and the cases of a panel's members."""

from alembic import op

revision = "mediation_0003"
down_revision = "mediation_0002"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE mediators (
        id uuid PRIMARY KEY,
        staff_id text NOT NULL,
        name text NOT NULL,
        committee text NOT NULL,
        office text NOT NULL,
        sectors text[] NOT NULL,
        languages text[] NOT NULL,
        valid_from date NOT NULL,
        valid_to date,
        registered_by text NOT NULL,
        registered_at timestamptz NOT NULL,
        ended_by text,
        CHECK (valid_to IS NULL OR valid_to >= valid_from)
    )
    """,
    "CREATE INDEX mediators_by_committee ON mediators (committee, staff_id)",
    "CREATE INDEX mediators_by_staff ON mediators (staff_id)",
    "CREATE INDEX cases_by_panel ON cases USING gin ((state->'panel') jsonb_path_ops) WITH (fastupdate = off)",
)


def upgrade() -> None:
    """Create them."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP INDEX cases_by_panel")
    op.execute("DROP TABLE mediators")
