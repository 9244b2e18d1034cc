"""One run: load, faults one after the other, healing, and the look from outside."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic

import httpx
from rich.console import Console

from chaos.client import Away, Client, Refused
from chaos.cluster import Cluster, cluster
from chaos.faults import FAULTS, Breaker, schedule
from chaos.history import TABLES, History, read_databases, read_gateway, read_topics
from chaos.invariants import Violation, check
from chaos.load import Load, recovered
from chaos.report import Outcome
from stack.databases import database_url
from stack.dice import Dice
from stack.tokens import OAuthClient, Tokens

SECONDS_APART = 1.0  # between two issues
FULL_SCALE_MINUTES = 2.0  # runs that are shorter stop things for a shorter time
RECOVERY_PATIENCE = 120.0
QUIET_PATIENCE = 90.0
QUIET_PAUSE = 3.0
OVERDUE_SECONDS = 15.0
SUPERVISE_SECONDS = 0.5
CALM = (0.5, 2.0)  # seconds between a recovery and the next fault
HTTP_TIMEOUT = httpx.Timeout(6.0)
TOKEN_SECONDS = 86400


async def play(state: Path, minutes: float, seed: int, console: Console) -> tuple[Outcome, Counter[str]]:
    """Break things for so many minutes; what came of it, and why requests were repeated."""
    outcome = Outcome(minutes, seed)
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=40)
    async with cluster(state) as running, httpx.AsyncClient(timeout=HTTP_TIMEOUT, limits=limits) as http:
        around = running.around
        tokens = Tokens(http, OAuthClient(around.issuer, "chaos", around.client_secret), TOKEN_SECONDS)
        client = Client(http, tokens, running.urls, Dice(seed))
        load = Load(client, SECONDS_APART)
        background = [asyncio.create_task(load.run()), asyncio.create_task(_supervise(running))]
        breaker = Breaker(running, http, Dice(seed), min(1.0, minutes / FULL_SCALE_MINUTES))
        order = schedule(Dice(seed))  # dice of its own, so that what comes next does not depend on the moment
        await _break(breaker, order, load, outcome, console)
        background[0].cancel()
        console.print("Healing …")
        await load.finish()
        history = await _look(running, client, load, outcome)
        background[1].cancel()
        for task in background:
            with suppress(asyncio.CancelledError):
                await task
    outcome.commands = len(client.book)
    outcome.events = len(history.events)
    outcome.violations += [Violation("diverged", what) for what in client.contradictions]
    outcome.violations += [Violation("stuck", what) for what in (*load.unfinished, *running.died)]
    return outcome, client.retries


async def _supervise(running: Cluster) -> None:
    while True:
        await asyncio.sleep(SUPERVISE_SECONDS)
        await asyncio.to_thread(running.revive)


async def _break(
    breaker: Breaker, order: Iterator[tuple[str, ...]], load: Load, outcome: Outcome, console: Console
) -> None:
    """Faults one after the other, each followed by its recovery; every kind once unless the run is a short one."""
    async with httpx.AsyncClient() as http:
        await recovered(breaker.cluster, load, http, RECOVERY_PATIENCE)
        started = monotonic()
        for kinds in order:
            at = monotonic() - started
            if _is_over(outcome, at / 60):
                return
            broken = await asyncio.gather(*(FAULTS[kind](breaker) for kind in kinds))
            outcome.faults.update(kind for kind, times in zip(kinds, broken, strict=True) if times)
            lasted = monotonic() - started - at
            try:
                seconds = await recovered(breaker.cluster, load, http, RECOVERY_PATIENCE)
            except (Away, Refused) as failure:
                outcome.violations.append(Violation("stuck", f"after {' and '.join(kinds)}: {failure}"))
                seconds = RECOVERY_PATIENCE
            outcome.recoveries.append(seconds)
            console.print(
                f"{at:6.1f} s  {' + '.join(kinds):40} for {lasted:4.1f} s, recovered in {seconds:4.1f} s",
                soft_wrap=True,
            )
            await asyncio.sleep(breaker.random.uniform(*CALM))


def _is_over(outcome: Outcome, minutes: float) -> bool:
    """Time is up; a long run on a slow machine may take more, for the kinds that are still missing."""
    missing = FAULTS.keys() - outcome.faults.keys()
    late = 2 if missing and outcome.minutes > FULL_SCALE_MINUTES else 1
    return minutes > late * outcome.minutes


async def _look(running: Cluster, client: Client, load: Load, outcome: Outcome) -> History:
    """Look until nothing is wrong any more, or until what is wrong has had time enough to come right."""
    deadline = monotonic() + QUIET_PATIENCE
    while True:
        history = History(commands=client.book)
        for walk in load.walks:
            history.phones |= walk.phones
        urls = {service: database_url(running.server_url, running.database_of(service)) for service in TABLES}
        await read_databases(history, urls, OVERDUE_SECONDS)
        await read_topics(history, running.around.kafka)
        await read_gateway(history, running.around.sms_gateway)
        found = check(history)
        if not found or monotonic() > deadline:
            outcome.violations += found
            return history
        await asyncio.sleep(QUIET_PAUSE)
