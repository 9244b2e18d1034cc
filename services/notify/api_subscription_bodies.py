"""What partners write and read of their subscriptions 合作方订阅; routes: ``api_subscriptions.py``."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictBool

from chassis.requests import Body, Instant
from contracts.codes import Id
from contracts.notify_subscriptions import TypeFilter
from services.notify import webhook_target
from services.notify.contacts import MAIL_ADDRESS
from services.notify.subscription import Status

STATUS_ZH = {
    Status.ACTIVE: "推送中",
    Status.PAUSED: "已暂停",
    Status.DISABLED: "已停用",
    Status.DELETED: "已退订",
}
Url = Annotated[
    str, Field(min_length=1, max_length=webhook_target.LONGEST_URL, examples=["https://partner.example/hook"])
]


Email = Annotated[str, Field(pattern=MAIL_ADDRESS, max_length=254, examples=["ops@partner.example"])]


def _example(**fields: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [fields]})


class NewSubscription(Body):
    """订阅."""

    model_config = _example(url="https://partner.example/hook", types=["qingcheng.router.order.*"])

    url: Url = Field(description="https; resolves to public addresses only")
    types: list[TypeFilter] = Field(
        min_length=1, max_length=50, description="CloudEvents types, or beginnings of types with a * at the end"
    )
    since: Instant | None = Field(default=None, description="From which time on events are sent; none: from now on")
    email: Email | None = Field(default=None, description="停用通知发到哪里; kept encrypted and shown nowhere")


class NewTarget(Body):
    """新的回调地址."""

    model_config = _example(url="https://partner.example/new-hook")

    url: Url
    email: Email | None = Field(default=None, description="停用通知的新邮箱; none: as before")


class Rotation(Body):
    """换密钥."""

    model_config = _example(keep_previous=True)

    keep_previous: StrictBool = Field(
        default=True, description="The earlier secret signs beside the new one for a while; false if it has leaked"
    )


class ReplayFrom(Body):
    """重放的起点."""

    model_config = _example(since="2026-03-02T00:00:00+08:00")

    since: Instant


class SubscriptionView(BaseModel):
    """订阅, without URL and secrets. Counts stop at 10001, which stands for "more"."""

    id: Id
    version: int
    status: Literal["active", "paused", "disabled", "deleted"]
    status_zh: str = Field(examples=["推送中"])
    owner: str = Field(examples=["partner-01"])
    types: list[str]
    since: AwareDatetime
    round: int = Field(description="Rises with every replay")
    failing_since: AwareDatetime | None = Field(description="The receiver has taken nothing since then")
    failure: str | None = Field(examples=["timeout"])
    disable_at: AwareDatetime | None = Field(description="It is disabled then, unless the receiver takes something")
    disabled_for: Literal["failing", "gone"] | None
    notice: bool = Field(description="A mail says so when it is disabled: an address for it was given")
    waiting: int = Field(description="Callbacks that wait")
    failed: int = Field(description="Callbacks that were given up, by the log")


class SubscriptionWithSecret(SubscriptionView):
    """The same with the secret, which is shown this once; null where a repeated request brings back its answer."""

    secret: str | None = Field(examples=["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="])


class CallbackView(BaseModel):
    """回调日志: an event on its way to the partner, and what became of it."""

    event_id: str
    type: str = Field(examples=["qingcheng.router.order.dispatched.v1"])
    subject: str = Field(examples=["order/01900000-0000-7000-8000-000000000001"])
    issue_id: str
    event_time: AwareDatetime
    round: int
    status: Literal["waiting", "delivered", "failed"]
    attempts: int
    failure: str | None = Field(description="Class of the last failure", examples=["http_503"])
    retry_at: AwareDatetime | None
    ended_at: AwareDatetime | None
