"""Whatever comes on a topic: it is put aside with its bytes, and the next event is handled."""

from functools import partial

import pytest
from asyncpg.pool import Pool

from chassis import dead_letters
from chassis.consumer import Consumer
from chassis.reader import Reader
from chassis.work import Record
from contracts.event import Event
from contracts.intake import IssueFollowedUp
from contracts.mediation import ConsentGiven
from contracts.notify import DeliveryDelivered, RevisitOverdue
from contracts.router import OrderAppealAdded
from contracts.router_whistles import WhistleClosed
from contracts.topics import topic_of_event
from tests.integration.chassis.broker import publish
from tests.integration.chassis.process import Process, count, letters
from tests.integration.chassis.records import Subject
from tests.integration.chassis.sample import FAR, an_id
from tests.polling import eventually

EVENTS: list[Event] = [
    IssueFollowedUp(follow_up_id=an_id(), appeal_id=an_id(), follow_up="reminder"),
    OrderAppealAdded(appeal_id=an_id()),
    WhistleClosed(order_id=an_id()),
    ConsentGiven(party_id=an_id()),
    RevisitOverdue(due_at=FAR),
    DeliveryDelivered(attempt=1),
]


def bad_records(event: Event, prefix: str) -> dict[str, Record]:
    """One of each kind, each of a subject of its own."""

    def bad(value: bytes | None = b"", **headers: bytes | None) -> Record:
        named = {name.replace("_", "-") if name == "content_type" else name: text for name, text in headers.items()}
        return Subject(prefix).record(event, 1, value=value, headers=named)

    version = event.type.removesuffix("v1").encode()
    topic = topic_of_event(event.type)
    assert topic is not None
    elsewhere = (
        WhistleClosed(order_id=an_id()) if topic.name != "router.whistles" else OrderAppealAdded(appeal_id=an_id())
    )
    misplaced = Subject(prefix).record(elsewhere, 1)
    return {
        "rubbish": bad()._replace(key=b"\xff\x00", value=b"\x00\x01\xfe rubbish", headers=[]),
        "nothing": bad()._replace(key=b"", value=None, headers=[]),
        "not JSON": bad(value=b'{"half": '),
        "not UTF-8": bad(value=b'{"a": "\xff"}'),
        "wrong shape": bad(value=b'[1, 2, "three"]'),
        "missing field": bad(value=b"{}"),
        "no value": bad(value=None),
        "unknown type": bad(ce_type=b"qingcheng.unknown.thing.happened.v1"),
        "future version": bad(ce_type=version + b"v2"),
        "wrong topic": misplaced._replace(topic=prefix + topic.name),
        "missing header": bad(ce_id=None),
        "no sequence": bad(ce_sequence=None),
        "sequence zero": bad(ce_sequence=b"0"),
        "sequence too large": bad(ce_sequence=b"99999999999999999999"),
        "oversized header": bad(ce_source=b"x" * 100_000),
        "oversized foreign header": bad(ce_id=None)._replace(headers=[("x-big", b"y" * 100_000)]),
        "NUL in a header": bad(ce_id=b"a\x00b"),
        "other key": bad()._replace(key=b"another-issue"),
        "other content type": bad(content_type=b"text/xml"),
        "future specification": bad(ce_specversion=b"2.0"),
        "forged source": bad(ce_source=b"/somebody"),
    }


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
async def test_a_bad_record_is_kept_and_the_next_event_handled(
    process: Process, pool: Pool, kafka: str, topics: str, event: Event
) -> None:
    topic = topic_of_event(event.type)
    assert topic is not None
    bad, good = bad_records(event, topics), Subject(topics)
    await publish(kafka, [*bad.values(), good.record(event, 1)], partition=0)
    consumer = Consumer(kafka, topics, [topics + topic.name], Reader({}, topics), process.pipeline)
    process.start(consumer.run())
    await eventually(partial(_handled, pool, f"{topic.aggregate}/{good.id}"))
    rows = await letters(pool)
    assert {row["reason"] for row in rows} == {"malformed"}
    kept = {row["record_offset"]: await dead_letters.fetch_record(pool, row["letter"]) for row in rows}
    for offset, (name, record) in enumerate(bad.items()):
        assert kept[offset] == record._replace(offset=offset), name
    assert len(kept) == len(bad)


async def _handled(pool: Pool, subject: str) -> bool:
    return await count(pool, "inbox", f"subject = '{subject}' AND sequence = 1") == 1
