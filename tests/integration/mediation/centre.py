"""A mediation service and the people who work with it."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx

from chassis.ids import new_id
from contracts.router import OrderReferred
from tests.polling import eventually
from tests.running import Running

PARTIES = [
    {"side": "applicant", "name": "赵示例", "contact": "13800001001"},
    {"side": "respondent", "name": "示例物业公司", "contact": "0471-2000001"},
]
AGREEMENT = {
    "form": "written",
    "parties": "申请人赵示例，被申请人示例物业公司。",
    "facts": "楼上漏水，天花板损坏。",
    "contents": "被申请人修复并赔偿一千元。",
    "performance": "分两期。",
    "instalments": [{"due": "2999-03-10T18:00:00+08:00"}, {}],
    "mediator_signed": True,
    "committee_sealed": True,
}
ASSIGNMENT = {"mediator_id": "M1", "committee": "M150105001"}


@dataclass(frozen=True, slots=True)
class Centre:
    """One client per person."""

    service: Running
    clerk: httpx.AsyncClient
    mediator: httpx.AsyncClient
    other_mediator: httpx.AsyncClient
    supervisor: httpx.AsyncClient

    async def refer(self) -> tuple[str, OrderReferred]:
        """Refer an order, as the router does; return the order's id and the event once the case is there."""
        order_id = new_id()
        referred = OrderReferred.model_validate(
            {
                "issue_id": new_id(),
                "case_id": new_id(),
                "unit": "S150105004",
                "item_code": "1801",
                "street_code": "150105004",
                "appeals": [new_id()],
                "mediation_due": "2999-01-01T00:00:00Z",
                "by": "H1",
            }
        )
        await self.service.publish((order_id, 1, referred.issue_id, referred))

        async def registered() -> bool:
            return (await self.clerk.get(f"/v1/cases/{referred.case_id}")).status_code == httpx.codes.OK

        await eventually(registered)
        return order_id, referred

    async def walk_in(self) -> str:
        """Register a case at the window."""
        answer = await done(self.clerk.post("/v1/cases", json={"issue_id": new_id()}))
        case_id: str = answer["id"]
        return case_id

    async def consented(self, case_id: str) -> list[str]:
        """Screen the case, have every party agree and M1 assigned; return the parties' ids."""
        case = await done(self.clerk.post(f"/v1/cases/{case_id}/screen", json={"parties": PARTIES}))
        parties = [party["party_id"] for party in case["parties"]]
        for party_id in parties:
            consent = {"party_id": party_id, "agreed": True}
            await done(self.clerk.post(f"/v1/cases/{case_id}/consents", json=consent))
        await done(self.clerk.post(f"/v1/cases/{case_id}/assign-mediator", json=ASSIGNMENT))
        return parties

    async def in_mediation(self) -> tuple[str, list[str]]:
        """A case whose first session M1 has held, and its parties' ids."""
        case_id = await self.walk_in()
        parties = await self.consented(case_id)
        session = {"number": 1, "notes": "赵示例陈述了事实。"}
        await done(self.mediator.post(f"/v1/cases/{case_id}/sessions", json=session))
        return case_id, parties

    async def history(self, case_id: str) -> Sequence[tuple[str, dict[str, Any]]]:
        """Short type and data of the case's events, in order."""
        connection = await asyncpg.connect(self.service.database_url)
        try:
            rows = await connection.fetch(
                "SELECT type, data::text FROM events WHERE aggregate = 'case' AND id = $1::text::uuid ORDER BY version",
                case_id,
            )
        finally:
            await connection.close()
        return [(type_.removeprefix("qingcheng.mediation.case."), json.loads(data)) for type_, data in rows]


@asynccontextmanager
async def centre_of(service: Running) -> AsyncIterator[Centre]:
    """The people of a running service."""
    async with AsyncExitStack() as stack:

        async def person(role: str, sub: str) -> httpx.AsyncClient:
            return await stack.enter_async_context(await service.client(role, sub=sub))

        yield Centre(
            service,
            clerk=await person("centre_clerk", "C1"),
            mediator=await person("mediator", "M1"),
            other_mediator=await person("mediator", "M2"),
            supervisor=await person("supervisor", "S1"),
        )


def signed(parties: Sequence[str], **changes: Any) -> dict[str, Any]:
    """An agreement in writing to which every party has put its hand."""
    hands = [{"party_id": party, "way": "signature"} for party in parties]
    return AGREEMENT | {"signatures": hands} | changes


async def revealed(person: httpx.AsyncClient, case_id: str, what: str) -> dict[str, str]:
    """Private texts of a case by name, as shown to somebody who mediates."""
    look = {"what": what, "purpose": "mediation"}
    shown = await done(person.post(f"/v1/cases/{case_id}/reveal", json=look))
    return {text["name"]: text["text"] for text in shown["texts"]}


async def people(person: httpx.AsyncClient, case_id: str, who: str = "parties") -> list[dict[str, Any]]:
    """Names and contacts of a case's parties or representatives, as shown to somebody who mediates."""
    answer = await person.post(f"/v1/cases/{case_id}/{who}/reveal", json={"purpose": "mediation"})
    assert answer.is_success, answer.text
    shown: list[dict[str, Any]] = answer.json()
    return shown


async def done(request: Any) -> dict[str, Any]:
    """The answer's body; the request must have succeeded."""
    answer: httpx.Response = await request
    assert answer.is_success, answer.text
    body: dict[str, Any] = answer.json()
    return body
