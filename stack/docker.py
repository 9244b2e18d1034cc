"""STACK=docker: the official images, by testcontainers. Needs a container engine and the extra `docker`."""

from typing import TYPE_CHECKING

from stack.errors import StackError
from stack.kafka_jars import KAFKA_VERSION
from stack.net import accepts, free_port, wait_until

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer

KAFKA_IMAGE = f"apache/kafka:{KAFKA_VERSION}"
POSTGRES_IMAGE = "postgres:18"
CONTROLLER_PORT = 29093
START_SECONDS = 120


class DockerBackend:
    """One container of each; testcontainers' own reaper removes them when this process dies."""

    def __init__(self) -> None:
        self._containers: list[DockerContainer] = []

    def start_kafka(self) -> str:
        """Start Apache Kafka; raises `StackError` when there is no library or no engine."""
        port = free_port()  # the same inside and outside, because the broker tells clients where it is
        container = (
            _container(KAFKA_IMAGE)
            .with_bind_ports(port, port)
            .with_envs(
                KAFKA_NODE_ID="1",
                KAFKA_PROCESS_ROLES="broker,controller",
                KAFKA_CONTROLLER_QUORUM_VOTERS=f"1@localhost:{CONTROLLER_PORT}",
                KAFKA_CONTROLLER_LISTENER_NAMES="CONTROLLER",
                KAFKA_LISTENERS=f"PLAINTEXT://0.0.0.0:{port},CONTROLLER://localhost:{CONTROLLER_PORT}",
                KAFKA_ADVERTISED_LISTENERS=f"PLAINTEXT://127.0.0.1:{port}",
                KAFKA_LISTENER_SECURITY_PROTOCOL_MAP="PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
                KAFKA_AUTO_CREATE_TOPICS_ENABLE="false",
                KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR="1",
                KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR="1",
                KAFKA_TRANSACTION_STATE_LOG_MIN_ISR="1",
                KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR="1",
                KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR="1",
                KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS="0",
            )
        )
        self._run(container, "Started")
        wait_until(lambda: accepts(port), START_SECONDS, "Kafka in a container")
        return f"127.0.0.1:{port}"

    def start_postgres(self) -> str:
        """Start PostgreSQL; raises `StackError` as above."""
        container = (
            _container(POSTGRES_IMAGE)
            .with_exposed_ports(5432)
            .with_env("POSTGRES_HOST_AUTH_METHOD", "trust")
            .with_command("postgres -c max_connections=200")
        )
        # It is said a first time by the server that only runs the image's set-up scripts, without TCP.
        self._run(container, "PostgreSQL init process complete(.|\n)*ready to accept connections")
        return f"postgresql://postgres@{container.get_container_host_ip()}:{container.get_exposed_port(5432)}/postgres"

    def stop(self) -> None:
        """Remove the containers."""
        while self._containers:
            self._containers.pop().stop()

    def _run(self, container: "DockerContainer", said: str) -> None:
        from docker.errors import DockerException
        from testcontainers.core.wait_strategies import LogMessageWaitStrategy

        try:
            container.waiting_for(LogMessageWaitStrategy(said).with_startup_timeout(START_SECONDS)).start()
        except (DockerException, TimeoutError) as error:
            raise StackError(f"{container.image} did not start: {error}") from error
        self._containers.append(container)


def _container(image: str) -> "DockerContainer":
    try:
        from docker.errors import DockerException
        from testcontainers.core.container import DockerContainer
    except ImportError as error:
        raise StackError("STACK=docker needs testcontainers: run pip install -e '.[docker]' first.") from error
    try:
        return DockerContainer(image)
    except DockerException as error:
        raise StackError(f"STACK=docker needs a running container engine that answers: {error}.") from error
