"""回访链接: the digests of the tokens that were sent, and the call-backs that they stand for."""

from alembic import op

revision = "notify_survey_links"
down_revision = "notify_revisits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""
    op.execute(
        """
        CREATE TABLE survey_links (
            digest bytea PRIMARY KEY,
            revisit_id uuid NOT NULL,
            expires_at timestamptz NOT NULL
        )
        """
    )


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TABLE survey_links")
