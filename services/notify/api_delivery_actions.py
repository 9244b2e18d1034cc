"""What people do about a message that could not be delivered: tell it in another way, or send it again."""

from datetime import UTC, datetime
from enum import StrEnum

from fastapi import APIRouter
from pydantic import ConfigDict

from chassis.aggregate import To
from chassis.database import Db
from chassis.errors import Invalid, problems
from chassis.http_commands import Commands
from chassis.requests import Body, ShortText
from chassis.security import Actor
from contracts.codes import Id
from contracts.rejected import Rejected
from services.notify import views
from services.notify.api_deliveries import PROBLEMS, DeliveryView, shown
from services.notify.api_undelivered import Worker, is_at_desk
from services.notify.contacts import CORRECTED, mail_address, mobile
from services.notify.delivery_aggregates import Deliveries
from services.notify.delivery_model import Handle, Resend


class How(StrEnum):
    """处理方式: how the caller came to know, or why they need not."""

    PHONE = "phone"  # 电话告知
    VISIT = "visit"  # 上门告知
    OTHER_CONTACT = "other_contact"  # 经他人告知
    MOOT = "moot"  # 无需再告知


class HandleBody(Body):
    """人工处理."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"how": "phone"}]})

    how: How


class ResendBody(Body):
    """重新发送. The corrected contact is kept encrypted with this message, and is no longer asked of intake."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"contact": "13800001009"}, {}]})

    contact: ShortText | None = None


def delivery_action_routes(deliveries: Deliveries, *, by_mail: bool) -> APIRouter:
    """The routes; see each one's summary. ``by_mail``: whether there is a way to send mail."""
    router = APIRouter(prefix="/v1/deliveries", tags=["deliveries 消息"])

    @router.post("/{delivery_id}/handle", summary="人工处理：以其他方式告知了诉求人", responses=problems(404, 409))
    async def handle(delivery_id: Id, body: HandleBody, actor: Worker, db: Db, commands: Commands) -> DeliveryView:
        """The message has failed, and somebody told the caller in another way."""
        await check_desk(db, delivery_id, actor)
        return await run(commands, To(deliveries, delivery_id, Handle(body.how, actor.id)))

    @router.post("/{delivery_id}/resend", summary="重新发送，可更正联系方式", responses=problems(404, 409))
    async def resend(delivery_id: Id, body: ResendBody, actor: Worker, db: Db, commands: Commands) -> DeliveryView:
        """The message has failed and is to go out again, perhaps to another number or address."""
        await check_desk(db, delivery_id, actor)
        contact = None if body.contact is None else usable(body.contact)
        private = {} if contact is None else {CORRECTED: contact}
        return await run(commands, To(deliveries, delivery_id, Resend(contact is not None, actor.id), private))

    async def check_desk(db: Db, delivery_id: str, actor: Actor) -> None:
        row = await views.find_delivery(db, deliveries, delivery_id)
        if row is None or not is_at_desk(actor, row.state):
            raise Rejected("delivery.not_found", PROBLEMS["delivery.not_found"], status=404)

    def usable(contact: str) -> str:
        found = mobile(contact) or (mail_address(contact) if by_mail else None)
        if found is None:
            code = "delivery.contact_unusable"
            raise Invalid("contact", "contact", PROBLEMS[code], code=code)
        return found

    async def run(commands: Commands, to: To) -> DeliveryView:
        written = await commands.execute(to)
        state = shown(written.id, written.version, written.state)
        return DeliveryView.model_validate({**state, "updated_at": datetime.now(UTC)})

    return router
