"""Tables that revisions create by name."""

from alembic import op


def create_aggregate_table(table: str) -> None:
    """Create the table of one aggregate: current state as a row, one row per aggregate.

    ``traceparent`` is the trace that started the aggregate. Room is left on each page, because every command
    rewrites its row.
    """
    op.execute(
        f"""
        CREATE TABLE {table} (
            id uuid PRIMARY KEY,
            version integer NOT NULL,
            state jsonb NOT NULL,
            traceparent text,
            updated_at timestamptz NOT NULL
        ) WITH (fillfactor = 70)
        """
    )


def drop_aggregate_table(table: str) -> None:
    """Drop what ``create_aggregate_table`` made."""
    op.execute(f"DROP TABLE {table}")


def create_claim_tables() -> None:
    """Create what a service needs whose people work from queues (``chassis.claims``): claims and handovers."""
    op.execute(
        """
        CREATE TABLE claims (
            id uuid PRIMARY KEY,
            queue text NOT NULL,
            desk text NOT NULL,
            subject uuid NOT NULL,
            holder text NOT NULL,
            taken_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            UNIQUE (queue, subject, desk)
        )
        """
    )
    op.execute("CREATE INDEX claims_by_holder ON claims (holder, expires_at)")
    op.execute(
        """
        CREATE TABLE handovers (
            id uuid PRIMARY KEY,
            from_id text NOT NULL,
            to_id text NOT NULL,
            at timestamptz NOT NULL,
            claims integer NOT NULL,
            noted boolean NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX handovers_to ON handovers (to_id, id)")
    op.execute("CREATE INDEX handovers_from ON handovers (from_id, id)")


def drop_claim_tables() -> None:
    """Drop what ``create_claim_tables`` made."""
    op.execute("DROP TABLE handovers")
    op.execute("DROP TABLE claims")
