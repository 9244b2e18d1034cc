"""The tables that every service has."""

from alembic import op

from chassis.reference import REFERENCE_DDL

revision = "chassis_0001"
down_revision = None
branch_labels = ("chassis",)
depends_on = None

TABLES = """
CREATE TABLE events (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    aggregate text NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    issue_id uuid NOT NULL,
    data jsonb NOT NULL,
    meta jsonb NOT NULL,
    recorded_at timestamptz NOT NULL,
    published_at timestamptz,
    UNIQUE (aggregate, id, version)
);
CREATE INDEX events_unpublished ON events (position) WHERE published_at IS NULL;

CREATE TABLE inbox (
    source text NOT NULL,
    subject text NOT NULL,
    epoch bigint,
    sequence bigint NOT NULL,
    parked boolean NOT NULL DEFAULT false,
    PRIMARY KEY (source, subject)
) WITH (fillfactor = 70);
CREATE INDEX inbox_parked ON inbox (source, subject) WHERE parked;

CREATE TABLE journal (
    source text NOT NULL,
    subject text NOT NULL,
    sequence bigint NOT NULL,
    issue_id uuid NOT NULL,
    type text NOT NULL,
    time timestamptz NOT NULL,
    data jsonb NOT NULL,
    PRIMARY KEY (source, subject, sequence)
);
CREATE INDEX journal_issue ON journal (issue_id, time);

CREATE TABLE deadlines (
    aggregate text NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    due_at timestamptz NOT NULL,
    PRIMARY KEY (aggregate, id, name)
);
CREATE INDEX deadlines_due ON deadlines (due_at);

CREATE TABLE dead_letters (
    id uuid PRIMARY KEY,
    topic text NOT NULL,
    partition integer NOT NULL,
    record_offset bigint NOT NULL,
    key bytea,
    value bytea,
    headers jsonb NOT NULL,
    source text,
    subject text,
    sequence bigint,
    reason text NOT NULL,
    error text NOT NULL,
    attempts integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    resolution text CHECK (resolution IN ('replayed', 'discarded')),
    resolved_at timestamptz,
    resolved_by text,
    note text,
    UNIQUE (topic, partition, record_offset)
);
CREATE INDEX dead_letters_waiting ON dead_letters (source, subject, sequence) WHERE resolution IS NULL;

CREATE TABLE idempotency_keys (
    principal text NOT NULL,
    route text NOT NULL,
    key text NOT NULL,
    body_hash bytea NOT NULL,
    response jsonb,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (principal, route, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

CREATE TABLE private_data (
    aggregate text NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    key_id text NOT NULL,
    ciphertext bytea NOT NULL,
    PRIMARY KEY (aggregate, id, name)
);

CREATE TABLE publisher (epoch bigint NOT NULL);
INSERT INTO publisher VALUES (1);
"""


def upgrade() -> None:
    """Create them."""
    for statement in (*TABLES.split(";\n"), *REFERENCE_DDL.split(";\n")):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    for table in (
        "reference",
        "publisher",
        "private_data",
        "idempotency_keys",
        "dead_letters",
        "deadlines",
        "journal",
        "inbox",
        "events",
    ):
        op.execute(f"DROP TABLE {table}")
