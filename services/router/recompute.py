"""``recompute-limits``: open orders through the pipeline, after the calendar has changed (docs/adr/0015)."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial, reduce
from typing import Annotated

import typer
from asyncpg.pool import Pool

from chassis.aggregate import To
from chassis.calendar_history import CalendarHistory, name_of, read
from chassis.commands.terminal import AsJson, Unusable, conclude, operator, parts_of, say, settings_of, show_json
from chassis.limits import Limits
from chassis.pipeline import Pipeline
from chassis.service import Service
from chassis.work import Work
from chassis.working_time import WORKING_UNITS
from services.router.aggregates import Orders, orders
from services.router.history import History, histories, open_orders
from services.router.order_recount import RecountLimits
from services.router.recount import recount
from services.router.settings import RouterSettings

Find = Callable[[History], RecountLimits | None]
DryRun = Annotated[bool, typer.Option("--dry-run", help="只说会改动多少，不改")]


@dataclass(slots=True)
class Outcome:
    """What came of it. ``kept``: shorter limits would have made somebody late; ``meanwhile``: the order had changed."""

    calendar: str
    looked_at: int = 0
    moved: int = 0
    promises: int = 0
    kept: int = 0
    meanwhile: int = 0

    def count(self, command: RecountLimits, happened: bool) -> None:
        """Count what the rule made of a recount."""
        self.moved += happened
        self.kept += not happened
        self.promises += happened and command.lengthens_promise


def add_recompute_limits(
    app: typer.Typer, service: Callable[[], Service[RouterSettings]], limits_of: Callable[[RouterSettings], Limits]
) -> None:
    """Give the router's command line ``recompute-limits [--dry-run] [--json]``."""

    @app.command("recompute-limits")
    def recompute_limits(dry_run: DryRun = False, as_json: AsJson = False) -> None:
        """放假安排公布后，按新日历重算未办结工单的时限；可重复执行。"""
        settings = settings_of(service())
        conclude(_recompute(service(), settings, limits_of(settings), dry_run, as_json))


async def _recompute(
    service: Service[RouterSettings], settings: RouterSettings, limits: Limits, dry_run: bool, as_json: bool
) -> bool:
    async with parts_of(service, settings) as (runtime, _):
        calendars = await _calendars(runtime.pool, limits)
        outcome = Outcome(calendars.latest_name)
        running = asyncio.create_task(runtime.pipeline.run())
        try:
            find = partial(recount, calendars=calendars, in_working_time=partial(_in_working_time, limits))
            await _all(runtime.pool, None if dry_run else runtime.pipeline, orders(limits), find, outcome)
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
    if as_json:
        show_json(asdict(outcome) | {"dry_run": dry_run})
    else:
        verb = "会重算" if dry_run else "重算了"
        say(f"按日历 {outcome.calendar} 看了 {outcome.looked_at} 个未办结工单，{verb} {outcome.moved} 个")
        say(f"其中承诺时间推后 {outcome.promises} 个；缩短会造成逾期而不动 {outcome.kept} 个")
        if outcome.meanwhile:
            say(f"有 {outcome.meanwhile} 个工单期间有变动，请再执行一次")
    return not outcome.meanwhile


async def _calendars(pool: Pool, limits: Limits) -> CalendarHistory:
    async with pool.acquire() as conn:
        calendars = await read(conn)
    if calendars is None or calendars.latest_name != name_of(limits.calendar):
        raise Unusable("router 服务还没有用上这份日历：先以新的 LIMITS_FILE 或新版本重启全部进程，再重算")
    return calendars


async def _all(pool: Pool, pipeline: Pipeline | None, aggregate: Orders, find: Find, outcome: Outcome) -> None:
    async with pool.acquire() as conn:
        async for page in open_orders(conn):
            outcome.looked_at += len(page)
            found = await histories(conn, list(page))
            asked = {id_: command for id_, history in found.items() if (command := find(history)) is not None}
            if pipeline is not None:
                await _submit(pipeline, aggregate, asked, page, outcome)
                continue
            for id_, command in asked.items():
                order = reduce(aggregate.evolve, (event for _, event in found[id_]), aggregate.initial)
                happened = aggregate.decide(order, command, aggregate.context(id_, datetime.now(UTC)))
                outcome.count(command, bool(happened))


async def _submit(
    pipeline: Pipeline, aggregate: Orders, asked: Mapping[str, RecountLimits], page: Mapping[str, int], outcome: Outcome
) -> None:
    identity = f"recompute-limits/{outcome.calendar}"
    work = [Work([To(aggregate, id_, asked[id_])], operator(), f"{identity}/{id_}/{page[id_]}") for id_ in asked]
    for id_, (after,) in zip(asked, await asyncio.gather(*map(pipeline.submit, work)), strict=True):
        if after.version > page[id_] + 1:
            outcome.meanwhile += 1
        else:
            outcome.count(asked[id_], after.version > page[id_])


def _in_working_time(limits: Limits, name: str) -> bool:
    return limits[name].unit in WORKING_UNITS
