"""Lists of the few among many go by an index of the few (migrations/0002_turns.py)."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from services.intake import caller_views, views
from services.intake.issue_model import Desk, OnlineClass
from services.intake.open311.answers import RequestStatus
from services.intake.open311.views import Wanted, list_query
from tests.running import Running

MANY = """
INSERT INTO issues (id, version, state, updated_at)
SELECT gen_random_uuid(), 1, jsonb_build_object(
  'status', 'accepted', 'received_at', '2026-03-02T00:00:00Z'::timestamptz + n * interval '1 minute',
  'due', '2026-06-02T00:00:00Z'::timestamptz + n * interval '1 minute',
  'overdue', n % 500 = 0, 'emergency', CASE WHEN n % 500 = 1 THEN '119' END,
  'desk', CASE WHEN n % 500 = 2 THEN 'restricted' ELSE 'general' END,
  'partner', CASE WHEN n % 500 = 5 THEN 'P1' END, 'wanted_item', '0101',
  'online_class', CASE WHEN n % 500 = 3 THEN 'vent' END, 'question_id', CASE WHEN n % 500 = 4 THEN 'q' END
), now() FROM generate_series(1, 20000) n
"""
LISTS = [
    ("issues_overdue", views.Filter(overdue=True), views.Sort.RECEIVED),
    ("issues_overdue", views.Filter(overdue=True), views.Sort.RECEIVED_DESCENDING),
    ("issues_overdue_by_due", views.Filter(overdue=True), views.Sort.DUE),
    ("issues_in_danger", views.Filter(emergency=True), views.Sort.RECEIVED),
    ("issues_at_a_desk", views.Filter(desk=Desk.RESTRICTED), views.Sort.RECEIVED),
    ("issues_filed_online", views.Filter(online_class=OnlineClass.VENT), views.Sort.RECEIVED),
    ("issues_asked", views.Filter(waits_for_specialist=True), views.Sort.RECEIVED),
]


@pytest.mark.parametrize(("index", "wanted", "sort"), LISTS, ids=[f"{name}-{sort}" for name, _, sort in LISTS])
async def test_a_list_of_the_few_reads_only_them(
    intake: Running, index: str, wanted: views.Filter, sort: views.Sort
) -> None:
    connection = await asyncpg.connect(intake.database_url)
    try:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        await connection.execute(MANY)
        await connection.execute("ANALYZE issues")
        assert index in await _used(connection, *views.page_query(wanted, sort, None, 51))
        counting = await _used(connection, *views.count_query(wanted))
        assert {name.removesuffix("_by_due") for name in counting} == {index.removesuffix("_by_due")}
        await transaction.rollback()
    finally:
        await connection.close()


async def test_what_came_in_by_open311_is_found_among_all_the_rest(intake: Running) -> None:
    connection = await asyncpg.connect(intake.database_url)
    try:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        await connection.execute(MANY)
        await connection.execute("ANALYZE issues")
        end = datetime(2026, 3, 20, tzinfo=UTC)
        asked = Wanted(end - timedelta(days=90), end, ["0101"], frozenset({RequestStatus.OPEN}), 1, 1000)
        assert "issues_by_open311" in await _used(connection, *list_query(asked))
        await transaction.rollback()
    finally:
        await connection.close()


TALK = """
INSERT INTO events (aggregate, id, version, event_id, type, issue_id, data, meta, recorded_at, epoch)
SELECT 'issue', id, 1, gen_random_uuid(), 'qingcheng.intake.issue.registered.v1', id,
       jsonb_build_object('appellant_id', md5((n / 2)::text)::uuid), '{}', now(), 0
FROM (SELECT n, gen_random_uuid() AS id FROM generate_series(1, 20000) n) made
"""


async def test_a_callers_issues_are_found_by_the_caller(intake: Running) -> None:
    connection = await asyncpg.connect(intake.database_url)
    try:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        await connection.execute(MANY)
        await connection.execute(TALK)
        await connection.execute("ANALYZE issues, events")
        somebody = "c4ca4238-a0b9-2382-0dcc-509a6f75849b"
        used = await _used(connection, *caller_views.issues_query(somebody, None, 51))
        assert "events_of_appellants" in used
        await transaction.rollback()
    finally:
        await connection.close()


async def _used(connection: asyncpg.Connection, query: str, parameters: list[Any]) -> set[str]:
    """The indexes that a statement goes by."""
    return set(_indexes(json.loads(await connection.fetchval(f"EXPLAIN (FORMAT JSON) {query}", *parameters))))


def _indexes(plan: Any) -> list[str]:
    if isinstance(plan, list):
        return [name for part in plan for name in _indexes(part)]
    if not isinstance(plan, dict):
        return []
    own = [plan["Index Name"]] if "Index Name" in plan else []
    return own + [name for part in plan.values() for name in _indexes(part)]
