"""The first desk: callers and channels bring appeals, agents decide about them, a second person about declines."""

import asyncio
from collections.abc import Sequence

from demo.appeals import Appeal, Disposition
from demo.client import Api, Away, Json, Refused
from demo.operators.office import Office, Operator, Queue
from demo.staff import AGENTS, PARTNER, SUPERVISOR
from demo.switchboard import AGENTS as AGENTS_DESK
from demo.switchboard import SUPERVISOR as SUPERVISOR_DESK
from stack.tokens import Staff

AGENCIES = {"0105": "119", "1701": "119", "1702": "110", "1703": "120"}
"""Whom a danger is handed to: gas and fire to 119, fights to 110, illness to 120."""


DEPUTIES_ONE_IN = (
    4  # of the callers of the hotline; a real day is more than half of the longest term by the demo's clock
)


async def bring_appeals(office: Office, appeals: Sequence[Appeal], seconds_apart: float) -> None:
    """Register the appeals one after the other; those of the hotline are taken down by an agent."""
    async with asyncio.TaskGroup() as callers:
        for appeal in appeals:
            callers.create_task(_register(office, appeal))
            await asyncio.sleep(seconds_apart)


async def _register(office: Office, appeal: Appeal) -> None:
    said = {
        "channel": appeal.channel,
        "text": appeal.text,
        "place": appeal.place,
        "street_code": appeal.street_code,
        "lat": appeal.lat,
        "lon": appeal.lon,
        "appellant": {"name": appeal.name, "phone": appeal.phone},
    }
    by = _agent(appeal) if appeal.channel == "hotline" else PARTNER
    try:
        if appeal.channel == "hotline":
            await _look_up(office.api, by, appeal)
        issue = await office.api.post(by, "intake", "/v1/issues", said, f"register/{appeal.id}")
    except (Refused, Away) as refusal:
        office.refusals[str(refusal)] += 1
    else:
        office.appeals[issue["id"]] = appeal


async def _look_up(api: Api, agent: Staff, appeal: Appeal) -> None:
    """来电识别: see who rings; a deputy 人大代表 whom no list knows yet gets a place at the priority desk 白名单."""
    caller = await api.post(agent, "intake", "/v1/callers/look-up", {"phone": appeal.phone}, f"ring/{appeal.id}")
    if appeal.one_in(DEPUTIES_ONE_IN, "deputy") and caller["rule_id"] is None:
        path, rule = f"/v1/callers/{caller['appellant_id']}/list", {"desk": "priority", "reason": "deputy", "days": 1}
        await api.post(SUPERVISOR, "intake", path, rule | {"text": "本届人大代表（演示）。"}, f"deputy/{appeal.phone}")


def _agent(appeal: Appeal) -> Staff:
    return appeal.pick(AGENTS, "agent")


class Agents(Operator):
    """话务员: answer, decline, transfer or accept, as somebody who knows the catalogue would."""

    def __init__(self, office: Office) -> None:
        registered = Queue("intake", "/v1/issues", {"status": "registered"}, self._decide)
        super().__init__(office, AGENTS_DESK, AGENTS[0], {"registered": registered})

    async def _decide(self, issue: Json, appeal: Appeal) -> None:
        agent, path = _agent(appeal), f"/v1/issues/{issue['id']}"
        match appeal.disposition:
            case Disposition.DIRECT_ANSWER:
                await self._answer(agent, path, appeal)
            case Disposition.DECLINE:
                proposal = {"exclusion_code": appeal.exclusion_code}
                await self.api.post(agent, "intake", f"{path}/propose-decline", proposal, f"decline/{appeal.id}")
            case Disposition.EMERGENCY_TRANSFER:
                transfer = {"agency": AGENCIES[appeal.item_code or ""]}
                await self.api.post(agent, "intake", f"{path}/transfer", transfer, f"transfer/{appeal.id}")
            case Disposition.DISPATCH:
                facts = {"kind": appeal.kind, "item_code": appeal.item_code, "street_code": appeal.street_code}
                await self.api.post(agent, "intake", f"{path}/accept", facts, f"accept/{appeal.id}")

    async def _answer(self, agent: Staff, path: str, appeal: Appeal) -> None:
        found = await self.api.get(agent, "intake", "/v1/knowledge", item_code=appeal.item_code)
        answer = {"kind": appeal.kind, "item_code": appeal.item_code, "knowledge_id": found["items"][0]["id"]}
        await self.api.post(agent, "intake", f"{path}/answer", answer, f"answer/{appeal.id}")


class SecondPerson(Operator):
    """Confirms what an agent proposes to decline: nobody declines alone."""

    def __init__(self, office: Office) -> None:
        proposed = Queue("intake", "/v1/issues", {"status": "decline_review"}, self._confirm)
        super().__init__(office, SUPERVISOR_DESK, SUPERVISOR, {"decline_review": proposed})

    async def _confirm(self, issue: Json, appeal: Appeal) -> None:
        path = f"/v1/issues/{issue['id']}/confirm-decline"
        await self.api.post(SUPERVISOR, "intake", path, {}, f"confirm/{appeal.id}")
