"""Creates topics on a local broker."""

from collections.abc import Iterable

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

PARTITIONS = 12


async def create_topics(bootstrap: str, names: Iterable[str], partitions: int = PARTITIONS) -> None:
    """Create the topics that do not exist yet: one replica, records never expire. Raises `KafkaError`."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        topics = [NewTopic(name, partitions, 1, topic_configs={"retention.ms": "-1"}) for name in names]
        answer = await admin.create_topics(topics)
    finally:
        await admin.close()
    for name, code, message in answer.topic_errors:
        error = for_code(code)
        if code and error is not TopicAlreadyExistsError:
            raise KafkaError(f"topic {name} was not created: {message or error.__name__}")
