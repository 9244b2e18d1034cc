"""What the tests of intake's API share: a running service, an agent, an appeal."""

from datetime import UTC, datetime
from typing import Any

import httpx

from chassis.ids import derived_beside
from contracts.codes import Channel, IssueKind, ObligationRole, Urgency
from contracts.event import Event
from contracts.router import Obligation, OrderDispatched, OrderOpened
from tests.polling import eventually
from tests.running import Running

CALLER = {"name": "赵示例", "phone": "138-0000-1001"}
APPEAL = {
    "channel": "hotline",
    "received_at": "2026-03-02T09:10:38+08:00",
    "text": "屋里只有十五度，暖气片摸着是凉的。",
    "place": "大学东路某小区3单元",
    "street_code": "150105004",
    "lat": 40.8,
    "lon": 111.69,
    "appellant": CALLER,
}
ACCEPT = {"kind": "complaint", "item_code": "0101", "street_code": "150105004"}
UNIT, OTHER_UNIT = "E15010001", "S150105004"


async def register(agent: httpx.AsyncClient, **changes: Any) -> str:
    answer = await agent.post("/v1/issues", json=APPEAL | changes)
    assert answer.status_code == 201, answer.text
    issue_id: str = answer.json()["id"]
    return issue_id


async def act(client: httpx.AsyncClient, issue_id: str, action: str, body: dict[str, Any] | None = None) -> Any:
    answer = await client.post(f"/v1/issues/{issue_id}/{action}", json=body)
    assert answer.is_success, answer.text
    return answer.json()


async def problem(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal, which must be a documented problem detail."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body = answer.json()
    async with httpx.AsyncClient(base_url=str(answer.url.copy_with(raw_path=b"/"))) as anybody:
        assert (await anybody.get(body["type"])).status_code == 200, f"{body['code']} is not documented"
    return answer.status_code, body["code"]


def order_events(issue_id: str, appeals: list[str], unit: str, promised_at: datetime) -> list[Event]:
    obligation = Obligation(
        unit=unit,
        role=ObligationRole.LEAD,
        sign_due=promised_at,
        contact_due=promised_at,
        yellow_at=promised_at,
        due=promised_at,
    )
    street = "150105004"
    return [
        OrderOpened(
            issue_id=issue_id,
            kind=IssueKind.COMPLAINT,
            item_code="0101",
            street_code=street,
            urgency=Urgency.URGENT,
            channel=Channel.HOTLINE,
            appeals=appeals,
            queue_reason=None,
            dispatch_due=promised_at,
        ),
        OrderDispatched(
            issue_id=issue_id,
            appeals=appeals,
            obligations=[obligation],
            rule="sector",
            reference_version="v1",
            contact_hours=4,
            limit_working_days=2,
            promised_at=promised_at,
            by=None,
        ),
    ]


async def publish(intake: Running, issue_id: str, events: list[Event], first: int = 1) -> None:
    order = derived_beside(issue_id, "order", "1")
    await intake.publish(*((order, first + place, issue_id, event) for place, event in enumerate(events)))


async def dispatched(intake: Running, agent: httpx.AsyncClient, unit: str = UNIT) -> tuple[str, str]:
    """An accepted issue whose order is with a unit, and its appeal."""
    issue_id = await register(agent)
    accepted = await act(agent, issue_id, "accept", ACCEPT)
    await publish(intake, issue_id, order_events(issue_id, accepted["appeals"], unit, datetime.now(UTC)))

    async def known() -> bool:
        return (await agent.get(f"/v1/issues/{issue_id}")).json()["promised_at"] is not None

    await eventually(known)
    return issue_id, accepted["appeals"][0]
