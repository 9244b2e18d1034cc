"""STACK=external: a broker and a server that somebody else runs."""

import os

from stack.errors import StackError


class ExternalBackend:
    """Takes `KAFKA_BOOTSTRAP_SERVERS` and `DATABASE_URL` from the environment; starts and stops nothing."""

    def start_kafka(self) -> str:
        """Return `KAFKA_BOOTSTRAP_SERVERS`; raises `StackError` if it is not set."""
        return _required("KAFKA_BOOTSTRAP_SERVERS", "host:port of a Kafka 4 broker")

    def start_postgres(self) -> str:
        """Return `DATABASE_URL`; raises `StackError` if it is not set."""
        return _required("DATABASE_URL", "postgresql://… of a user who may create databases")

    def stop(self) -> None:
        """Nothing to stop: it is not ours."""


def _required(name: str, meaning: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise StackError(f"STACK=external needs {name} in the environment: {meaning}.")
    return value
