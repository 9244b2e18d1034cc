"""The people who work with petitions 信访代办, and how far they take one."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx

from chassis.ids import new_id
from contracts.router import OrderReferred
from tests.integration.mediation.centre import done
from tests.polling import eventually
from tests.running import Running

AUTHORISATION = {
    "petitioner": "赵示例",
    "contact": "13800001001",
    "matters": "小区停水问题",
    "powers": "递交材料、接收答复",
}
PROXY = {"proxy_id": "P1", "responsible_id": "L1"}
OPINION = {"outcome": "not_supported", "reference": "呼信访意2026-12号", "text": "请求缺乏依据，不予支持。"}
ANSWER = {"outcome": "upheld", "reference": "呼复查2026-3号", "text": "维持原处理意见。"}
TEXT = {"text": "已当面告知赵示例。"}
ROAD: tuple[tuple[str, str, str, dict[str, Any] | None], ...] = (
    ("requested", "clerk", "authorisation", AUTHORISATION),
    ("authorised", "clerk", "register", {}),
    ("registered", "clerk", "proxy", PROXY),
    ("assigned", "proxy", "submit", {"office": "D15010201"}),
    ("submitted", "proxy", "route", {"authority": "D15010202"}),
    ("routed", "proxy", "acceptance", {}),
    ("accepted", "proxy", "handling", None),
    ("handling", "proxy", "opinion", OPINION),
    ("opinion_issued", "proxy", "feedback", TEXT),
    ("feedback", "clerk", "revisit", {"accepts": True}),
    ("revisited", "clerk", "archive", None),
)
"""The straight way: the status in which a step is taken, who takes it, and what they say."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One client per person."""

    service: Running
    clerk: httpx.AsyncClient
    proxy: httpx.AsyncClient
    other_proxy: httpx.AsyncClient
    supervisor: httpx.AsyncClient
    stranger: httpx.AsyncClient

    async def walk_in(self, issue_id: str | None = None) -> str:
        """Request a petition at the window."""
        body = {"issue_id": issue_id or new_id(), "appeals": [new_id()]}
        petition_id: str = (await done(self.clerk.post("/v1/petitions", json=body)))["id"]
        return petition_id

    async def referred(self) -> tuple[str, OrderReferred]:
        """Refer an order, as the router does; the order's id and the event once the petition is there."""
        order_id = new_id()
        event = OrderReferred.model_validate(
            {
                "issue_id": new_id(),
                "case_id": new_id(),
                "unit": "S150105004",
                "item_code": "1801",
                "street_code": "150105004",
                "appeals": [new_id()],
                "mediation_due": "2999-01-01T00:00:00Z",
                "by": "H1",
                "to": "petition_proxy",
            }
        )
        await self.service.publish((order_id, 1, event.issue_id, event))
        await self.until_there(event.case_id)
        return order_id, event

    async def until_there(self, petition_id: str) -> None:
        async def there() -> bool:
            return (await self.clerk.get(f"/v1/petitions/{petition_id}")).status_code == httpx.codes.OK

        await eventually(there)

    async def go(self, petition_id: str, until: str) -> dict[str, Any]:
        """Take it on from where it is until it has this status."""
        petition = await done(self.clerk.get(f"/v1/petitions/{petition_id}"))
        for status, who, step, body in ROAD:
            if petition["status"] == until:
                break
            if petition["status"] == status:
                person: httpx.AsyncClient = getattr(self, who)
                petition = await done(person.post(f"/v1/petitions/{petition_id}/{step}", json=body))
        assert petition["status"] == until
        return petition

    async def post(self, petition_id: str, step: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """A step of the proxy's."""
        return await done(self.proxy.post(f"/v1/petitions/{petition_id}/{step}", json=body))

    async def history(self, petition_id: str) -> Sequence[tuple[str, dict[str, Any]]]:
        """Short type and data of the petition's events, in order."""
        connection = await asyncpg.connect(self.service.database_url)
        try:
            rows = await connection.fetch(
                "SELECT type, data::text FROM events WHERE aggregate = 'petition' AND id = $1::text::uuid "
                "ORDER BY version",
                petition_id,
            )
        finally:
            await connection.close()
        return [(type_.removeprefix("qingcheng.mediation.petition."), json.loads(data)) for type_, data in rows]


@asynccontextmanager
async def desk_of(service: Running) -> AsyncIterator[Desk]:
    """The people of a running service."""
    async with AsyncExitStack() as stack:

        async def person(role: str, sub: str) -> httpx.AsyncClient:
            return await stack.enter_async_context(await service.client(role, sub=sub))

        yield Desk(
            service,
            clerk=await person("centre_clerk", "C1"),
            proxy=await person("petition_proxy", "P1"),
            other_proxy=await person("petition_proxy", "P2"),
            supervisor=await person("supervisor", "S1"),
            stranger=await person("mediator", "M1"),
        )
