"""What the router's routes share: roles, the scope of a unit's staff, codes against the reference data, problems."""

from collections.abc import Callable
from typing import Annotated

from chassis.errors import Invalid, Unavailable
from chassis.reference import ReferenceMissing, today
from chassis.security import Actor, actor_with
from chassis.working_time import WorkCalendar
from services.router.acting import actor_or_deputy
from services.router.order_state import WorkOrder
from services.router.queues import STAFF, county_of
from services.router.reference_data import RouterReference, UnitKind, in_force, successors
from services.router.whistle import Whistle

SEE_ALL = frozenset({"agent", "dispatcher", "supervisor", "reviewer", "revisitor", "admin", "service"})
"""Roles that see the orders and whistles of every unit; 承办单位 staff see their own unit's."""

Reader = Annotated[Actor, actor_or_deputy("unit_handler", *sorted(SEE_ALL))]
ResultReader = Annotated[Actor, actor_or_deputy("unit_handler", "reviewer", "supervisor", "service")]
_WHISTLE_ROLES = ("unit_handler", "street_leader", "county_leader", "panel")
WhistleReader = Annotated[Actor, actor_or_deputy(*_WHISTLE_ROLES, *sorted(SEE_ALL))]
WhistleTextReader = Annotated[Actor, actor_or_deputy(*_WHISTLE_ROLES, "reviewer", "supervisor", "service")]
Leader = Annotated[Actor, actor_or_deputy("street_leader", "supervisor")]
Panel = Annotated[Actor, actor_with("panel", "supervisor")]
CountyLeader = Annotated[Actor, actor_or_deputy("county_leader", "supervisor")]
Rater = Annotated[Actor, actor_or_deputy("unit_handler", "supervisor")]
Dispatcher = Annotated[Actor, actor_with("dispatcher")]
"""市派单员, or a county's (``county_of``)."""
Handler = Annotated[Actor, actor_or_deputy("unit_handler")]
Worker = Annotated[Actor, actor_or_deputy(*sorted(STAFF))]
Reviewer = Annotated[Actor, actor_with("reviewer", "supervisor")]
Supervisor = Annotated[Actor, actor_with("supervisor")]
Decider = Annotated[Actor, actor_with("dispatcher", "reviewer", "supervisor")]
Resumer = Annotated[Actor, actor_or_deputy("unit_handler", "supervisor")]
NoteReader = Annotated[Actor, actor_or_deputy("unit_handler", "dispatcher", "reviewer", "supervisor")]
Anybody = Annotated[Actor, actor_with()]

