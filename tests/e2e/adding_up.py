"""What must be so of everything that is open, whatever happened: nothing is stuck, and queues count what they show."""

import json
from collections.abc import AsyncIterator, Iterable
from typing import Any

from stack.tokens import Staff
from tests.e2e.api import AGENT, SUPERVISOR, Json
from tests.e2e.world import World
from tests.integration.router.queue_walk import OUTSIDE, TERMINAL, expected

STORED = {
    "intake": {
        "issue": ("issues", frozenset({"closed", "answered", "declined", "transferred", "withdrawn", "merged"}))
    },
    "router": {
        "order": ("orders", frozenset(TERMINAL)),
        "whistle": ("whistles", frozenset({"closed", "cancelled"})),
    },
    "mediation": {
        "case": ("cases", frozenset({"referred", "terminated", "archived"})),
        "petition": ("petitions", frozenset({"guided", "archived", "withdrawn"})),
    },
    "notify": {"revisit": ("revisits", frozenset({"recorded", "unreached", "cancelled"}))},
}
"""Service -> aggregate -> its table, and the statuses in which nothing is left to do."""
WAITING = (*OUTSIDE, "pending_revisit")
"""Statuses of orders that wait for somebody outside of the router, or for a day: no queue shows them."""
LIMIT = 200
_ALL = "SELECT id::text, state::text FROM <table>"


async def wrong(world: World) -> list[str]:
    """Everything that is not as it must be."""
    shown = {
        "intake": await _queues(world, "intake", SUPERVISOR),
        "agent": await _queues(world, "intake", AGENT),
        "router": await _queues(world, "router", SUPERVISOR),
        "mediation": await _queues(world, "mediation", SUPERVISOR, "/v1/petition-queues"),
    }
    found = [fault for _, faults in shown.values() for fault in faults]
    rows = {name: queues for name, (queues, _) in shown.items()}
    seen = {name: set().union(*queues.values()) for name, queues in rows.items()}
    in_queues = {"issue": seen["intake"] | seen["agent"], "order": seen["router"], "whistle": seen["router"]}
    found += await _stuck(world, in_queues | {"petition": seen["mediation"]})
    found += await _issues(world, rows["intake"])
    found += await _orders(world, rows["router"])
    for service in STORED:
        letters = await world.fetch(service, "SELECT topic, reason, error FROM dead_letters WHERE resolution IS NULL")
        found += [f"{service}: dead letter {tuple(letter)}" for letter in letters]
    return found


async def _pages(world: World, who: Staff, service: str, path: str, **query: Any) -> AsyncIterator[Json]:
    cursor: dict[str, str] = {}
    while True:
        page = await world.api.get(who, service, path, limit=LIMIT, **query, **cursor)
        for item in page["items"]:
            yield item
        if page["next_cursor"] is None:
            return
        cursor = {"cursor": page["next_cursor"]}


async def _queues(
    world: World, service: str, who: Staff, path: str = "/v1/queues"
) -> tuple[dict[str, set[str]], list[str]]:
    """The ids in each queue that somebody sees, and counts that are not those of the rows."""
    shown, found = {}, []
    for queue in (await world.api.get(who, service, path))["items"]:
        rows = [row["id"] async for row in _pages(world, who, service, f"{path}/{queue['name']}")]
        shown[queue["name"]] = set(rows)
        if not len(rows) == len(set(rows)) == queue["total"]:
            found.append(f"{service}: {queue['name']} counts {queue['total']} and shows {len(rows)}")
    return shown, found


async def _stuck(world: World, shown: dict[str, set[str]]) -> list[str]:
    """What is open, without a deadline, and in no queue."""
    found = []
    for service, aggregates in STORED.items():
        timers = await world.fetch(service, "SELECT DISTINCT aggregate, id::text FROM deadlines")
        running = {(row[0], row[1]) for row in timers}
        for aggregate, (table, ended) in aggregates.items():
            for id_, state in await world.fetch(service, _ALL.replace("<table>", table)):
                status = json.loads(state)["status"]
                watched = (aggregate, id_) in running or id_ in shown.get(aggregate, set())
                if status not in ended and not watched:
                    found.append(f"{aggregate}/{id_} is {status}, without a deadline and in no queue")
    return found


async def _issues(world: World, queues: dict[str, set[str]]) -> list[str]:
    issues = {issue["id"]: issue async for issue in _pages(world, SUPERVISOR, "intake", "/v1/issues")}

    def those(holds: Iterable[bool]) -> set[str]:
        return {id_ for id_, is_so in zip(issues, holds, strict=True) if is_so}

    registered = [issue["status"] == "registered" for issue in issues.values()]
    asked = [issue["question_id"] is not None for issue in issues.values()]
    wanted = {
        "agent": those(registered),
        "specialist": those(map(bool.__and__, registered, asked)),
        "decline": those(issue["status"] == "decline_review" for issue in issues.values()),
        "objection": those(issue["status"] == "objection_review" for issue in issues.values()),
    }
    return differences("intake", wanted, queues)


async def _orders(world: World, queues: dict[str, set[str]]) -> list[str]:
    """Each queue has what its orders' states say; the queues and what waits outside are all open orders."""
    orders = {order["id"]: order async for order in _pages(world, SUPERVISOR, "router", "/v1/orders")}
    places = {id_: {name for name, _ in expected(order)} for id_, order in orders.items()}
    names = ("dispatcher", "county", "unit", "reviewer", "supervisor")
    wanted = {name: {id_ for id_, named in places.items() if name in named} for name in names}
    found = differences("router", wanted, queues)
    open_ = {id_ for id_, order in orders.items() if order["status"] not in TERMINAL}
    waiting = {id_ for id_ in open_ if orders[id_]["status"] in WAITING}
    held = open_ & set().union(*(queues[name] for name in names))
    if held | waiting != open_:
        found.append(f"router: {len(open_)} open orders, {len(held | waiting)} in queues or waiting outside")
    return found


def differences(service: str, wanted: dict[str, set[str]], shown: dict[str, set[str]]) -> list[str]:
    """Queues that do not show just what they should."""
    return [
        f"{service}: {name} lacks {sorted(ids - shown[name])[:3]}, has too many {sorted(shown[name] - ids)[:3]}"
        for name, ids in wanted.items()
        if ids != shown[name]
    ]
