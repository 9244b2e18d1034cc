"""A steady load of issues on all roads, whatever breaks meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import cycle
from time import monotonic

import httpx

from chaos.client import Away, Client, Refused
from chaos.cluster import Cluster
from chaos.roads import ROADS, ordinary
from chaos.walk import SUPERVISOR, Walk, begin

AT_MOST = 60
"""Issues under way at once: during an outage they gather, and more of them would prove nothing more."""
LOOK_SECONDS = 0.25


class Load:
    """Begins an issue every ``seconds_apart``. ``unfinished`` says what did not come to its end, and why."""

    def __init__(self, client: Client, seconds_apart: float) -> None:
        self._client = client
        self._seconds_apart = seconds_apart
        self._under_way: set[asyncio.Task[None]] = set()
        self.walks: list[Walk] = []
        self.unfinished: list[str] = []
        self.begun = 0

    async def run(self) -> None:
        """Go on until cancelled; what is under way then goes on."""
        roads = cycle(ROADS)
        while True:
            if len(self._under_way) < AT_MOST:
                self._start(next(roads))
            await asyncio.sleep(self._seconds_apart)

    async def finish(self) -> None:
        """Wait until everything under way has ended, or has been given up."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    def _start(self, road: Callable[[Walk], Awaitable[None]]) -> None:
        self.begun += 1
        task = asyncio.create_task(self._walk(road, None))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _walk(self, road: Callable[[Walk], Awaitable[None]], walk: Walk | None) -> None:
        try:
            if walk is None:
                walk = await begin(self._client)
                self.walks.append(walk)
            await road(walk)
        except (Refused, Away) as failure:
            self.unfinished.append(f"{road.__name__} of issue {walk.id if walk else '?'}: {failure}")

    async def probe(self) -> None:
        """Take a new issue as far as a dispatched order and the message about it: through three services and back.

        It goes on to its end as part of the load. Raises ``Away`` or ``Refused``.
        """
        walk = await begin(self._client)
        self.walks.append(walk)
        arrived = asyncio.Event()

        async def seen(walk: Walk) -> None:
            client = walk.client
            order = asyncio.create_task(ordinary(walk))
            try:
                await client.until(
                    SUPERVISOR,
                    "notify",
                    "/v1/deliveries",
                    lambda page: {item["template"] for item in page["items"]} >= {"issue_accepted", "order_dispatched"},
                    issue_id=walk.id,
                )
                arrived.set()
            finally:
                await order

        task = asyncio.create_task(self._walk(seen, walk))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        waiting = asyncio.create_task(arrived.wait())
        await asyncio.wait((waiting, task), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if not arrived.is_set():
            raise Away("the probe did not come through")


async def recovered(cluster: Cluster, load: Load, http: httpx.AsyncClient, patience: float) -> float:
    """Seconds until every process is ready and a probe has come through. Raises ``Away`` after ``patience``."""
    started = monotonic()
    while troubles := await cluster.troubles(http):
        if monotonic() - started > patience:
            raise Away(f"not ready after {patience:.0f} s: {'; '.join(troubles)}")
        await asyncio.sleep(LOOK_SECONDS)
    await load.probe()
    return monotonic() - started
