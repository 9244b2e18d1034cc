"""What every operator of the demo has: the telephone, the bell and a way to work through queues."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from demo.appeals import Appeal
from demo.client import Api, Away, Json, Refused
from demo.switchboard import Switchboard
from stack.tokens import Staff

LOOK_ANYWAY = 15.0  # seconds after which an operator looks into the queues without having heard the bell
LOOK_AGAIN = 0.5  # seconds after which one tries again what did not work


@dataclass(slots=True)
class Office:
    """What operators share. ``appeals`` are by issue: what a caller said, which an operator hears and we read."""

    api: Api
    switchboard: Switchboard
    appeals: dict[str, Appeal] = field(default_factory=dict)
    refusals: Counter[str] = field(default_factory=Counter)
    """What services refused, and how often: shown if something does not come to its end."""


@dataclass(frozen=True, slots=True)
class Queue:
    """A list of a service's API, and what an operator does with each of its items."""

    service: str
    path: str
    query: Mapping[str, str]
    step: Callable[[Json, Appeal], Awaitable[Any]]


class Operator:
    """Somebody at a desk: waits for its bell, then works through the queues that it named."""

    def __init__(self, office: Office, desk: str, who: Staff, queues: Mapping[str, Queue]) -> None:
        self.office = office
        self.api = office.api
        self._desk = desk
        self._who = who
        self._queues = queues
        self._look_at = monotonic() + LOOK_ANYWAY

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            named = await self.office.switchboard.wait(self._desk, max(self._look_at - monotonic(), 0.0))
            everything = monotonic() >= self._look_at
            if everything:
                self._look_at = monotonic() + LOOK_ANYWAY
            for name, queue in self._queues.items():
                if everything or name in named:
                    await self._work_through(queue)

    def look_again_in(self, seconds: float) -> None:
        """Look into all queues after so many seconds at the latest."""
        self._look_at = min(self._look_at, monotonic() + max(seconds, 0.0))

    async def _work_through(self, queue: Queue) -> None:
        """Do what there is to do; what is refused stays in the queue and holds up nothing else."""
        try:
            items = [item async for item in self.api.list(self._who, queue.service, queue.path, **queue.query)]
        except (Refused, Away) as refusal:
            self._note(refusal)
            return
        for item in items:
            appeal = self.office.appeals.get(item["issue_id"] if "issue_id" in item else item["id"])
            if appeal is None:  # its caller is still on the line
                self.look_again_in(LOOK_AGAIN)
                continue
            try:
                await queue.step(item, appeal)
            except (Refused, Away) as refusal:
                self._note(refusal)

    def _note(self, refusal: Exception) -> None:
        self.office.refusals[str(refusal)] += 1
        self.look_again_in(LOOK_AGAIN)
