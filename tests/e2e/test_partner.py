"""A partner reads everything with nothing of ours: a Kafka client, a CloudEvents library, a JSON Schema validator.

Or is told everything by webhook: the guide's receiver, as a process of its own.
"""

import json
import os
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from cloudevents.core.v1.event import CloudEvent
from jsonschema import Draft202012Validator

from stack.net import free_port
from stack.tokens import Staff
from tests.e2e.api import Json
from tests.e2e.world import Ends, World
from tests.polling import eventually

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "contracts" / "schemas"
WITHHELD = ("intake.callers", "notify.recipients", "notify.subscriptions")  # docs/partners.md
PARTNER = Staff("partner-07", ("partner",))
TOPICS = (
    *("intake.issues", "router.orders", "router.whistles"),
    *("mediation.cases", "mediation.petitions"),
    *("notify.revisits", "notify.deliveries", "notify.recipients"),
)


async def read(bootstrap: str, prefix: str, ends: Ends) -> list[ConsumerRecord]:
    """Every record from the first one on, in the order of its partition, up to ``ends``."""
    topics = [prefix + topic for topic in TOPICS]
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    records: list[ConsumerRecord] = []
    await consumer.start()
    try:

        async def caught_up() -> bool:
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                records.extend(batch)
            positions = [
                await consumer.position(place) >= ends[place.topic, place.partition] for place in consumer.assignment()
            ]
            return all(positions)

        await eventually(caught_up, seconds=30)
    finally:
        await consumer.stop()
    return [record for record in records if record.offset < ends[record.topic, record.partition]]


def understood(record: ConsumerRecord) -> CloudEvent:
    """The record as the CloudEvents SDK reads it, which refuses what breaks the specification."""
    assert record.value is not None
    event = from_binary_event(KafkaMessage(dict(record.headers), record.key, record.value))
    assert isinstance(event, CloudEvent)
    return event


@pytest.fixture(scope="module")
async def records(world: World) -> list[ConsumerRecord]:
    return await read(world.around.kafka, world.prefix, world.ends)


def test_every_topic_has_records(records: list[ConsumerRecord], world: World) -> None:
    assert {record.topic.removeprefix(world.prefix) for record in records} == set(TOPICS)
    ends = [end for (topic, _), end in world.ends.items() if topic.removeprefix(world.prefix) in TOPICS]
    assert len(records) == sum(ends)


def test_every_record_is_a_cloud_event_and_valid_by_its_schema(records: list[ConsumerRecord]) -> None:
    schemas = {file.stem: json.loads(file.read_text("utf-8")) for file in SCHEMAS.glob("*.json")}
    checker = Draft202012Validator.FORMAT_CHECKER
    validators = {type_: Draft202012Validator(schema, format_checker=checker) for type_, schema in schemas.items()}
    for record in records:
        event = understood(record)
        validators[event.get_type()].validate(event.get_data())
        assert event.get_dataschema() == schemas[event.get_type()]["$id"]
        assert event.get_datacontenttype() == "application/json"


def test_the_key_is_the_issue(records: list[ConsumerRecord], world: World) -> None:
    partitions: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for record in records:
        key = (record.key or b"").decode()
        assert understood(record).get_extension("issueid") == key
        partitions[record.topic, key].add(record.partition)
    assert all(len(found) == 1 for found in partitions.values())
    of_issues = {key for topic, key in partitions if not topic.endswith("notify.recipients")}  # a person's pseudonym
    assert of_issues == {walk.id for walk in world.issues.values()}


def test_sequences_are_gapless_and_in_order(records: list[ConsumerRecord]) -> None:
    seen: set[str] = set()
    sequences: defaultdict[tuple[str, str | None], list[int]] = defaultdict(list)
    for record in records:
        event = understood(record)
        if event.get_id() not in seen:
            seen.add(event.get_id())
            sequences[event.get_source(), event.get_subject()].append(int(event.get_extension("sequence")))
    for subject, found in sequences.items():
        assert found == list(range(1, len(found) + 1)), subject


