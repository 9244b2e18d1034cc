"""The services' HTTP APIs as a careful client uses them, and a book of everything that was answered."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import cycle
from random import Random
from time import monotonic
from typing import Any

import httpx

from chaos.history import Command
from stack.tokens import Staff, Tokens

Json = dict[str, Any]
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 1.0
LOOK_SECONDS = 0.5
PATIENCE = 150.0  # seconds: a whole restart of everything, on a slow machine, and the backlog after it
TOO_MANY = 429
IMPATIENT = 0.05  # part of the commands that are given at once to both processes, and again that are repeated


class Refused(Exception):
    """A service said no."""

    def __init__(self, what: str, status: int, code: str) -> None:
        super().__init__(f"{what}: {status} {code}")
        self.code = code


class Away(Exception):
    """Nothing that was waited for came within ``PATIENCE`` seconds."""


@dataclass
class Client:
    """Asks both processes of a service in turn. What gets no answer, or a 5xx, is asked again with the same key."""

    http: httpx.AsyncClient
    tokens: Tokens
    urls: Mapping[str, tuple[str, str]]
    dice: Random
    book: list[Command] = field(default_factory=list)
    retries: Counter[str] = field(default_factory=Counter)
    """Why something was asked again, and how often."""
    contradictions: list[str] = field(default_factory=list)
    """Requests that were answered in two ways under one key."""
    patience: float = PATIENCE

    def __post_init__(self) -> None:
        self._turns = {service: cycle(pair) for service, pair in self.urls.items()}

    async def get(self, who: Staff, service: str, path: str, **query: Any) -> Json:
        """A document. Raises ``Refused`` or ``Away``."""
        return await self._send(who, service, "GET", path, params=query)

    async def until(self, who: Staff, service: str, path: str, holds: Callable[[Json], bool], **query: Any) -> Json:
        """A document as soon as it is there and ``holds``. Raises ``Away``."""
        deadline = monotonic() + self.patience
        seen: object = None
        while monotonic() < deadline:
            try:
                found = await self.get(who, service, path, **query)
            except Refused as refusal:  # not there yet
                seen = refusal
            else:
                if holds(found):
                    return found
                seen = found.get("status", found)
            await asyncio.sleep(LOOK_SECONDS)
        raise Away(f"{service}{path} {query or ''} stays {seen}")

    async def post(
        self, who: Staff, service: str, path: str, body: Json | None, key: str, *happens: tuple[str, str, Json]
    ) -> Json:
        """Do something once. ``happens``: aggregate id (empty: the answer's), event type and what is in the event.

        Raises ``Refused`` or ``Away``; in the latter case it is in the book as something that may have happened.
        """
        try:
            answer = await self._ask(who, service, path, body, key)
        except Away:
            self._note(service, happens, "", acknowledged=False)
            raise
        self._note(service, happens, str(answer.get("id", "")), acknowledged=True)
        return answer

    async def _ask(self, who: Staff, service: str, path: str, body: Json | None, key: str) -> Json:
        """Now and then both processes are asked at once, or the other one once more, as if the answer had been lost."""
        throw = self.dice.random()
        times = [1, 1] if throw < IMPATIENT else [2] if throw < 2 * IMPATIENT else [1]
        answers = await asyncio.gather(*(self._repeatedly(who, service, path, body, key, count) for count in times))
        told = {(answer.get("id"), answer.get("version")) for found in answers for answer in found}
        if len(told) > 1:
            self.contradictions.append(
                f"POST {service}{path} with key {key} was answered with {sorted(map(str, told))}"
            )
        return answers[0][0]

    async def _repeatedly(
        self, who: Staff, service: str, path: str, body: Json | None, key: str, times: int
    ) -> list[Json]:
        headers = {"Idempotency-Key": key}
        return [await self._send(who, service, "POST", path, json=body, headers=headers) for _ in range(times)]

    def _note(self, service: str, happens: tuple[tuple[str, str, Json], ...], id_: str, *, acknowledged: bool) -> None:
        for aggregate_id, name, content in happens:
            type_ = f"qingcheng.{service}.{name}.v1"
            if aggregate_id or id_:
                self.book.append(
                    Command(service, name.partition(".")[0], aggregate_id or id_, type_, content, acknowledged)
                )

    async def _send(self, who: Staff, service: str, method: str, path: str, **more: Any) -> Json:
        headers = {"Authorization": f"Bearer {await self.tokens.of(who)}", **more.pop("headers", {})}
        deadline, pause = monotonic() + self.patience, FIRST_PAUSE
        while True:
            try:
                answer = await self.http.request(method, next(self._turns[service]) + path, headers=headers, **more)
            except (httpx.TransportError, AttributeError) as error:  # the latter: closed as soon as uvloop had made it
                self.retries[type(error).__name__] += 1
            else:
                if not answer.is_server_error and answer.status_code != TOO_MANY:
                    return _read(answer, f"{method} {service}{path}")
                self.retries[str(answer.status_code)] += 1
            if monotonic() > deadline:
                raise Away(f"{service} did not answer {method} {path} for {self.patience:.0f} s")
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)


def _read(answer: httpx.Response, what: str) -> Json:
    document: Json = answer.json() if answer.content else {}
    if answer.is_success:
        return document
    raise Refused(what, answer.status_code, document.get("code", "?"))
