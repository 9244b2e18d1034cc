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
