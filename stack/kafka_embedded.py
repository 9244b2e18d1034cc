"""Apache Kafka as a child process: one KRaft node that is broker and controller, on a free port of 127.0.0.1."""

import asyncio
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from stack.children import Child, Children, run_to_end
from stack.errors import StackError
from stack.java import find_java
from stack.kafka_jars import classpath
from stack.net import accepts, free_port, is_free, wait_until

NAME = "kafka"
START_SECONDS = 120  # a busy machine with half a core to spare has needed more than 60

CONFIGURATION = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={logs}
auto.create.topics.enable=false
log.retention.ms=-1
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
"""

JVM = [
    "-Xmx512m",
    "-Xms128m",
    "-XX:+UseSerialGC",  # starts faster and stays smaller than G1 on the two cores this is meant for
    "-XX:TieredStopAtLevel=1",  # half the processor time of a start (3 s instead of 6 s); Python is the slower side
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
]


class EmbeddedKafka:
    """A broker whose data, settings and log are in `data`; a later start finds its topics again."""

    def __init__(self, children: Children, data: Path) -> None:
        self._children = children
        self._data = data

    def start(self) -> str:
        """Start the broker, wait until it answers and return its bootstrap address; raises `StackError`."""
        java, jars = find_java(), classpath()
        self._data.mkdir(parents=True, exist_ok=True)
        port = self._configure()
        command = [str(java), *JVM, "-cp", jars]
        if not (self._data / "logs" / "meta.properties").exists():
            format_storage(command, self._properties)
        child = self._children.spawn(NAME, [*command, "kafka.Kafka", str(self._properties)], self._data / "kafka.log")
        bootstrap = f"127.0.0.1:{port}"
        wait_until(lambda: _listens(child, port), START_SECONDS, "Kafka")
        wait_until(lambda: asyncio.run(answers(bootstrap_servers=bootstrap)), START_SECONDS, "Kafka")
        return bootstrap

    def stop(self) -> None:
        """Stop the broker in good order."""
        self._children.stop(NAME)

    @property
    def _properties(self) -> Path:
        return self._data / "server.properties"

    def _configure(self) -> int:
        """Write `server.properties` with the ports of the last start or, if taken, new ones; return the broker's."""
        remembered = self._data / "ports"
        ports = [int(port) for port in remembered.read_text().split()] if remembered.exists() else []
        if len(ports) != 2 or not all(map(is_free, ports)):
            ports = [free_port(), free_port()]
            remembered.write_text(f"{ports[0]} {ports[1]}\n")
        broker, controller = ports
        self._properties.write_text(
            CONFIGURATION.format(broker=broker, controller=controller, logs=self._data / "logs")
        )
        return broker


def format_storage(command: Sequence[str], properties: Path) -> None:
    """Prepare the folder that ``properties`` names for a first start; ``command`` runs Java with Kafka's jars.

    Raises `StackError`.
    """
    # As one word with its option: one id in 64 begins with a dash, which would be read as another option.
    cluster = urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
    arguments = ["format", "--standalone", f"--cluster-id={cluster}", "-c", str(properties)]
    code, output = run_to_end([*command, "kafka.tools.StorageTool", *arguments])
    if code != 0:
        raise StackError(f"Kafka could not format its storage by {properties}: {output.strip()}")


def _listens(child: Child, port: int) -> bool:
    child.check()
    return accepts(port)


async def answers(**client: Any) -> bool:
    """Whether the broker answers a client of these settings, which are those of ``AIOKafkaAdminClient``."""
    admin = AIOKafkaAdminClient(**client)
    try:
        await admin.start()
        await admin.list_topics()
    except (KafkaError, OSError):
        return False
    finally:
        await admin.close()
    return True
