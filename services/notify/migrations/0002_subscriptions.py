"""Subscriptions of partners, and what waits for them: the queue of callbacks, which is their log afterwards."""

from alembic import op

from chassis.migrations.tables import create_aggregate_table, drop_aggregate_table

revision = "notify_0002"
down_revision = "notify_0001"
branch_labels = None
depends_on = None

STATEMENTS = (
    "CREATE INDEX subscriptions_by_owner ON subscriptions ((state->>'owner'), id)",
    "CREATE INDEX subscriptions_active ON subscriptions (id) WHERE state->>'status' = 'active'",
    """
    CREATE TABLE callbacks (
        position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        subscription_id uuid NOT NULL,
        round integer NOT NULL,
        event_id text NOT NULL,
        type text NOT NULL,
        subject text NOT NULL,
        issue_id text NOT NULL,
        event_time timestamptz NOT NULL,
        body text,
        status text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'delivered', 'failed')),
        attempts integer NOT NULL DEFAULT 0,
        first_attempt_at timestamptz,
        retry_at timestamptz NOT NULL DEFAULT '-infinity',
        failure text,
        ended_at timestamptz,
        UNIQUE (subscription_id, round, event_id)
    ) WITH (fillfactor = 70)
    """,
    "CREATE INDEX callbacks_of_issue ON callbacks (subscription_id, issue_id, position) WHERE status = 'waiting'",
    "CREATE INDEX callbacks_log ON callbacks (subscription_id, position)",
    "CREATE INDEX callbacks_by_status ON callbacks (subscription_id, status, position)",
    "CREATE INDEX callbacks_ended ON callbacks (ended_at) WHERE ended_at IS NOT NULL",
    """
    CREATE TABLE callback_positions (
        subscription_id uuid NOT NULL,
        round integer NOT NULL,
        topic text NOT NULL,
        partition integer NOT NULL,
        next_offset bigint NOT NULL,
        PRIMARY KEY (subscription_id, round, topic, partition)
    ) WITH (fillfactor = 70)
    """,
)


def upgrade() -> None:
    """Create them."""
    create_aggregate_table("subscriptions")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TABLE callback_positions")
    op.execute("DROP TABLE callbacks")
    drop_aggregate_table("subscriptions")
