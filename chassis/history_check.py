"""Does every aggregate's history lead to the state and the timers that are stored? Streamed in the order of ids."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import asyncpg
from pydantic import ValidationError

from chassis.aggregate import Aggregate
from chassis.database import Conn
from chassis.findings import Findings
from contracts.event import Event
from contracts.topics import event_class

_STATES = "SELECT id::text, version, state::text FROM <table> ORDER BY <table>.id"
_EVENTS = (
    "SELECT id::text, version, type, data::text, recorded_at FROM events "
    "WHERE aggregate = $1 ORDER BY events.id, version"
)
_TIMERS = "SELECT id::text, name, due_at FROM deadlines WHERE aggregate = $1 ORDER BY deadlines.id, name"
_CLOCK_TOLERANCE = timedelta(minutes=1)
_FETCH = 200  # rows of a cursor at a time


class _Stream:
    """Rows in the order of their first column, an id, handed out id by id."""

    def __init__(self, rows: AsyncIterator[asyncpg.Record]) -> None:
        self._rows = rows
        self._next: asyncpg.Record | None = None

    async def start(self) -> None:
        self._next = await anext(self._rows, None)

    @property
    def id(self) -> str | None:
        """Whose rows come next; None at the end."""
        return None if self._next is None else self._next[0]

    async def take(self, id_: str) -> list[asyncpg.Record]:
        """The rows of ``id_``, if it is its turn."""
        taken = []
        while self._next is not None and self._next[0] == id_:
            taken.append(self._next)
            self._next = await anext(self._rows, None)
        return taken


async def check_histories(
    conn: Conn, aggregate: Aggregate[Any, Any, Any], findings: Findings, now: datetime
) -> AsyncGenerator[None]:
    """Examine all aggregates of one kind, inside a transaction; yields after each, so that the caller may stop."""
    states = _Stream(aiter(conn.cursor(_STATES.replace("<table>", aggregate.table), prefetch=_FETCH)))
    events = _Stream(aiter(conn.cursor(_EVENTS, aggregate.name, prefetch=_FETCH)))
    timers = _Stream(aiter(conn.cursor(_TIMERS, aggregate.name, prefetch=_FETCH)))
    streams = (states, events, timers)
    for stream in streams:
        await stream.start()
    while ids := [stream.id for stream in streams if stream.id is not None]:
        id_ = min(ids)
        examined = _Examined(aggregate, id_, findings, now)
        examined.look(*[await stream.take(id_) for stream in streams])
        yield


class _Examined:
    """One aggregate under examination."""

    def __init__(self, aggregate: Aggregate[Any, Any, Any], id_: str, findings: Findings, now: datetime) -> None:
        self._aggregate = aggregate
        self._where = f"{aggregate.name}/{id_}"
        self._findings = findings
        self._now = now

    def look(
        self, states: Sequence[asyncpg.Record], events: Sequence[asyncpg.Record], timers: Sequence[asyncpg.Record]
    ) -> None:
        self._findings.aggregates += 1
        self._findings.events += len(events)
        is_gapless = self._check_versions(states, events)
        folded = self._fold(events) if is_gapless else None
        state = None
        if states:
            state = self._read(states[0]["state"])
            if state is not None and folded is not None and not self._same(state, folded):
                self._found("state.differs", "状态不等于事件的折叠")
        if state is not None or not (states or events):
            self._check_timers(state, timers)

    def _found(self, code: str, detail: str) -> None:
        self._findings.add(code, self._where, detail)

    def _check_versions(self, states: Sequence[asyncpg.Record], events: Sequence[asyncpg.Record]) -> bool:
        """Whether the events are 1, 2, 3, … and the row is at the last of them."""
        versions = [event["version"] for event in events]
        missing = next((n for n, version in enumerate(versions, 1) if n != version), None)
        if missing is not None:
            self._found("history.gap", f"没有第 {missing} 个事件")
        if events and not states:
            self._found("history.row_missing", f"有 {len(events)} 个事件而没有状态")
        if states and not events:
            self._found("history.missing", f"状态的版本是 {states[0]['version']}，没有事件")
        elif states and versions[-1] != states[0]["version"]:
            self._found("history.version", f"状态的版本是 {states[0]['version']}，最后的事件是第 {versions[-1]} 个")
        if any(event["recorded_at"] > self._now + _CLOCK_TOLERANCE for event in events):
            self._found("history.future", "有事件的时间在将来")
        return missing is None and bool(states) and bool(events) and versions[-1] == states[0]["version"]

    def _fold(self, events: Sequence[asyncpg.Record]) -> Any:
        state = self._aggregate.initial
        for row in events:
            event = self._parse(row)
            if event is None:
                return None
            try:
                state = self._aggregate.evolve(state, event)
            except Exception as error:  # the finding is exactly that the rule cannot
                self._found("state.unfoldable", f"第 {row['version']} 个事件：{type(error).__name__}")
                return None
        return state

    def _parse(self, row: asyncpg.Record) -> Event | None:
        model = event_class(row["type"])
        with suppress(ValidationError):
            if model is not None:
                return model.model_validate_json(row["data"])
        self._found("history.unreadable", f"第 {row['version']} 个事件读不懂")
        return None

    def _read(self, state: str) -> Any:
        try:
            return self._aggregate.adapter.validate_json(state)
        except ValidationError as error:
            self._found("state.unreadable", f"{error.error_count()} 处不符合")
            return None

    def _same(self, state: Any, folded: Any) -> bool:
        if state == folded:
            return True
        adapter = self._aggregate.adapter
        return bool(adapter.validate_json(adapter.dump_json(folded)) == state)

    def _check_timers(self, state: Any, timers: Sequence[asyncpg.Record]) -> None:
        wanted = {} if state is None else self._aggregate.deadlines(state)
        found = {row["name"]: row["due_at"] for row in timers}
        for name, due in wanted.items():
            if found.get(name) != due:
                self._found("deadlines.missing", f"{name} 应在 {due.isoformat()}")
        for name, due in found.items():
            if wanted.get(name) != due:
                self._found("deadlines.orphan", f"{name} 在 {due.isoformat()}")
