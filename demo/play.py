"""One performance: appeals come in, operators work, until everything that has begun has ended or time is up."""

import asyncio
from collections.abc import Callable, Sequence
from time import monotonic

import httpx

from chassis.busy_http_client import BusyHttpClient
from demo.appeals import Appeal
from demo.client import Api
from demo.facts import Facts
from demo.findings import Findings, find
from demo.observer import Observer
from demo.operators.centre import Clerk, Mediator
from demo.operators.dispatch_desk import Dispatcher, Reviewer
from demo.operators.intake_desk import Agents, SecondPerson, bring_appeals
from demo.operators.office import Office, Operator
from demo.operators.petitions import PetitionDesk, Proxy
from demo.operators.revisitor import Revisitor
from demo.operators.units import Unit
from demo.partner import Partner
from demo.staff import MEDIATORS
from demo.switchboard import Switchboard
from stack.local import LocalStack
from stack.tokens import OAuthClient, Tokens

SECONDS_APART = 0.5  # between two callers
PATIENCE = 240.0  # seconds after which whatever is unfinished is told instead of waited for
CHECK_SECONDS = 0.1
TOKEN_SECONDS = 3600  # the demo is over before
SUPERVISE_SECONDS = 0.5
TIMEOUT = httpx.Timeout(20.0)
CONNECTIONS = httpx.Limits(max_connections=6, max_keepalive_connections=6)
"""Few: everybody here answers a bell at the same instant, which people at their desks do not."""

Show = Callable[[int, int], None]
"""Told how many issues have ended, and how many things are under way."""


async def play(
    stack: LocalStack, prefix: str, appeals: Sequence[Appeal], show: Show, supervise: Callable[[], None]
) -> Findings:
    """Take the appeals through the services of ``stack`` and find out what has become of them.

    ``supervise`` is called now and then in a thread: it starts services again that have died.
    """
    around = stack.surroundings
    facts, switchboard = Facts(), Switchboard()
    async with (
        BusyHttpClient(timeout=TIMEOUT, limits=CONNECTIONS) as http,
        Observer(around.kafka, prefix, facts, switchboard) as observer,
        Partner() as partner,
    ):
        tokens = Tokens(http, OAuthClient(around.issuer, "demo", around.client_secret), TOKEN_SECONDS)
        api = Api(http, stack.fleet.base_urls, tokens)
        office = Office(api, switchboard)
        await partner.subscribe(api)
        async with asyncio.TaskGroup() as group:
            background = [
                group.create_task(work)
                for work in (
                    observer.run(),
                    _now_and_then(supervise),
                    _hire_units(office),
                    *(operator.run() for operator in _desks(office)),
                )
            ]
            group.create_task(bring_appeals(office, appeals, SECONDS_APART))
            await _ended(facts, len(appeals), show)
            for task in background:
                task.cancel()
        sent = (await http.get(f"{around.sms_gateway}/messages")).raise_for_status().json()
        told = await partner.told(api, facts.issues_that_ended)
        events = await observer.events_per_topic()
        return await find(office, appeals, facts, events, sent, set(partner.issues), told)


def _desks(office: Office) -> list[Operator]:
    mediators = [Mediator(office, who) for who in MEDIATORS]
    others = (Agents, SecondPerson, Dispatcher, Reviewer, Revisitor, Clerk, PetitionDesk, Proxy)
    return [*mediators, *(operator(office) for operator in others)]


async def _hire_units(office: Office) -> None:
    """Let somebody work at every unit that gets something to do."""
    async with asyncio.TaskGroup() as units:
        while True:
            unit = Unit(office, await office.switchboard.hired.get())
            units.create_task(unit.run())


async def _now_and_then(supervise: Callable[[], None]) -> None:
    while True:
        await asyncio.sleep(SUPERVISE_SECONDS)
        await asyncio.to_thread(supervise)


async def _ended(facts: Facts, issues: int, show: Show) -> None:
    """Wait until everything has ended, or for ``PATIENCE`` seconds."""
    until = monotonic() + PATIENCE
    while monotonic() < until:
        unfinished = len(facts.unfinished)
        show(facts.ended_issues, unfinished)
        if facts.ended_issues == issues and not unfinished:
            return
        await asyncio.sleep(CHECK_SECONDS)