PROBLEMS = {
    "order.not_found": "没有这个工单，或不属于本单位。",
    "order.not_your_unit": "本单位不是该工单的承办单位。",
    "order.wrong_status": "工单当前状态不允许该操作。",
    "order.one_lead": "工单必须且只能有一个主办单位。",
    "order.unit_twice": "同一单位不能重复承办。",
    "order.not_a_handling_unit": "该单位不能承办热线工单：社区、法院、综治中心和调解委员会不承接。",
    "order.unknown_unit": "单位名录中没有这个单位代码。",
    "order.unit_ended": "该单位尚未设立或已撤销。",
    "order.unit_not_ended": "该单位没有撤销，不能移交其工单；在任单位之间请用转派。",
    "order.limits_required": "派单目录中没有该事项，派单时必须给出联系时限和办理时限。",
    "order.not_signed": "工单尚未签收。",
    "order.already_submitted": "本单位已提交办理结果。",
    "order.not_contacted": "尚未联系诉求人，不能提交办理结果。",
    "order.whistle_open": "还有未办结的哨声，不能提交结果或转调解。",
    "order.whistle_street_only": "只有街道（乡镇）可以吹哨。",
    "order.reviewer_is_handler": "承办单位及其代理人不能审核自己的工单，也不能审批自己的申请。",
    "order.reply_unfilled": "办理结果中还有模板未填写之处。",
    "order.reason_required": "审核退回时必须给出原因，通过时不能给出原因。",
    "order.keeps_its_units": "其余承办单位已在办理，重新派单时须一并列出。",
    "order.nobody_new": "退回、撤回或移交的承办责任须派给新的单位。",
    "order.not_a_visit": "诉求性质、上门时间和地点只在上门时给出。",
    "order.visit_in_future": "上门时间不能晚于现在。",
    "order.request_pending": "该单位已有一项申请待审批。",
    "order.reassignment_pending": "已转派其他单位，等待其签收。",
    "order.already_signed": "本单位已签收，不能退单；可申请裁定。",
    "order.emergency_not_held": "突发工单先行处置：不退单、不撤回、不延期、不挂账；单位有误可申请裁定或转派。",
    "order.return_barred": "退单申请已被驳回或已裁定，本单位不能再次退单。",
    "order.return_too_late": "签收时限已过，不能退单。",
    "order.suggest_another": "建议单位应为本工单承办单位以外的单位。",
    "order.ruled": "已裁定由本单位办理，不能再次申请。",
    "order.extension_too_late": "办理时限已过，不能申请延期。",
    "order.extensions_used_up": "延期次数已用完。",
    "order.extension_too_long": "每次延期不能超过首次办理时限。",
    "order.suspended": "该单位已挂账，恢复办理后方可操作。",
    "order.not_suspended": "该单位没有挂账。",
    "order.recheck_date": "复核日期应在今后，且不超过挂账最长期限。",
    "order.recheck_passed": "复核日期已过，请驳回后重新申请。",
    "order.renewals_used_up": "续挂次数已用完。",
    "order.exclusion_too_late": "归档后申请剔除的期限已过。",
    "order.exclusion_item_required": "以不受理清单为由时须给出清单条目，其他事由不能给出。",
    "order.unknown_exclusion": "不受理清单中没有这个条目。",
    "order.no_such_request": "没有这项申请，或已作废。",
    "order.already_decided": "该申请已有决定。",
    "order.needs_ruling": "该申请须由督办员裁定。",
    "order.no_ruling_asked": "该申请不需要裁定，请审批。",
    "order.supervisor_decides": "审批已逾期，转由督办员决定。",
    "order.not_your_decision": "该申请不由本岗位审批：退单由派单员，其他由审核员。",
    "order.unit_required": "督办员恢复办理时须指明单位。",
    "order.other_county": "只能在同一旗县区内转派。",
    "order.supervision_level": "人工督办分黄牌、红牌两级。",
    "order.not_your_desk": "该工单不在本旗县区分中心：由其所在的分中心或市派单员派单。",
    "order.city_chooses_desk": "分中心只能把工单退回市派单员，由其转其他分中心。",
    "order.not_a_desk": "派单台应为在任的旗县区。",
    "order.outside_county": "旗县区分中心只能派给本旗县区的单位，和派单目录为该事项规定的行业部门；否则退回市派单员。",
    "unit.not_found": "单位名录中没有这个单位。",
    "reference.no_version": "那一天还没有参考数据。",
    "whistle.not_found": "没有这个哨声，或与本单位无关。",
    "whistle.not_your_unit": "只有被召集的部门可以报到、反馈和提异议，只有吹哨街道可以审批和评价。",
    "whistle.street_only": "只有街道（乡镇）可以吹哨，村和社区通过所属街道吹哨。",
    "whistle.not_of_this_street": "请求吹哨的村（社区）不属于吹哨街道。",
    "whistle.unknown_issue": "没有这件诉求：请先在受理处登记；刚登记的，请稍后再试。",
    "whistle.has_order": "该诉求有工单，应从工单吹哨。",
    "whistle.not_pending": "该哨声不在待审批状态。",
    "whistle.own_draft": "不能审批本人提出的吹哨。",
    "whistle.not_overdue": "街道尚在时限之内，督办员不能代为审批或评价。",
    "whistle.not_refused": "只有被退回的拟吹哨可以修改重报。",
    "whistle.blown_already": "哨声已发出，不能放弃。",
    "whistle.cancelled": "哨声已取消。",
    "whistle.released": "异议成立，该部门已免除报到，无需办理和评价。",
    "whistle.escalated": "已提级督办，请直接报到或反馈结果。",
    "whistle.not_escalated": "该部门未被提级督办，不能就其督办。",
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
    """The unit whose rows the caller may see; None: all, or those of a county. Staff of no unit see nothing."""
    return None if actor.roles & SEE_ALL else unit_of(actor)


def county_scope_of(actor: Actor) -> str | None:
    """二级派单: the county (6 digits) whose orders alone its dispatcher may see; None: no such bound."""
    county = county_of(actor)
    return None if county is None or actor.roles & (SEE_ALL - {"dispatcher"}) else county[1:]


def unit_of(actor: Actor) -> str:
    """The unit that the caller acts for; an empty text, which is no unit's code, for none."""
    return actor.unit or ""


def may_see_order(actor: Actor, order: WorkOrder) -> bool:
    """Whether the order is within the caller's scope; who is to take it over by signing sees what they sign for."""
    if county := county_scope_of(actor):
        return order.county == county
    scope = scope_of(actor)
    heirs = (heir.unit for heir in order.side.heirs.values())
    return scope is None or scope in (*order.units, *order.co_handlers, *heirs)


def whistle_scope_of(actor: Actor) -> str | None:
    """The unit whose whistles the caller may see: streets blow, departments are called, counties watch; None: all."""
    if county_scope_of(actor) is not None:
        return actor.unit
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

    def check_known(self, code: str, field: str) -> None:
        """Raises the problem 422 with the field's name for a code that is not in the directory."""
        if code not in self.snapshot.units:
            raise Invalid(field, "unknown_unit", PROBLEMS["order.unknown_unit"], code="order.unknown_unit")

    def check_unit(self, code: str, field: str) -> None:
        """The same, and for one that has ended or is still to come."""
        self.check_known(code, field)
        units = self.snapshot.units
        if not in_force(units[code], today()):
            last = successors(units, units[code], today())[-1]
            instead = f"承接单位是 {last.code} {last.name_zh}。" if in_force(last, today()) else "没有承接单位。"
            problem = "order.unit_ended"
            raise Invalid(field, "unit_ended", f"{PROBLEMS[problem]}{instead}", code=problem)

    def check_ended(self, code: str, field: str) -> None:
        """Raises the problem 422 for a unit whose duties nobody has to take over: it has not ended (撤并)."""
        self.check_known(code, field)
        last_day = self.snapshot.units[code].valid_to
        if last_day is None or last_day >= today():
            problem = "order.unit_not_ended"
            raise Invalid(field, "unit_not_ended", PROBLEMS[problem], code=problem)

    def check_county(self, code: str, county: str, field: str) -> None:
        """Raises the problem 422 for a unit that is not of the county, given as its government's code."""
        if not self.snapshot.units[code].division_code.startswith(county[1:]):
            problem = "order.outside_county"
            raise Invalid(field, "outside_county", PROBLEMS[problem], code=problem)

    def check_desk(self, code: str, field: str) -> None:
        """Raises the problem 422 for what is no county in office, whose sub-centre could dispatch (二级派单)."""
        self.check_unit(code, field)
        if self.snapshot.units[code].kind is not UnitKind.COUNTY_GOVERNMENT:
            problem = "order.not_a_desk"
            raise Invalid(field, "not_a_desk", PROBLEMS[problem], code=problem)

    def check_exclusion(self, code: str, field: str) -> None:
        """Raises the problem 422 for a code that is not on the exclusion list, where the list is known."""
        listed = self.snapshot.exclusions
        if listed is not None and code not in listed:
            problem = "order.unknown_exclusion"
            raise Invalid(field, "unknown_exclusion", PROBLEMS[problem], code=problem)

    def check_holder(self, code: str, field: str) -> None:
        """Raises the problem 422 for a unit that cannot hold orders (社区不承接)."""
        self.check_unit(code, field)
        if not self.snapshot.units[code].can_hold_orders:
            problem = "order.not_a_handling_unit"
            raise Invalid(field, "not_a_handling_unit", PROBLEMS[problem], code=problem)
