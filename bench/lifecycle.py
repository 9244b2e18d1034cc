"""One issue through all services, played by everybody whose work it is, as fast as they can."""

import itertools
import uuid
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import perf_counter

from bench.clients import Connection, Json, connect
from bench.events import Events, seen
from stack.tokens import Staff, handler

AGENT, REVIEWER, REVISITOR = Staff("A1", ("agent",)), Staff("R1", ("reviewer",)), Staff("C1", ("revisitor",))
STREET = handler("S150102001")
EVERYBODY = (AGENT, REVIEWER, REVISITOR, STREET)
ACCEPT: Json = {"kind": "complaint", "item_code": "0403", "street_code": "150102001"}
RECORD: Json = {"contacted": True, "in_time": True, "resolution": "yes", "satisfaction": "satisfied"}
_CALLERS = itertools.count()
DISPATCHED = "qingcheng.router.order.dispatched.v1"
OPENED = "qingcheng.notify.revisit.opened.v1"
CLOSED = "qingcheng.intake.issue.closed.v1"
DISPATCH, REVISIT = "dispatched", "revisit opened"
"""Names of the steps that wait for an event."""
TOPICS = ("router.orders", "notify.revisits", "intake.issues")


def appeal() -> Json:
    """What the next caller says: somebody else each time, as nobody gets the messages of a thousand issues a minute."""
    return {
        "channel": "hotline",
        "text": "楼下的路灯坏了三天了，晚上甚也看不见。",
        "street_code": "150102001",
        "appellant": {"name": "赵示例", "phone": f"138{next(_CALLERS):08}"},
    }


@dataclass(slots=True)
class Connections:
    """Connections to one service: the one used last is taken first, a new one when none is free.

    Those that the service has closed, because nobody used them, are forgotten.
    """

    url: str
    _free: list[Connection] = field(default_factory=list)

    @asynccontextmanager
    async def one(self) -> AsyncGenerator[Connection]:
        """A connection for one request; one that failed is not used again."""
        while self._free and not self._free[-1].is_open:
            self._free.pop()
        connection = self._free.pop() if self._free else await connect(self.url)
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._free.append(connection)

    def close(self) -> None:
        """End those that are free."""
        while self._free:
            self._free.pop().close()


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds between an answer and the event that it leads to in another service, as a partner sees it."""

    dispatched: float
    """From the answer to accept 受理 until `order.dispatched` 派单."""
    revisit: float
    """From the answer to the passed review 办结 until `revisit.opened` 回访."""


@dataclass(frozen=True, slots=True)
class Step:
    """How far an issue has come; ``waited``: seconds until the event that the step led to."""

    name: str
    issue_id: str
    waited: float = 0.0


@dataclass(frozen=True, slots=True)
class City:
    """Where everything is; ``tokens`` are of EVERYBODY."""

    services: Mapping[str, Connections]
    tokens: Mapping[Staff, str]
    events: Events

    async def live(self) -> Waits:
        """Take an issue from the call to the call-back. Raises ``Failed`` or TimeoutError."""
        waited = {step.name: step.waited async for step in self.walk()}
        return Waits(waited[DISPATCH], waited[REVISIT])

    async def walk(self) -> AsyncGenerator[Step]:
        """The steps of `live`, each when it is done. Raises ``Failed`` or TimeoutError."""
        issue_id = (await self.post(AGENT, "intake", "/v1/issues", appeal()))["id"]
        yield Step("registered", issue_id)
        coming = {type_: self.events.expect(issue_id, type_) for type_ in (DISPATCHED, OPENED, CLOSED)}
        await self.post(AGENT, "intake", f"/v1/issues/{issue_id}/accept", ACCEPT)
        accepted = perf_counter()
        dispatched = await seen(coming[DISPATCHED])
        yield Step(DISPATCH, issue_id, dispatched.at - accepted)
        path = f"/v1/orders/{dispatched.aggregate_id}"
        await self.post(STREET, "router", f"{path}/sign", {})
        yield Step("signed", issue_id)
        await self.post(STREET, "router", f"{path}/contact", {"visit": False})
        await self.post(STREET, "router", f"{path}/submit", {"text": "已更换灯泡。"})
        yield Step("submitted", issue_id)
        await self.post(REVIEWER, "router", f"{path}/review", {"passed": True})
        completed = perf_counter()
        opened = await seen(coming[OPENED])
        yield Step(REVISIT, issue_id, opened.at - completed)
        await self.post(REVISITOR, "notify", f"/v1/revisits/{opened.aggregate_id}/record", RECORD)
        await seen(coming[CLOSED])
        yield Step("closed", issue_id)

    async def get(self, service: str, path: str) -> Json:
        """Ask for something that nobody needs a token for. Raises ``Failed``."""
        async with self.services[service].one() as connection:
            return await connection.ask("GET", path, None, {})

    async def post(self, who: Staff, service: str, path: str, body: Json) -> Json:
        """A command in the name of ``who``, under a key of its own. Raises ``Failed``."""
        headers = {"authorization": f"Bearer {self.tokens[who]}", "idempotency-key": uuid.uuid4().hex}
        async with self.services[service].one() as connection:
            return await connection.ask("POST", path, body, headers)
