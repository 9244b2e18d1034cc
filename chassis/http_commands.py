"""From an HTTP request into the pipeline and back."""

import asyncio
import hashlib
from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Request, Response
from opentelemetry import context

from chassis import work
from chassis.aggregate import To, Written
from chassis.errors import PreconditionFailed, Unavailable
from chassis.ids import new_id
from chassis.pipeline import Pipeline
from chassis.requests import IdempotencyKey, IfMatchHeader, etag, wanted_version
from chassis.security import Actor
from contracts.rejected import Rejected

_PATIENCE = 15.0  # seconds that a caller waits for a database that is away


class HttpCommands:
    """Sends commands for one request: under its idempotency key, in its trace, in its caller's name."""

    def __init__(self, request: Request, response: Response, key: str | None, if_match: int | None) -> None:
        self._request = request
        self._response = response
        self._key = key
        self._pipeline: Pipeline = request.app.state.runtime.pipeline
        self._if_match = if_match

    async def execute(self, *to: To) -> Written:
        """Run the commands in one transaction and return the first one's aggregate; sets ``ETag``.

        Raises ``Rejected`` when a rule forbids, ``PreconditionFailed`` when ``If-Match`` (of the first command)
        does not hold, ``Unavailable`` when the database does not answer in time: repeating with the same
        ``Idempotency-Key`` is then safe.
        """
        first = to[0]._replace(expected_version=self._if_match)
        written = await self._submit([first, *to[1:]], self._key or new_id())
        self._response.headers["ETag"] = etag(written[0].version)
        if written[0].replayed:
            self._response.headers["Idempotency-Replayed"] = "true"
        return written[0]

    async def execute_each(self, to: Mapping[str, To]) -> dict[str, Written | Rejected | PreconditionFailed]:
        """Run commands that have nothing to do with each other; each is written or refused by itself.

        A command is refused by a rule, or because it expects another version.

        ``to`` is by a name each, under which a repeated request finds that command's answer. Raises what is no
        refusal, like ``Unavailable``: some may then have been written, and repeating with the same key is safe.
        """
        key = self._key or new_id()
        waiting = (self._submit([command], f"{key}/{name}") for name, command in to.items())
        replies = await asyncio.gather(*waiting, return_exceptions=True)
        outcome: dict[str, Written | Rejected | PreconditionFailed] = {}
        for name, reply in zip(to, replies, strict=True):
            match reply:
                case Rejected() | PreconditionFailed():
                    outcome[name] = reply
                case BaseException():
                    raise reply
                case _:
                    outcome[name] = reply[0]
        return outcome

    async def is_repeated(self) -> bool:
        """Whether this request's ``Idempotency-Key`` has an answer already.

        For a route that checks something outside of its aggregate: what it has checked once need not hold any more when
        the request is repeated. To be asked after the check has failed, so that the first one is committed by then.
        """
        if self._key is None:
            return False
        pool = self._request.app.state.runtime.pool
        found: bool = await pool.fetchval(
            "SELECT EXISTS (SELECT FROM idempotency_keys WHERE principal = $1 AND route = $2 AND key = $3)",
            *(self._request.state.actor.id, self._route, self._key),
        )
        return found

    @property
    def _route(self) -> str:
        return f"{self._request.method} {self._request.scope['path']}"

    async def _submit(self, to: list[To], key: str) -> list[Written]:
        actor: Actor = self._request.state.actor
        route = self._route
        body_hash = hashlib.sha256(await self._request.body()).digest()
        submitted = work.Work(
            to=to,
            actor=actor.id,
            identity=f"{actor.id}\x1f{route}\x1f{key}",
            request=work.Request(actor.id, route, key, body_hash),
            parent=context.get_current(),
        )
        try:
            async with asyncio.timeout(_PATIENCE):
                return await self._pipeline.submit(submitted)
        except TimeoutError:
            raise Unavailable(retry_after=2) from None


async def _commands(
    request: Request, response: Response, key: IdempotencyKey = None, if_match: IfMatchHeader = None
) -> HttpCommands:
    return HttpCommands(request, response, key, wanted_version(if_match))


Commands = Annotated[HttpCommands, Depends(_commands)]
"""Sends commands for the request at hand: ``written = await commands.execute(To(…))``."""
