"""``epoch`` and ``rewind``: what is done when a database was put back to an earlier time."""

from dataclasses import asdict
from typing import Annotated, TypeVar

import typer

from chassis import operator_actions
from chassis.commands.terminal import (
    AN_INSTANT,
    AsJson,
    Refused,
    Unusable,
    checked,
    conclude,
    connected,
    operator,
    say,
    settings_of,
    show_json,
    show_table,
)
from chassis.epochs import StillServing, Subject, UnknownEpoch, accept_epoch, raise_epoch
from chassis.rewind import MembersActive, rewind
from chassis.service import Service
from chassis.settings import Settings
from contracts.topics import TOPICS

T = TypeVar("T", bound=Settings)
_SUBJECTS = {
    "subject": "对象",
    "handled": "已处理到",
    "epoch": "新纪元",
    "first": "新纪元从",
    "waiting": "死信",
    "outcome": "结果",
}
_MOVES = {"topic": "主题", "partition": "分区", "before": "原偏移", "after": "新偏移"}
_OWN = "SELECT epoch FROM publisher"
_ACCEPTED = "SELECT source, epoch FROM accepted_epochs ORDER BY source"


def add_restore(app: typer.Typer, service: Service[T]) -> None:
    """Give a service's command line ``epoch`` and ``rewind``."""

    @app.command("epoch")
    def epoch_command(
        next_one: Annotated[bool, typer.Option("--raise", help="本服务的库恢复到了过去：开始新纪元")] = False,
        accept: Annotated[
            tuple[str, int] | None, typer.Option(metavar="SOURCE N", help="看过之后，接受来源的纪元 N，例如 /router 2")
        ] = None,
        diverged: Annotated[
            bool,
            typer.Option("--diverged", help="与 --accept 同用：有分歧的对象也接受，从新纪元的第一个事件起处理"),
        ] = False,
        as_json: AsJson = False,
    ) -> None:
        """显示、升高或接受纪元（ce_epoch）；接受后仍有分歧的对象时以 1 结束。"""
        if (next_one and accept is not None) or (diverged and accept is None):
            raise typer.BadParameter("--raise 与 --accept 只能用一个，--diverged 只与 --accept 同用")
        settings = settings_of(service)
        if next_one:
            conclude(_raise(settings, as_json))
        elif accept is not None:
            conclude(_accept(settings, *accept, diverged, as_json))
        else:
            conclude(_show(settings, as_json))

    @app.command("rewind")
    def rewind_command(
        to: Annotated[str, typer.Option(help="带时区的 ISO 时间；应早于备份的时刻")], as_json: AsJson = False
    ) -> None:
        """停止服务后，把消费位置退回到某一时刻；处理过的会被认出而跳过。"""
        conclude(_rewind(service, settings_of(service), to, as_json))


async def _show(settings: Settings, as_json: bool) -> bool:
    async with connected(settings) as conn:
        own, accepted = await conn.fetchval(_OWN), await conn.fetch(_ACCEPTED)
    if as_json:
        show_json({"own": own, "accepted": {row["source"]: row["epoch"] for row in accepted}})
    else:
        say(f"本服务的纪元：{own}")
        for row in accepted:
            say(f"接受了 {row['source']} 的纪元 {row['epoch']}")
    return True


async def _raise(settings: Settings, as_json: bool) -> bool:
    async with connected(settings) as conn:
        try:
            epoch = await raise_epoch(conn, operator())
        except StillServing:
            raise Refused("服务还在运行：先停止它的所有进程，再升高纪元") from None
    if as_json:
        show_json({"own": epoch})
    else:
        say(f"本服务的纪元现在是 {epoch}")
    return True


async def _accept(settings: Settings, source: str, epoch: int, diverged: bool, as_json: bool) -> bool:
    owners = sorted({f"/{topic.owner}" for topic in TOPICS.values()})
    if source not in owners:
        raise Unusable(f"来源是 {'、'.join(owners)} 之一，没有 {source}")
    async with connected(settings) as conn:
        try:
            subjects = await accept_epoch(conn, source, epoch, diverged=diverged, actor=operator())
        except UnknownEpoch as known:
            raise Refused(f"没有见过 {source} 的纪元 {epoch}；已知最新的是 {known}，最多可接受下一个") from None
    left = sum(not subject.accepted for subject in subjects)
    if as_json:
        show_json({"source": source, "epoch": epoch, "left": left, "subjects": [_row(one) for one in subjects]})
    else:
        if subjects:
            show_table(_SUBJECTS, [_row(subject) for subject in subjects])
        say(f"接受了 {source} 的纪元 {epoch}；{len(subjects)} 个对象有扣下的事件，其中 {left} 个因分歧仍然扣着")
    return left == 0


def _row(subject: Subject) -> dict[str, object]:
    """One subject as it is shown."""
    outcome = "继续" if not subject.diverged else "从新纪元重新处理" if subject.accepted else "有分歧，仍然扣着"
    return {
        "subject": subject.subject,
        "handled": subject.handled,
        "epoch": subject.epoch,
        "first": subject.first,
        "waiting": len(subject.letters),
        "diverged": subject.diverged,
        "accepted": subject.accepted,
        "outcome": outcome,
    }


async def _rewind(service: Service[T], settings: T, to: str, as_json: bool) -> bool:
    time = checked(AN_INSTANT, to, "时间")
    topics = [settings.topic_prefix + topic for topic in service.topics]
    async with connected(settings) as conn:
        try:
            moves = await rewind(settings.kafka_bootstrap_servers, settings.consumer_group, topics, time)
        except MembersActive as error:
            raise Refused(f"消费组里还有 {error} 个成员：先停止服务的所有进程") from None
        moved = [asdict(move) for move in moves]
        async with conn.transaction():
            await operator_actions.note(conn, operator(), "rewind", to=time.isoformat(), moves=moved)
    if as_json:
        show_json({"to": time.isoformat(), "moves": moved})
    else:
        show_table(_MOVES, moved)
        say(f"退回了 {len(moved)} 个分区")
    return True
