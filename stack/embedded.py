"""STACK=embedded: the real Kafka and the real PostgreSQL out of packages, for machines that have only Python."""

from pathlib import Path

from stack.children import Children
from stack.kafka_embedded import EmbeddedKafka
from stack.postgres_embedded import EmbeddedPostgres


class EmbeddedBackend:
    """One broker and one server with their data under `data`, as child processes."""

    def __init__(self, children: Children, data: Path) -> None:
        self._kafka = EmbeddedKafka(children, data / "kafka")
        self._postgres = EmbeddedPostgres(children, data / "postgres")

    def start_kafka(self) -> str:
        """See `Backend`."""
        return self._kafka.start()

    def start_postgres(self) -> str:
        """See `Backend`."""
        return self._postgres.start()

    def stop(self) -> None:
        """Stop both in good order."""
        self._kafka.stop()
        self._postgres.stop()
