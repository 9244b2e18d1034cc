"""How the functions in SQL run that revisions create."""

from alembic import op


def plan_once(function: str) -> None:
    """Let a function in SQL be planned once a session instead of at every call.

    The sessions of the API plan each statement for its values (``chassis.database``), and the body of a function that
    cannot be inlined is such a statement. No cast of text to timestamptz can be inlined into an immutable function.
    """
    op.execute(f"ALTER FUNCTION {function} SET plan_cache_mode = force_generic_plan")


def plan_as_the_session(function: str) -> None:
    """Take back what ``plan_once`` did."""
    op.execute(f"ALTER FUNCTION {function} RESET plan_cache_mode")
