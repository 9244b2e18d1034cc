"""Whose list an issue is in (migrations/0012_readers.py): kept right whatever is told, taken back or corrected."""

import asyncio
import json
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from asyncpg.pool import Pool
from pydantic import TypeAdapter

import services.intake
from chassis.database import open_pool
from chassis.ids import derived_beside, new_id
from chassis.migrate import configuration, migrate
from services.intake import views
from services.intake.issue_model import Issue
from tests.migrated import migrated
from tests.unit import issue_life

MIGRATIONS = Path(services.intake.__file__).parent / "migrations"
UNIT, OTHER, COUNTY = "S150102001", "D15010004", "G150102"
DESK = views.desk_reader(COUNTY)
FIRST = datetime(2026, 3, 2, 1, tzinfo=UTC)
_ISSUE = json.loads(TypeAdapter(Issue).dump_json(issue_life.after(issue_life.REGISTER)))


@pytest.fixture
async def pool(database: str) -> AsyncGenerator[Pool]:
    async with migrated(database, MIGRATIONS) as pool:
        yield pool


async def add(pool: Pool, received_at: datetime = FIRST, due: datetime | None = None, street: str | None = None) -> str:
    """An issue."""
    id_ = new_id()
    state = _ISSUE | {
        "received_at": received_at.isoformat(),
        "due": due and due.isoformat(),
        "street_code": street,
    }
    await pool.execute(
        "INSERT INTO issues (id, version, state, updated_at) VALUES ($1::text::uuid, 1, $2::text::jsonb, now())",
        *(id_, json.dumps(state)),
    )
    return id_


async def tell(pool: Pool, issue_id: str, *events: tuple[str, dict[str, Any]], order: int = 1) -> None:
    """What the router tells of an order of the issue, in its order."""
    subject = f"order/{derived_beside(issue_id, 'order', str(order))}"
    for type_, data in events:
        await pool.execute(
            """
            INSERT INTO journal (source, subject, sequence, issue_id, type, time, data)
            SELECT '/router', $1, count(*) + 1, $2::text::uuid, $3, now(), $4::text::jsonb
            FROM journal WHERE subject = $1
            """,
            *(subject, issue_id, f"qingcheng.router.order.{type_}.v1", json.dumps(data)),
        )


def dispatched(*units: str, co_handlers: tuple[str, ...] = ()) -> tuple[str, dict[str, Any]]:
    return "dispatched", {"obligations": [{"unit": unit} for unit in units], "co_handlers": list(co_handlers)}


async def readers(pool: Pool, issue_id: str) -> set[str]:
    """Whose lists the issue is in, each asked for."""
    possible = {UNIT, OTHER, COUNTY, DESK, views.desk_reader("G150105")}
    found = {reader for reader in possible if await views.is_read_by(pool, issue_id, reader)}
    for reader in possible:
        for sort in views.Sort:
            page = await views.page(pool, views.Filter(reader=reader), sort, None, 50)
            assert (issue_id in [row.id for row in page]) is (reader in found), (reader, sort)
        assert await views.count(pool, views.Filter(reader=reader)) == len(page)
    return found


TOLD = {
    "派单 to two units and a helper": ([dispatched(UNIT, co_handlers=(OTHER,))], {UNIT, OTHER}),
    "退单": ([dispatched(UNIT, OTHER), ("return_approved", {"unit": UNIT})], {OTHER}),
    "退单 and 派单 again": ([dispatched(UNIT), ("return_approved", {"unit": UNIT}), dispatched(UNIT)], {UNIT}),
    "撤回派单": ([dispatched(UNIT, OTHER), ("recalled", {"units": [UNIT, OTHER]})], set()),
    "裁定 to another": ([dispatched(UNIT), ("ruled", {"unit": UNIT, "lead_unit": OTHER, "obligation": None})], {OTHER}),
    "裁定 that it stays": (
        [dispatched(UNIT), ("ruled", {"unit": UNIT, "lead_unit": UNIT, "obligation": None})],
        {UNIT},
    ),
    "转派, not signed yet": ([dispatched(UNIT), ("reassigned", {"obligation": {"unit": OTHER}})], {UNIT, OTHER}),
    "转派 and 签收": (
        [
            dispatched(UNIT),
            ("reassigned", {"obligation": {"unit": OTHER}}),
            ("signed", {"unit": OTHER, "replaces": UNIT}),
        ],
        {OTHER},
    ),
    "签收": ([dispatched(UNIT), ("signed", {"unit": UNIT, "replaces": None})], {UNIT}),
    "移交": ([dispatched(UNIT), ("handed_over", {"unit": UNIT, "successor": OTHER})], {OTHER}),
    "移交 to nobody": ([dispatched(UNIT), ("handed_over", {"unit": UNIT, "successor": None})], set()),
    "协办": ([dispatched(UNIT), ("co_handler_added", {"unit": OTHER})], {UNIT, OTHER}),
    "二级派单 to a county, which dispatches": ([("opened", {"desk": COUNTY}), dispatched(UNIT)], {DESK, UNIT}),
    "sent on to another county": (
        [("opened", {"desk": COUNTY}), ("desk_changed", {"desk": "G150105"})],
        {views.desk_reader("G150105")},
    ),
    "sent back to the city": ([("opened", {"desk": COUNTY}), ("desk_changed", {"desk": None})], set()),
    "派单 to the county itself": ([dispatched(COUNTY)], {COUNTY, DESK}),
}


