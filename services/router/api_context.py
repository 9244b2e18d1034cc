"""What the router's routes share: roles, the scope of a unit's staff, codes against the reference data, problems."""

from collections.abc import Callable
from typing import Annotated

from chassis.errors import Invalid, Unavailable
from chassis.reference import ReferenceMissing
from chassis.security import Actor, actor_with
from chassis.working_time import WorkCalendar
from services.router.order_state import WorkOrder
from services.router.queues import STAFF
from services.router.reference_data import RouterReference
from services.router.whistle import Whistle

SEE_ALL = frozenset({"agent", "dispatcher", "supervisor", "reviewer", "revisitor", "admin", "service"})
"""Roles that see the orders and whistles of every unit; 承办单位 staff see their own unit's."""

Reader = Annotated[Actor, actor_with("unit_handler", *sorted(SEE_ALL))]
ResultReader = Annotated[Actor, actor_with("unit_handler", "reviewer", "supervisor", "service")]
_WHISTLE_ROLES = ("unit_handler", "street_leader", "county_leader", "panel")
WhistleReader = Annotated[Actor, actor_with(*_WHISTLE_ROLES, *sorted(SEE_ALL))]
WhistleTextReader = Annotated[Actor, actor_with(*_WHISTLE_ROLES, "reviewer", "supervisor", "service")]
Leader = Annotated[Actor, actor_with("street_leader", "supervisor")]
Panel = Annotated[Actor, actor_with("panel", "supervisor")]
Rater = Annotated[Actor, actor_with("unit_handler", "supervisor")]
Dispatcher = Annotated[Actor, actor_with("dispatcher")]
Handler = Annotated[Actor, actor_with("unit_handler")]
Worker = Annotated[Actor, actor_with(*sorted(STAFF))]
Reviewer = Annotated[Actor, actor_with("reviewer")]
Anybody = Annotated[Actor, actor_with()]

PROBLEMS = {
    "order.not_found": "没有这个工单，或不属于本单位。",
    "order.not_your_unit": "本单位不是该工单的承办单位。",
    "order.wrong_status": "工单当前状态不允许该操作。",
    "order.one_lead": "工单必须且只能有一个主办单位。",
    "order.unit_twice": "同一单位不能重复承办。",
    "order.not_a_handling_unit": "该单位不能承办热线工单：社区、法院、综治中心和调解委员会不承接。",
    "order.unknown_unit": "单位名录中没有这个单位代码。",
    "order.limits_required": "派单目录中没有该事项，派单时必须给出联系时限和办理时限。",
    "order.not_signed": "工单尚未签收。",
    "order.already_submitted": "本单位已提交办理结果。",
    "order.not_contacted": "尚未联系诉求人，不能提交办理结果。",
    "order.whistle_open": "还有未办结的哨声，不能提交结果或转调解。",
    "order.whistle_street_only": "只有街道（乡镇）可以吹哨。",
    "order.reviewer_is_handler": "承办单位不能审核自己的工单。",
    "order.reason_required": "审核退回时必须给出原因，通过时不能给出原因。",
    "whistle.not_found": "没有这个哨声，或与本单位无关。",
    "whistle.not_your_unit": "只有被召集的部门可以报到、反馈和提异议，只有吹哨街道可以审批和评价。",
    "whistle.street_only": "只有街道（乡镇）可以吹哨，村和社区通过所属街道吹哨。",
    "whistle.not_of_this_street": "请求吹哨的村（社区）不属于吹哨街道。",
    "whistle.has_order": "该诉求有工单，应从工单吹哨。",
    "whistle.not_pending": "该哨声不在待审批状态。",
    "whistle.own_draft": "不能审批本人提出的吹哨。",
    "whistle.not_overdue": "街道尚在时限之内，督办员不能代为审批或评价。",
    "whistle.not_refused": "只有被退回的拟吹哨可以修改重报。",
    "whistle.blown_already": "哨声已发出，不能放弃。",
    "whistle.cancelled": "哨声已取消。",
    "whistle.released": "异议成立，该部门已免除报到，无需办理和评价。",
    "whistle.escalated": "已提级督办，请直接报到或反馈结果。",
    "whistle.objected_already": "每个部门只能提出一次异议。",
    "whistle.objection_too_late": "报到之后或提级督办之后不能再提异议。",
    "whistle.no_objection": "没有待裁定的异议。",
    "whistle.ruled_already": "异议已裁定。",
    "whistle.panel_is_party": "吹哨街道和提出异议的部门不能裁定异议。",
    "whistle.rating_too_early": "反馈结果或免除报到之后才能评价吹哨街道。",
    "whistle.whistler_already_rated": "本部门已评价吹哨街道。",
    "whistle.two_departments": "吹哨应召集两个以上不同的部门，且不含吹哨街道自己。",
    "whistle.not_reported_in": "尚未报到，不能反馈结果。",
    "whistle.result_already_recorded": "本部门已反馈结果。",
    "whistle.not_called": "该部门不在本次召集之列。",
    "whistle.no_result": "该部门尚未反馈结果，不能评价。",
    "whistle.already_evaluated": "该部门已评价。",
}


def scope_of(actor: Actor) -> str | None:
    """The unit whose rows the caller may see; None: all. Staff of no unit see nothing."""
    return None if actor.roles & SEE_ALL else unit_of(actor)


def unit_of(actor: Actor) -> str:
    """The unit that the caller acts for; an empty text, which is no unit's code, for none."""
    return actor.unit or ""


def may_see_order(actor: Actor, order: WorkOrder) -> bool:
    """Whether the order is within the caller's scope."""
    scope = scope_of(actor)
    return scope is None or scope in (*order.units, *order.co_handlers)


def whistle_scope_of(actor: Actor) -> str | None:
    """The unit whose whistles the caller may see: streets blow, departments are called, counties watch; None: all."""
    return None if actor.roles & (SEE_ALL | {"panel"}) else unit_of(actor)


def may_see_whistle(actor: Actor, whistle: Whistle) -> bool:
    """Whether the whistle is within the caller's scope."""
    scope = whistle_scope_of(actor)
    if scope is None or scope in (whistle.street, whistle.county):
        return True
    return any(line.unit == scope for line in whistle.lines)


class Reference:
    """The reference data in force; 503 ``service.unavailable`` while there is none. And the working calendar."""

    def __init__(self, current: Callable[[], RouterReference], calendar: WorkCalendar) -> None:
        self._current = current
        self.calendar = calendar

    @property
    def snapshot(self) -> RouterReference:
        """All of it."""
        try:
            return self._current()
        except ReferenceMissing:
            raise Unavailable(retry_after=5) from None

    def check_unit(self, code: str, field: str) -> None:
        """Raises the problem 422 with the field's name for a code that is not in the directory."""
        if code not in self.snapshot.units:
            raise Invalid(field, "unknown_unit", PROBLEMS["order.unknown_unit"], code="order.unknown_unit")

    def check_holder(self, code: str, field: str) -> None:
        """Raises the problem 422 for a unit that cannot hold orders (社区不承接)."""
        self.check_unit(code, field)
        if not self.snapshot.units[code].can_hold_orders:
            problem = "order.not_a_handling_unit"
            raise Invalid(field, "not_a_handling_unit", PROBLEMS[problem], code=problem)
