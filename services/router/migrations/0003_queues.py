"""工作队列: an index for the condition of each queue, over what is open only, and who has taken what.

The conditions are those of ``services/router/queues.py``; a test asks for every queue's plan.
"""

from alembic import op

from chassis.migrations.tables import create_claim_tables, drop_claim_tables

revision = "router_queues"
down_revision = "router_0002"
branch_labels = None
depends_on = None

STATEMENTS = (
    # Units that owe a signature or a result, and those who take a duty over as soon as they have signed.
    """
    CREATE FUNCTION router_owing(jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT jsonb_path_query_array($1, '$.duties[*] ? (@.result_id == null).unit')
        || jsonb_path_query_array($1, '$.aside.heirs.*.unit')
    $$
    """,
    # Departments that a street has called and that still owe something.
    """
    CREATE FUNCTION router_called(jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT jsonb_path_query_array($1, '$.lines[*] ? (@.status != "result" && @.status != "evaluated"
                                                     && @.status != "released").unit')
    $$
    """,
    """
    CREATE INDEX orders_open ON orders (router_due(state), id) WHERE state->>'status' NOT IN ('closed', 'cancelled')
    """,
    """
    CREATE INDEX orders_owing ON orders USING gin (router_owing(state))
    WHERE state->>'status' NOT IN ('closed', 'cancelled')
    """,
    """
    CREATE INDEX orders_for_dispatcher ON orders (id) WHERE state->>'status' = 'pending_dispatch'
    OR state->'requests' @? '$[*] ? (@.kind == "return" && @.overdue == false && @.binding == false)'
    """,
    """
    CREATE INDEX orders_for_reviewer ON orders (id) WHERE state->>'status' = 'close_review' OR (
        state->'requests' @? '$[*] ? (@.kind != "return" && @.kind != "ruling" && @.overdue == false)'
        AND state->>'status' <> 'cancelled'
    )
    """,
    """
    CREATE INDEX orders_for_supervisor ON orders (router_due(state), id)
    WHERE (state->>'status' NOT IN ('closed', 'cancelled')
           AND (state->>'supervision' IN ('red', 'escalated') OR state->'watch'->>'overdue' = 'true'))
    OR (state->'requests' @? '$[*] ? (@.kind == "ruling" || @.overdue == true || @.binding == true)'
        AND state->>'status' <> 'cancelled')
    """,
    """
    CREATE INDEX whistles_called ON whistles USING gin (router_called(state)) WHERE state->>'status' = 'blown'
    """,
    """
    CREATE INDEX whistles_for_street ON whistles ((state->>'street')) WHERE state->>'status' = 'draft'
    OR (state->>'status' = 'blown' AND state->'lines' @? '$[*] ? (@.status == "result")')
    """,
    """
    CREATE INDEX whistles_escalated ON whistles (id)
    WHERE state->>'status' = 'blown' AND state->'lines' @? '$[*] ? (@.status == "escalated")'
    """,
    """
    CREATE INDEX whistles_for_panel ON whistles (id)
    WHERE state->>'status' = 'blown' AND state->'lines' @? '$[*] ? (@.ruling_due != null)'
    """,
    """
    CREATE INDEX whistles_for_supervisor ON whistles (router_due(state), id)
    WHERE state->>'status' IN ('draft', 'blown') AND (
        state->'approve_late' = 'true'
        OR state->'lines' @? '$[*] ? (@.status == "escalated" || @.ruling_due != null)'
        OR state->'lines' @? '$[*] ? (@.status == "result" && @.late[*] == "evaluate")'
    )
    """,
)
INDEXES = (
    "orders_open, orders_owing, orders_for_dispatcher, orders_for_reviewer, orders_for_supervisor, "
    "whistles_called, whistles_escalated, whistles_for_panel, whistles_for_street, whistles_for_supervisor"
)


def upgrade() -> None:
    """Create them."""
    create_claim_tables()
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    op.execute(f"DROP INDEX {INDEXES}")
    op.execute("DROP FUNCTION router_owing(jsonb), router_called(jsonb)")
    drop_claim_tables()
