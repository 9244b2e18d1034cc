"""Where everything of a running stack can be reached, kept in a file for people and programs."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from stack.errors import StackError


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Addresses and process ids of a running stack.

    `kafka`: bootstrap servers. `database_url`: the server's maintenance database. `services` and `pids` are by name;
    `pids` also has the stack's own process and, when it is embedded, the broker and the server.
    """

    kafka: str
    database_url: str
    issuer: str
    sms_gateway: str
    services: dict[str, str] = field(default_factory=dict)
    pids: dict[str, int] = field(default_factory=dict)

    def write(self, file: Path) -> None:
        """Write to `file` at once: a reader never sees half of it."""
        draft = file.with_suffix(".new")
        draft.write_text(json.dumps(asdict(self), indent=2) + "\n")
        draft.replace(file)

    @classmethod
    def read(cls, file: Path) -> "Endpoints":
        """Read `file`; raises `StackError` when no stack has written it."""
        try:
            return cls(**json.loads(file.read_text()))
        except FileNotFoundError as error:
            raise StackError("No stack is running: start one with make up.") from error
