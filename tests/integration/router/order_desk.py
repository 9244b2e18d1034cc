"""A router service, its people, and the sister services that speak to it."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx

from chassis.ids import derived_beside, new_id
from contracts.codes import Channel, IssueKind, ReasonClass, Resolution, Satisfaction, Urgency
from contracts.event import Event
from contracts.intake import IssueAccepted
from contracts.notify import RevisitOpened, RevisitRecorded
from tests.polling import eventually
from tests.running import Running

STREET, SECTOR, OTHER = "S150102001", "D15010026", "S150102002"
LOCALITY_ITEM, DUAL_ITEM = "0403", "0406"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
PREPARE = ("migrate", "load-reference")
"""What a router needs to have done before it serves."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One client per person."""

    service: Running
    dispatcher: httpx.AsyncClient
    street: httpx.AsyncClient
    sector: httpx.AsyncClient
    other: httpx.AsyncClient
    reviewer: httpx.AsyncClient
    supervisor: httpx.AsyncClient
    leader: httpx.AsyncClient
    panel: httpx.AsyncClient

    async def accept(
        self,
        item: str = LOCALITY_ITEM,
        street: str | None = STREET[1:],
        appeals: int = 1,
        urgency: Urgency = Urgency.NORMAL,
    ) -> dict[str, Any]:
        """Accept an issue, as intake does; return the order once it is there."""
        issue_id = new_id()
        accepted = IssueAccepted(
            kind=IssueKind.COMPLAINT,
            item_code=item,
            street_code=street,
            urgency=urgency,
            channel=Channel.HOTLINE,
            appeals=[new_id() for _ in range(appeals)],
            handling_due=LONG_AGO,
            by="A001",
        )
        await self.service.publish((issue_id, 1, issue_id, accepted))
        order_id = derived_beside(issue_id, "order", "1")
        await self.until(order_id, lambda order: True)
        return await self.order(order_id)

    async def signed(self, **issue: Any) -> dict[str, Any]:
        """An order whose street has signed."""
        order = await self.accept(**issue)
        return await done(self.street.post(f"/v1/orders/{order['id']}/sign"))

    async def handled(self, order_id: str, unit: httpx.AsyncClient | None = None) -> dict[str, Any]:
        """Contact the caller and submit a result."""
        client = unit or self.street
        await done(client.post(f"/v1/orders/{order_id}/contact", json={"visit": True}))
        return await done(client.post(f"/v1/orders/{order_id}/submit", json={"text": "已修好，诉求人赵示例认可。"}))

    async def order(self, order_id: str) -> dict[str, Any]:
        """The order as a supervisor sees it."""
        return await done(self.supervisor.get(f"/v1/orders/{order_id}"))

    async def until(self, order_id: str, holds: Any) -> None:
        """Wait until the order is there and ``holds``."""

        async def there() -> bool:
            answer = await self.supervisor.get(f"/v1/orders/{order_id}")
            return answer.status_code == httpx.codes.OK and bool(holds(answer.json()))

        await eventually(there)

    async def hear(self, aggregate_id: str, issue_id: str, *events: Event, first: int = 1) -> None:
        """Publish a sister's events about one aggregate."""
        numbered = [(aggregate_id, number, issue_id, event) for number, event in enumerate(events, first)]
        await self.service.publish(*numbered)

    async def call_back(
        self, order: dict[str, Any], appeal_id: str, resolution: Resolution, late: int | None = None
    ) -> None:
        """Call back, as notify does. ``late``: the round of a caller who joined when it was closed."""
        round_, basis = late or order["round"], "late_caller" if late else "order"
        opened = RevisitOpened(
            issue_id=order["issue_id"],
            order_id=order["id"],
            appeal_id=appeal_id,
            round=round_,
            basis=basis,
            due=LONG_AGO,
        )
        recorded = RevisitRecorded(
            order_id=order["id"],
            appeal_id=appeal_id,
            round=round_,
            basis=basis,
            contacted=True,
            in_time=True,
            resolution=resolution,
            satisfaction=Satisfaction.NEUTRAL,
            reason_class=ReasonClass.UNIT_WORK,
            by="R1",
        )
        await self.hear(new_id(), order["issue_id"], opened, recorded)

    async def history(self, aggregate: str, id_: str) -> Sequence[tuple[str, dict[str, Any]]]:
        """Short type and data of an aggregate's events, in order."""
        connection = await asyncpg.connect(self.service.database_url)
        try:
            rows = await connection.fetch(
                "SELECT type, data::text FROM events WHERE aggregate = $1 AND id = $2::text::uuid ORDER BY version",
                aggregate,
                id_,
            )
        finally:
            await connection.close()
        prefix = f"qingcheng.router.{aggregate}."
        return [(type_.removeprefix(prefix).removesuffix(".v1"), json.loads(data)) for type_, data in rows]


@asynccontextmanager
async def desk_of(service: Running) -> AsyncIterator[Desk]:
    """The people of a running service."""
    async with AsyncExitStack() as stack:

        async def person(role: str, sub: str, unit: str | None = None) -> httpx.AsyncClient:
            return await stack.enter_async_context(await service.client(role, sub=sub, unit=unit))

        yield Desk(
            service,
            dispatcher=await person("dispatcher", "D1"),
            street=await person("unit_handler", "U1", STREET),
            sector=await person("unit_handler", "U2", SECTOR),
            other=await person("unit_handler", "U3", OTHER),
            reviewer=await person("reviewer", "R1"),
            supervisor=await person("supervisor", "V1"),
            leader=await person("street_leader", "L1", STREET),
            panel=await person("panel", "P1"),
        )


async def done(request: Any) -> dict[str, Any]:
    """The answer's body; the request must have succeeded."""
    answer: httpx.Response = await request
    assert answer.is_success, answer.text
    body: dict[str, Any] = answer.json()
    return body
