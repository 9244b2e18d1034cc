"""Units that end hand their open orders over: the sweep of a real database, through a real pipeline."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from chassis.database import open_pool
from chassis.limits import load_limits
from chassis.pipeline import Pipeline
from chassis.private_data import Vault
from services.router import aggregates, reference_tables
from services.router.hand_overs import HandOvers, ended
from services.router.reference_data import RouterReference
from tests.integration.order_desk import OTHER, STREET, Desk

LIMITS = load_limits(Path(aggregates.__file__).parent / "limits.toml")
REFERENCE = reference_tables.build("v1", reference_tables.read(reference_tables.DIRECTORY))
LAST_DAY, TODAY = date(2026, 3, 31), date(2026, 4, 1)


def without_street(successor: str | None) -> RouterReference:
    """The directory in which the street ended yesterday."""
    street = replace(REFERENCE.units[STREET], valid_to=LAST_DAY, successor=successor)
    return replace(REFERENCE, units={**REFERENCE.units, STREET: street})


@pytest.fixture
async def sweep(desk: Desk) -> AsyncIterator[Callable[[str | None], HandOvers]]:
    """Hand-overs over the desk's database, by the directory in which the street ended."""
    pool = await open_pool(desk.service.database_url)
    pipeline = Pipeline(pool, Vault({"k": b"0" * 32}, "k"))
    running = asyncio.create_task(pipeline.run())

    def hand_overs(successor: str | None) -> HandOvers:
        orders = aggregates.orders(LIMITS)
        return HandOvers(pool, pipeline, orders, lambda: without_street(successor), lambda: TODAY, 1.0)

    yield hand_overs
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await pool.close()


def test_a_unit_ends_after_its_last_day_and_whoever_succeeds_must_be_there() -> None:
    assert list(ended(without_street(OTHER), LAST_DAY)) == []
    assert list(ended(without_street(OTHER), TODAY)) == [(STREET, OTHER)]
    assert list(ended(without_street(None), TODAY)) == [(STREET, None)]


async def test_an_abolished_unit_hands_over_what_is_open_and_it_is_no_bounce(
    desk: Desk, sweep: Callable[[str | None], HandOvers]
) -> None:
    order = await desk.signed()
    await sweep(OTHER).look()
    after = await desk.order(order["id"])
    (duty,) = after["obligations"]
    assert (duty["unit"], duty["due"], after["status"]) == (OTHER, order["obligations"][0]["due"], "in_progress")
    assert (after["returns"], after["reassignments"]) == (0, 0)
    (handed,) = [data for name, data in await desk.history("order", order["id"]) if name == "handed_over"]
    assert (handed["successor"], handed["by"]) == (OTHER, "directory")
    await sweep(OTHER).look()
    assert (await desk.order(order["id"]))["version"] == after["version"], "once"


async def test_an_abolished_unit_that_nobody_succeeds_leaves_it_to_a_dispatcher(
    desk: Desk, sweep: Callable[[str | None], HandOvers]
) -> None:
    order = await desk.signed()
    await sweep(None).look()
    after = await desk.order(order["id"])
    assert (after["status"], after["queue_reason"]) == ("pending_dispatch", "unit_abolished")
