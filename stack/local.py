"""A whole local stack: broker, database server, issuer, SMS gateway and the services, in one process's care."""

import os
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from stack import backend, doubles, keys
from stack.children import Children
from stack.endpoints import Endpoints
from stack.fleet import SERVICES, Fleet, Surroundings
from stack.progress import say

KEYS = "secrets.json"


@dataclass(frozen=True, slots=True)
class LocalStack:
    """A running stack. `fleet` has the services; they can be stopped, killed and started again through it."""

    surroundings: Surroundings
    fleet: Fleet
    children: Children

    def endpoints(self) -> Endpoints:
        """Addresses and process ids as they are now."""
        around = self.surroundings
        return Endpoints(
            kafka=around.kafka,
            database_url=around.database_url,
            issuer=around.issuer,
            sms_gateway=around.sms_gateway,
            services=dict(self.fleet.base_urls),
            pids={"stack": os.getpid(), **self.children.pids},
        )

    def supervise(self) -> list[str]:
        """Start services again that have ended and return their names; to be called now and then.

        Raises `StackError` when something else has ended, or one service over and over.
        """
        revived = self.fleet.revive()
        self.children.check(but=SERVICES)
        return revived


@dataclass(frozen=True, slots=True)
class Ground:
    """What services stand on, without the services: the servers they use, who starts children, and where logs go."""

    surroundings: Surroundings
    children: Children
    logs: Path


@contextmanager
def local_ground(state: Path) -> Generator[Ground]:
    """Start broker, database server, issuer and SMS gateway, with everything under `state`, and stop them at the end.

    A later start with the same `state` continues with its data. Blocks; raises `StackError`.
    """
    data, logs = state / "data", state / "logs"
    data.mkdir(parents=True, exist_ok=True)
    made = keys.make(state / KEYS)
    with Children() as children, ExitStack() as stops:
        chosen = backend.choose(children, data)
        stops.callback(chosen.stop)
        say("Starting Kafka and PostgreSQL …")
        with ThreadPoolExecutor() as pool:
            issuer = pool.submit(doubles.start_issuer, children, logs, made.client_secret)
            gateway = pool.submit(doubles.start_sms_gateway, children, logs)
            addresses = backend.start(chosen)
        surroundings = Surroundings(
            kafka=addresses.kafka,
            database_url=addresses.database_url,
            issuer=issuer.result(),
            sms_gateway=gateway.result(),
            client_secret=made.client_secret,
            private_data_keys=made.private_data_keys,
        )
        yield Ground(surroundings, children, logs)


@contextmanager
def local_stack(
    state: Path, *, topic_prefix: str = "", extra_env: Mapping[str, Mapping[str, str]] | None = None
) -> Generator[LocalStack]:
    """Start everything, with data, logs and secrets under `state`, and stop it at the end of the block.

    A later start with the same `state` continues with its data. `topic_prefix` and `extra_env` are `Fleet`'s. Blocks;
    raises `StackError`.
    """
    with local_ground(state) as ground, ExitStack() as stops:
        say("Starting the services …")
        around, children = ground.surroundings, ground.children
        fleet = Fleet(children, around, ground.logs, topic_prefix=topic_prefix, extra_env=extra_env)
        stops.callback(fleet.stop_all)
        fleet.start_all()
        yield LocalStack(around, fleet, children)
