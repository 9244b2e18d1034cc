"""What databases, topics and gateway say has happened: read by SQL, by Kafka and by HTTP, as it lies there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer, ConsumerRecord

Json = dict[str, Any]
POISON = "x-chaos"
"""The header that marks a record as poison of ours."""
TABLES: Mapping[str, Mapping[str, str]] = {
    "intake": {"issue": "issues"},
    "router": {"order": "orders", "whistle": "whistles"},
    "mediation": {"case": "cases", "petition": "petitions"},
    "notify": {"revisit": "revisits", "delivery": "deliveries", "recipient": "recipients"},
}
"""Service -> aggregate -> table."""
SUBSCRIBED: Mapping[str, tuple[str, ...]] = {
    "intake.issues": ("mediation", "router", "notify"),
    "router.orders": ("intake", "mediation", "notify"),
    "router.whistles": ("intake", "router"),
    "mediation.cases": ("intake", "router", "mediation", "notify"),
    "mediation.petitions": ("intake", "router", "notify"),
    "notify.revisits": ("intake", "router"),
    "notify.deliveries": ("intake",),
    "notify.recipients": (),
}
"""Topic -> services that read it."""
_ROWS = "SELECT id::text, version, state::text FROM <table>"


@dataclass(frozen=True, slots=True)
class Command:
    """A command that a client gave: what it must have made happen to which aggregate, if it was acknowledged."""

    service: str
    aggregate: str
    id: str
    type: str
    content: Mapping[str, Any]
    acknowledged: bool = True


@dataclass(frozen=True, slots=True)
class Event:
    """A row of a service's table of events. ``meta`` has the actor."""

    service: str
    aggregate: str
    id: str
    version: int
    event_id: str
    type: str
    issue_id: str
    data: Json
    actor: str = ""
    published: bool = True

    @property
    def subject(self) -> tuple[str, str]:
        """CloudEvents' source and subject."""
        return f"/{self.service}", f"{self.aggregate}/{self.id}"


@dataclass(frozen=True, slots=True)
class Record:
    """A record of a topic. ``data`` is None where it is no JSON."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    headers: Mapping[str, str]
    data: Json | None

    @property
    def subject(self) -> tuple[str, str]:
        """CloudEvents' source and subject."""
        return self.headers.get("ce_source", ""), self.headers.get("ce_subject", "")

    @property
    def sequence(self) -> int:
        """CloudEvents' sequence."""
        return int(self.headers.get("ce_sequence", "0"))

    @property
    def place(self) -> tuple[str, int, int]:
        """Topic, partition and offset."""
        return self.topic, self.partition, self.offset


@dataclass(frozen=True, slots=True)
class Row:
    """An aggregate's row."""

    version: int
    state: Json


Handled = dict[tuple[str, str], tuple[int, bool]]
"""(source, subject) -> sequence, parked."""


@dataclass(slots=True)
class History:
    """Everything. ``phones`` are the callers', by appeal; each has but one appeal."""

    commands: list[Command] = field(default_factory=list)
    phones: dict[str, str] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    """(aggregate, id) -> row."""
    records: list[Record] = field(default_factory=list)
    """In the order of their partitions."""
    poison: list[Record] = field(default_factory=list)
    inbox: dict[str, Handled] = field(default_factory=dict)
    journal: list[tuple[str, str, int, Json]] = field(default_factory=list)
    """Intake's: source, subject, sequence, data."""
    letters: list[tuple[str, tuple[str, int, int], str]] = field(default_factory=list)
    """Service, place of the record, reason; those that nobody has resolved."""
    overdue: list[tuple[str, str, str]] = field(default_factory=list)
    """Service, aggregate id and name of deadlines that came long ago and were not handled."""
    timers: list[tuple[str, str, str]] = field(default_factory=list)
    """Aggregate, id and name of every deadline."""
    sent: list[Json] = field(default_factory=list)
    """What the gateway has sent: key, to, template, calls."""


async def read_databases(history: History, url_of: Mapping[str, str], overdue_seconds: float) -> None:
    """Add what the services' databases hold."""
    for service, url in url_of.items():
        connection = await asyncpg.connect(url)
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                await _read_database(history, service, connection, overdue_seconds)
        finally:
            await connection.close()


async def _read_database(
    history: History, service: str, connection: "asyncpg.Connection[asyncpg.Record]", overdue_seconds: float
) -> None:
    events = await connection.fetch(
        "SELECT aggregate, id::text, version, event_id::text, type, issue_id::text, data::text, meta->>'actor', "
        "published_at IS NOT NULL FROM events ORDER BY position"
    )
    for row in events:
        aggregate, id_, version, event_id, type_, issue_id, data, actor, published = row
        history.events.append(
            Event(service, aggregate, id_, version, event_id, type_, issue_id, json.loads(data), actor, published)
        )
    for aggregate, table in TABLES[service].items():
        for id_, version, state in await connection.fetch(_ROWS.replace("<table>", table)):
            history.rows[aggregate, id_] = Row(version, json.loads(state))
    inbox = await connection.fetch("SELECT source, subject, sequence, parked FROM inbox")
    history.inbox[service] = {(row[0], row[1]): (row[2], row[3]) for row in inbox}
    letters = await connection.fetch(
        "SELECT topic, partition, record_offset, reason FROM dead_letters WHERE resolution IS NULL"
    )
    history.letters += [(service, (row[0], row[1], row[2]), row[3]) for row in letters]
    timers = await connection.fetch(
        "SELECT aggregate, id::text, name, due_at < now() - make_interval(secs => $1) FROM deadlines", overdue_seconds
    )
    history.timers += [(row[0], row[1], row[2]) for row in timers]
    history.overdue += [(service, row[1], row[2]) for row in timers if row[3]]
    if service == "intake":
        journal = await connection.fetch("SELECT source, subject, sequence, data::text FROM journal")
        history.journal += [(row[0], row[1], row[2], json.loads(row[3])) for row in journal]


async def read_topics(history: History, bootstrap: str) -> None:
    """Add every record of every topic, from the first one to where the topics end now."""
    consumer = AIOKafkaConsumer(
        *SUBSCRIBED, bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for batch in (await consumer.getmany(timeout_ms=500)).values():
                for found in batch:
                    record = _record(found)
                    (history.poison if POISON in record.headers else history.records).append(record)
    finally:
        await consumer.stop()


def _record(found: ConsumerRecord) -> Record:
    headers = {name: (value or b"").decode(errors="replace") for name, value in found.headers}
    try:
        data = json.loads(found.value or b"")
    except ValueError:
        data = None
    return Record(found.topic, found.partition, found.offset, found.key, headers, data)


async def read_gateway(history: History, url: str) -> None:
    """Add what was sent."""
    async with httpx.AsyncClient(timeout=30) as http:
        history.sent += (await http.get(f"{url}/messages")).raise_for_status().json()
