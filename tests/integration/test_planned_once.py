"""What a statement calls for every row is not planned for every row (``chassis/migrations/functions.py``)."""

from pathlib import Path

import pytest

from stack.fleet import SERVICES
from tests.migrated import migrated

ROOT = Path(__file__).parents[2]
# A cast to timestamptz is not immutable to PostgreSQL, which keeps a function that promises to be from being inlined.
_PLANNED = """
SELECT proname FROM pg_proc JOIN pg_language ON pg_language.oid = prolang
WHERE lanname = 'sql' AND pronamespace = 'public'::regnamespace AND prosrc LIKE '%::timestamptz%'
AND 'plan_cache_mode=force_generic_plan' <> ALL (COALESCE(proconfig, '{}'))
"""


@pytest.mark.parametrize("service", SERVICES)
async def test_no_function_of_due_times_is_planned_at_every_call(service: str, database: str) -> None:
    async with migrated(database, ROOT / "services" / service / "migrations") as pool:
        assert [row["proname"] for row in await pool.fetch(_PLANNED)] == []
