"""Appeals of all sorts by the dice, and a tally of what is answered to whatever is done with them: ``one_life.py``."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from contracts.codes import Channel
from stack.dice import Dice
from stack.tokens import Staff
from tests.e2e.api import AGENT, SUPERVISOR, Api, Json
from tests.e2e.roads import DISPUTE, DUAL, LOCALITY
from tests.e2e.surface import Operation

ROOT = Path(__file__).parents[2]
TEXTS = [json.loads(line) for line in (ROOT / "demo" / "appeals.jsonl").read_text("utf-8").splitlines()]
STREETS = ("150102001", "150102002", "150103001", "150105004", None, None)
ITEMS = (LOCALITY, DUAL, DISPUTE, "0101", "0102")
CHANNELS = tuple(Channel)
EVIDENCE: dict[Channel, Json] = {
    Channel.HOTLINE: {"recording_id": "R-1"},
    Channel.GRID: {"photos": ["P-1"], "position": {"lat": 40.8, "lon": 111.7, "accuracy_m": 20}},
    Channel.WEB: {"photos": ["P-2", "P-3"]},
}
LISTED = {"restricted": "harassment", "priority": "deputy"}


@dataclass
class Lives:
    """``told`` counts what was answered, by status and code; ``failures`` are answers that nobody may get."""

    api: Api
    operations: list[Operation]
    api_key: str
    told: Counter[tuple[int, str]] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    issues: list[str] = field(default_factory=list)

    async def ask(self, method: str, who: Staff, service: str, path: str, **more: Any) -> Json | None:
        """Ask for something; None if it was refused. What a rule forbids is no failure."""
        answer = await self.api.ask(method, service, path, who, **more)
        return self._read(answer)

    def _read(self, answer: httpx.Response) -> Json | None:
        if answer.is_success:
            self.told[answer.status_code, ""] += 1
            document: Json = answer.json()
            return document
        if answer.status_code >= 500:
            self.failures.append(f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}")
        self.told[answer.status_code, str(answer.json()["code"])] += 1
        return None

    async def do(self, who: Staff, service: str, path: str, body: Json | None = None) -> Json | None:
        """A command."""
        return await self.ask("POST", who, service, path, json=body)

    async def put_on_lists(self, phones: Iterable[str]) -> None:
        """Callers on the lists 黑名单, 白名单, in turn."""
        for number, phone in enumerate(phones):
            caller = await self.api.post(AGENT, "intake", "/v1/callers/look-up", {"phone": phone})
            desk, reason = list(LISTED.items())[number % len(LISTED)]
            rule = {"desk": desk, "reason": reason, "days": 30, "text": "虚构的依据。"}
            await self.do(SUPERVISOR, "intake", f"/v1/callers/{caller['appellant_id']}/list", rule)

    async def register(self, dice: Dice) -> str:
        """Register one appeal; that must succeed."""
        if dice.random() < 0.1:
            issue_id = await self._by_open311(dice)
        else:
            issue_id = (await self.api.post(AGENT, "intake", "/v1/issues", appeal(dice)))["id"]
        self.issues.append(issue_id)
        return issue_id

    async def _by_open311(self, dice: Dice) -> str:
        said = dice.choice(TEXTS)
        form = {
            "api_key": self.api_key,
            "service_code": dice.choice(ITEMS),
            "description": said["text"],
            "address_string": said["place"] or "不详",
            "phone": phone(dice),
        }
        url = f"{self.api.base_urls['intake']}/open311/v2/requests.json"
        answer = await self.api.http.post(url, data=form)
        assert answer.is_success, answer.text
        request_id: str = answer.json()[0]["service_request_id"]
        return request_id


def phone(dice: Dice) -> str:
    """Somebody's; a few people call often."""
    return f"1380000{dice.randrange(40) if dice.random() < 0.3 else dice.randrange(10_000):04d}"


def appeal(dice: Dice) -> Json:
    """What somebody says, by whichever channel, of a place that is known well, badly or not at all."""
    said, channel = dice.choice(TEXTS), dice.choice(CHANNELS)
    body: Json = {
        "channel": channel,
        "text": said["text"],
        "appellant": {"name": "孙虚构", "phone": phone(dice)},
        "street_code": dice.choice(STREETS),
        "place": said["place"] if dice.random() < 0.7 else None,
    }
    if said["lat"] is not None and dice.random() < 0.5:
        body |= {"lat": said["lat"], "lon": said["lon"]}
    if body["street_code"] is not None and dice.random() < 0.3:
        body["division_code"] = body["street_code"] + dice.choice(["001", "201", "001003"])
    if channel in EVIDENCE and dice.random() < 0.5:
        body["evidence"] = EVIDENCE[channel]
    if dice.random() < 0.05:
        body["emergency"] = dice.choice(["110", "119", "120", "122"])
    return body
