"""测试回调 — a signed test event to a partner's receiver, and at once what came of it. It is no part of the history."""

import json
import ssl
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from chassis.database import Secrets
from chassis.ids import new_id
from services.notify.subscription import Subscription
from services.notify.webhook_call import Receiver
from services.notify.webhook_target import Where

TYPE = "qingcheng.notify.subscription.ping.v1"


class PingAnswer(BaseModel):
    """What the receiver said."""

    event_id: str = Field(description="The test event's id, as in webhook-id")
    outcome: Literal["delivered", "failed"]
    failure: str | None = Field(description="As in the log", examples=["http_503"])


class Ping:
    """``timeout``: seconds for the whole call."""

    def __init__(self, where: Where, timeout: float) -> None:
        self._where = where
        self._timeout = timeout
        self._trust = ssl.create_default_context()

    async def call(self, id_: str, subscription: Subscription, secrets: Secrets, now: datetime) -> PingAnswer:
        """Call the receiver of a subscription, signed as any callback of it would be."""
        private = await secrets.read_all("subscription", id_, "")
        event_id = new_id()
        receiver = Receiver(private["url"], self._where, self._timeout, self._trust)
        try:
            answer = await receiver.call(
                event_id,
                body_of(event_id, id_, now),
                [private[f"secret:{one.id}"] for one in subscription.valid_secrets(now)],
            )
        finally:
            await receiver.aclose()
        outcome: Literal["delivered", "failed"] = "delivered" if answer.failure is None else "failed"
        return PingAnswer(event_id=event_id, outcome=outcome, failure=answer.failure)


def body_of(event_id: str, subscription_id: str, now: datetime) -> str:
    """The test event in structured JSON; it has no sequence, because nothing follows on it."""
    return json.dumps(
        {
            "specversion": "1.0",
            "id": event_id,
            "source": "/notify",
            "type": TYPE,
            "subject": f"subscription/{subscription_id}",
            "time": now.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "datacontenttype": "application/json",
            "data": {},
        }
    )
