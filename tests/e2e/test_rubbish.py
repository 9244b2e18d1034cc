"""What must not be in a topic is set aside as it came and the next event handled: on every topic, by every reader."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from chassis.dead_letters import unpack
from chassis.ids import new_id
from contracts.envelope import Envelope, encode
from contracts.event import Event
from contracts.intake import IssueStepOverdue
from contracts.mediation import CaseConfirmed
from contracts.mediation_petitions import PetitionHandlingBegan
from contracts.notify import DeliveryDelivered, RevisitOverdue
from contracts.notify_subscriptions import SubscriptionRecovered
from contracts.router import OrderReminded
from contracts.router_whistles import WhistleAcknowledged
from contracts.topics import TOPICS, topic_of_event
from stack.fleet import SERVICES
from tests.e2e.api import ADMIN, Json
from tests.e2e.world import World
from tests.polling import eventually

NOW = datetime(2026, 3, 2, tzinfo=UTC)
READERS: dict[str, tuple[str, ...]] = {
    "intake.issues": ("mediation", "router", "notify"),
    "router.orders": ("intake", "mediation", "notify"),
    "router.whistles": ("intake", "router"),
    "mediation.cases": ("intake", "router", "mediation", "notify"),
    "mediation.petitions": ("intake", "router", "notify"),
    "notify.revisits": ("intake", "router"),
    "notify.deliveries": ("intake",),
    "notify.subscriptions": ("notify",),
}
EVENTS: dict[str, Event] = {
    "intake.issues": IssueStepOverdue(step="triage", due_at=NOW),
    "router.orders": OrderReminded(appeal_id=new_id(), reminder_id=new_id()),
    "router.whistles": WhistleAcknowledged(unit="D15010004", in_time=True, by="W1"),
    "mediation.cases": CaseConfirmed(by="K1"),
    "mediation.petitions": PetitionHandlingBegan(by="K1"),
    "notify.revisits": RevisitOverdue(due_at=NOW),
    "notify.deliveries": DeliveryDelivered(attempt=1),
    "notify.subscriptions": SubscriptionRecovered(),
}
"""An event of each topic that nobody reacts to."""
Headers = list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Raw:
    """A record as it is sent."""

    key: bytes | None
    value: bytes | None
    headers: Headers


def well_formed(topic: str, issue_id: str, sequence: int = 1, aggregate_id: str | None = None) -> Envelope:
    """An event of a subject of its own, if none is given."""
    event = EVENTS[topic]
    owner = TOPICS[topic]
    return Envelope(
        id=new_id(),
        source=f"/{owner.owner}",
        type=event.type,
        subject=f"{owner.aggregate}/{aggregate_id or new_id()}",
        time=NOW,
        sequence=sequence,
        issue_id=issue_id,
        data=event.model_dump_json().encode(),
        traceparent=None,
        epoch=1,
    )


def raw(envelope: Envelope) -> Raw:
    """As its owner would send it."""
    return Raw(*encode(envelope))


def _rubbish(envelope: Envelope) -> Raw:
    return Raw(envelope.issue_id.encode(), b"\x00\xff rubbish \x80", [("x-\u00fc", b"\xfe\x00"), ("x-\u00fc", b"")])


def _unknown_type(envelope: Envelope) -> Raw:
    return raw(envelope._replace(type=envelope.type.replace(".v1", "_twice.v1")))


def _future_version(envelope: Envelope) -> Raw:
    return raw(envelope._replace(type=envelope.type.replace(".v1", ".v2")))


def _missing_header(envelope: Envelope) -> Raw:
    whole = raw(envelope)
    return replace(whole, headers=[(name, value) for name, value in whole.headers if name != "ce_time"])


def _no_value(envelope: Envelope) -> Raw:
    return replace(raw(envelope), value=None)


def _out_of_order(envelope: Envelope) -> Raw:
    return raw(envelope._replace(sequence=3))


KINDS: dict[str, tuple[Callable[[Envelope], Raw], str]] = {
    "rubbish": (_rubbish, "malformed"),
    "unknown type": (_unknown_type, "malformed"),
    "future version": (_future_version, "malformed"),
    "missing header": (_missing_header, "malformed"),
    "no value": (_no_value, "malformed"),
    "out of order": (_out_of_order, "gap"),
}


class Sender:
    """Sends records to the world's topics."""

    def __init__(self, world: World, producer: AIOKafkaProducer) -> None:
        self._prefix = world.prefix
        self._producer = producer

    async def send(self, topic: str, record: Raw) -> tuple[str, int, int]:
        """Where it has come to lie."""
        name = self._prefix + topic
        sent = await self._producer.send_and_wait(name, record.value, record.key, headers=record.headers)
        return name, sent.partition, sent.offset


@pytest.fixture(scope="module")
async def sender(world: World) -> AsyncGenerator[Sender]:
    producer = AIOKafkaProducer(bootstrap_servers=world.around.kafka, acks="all")
    await producer.start()
    yield Sender(world, producer)
    await producer.stop()


async def handled(world: World, service: str, envelope: Envelope, sequence: int = 1) -> None:
    """Wait until a service has handled the subject up to ``sequence``."""

    async def there() -> bool:
        query = "SELECT sequence FROM inbox WHERE source = $1 AND subject = $2"
        rows = await world.fetch(service, query, envelope.source, envelope.subject)
        return [row["sequence"] for row in rows] == [sequence]

    await eventually(there, seconds=20)