@pytest.mark.parametrize(("events", "expected"), TOLD.values(), ids=TOLD)
async def test_an_issue_is_in_the_lists_of_who_has_it(
    pool: Pool, events: list[tuple[str, dict[str, Any]]], expected: set[str]
) -> None:
    issue_id = await add(pool)
    await tell(pool, issue_id, *events)
    assert await readers(pool, issue_id) == expected


async def test_what_is_taken_back_was_never_told(pool: Pool) -> None:
    """After a restore an operator may have what diverged forgotten (chassis/epochs.py)."""
    issue_id = await add(pool)
    await tell(pool, issue_id, dispatched(UNIT), ("return_approved", {"unit": UNIT}), dispatched(OTHER))
    assert await readers(pool, issue_id) == {OTHER}
    await pool.execute("DELETE FROM journal WHERE sequence > 1")
    assert await readers(pool, issue_id) == {UNIT}


async def test_the_place_decides_the_county_and_may_be_corrected(pool: Pool) -> None:
    issue_id = await add(pool, street="150102001")
    assert await readers(pool, issue_id) == {DESK}
    move = "UPDATE issues SET state = jsonb_set(state, '{street_code}', $1::text::jsonb)"
    await pool.execute(move, '"150105004"')
    assert await readers(pool, issue_id) == {views.desk_reader("G150105")}
    await pool.execute(move, "null")
    assert await readers(pool, issue_id) == set()


async def test_by_due_an_issue_that_ends_goes_behind_those_that_have_a_limit(pool: Pool) -> None:
    wanted = views.Filter(reader=UNIT)
    early, late = [await add(pool, due=FIRST + timedelta(hours=hours)) for hours in (1, 2)]
    for id_ in (early, late):
        await tell(pool, id_, dispatched(UNIT))
    limit = "UPDATE issues SET state = jsonb_set(state, '{due}', $2::text::jsonb) WHERE id = $1::text::uuid"
    for due, expected in (("null", [late, early]), (f'"{FIRST.isoformat()}"', [early, late])):
        await pool.execute(limit, early, due)
        page = await views.page(pool, wanted, views.Sort.DUE, None, 50)
        assert [row.id for row in page] == expected
        assert await pool.fetchval("SELECT has_limit FROM issue_readers WHERE issue_id = $1::text::uuid", early) is (
            due != "null"
        )


async def test_pages_hold_each_issue_once_in_order_whatever_orders_it_had(pool: Pool) -> None:
    """With limits and without, come in another order than their ids, several orders of one: whole, and none twice."""
    ids = [
        await add(pool, FIRST + timedelta(minutes=7 * n % 11), FIRST + timedelta(hours=5 * n % 7) if n % 3 else None)
        for n in range(17)
    ]
    for n, id_ in enumerate(ids):
        await tell(pool, id_, dispatched(UNIT if n % 4 else OTHER))
    for id_ in ids[::5]:
        await tell(pool, id_, dispatched(UNIT, OTHER), order=2)
    expected = {id_ for n, id_ in enumerate(ids) if n % 4 or n % 5 == 0}
    wanted = views.Filter(reader=UNIT)
    for sort in views.Sort:
        seen: list[views.IssueRow] = []
        while page := await views.page(pool, wanted, sort, (seen[-1].key, seen[-1].id) if seen else None, 3):
            seen += page
        keys = [(row.key, row.id) for row in seen]
        assert keys == sorted(keys, reverse=sort is views.Sort.RECEIVED_DESCENDING)
        assert [row.id for row in seen if row.id in expected] == [row.id for row in seen]
        assert len(seen) == len(expected) == await views.count(pool, wanted)


async def test_what_was_told_before_the_table_came_is_in_it(database: str) -> None:
    config = configuration(database, MIGRATIONS)
    await asyncio.to_thread(command.upgrade, config, "intake_0011")
    pool = await open_pool(database)
    try:
        issue_id = await add(pool, street="150105004")
        await tell(pool, issue_id, ("opened", {"desk": COUNTY}), dispatched(UNIT, OTHER))
        await tell(pool, issue_id, ("return_approved", {"unit": UNIT}))
        await asyncio.to_thread(migrate, database, MIGRATIONS)
        assert await readers(pool, issue_id) == {OTHER, DESK, views.desk_reader("G150105")}
        await asyncio.to_thread(command.downgrade, config, "intake_0011")
        await asyncio.to_thread(migrate, database, MIGRATIONS)
        assert await readers(pool, issue_id) == {OTHER, DESK, views.desk_reader("G150105")}
    finally:
        await pool.close()
