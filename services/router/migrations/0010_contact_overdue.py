"""联系逾期: each unit's contact has a timer, and what it has missed is in the supervisor's queue.

Orders of before get their timers here: a command writes only those that it moves.
"""

from alembic import op

revision = "router_0010"
down_revision = "router_0009"
branch_labels = None
depends_on = None

INDEX = """
CREATE INDEX orders_for_supervisor ON orders (router_due(state), id)
WHERE (state->>'status' NOT IN ('closed', 'cancelled')
       AND (state->>'supervision' IN ('red', 'escalated') OR state->'watch'->>'overdue' = 'true'<contact>))
OR (state->'requests' @? '$[*] ? (@.kind == "ruling" || @.overdue == true || @.binding == true)'
    AND state->>'status' <> 'cancelled')
"""
CONTACT = """
OR state->'duties' @? '$[*] ? (@.contact_overdue == true && @.contacted == false && @.result_id == null)'
"""
TIMERS = """
INSERT INTO deadlines (aggregate, id, name, due_at)
SELECT 'order', o.id, 'contact:' || (duty->>'unit'),
       greatest((duty->>'contact_due')::timestamptz, (duty->>'sign_due')::timestamptz)
FROM orders o, jsonb_array_elements(o.state->'duties') duty
WHERE o.state->>'status' NOT IN ('closed', 'cancelled') AND o.state->>'stopped_at' IS NULL
AND duty->>'contacted' = 'false' AND duty->>'result_id' IS NULL
AND NOT COALESCE(o.state->'aside'->'suspended' ? (duty->>'unit'), false)
ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    """Make the index anew with them."""
    _make(CONTACT)
    op.execute(TIMERS)


def downgrade() -> None:
    """Make it anew without them."""
    op.execute("DELETE FROM deadlines WHERE aggregate = 'order' AND left(name, 8) = 'contact:'")
    _make("")


def _make(contact: str) -> None:
    op.execute("DROP INDEX orders_for_supervisor")
    op.execute(INDEX.replace("<contact>", contact))
