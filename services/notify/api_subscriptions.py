"""HTTP routes of 合作方订阅, partners' subscriptions. A partner sees its own; 运维 sees all, without secrets."""

import secrets
from base64 import b64encode
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import TypeAdapter

from chassis.aggregate import To, Written
from chassis.database import Db, PrivateData
from chassis.errors import document, problems
from chassis.http_commands import Commands
from chassis.ids import new_id
from chassis.pages import Page, PageRequest
from chassis.requests import etag
from chassis.security import Actor, actor_with
from contracts.codes import Id
from contracts.rejected import Rejected
from services.notify import subscription_views as views
from services.notify import webhook_target
from services.notify.aggregates import Subscriptions
from services.notify.api_subscription_bodies import (
    STATUS_ZH,
    CallbackView,
    NewSubscription,
    NewTarget,
    ReplayFrom,
    Rotation,
    SubscriptionView,
    SubscriptionWithSecret,
)
from services.notify.event_filter import unknown
from services.notify.subscription import Status, Subscription
from services.notify.subscription_commands import Create, Delete, Move, Pause, Replay, Resume, RotateSecret
from services.notify.subscription_ping import Ping, PingAnswer
from services.notify.webhook_target import BadTarget, Where
from services.notify.webhooks import private

Partner = Annotated[Actor, actor_with("partner")]
Reader = Annotated[Actor, actor_with("partner", "admin")]

PROBLEMS = {
    "subscription.not_found": "没有这项订阅，或者它是其他合作方的。",
    "subscription.wrong_status": "订阅的当前状态不允许这样做；已停用的先恢复。",
    "subscription.since_in_future": "起点不能晚于现在。",
    "subscription.no_mail": "本市没有配置邮件服务器，停用通知发不出去；请不填邮箱。",
    "subscription.too_many": "订阅已达上限，请先退订不用的。",
    "subscription.too_many_secrets": "同时有效的密钥已达上限，请等旧密钥失效，或不保留旧密钥。",
    "subscription.unknown_type": "没有合作方可以收到的这类事件；类型见 contracts/asyncapi.yaml。",
    "subscription.target_invalid": "回调地址不是合法的 https URL。",
    "subscription.target_not_https": "回调地址应为 https。",
    "subscription.target_port": "回调地址的端口不在允许之列。",
    "subscription.target_not_public": "回调地址指向内网或保留地址。",
    "subscription.target_unresolved": "回调地址的域名无法解析。",
}
_SECRET_BYTES = 32  # Standard Webhooks: between 24 and 64
_AFTER, _BEFORE = TypeAdapter(Id), TypeAdapter(int)


@dataclass(frozen=True, slots=True)
class Desk:
    """What the routes need: the aggregate, allowed targets, how many a partner may have, the ping, if mail goes out."""

    subscriptions: Subscriptions
    where: Where
    most: int
    ping: Ping
    by_mail: bool


