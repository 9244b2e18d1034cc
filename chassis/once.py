"""POSTs that change a table of the service but no aggregate: one transaction, and one effect under a key.

They need no pipeline, because no event follows from them. Their answers are kept beside those of commands.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar

from fastapi import Depends, Request, Response
from pydantic import BaseModel

from chassis.database import Conn
from chassis.replies import reused
from chassis.requests import IdempotencyKey
from chassis.security import Actor

M = TypeVar("M", bound=BaseModel)


class OnceRunner:
    """Runs what one request asks for; the same ``Idempotency-Key`` brings back its answer."""

    def __init__(self, request: Request, response: Response, key: str | None) -> None:
        self._request = request
        self._response = response
        self._key = key

    async def run(self, answer: type[M], act: Callable[[Conn], Awaitable[M]]) -> M:
        """What ``act`` answers, or answered before. A refusal leaves nothing behind, not even the key.

        Raises ``Rejected`` ``idempotency.key_reused`` for a key that served another body or query.
        """
        pool = self._request.app.state.runtime.pool
        async with pool.acquire() as conn, conn.transaction():
            if self._key is None:
                return await act(conn)
            actor: Actor = self._request.state.actor
            identity = (actor.id, f"{self._request.method} {self._request.scope['path']}", self._key)
            body_hash = await self._hash()
            status = await conn.execute(
                """
                INSERT INTO idempotency_keys (principal, route, key, body_hash, created_at)
                VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
                """,
                *identity,
                body_hash,
                datetime.now(UTC),
            )
            if status != "INSERT 0 1":  # committed by now: the insertion waited for whoever had it
                return await self._earlier(conn, answer, identity, body_hash)
            given = await act(conn)
            await conn.execute(
                "UPDATE idempotency_keys SET response = $4::jsonb WHERE principal = $1 AND route = $2 AND key = $3",
                *identity,
                given.model_dump_json(),
            )
            return given

    async def _hash(self) -> bytes:
        """What the request asks for: its body and, where it has one, its query, in whatever order."""
        asked = hashlib.sha256(await self._request.body())
        for name, value in sorted(self._request.query_params.multi_items()):
            asked.update(f"\x1f{name}={value}".encode(errors="replace"))
        return asked.digest()

    async def _earlier(self, conn: Conn, answer: type[M], identity: tuple[str, str, str], body_hash: bytes) -> M:
        rows = await conn.fetch(
            "SELECT body_hash, response::text FROM idempotency_keys WHERE principal = $1 AND route = $2 AND key = $3",
            *identity,
        )
        first, response = rows[0]
        if first != body_hash:
            raise reused()
        self._response.headers["Idempotency-Replayed"] = "true"
        return answer.model_validate_json(response)


async def _once(request: Request, response: Response, key: IdempotencyKey = None) -> OnceRunner:
    return OnceRunner(request, response, key)


Once = Annotated[OnceRunner, Depends(_once)]
"""For the request at hand: ``return await once.run(ClaimAnswer, act)``."""
