"""The lists that people look at all day cost as much after years as on the first day: blocks touched, not seconds."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from asyncpg.pool import Pool
from pydantic import TypeAdapter

import services.intake
import services.router
from chassis.pages import MOST_COUNTED
from contracts.codes import Channel, Resolution
from services.intake import views as intake
from services.intake.issue import decide
from services.intake.issue_commands import DeadlineReached
from services.intake.issue_model import Issue
from services.intake.issue_model import Status as IssueStatus
from services.router import views as router
from services.router.order_state import Status
from tests.explaining import Explaining, rows_read
from tests.migrated import migrated
from tests.unit import issue_life
from tests.unit.order_life import A1, ORDERS, STREET, Life, completed, opened, revisit, signed, work

INTAKE = Path(services.intake.__file__).parent / "migrations"
ROUTER = Path(services.router.__file__).parent / "migrations"
PAGE = 21
BEFORE_ALL = "00000000-0000-0000-0000-000000000000"
HISTORY = 15_000
"""Closed ones, more than lists are counted; then as many again."""
Look = Callable[[Pool], Awaitable[Any]]
_ORDERS = """
INSERT INTO orders (id, version, state, updated_at)
SELECT gen_random_uuid(), 8, jsonb_set(jsonb_set(jsonb_set(
    state, '{duties,0,unit}', to_jsonb('S150102' || lpad((number % 50)::text, 3, '0')), false),
    '{issue_id}', to_jsonb(gen_random_uuid())),
    '{due_at}', CASE WHEN state->'due_at' = 'null' THEN 'null' ELSE to_jsonb('2026-03-03T01:00:00Z'::timestamptz
                + number * interval '1 minute') END), now()
FROM (SELECT $1::jsonb AS state) s, generate_series(1, $2) number
"""
_ISSUES = """
WITH made AS (
    INSERT INTO issues (id, version, state, updated_at)
    SELECT uuidv7(), 6, state || jsonb_build_object(
        'received_at', '2026-03-03T01:00:00Z'::timestamptz + number * interval '1 minute',
        'street_code', '150102' || lpad(($3::int[])[1 + number % cardinality($3)]::text, 3, '0'),
        'due', (state->>'due')::timestamptz + number * interval '1 minute'), now()
    FROM (SELECT $1::jsonb AS state) s, generate_series(1, $2) number
    RETURNING id, state->>'street_code' AS street
)
INSERT INTO journal (source, subject, sequence, issue_id, type, time, data)
SELECT '/router', 'order/' || id, 2, id, 'qingcheng.router.order.dispatched.v1', now(),
       jsonb_build_object('obligations', jsonb_build_array(jsonb_build_object('unit', 'S' || street)))
FROM made
"""

# As if the issues had ended after their orders were told of.
_ENDED = """
UPDATE issue_readers SET has_limit = false
WHERE has_limit AND issue_id IN (SELECT id FROM issues WHERE state->>'due' IS NULL)
"""


async def blocks_of(pool: Pool, looks: Mapping[str, Look]) -> dict[str, int]:
    """Blocks that each look touches."""
    await pool.execute("VACUUM ANALYZE")
    found = {}
    for name, look in looks.items():
        explaining = Explaining(pool)
        await look(cast(Pool, explaining))
        found[name] = explaining.blocks
    return found


def have_not_grown(before: Mapping[str, int], after: Mapping[str, int]) -> bool:
    """Whether every look touches about as many blocks: an index may be higher, and a page's rows lie elsewhere."""
    grown = {name: (blocks, after[name]) for name, blocks in before.items() if after[name] > blocks * 1.2 + PAGE}
    assert grown == {}
    return True


def orders(unit: str | None = None, queue: router.Queue | None = None, status: Status | None = None) -> Look:
    wanted = router.OrderFilter(scope=unit, queue=queue, status=status)
    return lambda pool: router.page_of_orders(pool, ORDERS, wanted, None, PAGE)


def counted_orders(unit: str | None = None, queue: router.Queue | None = None) -> Look:
    return lambda pool: router.count_orders(pool, router.OrderFilter(scope=unit, queue=queue))


async def add_orders(pool: Pool, life: Life, count: int) -> None:
    await pool.execute(_ORDERS, ORDERS.adapter.dump_json(life.order).decode(), count)


async def test_an_order_list_costs_the_same_behind_twice_as_many_closed_orders(database: str) -> None:
    queues = [queue for queue in router.Queue if queue is not router.Queue.MEDIATION]
    looks: dict[str, Look] = {
        "all": orders(),
        "all behind the open ones": lambda pool: router.page_of_orders(
            pool, ORDERS, router.OrderFilter(), (datetime(9999, 12, 31, tzinfo=UTC), BEFORE_ALL), PAGE
        ),
        "all counted": counted_orders(),
        "a unit": orders(STREET),
        "a unit's in progress": orders(STREET, status=Status.IN_PROGRESS),
        **{queue.value: orders(queue=queue) for queue in queues},
        **{f"{queue.value} counted": counted_orders(queue=queue) for queue in queues},
        **{f"a unit's {queue.value}": orders(STREET, queue) for queue in queues},
        **{f"a unit's {queue.value} counted": counted_orders(STREET, queue) for queue in queues},
    }
    late = signed().due(f"yellow:{STREET}")
    async with migrated(database, ROUTER) as pool:
        for life in (opened(), opened(routing=None), signed(), work(signed()), completed(), late):
            await add_orders(pool, life, 1_200)
        closed = revisit(completed(), A1, Resolution.YES)
        assert closed.status == Status.CLOSED
        await add_orders(pool, closed, HISTORY)
        before = await blocks_of(pool, looks)
        await add_orders(pool, closed, HISTORY)
        assert have_not_grown(before, await blocks_of(pool, looks))
        assert await router.count_orders(pool, router.OrderFilter()) == MOST_COUNTED + 1
        assert len(await router.page_of_orders(pool, ORDERS, router.OrderFilter(scope=STREET), None, PAGE)) == PAGE