def test_the_roads_can_be_told_by_the_events_alone(records: list[ConsumerRecord], world: World) -> None:
    happened: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for event in map(understood, records):
        extension: Any = event.get_extension("issueid")
        happened[extension][event.get_type().removeprefix("qingcheng.").removesuffix(".v1")] += 1
    expected = {
        "answered": {"intake.issue.answered": 1},
        "declined": {"intake.issue.decline_proposed": 1, "intake.issue.declined": 1},
        "transferred": {"intake.issue.transferred": 1},
        "dual": {"router.order.result_submitted": 2, "notify.revisit.recorded": 2, "intake.issue.closed": 1},
        "whistle": {"router.whistle.evaluated": 2, "router.whistle.closed": 1, "intake.issue.closed": 1},
        "agreed": {"mediation.case.confirmed": 1, "mediation.case.performed": 1, "intake.issue.closed": 1},
        "failed": {"mediation.case.guided": 1, "router.order.returned_from_mediation": 1, "intake.issue.closed": 1},
        "petition": {
            "router.order.clock_stopped": 1,
            "mediation.petition.opinion_issued": 1,
            "mediation.petition.archived": 1,
            "intake.issue.closed": 1,
        },
        "rework": {"router.order.reworked": 1, "notify.revisit.recorded": 2, "intake.issue.closed": 1},
    }
    for road, walk in world.issues.items():
        assert expected[road].items() <= happened[walk.id].items(), road


@contextmanager
def guides_receiver(folder: Path, port: int, secret: str) -> Generator[Path]:
    """The second program of docs/partners.md, as a process; yields the file that it prints to."""
    program, printed = folder / "hook.py", folder / "printed"
    program.write_text(re.findall(r"```python\n(.*?)```", (ROOT / "docs/partners.md").read_text("utf-8"), re.DOTALL)[1])
    with printed.open("w") as out, (folder / "complaints").open("w") as complaints:
        environment = os.environ | {"WEBHOOK_SECRET": secret}
        process = psutil.Popen(
            [sys.executable, str(program), str(port)], env=environment, stdout=out, stderr=complaints
        )
        try:
            yield printed
        finally:
            process.terminate()
            process.wait(10)


def by_subject(events: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Subject -> types, in their order."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for subject, type_ in events:
        found[subject].append(type_)
    return dict(found)


async def test_the_guides_receiver_is_told_the_whole_history_in_order(
    world: World, records: list[ConsumerRecord], tmp_path: Path
) -> None:
    port = free_port()
    body: Json = {"url": f"http://127.0.0.1:{port}/hook", "types": ["*"], "since": "2000-01-01T00:00:00Z"}
    subscription = await world.api.post(PARTNER, "notify", "/v1/subscriptions", body)
    offered = [record for record in records if record.topic.removeprefix(world.prefix) not in WITHHELD]
    seen = {event.get_id(): event for event in map(understood, offered)}
    wanted = by_subject((str(event.get_subject()), event.get_type()) for event in seen.values())
    told: dict[str, list[str]] = {}
    with guides_receiver(tmp_path, port, subscription["secret"]) as printed:

        def everything() -> bool:
            nonlocal told
            whole = printed.read_text("utf-8").rpartition("\n")[0]
            lines = [line.split(" ", 3) for line in whole.splitlines()]
            told = by_subject((subject, type_) for _, type_, subject, _ in lines)
            return all(told.get(subject, [])[: len(types)] == types for subject, types in wanted.items())

        await eventually(everything, seconds=60)
    path = f"/v1/subscriptions/{subscription['id']}"
    log = await world.api.get(PARTNER, "notify", f"{path}/callbacks", status="failed")
    assert log["items"] == []
    await world.api.post(PARTNER, "notify", f"{path}/delete")
