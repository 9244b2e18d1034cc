"""``dead-letters list | show | replay | discard``: what ``chassis.operations`` does over HTTP, and the bytes."""

import asyncio
import base64
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import typer
from pydantic import TypeAdapter

from chassis import dead_letters
from chassis.commands.terminal import (
    AN_ID,
    AsJson,
    checked,
    conclude,
    connected,
    operator,
    parts_of,
    pooled,
    say,
    settings_of,
    show_json,
    show_table,
)
from chassis.letter_sweeper import LetterSweeper
from chassis.operations import DeadLetter, Discard
from chassis.reader import Reader
from chassis.service import Service
from chassis.settings import Settings

T = TypeVar("T", bound=Settings)
_COLUMNS = {
    "id": "编号",
    "subject": "对象",
    "sequence": "序号",
    "reason": "原因",
    "attempts": "次数",
    "created_at": "时间",
    "resolution": "处理",
    "error": "错误",
}
_NOTE = TypeAdapter(Discard)
_ERROR_SHOWN = 60  # characters
_REPLAY_PATIENCE = 30.0  # seconds
LetterId = Annotated[str, typer.Argument(metavar="ID", help="死信编号")]


def add_dead_letters(app: typer.Typer, service: Service[T]) -> None:
    """Give a service's command line ``dead-letters``."""
    letters = typer.Typer(help="死信：处理不了、或排在处理不了的后面的事件。", no_args_is_help=True)
    app.add_typer(letters, name="dead-letters")

    @letters.command("list")
    def list_command(
        everything: Annotated[bool, typer.Option("--all", help="也列出处理过的")] = False,
        after: Annotated[str | None, typer.Option(metavar="ID", help="从这条之后列起")] = None,
        limit: Annotated[int, typer.Option(min=1, max=1000, help="最多列出几条")] = 50,
        as_json: AsJson = False,
    ) -> None:
        """列出死信，从旧到新。"""
        conclude(_list(settings_of(service), everything, after, limit, as_json))

    @letters.command("show")
    def show_command(letter_id: LetterId, as_json: AsJson = False) -> None:
        """显示一条死信的全部内容，包括原始字节。"""
        conclude(_show(settings_of(service), letter_id, as_json))

    @letters.command("replay")
    def replay_command(letter_id: LetterId, as_json: AsJson = False) -> None:
        """重新处理一条死信；仍然失败时以 1 结束。"""
        conclude(_replay(service, settings_of(service), letter_id, as_json))

    @letters.command("discard")
    def discard_command(
        letter_id: LetterId, note: Annotated[str, typer.Option(help="为什么丢弃")], as_json: AsJson = False
    ) -> None:
        """丢弃一条死信；排在它后面的继续处理。"""
        conclude(_discard(settings_of(service), letter_id, note, as_json))


async def _list(settings: Settings, everything: bool, after: str | None, limit: int, as_json: bool) -> bool:
    if after is not None:
        after = checked(AN_ID, after, "死信编号")
    async with connected(settings) as conn:
        rows = await dead_letters.listing(conn, unresolved=not everything, after=after, limit=limit)
    found = [DeadLetter(**row) for row in rows]
    if as_json:
        show_json([letter.model_dump(mode="json") for letter in found])
    else:
        show_table(_COLUMNS, [{**dict(letter), "error": letter.error[:_ERROR_SHOWN]} for letter in found])
    return True


async def _show(settings: Settings, letter_id: str, as_json: bool) -> bool:
    letter_id = checked(AN_ID, letter_id, "死信编号")
    async with connected(settings) as conn:
        letter = DeadLetter(**await dead_letters.fetch(conn, letter_id))
        record = await dead_letters.fetch_record(conn, letter_id, resolved=True)
    shown: dict[str, Any] = letter.model_dump(mode="json") | {
        "key": _bytes(record.key),
        "headers": [[name.encode("utf-8", "replace").decode(), _bytes(value)] for name, value in record.headers],
        "value": _bytes(record.value),
    }
    if as_json:
        show_json(shown)
        return True
    headers: Sequence[Any] = shown.pop("headers")
    for name, value in shown.items():
        say(f"{name}: {_line(value)}")
    for name, value in headers:
        say(f"header {name}: {_line(value)}")
    return True


def _bytes(value: bytes | None) -> dict[str, str] | None:
    """Bytes in base64, and as text where they are text."""
    if value is None:
        return None
    shown = {"base64": base64.b64encode(value).decode()}
    with suppress(UnicodeDecodeError):
        shown["utf8"] = value.decode()
    return shown


def _line(value: Any) -> object:
    if isinstance(value, dict):
        text = value.get("utf8", "")
        return text if text and text.isprintable() else f"base64 {value['base64']}"
    return "-" if value is None else value


async def _replay(service: Service[T], settings: T, letter_id: str, as_json: bool) -> bool:
    letter_id = checked(AN_ID, letter_id, "死信编号")
    async with parts_of(service, settings) as (runtime, parts):
        reader = Reader(parts.reactions, settings.topic_prefix)
        sweeper = LetterSweeper(runtime.pool, runtime.pipeline, reader, settings.sweep_seconds)
        running = asyncio.create_task(runtime.pipeline.run())
        try:
            async with asyncio.timeout(_REPLAY_PATIENCE):
                await sweeper.replay(letter_id, by=operator())
        finally:
            running.cancel()
            await asyncio.wait([running])
        letter = DeadLetter(**await dead_letters.fetch(runtime.pool, letter_id))
    _show_one(letter, as_json)
    return letter.resolution is not None


async def _discard(settings: Settings, letter_id: str, note: str, as_json: bool) -> bool:
    letter_id, body = checked(AN_ID, letter_id, "死信编号"), checked(_NOTE, {"note": note}, "理由（1 至 200 字）")
    async with pooled(settings) as pool:
        await dead_letters.discard(pool, letter_id, by=operator(), note=body.note, now=datetime.now(UTC))
        letter = DeadLetter(**await dead_letters.fetch(pool, letter_id))
    _show_one(letter, as_json)
    return True


def _show_one(letter: DeadLetter, as_json: bool) -> None:
    if as_json:
        show_json(letter.model_dump(mode="json"))
    else:
        done = {"replayed": "已重放", "discarded": "已丢弃", None: f"仍是死信（{letter.reason}）：{letter.error}"}
        say(f"{letter.id} {done[letter.resolution]}")