def subscription_routes(desk: Desk) -> APIRouter:
    """The routes; see each one's summary."""
    document(PROBLEMS)
    router = APIRouter(prefix="/v1/subscriptions", tags=["subscriptions 合作方订阅"])
    subscriptions = desk.subscriptions

    async def own(db: Db, actor: Actor, id_: str) -> views.Row:
        row = await views.find(db, subscriptions, id_)
        if row is None or not ("admin" in actor.roles or row.state.owner == actor.id):
            raise Rejected("subscription.not_found", "没有这项订阅", status=404)
        return row

    async def shown(db: Db, id_: str, version: int, state: Subscription) -> dict[str, Any]:
        counts = await views.counts(db, id_)
        return {
            **asdict(state),
            "id": id_,
            "version": version,
            "status_zh": STATUS_ZH[state.status],
            "waiting": counts.waiting,
            "failed": counts.failed,
        }

    async def view(db: Db, written: Written) -> SubscriptionView:
        return SubscriptionView.model_validate(await shown(db, written.id, written.version, written.state))

    async def check_target(url: str) -> None:
        try:
            await webhook_target.check(url, desk.where)
        except BadTarget as bad:
            raise Rejected(bad.code, bad.message, field="url", status=422) from None

    def check_email(email: str | None) -> None:
        if email is not None and not desk.by_mail:
            raise Rejected("subscription.no_mail", PROBLEMS["subscription.no_mail"], field="email", status=422)

    async def check_new(body: NewSubscription, actor: Actor, db: Db) -> None:
        if wrong := unknown(body.types):
            raise Rejected("subscription.unknown_type", f"没有这类事件：{wrong[0]}", field="types", status=422)
        check_email(body.email)
        await check_target(body.url)
        others = await views.of_owner(db, subscriptions, actor.id, None, desk.most)
        if len(others) >= desk.most:
            raise Rejected("subscription.too_many", f"每个合作方最多{desk.most}项订阅")

    @router.post("", status_code=201, summary="订阅事件", responses=problems(409, 422))
    async def subscribe(body: NewSubscription, actor: Partner, db: Db, commands: Commands) -> SubscriptionWithSecret:
        """Subscribe for oneself. The secret is in this answer and never again."""
        try:
            await check_new(body, actor, db)
        except Rejected:
            if not await commands.is_repeated():  # else it was well when it was asked first, and so is its answer
                raise
        id_, secret_id, secret = new_id(), new_id(), new_secret()
        types, notice = tuple(dict.fromkeys(body.types)), body.email is not None
        command = Create(actor.id, types, body.since, secret_id, new_id(), notice)
        kept = private(body.url, (secret_id, secret), body.email)
        written = await commands.execute(To(subscriptions, id_, command, private=kept))
        fields = await shown(db, written.id, written.version, written.state)
        return SubscriptionWithSecret.model_validate({**fields, "secret": None if written.replayed else secret})

    @router.get("", summary="订阅列表")
    async def list_subscriptions(actor: Reader, db: Db, paging: PageRequest) -> Page[SubscriptionView]:
        """One's own subscriptions, or all for 运维."""
        owner = None if "admin" in actor.roles else actor.id
        rows = await views.of_owner(db, subscriptions, owner, paging.after(_AFTER), paging.rows_needed)
        page, next_cursor = paging.cut(rows, _AFTER, lambda row: row.id)
        items = [SubscriptionView.model_validate(await shown(db, row.id, row.version, row.state)) for row in page]
        return Page(items=items, next_cursor=next_cursor)

    @router.get("/{subscription_id}", summary="一项订阅", responses=problems(404))
    async def get_subscription(subscription_id: Id, actor: Reader, db: Db, response: Response) -> SubscriptionView:
        """Show one subscription with its counts."""
        row = await own(db, actor, subscription_id)
        response.headers["ETag"] = etag(row.version)
        return SubscriptionView.model_validate(await shown(db, row.id, row.version, row.state))

    @router.get("/{subscription_id}/callbacks", summary="回调日志，最近的在前", responses=problems(404))
    async def list_callbacks(
        subscription_id: Id,
        actor: Reader,
        db: Db,
        paging: PageRequest,
        status: Literal["waiting", "delivered", "failed"] | None = None,
    ) -> Page[CallbackView]:
        """The log: what waits, what was delivered and what was given up."""
        before = paging.after(_BEFORE)
        row = await own(db, actor, subscription_id)
        rows = await views.log(db, row.id, status, before, paging.rows_needed)
        page, next_cursor = paging.cut(rows, _BEFORE, lambda logged: logged.position)
        return Page(items=[CallbackView.model_validate(asdict(logged)) for logged in page], next_cursor=next_cursor)

    @router.post("/{subscription_id}/move", summary="更改回调地址", responses=problems(404, 409, 412))
    async def move(
        subscription_id: Id, body: NewTarget, actor: Partner, db: Db, commands: Commands
    ) -> SubscriptionView:
        """Send callbacks to another URL from now on, those too that wait."""
        row = await own(db, actor, subscription_id)
        check_email(body.email)
        await check_target(body.url)
        command = Move(new_id(), actor.id, body.email is not None)
        kept = private(body.url, notice=body.email)
        return await view(db, await commands.execute(To(subscriptions, row.id, command, private=kept)))

    @router.post("/{subscription_id}/rotate-secret", summary="更换密钥", responses=problems(404, 409, 412))
    async def rotate(
        subscription_id: Id, body: Rotation, actor: Partner, db: Db, commands: Commands
    ) -> SubscriptionWithSecret:
        """A new secret, shown once. The earlier one signs beside it for a while, so that nothing is refused."""
        row = await own(db, actor, subscription_id)
        secret_id, secret = new_id(), new_secret()
        command = RotateSecret(secret_id, body.keep_previous, actor.id)
        to = To(subscriptions, row.id, command, private=private(secret=(secret_id, secret)))
        written = await commands.execute(to)
        fields = await shown(db, written.id, written.version, written.state)
        return SubscriptionWithSecret.model_validate({**fields, "secret": None if written.replayed else secret})

    @router.post("/{subscription_id}/pause", summary="暂停推送", responses=problems(404, 409, 412))
    async def pause(subscription_id: Id, actor: Reader, db: Db, commands: Commands) -> SubscriptionView:
        """Send nothing until it is resumed; nothing is lost."""
        row = await own(db, actor, subscription_id)
        return await view(db, await commands.execute(To(subscriptions, row.id, Pause(actor.id))))

    @router.post("/{subscription_id}/resume", summary="恢复推送", responses=problems(404, 409, 412))
    async def resume(subscription_id: Id, actor: Partner, db: Db, commands: Commands) -> SubscriptionView:
        """Go on after a pause, or after it was disabled: everything that was missed is sent, in order."""
        row = await own(db, actor, subscription_id)
        return await view(db, await commands.execute(To(subscriptions, row.id, Resume(actor.id))))

    @router.post("/{subscription_id}/replay", summary="从某一时间起重放", responses=problems(404, 409, 412, 422))
    async def replay(
        subscription_id: Id, body: ReplayFrom, actor: Partner, db: Db, commands: Commands
    ) -> SubscriptionView:
        """Send again whatever happened from then on, under the same event ids, and go on from there."""
        row = await own(db, actor, subscription_id)
        command = Replay(new_id(), body.since, actor.id)
        return await view(db, await commands.execute(To(subscriptions, row.id, command)))

    @router.post("/{subscription_id}/delete", summary="退订", responses=problems(404, 409, 412))
    async def delete(subscription_id: Id, actor: Reader, db: Db, commands: Commands) -> SubscriptionView:
        """End it for good. What waits is dropped; the log stays for its time."""
        row = await own(db, actor, subscription_id)
        return await view(db, await commands.execute(To(subscriptions, row.id, Delete(actor.id))))

    @router.post("/{subscription_id}/ping", summary="测试回调", responses=problems(404, 409))
    async def ping(subscription_id: Id, actor: Partner, db: Db, private_data: PrivateData) -> PingAnswer:
        """Call the receiver now with a test event, whatever the subscription's status, and say what came of it."""
        row = await own(db, actor, subscription_id)
        if row.state.status is Status.DELETED:
            raise Rejected("subscription.wrong_status", "已退订")
        return await desk.ping.call(row.id, row.state, private_data, datetime.now(UTC))

    return router


def new_secret() -> str:
    """A secret as Standard Webhooks writes it."""
    return "whsec_" + b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
