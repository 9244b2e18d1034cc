"""What the router answers about its queues: an order or a whistle as a line of a list."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, Field

from chassis.api_queues import Counted, time_and_holder
from chassis.queues import Queue, Waiting
from contracts.codes import Id, SupervisionLevel, Urgency
from services.router.aggregates import Orders, Whistles
from services.router.api_answers import unit_zh
from services.router.api_whistle_answers import WHISTLE_ZH
from services.router.reference_data import RouterReference

NEVER = 9999
"""The year of a due time that is none."""


class QueueSummary(BaseModel):
    """一个工作队列, as the caller may see it."""

    name: str = Field(examples=["unit"])
    title_zh: str = Field(examples=["本单位待签收、待办理"])
    unit: str | None = Field(description="只含该单位的；空为全部")
    can_take: bool = Field(description="能否领取")
    total: int
    overdue: int


class QueueList(BaseModel):
    """Every queue of the caller."""

    items: list[QueueSummary]


class QueueItem(BaseModel):
    """队列中的一件: 工单 order or 哨声 whistle."""

    subject: str = Field(description="order 或 whistle", examples=["order"])
    id: Id
    version: int = Field(description="即 ETag")
    issue_id: Id
    order_id: Id | None
    status: str
    status_zh: str = Field(examples=["待签收"])
    item_code: str | None
    item_zh: str | None
    street_code: str | None
    street_zh: str | None
    units: list[str] = Field(description="承办单位，或被召集的部门")
    units_zh: list[str]
    urgency: Urgency | None
    supervision: SupervisionLevel | None
    due_at: AwareDatetime | None = Field(description="本队列的到期时间：承办单位为其自己的时限")
    is_overdue: bool
    minutes_left: int | None = Field(description="剩余分钟数，逾期为负")
    claimed_by: str | None = Field(description="已被谁领取")
    claimed_until: AwareDatetime | None
    claim_id: Id | None


COLUMNS = {
    "subject": "类别",
    "id": "编号",
    "issue_id": "诉求编号",
    "status_zh": "状态",
    "item_code": "事项代码",
    "item_zh": "事项",
    "street_zh": "街道",
    "units_text": "承办单位",
    "urgency": "紧急程度",
    "supervision": "督办",
    "due_at": "到期时间",
    "is_overdue": "是否逾期",
    "minutes_left": "剩余分钟",
    "claimed_by": "领取人",
    "claimed_until": "领取至",
}


class QueueLine(QueueItem):
    """A line of a spreadsheet, where a list is one cell."""

    @property
    def units_text(self) -> str:
        """The units' names."""
        return "、".join(self.units_zh)


def summary(counted: Counted) -> QueueSummary:
    """A queue with its counts."""
    queue, desk, counts = counted
    return QueueSummary(
        name=queue.name,
        title_zh=queue.title,
        unit=desk.sees,
        can_take=desk.works is not None,
        total=counts.total,
        overdue=counts.overdue,
    )


class Lines:
    """Makes lines of rows; names are those in force."""

    def __init__(self, orders: Orders, whistles: Whistles) -> None:
        self._orders = orders
        self._whistles = whistles

    def line(self, queue: Queue, row: Waiting, reference: RouterReference, now: datetime) -> QueueLine:
        """One item of a queue."""
        shown = self._order(row, reference) if queue.table == "orders" else self._whistle(row, reference)
        return QueueLine.model_validate(
            {
                **shown,
                **time_and_holder(row, now, NEVER),
            }
        )

    def _order(self, row: Waiting, reference: RouterReference) -> Mapping[str, object]:
        order = self._orders.adapter.validate_json(row.state)
        item = reference.items.get(order.item_code)
        return {
            "subject": "order",
            "issue_id": order.issue_id,
            "order_id": row.id,
            "status": order.status,
            "status_zh": order.status_zh,
            "item_code": order.item_code,
            "item_zh": item and item.item_zh,
            "urgency": order.urgency,
            "supervision": order.supervision,
            **_place(order.street_code, reference),
            **_units(order.units, reference),
        }

    def _whistle(self, row: Waiting, reference: RouterReference) -> Mapping[str, object]:
        whistle = self._whistles.adapter.validate_json(row.state)
        return {
            "subject": "whistle",
            "issue_id": whistle.issue_id,
            "order_id": whistle.order_id,
            "status": whistle.status,
            "status_zh": WHISTLE_ZH[whistle.status],
            "item_code": None,
            "item_zh": None,
            "urgency": None,
            "supervision": None,
            **_place(whistle.street.removeprefix("S"), reference),
            **_units([line.unit for line in whistle.lines], reference),
        }


def _place(street: str | None, reference: RouterReference) -> Mapping[str, object]:
    known = reference.streets.get(street or "")
    return {"street_code": street, "street_zh": known.name if known else street}


def _units(units: list[str], reference: RouterReference) -> Mapping[str, object]:
    return {"units": units, "units_zh": [unit_zh(reference, unit) for unit in units]}
