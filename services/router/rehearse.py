"""``rehearse``: the past orders through changed data or limits, read-only, before anybody changes anything."""

import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Any

import typer

from chassis.commands.terminal import (
    AsJson,
    Refused,
    Unusable,
    conclude,
    connected,
    say,
    settings_of,
    show_json,
    show_table,
)
from chassis.database import Conn
from chassis.limits import Limits, LimitsError
from chassis.reference import CITY, tables_of, today, version_in_force
from chassis.service import Service
from chassis.tables import BadTable
from services.router import reference_tables
from services.router.history import histories, opened_between
from services.router.reference_data import RouterReference
from services.router.rehearsal import LATENESS_ZH, TURN_ZH, Change, Lateness, Report, Turn, Units, rehearse
from services.router.settings import RouterSettings

DAY = ["%Y-%m-%d"]
REHEARSED = "rehearsed"
LimitsOf = Callable[[RouterSettings, Path | None], Limits]
"""The settings' limits, or those of a file laid over the default ones."""


def add_rehearse(app: typer.Typer, service: Callable[[], Service[RouterSettings]], limits_of: LimitsOf) -> None:
    """Give the router's command line ``rehearse``."""

    @app.command("rehearse")
    def rehearse_command(
        since: Annotated[datetime, typer.Option("--from", formats=DAY, help="从哪一天起生成的工单")],
        rules: Annotated[Path | None, typer.Option(help="改动后的目录或单个文件 catalogue、units、streets.csv")] = None,
        limits: Annotated[Path | None, typer.Option(help="改动后的时限文件，写法同 LIMITS_FILE")] = None,
        until: Annotated[datetime | None, typer.Option("--to", formats=DAY, help="到哪一天止；省略为今天")] = None,
        on: Annotated[datetime | None, typer.Option(formats=DAY, help="按数据在哪一天的样子；省略为今天")] = None,
        examples: Annotated[int, typer.Option(min=0, max=100, help="每类列出几个工单编号")] = 5,
        as_json: AsJson = False,
    ) -> None:
        """预演：让过去的工单按改动后的数据或时限再走一遍，报告会有什么不同；只读，不改任何数据。"""
        settings = settings_of(service())
        days = (since.date(), until.date() if until else today(), on.date() if on else today())
        conclude(_rehearse(settings, limits_of, (rules, limits), days, examples, as_json))


async def _rehearse(
    settings: RouterSettings,
    limits_of: LimitsOf,
    files: tuple[Path | None, Path | None],
    days: tuple[date, date, date],
    examples: int,
    as_json: bool,
) -> bool:
    rules, limits_file = files
    since, until, on = days
    if rules is None and limits_file is None:
        raise Unusable("请用 --rules 或 --limits 给出改动后的文件")
    try:
        limits = limits_of(settings, limits_file)
    except LimitsError as error:
        raise Refused(f"时限文件不能用：{error}") from error
    async with reading(settings) as conn:
        reference = None if rules is None else await _changed(conn, rules)
        report = Report(examples)
        await run(conn, Change(reference, limits, on, datetime.now(UTC)), since, until, report)
        names = reference or await _in_force(conn)
    shown = {"from": since, "to": until, "on": on, "rules": rules, "limits": limits_file} | as_document(report)
    if as_json:
        show_json(shown)
    else:
        _tell(shown, names)
    return True


async def run(conn: Conn, change: Change, since: date, until: date, report: Report) -> None:
    """Rehearse every order that was opened on these days, both included, a page at a time."""
    first = datetime.combine(since, time.min, CITY)
    last = datetime.combine(until, time.max, CITY)
    async for page in opened_between(conn, first, last):
        for id_, history in (await histories(conn, page)).items():
            report.add(id_, rehearse(history, change))


@asynccontextmanager
async def reading(settings: RouterSettings) -> AsyncIterator[Conn]:
    """The database as it is at this moment; whoever tried to write would be refused."""
    async with connected(settings) as conn, conn.transaction(isolation="repeatable_read", readonly=True):
        # A plan for any values would read the whole history for every page.
        await conn.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        yield conn


