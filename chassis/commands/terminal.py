"""How commands speak: tables or JSON on standard output, one line per error on standard error, exit codes."""

import asyncio
import getpass
import json
import os
import sys
import unicodedata
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Annotated, Any, TypeVar

import asyncpg
import typer
from aiokafka.errors import KafkaError
from asyncpg.pool import Pool
from pydantic import TypeAdapter, ValidationError

from chassis import logs
from chassis.database import open_pool
from chassis.errors import ProblemError
from chassis.outbox import NotAcknowledged
from chassis.requests import Instant
from chassis.service import Parts, Runtime, Service, assembled
from chassis.settings import Settings, load
from contracts.codes import Id
from contracts.rejected import Rejected

T = TypeVar("T", bound=Settings)
V = TypeVar("V")
AN_ID: TypeAdapter[str] = TypeAdapter(Id)
AN_INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)
AsJson = Annotated[bool, typer.Option("--json", help="以 JSON 输出")]
_BUILD_PATIENCE = 20.0  # seconds


class Refused(Exception):
    """The command cannot be carried out as things are; its text is Chinese, for people."""


class Unusable(Exception):
    """The command was wrongly used, or what it needs is not there; its text is Chinese, for people."""


def conclude(work: Coroutine[Any, Any, bool]) -> None:
    """Run a command to its end, and end the process with the exit code that fits; True means success."""
    try:
        succeeded = asyncio.run(work)
    except (Refused, Rejected, ProblemError) as refusal:
        _fail(1, str(refusal))
    except Unusable as error:
        _fail(2, str(error))
    except asyncpg.UndefinedTableError:
        _fail(2, "数据库结构不是最新的，请先执行 migrate")
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        _fail(2, f"数据库：{type(error).__name__}: {error}")
    except (KafkaError, NotAcknowledged) as error:
        _fail(2, f"Kafka：{error or type(error).__name__}")
    except (OSError, TimeoutError) as error:
        _fail(2, f"连不上，或没有在规定时间内应答：{type(error).__name__} {error}")
    if not succeeded:
        raise typer.Exit(1)


def _fail(code: int, message: str) -> None:
    sys.stderr.write(f"{' '.join(message.split())}\n")
    raise typer.Exit(code)


def settings_of(service: Service[T]) -> T:
    """The service's settings; logs go to standard error from here on, so that standard output is the answer."""
    settings = load(service.settings)
    logs.configure(service.name, "WARNING", sys.stderr)
    return settings


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """One connection to the service's database; it does not wait for a server that is not there."""
    dsn = settings.database_url.get_secret_value()
    conn = await asyncpg.connect(dsn, timeout=5, server_settings={"application_name": "qingcheng"})
    try:
        yield conn
    finally:
        await conn.close(timeout=2)


@asynccontextmanager
async def pooled(settings: Settings) -> AsyncIterator[Pool]:
    """A pool on the service's database; it does not wait for a server that is not there either."""
    async with connected(settings):
        pool = await open_pool(settings.database_url.get_secret_value(), size=1)
    try:
        yield pool
    finally:
        await pool.close()


@asynccontextmanager
async def parts_of(service: Service[T], settings: T) -> AsyncIterator[tuple[Runtime[T], Parts]]:
    """The service's parts, put together on its database but not running. Raises Unusable if that takes too long."""
    async with connected(settings):  # says at once what is wrong with the database
        pass
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(_BUILD_PATIENCE):
                put_together = await stack.enter_async_context(assembled(service, settings))
        except TimeoutError:
            raise Unusable("服务装配不起来，多半是还没有载入参考数据（load-reference）") from None
        yield put_together


def operator() -> str:
    """Who works here, as it is written down."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # a container's user need not have a name
        return f"cli:{os.getuid()}"


def checked(adapter: TypeAdapter[V], value: object, what: str) -> V:
    """An argument as its type. Raises Unusable, naming ``what`` it should be."""
    try:
        return adapter.validate_python(value)
    except ValidationError:
        raise Unusable(f"{what}不正确：{value}") from None


def show_json(value: object) -> None:
    """Print a value as JSON."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=_text) + "\n")


def show_table(columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Print rows under Chinese headings; ``columns`` are key -> heading, in order."""
    cells = [list(columns.values()), *([_text(row[key]) for key in columns] for row in rows)]
    widths = [max(_width(line[at]) for line in cells) for at in range(len(columns))]
    for line in cells:
        padded = (cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True))
        sys.stdout.write("  ".join(padded).rstrip() + "\n")


def say(line: str) -> None:
    """Print one line."""
    sys.stdout.write(f"{line}\n")


def _text(value: object) -> str:
    match value:
        case None:
            return "-"
        case datetime():
            return value.isoformat(timespec="seconds")
        case _:
            return " ".join(str(value).split())


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
