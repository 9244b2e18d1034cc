"""Which orders a unit has and what it has to do there, in the order of its lists.

Kept beside the orders by triggers, so that a page of a unit's orders is read where it begins: the indexes on the units
in an order's state gave all that are with a unit, each of which had to be unpacked and sorted.
"""

from alembic import op

revision = "router_0011"
down_revision = "router_0010"
branch_labels = None
depends_on = None

_IS_OPEN = "state->>'status' NOT IN ('closed', 'cancelled')"
# What is in mediation is nobody's to sign or to handle.
_ROWS = """
SELECT o.id AS order_id, w.unit, router_due(o.state) AS due, o.<is_open> AS is_open,
       CASE WHEN o.<is_open> AND o.state->>'status' <> 'in_mediation' THEN w.to_do END AS to_do
FROM <orders> o CROSS JOIN LATERAL (
    SELECT unit, max(to_do) AS to_do FROM (
        SELECT duty->>'unit', CASE WHEN duty->>'result_id' IS NOT NULL THEN NULL
                                   WHEN (duty->>'signed')::boolean THEN 'handle' ELSE 'sign' END
        FROM jsonb_array_elements(o.state->'duties') AS duty
        UNION ALL
        SELECT helper, NULL FROM jsonb_array_elements_text(o.state->'co_handlers') AS helper
    ) AS parts (unit, to_do) GROUP BY unit
) AS w
""".replace("<is_open>", _IS_OPEN)
_GIN = "USING gin (order_units(state) jsonb_path_ops) WITH (fastupdate = off)"
STATEMENTS = (
    # ``to_do``: ``sign`` 待签收, ``handle`` 办理中, or nothing.
    """
    CREATE TABLE unit_orders (
        order_id uuid NOT NULL,
        unit text NOT NULL,
        due timestamptz NOT NULL,
        is_open boolean NOT NULL,
        to_do text,
        PRIMARY KEY (order_id, unit)
    ) WITH (autovacuum_vacuum_scale_factor = 0.02)
    """,
    "CREATE INDEX unit_orders_open ON unit_orders (unit, due, order_id) WHERE is_open",
    "CREATE INDEX unit_orders_ended ON unit_orders (unit, due, order_id) WHERE NOT is_open",
    """
    CREATE FUNCTION note_unit_orders() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO unit_orders AS u (order_id, unit, due, is_open, to_do)
        SELECT order_id, unit, due, is_open, to_do FROM (<rows>) AS rows
        ON CONFLICT (order_id, unit) DO UPDATE
        SET due = excluded.due, is_open = excluded.is_open, to_do = excluded.to_do
        WHERE (u.due, u.is_open, u.to_do) IS DISTINCT FROM (excluded.due, excluded.is_open, excluded.to_do);
        IF TG_OP = 'UPDATE' THEN
            DELETE FROM unit_orders u USING changed c WHERE u.order_id = c.id AND NOT order_units(c.state) ? u.unit;
        END IF;
        RETURN NULL;
    END
    $$
    """.replace("<rows>", _ROWS.replace("<orders>", "changed")),
    """
    CREATE FUNCTION forget_unit_orders() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM unit_orders u USING gone g WHERE u.order_id = g.id;
        RETURN NULL;
    END
    $$
    """,
    # For a whole statement at once: a batch of orders is written by one.
    """
    CREATE TRIGGER order_made AFTER INSERT ON orders REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION note_unit_orders()
    """,
    """
    CREATE TRIGGER order_changed AFTER UPDATE ON orders REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION note_unit_orders()
    """,
    """
    CREATE TRIGGER order_gone AFTER DELETE ON orders REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION forget_unit_orders()
    """,
    "INSERT INTO unit_orders (order_id, unit, due, is_open, to_do)" + _ROWS.replace("<orders>", "orders"),
    "DROP INDEX orders_open_by_unit, orders_by_unit",
    "ANALYZE unit_orders",
)


def upgrade() -> None:
    """Create the table, fill it, and drop the indexes that it replaces."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Bring those back that were there before."""
    op.execute(f"CREATE INDEX orders_by_unit ON orders {_GIN}")
    op.execute(f"CREATE INDEX orders_open_by_unit ON orders {_GIN} WHERE {_IS_OPEN}")
    op.execute("DROP TRIGGER order_made ON orders")
    op.execute("DROP TRIGGER order_changed ON orders")
    op.execute("DROP TRIGGER order_gone ON orders")
    op.execute("DROP FUNCTION note_unit_orders(), forget_unit_orders()")
    op.execute("DROP TABLE unit_orders")
