"""The ACLs of docs/partners.md on a broker that knows who calls: what a partner may read, and that this is all."""

import asyncio
import os
import uuid
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import GroupAuthorizationFailedError, TopicAuthorizationFailedError
from aiokafka.protocol.admin import CreateAclsRequest

from contracts.topics import TOPICS
from services.notify.event_filter import WITHHELD
from stack.children import Children
from stack.java import find_java
from stack.kafka_embedded import CONFIGURATION, JVM, answers, format_storage
from stack.kafka_jars import classpath
from stack.net import free_port
from tests.acls import Acl, acls
from tests.polling import eventually

GUIDE = (Path(__file__).parents[3] / "docs" / "partners.md").read_text("utf-8")
PASSWORDS = {name: uuid.uuid4().hex for name in ("admin", "partner-01", "router", "stranger")}
START_SECONDS = 90.0
SECURED = {
    "listeners=PLAINTEXT": "listeners=SASL_PLAINTEXT",
    "advertised.listeners=PLAINTEXT": "advertised.listeners=SASL_PLAINTEXT",
    "map=PLAINTEXT:PLAINTEXT": "map=SASL_PLAINTEXT:SASL_PLAINTEXT",
}
# Controllers call each other without a name here; a deployment secures that listener too.
AUTHORIZER = """\
inter.broker.listener.name=SASL_PLAINTEXT
sasl.enabled.mechanisms=PLAIN
sasl.mechanism.inter.broker.protocol=PLAIN
listener.name.sasl_plaintext.plain.sasl.jaas.config=\
org.apache.kafka.common.security.plain.PlainLoginModule required {users};
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
super.users=User:admin;User:ANONYMOUS
"""
# Numbers of the protocol: org.apache.kafka.common.acl.AclOperation, …resource.ResourceType, …resource.PatternType.
OPERATIONS = {"Read": 3, "Write": 4, "Describe": 8}
KINDS = {"topic": 2, "group": 3}
LITERAL, PREFIXED, ALLOW = 3, 4, 3


def who(bootstrap: str, name: str) -> dict[str, Any]:
    """How somebody signs in to the broker."""
    return {
        "bootstrap_servers": bootstrap,
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": name,
        "sasl_plain_password": PASSWORDS[name],
    }


pytestmark = pytest.mark.skipif(
    os.environ.get("STACK", "embedded") != "embedded", reason="only a broker of our own can be told whom to believe"
)


@pytest.fixture(scope="module")
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[str]:
    """A broker of its own with the topics and what the guide grants."""
    folder = tmp_path_factory.mktemp("guarded")
    with Children() as children:
        bootstrap = await asyncio.to_thread(start, children, folder)
        await eventually(lambda: answers(**who(bootstrap, "admin")), seconds=START_SECONDS)
        admin = AIOKafkaAdminClient(**who(bootstrap, "admin"))
        await admin.start()
        await admin.create_topics([NewTopic(name, 1, 1) for name in TOPICS])
        await admin.close()
        for acl in acls(GUIDE):
            await grant(bootstrap, acl)
        yield bootstrap


def start(children: Children, folder: Path) -> str:
    port = free_port()
    text = CONFIGURATION.format(broker=port, controller=free_port(), logs=folder / "logs")
    for plain, secured in SECURED.items():
        text = text.replace(plain, secured)
    users = " ".join(
        [f'username="admin" password="{PASSWORDS["admin"]}"', *(f'user_{n}="{p}"' for n, p in PASSWORDS.items())]
    )
    properties = folder / "server.properties"
    properties.write_text(text + AUTHORIZER.format(users=users))
    command = [str(find_java()), *JVM, "-cp", classpath()]
    format_storage(command, properties)
    children.spawn("guarded kafka", [*command, "kafka.Kafka", str(properties)], folder / "kafka.log")
    return f"127.0.0.1:{port}"


async def grant(bootstrap: str, acl: Acl) -> None:
    """What the command asks the broker for."""
    client = AIOKafkaClient(**who(bootstrap, "admin"))
    await client.bootstrap()
    try:
        pattern = PREFIXED if acl.prefixed else LITERAL
        numbers = KINDS[acl.kind], acl.name, pattern, acl.principal, "*", OPERATIONS[acl.operation], ALLOW
        answer = await client.send(client.get_random_node(), CreateAclsRequest(*numbers))
        assert [code for code, _ in answer.creation_responses] == [0], answer
    finally:
        await client.close()


async def publish(bootstrap: str, name: str, topic: str, *, idempotent: bool = True) -> None:
    producer = AIOKafkaProducer(**who(bootstrap, name), enable_idempotence=idempotent, acks="all")
    try:
        await producer.start()
        async with asyncio.timeout(10):
            await producer.send_and_wait(topic, b"{}", b"k")
    finally:
        await producer.stop()


async def read(bootstrap: str, name: str, group: str, *topics: str) -> set[str]:
    """Topics of which somebody could read a record and say so."""
    consumer = AIOKafkaConsumer(
        *topics, **who(bootstrap, name), group_id=group, auto_offset_reset="earliest", enable_auto_commit=False
    )
    found: set[str] = set()
    try:
        await consumer.start()

        async def all_read() -> bool:
            for place in await consumer.getmany(timeout_ms=100):
                found.add(place.topic)
            return found == set(topics)

        await eventually(all_read, seconds=20)
        await consumer.commit()
    finally:
        await consumer.stop()
    return found


async def test_a_partner_reads_what_the_guide_says_in_a_group_of_its_own(broker: str) -> None:
    for topic in TOPICS:
        await publish(broker, "admin", topic)
    offered = set(TOPICS) - WITHHELD
    assert await read(broker, "partner-01", "partner-01.office", *offered) == offered


@pytest.mark.parametrize("topic", sorted(WITHHELD))
async def test_what_is_withheld_is_withheld(broker: str, topic: str) -> None:
    with pytest.raises(TopicAuthorizationFailedError):
        await read(broker, "partner-01", "partner-01.office", topic)


async def test_a_partner_joins_no_group_of_others(broker: str) -> None:
    for group in ("router", "partner-02.office", "partner-01"):
        with pytest.raises(GroupAuthorizationFailedError):
            await read(broker, "partner-01", group, "router.orders")


async def test_a_partner_writes_nowhere(broker: str) -> None:
    for topic in ("router.orders", "intake.issues"):
        with pytest.raises(TopicAuthorizationFailedError):
            await publish(broker, "partner-01", topic, idempotent=False)


async def test_who_has_been_granted_nothing_reads_nothing(broker: str) -> None:
    with pytest.raises((TopicAuthorizationFailedError, GroupAuthorizationFailedError)):
        await read(broker, "stranger", "stranger.office", "router.orders")


async def test_a_service_writes_its_own_topics_only(broker: str) -> None:
    await publish(broker, "router", "router.orders")
    await publish(broker, "router", "router.whistles")
    with pytest.raises(TopicAuthorizationFailedError):
        await publish(broker, "router", "intake.issues")
    subscribed = {acl.name for acl in acls(GUIDE) if acl.principal == "User:router" and acl.kind == "topic"}
    subscribed -= {"router.orders"}
    assert await read(broker, "router", "router", *subscribed) == subscribed
