"""`consumer` and `relay`: the router between its topics and its database, beside others that do the same work.

It takes `issue.accepted` to a committed, dispatched order while its relay is kept away by the relay's own lock; what it
has made is then published. Rates are read from the rows' times, so that starting a process does not count. All read
the same topic, each in a consumer group and with a database of its own.
"""

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bench import contenders, databases
from bench.contenders.order_rows import OrderRows
from bench.contest import Try, steady_rate
from bench.records import accepted, publish
from stack.fleet import Fleet
from stack.local import Ground

TOPIC = "intake.issues"
SECONDS = 300.0
HANDLED = "SELECT count(*) FROM inbox"
EVENTS = "SELECT count(*) FROM events"
PUBLISHED = "SELECT count(*) FROM events WHERE published_at IS NOT NULL"
WHEN_HANDLED = "SELECT extract(epoch FROM recorded_at)::float8, count(*) FROM events WHERE version = 1 GROUP BY 1"
WHEN_PUBLISHED = "SELECT extract(epoch FROM published_at)::float8, count(*) FROM events GROUP BY 1"
SAMPLE = """
SELECT o.version, o.state::text, o.traceparent,
       (SELECT jsonb_agg(jsonb_build_object('version', e.version, 'type', e.type, 'data', e.data::text,
                                            'meta', e.meta::text) ORDER BY e.version)::text
        FROM events e WHERE e.id = o.id) AS events,
       (SELECT jsonb_agg(jsonb_build_object('name', d.name,
                                            'seconds', extract(epoch FROM d.due_at - o.updated_at)))::text
        FROM deadlines d WHERE d.id = o.id) AS deadlines
FROM orders o LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Work:
    """How many records there are, and after how many those stop who take them one by one."""

    records: int
    one_by_one: int


class Contest:
    """The tries; ``original`` is a fleet whose databases are prepared and not in use. Call ``prepare`` first."""

    def __init__(self, ground: Ground, original: Fleet, folder: Path, work: Work) -> None:
        self._ground = ground
        self._original = original
        self._prefix = original.topic_prefix
        self._file = folder / "order_rows.json"
        self._work = work

    async def prepare(self) -> None:
        """Publish what everybody consumes."""
        await publish(self._ground.surroundings.kafka, self._topic, accepted(self._work.records))

    @property
    def tries(self) -> dict[str, Try]:
        """By contender; ours comes first, because the others write what it has written."""
        return {
            "ours": self._ours,
            "bare": self._bare,
            "faststream": self._one_by_one("faststream_consumer"),
            "faust": self._one_by_one("faust_consumer"),
        }

    @property
    def _topic(self) -> str:
        return f"{self._prefix}{TOPIC}"

    async def _ours(self, number: int) -> Mapping[str, float]:
        name = f"ours{number}"
        async with self._database(name) as dsn:
            env = {"router": {"DATABASE_URL": dsn, "CONSUMER_GROUP": name}}
            around, logs = self._ground.surroundings, self._ground.logs
            fleet = Fleet(self._ground.children, around, logs, topic_prefix=self._prefix, extra_env=env)
            async with databases.without_relay(dsn):
                fleet.start("router")
                await self._until(dsn, HANDLED, self._work.records)
                consumed = steady_rate(await _times(dsn, WHEN_HANDLED))
                if not self._file.exists():
                    self._file.write_text(json.dumps(asdict(await sample(dsn))))
            await self._until(dsn, PUBLISHED, await databases.value(dsn, EVENTS))
            fleet.stop("router")
            return {"consumer": consumed, "relay": steady_rate(await _times(dsn, WHEN_PUBLISHED))}

    async def _bare(self, number: int) -> Mapping[str, float]:
        name = f"bare{number}"
        async with self._database(name) as dsn:
            await self._consume("bare_consumer", name, dsn, self._work.records)
            consumed = steady_rate(await _times(dsn, WHEN_HANDLED))
            await contenders.run("bare_relay", self._ground.surroundings.kafka, f"{self._prefix}router.orders", dsn)
            return {"consumer": consumed, "relay": steady_rate(await _times(dsn, WHEN_PUBLISHED))}

    def _one_by_one(self, module: str) -> Try:
        async def attempt(number: int) -> Mapping[str, float]:
            name = f"{module}{number}"
            async with self._database(name) as dsn:
                await self._consume(module, name, dsn, self._work.one_by_one)
                return {"consumer": steady_rate(await _times(dsn, WHEN_HANDLED))}

        return attempt

    async def _consume(self, module: str, group: str, dsn: str, records: int) -> None:
        kafka = self._ground.surroundings.kafka
        with contenders.running(self._ground, module, kafka, self._topic, group, dsn, str(self._file)):
            await self._until(dsn, HANDLED, records)

    async def _until(self, dsn: str, query: str, wanted: int) -> None:
        await databases.until(dsn, query, wanted, SECONDS, self._ground.children.check)

    @asynccontextmanager
    async def _database(self, name: str) -> AsyncGenerator[str]:
        admin, original = self._ground.surroundings.database_url, urlsplit(self._original.database_url("router")).path
        async with databases.copy_of(admin, original.removeprefix("/"), f"qc_{name}") as dsn:
            yield dsn


async def _times(dsn: str, query: str) -> list[tuple[float, int]]:
    return [(at, count) for at, count in await databases.rows(dsn, query)]


async def sample(dsn: str) -> OrderRows:
    """What the router has made of one record."""
    ((version, state, traceparent, events, deadlines),) = await databases.rows(dsn, SAMPLE)
    return OrderRows(version, state, traceparent, json.loads(events), json.loads(deadlines))
