"""回执: what a gateway says later about a message, or the operator of the mail server when one has come back (退信).

They have no token of ours; what counts is the signature of each, by a secret of its own.

A receipt may be sent again, and may be caught and played back by somebody: the rule of the message makes a repetition
harmless, and an old signature does not count (``docs/sms-gateway.md``).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, ConfigDict, Field

from chassis.aggregate import To
from chassis.errors import ProblemError, document, problems
from chassis.http_commands import Commands, HttpCommands
from chassis.requests import Body
from chassis.security import Actor
from contracts.codes import Id
from services.notify.contacts import Channel
from services.notify.delivery_aggregates import Deliveries
from services.notify.delivery_model import Command, ConfirmReceipt, ReportUndelivered
from services.notify.gateway import SIGNATURE, TIMESTAMP, is_signed

PROBLEMS = {
    "receipt.bad_signature": "回执的签名或时间不正确；签名方法见网关说明。",
    "receipt.not_expected": "本系统没有配置这一渠道的回执。",
}
_KEY = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(\.[1-9][0-9]{0,3})?$"


Stamp = Annotated[str, Header(alias=TIMESTAMP, max_length=20, description="Unix 秒")]
Signature = Annotated[str, Header(alias=SIGNATURE, max_length=500, description="v1=…")]


class Outcome(StrEnum):
    """What became of a message."""

    DELIVERED = "delivered"  # 已送达
    UNDELIVERED = "undelivered"  # 未送达，可再试: the phone was off for too long, the mailbox was full
    REJECTED = "rejected"  # 无法送达: the number or mailbox does not exist, or takes nothing


class ReceiptBody(Body):
    """回执. ``key``: the ``Idempotency-Key`` of the message; of a mail its ``Message-ID`` before the @."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"key": "01900000-0000-7000-8000-000000000001", "outcome": "delivered"}]}
    )

    key: str = Field(pattern=_KEY)
    outcome: Outcome


class ReceiptTaken(BaseModel):
    """已收回执."""

    delivery_id: Id


def receipt_routes(deliveries: Deliveries, secrets: Mapping[Channel, bytes | None]) -> APIRouter:
    """One route per channel. Without a secret of the channel no receipt is expected."""
    document(PROBLEMS)
    router = APIRouter(prefix="/v1/receipts", tags=["receipts 回执"])

    async def take(
        channel: Channel, body: ReceiptBody, request: Request, commands: HttpCommands, stamp: str, signature: str
    ) -> ReceiptTaken:
        secret = secrets[channel]
        if secret is None:
            raise ProblemError(403, "receipt.not_expected", PROBLEMS["receipt.not_expected"])
        if not is_signed(secret, body.key, stamp, await request.body(), signature, datetime.now(UTC)):
            raise ProblemError(401, "receipt.bad_signature", PROBLEMS["receipt.bad_signature"])
        request.state.actor = Actor(f"gateway:{channel}", frozenset(), None)
        delivery_id, _, round_ = body.key.partition(".")
        await commands.execute(To(deliveries, delivery_id, _command(body.outcome, int(round_ or 1))))
        return ReceiptTaken(delivery_id=delivery_id)

    @router.post("/sms", summary="短信网关的回执（凭签名）", responses=problems(401, 403, 404, 409))
    async def take_receipt(
        body: ReceiptBody, request: Request, commands: Commands, stamp: Stamp = "", signature: Signature = ""
    ) -> ReceiptTaken:
        """Note what became of a message; the same receipt again changes nothing."""
        return await take("sms", body, request, commands, stamp, signature)

    @router.post("/mail", summary="邮件服务器的退信（凭签名）", responses=problems(401, 403, 404, 409))
    async def take_bounce(
        body: ReceiptBody, request: Request, commands: Commands, stamp: Stamp = "", signature: Signature = ""
    ) -> ReceiptTaken:
        """Note that a mail came back, or where the operator knows it, that it arrived; a repetition changes nothing."""
        return await take("mail", body, request, commands, stamp, signature)

    return router


def _command(outcome: Outcome, round_: int) -> Command:
    if outcome is Outcome.DELIVERED:
        return ConfirmReceipt(round_)
    return ReportUndelivered(round_, permanent=outcome is Outcome.REJECTED)