async def test_what_a_unit_has_to_sign_costs_the_same_beside_whatever_it_has_to_handle(database: str) -> None:
    looks = {"page": orders(STREET, router.Queue.SIGN), "counted": counted_orders(STREET, router.Queue.SIGN)}
    async with migrated(database, ROUTER) as pool:
        await add_orders(pool, opened(), 1_200)
        await add_orders(pool, signed(), 1_200)
        before = await blocks_of(pool, looks)
        await add_orders(pool, signed(), HISTORY)
        assert have_not_grown(before, await blocks_of(pool, looks))


async def test_a_units_list_goes_on_from_open_orders_to_closed_ones_and_misses_none(database: str) -> None:
    async with migrated(database, ROUTER) as pool:
        await add_orders(pool, signed(), 250)
        await add_orders(pool, revisit(completed(), A1, Resolution.YES), 250)
        wanted = router.OrderFilter(scope="S150102001")
        seen: list[router.Row[Any]] = []
        while page := await router.page_of_orders(
            pool, ORDERS, wanted, (seen[-1].due, seen[-1].id) if seen else None, 3
        ):
            seen += page
        assert len({row.id for row in seen}) == len(seen) == 10
        assert [row.state.status for row in seen] == [Status.IN_PROGRESS] * 5 + [Status.CLOSED] * 5


def issues(sort: intake.Sort, **wanted: Any) -> Look:
    return lambda pool: intake.page(pool, intake.Filter(**wanted), sort, None, PAGE)


async def add_issues(pool: Pool, issue: Issue, count: int, streets: Sequence[int] = range(50)) -> None:
    """In pieces that a connection has the patience for."""
    for piece in [5_000] * (count // 5_000) or [count]:
        await pool.execute(_ISSUES, TypeAdapter(Issue).dump_json(issue).decode(), piece, streets)
    await pool.execute(_ENDED)


async def test_an_issue_list_costs_the_same_behind_twice_as_many_closed_issues(database: str) -> None:
    looks: dict[str, Look] = {
        **{f"all by {sort}": issues(sort) for sort in intake.Sort},
        "registered, by due": issues(intake.Sort.DUE, status=IssueStatus.REGISTERED),
        **{f"overdue by {sort}": issues(sort, overdue=True) for sort in intake.Sort},
        **{f"a county's by {sort}": issues(sort, reader=intake.desk_reader("G150102")) for sort in intake.Sort},
        **{f"a unit's by {sort}": issues(sort, reader="S150102001") for sort in intake.Sort},
        "all by due behind the open ones": lambda pool: intake.page(
            pool, intake.Filter(), intake.Sort.DUE, (datetime(2999, 12, 31, tzinfo=UTC), BEFORE_ALL), PAGE
        ),
        "a street's newest": issues(intake.Sort.RECEIVED_DESCENDING, street_code="150102001"),
        "all counted": lambda pool: intake.count(pool, intake.Filter()),
        "overdue counted": lambda pool: intake.count(pool, intake.Filter(overdue=True)),
        "a channel counted": lambda pool: intake.count(pool, intake.Filter(channel=Channel.WEB)),
    }
    async with migrated(database, INTAKE) as pool:
        for status in (IssueStatus.REGISTERED, IssueStatus.ACCEPTED, IssueStatus.DECLINE_REVIEW):
            await add_issues(pool, issue_life.after(*issue_life.TO[status]), 600)
        waiting = issue_life.after(issue_life.REGISTER)
        late = decide(waiting, DeadlineReached("triage"), issue_life.context(after=timedelta(hours=3)))
        await add_issues(pool, issue_life.fold(waiting, late), 600)
        closed = issue_life.after(*issue_life.TO[IssueStatus.CLOSED])
        await add_issues(pool, closed, HISTORY)
        before = await blocks_of(pool, looks)
        await add_issues(pool, closed, HISTORY)
        assert have_not_grown(before, await blocks_of(pool, looks))
        assert await intake.count(pool, intake.Filter()) == MOST_COUNTED + 1
        assert len(await intake.page(pool, intake.Filter(reader="S150102001"), intake.Sort.DUE, None, PAGE)) == PAGE


async def test_a_units_page_by_due_looks_at_no_older_issue_of_another(database: str) -> None:
    wanted = intake.Filter(reader="S150102001")
    closed = issue_life.after(*issue_life.TO[IssueStatus.CLOSED])
    async with migrated(database, INTAKE) as pool:
        await add_issues(pool, closed, 5_000, streets=range(2, 50))
        await add_issues(pool, closed, 2_500, streets=[1])
        await pool.execute("VACUUM ANALYZE")
        statement = intake.page_query(wanted, intake.Sort.DUE, None, PAGE)
        assert len(await pool.fetch(statement[0], *statement[1])) == PAGE
        assert await rows_read(pool, *statement, "issues") == 2 * PAGE  # for its order, and for its state
