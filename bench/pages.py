"""`pages`: the lists that people look at all day, one at a time, each by somebody who may see it."""

import asyncio
from dataclasses import dataclass
from time import perf_counter

from bench.clients import connect
from bench.lifecycle import AGENT, REVIEWER, REVISITOR, STREET
from stack.fleet import Fleet
from stack.tokens import OAuthClient, Staff

DISPATCHER, SUPERVISOR = Staff("D1", ("dispatcher",)), Staff("V1", ("supervisor",))


@dataclass(frozen=True, slots=True)
class List:
    """A list and who looks at it."""

    service: str
    path: str
    who: Staff


LISTS = {
    "router all": List("router", "/v1/orders", SUPERVISOR),
    "router dispatch": List("router", "/v1/orders?queue=dispatch", DISPATCHER),
    "router review": List("router", "/v1/orders?queue=review", REVIEWER),
    "router supervised": List("router", "/v1/orders?queue=supervised&count=true", SUPERVISOR),
    "router problem": List("router", "/v1/orders?queue=problem", SUPERVISOR),
    "router unit": List("router", "/v1/orders", STREET),
    "router unit sign": List("router", "/v1/orders?queue=sign&count=true", STREET),
    "router unit handle": List("router", "/v1/orders?queue=handle&count=true", STREET),
    "intake all": List("intake", "/v1/issues", AGENT),
    "intake newest": List("intake", "/v1/issues?sort=-received_at", AGENT),
    "intake due": List("intake", "/v1/issues?sort=due", AGENT),
    "intake registered": List("intake", "/v1/issues?status=registered&sort=due", AGENT),
    "intake overdue": List("intake", "/v1/issues?overdue=true&sort=due", SUPERVISOR),
    "intake street": List("intake", "/v1/issues?street_code=150102001&sort=-received_at", AGENT),
    "intake unit": List("intake", "/v1/issues?sort=due", STREET),
    "notify call-backs": List("notify", "/v1/revisits?status=open", REVISITOR),
}
"""By a name for people; queues 工作队列 of the router, lists of intake and notify."""


async def measure(fleet: Fleet, issuer: OAuthClient, count: int) -> dict[str, list[float]]:
    """Seconds that each list took, ``count`` times, in turns."""
    tokens = {who: await asyncio.to_thread(issuer.fetch, who) for who in {one.who for one in LISTS.values()}}
    connections = {name: await connect(fleet.base_urls[name]) for name in {one.service for one in LISTS.values()}}
    found: dict[str, list[float]] = {name: [] for name in LISTS}
    try:
        for number in range(count + 1):
            for name, one in LISTS.items():
                begun = perf_counter()
                headers = {"authorization": f"Bearer {tokens[one.who]}"}
                await connections[one.service].ask("GET", one.path, None, headers)
                if number:  # the first look warms up
                    found[name].append(perf_counter() - begun)
    finally:
        for connection in connections.values():
            connection.close()
    return found
