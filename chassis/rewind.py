"""Moving a consumer group back to an earlier time, so that a restored database sees again what it forgot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

_MILLISECONDS = 1000


class MembersActive(Exception):
    """Processes of the service consume; they have to be stopped first."""


@dataclass(frozen=True, slots=True)
class Move:
    """A partition's committed offset before and after."""

    topic: str
    partition: int
    before: int
    after: int


async def rewind(bootstrap: str, group: str, topics: Sequence[str], to: datetime) -> list[Move]:
    """Commit, for every partition, the offset of its first record since ``to``, if that is an earlier one.

    A partition in which the group has committed nothing is left alone: it is read from its first record in any case.
    Raises MembersActive, KafkaError.
    """
    places = await _places(bootstrap, group, topics)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(places)
        since = await consumer.offsets_for_times({place: int(to.timestamp() * _MILLISECONDS) for place in places})
        moves = []
        for place in places:
            committed, first = await consumer.committed(place), since[place]
            if committed is not None and first is not None and first.offset < committed:
                moves.append(Move(place.topic, place.partition, committed, first.offset))
        if moves:
            await consumer.commit({TopicPartition(move.topic, move.partition): move.after for move in moves})
        return moves
    finally:
        await consumer.stop()


async def _places(bootstrap: str, group: str, topics: Sequence[str]) -> list[TopicPartition]:
    """All partitions of ``topics``, if nobody consumes them in the name of ``group``."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        answers = await admin.describe_consumer_groups([group])
        described = await admin.describe_topics(list(topics))
    finally:
        await admin.close()
    members = sum(len(found["members"]) for answer in answers for found in answer.to_object()["groups"])
    if members:
        raise MembersActive(str(members))
    return [
        TopicPartition(topic["topic"], partition["partition"])
        for topic in described
        for partition in sorted(topic["partitions"], key=lambda found: int(found["partition"]))
    ]
