"""Connections to the service's own PostgreSQL database."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated

import asyncpg
import structlog
from asyncpg import Connection
from asyncpg.pool import Pool, PoolConnectionProxy
from fastapi import Depends, Request

from chassis.private_data import Vault

log = structlog.get_logger()

Conn = Connection | PoolConnectionProxy

DATABASE_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what the client makes of a line that is cut between two messages
    asyncpg.OperatorInterventionError,  # shutting down or starting up
    asyncpg.InsufficientResourcesError,
)
"""What a call raises while the server is not there; the same call can succeed later."""

DATABASE_ERRORS = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""Whatever a statement raises: that the server is away, not as it should be yet, or of another opinion."""

SESSION_SETTINGS = {
    "application_name": "qingcheng",
    # A generic plan that was made on empty tables is ten times slower, and would be kept.
    "plan_cache_mode": "force_custom_plan",
    "idle_in_transaction_session_timeout": "30s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "jit": "off",
}
POINT_ACCESS = SESSION_SETTINGS | {
    # Planning costs a third of such a transaction, and there is only one right plan: by index, row by row. With the
    # other ways switched off, the plan that is made on empty tables is that one (docs/adr/0008).
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}
"""For connections that find every row by its key: the pipeline's and the relay's."""


async def open_pool(dsn: str, settings: Mapping[str, str] = SESSION_SETTINGS, *, size: int = 10) -> Pool:
    """Open a pool of up to ``size`` connections; wait, and say so, while the server is not there yet."""
    while True:
        try:
            return await asyncpg.create_pool(
                dsn,
                min_size=1,
                max_size=size,
                command_timeout=30,
                timeout=5,
                server_settings=dict(settings),
                reset=_keep_session,
            )
        except (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError) as error:
            log.warning("database.waited_for", error=type(error).__name__)
            await asyncio.sleep(1)


async def _keep_session(connection: object) -> None:
    """Nothing to reset: no session state is set on the pool's connections, and asyncpg's way is a query per use.

    A transaction that was left open is rolled back before this is called.
    """


async def _pool(request: Request) -> Pool:
    pool: Pool = request.app.state.runtime.pool
    return pool


Db = Annotated[Pool, Depends(_pool)]
"""The pool, for the reading routes."""


class Secrets:
    """Decrypts private data; whoever calls it has made sure that the caller may see them."""

    def __init__(self, pool: Pool, vault: Vault) -> None:
        self._pool = pool
        self._vault = vault

    async def read(self, aggregate: str, id: str, name: str) -> str | None:
        """Return the text, or None if there is none under that name."""
        row = await self._pool.fetchrow(
            "SELECT key_id, ciphertext FROM private_data WHERE aggregate = $1 AND id = $2::text::uuid AND name = $3",
            aggregate,
            id,
            name,
        )
        return None if row is None else self._vault.decrypt(aggregate, id, name, *row).decode()

    async def read_many(self, aggregate: str, ids: Sequence[str], *prefixes: str) -> dict[str, dict[str, str]]:
        """Return texts whose names start with one of ``prefixes``, of several aggregates at once: id -> name."""
        rows = await self._pool.fetch(
            "SELECT id::text, name, key_id, ciphertext FROM private_data "
            "WHERE aggregate = $1 AND id = ANY($2::text[]::uuid[]) AND name ^@ ANY($3::text[]) ORDER BY id, name",
            aggregate,
            ids,
            prefixes,
        )
        found: dict[str, dict[str, str]] = {}
        for id_, name, key_id, ciphertext in rows:
            text = self._vault.decrypt(aggregate, id_, name, key_id, ciphertext).decode()
            found.setdefault(id_, {})[name] = text
        return found

    async def read_all(self, aggregate: str, id: str, prefix: str) -> dict[str, str]:
        """Return every text whose name starts with ``prefix``, by name."""
        rows = await self._pool.fetch(
            "SELECT name, key_id, ciphertext FROM private_data "
            "WHERE aggregate = $1 AND id = $2::text::uuid AND starts_with(name, $3) ORDER BY name",
            aggregate,
            id,
            prefix,
        )
        return {row[0]: self._vault.decrypt(aggregate, id, row[0], row[1], row[2]).decode() for row in rows}


async def _secrets(request: Request) -> Secrets:
    runtime = request.app.state.runtime
    return Secrets(runtime.pool, runtime.vault)


PrivateData = Annotated[Secrets, Depends(_secrets)]
"""Decrypts private data for a route."""