async def _changed(conn: Conn, rules: Path) -> RouterReference:
    """The files, laid over the version in force where it is but one of them. Every fault is told, line by line."""
    try:
        tables = reference_tables.read_some(rules)
        version = await version_in_force(conn, today())
        below = {} if version is None else await tables_of(conn, version)
        if missing := reference_tables.FILES.keys() - below.keys() - tables.keys():
            raise Unusable(f"还没有载入参考数据（load-reference），请给出整个目录：缺 {'、'.join(sorted(missing))}")
        return reference_tables.build(REHEARSED, {**below, **tables})
    except BadTable as error:
        sys.stderr.write(f"{error}\n")
        raise Refused(f"数据文件不能用，有 {len(error.faults)} 处错误") from error


async def _in_force(conn: Conn) -> RouterReference | None:
    version = await version_in_force(conn, today())
    return None if version is None else reference_tables.build(version, await tables_of(conn, version))


def as_document(report: Report) -> dict[str, Any]:
    """The report for programs. ``routing`` is null where only limits were changed; its counts add up to ``orders``."""
    return {
        "orders": report.orders,
        "routing": {turn.value: report.turns[turn] for turn in Turn} if report.turns else None,
        "pairs": [
            {
                "turn": turn.value,
                "from": list(was),
                "to": list(would),
                "count": count,
                "examples": report.examples["pair", turn, was, would],
            }
            for (turn, was, would), count in report.pairs.most_common()
        ],
        "needs_dispatcher": [
            {
                "reason": reason,
                "count": count,
                "desks": [
                    {"desk": desk, "count": number}
                    for (why, desk), number in report.desks.most_common()
                    if why == reason
                ],
                "examples": report.examples["reason", reason],
            }
            for reason, count in report.reasons.most_common()
        ],
        "contact": _lateness(report, "contact", report.contact),
        "result": _lateness(report, "result", report.result),
    }


def _lateness(report: Report, what: str, counts: Mapping[Lateness, int]) -> dict[str, Any]:
    moved = (Lateness.NEWLY, Lateness.NO_MORE)
    examples = {f"{kind.value}_examples": report.examples.get((what, kind), []) for kind in moved}
    return {kind.value: counts.get(kind, 0) for kind in Lateness} | examples


def _tell(shown: Mapping[str, Any], names: RouterReference | None) -> None:
    say(f"{shown['from']} 至 {shown['to']} 生成的工单 {shown['orders']} 个，没有改动任何数据")
    if shown["routing"] is not None:
        say("")
        rows = [{"what": TURN_ZH[turn], "count": shown["routing"][turn.value]} for turn in Turn]
        show_table({"what": "派单", "count": "工单数"}, rows)
    if shown["pairs"]:
        say("")
        show_table(
            {"turn_zh": "变化", "was": "原单位", "would": "改后单位", "count": "工单数", "ids": "例"},
            [
                pair
                | {
                    "turn_zh": TURN_ZH[Turn(pair["turn"])],
                    "was": _named(pair["from"], names),
                    "would": _named(pair["to"], names),
                    "ids": " ".join(pair["examples"]),
                }
                for pair in shown["pairs"]
            ],
        )
    for row in shown["needs_dispatcher"]:
        desks = "、".join(f"{_desk(one['desk'], names)} {one['count']} 个" for one in row["desks"])
        say(f"改为需人工派单（{row['reason']}）{row['count']} 个（{desks}）：{' '.join(row['examples'])}")
    say("")
    rows = [{"what": LATENESS_ZH[k], "contact": shown["contact"][k], "result": shown["result"][k]} for k in Lateness]
    show_table({"what": "首轮办理", "contact": "联系诉求人", "result": "办理结果"}, rows)
    for what, name in (("contact", "联系诉求人"), ("result", "办理结果")):
        for kind in (Lateness.NEWLY, Lateness.NO_MORE):
            if ids := shown[what][f"{kind.value}_examples"]:
                say(f"{name}{LATENESS_ZH[kind]}，例：{' '.join(ids)}")


def _desk(desk: str | None, names: RouterReference | None) -> str:
    return "市派单员" if desk is None else f"{_named((desk,), names)}分中心"


def _named(units: Units, names: RouterReference | None) -> str:
    known = names.units if names else {}
    return "、".join(known[unit].name_zh if unit in known else unit for unit in units)
