"""Whose list an issue is in: of the units that have an order of it, and of the county's dispatcher (二级派单).

Kept beside the issues and in their order, so that a page is read where it begins, however many issues a unit has had.
What the journal tells of an order, and where an issue happened, decides; triggers work it out anew whenever either
changes, also when an operator takes told events back.
"""

from alembic import op

revision = "intake_0012"
down_revision = "intake_0011"
branch_labels = None
depends_on = None

_DISPATCHED = "'qingcheng.router.order.dispatched.v1'"
_LATER = """'qingcheng.router.order.ruled.v1', 'qingcheng.router.order.reassigned.v1',
               'qingcheng.router.order.handed_over.v1', 'qingcheng.router.order.co_handler_added.v1'"""
_DESKS = "'qingcheng.router.order.opened.v1', 'qingcheng.router.order.desk_changed.v1'"
_INDEXES = {
    "journal_units": "USING gin (dispatched_units(data) jsonb_path_ops) WITH (fastupdate = off) "
    f"WHERE type = {_DISPATCHED}",
    "journal_later_units": "USING gin (later_units(data) jsonb_path_ops) WITH (fastupdate = off) "
    f"WHERE type IN ({_LATER})",
    "journal_lost_units": "USING gin (lost_units(type, data) jsonb_path_ops) WITH (fastupdate = off) "
    "WHERE lost_units(type, data) <> '[]'",
    "journal_desks": f"((data->>'desk')) WHERE type IN ({_DESKS}) AND data->>'desk' IS NOT NULL",
}
"""Replaced by the table: on ``journal``."""
_TYPES = {"<dispatched>": _DISPATCHED, "<later>": _LATER, "<desks>": _DESKS}
_DECIDES = """
j.type IN (<dispatched>, <later>) OR (j.type IN (<desks>) AND j.data ? 'desk') OR lost_units(j.type, j.data) <> '[]'
"""
_STREET = "state->>'street_code'"
STATEMENTS = (
    # ``reader`` is a unit's code or, of its dispatcher, ``desk:`` and the county's.
    """
    CREATE TABLE issue_readers (
        reader text NOT NULL,
        issue_id uuid NOT NULL,
        subject text NOT NULL,
        received_at timestamptz NOT NULL,
        has_limit boolean NOT NULL DEFAULT true,
        PRIMARY KEY (reader, issue_id, subject)
    )
    """,
    # ``has_limit``: whether the present step may have one. Where an order is told of while the issue ends,
    # nobody waits for the other, and it stays true; lists by due ask the issue itself.
    "CREATE INDEX issue_readers_with_limit ON issue_readers (reader, issue_id) WHERE has_limit",
    "CREATE INDEX issue_readers_by_receipt ON issue_readers (reader, received_at, issue_id)",
    "CREATE INDEX issue_readers_by_issue ON issue_readers (issue_id)",
    # Who loses an order by an event is not let in by it; who gets it again later is. A county's desk has what was last
    # sent there, and what the county has itself.
    """
    CREATE FUNCTION note_readers_of_event(told journal) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
        lost jsonb := lost_units(told.type, told.data);
        came jsonb := CASE WHEN told.type = <dispatched> THEN dispatched_units(told.data)
                           WHEN told.type IN (<later>) THEN later_units(told.data) ELSE '[]' END;
        received_at timestamptz := COALESCE(
            (SELECT issue_instant(i.state->>'received_at') FROM issues i WHERE i.id = told.issue_id), told.time);
    BEGIN
        IF told.type IN (<desks>) THEN
            DELETE FROM issue_readers WHERE issue_id = told.issue_id AND subject = told.subject || ' desk';
            INSERT INTO issue_readers (reader, issue_id, subject, received_at)
            SELECT 'desk:' || (told.data->>'desk'), told.issue_id, told.subject || ' desk', received_at
            WHERE told.data->>'desk' IS NOT NULL;
        END IF;
        IF lost <> '[]' THEN
            DELETE FROM issue_readers WHERE issue_id = told.issue_id AND subject = told.subject
            AND lost ? replace(reader, 'desk:', '');
        END IF;
        IF came <> '[]' THEN
            INSERT INTO issue_readers (reader, issue_id, subject, received_at)
            SELECT r.reader, told.issue_id, told.subject, received_at FROM jsonb_array_elements_text(came) AS u (unit)
            CROSS JOIN LATERAL (VALUES (unit), (CASE WHEN unit LIKE 'G%' THEN 'desk:' || unit END)) AS r (reader)
            WHERE r.reader IS NOT NULL AND NOT lost ? unit
            ON CONFLICT DO NOTHING;
        END IF;
    END
    $$
    """,
    """
    CREATE FUNCTION note_order_told() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM note_readers_of_event(NEW);
        RETURN NULL;
    END
    $$
    """,
    # As if the rest had been told anew.
    """
    CREATE FUNCTION note_order_taken_back() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM issue_readers
        WHERE issue_id = OLD.issue_id AND subject IN (OLD.subject, OLD.subject || ' desk');
        PERFORM note_readers_of_event(told) FROM (
            SELECT j FROM journal j WHERE j.source = OLD.source AND j.subject = OLD.subject ORDER BY j.sequence
        ) AS rest (told);
        RETURN NULL;
    END
    $$
    """,
    *(
        f"""
        CREATE TRIGGER {trigger} AFTER {happening} ON journal FOR EACH ROW
        WHEN ({_DECIDES.replace("j.", f"{row}.")}) EXECUTE FUNCTION {function}()
        """
        for trigger, happening, row, function in (
            ("order_told", "INSERT", "NEW", "note_order_told"),
            ("order_taken_back", "DELETE", "OLD", "note_order_taken_back"),
        )
    ),
    # What happened in a county is read at its dispatcher's desk: a street's code begins with the county's.
    """
    CREATE FUNCTION note_readers_of_place() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM issue_readers WHERE issue_id = NEW.id AND subject = 'place';
        INSERT INTO issue_readers (reader, issue_id, subject, received_at, has_limit)
        SELECT 'desk:G' || left(NEW.state->>'street_code', 6), NEW.id, 'place',
               issue_instant(NEW.state->>'received_at'), NEW.state->>'due' IS NOT NULL
        WHERE NEW.state->>'street_code' IS NOT NULL;
        RETURN NULL;
    END
    $$
    """,
    f"""
    CREATE TRIGGER place_told AFTER INSERT ON issues FOR EACH ROW
    WHEN (NEW.{_STREET} IS NOT NULL) EXECUTE FUNCTION note_readers_of_place()
    """,
    f"""
    CREATE TRIGGER place_changed AFTER UPDATE ON issues FOR EACH ROW
    WHEN (NEW.{_STREET} IS DISTINCT FROM OLD.{_STREET}) EXECUTE FUNCTION note_readers_of_place()
    """,
    """
    CREATE FUNCTION note_limit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE issue_readers SET has_limit = NEW.state->>'due' IS NOT NULL
        WHERE issue_id = NEW.id AND has_limit <> (NEW.state->>'due' IS NOT NULL);
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE TRIGGER limit_changed AFTER UPDATE ON issues FOR EACH ROW
    WHEN ((NEW.state->>'due' IS NULL) <> (OLD.state->>'due' IS NULL)) EXECUTE FUNCTION note_limit()
    """,
    """
    INSERT INTO issue_readers (reader, issue_id, subject, received_at, has_limit)
    SELECT 'desk:G' || left(state->>'street_code', 6), id, 'place', issue_instant(state->>'received_at'),
           state->>'due' IS NOT NULL
    FROM issues WHERE state->>'street_code' IS NOT NULL
    """,
    """
    SELECT note_readers_of_event(told) FROM (
        SELECT j FROM journal j WHERE <decides> ORDER BY subject, sequence
    ) AS history (told)
    """,
    """
    UPDATE issue_readers SET has_limit = false FROM issues i
    WHERE i.id = issue_id AND has_limit AND i.state->>'due' IS NULL
    """,
    *(f"DROP INDEX {name}" for name in _INDEXES),
    "ANALYZE issue_readers",
)


def upgrade() -> None:
    """Create the table, fill it, and drop the indexes that it replaces."""
    for statement in STATEMENTS:
        for word, sql in (("<decides>", _DECIDES), *_TYPES.items()):
            statement = statement.replace(word, sql)
        op.execute(statement)


def downgrade() -> None:
    """Bring those back that were there before."""
    for name, index in _INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON journal {index}")
    op.execute("DROP TRIGGER order_told ON journal")
    op.execute("DROP TRIGGER order_taken_back ON journal")
    op.execute("DROP TRIGGER place_told ON issues")
    op.execute("DROP TRIGGER place_changed ON issues")
    op.execute("DROP TRIGGER limit_changed ON issues")
    op.execute(
        "DROP FUNCTION note_order_told(), note_order_taken_back(), note_readers_of_place(), note_limit(), "
        "note_readers_of_event(journal)"
    )
    op.execute("DROP TABLE issue_readers")
