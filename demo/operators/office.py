"""What every operator of the demo has: the telephone, the bell and a way to work through a queue."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from demo.appeals import Appeal
from demo.client import Api, Away, Json, Refused
from demo.switchboard import Switchboard

LOOK_ANYWAY = 5.0  # seconds after which an operator looks into the queue without having heard the bell
LOOK_AGAIN = 0.5  # seconds after which one tries again what did not work


@dataclass(slots=True)
class Office:
    """What operators share. ``appeals`` are by issue: what a caller said, which an operator hears and we read."""

    api: Api
    switchboard: Switchboard
    appeals: dict[str, Appeal] = field(default_factory=dict)
    refusals: Counter[str] = field(default_factory=Counter)
    """What services refused, and how often: shown if something does not come to its end."""


class Operator:
    """Somebody at a desk: waits for its bell, then works through its queues."""

    def __init__(self, office: Office, desk: str) -> None:
        self.office = office
        self.api = office.api
        self._desk = desk
        self._look_again = LOOK_ANYWAY

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._look_again = LOOK_ANYWAY
            await self._attempt(self.turn())
            await self.office.switchboard.wait(self._desk, self._look_again)

    async def turn(self) -> None:
        """Look into the queues once and do what can be done now."""
        raise NotImplementedError

    async def each(self, queue: AsyncIterator[Json], do: Callable[[Json, Appeal], Awaitable[None]]) -> None:
        """Do something with every item of a queue; what is refused stays there and holds up nothing else."""
        for item in [item async for item in queue]:
            appeal = self.office.appeals.get(item["issue_id"] if "issue_id" in item else item["id"])
            if appeal is None:  # its caller is still on the line
                self.look_again_in(LOOK_AGAIN)
            else:
                await self._attempt(do(item, appeal))

    def look_again_in(self, seconds: float) -> None:
        """Look into the queues after so many seconds at the latest."""
        self._look_again = min(self._look_again, max(seconds, 0.0))

    async def _attempt(self, action: Awaitable[None]) -> None:
        try:
            await action
        except (Refused, Away) as refusal:
            self.office.refusals[str(refusal)] += 1
            self.look_again_in(LOOK_AGAIN)
