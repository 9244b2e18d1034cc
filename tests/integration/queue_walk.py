"""Random lives of orders over HTTP, and what every queue should then show, told from the orders alone."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from contracts.codes import Resolution
from stack.dice import Dice
from tests.integration.order_desk import DUAL_ITEM, LOCALITY_ITEM, SECTOR, STREET, Desk, done

COUNTY, OTHER_COUNTY = "G150102", "G150103"
OUTSIDE = ("in_mediation", "suspended")


async def items_of(client: httpx.AsyncClient, path: str, limit: int = 7, **query: Any) -> AsyncIterator[dict[str, Any]]:
    """Everything on a keyset list, page by page."""
    cursor: dict[str, str] = {}
    while True:
        page = await done(client.get(path, params={"limit": limit, **query, **cursor}))
        for item in page["items"]:
            yield item
        if page["next_cursor"] is None:
            return
        cursor = {"cursor": page["next_cursor"]}


async def queue(client: httpx.AsyncClient, name: str, **query: Any) -> list[dict[str, Any]]:
    """Every item of a queue."""
    return [item async for item in items_of(client, f"/v1/queues/{name}", **query)]


async def totals(client: httpx.AsyncClient) -> dict[str, int]:
    """The counts of everybody's queues, by name."""
    listed = await done(client.get("/v1/queues"))
    return {shown["name"]: shown["total"] for shown in listed["items"]}


def expected(order: dict[str, Any]) -> set[tuple[str, str | None]]:
    """The queues, and of which unit, in which an order should be."""
    found: set[tuple[str, str | None]] = set()
    if order["status"] == "pending_dispatch":
        found.add(("dispatcher", None))
    if order["status"] == "close_review":
        found.add(("reviewer", None))
    if order["supervision"] in ("red", "escalated") and order["status"] != "closed":
        found.add(("supervisor", None))
    if order["status"] not in OUTSIDE:
        owing = [duty["unit"] for duty in order["obligations"] if duty["result_id"] is None]
        found |= {("unit", unit) for unit in owing}
        found |= {("county", unit) for unit in owing if unit.startswith("G")}
    return found


@dataclass
class Walk:
    """Moves orders at random, as their people could."""

    desk: Desk
    random: Dice
    orders: list[str] = field(default_factory=list)

    async def begin(self) -> None:
        """One more order: for a street, for a street and a department, or for the dispatcher."""
        item, street = self.random.choice([(LOCALITY_ITEM, STREET[1:]), (DUAL_ITEM, STREET[1:]), (LOCALITY_ITEM, None)])
        self.orders.append((await self.desk.accept(item=item, street=street))["id"])

    async def step(self) -> None:
        """Something happens to one of the orders."""
        order = await self.desk.order(self.random.choice(self.orders))
        path = f"/v1/orders/{order['id']}"
        match order["status"]:
            case "pending_dispatch":
                unit = self.random.choice([STREET, SECTOR, COUNTY, OTHER_COUNTY])
                await done(self.desk.dispatcher.post(f"{path}/dispatch", json={"obligations": [{"unit": unit}]}))
            case "pending_sign" | "in_progress":
                await self._handle(order, path)
            case "close_review":
                passed = {"passed": True} if self.random.random() < 0.7 else {"passed": False, "reason": "unsolved"}
                await done(self.desk.reviewer.post(f"{path}/review", json=passed))
            case "pending_revisit":
                resolution = self.random.choice([Resolution.YES, Resolution.NO])
                await self.desk.call_back(order, order["appeals"][0], resolution)
                await self.desk.until(order["id"], lambda now: now["version"] > order["version"])

    async def _handle(self, order: dict[str, Any], path: str) -> None:
        clients = {STREET: self.desk.street, SECTOR: self.desk.sector}
        for duty in order["obligations"]:
            client = clients.get(duty["unit"])
            if client is None or self.random.random() < 0.3:
                continue
            if duty["step"] == "to_sign":
                await done(client.post(f"{path}/sign"))
            elif duty["step"] == "to_handle" and self.random.random() < 0.2 and order["status"] == "in_progress":
                await done(client.post(f"{path}/refer"))
                return
            elif duty["step"] == "to_handle":
                await self.desk.handled(order["id"], client)