async def letter_at(world: World, service: str, place: tuple[str, int, int]) -> Any:
    """The dead letter of a record; None if there is none."""
    query = (
        "SELECT id::text, key, value, headers::text, reason, attempts, resolution, resolved_by, note, subject "
        "FROM dead_letters WHERE topic = $1 AND partition = $2 AND record_offset = $3"
    )
    rows = await world.fetch(service, query, *place)
    assert len(rows) <= 1
    return rows[0] if rows else None


@pytest.mark.parametrize("topic", READERS)
async def test_what_is_no_event_is_set_aside_and_the_next_one_handled(topic: str, world: World, sender: Sender) -> None:
    issue_id, sent = new_id(), {}
    for kind, (spoil, reason) in KINDS.items():
        envelope = well_formed(topic, issue_id)
        record = spoil(envelope)
        sent[kind] = (await sender.send(topic, record), record, envelope, reason)
    after = well_formed(topic, issue_id)
    await sender.send(topic, raw(after))
    for service in READERS[topic]:
        await handled(world, service, after)
        for kind, (place, record, _, reason) in sent.items():
            letter = await letter_at(world, service, place)
            assert letter is not None, f"{service}: {kind}"
            assert (letter["key"], letter["value"], unpack(letter["headers"])) == (
                record.key,
                record.value,
                record.headers,
            )
            assert (letter["reason"], letter["resolution"]) == (reason, None), f"{service}: {kind}"
    await _fill_the_gap(topic, world, sender, *sent["out of order"][::2])


async def _fill_the_gap(
    topic: str, world: World, sender: Sender, place: tuple[str, int, int], envelope: Envelope
) -> None:
    """Send the two events that were missing; the one that came too early follows by itself."""
    for sequence in (1, 2):
        await sender.send(topic, raw(envelope._replace(id=new_id(), sequence=sequence)))
    for service in READERS[topic]:
        await handled(world, service, envelope, 3)
        letter = await letter_at(world, service, place)
        assert (letter["resolution"], letter["resolved_by"]) == ("replayed", "sweeper")


async def _letters(world: World, service: str) -> list[Json]:
    found: list[Json] = []
    cursor: dict[str, str] = {}
    while True:
        page = await world.api.get(ADMIN, service, "/v1/dead-letters", limit=2, **cursor)
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


async def _decide(world: World, service: str, letter: Any, step: str, body: Json | None = None) -> tuple[int, Json]:
    path = f"/v1/dead-letters/{letter['id']}/{step}"
    answer = await world.api.ask("POST", service, path, ADMIN, json=body)
    return answer.status_code, answer.json() if answer.content else {}


async def _refused(world: World, service: str, letter: Any, step: str, body: Json | None = None) -> tuple[int, str]:
    status, problem = await _decide(world, service, letter, step, body)
    return status, problem["code"]


@pytest.mark.parametrize("topic", READERS)
async def test_an_operator_lists_replays_and_discards(topic: str, world: World, sender: Sender) -> None:
    first = well_formed(topic, new_id())
    second = first._replace(id=new_id(), sequence=2)
    places = [await sender.send(topic, _future_version(first)), await sender.send(topic, raw(second))]
    for service in READERS[topic]:

        async def both_aside(service: str = service) -> bool:
            return await letter_at(world, service, places[1]) is not None

        await eventually(both_aside, seconds=20)
        bad, waiting = [await letter_at(world, service, place) for place in places]
        assert (bad["reason"], waiting["reason"]) == ("malformed", "parked")
        listed = {letter["id"]: letter for letter in await _letters(world, service)}
        assert listed[bad["id"]]["subject"] == first.subject
        assert "value" not in listed[bad["id"]]
        assert await _refused(world, service, waiting, "replay") == (409, "dead_letter.not_next")
        assert await _refused(world, service, waiting, "discard", {"note": "x"}) == (409, "dead_letter.not_next")
        status, replayed = await _decide(world, service, bad, "replay")
        assert (status, replayed["attempts"], replayed["resolution"]) == (200, 2, None)
        assert await _decide(world, service, bad, "discard", {"note": "来源已确认作废"}) == (204, {})
        await handled(world, service, first, 2)
        bad, waiting = [await letter_at(world, service, place) for place in places]
        assert (bad["resolution"], bad["resolved_by"], bad["note"]) == ("discarded", ADMIN.id, "来源已确认作废")
        assert (waiting["resolution"], waiting["resolved_by"]) == ("replayed", "sweeper")
        assert await _refused(world, service, bad, "replay") == (404, "dead_letter.not_found")


@pytest.mark.parametrize("service", sorted({service for readers in READERS.values() for service in readers}))
async def test_everything_can_be_cleared_away(service: str, world: World) -> None:
    for letter in await _letters(world, service):
        assert await _decide(world, service, letter, "discard", {"note": "测试"}) == (204, {})
    assert await _letters(world, service) == []


def test_the_readers_are_those_of_the_services() -> None:
    """Every topic that somebody reads is tried, with an event of its own, at each who reads it."""
    subscribed = {
        (topic, name) for name in SERVICES for topic in import_module(f"services.{name}.__main__").SERVICE.topics
    }
    assert {(topic, name) for topic, readers in READERS.items() for name in readers} == subscribed
    assert set(EVENTS) == set(READERS)
    for name, event in EVENTS.items():
        assert topic_of_event(event.type) is TOPICS[name]
