"""Which orders a unit has and what it has to do there (migrations/0011_unit_orders.py): right after every step."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from asyncpg.pool import Pool

import services.router
from chassis.database import open_pool
from chassis.ids import new_id
from chassis.migrate import configuration, migrate
from contracts.codes import Resolution
from services.router import views
from services.router.obligations import Step
from services.router.order_commands import Refer, Review, ReviewReason, Sign
from services.router.order_model import TERMINAL, Status, WorkOrder
from services.router.turn_commands import AddCoHandler, Cancel, CancelReason, Reassign
from services.router.views import OrderFilter, Queue
from tests.migrated import migrated
from tests.unit.order_asides import suspended, wants_return, yes
from tests.unit.order_life import A1, BOTH, CASE, ORDERS, SECTOR, STREET, Life, completed, opened, revisit, signed, work

MIGRATIONS = Path(services.router.__file__).parent / "migrations"
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
THIRD = "S150102003"
LIVES: dict[str, Callable[[], Life]] = {
    "待派单": lambda: opened(routing=None),
    "待签收": opened,
    "办理中": signed,
    "双派双考, one has signed": lambda: opened(BOTH).do(Sign(STREET, "U1")),
    "双派双考, one has submitted": lambda: work(signed(BOTH)),
    "协办": lambda: signed().do(AddCoHandler(THIRD, "D1")),
    "退单 approved": lambda: opened(BOTH).do(wants_return(), yes("dispatcher")),
    "转派": lambda: signed().do(Reassign(STREET, THIRD, "D1")),
    "调解中": lambda: signed().do(Refer(CASE, STREET, "U1")),
    "挂账": suspended,
    "办结审核": lambda: work(signed()),
    "重办": lambda: work(signed()).do(Review(ReviewReason.UNSOLVED, None, "R1")),
    "待回访": completed,
    "已办结": lambda: revisit(completed(), A1, Resolution.YES),
    "已作废": lambda: signed().do(Cancel(CancelReason.MERGED)),
}
STATUSES = {
    Queue.MEDIATION: Status.IN_MEDIATION,
    Queue.REVIEW: Status.CLOSE_REVIEW,
    Queue.REVISIT: Status.PENDING_REVISIT,
    Queue.SUSPENDED: Status.SUSPENDED,
}
TO_DO = {Step.TO_SIGN: Queue.SIGN, Step.TO_HANDLE: Queue.HANDLE, Step.SUBMITTED: None}
Stored = Mapping[str, WorkOrder]


@pytest.fixture
async def pool(database: str) -> AsyncGenerator[Pool]:
    async with migrated(database, MIGRATIONS) as pool:
        yield pool


async def write(pool: Pool, orders: Stored) -> None:
    """Made or changed, all by one statement."""
    await pool.execute(
        """
        INSERT INTO orders (id, version, state, updated_at)
        SELECT id, 1, state::jsonb, now() FROM unnest($1::text[]::uuid[], $2::text[]) o (id, state)
        ON CONFLICT (id) DO UPDATE SET state = excluded.state
        """,
        *(list(orders), [ORDERS.adapter.dump_json(order).decode() for order in orders.values()]),
    )


def expected(orders: Stored) -> set[tuple[Any, ...]]:
    """What the table must hold, told from the orders."""
    return {
        (id_, unit, order.due_at or NEVER, order.status not in TERMINAL, to_do(order, unit))
        for id_, order in orders.items()
        for unit in {duty.unit for duty in order.duties} | set(order.co_handlers)
    }


def to_do(order: WorkOrder, unit: str) -> Queue | None:
    if order.status in TERMINAL or order.status is Status.IN_MEDIATION:
        return None
    return next((TO_DO[duty.step] for duty in order.duties if duty.unit == unit), None)


async def held(pool: Pool) -> set[tuple[Any, ...]]:
    rows = await pool.fetch("SELECT order_id::text, unit, due, is_open, to_do FROM unit_orders")
    return {tuple(row) for row in rows}


async def test_it_follows_from_the_orders_after_every_step(pool: Pool) -> None:
    ids = {name: new_id() for name in LIVES}
    fresh = {ids[name]: opened(BOTH).order for name in LIVES}
    await write(pool, fresh)
    assert await held(pool) == expected(fresh)
    later = {ids[name]: life().order for name, life in LIVES.items()}
    assert len({order.status for order in later.values()}) > 8
    await write(pool, later)
    assert await held(pool) == expected(later)
    await pool.execute("DELETE FROM orders WHERE id = $1::text::uuid", ids["办理中"])
    del later[ids["办理中"]]
    assert await held(pool) == expected(later)


async def test_what_was_there_before_the_table_came_is_in_it(database: str) -> None:
    config = configuration(database, MIGRATIONS)
    await asyncio.to_thread(command.upgrade, config, "router_0010")
    pool = await open_pool(database)
    try:
        orders = {new_id(): life().order for life in LIVES.values()}
        await write(pool, orders)
        await asyncio.to_thread(migrate, database, MIGRATIONS)
        assert await held(pool) == expected(orders)
        await asyncio.to_thread(command.downgrade, config, "router_0010")
        await asyncio.to_thread(migrate, database, MIGRATIONS)
        assert await held(pool) == expected(orders)
    finally:
        await pool.close()


def lists(order: WorkOrder, wanted: OrderFilter) -> bool:
    """Whether an order is in a unit's list, told from the order."""
    units = {duty.unit for duty in order.duties} | set(order.co_handlers)
    asked = {unit for unit in (wanted.scope, wanted.unit) if unit}
    if wanted.queue in STATUSES:
        is_due = order.status is STATUSES[wanted.queue]
    else:
        is_due = wanted.queue is None or to_do(order, wanted.unit or wanted.scope or "") is wanted.queue
    return asked <= units and is_due and wanted.status in (None, order.status)


