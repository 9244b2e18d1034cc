"""``check`` and ``republish``: is the history whole, and telling it again."""

import sys
from typing import Annotated, TypeVar

import typer
from aiokafka.errors import KafkaError

from chassis import operator_actions
from chassis.check_api import CheckShown
from chassis.commands.terminal import (
    AN_ID,
    AN_INSTANT,
    AsJson,
    Unusable,
    checked,
    conclude,
    operator,
    parts_of,
    pooled,
    say,
    settings_of,
    show_json,
)
from chassis.outbox import NotAcknowledged
from chassis.republish import Bound, Part, Published, republish
from chassis.service import Service, checker
from chassis.settings import Settings
from contracts.topics import TOPICS

T = TypeVar("T", bound=Settings)


def add_history(app: typer.Typer, service: Service[T]) -> None:
    """Give a service's command line ``check`` and ``republish``."""

    @app.command("check")
    def check_command(
        shown: Annotated[int, typer.Option(min=1, help="每类问题最多列出几条")] = 20, as_json: AsJson = False
    ) -> None:
        """检查数据库是否自洽，只读；发现问题时以 1 结束。"""
        conclude(_check(service, settings_of(service), shown, as_json))

    @app.command("republish")
    def republish_command(
        aggregate: Annotated[str, typer.Option(help="对象种类，例如 order")],
        since: Annotated[str, typer.Option("--from", help="从哪里起：带时区的 ISO 时间，或 events 的 position")],
        until: Annotated[str | None, typer.Option("--to", help="到哪里止，写法同上；省略为最后")] = None,
        aggregate_id: Annotated[str | None, typer.Option("--id", help="只发这一个对象的")] = None,
        as_json: AsJson = False,
    ) -> None:
        """把已经发布过的事件按原样再发布一遍；消费者认得出重复。"""
        conclude(_republish(service, settings_of(service), aggregate, (since, until), aggregate_id, as_json))


async def _check(service: Service[T], settings: T, shown: int, as_json: bool) -> bool:
    async with parts_of(service, settings) as (runtime, parts):
        findings = await checker(service, runtime, parts).run(shown=shown)
    if as_json:
        show_json(CheckShown.of(findings).model_dump(mode="json"))
    else:
        for finding in findings.kept:
            say(str(finding))
        outcome = "、".join(f"{code} {count}" for code, count in sorted(findings.counts.items())) or "没有发现问题"
        say(f"检查了 {findings.aggregates} 个对象、{findings.events} 个事件：{outcome}")
    return not findings.counts


async def _republish(
    service: Service[T],
    settings: T,
    aggregate: str,
    bounds: tuple[str, str | None],
    aggregate_id: str | None,
    as_json: bool,
) -> bool:
    own = sorted(topic.aggregate for topic in TOPICS.values() if topic.owner == service.name)
    if aggregate not in own:
        raise Unusable(f"本服务发布的对象是 {'、'.join(own)}，没有 {aggregate}")
    since, until = _bound(bounds[0]), None if bounds[1] is None else _bound(bounds[1])
    part = Part(aggregate, since, until, None if aggregate_id is None else checked(AN_ID, aggregate_id, "对象编号"))
    done = Published()
    async with pooled(settings) as pool:
        async with pool.acquire() as conn, conn.transaction():
            asked = {"aggregate": aggregate, "from": bounds[0], "to": bounds[1], "id": aggregate_id}
            await operator_actions.note(conn, operator(), "republish", **asked)
        try:
            await republish(pool, settings.kafka_bootstrap_servers, service.name, settings.topic_prefix, part, done)
        except (KafkaError, NotAcknowledged, OSError, TimeoutError):
            sys.stderr.write(f"中断：重新发布了 {done.events} 个事件，到 position {done.position} 为止\n")
            raise
    if as_json:
        show_json({"events": done.events, "position": done.position})
    else:
        say(f"重新发布了 {done.events} 个事件，最后一个的 position 是 {done.position}")
    return True


def _bound(text: str) -> Bound:
    return int(text) if text.isdecimal() and len(text) < 19 else checked(AN_INSTANT, text, "时间或 position")
