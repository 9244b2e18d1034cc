"""回执: what a gateway says later about a message. It has no token of ours; what counts is its signature.

A receipt may be sent again, and may be caught and played back by somebody: the rule of the message makes a repetition
harmless, and an old signature does not count (``docs/sms-gateway.md``).
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, ConfigDict, Field

from chassis.aggregate import To
from chassis.errors import ProblemError, document, problems
from chassis.http_commands import Commands
from chassis.requests import Body
from chassis.security import Actor
from contracts.codes import Id
from services.notify.delivery_aggregates import Deliveries
from services.notify.delivery_model import Command, ConfirmReceipt, ReportUndelivered
from services.notify.gateway import SIGNATURE, TIMESTAMP, is_signed

PROBLEMS = {
    "receipt.bad_signature": "回执的签名或时间不正确；签名方法见网关说明。",
    "receipt.not_expected": "本系统没有配置短信网关的回执。",
}
_KEY = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(\.[1-9][0-9]{0,3})?$"
GATEWAY = Actor("gateway:sms", frozenset(), None)


class Outcome(StrEnum):
    """What became of a message."""

    DELIVERED = "delivered"  # 已送达
    UNDELIVERED = "undelivered"  # 未送达，可再试: the phone was off for too long
    REJECTED = "rejected"  # 无法送达: the number does not exist, or takes nothing


class ReceiptBody(Body):
    """回执. ``key``: the ``Idempotency-Key`` under which the message was sent."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"key": "01900000-0000-7000-8000-000000000001", "outcome": "delivered"}]}
    )

    key: str = Field(pattern=_KEY)
    outcome: Outcome


class ReceiptTaken(BaseModel):
    """已收回执."""

    delivery_id: Id


def receipt_routes(deliveries: Deliveries, secret: bytes | None) -> APIRouter:
    """One route. Without a ``secret`` no receipt is expected."""
    document(PROBLEMS)
    router = APIRouter(prefix="/v1/receipts", tags=["receipts 回执"])

    @router.post("/sms", summary="短信网关的回执（凭签名）", responses=problems(401, 403, 404, 409))
    async def take_receipt(
        body: ReceiptBody,
        request: Request,
        commands: Commands,
        timestamp: Annotated[str, Header(alias=TIMESTAMP, max_length=20, description="Unix 秒")] = "",
        signature: Annotated[str, Header(alias=SIGNATURE, max_length=500, description="v1=…")] = "",
    ) -> ReceiptTaken:
        """Note what became of a message; the same receipt again changes nothing."""
        if secret is None:
            raise ProblemError(403, "receipt.not_expected", PROBLEMS["receipt.not_expected"])
        content = await request.body()
        if not is_signed(secret, body.key, timestamp, content, signature, datetime.now(UTC)):
            raise ProblemError(401, "receipt.bad_signature", PROBLEMS["receipt.bad_signature"])
        request.state.actor = GATEWAY
        delivery_id, _, round_ = body.key.partition(".")
        await commands.execute(To(deliveries, delivery_id, _command(body.outcome, int(round_ or 1))))
        return ReceiptTaken(delivery_id=delivery_id)

    return router


def _command(outcome: Outcome, round_: int) -> Command:
    if outcome is Outcome.DELIVERED:
        return ConfirmReceipt(round_)
    return ReportUndelivered(round_, permanent=outcome is Outcome.REJECTED)