async def whole(pool: Pool, wanted: OrderFilter) -> Sequence[tuple[datetime, str]]:
    """All pages of a list."""
    seen: list[views.Key] = []
    while page := await views.page_of_orders(pool, ORDERS, wanted, seen[-1] if seen else None, 3):
        seen += [(row.due, row.id) for row in page]
    assert await views.count_orders(pool, wanted) == len(seen)
    return seen


async def test_a_units_lists_are_whole_and_in_order(pool: Pool) -> None:
    """Open and ended, with a limit and without: each once, the least time left first, whatever is asked for."""
    orders = {new_id(): life().order for _ in range(3) for life in LIVES.values()}
    await write(pool, orders)
    statuses = {order.status for order in orders.values()}
    filters = [
        OrderFilter(scope=scope, unit=unit, status=status, queue=queue)
        for scope in (None, STREET)
        for unit in (None, STREET, SECTOR, THIRD)
        if scope or unit
        for status in (None, *statuses)
        for queue in (None, Queue.SIGN, Queue.HANDLE, *STATUSES)
    ]
    found = 0
    for wanted in filters:
        listed = sorted((order.due_at or NEVER, id_) for id_, order in orders.items() if lists(order, wanted))
        assert list(await whole(pool, wanted)) == listed, wanted
        found += bool(listed)
    assert found > 20


async def test_one_issues_order_is_found_in_what_a_unit_has_to_do(pool: Pool) -> None:
    order = signed().order
    id_ = new_id()
    await write(pool, {id_: order})
    for queue, ids in ((Queue.HANDLE, [id_]), (Queue.SIGN, []), (None, [id_])):
        wanted = OrderFilter(scope=STREET, queue=queue, issue_id=order.issue_id)
        assert [found for _, found in await whole(pool, wanted)] == ids
    assert await whole(pool, OrderFilter(scope=THIRD, issue_id=order.issue_id)) == []
