"""What tests of callbacks do again and again: subscribe, let things happen, look at what a partner has taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from chassis.ids import new_id
from contracts.codes import Agency
from contracts.event import Event
from contracts.intake import IssueTransferred
from contracts.router import OrderWhistleBlown
from tests.polling import eventually
from tests.receiver import Came, Receiver
from tests.running import Running

Json = dict[str, Any]
TYPES = ["qingcheng.intake.issue.*", "qingcheng.router.order.whistle_blown.v1"]
PATIENCE = 30.0
Step = tuple[str, str]
"""Subject and sequence."""


@dataclass
class Subscribed:
    """A subscription and the client of the partner who has it."""

    client: httpx.AsyncClient
    id: str
    secret: str

    async def get(self) -> Json:
        found: Json = (await self.client.get(f"/v1/subscriptions/{self.id}")).raise_for_status().json()
        return found

    async def post(self, what: str, body: Json | None = None) -> Json:
        answer = await self.client.post(f"/v1/subscriptions/{self.id}/{what}", json=body)
        assert answer.is_success, answer.text
        found: Json = answer.json()
        return found

    async def log(self, **query: str) -> list[Json]:
        """The log, the latest first."""
        answer = await self.client.get(f"/v1/subscriptions/{self.id}/callbacks", params={"limit": "200"} | query)
        items: list[Json] = answer.raise_for_status().json()["items"]
        return items

    async def until(self, **expected: object) -> Json:
        """The subscription as soon as these fields have these values."""
        found: Json = {}

        async def there() -> bool:
            nonlocal found
            found = await self.get()
            return all(found[name] == value for name, value in expected.items())

        try:
            await eventually(there, seconds=PATIENCE)
        except AssertionError as late:
            raise AssertionError(f"stays {found}; {await self.log()}") from late
        return found


async def subscribe(client: httpx.AsyncClient, url: str, types: Sequence[str] = TYPES, **more: object) -> Subscribed:
    """Subscribe for the partner of ``client``."""
    answer = await client.post("/v1/subscriptions", json={"url": url, "types": list(types), **more})
    assert answer.status_code == 201, answer.text
    return Subscribed(client, answer.json()["id"], answer.json()["secret"])


class Happening:
    """An issue and its order, whose events go to two topics by turns."""

    def __init__(self, notify: Running) -> None:
        self.issue = new_id()
        self.steps: list[Step] = []
        self._order = new_id()
        self._notify = notify
        self._sequences = {"issue": 0, "order": 0}

    async def go_on(self, times: int = 1) -> None:
        """So many further events."""
        for _ in range(times):
            await self._notify.publish(self._next())

    def _next(self) -> tuple[str, int, str, Event]:
        if self._sequences["issue"] <= self._sequences["order"]:
            kind, id_ = "issue", self.issue
            event: Event = IssueTransferred(agency=Agency.FIRE, by="A1")
        else:
            kind, id_ = "order", self._order
            event = OrderWhistleBlown(whistle_id=new_id(), unit="S150102001")
        self._sequences[kind] += 1
        self.steps.append((f"{kind}/{id_}", str(self._sequences[kind])))
        return id_, self._sequences[kind], self.issue, event

    def taken(self, receiver: Receiver) -> list[Step]:
        """What a partner has taken of it, in that order."""
        return [step(came) for came in list(receiver.taken) if came.event.get("issueid") == self.issue]


def step(came: Came) -> Step:
    """Which step of which subject came."""
    return came.event["subject"], came.event["sequence"]


async def all_taken(receiver: Receiver, *happenings: Happening, once: bool = True) -> None:
    """Wait until a partner has taken everything of these, and check that it came in order, and each ``once``."""

    def there() -> bool:
        return all(set(one.taken(receiver)) >= set(one.steps) for one in happenings)

    try:
        await eventually(there, seconds=PATIENCE)
    except AssertionError as late:
        raise AssertionError([(one.steps, one.taken(receiver)) for one in happenings]) from late
    for one in happenings:
        taken = one.taken(receiver) if once else list(dict.fromkeys(one.taken(receiver)))
        assert taken == one.steps, f"{taken} instead of {one.steps}"
