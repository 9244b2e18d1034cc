"""Random lives of orders over HTTP, and what every queue should then show, told from the orders alone."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from contracts.codes import Resolution
from stack.dice import Dice
from tests.integration.router.order_desk import DUAL_ITEM, LOCALITY_ITEM, OTHER, SECTOR, STREET, Desk, done

COUNTY, OTHER_COUNTY = "G150102", "G150103"
OUTSIDE = ("in_mediation", "suspended")
TERMINAL = ("closed", "cancelled")


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
    open_ = order["status"] not in TERMINAL
    dispatcher = ("county", order["desk"]) if order["desk"] else ("dispatcher", None)
    if order["status"] == "pending_dispatch":
        found.add(dispatcher)
    if order["status"] == "close_review":
        found.add(("reviewer", None))
    uncalled = any(duty["contact_overdue"] for duty in order["obligations"])
    if (order["supervision"] in ("red", "escalated") or uncalled) and open_:
        found.add(("supervisor", None))
    for request in order["requests"]:
        decider = dispatcher if request["kind"] == "return" else ("reviewer", None)
        found.add(("supervisor", None) if request["binding"] or request["is_overdue"] else decider)
    if open_ and order["status"] not in OUTSIDE:
        owing = {duty["unit"] for duty in order["obligations"] if duty["result_id"] is None}
        owing |= {heir["to"] for heir in order["reassigning"]}
        owing -= {suspension["unit"] for suspension in order["suspensions"]}
        found |= {("unit", unit) for unit in owing}
        if order["status"] != "pending_dispatch":
            found |= {("county", unit) for unit in owing if unit.startswith("G")}
    return found


@dataclass
class Walk:
    """Moves orders at random, as their people could: some wait for the city's dispatcher, some for a county's."""

    desk: Desk
    random: Dice
    orders: list[str] = field(default_factory=list)

    async def begin(self) -> None:
        """One more order: for a street, for a street and a department, or for the dispatcher."""
        unknown = (None, f"{STREET[1:7]}999")
        item, street = self.random.choice(
            [(LOCALITY_ITEM, STREET[1:]), (DUAL_ITEM, STREET[1:]), *((LOCALITY_ITEM, place) for place in unknown)]
        )
        self.orders.append((await self.desk.accept(item=item, street=street))["id"])

    async def step(self) -> None:
        """Something happens to one of the orders."""
        order = await self.desk.order(self.random.choice(self.orders))
        path = f"/v1/orders/{order['id']}"
        if order["requests"] and self.random.random() < 0.5:
            await self._decide(order["requests"][0], path)
            return
        match order["status"]:
            case "pending_dispatch" if not order["vacant"]:
                unit = self.random.choice([STREET, SECTOR, COUNTY, OTHER_COUNTY])
                await done(self.desk.dispatcher.post(f"{path}/dispatch", json={"obligations": [{"unit": unit}]}))
            case "pending_sign" | "in_progress" | "extension_review" | "suspension_review":
                await self._handle(order, path)
            case "close_review":
                passed = {"passed": True} if self.random.random() < 0.7 else {"passed": False, "reason": "unsolved"}
                await done(self.desk.reviewer.post(f"{path}/review", json=passed))
            case "pending_revisit":
                resolution = self.random.choice([Resolution.YES, Resolution.NO])
                await self.desk.call_back(order, order["appeals"][0], resolution)
                await self.desk.until(order["id"], lambda now: now["version"] > order["version"])

    async def _decide(self, request: dict[str, Any], path: str) -> None:
        of_request = f"{path}/requests/{request['id']}"
        if request["binding"]:
            await done(self.desk.supervisor.post(f"{of_request}/rule", json={"unit": request["unit"]}))
        else:
            client = self.desk.dispatcher if request["kind"] == "return" else self.desk.reviewer
            await done(client.post(f"{of_request}/{self.random.choice(['approve', 'reject'])}"))

    async def _handle(self, order: dict[str, Any], path: str) -> None:
        """One of its units does what comes next, asks for something, or does nothing; a rule may still say no."""
        clients = {STREET: self.desk.street, SECTOR: self.desk.sector, OTHER: self.desk.other}
        duty = self.random.choice(order["obligations"])
        client = clients.get(duty["unit"])
        if client is None:
            return
        wrong_unit = {"reason": "not_our_duty", "unit": "D15010004", "text": "不属于本单位"}
        more_time = {"reason": "works", "working_days": 1, "text": "需施工"}
        recheck = (datetime.now(UTC) + timedelta(days=20)).isoformat()
        on_hold = {"reason": "season", "recheck_at": recheck, "text": "待开春"}
        moved = {"unit": duty["unit"], "to": OTHER}
        match duty["step"], self.random.choice("abcdefgh"):
            case "to_sign", "a" | "b":
                await client.post(f"{path}/return", json=wrong_unit)
            case "to_sign", _:
                await client.post(f"{path}/sign")
            case "to_handle", "a":
                await client.post(f"{path}/refer")
            case "to_handle", "b":
                await client.post(f"{path}/extension", json=more_time)
            case "to_handle", "c":
                await client.post(f"{path}/suspension", json=on_hold)
            case "to_handle", "d":
                await client.post(f"{path}/ruling", json=wrong_unit)
            case "to_handle", "e":
                await self.desk.dispatcher.post(f"{path}/reassign", json=moved)
            case "to_handle", _:
                await client.post(f"{path}/contact", json={"visit": True})
                await client.post(f"{path}/submit", json={"text": "已修好，诉求人赵示例认可。"})
