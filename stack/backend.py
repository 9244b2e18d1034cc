"""Where Kafka and PostgreSQL come from: one interface, chosen by the environment variable `STACK`."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from stack.children import Children
from stack.errors import StackError


class Backend(Protocol):
    """A source of one Kafka broker and one PostgreSQL server."""

    def start_kafka(self) -> str:
        """Start the broker and return its bootstrap servers when it answers. Blocks; raises `StackError`."""
        ...

    def start_postgres(self) -> str:
        """Start the server and return the URL of a user who may create databases. Blocks; raises `StackError`."""
        ...

    def stop(self) -> None:
        """Stop what was started. Harmless when nothing runs."""
        ...


@dataclass(frozen=True, slots=True)
class Addresses:
    """`kafka`: bootstrap servers. `database_url`: a PostgreSQL URL whose user may create databases."""

    kafka: str
    database_url: str


def start(backend: Backend) -> Addresses:
    """Start the broker and the server side by side; raises `StackError`."""
    with ThreadPoolExecutor(2) as pool:
        kafka, database_url = pool.submit(backend.start_kafka), pool.submit(backend.start_postgres)
    return Addresses(kafka.result(), database_url.result())


def choose(children: Children, data: Path) -> Backend:
    """The backend that `STACK` names: embedded (default), docker or external; `data` keeps the embedded one's files.

    Raises `StackError` for any other name. Each backend is imported only when it is wanted: docker needs a library that
    the others do without.
    """
    match os.environ.get("STACK", "embedded"):
        case "embedded":
            from stack.embedded import EmbeddedBackend

            return EmbeddedBackend(children, data)
        case "docker":
            from stack.docker import DockerBackend

            return DockerBackend()
        case "external":
            from stack.external import ExternalBackend

            return ExternalBackend()
        case other:
            raise StackError(f"STACK={other} is unknown; set it to embedded, docker or external.")
